"""Throttling of guesses, counted in the database so that all workers share the count.

A try is counted before it is checked and forgiven when it was right. So no number of tries at
the same moment gets past the limit, and the slow check itself holds no database lock.

Whoever knows a username can keep its owner out, for a pause at a time: so it is short, and ends
by itself. New drafts and call requests are not counted: patients behind one clinic's network
share an address, and a limit per address is the work of the proxy in front.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Insert, case, delete, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from intake.store import schema

TRIES_BEFORE_PAUSE = 5
PAUSE = timedelta(minutes=15)
RESUME = "resume"
LOG_IN = "log_in"
LOST_CODE = "lost_code"
MAILED_BY, MAILED_TO, MAILED = "mailed_by", "mailed_to", "mailed"
DRAWN = "drawn"
A_DAY = timedelta(days=1)
UNLOCK = "unlock"
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
    """Take one off the count of `take_of_day`: it did not come to pass."""
    table = schema.attempts.c
    conn.execute(
        update(schema.attempts)
        .where(table.clinic_id == clinic_id, table.kind == kind, table.subject == subject)
        .values(failures=table.failures - 1)
    )


def _forget_yesterday(conn: Connection, kind: str, now: datetime) -> None:
    table = schema.attempts.c
    conn.execute(delete(schema.attempts).where(table.kind == kind, table.last_at <= now - A_DAY))


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
    count = table.failures + 1
    pause = literal(now + PAUSE, schema.UtcDateTime())
    upsert: Any = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement: Insert = (
        upsert(schema.attempts)
        .values(first)
        .on_conflict_do_update(
            index_elements=["clinic_id", "kind", "subject"],
            set_={
                "failures": count,
                "last_at": now,
                "paused_until": case((count % TRIES_BEFORE_PAUSE == 0, pause), else_=None),
            },
            where=or_(table.paused_until.is_(None), table.paused_until <= now),
        )
        .returning(table.failures)
    )
    return statement
