"""What happened since the response was sent: decision, plan, corrections, answers given again,
and what changed since an earlier response of the same person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from intake.questionnaire.cards import Urgency
from intake.questionnaire.rows import date_in_words
from intake.report.document import CARERS_CONTACTS, CONTACTS
from intake.report.record import NOT_NOW, Decision, Earlier, Plan, RecordView, Region, Scale, Words
from intake.report.sheet import Bit, Line, Sheet, line, plain, strong
from intake.scoring.model import Band

URGENCY = {
    Urgency.EMERGENCY: "EMERGENCY",
    Urgency.SAME_DAY: "SAME DAY",
    Urgency.SOON: "SOON",
    Urgency.ROUTINE: "ROUTINE",
}
_PLANS = {
    "book": "book a visit",
    "call": "call the patient",
    "refer": "refer",
    NOT_NOW: "not now",
}
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Correction:
    """One answer that staff corrected; "nothing" for what was or is blank."""

    key: str
    label: str
    old: str
    new: str
    by: str
    on: str
    why: str


@dataclass(frozen=True, slots=True)
class Again:
    """A page that the patient answered again."""

    title: str
    on: str
    question: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure then and now, 0 to 10 and in words."""

    label: str
    before: int | None
    now: int | None
    then_said: str
    now_said: str

    @property
    def title(self) -> str:
        """The chart in words."""
        return f"{self.label}: {self.then_said} then, {self.now_said} now, of 10"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed since an earlier response; scales and places in one list."""

    on: str
    reference: str
    pairs: tuple[Pair, ...]
    words: tuple[tuple[str, str, str], ...]
    """Label, then, now."""


@dataclass(frozen=True, slots=True)
class Since:
    """`decided` stands beside the checklist's result, `lines` below it."""

    decided: tuple[Line, ...]
    urgency: Urgency | None
    """A doctor's, where it is another than the checklist's of these answers."""
    band: Band | None
    """A doctor's, in the same way."""
    by: str
    is_decided: bool
    """Whether a doctor decided on these very answers, or on some that gave the same result."""
    lines: tuple[Line, ...]
    corrections: tuple[Correction, ...]
    again: tuple[Again, ...]
    comparison: Comparison | None

    @property
    def is_told_inside(self) -> bool:
        return bool(self.corrections or self.again or self.comparison)

    def of(self, key: str) -> tuple[Correction, ...]:
        """The corrections of one answer."""
        return tuple(each for each in self.corrections if each.key == key)


def since(sheet: Sheet, record: RecordView | None) -> Since:
    """From the document's own history and, if given, what staff did."""
    record = record or RecordView()
    corrections = tuple(_corrections(sheet))
    again = tuple(_again(sheet))
    earlier = record.earlier
    decided = (_decided(sheet, record.decision), _planned(sheet, record.plan))
    lines = (
        line("Corrected", _corrected(corrections)),
        line("Answered again", [_answered(again)]),
        line("Change", _changed(sheet, earlier)),
    )
    return Since(
        decided=tuple(each for each in decided if each),
        urgency=_urgency(sheet, record.decision),
        band=_band(sheet, record.decision),
        by=record.decision.by if record.decision else "",
        is_decided=bool(record.decision) and not _outdated(sheet, record.decision),
        lines=tuple(each for each in lines if each),
        corrections=corrections,
        again=again,
        comparison=_comparison(sheet, earlier) if earlier else None,
    )


# --- Decision and plan ------------------------------------------------------------------------


def _decided(sheet: Sheet, decision: Decision | None) -> Line | None:
    if decision is None:
        return None
    who = f"{decision.by}, {sheet.day(decision.at)}"
    said = "agrees with the checklist" if decision.agrees else "; ".join(_moves(decision))
    return line(
        "Decision",
        [
            strong(_outdated(sheet, decision)),
            strong(f"{who}: {said}"),
            plain(_one_line(decision.reason), "reason:"),
        ],
    )


def _moves(decision: Decision) -> list[str]:
    moves = [_urgency_moved(decision), _band_moved(decision)]
    return [each for each in moves if each] or ["keeps urgency and band, not the basis"]


def _urgency_moved(decision: Decision) -> str:
    was, is_now = Urgency(decision.urgency), Urgency(decision.decided_urgency)
    if was is is_now:
        return ""
    way = "raised" if is_now.rank < was.rank else "lowered"
    return f"urgency {way} to {URGENCY[is_now]}"


def _band_moved(decision: Decision) -> str:
    was, is_now = Band(decision.band), Band(decision.decided_band)
    if was is is_now:
        return ""
    way = "raised" if is_now.rank > was.rank else "lowered"
    return f"band {way} to “{is_now.text}”"


def _urgency(sheet: Sheet, decision: Decision | None) -> Urgency | None:
    if decision is None or _outdated(sheet, decision):
        return None
    decided = Urgency(decision.decided_urgency)
    return None if decided is sheet.assessment.urgency else decided


def _band(sheet: Sheet, decision: Decision | None) -> Band | None:
    if decision is None or _outdated(sheet, decision):
        return None
    decided = Band(decision.decided_band)
    return None if decided is sheet.assessment.band else decided


