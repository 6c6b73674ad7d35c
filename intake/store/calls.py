"""Contact details left on a red-flag page, kept at once: "not sent", yet someone to call."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from intake.store import audit, schema
from intake.store.crypto import Place, Sealed
from intake.store.drafts import ID, is_response
from intake.store.errors import BadValue
from intake.store.schema import AnyRow
from intake.store.store import Store

NAME_LENGTH = 500
PHONE_LENGTH = 100
CARDS = 50
CARD_LENGTH = 32

_C = schema.call_requests.c


@dataclass(frozen=True, slots=True)
class CallRequest:
    """Someone whose answers looked urgent and who has not sent them.

    `requested_at` is when they first left details, `updated_at` when they last did. `later` are
    those of `cards` that came up after that: the number was left without thinking of them.
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
    rank = schema.urgency_rank(urgency)
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
    store: Store, conn: Connection, clinic_id: int, draft_id: str, *, urgency: str, cards: set[str]
) -> None:
    """Let the open request of a draft, if there is one, take on what its answers say now.

    It only grows: an answer that is taken back, or asked anew after a while, may be one that
    somebody else in the room should not see, and never gives a number free again.
    """
    earlier = _earlier(conn, clinic_id, draft_id)
    if earlier is None or earlier.status != "open":
        return
    known = _opened(store, clinic_id, earlier)
    rank = min(schema.urgency_rank(urgency), earlier.urgency_rank)
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
        **_sealed(store, clinic_id, earlier.id, details),
    )


def open(store: Store, clinic_id: int) -> list[CallRequest]:
    """Requests whose response was not sent: most urgent first, then longest waiting."""
    statement = (
        select(schema.call_requests, schema.responses.c.reference)
        .select_from(
            schema.call_requests.outerjoin(
                schema.responses,
                and_(
                    schema.responses.c.clinic_id == _C.clinic_id,
                    schema.responses.c.id == _C.response_id,
                ),
            )
        )
        .where(_C.clinic_id == clinic_id, _C.status == "open")
        .order_by(_C.urgency_rank, _C.requested_at, _C.id)
    )
    with store.read() as conn:
        rows = conn.execute(statement).all()
    return [_call_request(store, clinic_id, row) for row in rows]


def _checked(name: str, phone: str, cards: Iterable[str]) -> dict[str, Any]:
    name, phone, listed = name.strip(), phone.strip(), sorted(checked_cards(cards))
    if not name and not phone:
        raise BadValue("A call request needs a name or a phone number.")
    if len(name) > NAME_LENGTH or len(phone) > PHONE_LENGTH:
        raise BadValue("A name or phone number is too long.")
    return {"name": name, "phone": phone, "cards": listed}


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
    return conn.execute(
        select(schema.call_requests)
        .where(_C.clinic_id == clinic_id, _C.response_id == response_id)
        .with_for_update()
    ).first()


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
    _update(conn, clinic_id, earlier.id, urgency_rank=rank, updated_at=now, **values)


def _update(conn: Connection, clinic_id: int, id: str, **values: Any) -> None:
    conn.execute(
        update(schema.call_requests).where(_C.clinic_id == clinic_id, _C.id == id).values(**values)
    )


def _call_request(store: Store, clinic_id: int, row: AnyRow) -> CallRequest:
    details = _opened(store, clinic_id, row)
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
    )


def _place(clinic_id: int, id: str) -> Place:
    return Place(clinic_id, "call_requests", "sealed", id, 1)


def _sealed(store: Store, clinic_id: int, id: str, details: dict[str, Any]) -> dict[str, Any]:
    sealed = store.vault.seal_document(details, _place(clinic_id, id))
    return {"kid": sealed.kid, "sealed": sealed.data}


def _opened(store: Store, clinic_id: int, row: AnyRow) -> dict[str, Any]:
    return store.vault.open_document(Sealed(row.kid, row.sealed), _place(clinic_id, row.id))
