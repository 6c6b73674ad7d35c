"""(3) and (4): the checklist band with its reason, and what stops, limits or excludes."""

from dataclasses import dataclass

from intake.report.sheet import Bit, Line, Sheet, line, plain, quoted, strong
from intake.scoring.model import Band, Effect, Finding

_SHORT = {
    Band.URGENT: "Urgent",
    Band.OTHER: "Other pathway",
    Band.NOTNOW: "Not now",
    Band.ASSESS: "Assess",
    Band.POSSIBLE: "Possible",
    Band.LIKELY: "Likely",
}

_TO_CHECK = {
    "leg_stiffness_useful": "test standing and transfers first: a trade-off",
    "arm_stiffness_useful": "test the grip first: a trade-off",
    "joint_fixed": "examine: stiffness or fixed joint",
    "lost_response": "look at muscle choice, guidance and goal before blaming antibodies",
}
"""What the doctor can check where a limit holds (facts C10, C11, B5)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One band on the scale from lowest to highest."""

    name: str
    is_band: bool
    is_possible: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checklist band. `points` is "" where none count."""

    band: str
    points: str
    reason: str
    unknown: str
    could_be: str
    scale: tuple[Step, ...]


def verdict(sheet: Sheet) -> Verdict:
    found = sheet.assessment
    return Verdict(
        band=found.band.text,
        points=_points(sheet),
        reason=found.reason,
        unknown=_unknown(found.band_text, found.band.text),
        could_be=_could_be(sheet),
        scale=tuple(
            Step(
                _SHORT[band],
                band is found.band,
                found.lowest.rank <= band.rank <= found.highest.rank,
            )
            for band in Band
        ),
    )


def _points(sheet: Sheet) -> str:
    found = sheet.assessment
    if found.total is not None:
        return f"{found.total} of {found.max_total} points"
    return "" if found.band is Band.OTHER else "points on hold"


def _unknown(text: str, band: str) -> str:
    """What K-U3 appends to the band, without its brackets."""
    said = text.removeprefix(band).strip(" ()")
    return said[:1].upper() + said[1:]


def _could_be(sheet: Sheet) -> str:
    found = sheet.assessment
    if found.lowest is found.highest:
        return "No unknown answer could move it."
    return (
        f"With every answer known: lowest {found.lowest.text}, highest {found.highest.text}."
        " Bounds may be wider than what answers can reach."
    )


def stops(sheet: Sheet) -> list[Line | None]:
    held = sheet.holding(Effect.PATHWAY, Effect.DEFER)
    caps = sheet.holding(Effect.CAP)
    none = plain("none of the checklist’s stops holds")
    return [
        line("Stops", [*([_stop(f) for f in held] or [none]), _unjudged(sheet)]),
        line("Limits", [_limit(f) for f in caps]),
        line("Allergies", _allergies(sheet)),
    ]


def _stop(finding: Finding) -> Bit | None:
    note = f" ({finding.note})" if finding.note else ""
    held = " [on hold]" if finding.on_hold else ""
    return strong(f"{finding.says}{note}{held}. {finding.resolve}".strip())


def _unjudged(sheet: Sheet) -> Bit | None:
    """The stops that cannot be judged, so that silence is not read as "no"."""
    stopping = (Effect.PATHWAY, Effect.DEFER)
    found = sheet.assessment.findings
    named = [f.says for f in found if f.effect in stopping and f.holds is None]
    return strong(f"CANNOT BE JUDGED: {'; '.join(named)}") if named else None


def _limit(finding: Finding) -> Bit | None:
    note = f" ({finding.note})" if finding.note else ""
    held = " [on hold]" if finding.on_hold else ""
    check = _TO_CHECK.get(finding.name, "")
    return plain(f"{finding.says}{note}{held}{': ' if check else ''}{check}")


_UNNAMED = frozenset({"none", "other", "not_sure"})


def _allergies(sheet: Sheet) -> list[Bit | None]:
    excluded = [strong(finding.says) for finding in sheet.holding(Effect.EXCLUDE)]
    toxin = {"yes": "BOTULINUM TOXIN", "no": "", "not_sure": "to botulinum toxin: not sure"}
    row = sheet.row("allergies")
    named = [c["short"] for c in row["chosen"] if c["code"] not in _UNNAMED] if row else []
    given = [
        *excluded,
        strong(toxin.get(sheet.value("toxin_allergy") or "", "")),
        strong(", ".join(named)),
        strong("other allergies: not sure") if sheet.is_unsure("allergies") else None,
        quoted(sheet.words("allergies_words"), "other:"),
        _blood(sheet),
    ]
    denied = _denied(sheet)
    if denied:
        given.append(plain(denied, "denied:"))
    return given


def _denied(sheet: Sheet) -> str:
    row = sheet.row("allergies")
    toxin = ["botulinum toxin"] if sheet.value("toxin_allergy") == "no" else []
    others = [d for d in row["denied"] if d != "other"] if row else []
    return ", ".join([*toxin, *others])


def _blood(sheet: Sheet) -> Bit | None:
    if sheet.value("blood_product") != "yes":
        return None
    return strong("objects to blood-derived products: most toxin products contain human albumin")
