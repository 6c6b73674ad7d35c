"""A response while it is being written."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from intake.store import audit, codes, schema
from intake.store.crypto import Place, Sealed
from intake.store.store import Store

ID = re.compile(r"[0-9a-f]{32}")
# Collisions of short random words are rare; so many in a row mean that something is broken.
DRAWS = 8

Drawn = TypeVar("Drawn")


@dataclass(frozen=True, slots=True)
class Draft:
    """A response as its writer sees it; once sent, without its answers (and with rev 0)."""

    id: str
    clinic_id: int
    reference: str
    rev: int
    document: dict[str, Any] = field(repr=False)
    created_at: datetime
    updated_at: datetime
    sent: bool = False
    code_until: datetime | None = field(default=None, compare=False)
    """When the resume code ends; None without one, or when wrong tries ended it."""


def start(store: Store, clinic_id: int) -> Draft:
    """Begin a response with an empty document."""
    return drawn(lambda: _start(store, clinic_id))


def draft(store: Store, clinic_id: int, id: str) -> Draft | None:
    """The draft with its answers, or what is left of it to its writer once it was sent."""
    if not ID.fullmatch(id):
        return None
    with store.read() as conn:
        row = conn.execute(_SELECT, {"of_clinic": clinic_id, "of_id": id}).first()
    if row is None:
        return None
    if row.status == "sent":
        return Draft(id, clinic_id, row.reference, 0, {}, row.created_at, row.sent_at, sent=True)
    document = store.vault.open_document(
        Sealed(row.kid, row.sealed), _place(clinic_id, id, row.rev)
    )
    return Draft(
        id,
        clinic_id,
        row.reference,
        row.rev,
        document,
        row.created_at,
        row.updated_at,
        code_until=row.code_expires_at,
    )


def drawn(draw: Callable[[], Drawn]) -> Drawn:
    """Do what stores a random word again, with another one, while the word is taken."""
    for _ in range(DRAWS - 1):
        try:
            return draw()
        except IntegrityError:
            continue
    return draw()


def is_response(clinic_id: int, id: str) -> ColumnElement[bool]:
    """The condition on `responses` for one response of one clinic."""
    table = schema.responses.c
    return and_(table.clinic_id == clinic_id, table.id == id)


def is_draft(clinic_id: int, id: str) -> ColumnElement[bool]:
    """The condition on `drafts` for one response of one clinic."""
    table = schema.drafts.c
    return and_(table.clinic_id == clinic_id, table.response_id == id)


def actor(document: Mapping[str, Any]) -> str:
    """Who works at a draft, as audit events name them: staff who type paper in, or the patient."""
    typist = document.get("typist")
    return f"staff:{typist}" if typist else "patient"


def sealed(store: Store, draft: Draft, urgency: str) -> dict[str, Any]:
    """The columns of a draft's row that change with its document."""
    return {"urgency_rank": schema.urgency_rank(urgency)} | _columns(store, draft)


def resealed(store: Store, draft: Draft, document: Mapping[str, Any]) -> dict[str, Any]:
    """The columns for a next revision whose answers, and so its urgency, stay as they are."""
    return _columns(store, replace(draft, rev=draft.rev + 1, document=dict(document)))


def _columns(store: Store, draft: Draft) -> dict[str, Any]:
    place = _place(draft.clinic_id, draft.id, draft.rev)
    kept = store.vault.seal_document(draft.document, place)
    return {"rev": draft.rev, "kid": kept.kid, "sealed": kept.data}


def begin(
    store: Store,
    conn: Connection,
    clinic_id: int,
    document: Mapping[str, Any],
    *,
    appointment_on: date = schema.NO_APPOINTMENT,
    by: str = "patient",
) -> Draft:
    """A new response in the transaction of what led to it; raises `IntegrityError` as `drawn`
    expects when its random reference is taken.
    """
    now = store.clock()
    reference = codes.new_reference()
    new = Draft(secrets.token_hex(16), clinic_id, reference, 1, dict(document), now, now)
    response = {
        "clinic_id": clinic_id,
        "id": new.id,
        "reference": new.reference,
        "status": "draft",
        "urgency_rank": schema.urgency_rank("routine"),
        "appointment_on": appointment_on,
        "version": 0,
        "created_at": now,
    }
    row = {"clinic_id": clinic_id, "response_id": new.id, "updated_at": now}
    conn.execute(insert(schema.responses), response)
    conn.execute(insert(schema.drafts), row | sealed(store, new, "routine"))
    audit.record(conn, clinic_id, by, "draft_started", new.id, at=now)
    return new


def _start(store: Store, clinic_id: int) -> Draft:
    with store.write() as conn:
        return begin(store, conn, clinic_id, {})


def _place(clinic_id: int, id: str, rev: int) -> Place:
    return Place(clinic_id, "drafts", "sealed", id, rev)


_SELECT = (
    select(
        schema.responses.c.reference,
        schema.responses.c.status,
        schema.responses.c.created_at,
        schema.responses.c.sent_at,
        schema.drafts.c.rev,
        schema.drafts.c.kid,
        schema.drafts.c.sealed,
        schema.drafts.c.updated_at,
        schema.drafts.c.code_expires_at,
    )
    .select_from(
        schema.responses.outerjoin(
            schema.drafts,
            and_(
                schema.drafts.c.clinic_id == schema.responses.c.clinic_id,
                schema.drafts.c.response_id == schema.responses.c.id,
            ),
        )
    )
    .where(
        schema.responses.c.clinic_id == bindparam("of_clinic"),
        schema.responses.c.id == bindparam("of_id"),
    )
)
