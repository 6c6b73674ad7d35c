"""Tokens by which a clinic's other programs read: made by administrators, and they end.

A token has 256 random bits, so that a keyed hash of it is enough to keep and to find it.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from intake.store import attempts, audit, schema
from intake.store.drafts import ID
from intake.store.errors import BadValue
from intake.store.schema import AnyRow
from intake.store.store import Store

PREFIX = "intake_"
BYTES = 32
TYPED_LENGTH = 128
LONGEST_DAYS = 366
MOST = 50

_T = schema.api_tokens.c


@dataclass(frozen=True, slots=True)
class Token:
    """A token as administrators see it; the secret itself is kept nowhere."""

    id: str
    clinic_id: int
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None

    @property
    def actor(self) -> str:
        """How the audit names it."""
        return f"token:{self.id}"


def make(store: Store, clinic_id: int, name: str, *, days: int, by: str) -> str:
    """A new token for the program called `name`; shown once, as only its hash is kept.

    Raises `BadValue` with a line for the person.
    """
    known_as = name.strip()
    if not known_as or len(known_as) > schema.WORD_LENGTH or not known_as.isprintable():
        raise BadValue(f"A name has 1 to {schema.WORD_LENGTH} characters on one line.")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadValue(f"A token works for 1 to {LONGEST_DAYS} days.")
    secret = PREFIX + secrets.token_urlsafe(BYTES)
    now, id = store.clock(), secrets.token_hex(16)
    row = {
        "clinic_id": clinic_id,
        "id": id,
        "name": known_as,
        "token_hash": _hash(store, clinic_id, secret),
        "created_at": now,
        "expires_at": now + timedelta(days=days),
    }
    if len([each for each in of(store, clinic_id) if works(store, each)]) >= MOST:
        raise BadValue(f"A clinic has {MOST} tokens at most; end one that is not needed.")
    with store.write() as conn:
        conn.execute(insert(schema.api_tokens), row)
        audit.record(conn, clinic_id, by, "token_made", at=now, detail=id)
    return secret


def revoke(store: Store, clinic_id: int, id: str, *, by: str) -> bool:
    """End a token at once; False when there is none of this id that still stands."""
    if not ID.fullmatch(id):
        return False
    now = store.clock()
    with store.write() as conn:
        ended = conn.execute(
            update(schema.api_tokens)
            .where(_T.clinic_id == clinic_id, _T.id == id, _T.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        if ended.rowcount:
            audit.record(conn, clinic_id, by, "token_revoked", at=now, detail=id)
    return ended.rowcount == 1


def of(store: Store, clinic_id: int) -> list[Token]:
    """All tokens of a clinic, newest first."""
    statement = (
        select(schema.api_tokens)
        .where(_T.clinic_id == clinic_id)
        .order_by(_T.created_at.desc(), _T.id)
    )
    with store.read() as conn:
        return [_token(row) for row in conn.execute(statement)]


def works(store: Store, token: Token) -> bool:
    """Whether a token still opens anything."""
    return token.revoked_at is None and token.expires_at > store.clock()


def find(store: Store, clinic_id: int, secret: str) -> Token | None:
    """The token of a program, unless it ended."""
    if not 0 < len(secret) <= TYPED_LENGTH:
        return None
    with store.read() as conn:
        row = conn.execute(
            select(schema.api_tokens).where(
                _T.clinic_id == clinic_id, _T.token_hash == _hash(store, clinic_id, secret)
            )
        ).first()
    found = None if row is None else _token(row)
    return found if found is not None and works(store, found) else None


def refuse(store: Store, clinic_id: int, address: str) -> bool:
    """Count a wrong token from an address; False once there were too many of them."""
    around = attempts.of_address(store.vault, address)
    with store.write() as conn:
        taken = attempts.take(conn, clinic_id, attempts.TOKEN, around, store.clock())
    return taken is not None


def note(store: Store, token: Token, action: str, response_ids: Iterable[str] = ()) -> None:
    """Record what a program is about to read, each response by itself; on disk when it returns."""
    now = store.clock()
    with store.write() as conn:
        read: list[str | None] = [*response_ids]
        for id in read or [None]:
            audit.record(conn, token.clinic_id, token.actor, action, id, at=now)
        conn.execute(
            update(schema.api_tokens)
            .where(_T.clinic_id == token.clinic_id, _T.id == token.id)
            .values(used_at=now)
        )


def _hash(store: Store, clinic_id: int, secret: str) -> bytes:
    return store.vault.long_code_hash(clinic_id, "api", secret)


def _token(row: AnyRow) -> Token:
    return Token(
        row.id,
        row.clinic_id,
        row.name,
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.used_at,
    )
