"""What staff do with a response that was sent: each act is one transaction.

The response's row is held, what the act rests on is checked, and entry, plain columns and audit
are written together. What was sent is never touched: a decision stands beside the checklist's
own result, and only moves the response on the work list.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update

from intake.scoring.model import Band
from intake.store import audit, entries, lanes, schema
from intake.store.crypto import Place, Sealed
from intake.store.drafts import ID, is_response
from intake.store.entries import Entry
from intake.store.errors import BadValue, BrokenSeal, NotAllowed, StaleResponse
from intake.store.schema import AnyRow
from intake.store.staff import Staff
from intake.store.store import Store
from intake.store.versions import SentResponse

TEXT_LENGTH = 4000
OUTCOMES = ("reached", "no_answer", "message_left", "wrong_number", "other")
PLANS = ("book", "call", "refer", "not_now")
CALL_TODAY = ("emergency", "same_day")
BANDS = tuple(band.value for band in Band)
MOVES = {
    "done": ("read", "waiting"),
    "call": ("new", "read", "waiting"),
}
"""Into which lane anybody may take a response from the work list, and out of which ones.

Out of those to be called it goes by a call that reached somebody, or by what a doctor does; and
what no doctor has read is not done.
"""
MOVES_BACK = {"done": "read", "waiting": "read"}
"""From which lane to which one anybody may take a response back."""

_LANE_OF_PLAN = {"book": "done", "refer": "done", "call": "call", "not_now": "waiting"}
_R = schema.responses.c
_E = schema.response_entries.c
_V = schema.response_versions.c


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed when its form was filled in: an act on anything older is refused."""

    version: int
    rev: int


@dataclass(frozen=True, slots=True)
class State:
    """Where a response stands now; `urgency` is a doctor's where one decided.

    `assigned_to` is a member of staff's id or "", `due_on` the day that a plan waits for.
    """

    seen: Seen
    lane: str
    urgency: str
    assigned_to: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a doctor makes of a response; the reason may be "" only where the checklist agrees."""

    urgency: str
    band: str
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens next: one of `PLANS`; `until` goes with "not_now" alone."""

    plan: str
    until: date | None = None
    note: str = field(default="", repr=False)


def state(store: Store, clinic_id: int, response_id: str) -> State | None:
    """Where a sent response stands; None where there is none."""
    with store.read() as conn:
        row = _row(conn, clinic_id, response_id)
    if row is None:
        return None
    return State(
        Seen(row.version, row.record_rev),
        row.lane,
        schema.URGENCIES[row.urgency_rank],
        row.assigned_to or "",
        row.due_on,
    )


def mark_read(
    store: Store, clinic_id: int, response_id: str, version: int, *, by: Staff, today: date
) -> None:
    """Note that a doctor has read this version; once more changes nothing.

    Raises `StaleResponse` when there is a newer version, which nobody has read then.
    """
    with _held(store, clinic_id, response_id) as (conn, row):
        if row.version != version:
            raise StaleResponse("The response has a newer version.")
        if _has_read(conn, row, by):
            return
        if _looks_new(row, today):
            _set(conn, row, lane="read", due_on=None)
        _add(store, conn, row, "read", by, {})


def decide(
    store: Store,
    clinic_id: int,
    response: SentResponse,
    decision: Decision,
    seen: Seen,
    *,
    by: Staff,
) -> None:
    """Keep a doctor's urgency and band; the checklist's own stay sealed in the response.

    The same decision sent twice is kept once. Raises `StaleResponse` when the response was
    decided, planned or changed by somebody else meanwhile, `BadValue` where another result than
    the checklist's has no reason.
    """
    document = _decided(response.document["assessment"], decision)
    with _held(store, clinic_id, response.id) as (conn, row):
        if _is_stale(row, seen):
            if _was_just_done(store, row, "decided", by, document):
                return
            raise StaleResponse("The response was changed since the page was made.")
        if row.version != response.version:
            raise StaleResponse("The response has a newer version.")
        is_private = _has_private_sign(response.document)
        rank = lanes.rank(decision.urgency, private=is_private)
        lane = _lane_decided(row, decision, is_private=is_private)
        due_on = row.due_on if lane == row.lane else None
        _set(conn, row, urgency_rank=rank, lane=lane, due_on=due_on)
        word = "agreed" if document["agrees"] else "overridden"
        _add(store, conn, row, "decided", by, document, detail=word)
        entries.touch(store, conn, row.clinic_id, row.id)


