"""How often doctors agreed with the checklist, by band and by rule, and why they did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from math import sqrt

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from intake.scoring import RULES
from intake.scoring.model import Band
from intake.store import audit, calibration
from intake.store.calibration import Decided
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, person
from intake.web.clinic.blueprint import pages
from intake.web.clinic.lines import at_the_clinic
from intake.web.spreadsheet import spreadsheet
from intake.web.visit import clinic, now, store

PERIODS = {
    "all": (_l("All"), None),
    "year": (_l("Last 12 months"), timedelta(days=365)),
    "quarter": (_l("Last 90 days"), timedelta(days=90)),
    "month": (_l("Last 30 days"), timedelta(days=30)),
}
FEW = 20
"""Below so many, one decision moves a share by more than 5 points: no share is shown."""
OVERRIDES = 50
AGREED, HIGHER, LOWER, URGENCY = "agreed", "higher", "lower", "urgency"
OUTCOMES = {
    AGREED: _l("Agreed"),
    HIGHER: _l("Band raised"),
    LOWER: _l("Band lowered"),
    URGENCY: _l("Only urgency changed"),
}
BANDS = tuple(Band)
_RANKS = {band.value: band.rank for band in BANDS}
HEAD = ("date", "checklist_band", "doctor_band", "outcome", "rules")
_BY_NAME = {rule.name: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Tally:
    """The decisions on one band or rule, by their outcome."""

    title: str
    counts: Counter[str]

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def share(self) -> int | None:
        """How many of a hundred agreed; None for too few to say so."""
        return _percent(self.counts[AGREED], self.total) if self.total >= FEW else None

    @property
    def parts(self) -> list[tuple[str, float, float]]:
        """(outcome, where its part of the bar begins, how wide it is), in percent."""
        made, begin = [], 0.0
        for outcome in OUTCOMES:
            width = 100 * self.counts[outcome] / self.total if self.total else 0.0
            if width:
                made.append((outcome, round(begin, 2), round(width, 2)))
            begin += width
        return made


@dataclass(frozen=True, slots=True)
class Override:
    """A decision that differs from the checklist's."""

    decided: Decided
    reference: str
    at: datetime


@pages.get("/calibration")
@staff(DOCTOR, ADMIN)
def calibration_page() -> ResponseReturnValue:
    """Agreement of doctors and checklist; that it was read is noted before it leaves."""
    period, found = _period(), _decisions()
    is_doctor = person().role == DOCTOR
    differing = [each for each in found if not each.agrees]
    overrides = _overrides(differing[:OVERRIDES]) if is_doctor else []
    audit.note(store(), clinic().id, person().actor, "calibration_read", None, period)
    outcomes = [outcome_of(each) for each in found]
    every = Tally("", Counter(outcomes))
    return render_template(
        "clinic/calibration.html",
        every=every,
        range=likely_range(every.counts[AGREED], every.total),
        few=FEW,
        bands=BANDS,
        band_text={band.value: band.text for band in BANDS},
        matrix=_matrix(found),
        by_band=_by_band(found, outcomes),
        by_rule=_by_rule(found, outcomes, is_doctor=is_doctor),
        outcomes=OUTCOMES,
        overrides=overrides,
        differing=len(differing),
        is_doctor=is_doctor,
        periods=PERIODS,
        period=period,
        most=calibration.MOST,
    )


@pages.get("/calibration.csv")
@staff(DOCTOR, ADMIN)
def calibration_csv() -> ResponseReturnValue:
    """One row a decision; for doctors with reason, urgency and reference."""
    found, is_doctor = _decisions(), person().role == DOCTOR
    rows = [_cells(each, is_doctor=is_doctor) for each in found]
    head: tuple[str, ...] = HEAD
    if is_doctor:
        head = (*HEAD, "checklist_urgency", "doctor_urgency", "reason", "doctor")
    audit.note(store(), clinic().id, person().actor, "calibration_exported", None, _period())
    return spreadsheet(f"calibration-{at_the_clinic(now()).date()}.csv", head, rows)


