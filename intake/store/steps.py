"""What a log-in or set-up under way remembers: under an opaque token, sealed, for some minutes."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from intake.store import schema
from intake.store.crypto import Place, Sealed, token_hash
from intake.store.schema import AnyRow
from intake.store.sessions import TOKEN, TOKEN_BYTES
from intake.store.store import Store

LIFE = timedelta(minutes=10)

_T = schema.sign_in_steps.c


@dataclass(frozen=True, slots=True)
class Step:
    """How far somebody got; `staff_id` is "" while it is not known who it is."""

    clinic_id: int
    purpose: str
    staff_id: str
    document: dict[str, Any]


def open(
    store: Store,
    clinic_id: int,
    purpose: str,
    staff_id: str = "",
    document: Mapping[str, Any] | None = None,
    *,
    life: timedelta = LIFE,
) -> str:
    """Remember a step; its new token."""
    now = store.clock()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    hashed = token_hash(token)
    sealed = store.vault.seal_document(document or {}, _place(clinic_id, hashed))
    row = {
        "clinic_id": clinic_id,
        "token_hash": hashed,
        "purpose": purpose,
        "staff_id": staff_id or None,
        "kid": sealed.kid,
        "sealed": sealed.data,
        "created_at": now,
        "expires_at": now + life,
    }
    with store.write() as conn:
        conn.execute(delete(schema.sign_in_steps).where(_T.expires_at <= now))
        conn.execute(insert(schema.sign_in_steps), row)
    return token


def read(store: Store, clinic_id: int, purpose: str, token: str) -> Step | None:
    """The step of a token; None when it is unknown, over, or for another purpose."""
    if not TOKEN.fullmatch(token):
        return None
    hashed = token_hash(token)
    with store.read() as conn:
        row = conn.execute(
            select(schema.sign_in_steps).where(
                _T.token_hash == hashed, _T.clinic_id == clinic_id, _T.purpose == purpose
            )
        ).first()
    return _live(store, row)


def take(store: Store, clinic_id: int, purpose: str, token: str) -> Step | None:
    """As `read`, and it is over with that: of two who take it, one gets it."""
    if not TOKEN.fullmatch(token):
        return None
    with store.write() as conn:
        row = conn.execute(
            delete(schema.sign_in_steps)
            .where(
                _T.token_hash == token_hash(token),
                _T.clinic_id == clinic_id,
                _T.purpose == purpose,
            )
            .returning(schema.sign_in_steps)
        ).first()
    return _live(store, row)


def close(store: Store, token: str) -> None:
    """Forget a step; nothing happens when it is not there."""
    if not TOKEN.fullmatch(token):
        return
    with store.write() as conn:
        conn.execute(delete(schema.sign_in_steps).where(_T.token_hash == token_hash(token)))


def _live(store: Store, row: AnyRow | None) -> Step | None:
    if row is None or row.expires_at <= store.clock():
        return None
    place = _place(row.clinic_id, row.token_hash)
    document = store.vault.open_document(Sealed(row.kid, row.sealed), place)
    return Step(row.clinic_id, row.purpose, row.staff_id or "", document)


def _place(clinic_id: int, hashed: bytes) -> Place:
    return Place(clinic_id, "sign_in_steps", "sealed", hashed.hex(), 1)
