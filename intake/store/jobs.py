"""Work for after the reply: drawing PDFs, mail, notices. It survives a crash of whoever does it.

A job is added in the transaction of what it follows. Who takes it holds it for a while; when he
dies, the next one takes it after that. So a job is done at least once, by one at a time.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, literal, or_, select, tuple_, update

from intake.store import audit, schema
from intake.store.crypto import Place, Sealed
from intake.store.errors import BadValue
from intake.store.schema import AnyRow
from intake.store.store import Store

HELD = timedelta(minutes=3)
"""Longer than any job may take; after that whoever held it counts as dead."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
"""Before each further try; after the last one a job counts as failed."""
NOBODY = "none"
"""The subject of a job that is about nobody whom an id names."""
FAILED_KEPT = timedelta(days=30)

_J = schema.jobs.c


@dataclass(frozen=True, slots=True)
class Job:
    """A job that is held by whoever took it; `attempts` counts this one."""

    clinic_id: int
    id: str
    kind: str
    subject: str
    attempts: int
    created_at: datetime
    document: dict[str, Any] = field(repr=False)


def add(
    store: Store,
    conn: Connection,
    clinic_id: int,
    kind: str,
    subject: str,
    document: Mapping[str, Any] | None = None,
    *,
    due_at: datetime | None = None,
) -> str:
    """Add a job to an open write transaction; its id. `subject` is an id, never a name."""
    now, id = store.clock(), secrets.token_hex(16)
    sealed = store.vault.seal_document(document or {}, _place(clinic_id, id))
    row = {
        "clinic_id": clinic_id,
        "id": id,
        "kind": kind,
        "subject": subject,
        "status": "due",
        "attempts": 0,
        "kid": sealed.kid,
        "sealed": sealed.data,
        "created_at": now,
        "due_at": due_at or now,
    }
    conn.execute(insert(schema.jobs), row)
    return id


def add_once(store: Store, conn: Connection, clinic_id: int, kind: str, subject: str) -> None:
    """As `add`, unless the same job is waiting already and nobody has begun with it."""
    waiting = conn.execute(
        select(_J.id).where(
            _J.clinic_id == clinic_id,
            _J.kind == kind,
            _J.subject == subject,
            _J.status == "due",
            _J.attempts == 0,
        )
    ).first()
    if waiting is None:
        add(store, conn, clinic_id, kind, subject)


def add_mail(
    store: Store, clinic_id: int, subject: str, document: Mapping[str, Any], *, by: str, event: str
) -> None:
    """Have a mail sent soon, in a transaction of its own that records it."""
    with store.write() as conn:
        add(store, conn, clinic_id, "mail", subject, document)
        detail = None if subject == NOBODY else subject
        audit.record(conn, clinic_id, by, event, at=store.clock(), detail=detail)


def take(store: Store) -> Job | None:
    """The next job that is due, held from now on; None when there is none.

    Looks before it writes: waiting for work costs no write.
    """
    now = store.clock()
    with store.read() as conn:
        if conn.execute(_next(now)).first() is None:
            return None
    # Of two who take at the same moment, the second passes over the locked row (PostgreSQL), or
    # waits and finds it held (SQLite).
    chosen = _next(now).with_for_update(skip_locked=True).subquery()
    statement = (
        update(schema.jobs)
        .where(tuple_(_J.clinic_id, _J.id).in_(select(chosen.c.clinic_id, chosen.c.id)))
        .values(held_until=now + HELD, attempts=_J.attempts + 1)
        .returning(schema.jobs)
    )
    with store.write() as conn:
        row = conn.execute(statement).first()
    return None if row is None else _job(store, row)


def finish(store: Store, job: Job) -> None:
    """The job is done, and nothing of it is kept; nor of earlier ones that gave up on the same."""
    gave_up = and_(
        _J.clinic_id == job.clinic_id,
        _J.kind == job.kind,
        _J.subject == job.subject,
        _J.subject != NOBODY,
        _J.status == "failed",
    )
    with store.write() as conn:
        conn.execute(delete(schema.jobs).where(or_(_is(job), gave_up)))


