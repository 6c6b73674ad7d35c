"""Whom to call though they have not sent: they met a danger sign, and the clinic can reach them.

Either they left a number for it, or their own answers or an invitation say how to reach them.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, literal, select, tuple_, update

from intake.questionnaire.cards import CARDS as CARES
from intake.store import audit, entries, lanes, notices, schema
from intake.store.crypto import Place, Sealed
from intake.store.drafts import ID, is_response
from intake.store.errors import BadValue, BrokenSeal, NotAllowed
from intake.store.schema import AnyRow
from intake.store.staff import Staff
from intake.store.store import Store

NAME_LENGTH = 500
PHONE_LENGTH = 100
CARDS = 50
CARD_LENGTH = 32

LIMIT = 200

_C = schema.call_requests.c
_D = schema.drafts.c
_ORDER = (_C.urgency_rank, _C.requested_at, _C.id)


@dataclass(frozen=True, slots=True)
class CallRequest:
    """Someone whose answers looked urgent and who has not sent them.

    `requested_at` is when they first left details, or when it was first known how to reach them;
    `updated_at` when they last left details. `later` are those of `cards` that came up after
    that: the number was left without thinking of them. `urgency` is their place in the list: for
    a private danger sign always "emergency".
    """

    id: str
    response_id: str | None
    reference: str | None
    urgency: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    cards: tuple[str, ...] = field(repr=False)
    later: tuple[str, ...] = field(repr=False)
    requested_at: datetime
    updated_at: datetime
    asked: bool
    """Whether they left a number to be called at; else their answers say how to reach them."""
    is_open: bool
    is_broken: bool
    """Whether what was kept does not open."""
    saved_at: datetime | None
    """When the draft was last saved."""
    calmer: bool
    """Whether the draft's answers are not urgent any more."""
    document: Mapping[str, Any] = field(repr=False)
    """The draft's; empty where there is none or it does not open."""


@dataclass(frozen=True, slots=True)
class CallState:
    """How a request stands, without who it is about; `status` is "open", "sent" or "done"."""

    id: str
    response_id: str | None
    status: str
    requested_at: datetime
    saved_at: datetime | None


def request(
    store: Store,
    clinic_id: int,
    draft_id: str | None,
    *,
    name: str,
    phone: str,
    urgency: str,
    cards: Iterable[str],
) -> None:
    """Keep name or phone and the cards that were shown; on disk before the call returns.

    A second request of a draft replaces its name and phone; the cards add up and the most
    urgent level stays. Raises `BadValue` when name and phone are both blank.
    """
    details = _checked(name, phone, cards)
    rank = _rank(urgency, details["cards"])
    now = store.clock()
    with store.write() as conn:
        response = _response(conn, clinic_id, draft_id)
        response_id = None if response is None else response.id
        earlier = _earlier(conn, clinic_id, response_id)
        if earlier is None:
            status = "open" if response is None or response.status == "draft" else "sent"
            _add(store, conn, clinic_id, response_id, details, rank, status, now)
        else:
            _replace(store, conn, clinic_id, earlier, details, rank, now)
        audit.record(conn, clinic_id, "patient", "call_requested", response_id, at=now)


def follow(
    store: Store,
    conn: Connection,
    clinic_id: int,
    draft_id: str,
    *,
    urgency: str,
    cards: set[str],
    reachable: bool,
) -> None:
    """Let the request of a draft take on what its answers say now.

    Without one it begins as soon as the answers are urgent and it is known how to reach the
    person: by the answers (`reachable`) or by an invitation. It only grows: an answer that is
    taken back, or asked anew after a while, may be one that somebody else in the room should not
    see, and never gives a number free again. A new sign after a call opens it again.
    """
    earlier = _earlier(conn, clinic_id, draft_id)
    if earlier is None:
        is_due = lanes.lane(place(urgency, cards), private=False) == "call"
        if is_due and (reachable or _is_invited(conn, clinic_id, draft_id)):
            _begin(store, conn, clinic_id, draft_id, urgency, cards)
        return
    if earlier.status == "sent":
        return
    known = _opened(store, clinic_id, earlier)
    rank = min(_rank(urgency, cards), earlier.urgency_rank)
    new = cards - set(known["cards"])
    if not new and rank == earlier.urgency_rank:
        return
    details = known | {
        "cards": sorted({*known["cards"], *new}),
        "later": sorted({*known.get("later", ()), *new}),
    }
    _update(
        conn,
        clinic_id,
        earlier.id,
        urgency_rank=rank,
        **_opened_again(store, earlier),
        **_sealed(store, clinic_id, earlier.id, details),
    )
    if earlier.status == "done":
        notices.add(store, conn, clinic_id, notices.DRAFT, draft_id)


