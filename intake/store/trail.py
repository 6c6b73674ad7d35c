"""The audit as administrators read it: newest first, a page at a time, and in figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from intake.store import codes, schema
from intake.store.store import Store

PAGE = 100
EXPORTED = 100_000
"""More events than this are not handed out at once."""
STAFF = "staff"
"""As an actor: anybody who works at the clinic."""

_A = schema.audit_events.c
_R = schema.responses.c


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `id` is the cursor for the page after it, `reference` "" where there is none."""

    id: int
    at: datetime
    actor: str
    action: str
    reference: str
    detail: str
    number: int | None
    chain_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; whatever is None does not narrow them down. `until` itself is left out."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    """As in an event, or `STAFF`."""
    action: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a clinic's chain."""

    number: int
    chain_hash: bytes


def last(store: Store, clinic_id: int, action: str) -> datetime | None:
    """When something was done last; None for never."""
    statement = (
        select(_A.at)
        .where(_A.clinic_id == clinic_id, _A.action == action)
        .order_by(_A.number.desc())
        .limit(1)
    )
    with store.read() as conn:
        return conn.execute(statement).scalar()


def events(
    store: Store, clinic_id: int, wanted: Wanted, *, limit: int = PAGE, before: int | None = None
) -> list[Event]:
    """The newest events that fit, older than the one with the id `before`."""
    statement = _listed(clinic_id, wanted).order_by(_A.id.desc()).limit(min(limit, EXPORTED))
    if before is not None:
        statement = statement.where(_A.id < before)
    with store.read() as conn:
        rows = conn.execute(statement).all()
    return [Event(*row) for row in rows]


def counts(store: Store, clinic_id: int, wanted: Wanted) -> list[tuple[str, str, int]]:
    """(actor, action, how many) of the events that fit."""
    statement = (
        select(_A.actor, _A.action, func.count())
        .where(*_fits(clinic_id, wanted))
        .group_by(_A.actor, _A.action)
        .order_by(_A.actor, _A.action)
    )
    with store.read() as conn:
        return [(row[0], row[1], row[2]) for row in conn.execute(statement)]


def head(store: Store, clinic_id: int) -> Head | None:
    """The end of the clinic's chain; None before its first event."""
    table = schema.audit_heads.c
    statement = select(table.number, table.chain_hash).where(table.clinic_id == clinic_id)
    with store.read() as conn:
        row = conn.execute(statement).first()
    return None if row is None else Head(row.number, row.chain_hash)


def names(store: Store, clinic_id: int) -> dict[str, str]:
    """The name of everybody who has or had a log-in, by id."""
    table = schema.staff.c
    statement = select(table.id, table.name).where(table.clinic_id == clinic_id)
    with store.read() as conn:
        rows = conn.execute(statement.order_by(table.name, table.id)).all()
    return {row.id: row.name for row in rows}


def _listed(clinic_id: int, wanted: Wanted) -> Select[tuple[Any, ...]]:
    of_response = and_(_R.clinic_id == _A.clinic_id, _R.id == _A.response_id)
    return (
        select(
            _A.id,
            _A.at,
            _A.actor,
            _A.action,
            func.coalesce(_R.reference, ""),
            func.coalesce(_A.detail, ""),
            _A.number,
            _A.chain_hash,
        )
        .join_from(schema.audit_events, schema.responses, of_response, isouter=True)
        .where(*_fits(clinic_id, wanted))
    )


def _fits(clinic_id: int, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield _A.clinic_id == clinic_id
    if wanted.since is not None:
        yield _A.at >= wanted.since
    if wanted.until is not None:
        yield _A.at < wanted.until
    if wanted.actor == STAFF:
        yield _A.actor.like("staff:%")
    elif wanted.actor is not None:
        yield _A.actor == wanted.actor
    if wanted.action is not None:
        yield _A.action == wanted.action
    if wanted.reference is not None:
        known = codes.parse_reference(wanted.reference) or ""
        named = select(_R.id).where(_R.clinic_id == clinic_id, _R.reference == known)
        yield _A.response_id == named.scalar_subquery()