def add_note(store: Store, clinic_id: int, response_id: str, text: str, *, by: Staff) -> None:
    """Add a note, which nobody can take away again; sent twice it is kept once."""
    document = {"text": _text(text, needed=True)}
    with _held(store, clinic_id, response_id) as (conn, row):
        if _is_said_again(store, row, "noted", by, document):
            return
        _add(store, conn, row, "noted", by, document)


def log_call(
    store: Store, clinic_id: int, response_id: str, outcome: str, note: str = "", *, by: Staff
) -> None:
    """Keep that somebody called; whoever was reached needs no call today any more.

    Sent twice it is kept once. Raises `NotAllowed` where only a doctor calls and `by` is none.
    """
    if outcome not in OUTCOMES:
        raise BadValue("There is no such outcome of a call.")
    document = {"outcome": outcome, "note": _text(note), "by_role": by.role}
    with _held(store, clinic_id, response_id) as (conn, row):
        _refuse_who_may_not_call(store, conn, row, by)
        if _is_said_again(store, row, "called", by, document):
            return
        if outcome == "reached" and row.lane == "call":
            _set(conn, row, lane="read" if _was_read(conn, row) else "new")
        _add(store, conn, row, "called", by, document, detail=outcome)


def plan(
    store: Store,
    clinic_id: int,
    response_id: str,
    planned: Plan,
    seen: Seen,
    *,
    by: Staff,
    today: date,
) -> None:
    """Keep what a doctor wants to happen next, and move the response accordingly.

    The same plan sent twice is kept once. Raises `StaleResponse` as `decide` does, `BadValue`
    for "not now" without a day to come.
    """
    document = _planned(planned, today)
    with _held(store, clinic_id, response_id) as (conn, row):
        if _is_stale(row, seen):
            if _was_just_done(store, row, "planned", by, document):
                return
            raise StaleResponse("The response was changed since the page was made.")
        _set(conn, row, lane=_LANE_OF_PLAN[planned.plan], due_on=planned.until)
        _add(store, conn, row, "planned", by, document, detail=planned.plan)
        entries.touch(store, conn, row.clinic_id, row.id)


def move_back(store: Store, clinic_id: int, response_id: str, from_lane: str, *, by: Staff) -> None:
    """Take a response back out of a lane of `MOVES_BACK`; once more changes nothing.

    Raises `StaleResponse` when it stands in another one meanwhile, and `NotAllowed` where only a
    doctor calls and `by` is none.
    """
    if from_lane not in MOVES_BACK:
        raise BadValue("Nobody takes a response back out of this lane.")
    lane = MOVES_BACK[from_lane]
    with _held(store, clinic_id, response_id) as (conn, row):
        _refuse_who_may_not_call(store, conn, row, by)
        if row.lane == lane:
            return
        if row.lane != from_lane:
            raise StaleResponse("The response was moved since the page was made.")
        _set(conn, row, lane=lane, due_on=None)
        _add(store, conn, row, "moved", by, {"lane": lane}, detail=lane)


def move(
    store: Store, clinic_id: int, response_id: str, to: str, from_lane: str, *, by: Staff
) -> None:
    """Take a response into a lane of `MOVES`; once more changes nothing.

    Raises `StaleResponse` when it stands in another one meanwhile, and `NotAllowed` where only a
    doctor calls and `by` is none: such a response goes up to be called, and nowhere else.
    """
    if from_lane not in MOVES.get(to, ()):
        raise BadValue("Nobody takes a response from this lane into that one.")
    with _held(store, clinic_id, response_id) as (conn, row):
        if to != "call":
            _refuse_who_may_not_call(store, conn, row, by)
        if row.lane == to:
            return
        if row.lane != from_lane:
            raise StaleResponse("The response was moved since the page was made.")
        _set(conn, row, lane=to, due_on=None)
        _add(store, conn, row, "moved", by, {"lane": to}, detail=to)