def _outdated(sheet: Sheet, decision: Decision | None) -> str:
    """A decision on answers that gave another result must not pass for one on these."""
    found = sheet.assessment
    same = (found.urgency.value, found.band.value)
    if decision is None or (decision.urgency, decision.band) == same:
        return ""
    was = f"{URGENCY[Urgency(decision.urgency)]}, {Band(decision.band).text}"
    return f"DECIDED ON EARLIER ANSWERS (checklist then: {was})"


def _planned(sheet: Sheet, plan: Plan | None) -> Line | None:
    if plan is None:
        return None
    until = f" until {date_in_words(plan.until)}" if plan.until else ""
    return line(
        "Plan",
        [
            strong(f"{_PLANS[plan.plan]}{until}"),
            plain(_one_line(plan.note)),
            plain(f"{plan.by}, {sheet.day(plan.at)}"),
        ],
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


# --- Corrections and answers given again --------------------------------------------------------


def _corrections(sheet: Sheet) -> Iterable[Correction]:
    for each in sheet.document.get("corrections", ()):
        for change in each["changes"]:
            yield _correction(sheet, each, change)


def _correction(sheet: Sheet, each: Mapping[str, Any], change: Mapping[str, Any]) -> Correction:
    return Correction(
        key=change["key"],
        label=_label(sheet, change),
        old=_one_line(str(change["old"] or "")) or NOTHING,
        new=_one_line(str(change["new"] or "")) or NOTHING,
        by=each["by_name"],
        on=sheet.day(each["at"]),
        why=_one_line(each.get("why", "")),
    )


def _label(sheet: Sheet, change: Mapping[str, Any]) -> str:
    is_unsafe = sheet.is_unsafe_at_home and change["key"] in (*CONTACTS, *CARERS_CONTACTS)
    return f"{change['label']} (DO NOT USE: not safe at home)" if is_unsafe else change["label"]


def _corrected(corrections: tuple[Correction, ...]) -> list[Bit | None]:
    """How many, by whom, and each; the latest first."""
    if not corrections:
        return []
    last = corrections[-1]
    many = len({each.key for each in corrections})
    counted = f"{many} answer{'' if many == 1 else 's'} by {_names(corrections)}, {last.on}"
    said = [f"{each.label}: “{each.old}” → “{each.new}”" for each in reversed(corrections)]
    return [strong(counted), *map(plain, said)]


def _names(corrections: tuple[Correction, ...]) -> str:
    return " and ".join(dict.fromkeys(each.by for each in corrections))


def _again(sheet: Sheet) -> Iterable[Again]:
    for each in sheet.document.get("re_answers", ()):
        asked = _one_line(str(each.get("question") or ""))
        yield Again(each["title"], sheet.day(each["at"]), asked)


def _answered(again: tuple[Again, ...]) -> Bit | None:
    return strong("; ".join(f"{each.title}, {each.on}" for each in again))


# --- Since an earlier response ------------------------------------------------------------------


def _changed(sheet: Sheet, earlier: Earlier | None) -> list[Bit | None]:
    """The largest changes first; that nothing changed is said as well."""
    if earlier is None:
        return []
    moved = sorted(_moved(earlier.scales), key=lambda each: -abs(each[1]))
    said = [
        plain(f"since {sheet.day(earlier.sent_at)}"),
        *(strong(words) for words, _ in moved),
        *(strong(words) for words in map(_region_said, earlier.regions) if words),
        *(plain(_words_said(each)) for each in earlier.words),
    ]
    return said if len(said) > 1 else [plain(f"none since {sheet.day(earlier.sent_at)}")]


def _words_said(words: Words) -> str:
    return f"{words.label}: {words.before or NOTHING} → {words.now or NOTHING}"


def _moved(scales: Iterable[Scale]) -> Iterable[tuple[str, int]]:
    for each in scales:
        if each.before is not None and each.now is not None and each.before != each.now:
            yield f"{each.label} {each.before} → {each.now}", each.now - each.before


def _region_said(region: Region) -> str:
    if region.is_now and not region.was:
        return f"new place: {region.place}"
    if region.was and not region.is_now:
        return f"no longer marked: {region.place}"
    if region.before is None or region.now is None or region.before == region.now:
        return ""
    return f"{region.place} {region.before} → {region.now}"


def _comparison(sheet: Sheet, earlier: Earlier) -> Comparison:
    pairs = [*map(_scale_pair, earlier.scales), *map(_region_pair, earlier.regions)]
    return Comparison(
        on=sheet.day(earlier.sent_at),
        reference=earlier.reference,
        pairs=tuple(pairs),
        words=tuple((w.label, w.before or NOTHING, w.now or NOTHING) for w in earlier.words),
    )


def _scale_pair(scale: Scale) -> Pair:
    return Pair(scale.label, scale.before, scale.now, _figure(scale.before), _figure(scale.now))


def _region_pair(region: Region) -> Pair:
    return Pair(
        region.place,
        region.before,
        region.now,
        _figure(region.before) if region.was else "not marked",
        _figure(region.now) if region.is_now else "not marked",
    )


def _figure(value: int | None) -> str:
    return "not known" if value is None else str(value)
