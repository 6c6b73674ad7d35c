"""Who is at the other end: opaque tokens, of which the database knows the hash alone."""

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from intake.store import schema
from intake.store.crypto import token_hash
from intake.store.errors import BadValue, StoreUnavailable
from intake.store.store import Store

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
TOKEN_BYTES = 32
SUBJECT = re.compile(r"[\w:.-]{1,64}")

# A patient rests, sleeps and comes back on the same phone days later; until then it is locked.
IDLE = {"patient": timedelta(days=14), "staff": timedelta(minutes=10)}
LIFE = {"patient": timedelta(days=14), "staff": timedelta(hours=12)}
# Reading a page writes at most this often.
SEEN_EVERY = timedelta(minutes=1)

_S = schema.sessions.c
_SELECT = select(schema.sessions).where(_S.token_hash == bindparam("of_hash"))


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A live session; `subject` is a draft's or a member of staff's id."""

    clinic_id: int
    kind: str
    subject: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    locked: bool = False
    proved_at: datetime | None = None
    """When a member of staff last proved who they are."""
    idle: timedelta = timedelta(0)

    @property
    def idles_out_at(self) -> datetime:
        """When it ends if nobody does anything."""
        return self.seen_at + self.idle


def open(
    store: Store,
    clinic_id: int,
    kind: str,
    subject: str,
    *,
    idle: timedelta | None = None,
    proved_at: datetime | None = None,
) -> str:
    """A new token of 256 random bits for a "patient" or "staff" session.

    Patients: 14 days. Staff: 10 minutes idle, 12 hours in all; `proved_at` is when the person
    proved who they are, by default now.
    """
    if kind not in LIFE or not SUBJECT.fullmatch(subject):
        raise BadValue("A session needs a known kind and an id.")
    now = store.clock()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {
        "clinic_id": clinic_id,
        "token_hash": token_hash(token),
        "kind": kind,
        "subject": subject,
        "idle_seconds": int((idle or IDLE[kind]).total_seconds()),
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LIFE[kind],
        "proved_at": (proved_at or now) if kind == "staff" else None,
    }
    with store.write() as conn:
        conn.execute(delete(schema.sessions).where(_S.expires_at <= now))
        conn.execute(insert(schema.sessions), row)
    return token


def read(
    store: Store,
    token: str,
    *,
    clinic_id: int | None = None,
    lock_after: timedelta | None = None,
    touch: bool = True,
) -> SessionRow | None:
    """The live session of a token; None when it is unknown, ended or was idle too long.

    After `lock_after` without a reading it is locked, and stays so until it is unlocked. For
    another clinic than `clinic_id` it is unknown: a longer time there must not open its lock.
    Without `touch` it is not prolonged: nobody did anything.
    """
    if not TOKEN.fullmatch(token):
        return None
    now = store.clock()
    hashed = token_hash(token)
    with store.read() as conn:
        row = conn.execute(_SELECT, {"of_hash": hashed}).first()
    if row is None or row.expires_at <= now or clinic_id not in {None, row.clinic_id}:
        return None
    if row.seen_at + timedelta(seconds=row.idle_seconds) <= now:
        return None
    seen_at = row.seen_at
    locked = lock_after is not None and seen_at + lock_after <= now
    if touch and not locked and seen_at + SEEN_EVERY <= now:
        _touch(store, hashed, now)
        seen_at = now
    return SessionRow(
        row.clinic_id,
        row.kind,
        row.subject,
        row.created_at,
        seen_at,
        row.expires_at,
        locked,
        proved_at=row.proved_at,
        idle=timedelta(seconds=row.idle_seconds),
    )


def ended(store: Store, token: str, clinic_id: int) -> str:
    """Whose staff session idled out, as long as its row is there; "" when it was ended or lives."""
    if not TOKEN.fullmatch(token):
        return ""
    with store.read() as conn:
        row = conn.execute(
            select(schema.sessions).where(
                _S.token_hash == token_hash(token), _S.clinic_id == clinic_id, _S.kind == "staff"
            )
        ).first()
    return row.subject if row is not None and row.proved_at is not None else ""


def close(store: Store, token: str) -> None:
    """End a session; nothing happens when it is not there."""
    if not TOKEN.fullmatch(token):
        return
    with store.write() as conn:
        conn.execute(delete(schema.sessions).where(_S.token_hash == token_hash(token)))


def unlock(store: Store, token: str) -> None:
    """Let a locked session go on: its holder was found to be the right one."""
    now = store.clock()
    with store.write() as conn:
        conn.execute(
            update(schema.sessions)
            .where(_S.token_hash == token_hash(token), _S.expires_at > now)
            .values(seen_at=now)
        )


def of_staff(store: Store, clinic_id: int, staff_id: str) -> list[tuple[datetime, datetime]]:
    """When each live log-in of a person began and was last used, newest first."""
    now = store.clock()
    with store.read() as conn:
        rows = conn.execute(
            select(_S.created_at, _S.seen_at, _S.idle_seconds)
            .where(
                _S.clinic_id == clinic_id,
                _S.kind == "staff",
                _S.subject == staff_id,
                _S.expires_at > now,
            )
            .order_by(_S.created_at.desc())
        )
        return [
            (row.created_at, row.seen_at)
            for row in rows
            if row.seen_at + timedelta(seconds=row.idle_seconds) > now
        ]


def end_all(conn: Connection, clinic_id: int, kind: str, subject: str) -> int:
    """End every session of somebody, in the transaction of the reason; how many there were."""
    ended = conn.execute(
        delete(schema.sessions).where(
            _S.clinic_id == clinic_id, _S.kind == kind, _S.subject == subject
        )
    )
    return ended.rowcount


def _touch(store: Store, hashed: bytes, now: datetime) -> None:
    # A database that takes no changes may still be read: the reader is not sent away for it.
    with suppress(StoreUnavailable), store.write() as conn:
        conn.execute(update(schema.sessions).where(_S.token_hash == hashed).values(seen_at=now))