def assign(store: Store, clinic_id: int, response_id: str, to: str, *, by: Staff) -> None:
    """Give a response to a member of staff who can log in, or with "" to nobody."""
    with _held(store, clinic_id, response_id) as (conn, row):
        name = _name_of(conn, clinic_id, to)
        if (row.assigned_to or "") == to:
            return
        _set(conn, row, assigned_to=to or None)
        _add(store, conn, row, "assigned", by, {"to": to, "to_name": name}, detail=to or "nobody")


def people(store: Store, clinic_id: int) -> list[tuple[str, str]]:
    """Id and name of everybody to whom a response can be given, by name."""
    table = schema.staff.c
    with store.read() as conn:
        rows = conn.execute(
            select(table.id, table.name)
            .where(table.clinic_id == clinic_id, table.disabled_at.is_(None))
            .order_by(table.name, table.id)
        ).all()
    return [(row.id, row.name) for row in rows]


@contextmanager
def _held(store: Store, clinic_id: int, response_id: str) -> Iterator[tuple[Connection, AnyRow]]:
    """A write transaction in which nobody else changes this response."""
    with store.write() as conn:
        row = _row(conn, clinic_id, response_id, hold=True)
        if row is None:
            raise BadValue("There is no such response.")
        yield conn, row


def _refuse_who_may_not_call(store: Store, conn: Connection, row: AnyRow, by: Staff) -> None:
    """Of who has a private danger sign, doctors alone say that they were called, or are done.

    In the transaction of the act: a sign may have come up since the page was made.
    """
    if not by.is_doctor and _is_private(store, conn, row):
        raise NotAllowed("Only a doctor calls this person.")


def _is_private(store: Store, conn: Connection, row: AnyRow) -> bool:
    """Whether the newest version holds a private sign; of what does not open nobody knows."""
    statement = select(_V.kid, _V.sealed).where(
        _V.clinic_id == row.clinic_id, _V.response_id == row.id, _V.version == row.version
    )
    kept = conn.execute(statement).first()
    if kept is None:
        return True
    place = Place(row.clinic_id, "response_versions", "sealed", row.id, row.version)
    try:
        return _has_private_sign(store.vault.open_document(Sealed(kept.kid, kept.sealed), place))
    except (BrokenSeal, KeyError, TypeError, ValueError):
        return True


def _row(
    conn: Connection, clinic_id: int, response_id: str, *, hold: bool = False
) -> AnyRow | None:
    if not ID.fullmatch(response_id):
        return None
    statement = select(
        _R.clinic_id,
        _R.id,
        _R.version,
        _R.record_rev,
        _R.lane,
        _R.urgency_rank,
        _R.assigned_to,
        _R.due_on,
    ).where(is_response(clinic_id, response_id), _R.status == "sent")
    return conn.execute(statement.with_for_update() if hold else statement).first()


def _set(conn: Connection, row: AnyRow, **values: Any) -> None:
    conn.execute(update(schema.responses).where(is_response(row.clinic_id, row.id)).values(values))


def _add(
    store: Store,
    conn: Connection,
    row: AnyRow,
    kind: str,
    by: Staff,
    document: Mapping[str, Any],
    *,
    detail: str | None = None,
) -> None:
    words = {**document, "by_name": by.name}
    entries.add(store, conn, row.clinic_id, row.id, kind, by.actor, words, version=row.version)
    action = f"response_{_ACTIONS.get(kind, kind)}"
    audit.record(conn, row.clinic_id, by.actor, action, row.id, detail, at=store.clock())


# "response_read" in the audit is that the page was opened.
_ACTIONS = {"read": "marked_read"}


def _is_stale(row: AnyRow, seen: Seen) -> bool:
    return (row.version, row.record_rev) != (seen.version, seen.rev)


def _is_said_again(
    store: Store, row: AnyRow, kind: str, by: Staff, document: Mapping[str, Any]
) -> bool:
    words = {**document, "by_name": by.name}
    return entries.is_said_again(
        store, row.clinic_id, row.id, kind, by.actor, words, version=row.version
    )


