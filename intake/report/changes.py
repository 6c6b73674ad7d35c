"""What changed between two responses of one person, most important first.

Only a known answer is compared with a known one. "Not sure", blank and "not asked" are named as
such and never called "no", nor is a place that nobody was asked about called gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from intake.questionnaire.model import NOT_SURE, Kind
from intake.questionnaire.rows import ANSWERED, BLANK, NOT_ASKED, UNSURE
from intake.scoring.model import Band

Document = Mapping[str, Any]

CHANGED, KNOWN_NOW, NOT_KNOWN_NOW = "changed", "known now", "not known now"
_UNKNOWN = {UNSURE: "not sure", BLANK: "not answered", NOT_ASKED: "not asked", "": "not asked"}
_URGENCIES = {
    "emergency": "Emergency",
    "same_day": "Same day",
    "soon": "Soon",
    "routine": "Routine",
}
MOST_WORDS = 12
"""So many answers the PDF tells, the most important ones; the page tells all."""
MARKED_FEW = 2
"""A scale that moved by so much or more stands among the first lines."""
# What a doctor asks first at a second visit, in this order.
_FIRST = (
    "main_place",
    "goal_1",
    "prior_toxin",
    "toxin_last_on",
    "pregnancy",
    "blood_thinner",
    "swallow_breathing",
    "nerve_muscle",
    "mobility",
    "falls",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer then and now, in the doctor's words; `kind` says how they differ.

    `new` and `gone` are choices that were ticked or left out, where both times are known.
    """

    key: str
    label: str
    page: str
    before: str
    now: str
    kind: str
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """A figure of 0 to 10 then and now; None where it is not known."""

    key: str
    label: str
    before: int | None
    now: int | None

    @property
    def moved(self) -> int:
        """By how much; 0 where one of them is not known."""
        return 0 if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True, slots=True)
class Region:
    """A place that was or is marked; strengths 0 to 10, None where not known."""

    code: str
    place: str
    was: bool
    is_now: bool
    before: int | None = None
    now: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since an earlier response; `lines` say it in words, most important first.

    `regions` are empty where the places of one time are not known.
    """

    reference: str
    sent_at: str
    lines: tuple[str, ...]
    answers: tuple[Answer, ...]
    scales: tuple[Scale, ...]
    regions: tuple[Region, ...]

    def to_dict(self) -> dict[str, Any]:
        """What the PDF takes: JSON values, words of what matters first and no keys."""
        return {
            "reference": self.reference,
            "sent_at": self.sent_at,
            "scales": [_without(each, "key") for each in self.scales],
            "regions": [_without(each, "code") for each in self.regions],
            "words": [
                {"label": each.label, "before": each.before, "now": each.now}
                for each in self.answers[:MOST_WORDS]
            ],
        }


@dataclass(frozen=True, slots=True)
class Series:
    """A scale over all responses, oldest first; None where it is not known."""

    label: str
    points: tuple[tuple[date, int | None], ...]

    @property
    def title(self) -> str:
        """The chart in words."""
        said = (f"{on.isoformat()} {_figure(value)}" for on, value in self.points)
        return f"{self.label}, of 10: " + ", ".join(said)


def compare(old: Document, new: Document) -> Changes:
    """What changed from one sealed document to a later one."""
    answers = tuple(sorted(_answers(old, new), key=_weight))
    scales = tuple(sorted(_scales(old, new), key=lambda each: -abs(each.moved)))
    regions = _regions(old, new)
    return Changes(
        reference=old["reference"],
        sent_at=old["sent_at"],
        lines=tuple(_lines(old, new, answers, scales, regions)),
        answers=answers,
        scales=scales,
        regions=regions,
    )


def over_time(documents: Sequence[Document]) -> tuple[Series, ...]:
    """Each 0 to 10 scale that is known at least once, over responses from old to new."""
    labels = {
        row["key"]: row["label"]
        for document in documents
        for row in document["rows"]
        if row["kind"] == Kind.SCALE.value
    }
    series = (
        Series(label, tuple((_day(each), _figure_of(each, key)) for each in documents))
        for key, label in labels.items()
    )
    return tuple(each for each in series if any(value is not None for _, value in each.points))


# --- Answers -----------------------------------------------------------------------------------


def _answers(old: Document, new: Document) -> Iterator[Answer]:
    """Clinical answers that differ; scales and places are told apart."""
    was, now = _by_key(old), _by_key(new)
    for key, row in {**was, **now}.items():
        if not row["clinical"] or row["kind"] in (Kind.SCALE.value, Kind.PLACES.value):
            continue
        found = _answer(row, was.get(key), now.get(key))
        if found is not None:
            yield found


def _answer(
    row: Mapping[str, Any], was: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> Answer | None:
    before, after = _said(was), _said(now)
    known = (_is_known(was), _is_known(now))
    if not any(known) or before == after:
        return None
    kind = CHANGED if all(known) else KNOWN_NOW if known[1] else NOT_KNOWN_NOW
    new, gone = _ticks(was, now) if was and now and kind == CHANGED else ((), ())
    return Answer(row["key"], row["label"], row["page"], before, after, kind, new, gone)


def _ticks(
    was: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(ticked now only, ticked then only); what stands beside "not sure" says nothing of others."""
    before = {each["code"]: each["short"] for each in was["chosen"]}
    after = {each["code"]: each["short"] for each in now["chosen"]}
    if was["kind"] != Kind.CHOICES.value or NOT_SURE in before or NOT_SURE in after:
        return (), ()
    new = tuple(said for code, said in after.items() if code not in before and code != "none")
    gone = tuple(said for code, said in before.items() if code not in after and code != "none")
    return new, gone


