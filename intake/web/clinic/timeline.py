"""The record of a response in words, each reader's own: what was done with it, by whom, when.

The front desk reads that something was decided or noted down, and no clinical word of it; an
administrator no words that somebody wrote, as they may be about what only doctors know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from intake.questionnaire.rows import date_in_words
from intake.scoring.model import Band
from intake.store import record
from intake.store.entries import Entry
from intake.store.record import State
from intake.web.auth import DOCTOR, FRONT_DESK
from intake.web.clinic.lines import LANES, OUTCOMES
from intake.web.codes import at_the_clinic
from intake.web.visit import today

URGENCIES = {
    "emergency": _l("Emergency"),
    "same_day": _l("Same day"),
    "soon": _l("Soon"),
    "routine": _l("Routine"),
}
PLANS = {
    "book": _l("Book a visit"),
    "call": _l("Call the patient"),
    "refer": _l("Refer"),
    "not_now": _l("Not now"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the record. `who` did what `says` tells, to `whom`; `words` are their own."""

    kind: str
    at: datetime
    """In the clinic's time zone."""
    who: str
    says: str
    version: int
    whom: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A doctor's own view, which stands beside the checklist's."""

    at: datetime
    who: str
    version: int
    agrees: bool
    urgency: str
    """Its code, as `band_code`; `band` is in words."""
    band_code: str
    band: str
    reason: str


def timeline(entries: Iterable[Entry], role: str, *, closed: bool) -> list[Event]:
    """The events that this reader may know of, newest first.

    `closed` is for who may not learn how urgent a private sign is.
    """
    told = [each for each in entries if role != FRONT_DESK or each.kind != "noted"]
    return [_event(each, role, closed) for each in reversed(told)]


def decision(entries: Iterable[Entry]) -> Decided | None:
    """The newest decision of a doctor."""
    made = [each for each in entries if each.kind == "decided"]
    if not made:
        return None
    last = made[-1]
    return Decided(
        at=at_the_clinic(last.at),
        who=str(last.document["by_name"]),
        version=last.version,
        agrees=bool(last.document["agrees"]),
        urgency=str(last.document["decided_urgency"]),
        band_code=str(last.document["decided_band"]),
        band=Band(last.document["decided_band"]).text,
        reason=str(last.document["reason"]),
    )


def lane_in_words(state: State) -> str:
    """Where a response stands."""
    if state.lane != "waiting" or state.due_on is None:
        return LANES[state.lane]()
    day = date_in_words(state.due_on.isoformat())
    if state.due_on <= today():
        return _("New again: was put off until %(day)s", day=day)
    return _("Put off until %(day)s", day=day)


def plan_in_words(entries: Iterable[Entry]) -> str:
    """The newest plan, without a note; "" where nothing was planned."""
    made = [each for each in entries if each.kind == "planned"]
    return _plan(made[-1].document) if made else ""


def _event(entry: Entry, role: str, closed: bool) -> Event:
    said = entry.document
    return Event(
        kind=entry.kind,
        at=at_the_clinic(entry.at),
        who=str(said.get("by_name") or _author(entry.by)),
        says=_says(entry, role, closed),
        version=entry.version,
        whom=str(said.get("to_name", "")) if said.get("to_name") != said.get("by_name") else "",
        words=_words(entry, role),
    )


def _author(by: str) -> str:
    return _("The patient") if by == "patient" else _("The clinic")


def _says(entry: Entry, role: str, closed: bool) -> str:
    said = entry.document
    if entry.kind == "decided":
        return _decided(said, role, closed)
    if entry.kind == "planned":
        return _("plans: %(plan)s", plan=_plan(said))
    if entry.kind == "called":
        outcome = OUTCOMES.get(str(said.get("outcome")), OUTCOMES["other"])
        return _("called: %(outcome)s", outcome=outcome().lower())
    if entry.kind == "assigned":
        return _assigned(said)
    if entry.kind == "moved":
        return _moved(str(said.get("lane")))
    return str(_PLAIN[entry.kind])


_PLAIN = {
    "read": _l("marked it as read"),
    "noted": _l("noted"),
    "asked": _l("asked the patient again"),
    "answered": _l("answered again"),
    "corrected": _l("corrected an answer"),
    "matched": _l("linked an earlier response of the same person"),
    "parted": _l("took the link to an earlier response away"),
}


def _decided(said: Mapping[str, Any], role: str, closed: bool) -> str:
    if closed:
        return _("looked at the result and decided")
    urgency = URGENCIES[str(said["decided_urgency"])]
    if role == FRONT_DESK:
        return _("decided how urgent it is: %(urgency)s", urgency=urgency)
    band = Band(said["decided_band"]).text
    if said["agrees"]:
        return _("agrees with the checklist: %(urgency)s; %(band)s", urgency=urgency, band=band)
    return _(
        "decided otherwise: %(urgency)s; %(band)s (checklist: %(was)s; %(was_band)s)",
        urgency=urgency,
        band=band,
        was=URGENCIES[str(said["urgency"])],
        was_band=Band(said["band"]).text,
    )


def _plan(said: Mapping[str, Any]) -> str:
    plan = str(PLANS.get(str(said.get("plan")), PLANS["call"]))
    until = str(said.get("until", ""))
    if not until:
        return plan
    day = format_date(date.fromisoformat(until), "MMMM d, y")
    return _("%(plan)s, until %(day)s", plan=plan, day=day)


def _moved(lane: str) -> str:
    if lane in record.MOVES_BACK.values():
        return _("moved it back to “%(lane)s”", lane=LANES[lane]())
    return _("moved it to “%(lane)s”", lane=LANES.get(lane, LANES["new"])())


def _assigned(said: Mapping[str, Any]) -> str:
    if not said.get("to_name"):
        return _("gave it to nobody")
    return _("took it") if said["to_name"] == said.get("by_name") else _("gave it to")


_WRITTEN = {"decided": "reason", "noted": "text", "called": "note", "planned": "note"}


def _words(entry: Entry, role: str) -> str:
    """What somebody wrote: doctors read all of it, the front desk its own notes of calls."""
    if entry.kind == "called" and role == FRONT_DESK:
        is_own = entry.document.get("by_role") == FRONT_DESK
        return str(entry.document.get("note", "")) if is_own else ""
    if role != DOCTOR:
        return ""
    if entry.kind == "corrected":
        return str(entry.document.get("why", ""))
    if entry.kind == "asked":
        return str(entry.document.get("text", ""))
    return str(entry.document.get(_WRITTEN.get(entry.kind, ""), ""))