def _was_just_done(
    store: Store, row: AnyRow, kind: str, by: Staff, document: Mapping[str, Any]
) -> bool:
    """Whether the newest change of this kind is this very one: a button pressed twice."""
    made: list[Entry] = [
        entry for entry in entries.of(store, row.clinic_id, row.id) if entry.kind in _CHANGES
    ]
    if not made:
        return False
    last = made[-1]
    is_mine = (last.kind, last.by, last.version) == (kind, by.actor, row.version)
    return is_mine and last.document == {**document, "by_name": by.name}


# What counts the record's revision up.
_CHANGES = ("decided", "planned", "corrected", "answered", "matched", "parted")


def _looks_new(row: AnyRow, today: date) -> bool:
    is_back = row.lane == "waiting" and row.due_on is not None and row.due_on <= today
    return bool(row.lane == "new" or is_back)


def _has_read(conn: Connection, row: AnyRow, by: Staff) -> bool:
    statement = select(_E.id).where(
        _E.clinic_id == row.clinic_id,
        _E.response_id == row.id,
        _E.kind == "read",
        _E.by == by.actor,
        _E.version == row.version,
    )
    return conn.execute(statement.limit(1)).first() is not None


def _was_read(conn: Connection, row: AnyRow) -> bool:
    """Whether a doctor dealt with the newest version: these acts are doctors' alone."""
    statement = select(_E.id).where(
        _E.clinic_id == row.clinic_id,
        _E.response_id == row.id,
        _E.kind.in_(("read", "decided", "planned")),
        _E.version == row.version,
    )
    return conn.execute(statement.limit(1)).first() is not None


def _decided(found: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
    if decision.urgency not in schema.URGENCIES or decision.band not in BANDS:
        raise BadValue("There is no such urgency or band.")
    agrees = (decision.urgency, decision.band) == (found["urgency"], found["band"])
    return {
        "urgency": found["urgency"],
        "band": found["band"],
        "decided_urgency": decision.urgency,
        "decided_band": decision.band,
        "agrees": agrees,
        "reason": _text(decision.reason, needed=not agrees),
        "rules": [each["name"] for each in found["findings"] if each["holds"]],
    }


def _lane_decided(row: AnyRow, decision: Decision, *, is_private: bool) -> str:
    """Where a response goes by what was decided: up to be called, or out of there.

    A private sign keeps it where somebody calls, whatever the level.
    """
    is_urgent = decision.urgency in CALL_TODAY
    if is_urgent and schema.urgency_rank(decision.urgency) < row.urgency_rank:
        return "call"
    if row.lane == "call":
        return "call" if is_urgent or is_private else "read"
    return "read" if row.lane == "new" else str(row.lane)


def _has_private_sign(document: Mapping[str, Any]) -> bool:
    found = document["assessment"]["findings"]
    now = any(each["private"] for each in found if each["holds"] and each["level"])
    return now or bool(document.get("earlier_private"))


def _planned(planned: Plan, today: date) -> dict[str, Any]:
    if planned.plan not in PLANS:
        raise BadValue("There is no such plan.")
    if (planned.plan == "not_now") != (planned.until is not None):
        raise BadValue("A day goes with “not now” and with nothing else.")
    if planned.until is not None and planned.until <= today:
        raise BadValue("The day is not one to come.")
    until = planned.until.isoformat() if planned.until else ""
    return {"plan": planned.plan, "until": until, "note": _text(planned.note)}


def _name_of(conn: Connection, clinic_id: int, id: str) -> str:
    if not id:
        return ""
    table = schema.staff.c
    name = conn.execute(
        select(table.name).where(
            table.clinic_id == clinic_id, table.id == id, table.disabled_at.is_(None)
        )
    ).scalar()
    if name is None:
        raise BadValue("There is nobody to give it to.")
    return str(name)


def _text(typed: str, *, needed: bool = False) -> str:
    text = typed.replace("\r\n", "\n").strip()
    if needed and not text:
        raise BadValue("Some words are needed here.")
    if len(text) > TEXT_LENGTH or "\0" in text:
        raise BadValue("The text is too long.")
    return text
