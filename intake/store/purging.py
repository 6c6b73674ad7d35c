"""Removing what a clinic no longer keeps, in batches, so that nobody waits long for the database.

Whoever still has to be called, or can still open a link, keeps what was begun.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, delete, exists, func, or_, select, tuple_

from intake.store import attempts, audit, erasing, jobs, schema
from intake.store.store import Store

BATCH = 200
ATTEMPTS_KEPT = timedelta(days=90)
"""Longer than any code works: wrong tries at it count until its end."""
DAILY = (attempts.MAILED_BY, attempts.MAILED_TO, attempts.MAILED, attempts.DRAWN)

_R, _D, _I = schema.responses.c, schema.drafts.c, schema.invitations.c
_C, _V, _E = schema.call_requests.c, schema.response_versions.c, schema.response_entries.c


@dataclass(frozen=True, slots=True)
class Before:
    """What is older than these moments goes; None for never."""

    drafts: datetime
    responses: datetime | None
    invitations: datetime
    renderings: datetime


def counts(store: Store, clinic_id: int, before: Before) -> dict[str, int]:
    """How many rows of each kind would go."""
    found = {}
    with store.read() as conn:
        for kind, ids in _responses(clinic_id, before).items():
            found[kind] = conn.execute(_count(ids)).scalar_one()
        for kind, (table, which) in _rows(clinic_id, before, store.clock()).items():
            found[kind] = conn.execute(
                select(func.count()).select_from(table).where(which)
            ).scalar_one()
    return found


def purge(store: Store, clinic_id: int, before: Before, *, batch: int = BATCH) -> dict[str, int]:
    """Remove it; how many rows of each kind went. What was removed stays so if it is stopped."""
    found = {}
    for kind, ids in _responses(clinic_id, before).items():
        found[kind] = sum(_removed(store, clinic_id, kind, ids.limit(batch)))
    for kind, (table, which) in _rows(clinic_id, before, store.clock()).items():
        found[kind] = sum(_deleted(store, table, which, batch))
        if found[kind]:
            audit.note(store, clinic_id, "system", "purged", detail=f"{kind}:{found[kind]}")
    audit.note(store, clinic_id, "system", "purged", detail=f"all:{sum(found.values())}")
    return found


def _removed(store: Store, clinic_id: int, kind: str, ids: Select[str]) -> Iterator[int]:
    """Responses, batch by batch: chosen and removed in one transaction."""
    action = {"drafts": "draft_purged", "responses": "response_purged"}[kind]
    while True:
        now = store.clock()
        with store.write() as conn:
            # Held: what is saved or sent at this moment is found changed, or stays.
            chosen = conn.execute(ids.with_for_update()).scalars().all()
            if chosen:
                erasing.remove(conn, clinic_id, chosen, now)
            for id in chosen:
                audit.record(conn, clinic_id, "system", action, id, at=now)
        if not chosen:
            return
        yield len(chosen)


def _deleted(store: Store, table: Table, which: ColumnElement[bool], batch: int) -> Iterator[int]:
    key = table.primary_key.columns
    while True:
        some = select(*key).where(which).limit(batch)
        with store.write() as conn:
            gone = conn.execute(delete(table).where(tuple_(*key).in_(some))).rowcount
        if not gone:
            return
        yield gone


def _count(ids: Select[str]) -> Select[int]:
    return select(func.count()).select_from(ids.subquery())


def _responses(clinic_id: int, before: Before) -> dict[str, Select[str]]:
    found = {"drafts": _old_drafts(clinic_id, before)}
    if before.responses is not None:
        found["responses"] = _old_responses(clinic_id, before.responses)
    return found


def _old_drafts(clinic_id: int, before: Before) -> Select[str]:
    return (
        select(_R.id)
        .join(schema.drafts, and_(_D.clinic_id == _R.clinic_id, _D.response_id == _R.id))
        .where(
            _R.clinic_id == clinic_id,
            _R.status == "draft",
            _D.updated_at < before.drafts,
            ~exists().where(
                _C.clinic_id == _R.clinic_id, _C.response_id == _R.id, _C.status == "open"
            ),
            ~exists().where(
                _I.clinic_id == _R.clinic_id,
                _I.response_id == _R.id,
                _I.expires_at >= before.invitations,
            ),
        )
        .order_by(_R.id)
    )


def _old_responses(clinic_id: int, before: datetime) -> Select[str]:
    """Sent responses of people with whom nothing was done since."""
    other = schema.responses.alias()
    return (
        select(_R.id)
        .where(
            _R.clinic_id == clinic_id,
            _R.status == "sent",
            _R.sent_at < before,
            ~exists().where(_V.clinic_id == _R.clinic_id, _V.response_id == _R.id, _V.at >= before),
            ~exists().where(_E.clinic_id == _R.clinic_id, _E.response_id == _R.id, _E.at >= before),
            ~exists().where(
                other.c.clinic_id == _R.clinic_id,
                other.c.person_id == _R.person_id,
                or_(other.c.sent_at >= before, other.c.sent_at.is_(None)),
            ),
        )
        .order_by(_R.id)
    )


def _rows(
    clinic_id: int, before: Before, now: datetime
) -> dict[str, tuple[Table, ColumnElement[bool]]]:
    """What is no response, by kind: its table, and which rows of it."""
    pairs: dict[Table, Callable[[Any], ColumnElement[bool]]] = {
        schema.invitations: lambda c: c.expires_at < before.invitations,
        schema.questions_asked: lambda c: c.expires_at < before.invitations,
        schema.call_requests: lambda c: and_(
            c.response_id.is_(None), c.status != "open", c.updated_at < before.drafts
        ),
        schema.renderings: lambda c: c.created_at < before.renderings,
        schema.jobs: lambda c: and_(c.status == "failed", c.due_at < now - jobs.FAILED_KEPT),
        schema.sessions: lambda c: c.expires_at <= now,
        schema.sign_in_steps: lambda c: c.expires_at <= now,
        schema.staff_invitations: lambda c: c.expires_at <= now,
        schema.attempts: lambda c: or_(
            c.last_at < now - ATTEMPTS_KEPT,
            and_(c.kind.in_(DAILY), c.last_at <= now - attempts.A_DAY),
        ),
    }
    return {
        table.name: (table, and_(table.c.clinic_id == clinic_id, which(table.c)))
        for table, which in pairs.items()
    }