def place(urgency: str, cards: Iterable[str]) -> str:
    """The urgency by which whoever holds these cards stands in a list."""
    return schema.URGENCIES[_rank(urgency, cards)]


def _rank(urgency: str, cards: Iterable[str]) -> int:
    is_private = any(CARES[card].private for card in cards if card in CARES)
    return lanes.rank(urgency, private=is_private)


def _begin(
    store: Store,
    conn: Connection,
    clinic_id: int,
    draft_id: str,
    urgency: str,
    cards: set[str],
) -> None:
    now = store.clock()
    details = {"name": "", "phone": "", "cards": sorted(cards), "asked": False}
    _add(store, conn, clinic_id, draft_id, details, _rank(urgency, cards), "open", now)
    audit.record(conn, clinic_id, "system", "call_listed", draft_id, at=now)


def _is_invited(conn: Connection, clinic_id: int, draft_id: str) -> bool:
    table = schema.invitations.c
    invited = select(table.id).where(table.clinic_id == clinic_id, table.response_id == draft_id)
    return conn.execute(invited.limit(1)).first() is not None


def _opened_again(store: Store, earlier: AnyRow) -> dict[str, Any]:
    """What changes where somebody was called already: they wait anew, from now on."""
    return {"status": "open", "requested_at": store.clock()} if earlier.status == "done" else {}


def open(
    store: Store, clinic_id: int, *, limit: int = LIMIT, after: str | None = None
) -> list[CallRequest]:
    """Requests whose response was not sent: most urgent first, then longest waiting.

    `after` is the id of the last one of the page before; an unknown one gives the first page.
    """
    statement = _SELECT.where(_C.clinic_id == clinic_id, _C.status == "open").order_by(*_ORDER)
    with store.read() as conn:
        mark = _mark(conn, clinic_id, after)
        if mark is not None:
            statement = statement.where(tuple_(*_ORDER) > tuple_(*mark))
        rows = conn.execute(statement.limit(max(1, min(limit, LIMIT)))).all()
    return [_call_request(store, clinic_id, row) for row in rows]


def get(store: Store, clinic_id: int, id: str) -> CallRequest | None:
    """One request whose response was not sent, open or done."""
    if not ID.fullmatch(id):
        return None
    which = and_(_C.clinic_id == clinic_id, _C.id == id, _C.status != "sent")
    with store.read() as conn:
        row = conn.execute(_SELECT.where(which)).first()
    return None if row is None else _call_request(store, clinic_id, row)


def states(store: Store, clinic_id: int, ids: Iterable[str]) -> list[CallState]:
    """How these requests stand now; unknown ones are left out."""
    known = [id for id in ids if ID.fullmatch(id)][:LIMIT]
    statement = (
        select(_C.id, _C.response_id, _C.status, _C.requested_at, _D.updated_at)
        .select_from(
            schema.call_requests.outerjoin(
                schema.drafts, and_(_D.clinic_id == _C.clinic_id, _D.response_id == _C.response_id)
            )
        )
        .where(_C.clinic_id == clinic_id, _C.id.in_(known))
    )
    with store.read() as conn:
        rows = conn.execute(statement).all()
    return [CallState(*row) for row in rows]