def outcome_of(decided: Decided) -> str:
    """In what the doctor differed; the band goes before the urgency."""
    if decided.agrees:
        return AGREED
    had, has = _RANKS[decided.band], _RANKS[decided.decided_band]
    if had == has:
        return URGENCY
    return HIGHER if has > had else LOWER


def likely_range(agreed: int, total: int) -> tuple[int, int] | None:
    """Between which shares, in percent, the true one lies with 95% confidence (Wilson)."""
    if not total:
        return None
    z = 1.96
    share, square = agreed / total, z * z / total
    middle = share + square / 2
    reach = z * sqrt(share * (1 - share) / total + square / (4 * total))
    return (
        round(100 * max(0.0, (middle - reach) / (1 + square))),
        round(100 * min(1.0, (middle + reach) / (1 + square))),
    )


def _decisions() -> list[Decided]:
    span = PERIODS[_period()][1]
    return calibration.decisions(store(), clinic().id, now() - span if span else None)


def _period() -> str:
    asked = request.args.get("period", "")
    return asked if asked in PERIODS else "all"


def _by_band(found: Sequence[Decided], outcomes: Sequence[str]) -> list[Tally]:
    counts: dict[str, Counter[str]] = {band: Counter() for band in BANDS}
    bands = (each.band for each in found)
    for (band, outcome), number in Counter(zip(bands, outcomes, strict=True)).items():
        counts[band][outcome] = number
    return [Tally(band.text, counts[band]) for band in BANDS]


def _by_rule(found: Sequence[Decided], outcomes: Sequence[str], *, is_doctor: bool) -> list[Tally]:
    """The rules that held most often first; the private ones for doctors alone."""
    counts: dict[str, Counter[str]] = {}
    for outcome in OUTCOMES:
        # A count for each rule of each decision: some ten times as many as there are decisions.
        of_it = (e.rules for e, had in zip(found, outcomes, strict=True) if had == outcome)
        for name, number in Counter(chain.from_iterable(of_it)).items():
            counts.setdefault(name, Counter())[outcome] = number
    shown = [name for name in counts if is_doctor or _is_open(name)]
    tallies = [Tally(_title(name), counts[name]) for name in shown]
    return sorted(tallies, key=lambda tally: (-tally.total, tally.title))


def _is_open(name: str) -> bool:
    # One that is not known any more is not shown either.
    return name in _BY_NAME and not _BY_NAME[name].private


def _title(name: str) -> str:
    rule = _BY_NAME.get(name)
    return f"{rule.id} {rule.says}" if rule else name.replace("_", " ")


def _matrix(found: Iterable[Decided]) -> list[tuple[Band, list[tuple[Band, int, int]]]]:
    """By the checklist's band: (the doctor's band, how many, how dark from 0 to 4)."""
    pairs = Counter((each.band, each.decided_band) for each in found)
    most = max(pairs.values(), default=1)
    return [
        (had, [(has, n := pairs[had, has], -(-4 * n // most)) for has in BANDS]) for had in BANDS
    ]


def _overrides(differing: Sequence[Decided]) -> list[Override]:
    ids = {each.response_id for each in differing}
    references = calibration.references(store(), clinic().id, ids)
    return [
        Override(each, references.get(each.response_id, ""), at_the_clinic(each.at))
        for each in differing
    ]


def _cells(decided: Decided, *, is_doctor: bool) -> tuple[object, ...]:
    rules = [name for name in decided.rules if is_doctor or _is_open(name)]
    day = at_the_clinic(decided.at).date().isoformat()
    cells = (day, decided.band, decided.decided_band, outcome_of(decided), " ".join(rules))
    if not is_doctor:
        return cells
    urgencies = (decided.urgency, decided.decided_urgency)
    return (*cells, *urgencies, decided.reason, decided.by_name)


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole)