def _said(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return _UNKNOWN[""]
    return row["short"] if row["status"] == ANSWERED else _UNKNOWN[row["status"]]


def _is_known(row: Mapping[str, Any] | None) -> bool:
    return row is not None and row["status"] == ANSWERED


def _weight(answer: Answer) -> tuple[int, int]:
    """Danger signs, then what is asked first, then the rest; what is known both times before."""
    rank = _FIRST.index(answer.key) + 1 if answer.key in _FIRST else len(_FIRST) + 1
    return (0 if answer.key.startswith("now_") else rank, 0 if answer.kind == CHANGED else 1)


# --- Figures and places ------------------------------------------------------------------------


def _scales(old: Document, new: Document) -> Iterator[Scale]:
    """Scales known at least once; those of places are told with the places."""
    was, now = _by_key(old), _by_key(new)
    for key, row in {**was, **now}.items():
        if row["kind"] != Kind.SCALE.value or key.endswith("_strength"):
            continue
        before, after = _figure_of(old, key), _figure_of(new, key)
        if before is not None or after is not None:
            yield Scale(key, row["label"], before, after)


def _regions(old: Document, new: Document) -> tuple[Region, ...]:
    if not _knows_places(old) or not _knows_places(new):
        return ()
    was = {each["code"]: each for each in old["places"]}
    now = {each["code"]: each for each in new["places"]}
    return tuple(
        Region(
            code,
            place["words"],
            code in was,
            code in now,
            was[code]["strength"] if code in was else None,
            now[code]["strength"] if code in now else None,
        )
        for code, place in {**now, **was}.items()
    )


def _knows_places(document: Document) -> bool:
    """Whether an unmarked place was left out by somebody who was sure."""
    row = _by_key(document).get("places")
    return bool(
        row
        and row["status"] == ANSWERED
        and NOT_SURE not in {each["code"] for each in row["chosen"]}
    )


def _figure_of(document: Document, key: str) -> int | None:
    value = document["answers"].get(key)
    return value if isinstance(value, int) else None


def _figure(value: int | None) -> str:
    return "not known" if value is None else str(value)


# --- In words ----------------------------------------------------------------------------------


def _lines(
    old: Document,
    new: Document,
    answers: Sequence[Answer],
    scales: Sequence[Scale],
    regions: Sequence[Region],
) -> Iterator[str]:
    yield from _result(old["assessment"], new["assessment"])
    yield from (_worded(each) for each in answers if each.key.startswith("now_"))
    yield from (line for each in regions if (line := _region_line(each)))
    if not regions and old["places"] != new["places"]:
        yield "Places: not known at one of the two times"
    large = [each for each in scales if abs(each.moved) >= MARKED_FEW]
    small = [each for each in scales if 0 < abs(each.moved) < MARKED_FEW]
    yield from (_scale_line(each) for each in large)
    yield from (_worded(each) for each in answers if not each.key.startswith("now_"))
    yield from (_scale_line(each) for each in small)


def _result(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    # What is no urgency stands for a private one, which this reader is not told.
    if was["urgency"] != now["urgency"] and {was["urgency"], now["urgency"]} <= _URGENCIES.keys():
        yield f"Urgency: {_URGENCIES[was['urgency']]} → {_URGENCIES[now['urgency']]}"
    if was["band"] != now["band"]:
        yield f"Checklist band: {Band(was['band']).text} → {Band(now['band']).text}"


def _region_line(region: Region) -> str:
    if not region.was:
        return f"New place: {region.place}"
    if not region.is_now:
        return f"No longer marked: {region.place}"
    if region.before == region.now:
        return ""
    return f"{region.place}: stiffness {_figure(region.before)} → {_figure(region.now)}"


def _scale_line(scale: Scale) -> str:
    return f"{scale.label}: {_figure(scale.before)} → {_figure(scale.now)} of 10"


def _worded(answer: Answer) -> str:
    if answer.new or answer.gone:
        parts = [f"new: {', '.join(answer.new)}"] if answer.new else []
        parts += [f"gone: {', '.join(answer.gone)}"] if answer.gone else []
        return f"{answer.label}: " + "; ".join(parts)
    return f"{answer.label}: {answer.before} → {answer.now}"


def _by_key(document: Document) -> dict[str, Mapping[str, Any]]:
    return {row["key"]: row for row in document["rows"]}


def _without(each: Scale | Region, left_out: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(each).items() if name != left_out}


def _day(document: Document) -> date:
    return datetime.fromisoformat(document["sent_at"]).date()