def count(store: Store, clinic_id: int) -> int:
    """How many requests are open; 1,000 at most."""
    some = select(_C.id).where(_C.clinic_id == clinic_id, _C.status == "open").limit(1000)
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def log(
    store: Store,
    clinic_id: int,
    id: str,
    *,
    by: Staff,
    document: Mapping[str, Any] | None = None,
    done: bool,
) -> bool:
    """Keep that somebody called, and take the request off the list (`done`) or leave it there.

    `document` is that of a "called" entry; None where nobody called. The same one sent twice is
    kept once. False when the request is gone: its response was sent in between. Raises
    `NotAllowed` where only a doctor calls and `by` is none.
    """
    now = store.clock()
    with store.write() as conn:
        row = _locked(conn, clinic_id, id)
        if row is None:
            return False
        if not by.is_doctor and _is_private(store, clinic_id, row):
            raise NotAllowed("Only a doctor calls this person.")
        if document is not None and row.response_id is not None:
            about = (clinic_id, row.response_id, "called", by.actor, document)
            is_again = entries.is_said_again(store, *about, version=0)
            if is_again and (row.status == "done" or not done):
                return True
            entries.add(store, conn, *about, version=0)
        if done:
            _update(conn, clinic_id, id, status="done")
        what = "call_logged" if document is not None else "call_closed"
        audit.record(conn, clinic_id, by.actor, what, row.response_id, at=now)
    return True


def _is_private(store: Store, clinic_id: int, row: AnyRow) -> bool:
    """Whether a private card is among a request's; of what does not open nobody knows."""
    try:
        cards = _opened(store, clinic_id, row)["cards"]
    except (BrokenSeal, ValueError):
        return True
    return any(CARES[card].private for card in cards if card in CARES)


def reopen(store: Store, clinic_id: int, id: str, *, by: str) -> bool:
    """Put a request back on the list, at its old place; False when it is gone."""
    with store.write() as conn:
        row = _locked(conn, clinic_id, id)
        if row is None:
            return False
        _update(conn, clinic_id, id, status="open")
        audit.record(conn, clinic_id, by, "call_reopened", row.response_id, at=store.clock())
    return True


def _locked(conn: Connection, clinic_id: int, id: str) -> AnyRow | None:
    if not ID.fullmatch(id):
        return None
    which = and_(_C.clinic_id == clinic_id, _C.id == id, _C.status != "sent")
    return conn.execute(select(schema.call_requests).where(which).with_for_update()).first()


def _mark(conn: Connection, clinic_id: int, after: str | None) -> list[Any] | None:
    if not after or not ID.fullmatch(after):
        return None
    row = conn.execute(select(*_ORDER).where(_C.clinic_id == clinic_id, _C.id == after)).first()
    if row is None:
        return None
    return [literal(value, column.type) for column, value in zip(_ORDER, row, strict=True)]


def _checked(name: str, phone: str, cards: Iterable[str]) -> dict[str, Any]:
    name, phone, listed = name.strip(), phone.strip(), sorted(checked_cards(cards))
    if not name and not phone:
        raise BadValue("A call request needs a name or a phone number.")
    if len(name) > NAME_LENGTH or len(phone) > PHONE_LENGTH:
        raise BadValue("A name or phone number is too long.")
    return {"name": name, "phone": phone, "cards": listed, "asked": True}


def checked_cards(cards: Iterable[str]) -> set[str]:
    """The ids without doubles; raises `BadValue` where they are too many or too long."""
    listed = set(cards)
    if len(listed) > CARDS or any(len(card) > CARD_LENGTH for card in listed):
        raise BadValue("A call request names too many cards.")
    return listed


def _response(conn: Connection, clinic_id: int, draft_id: str | None) -> AnyRow | None:
    """The response, held so that it is not sent before the request stands beside it."""
    if draft_id is None or not ID.fullmatch(draft_id):
        return None
    table = schema.responses.c
    return conn.execute(
        select(table.id, table.status).where(is_response(clinic_id, draft_id)).with_for_update()
    ).first()


def _earlier(conn: Connection, clinic_id: int, response_id: str | None) -> AnyRow | None:
    if response_id is None:
        return None
    return conn.execute(_EARLIER, {"of_clinic": clinic_id, "of_response": response_id}).first()


_EARLIER = (
    select(schema.call_requests)
    .where(_C.clinic_id == bindparam("of_clinic"), _C.response_id == bindparam("of_response"))
    .with_for_update()
)


