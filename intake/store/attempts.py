"""Throttling of guesses, counted in the database so that all workers share the count.

A try is counted before it is checked and forgiven when it was right. So no number of tries at
the same moment gets past the limit, and the slow check itself holds no database lock.

Whoever knows a username can keep its owner out, for a pause at a time: so it is short, and ends
by itself. New drafts and call requests are not counted: patients behind one clinic's network
share an address, and a limit per address is the work of the proxy in front. Log-ins of staff are
counted by address too, more generously, as a clinic may stand behind one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, case, delete, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from intake.store import schema
from intake.store.crypto import Vault


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries bring a pause, how long each pause is, and after how quiet a time it ends.

    The last pause comes again and again: nobody is shut out for good.
    """

    tries: int
    pauses: tuple[timedelta, ...]
    forgotten_after: timedelta | None = None


def _minutes(*each: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=minutes) for minutes in each)


TRIES_BEFORE_PAUSE = 5
PAUSE = timedelta(minutes=15)
RESUME = "resume"
INVITED = "invited"
LOG_IN = "log_in"
LOST_CODE = "lost_code"
MAILED_BY, MAILED_TO, MAILED = "mailed_by", "mailed_to", "mailed"
DRAWN = "drawn"
A_DAY = timedelta(days=1)
UNLOCK = "unlock"
QUESTION = "question"
SECOND = "second"
ADDRESS = "address"
TOKEN = "token"  # noqa: S105 - a kind of try
LIMITS = {
    # At most some 120 guesses a day at a password, and as many at a one-time code.
    LOG_IN: Limit(TRIES_BEFORE_PAUSE, _minutes(1, 5, 15, 60), timedelta(days=1)),
    SECOND: Limit(TRIES_BEFORE_PAUSE, _minutes(1, 5, 15, 60), timedelta(days=1)),
    TOKEN: Limit(20, _minutes(1, 5, 15), timedelta(minutes=15)),
    ADDRESS: Limit(50, _minutes(1, 5, 15), timedelta(minutes=15)),
}
OTHERS = Limit(TRIES_BEFORE_PAUSE, (PAUSE,))
# So many rows at most are kept about addresses, however many a stranger has.
ADDRESS_ROWS = 2**16
# All tries at subjects that do not exist share one row: the same work for the database, but
# nothing that a stranger can make grow.
UNKNOWN = "unknown"


def take(conn: Connection, clinic_id: int, kind: str, subject: str, now: datetime) -> int | None:
    """Count a try; its number since the last right one, or None during a pause."""
    return conn.execute(_counting(conn, clinic_id, kind, subject, now)).scalar()


def forgive(conn: Connection, clinic_id: int, kind: str, subject: str) -> None:
    """Start counting anew, after a right try or for a new secret."""
    table = schema.attempts.c
    conn.execute(
        delete(schema.attempts).where(
            table.clinic_id == clinic_id, table.kind == kind, table.subject == subject
        )
    )


def take_of_day(
    conn: Connection, clinic_id: int, kind: str, subject: str, now: datetime, *, most: int
) -> bool:
    """Count what is allowed `most` times in 24 hours; False, and not counted, beyond that."""
    table = schema.attempts.c
    _forget_yesterday(conn, kind, now)
    upsert: Any = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    row = {"clinic_id": clinic_id, "kind": kind, "subject": subject, "failures": 1, "last_at": now}
    counted = conn.execute(
        upsert(schema.attempts)
        .values(row)
        .on_conflict_do_update(
            index_elements=["clinic_id", "kind", "subject"],
            # last_at stays that of the first one, from which the day counts.
            set_={"failures": table.failures + 1},
            where=table.failures < most,
        )
        .returning(table.failures)
    )
    return counted.scalar() is not None


def give_back(conn: Connection, clinic_id: int, kind: str, subject: str) -> None:
    """Take one off a count: it did not come to pass, or was right and the count is shared."""
    table = schema.attempts.c
    conn.execute(
        update(schema.attempts)
        .where(table.clinic_id == clinic_id, table.kind == kind, table.subject == subject)
        .values(failures=table.failures - 1)
    )


def _forget_yesterday(conn: Connection, kind: str, now: datetime) -> None:
    table = schema.attempts.c
    conn.execute(delete(schema.attempts).where(table.kind == kind, table.last_at <= now - A_DAY))


def of_address(vault: Vault, address: str) -> str:
    """The subject for an address's neighbourhood; a keyed number tells nobody where it is."""
    try:
        ip = ip_address(address)
    except ValueError:
        return UNKNOWN
    around = ip_network((ip, 24 if ip.version == 4 else 48), strict=False)
    hashed = vault.long_code_hash(0, "address", str(around))
    return f"{int.from_bytes(hashed[:8]) % ADDRESS_ROWS:04x}"


def _counting(conn: Connection, clinic_id: int, kind: str, subject: str, now: datetime) -> Insert:
    """One statement that counts and decides, so that two tries cannot share a number."""
    table = schema.attempts.c
    first = {
        "clinic_id": clinic_id,
        "kind": kind,
        "subject": subject,
        "failures": 1,
        "last_at": now,
    }
    limit = LIMITS.get(kind, OTHERS)
    count: ColumnElement[int] = table.failures + 1
    if limit.forgotten_after is not None:
        old = table.last_at <= literal(now - limit.forgotten_after, schema.UtcDateTime())
        count = case((old, 1), else_=count)
    pauses = [
        (count == limit.tries * turn, literal(now + pause, schema.UtcDateTime()))
        for turn, pause in enumerate(limit.pauses, start=1)
    ]
    last = literal(now + limit.pauses[-1], schema.UtcDateTime())
    upsert: Any = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement: Insert = (
        upsert(schema.attempts)
        .values(first)
        .on_conflict_do_update(
            index_elements=["clinic_id", "kind", "subject"],
            set_={
                "failures": count,
                "last_at": now,
                "paused_until": case(*pauses, (count % limit.tries == 0, last), else_=None),
            },
            where=or_(table.paused_until.is_(None), table.paused_until <= now),
        )
        .returning(table.failures)
    )
    return statement