def fail(store: Store, job: Job, fault: str, *, for_good: bool = False) -> bool:
    """The job went wrong: try later, or never again; whether that was the last time.

    `fault` is a fixed word. Does nothing for a job that somebody else has taken meanwhile.
    """
    if len(fault) > schema.WORD_LENGTH:
        raise BadValue("A fault is a fixed word.")
    now = store.clock()
    is_last = for_good or job.attempts > len(PAUSES)
    values: dict[str, Any] = {"fault": fault, "held_until": None}
    if is_last:
        values |= {"status": "failed", "due_at": now}
    else:
        values["due_at"] = now + PAUSES[job.attempts - 1]
    with store.write() as conn:
        conn.execute(
            update(schema.jobs).where(_is(job), _J.attempts == job.attempts).values(values)
        )
        conn.execute(
            delete(schema.jobs).where(
                _J.clinic_id == job.clinic_id,
                _J.status == "failed",
                _J.due_at < now - FAILED_KEPT,
            )
        )
    return is_last


def count(store: Store, clinic_id: int) -> dict[str, int]:
    """How many jobs of a clinic wait ("due") or went wrong for good ("failed")."""
    statement = select(_J.status, func.count()).where(_J.clinic_id == clinic_id).group_by(_J.status)
    with store.read() as conn:
        found = {row[0]: row[1] for row in conn.execute(statement)}
    return {status: found.get(status, 0) for status in schema.JOB_STATES}


@dataclass(frozen=True, slots=True)
class Backlog:
    """The work of all clinics: jobs by state, and by how many seconds the oldest is late."""

    by_state: Mapping[str, int]
    late_seconds: float


def backlog(store: Store) -> Backlog:
    """How much work waits in the whole deployment, for those who watch it; not for a clinic."""
    statement = select(_J.status, func.count(), func.min(_J.due_at)).group_by(_J.status)
    with store.read() as conn:
        found = {row[0]: (row[1], row[2]) for row in conn.execute(statement)}
    oldest = found.get("due", (0, None))[1]
    late = (store.clock() - oldest).total_seconds() if oldest else 0.0
    return Backlog({each: found.get(each, (0,))[0] for each in schema.JOB_STATES}, max(late, 0.0))


def faults(store: Store, clinic_id: int) -> list[str]:
    """Why jobs of a clinic were put off or went wrong for good: fixed words."""
    statement = (
        select(_J.fault)
        .where(_J.clinic_id == clinic_id, _J.fault.is_not(None), _J.fault != "")
        .group_by(_J.fault)
        .order_by(_J.fault)
    )
    with store.read() as conn:
        return list(conn.execute(statement).scalars())


def state(store: Store, clinic_id: int, kind: str, subject: str) -> str:
    """How the newest job about something stands: "due", "failed", or "" for done or none."""
    statement = (
        select(_J.status)
        .where(_J.clinic_id == clinic_id, _J.kind == kind, _J.subject == subject)
        .order_by(_J.created_at.desc(), _J.id)
        .limit(1)
    )
    with store.read() as conn:
        return conn.execute(statement).scalar() or ""


def states(store: Store, clinic_id: int, kind: str, subjects: Sequence[str]) -> dict[str, str]:
    """As `state`, by subject; done ones and those without a job are left out."""
    statement = (
        select(_J.subject, _J.status)
        .where(_J.clinic_id == clinic_id, _J.kind == kind, _J.subject.in_(subjects))
        .order_by(_J.created_at, _J.id.desc())
    )
    with store.read() as conn:
        return {row.subject: row.status for row in conn.execute(statement)}


def _next(now: datetime) -> Any:
    moment = literal(now, _J.due_at.type)
    return (
        select(_J.clinic_id, _J.id)
        .where(
            _J.status == "due",
            _J.due_at <= moment,
            or_(_J.held_until.is_(None), _J.held_until <= moment),
        )
        .order_by(_J.due_at, _J.id)
        .limit(1)
    )


def _is(job: Job) -> Any:
    return and_(_J.clinic_id == job.clinic_id, _J.id == job.id)


def _job(store: Store, row: AnyRow) -> Job:
    document = store.vault.open_document(Sealed(row.kid, row.sealed), _place(row.clinic_id, row.id))
    return Job(row.clinic_id, row.id, row.kind, row.subject, row.attempts, row.created_at, document)


def _place(clinic_id: int, id: str) -> Place:
    return Place(clinic_id, "jobs", "sealed", id, 1)
