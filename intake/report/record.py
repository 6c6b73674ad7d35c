"""What staff did with a response after it was sent, as far as the doctor's page and PDF say it.

Notes, calls and readings stay off the PDF: a new one does not make a drawn PDF old.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

BOOK, CALL, REFER, NOT_NOW = "book", "call", "refer", "not_now"


@dataclass(frozen=True, slots=True)
class Decision:
    """A doctor's own view beside the checklist's, which stays as it was.

    `urgency` and `band` are the checklist's codes at that time, `decided_*` the doctor's.
    """

    at: str
    by: str
    agrees: bool
    urgency: str
    band: str
    decided_urgency: str
    decided_band: str
    reason: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What comes next: BOOK, CALL, REFER, or NOT_NOW `until` a day (ISO, or "")."""

    at: str
    by: str
    plan: str
    until: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    at: str
    by: str
    outcome: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """A figure of 0 to 10 then and now; None where it is not known."""

    label: str
    before: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class Region:
    """A marked place then and now; strengths 0 to 10, None where not known.

    `was` and `is_now` say whether it was marked at all.
    """

    place: str
    was: bool
    is_now: bool
    before: int | None = None
    now: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """An answer in words, then and now; "" where there was none."""

    label: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What changed since an earlier response of the same person, matched by staff."""

    reference: str
    sent_at: str
    scales: tuple[Scale, ...] = ()
    regions: tuple[Region, ...] = ()
    words: tuple[Words, ...] = ()

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Earlier":
        return cls(
            reference=plain["reference"],
            sent_at=plain["sent_at"],
            scales=tuple(Scale(**each) for each in plain.get("scales", ())),
            regions=tuple(Region(**each) for each in plain.get("regions", ())),
            words=tuple(Words(**each) for each in plain.get("words", ())),
        )


@dataclass(frozen=True, slots=True)
class RecordView:
    """The newest decision and plan, all calls, and the comparison with an earlier response."""

    decision: Decision | None = None
    plan: Plan | None = None
    calls: tuple[Call, ...] = ()
    earlier: Earlier | None = field(default=None)

    def to_dict(self) -> dict[str, Any]:
        """JSON values only; `from_dict` reads them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "RecordView":
        decision, plan, earlier = plain["decision"], plain["plan"], plain["earlier"]
        return cls(
            decision=Decision(**{**decision, "rules": tuple(decision["rules"])})
            if decision
            else None,
            plan=Plan(**plan) if plan else None,
            calls=tuple(Call(**each) for each in plain["calls"]),
            earlier=Earlier.from_dict(earlier) if earlier else None,
        )


def view(entries: Iterable[Mapping[str, Any]], earlier: Earlier | None = None) -> RecordView:
    """The record of entries, oldest first: {"kind", "at" (ISO), "by_name", …} as sealed."""
    decision: Decision | None = None
    plan: Plan | None = None
    calls: list[Call] = []
    for entry in entries:
        if entry["kind"] == "decided":
            decision = _decision(entry)
        elif entry["kind"] == "planned":
            plan = _plan(entry)
        elif entry["kind"] == "called":
            calls.append(_call(entry))
    return RecordView(decision, plan, tuple(calls), earlier)


def _decision(entry: Mapping[str, Any]) -> Decision:
    return Decision(
        at=str(entry["at"]),
        by=entry["by_name"],
        agrees=entry["agrees"],
        urgency=entry["urgency"],
        band=entry["band"],
        decided_urgency=entry["decided_urgency"],
        decided_band=entry["decided_band"],
        reason=entry.get("reason", ""),
        rules=tuple(entry.get("rules", ())),
    )


def _plan(entry: Mapping[str, Any]) -> Plan:
    return Plan(
        at=str(entry["at"]),
        by=entry["by_name"],
        plan=entry["plan"],
        until=entry.get("until", ""),
        note=entry.get("note", ""),
    )


def _call(entry: Mapping[str, Any]) -> Call:
    return Call(str(entry["at"]), entry["by_name"], entry["outcome"], entry.get("note", ""))