def _add(
    store: Store,
    conn: Connection,
    clinic_id: int,
    response_id: str | None,
    details: dict[str, Any],
    rank: int,
    status: str,
    now: datetime,
) -> None:
    id = secrets.token_hex(16)
    row = {
        "clinic_id": clinic_id,
        "id": id,
        "response_id": response_id,
        "status": status,
        "urgency_rank": rank,
        "requested_at": now,
        "updated_at": now,
    }
    conn.execute(insert(schema.call_requests), row | _sealed(store, clinic_id, id, details))
    if status == "open" and lanes.is_urgent(rank):
        notices.add(store, conn, clinic_id, notices.DRAFT, response_id)


def _replace(
    store: Store,
    conn: Connection,
    clinic_id: int,
    earlier: AnyRow,
    details: dict[str, Any],
    rank: int,
    now: datetime,
) -> None:
    known = _opened(store, clinic_id, earlier)
    cards = sorted({*known["cards"], *details["cards"]})
    values = _sealed(store, clinic_id, earlier.id, details | {"cards": cards})
    rank = min(rank, earlier.urgency_rank)
    values |= _opened_again(store, earlier)
    _update(conn, clinic_id, earlier.id, urgency_rank=rank, updated_at=now, **values)


def _update(conn: Connection, clinic_id: int, id: str, **values: Any) -> None:
    conn.execute(
        update(schema.call_requests).where(_C.clinic_id == clinic_id, _C.id == id).values(**values)
    )


def _call_request(store: Store, clinic_id: int, row: AnyRow) -> CallRequest:
    try:
        details, is_broken = _opened(store, clinic_id, row), False
    except (BrokenSeal, ValueError):
        details, is_broken = {"name": "", "phone": "", "cards": ()}, True
    return CallRequest(
        id=row.id,
        response_id=row.response_id,
        reference=row.reference,
        urgency=schema.URGENCIES[row.urgency_rank],
        name=details["name"],
        phone=details["phone"],
        cards=tuple(details["cards"]),
        later=tuple(details.get("later", ())),
        requested_at=row.requested_at,
        updated_at=row.updated_at,
        asked=details.get("asked", True),
        is_open=row.status == "open",
        is_broken=is_broken,
        saved_at=row.saved_at,
        calmer=row.draft_rank is not None and row.draft_rank > schema.urgency_rank("same_day"),
        document={} if is_broken else _draft_document(store, clinic_id, row),
    )


def _draft_document(store: Store, clinic_id: int, row: AnyRow) -> Mapping[str, Any]:
    if row.rev is None:
        return {}
    place = Place(clinic_id, "drafts", "sealed", row.response_id, row.rev)
    try:
        return store.vault.open_document(Sealed(row.draft_kid, row.draft_sealed), place)
    except (BrokenSeal, ValueError):
        return {}


def _place(clinic_id: int, id: str) -> Place:
    return Place(clinic_id, "call_requests", "sealed", id, 1)


def _sealed(store: Store, clinic_id: int, id: str, details: dict[str, Any]) -> dict[str, Any]:
    sealed = store.vault.seal_document(details, _place(clinic_id, id))
    return {"kid": sealed.kid, "sealed": sealed.data}


def _opened(store: Store, clinic_id: int, row: AnyRow) -> dict[str, Any]:
    return store.vault.open_document(Sealed(row.kid, row.sealed), _place(clinic_id, row.id))


_SELECT = select(
    schema.call_requests,
    schema.responses.c.reference,
    _D.rev,
    _D.urgency_rank.label("draft_rank"),
    _D.updated_at.label("saved_at"),
    _D.kid.label("draft_kid"),
    _D.sealed.label("draft_sealed"),
).select_from(
    schema.call_requests.outerjoin(
        schema.responses,
        and_(
            schema.responses.c.clinic_id == _C.clinic_id,
            schema.responses.c.id == _C.response_id,
        ),
    ).outerjoin(schema.drafts, and_(_D.clinic_id == _C.clinic_id, _D.response_id == _C.response_id))
)
