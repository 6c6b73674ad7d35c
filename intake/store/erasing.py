"""Removing responses with all that belongs to them; what the audit says of them are ids, and stay.

A removed response stands in `erasures`: the triggers that keep versions, entries and assessments
let only those rows go.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, delete, insert, select

from intake.store import schema

_R = schema.responses.c

# In an order in which nothing points at a row that is gone.
_PARTS = (
    schema.drafts,
    schema.assessments,
    schema.renderings,
    schema.response_entries,
    schema.response_versions,
    schema.questions_asked,
    schema.invitations,
    schema.call_requests,
    schema.name_words,
)


def remove(conn: Connection, clinic_id: int, ids: Sequence[str], at: datetime) -> dict[str, int]:
    """Remove responses and drafts in an open write transaction; how many rows of each table."""
    conn.execute(
        select(_R.id)
        .where(_R.clinic_id == clinic_id, _R.id.in_(ids))
        .order_by(_R.id)
        .with_for_update()
    )
    subjects = [*ids, *subjects_of(conn, clinic_id, ids)]
    erased = [{"clinic_id": clinic_id, "response_id": id, "at": at} for id in ids]
    conn.execute(insert(schema.erasures), erased)
    counts = {table.name: _delete(conn, clinic_id, table, "response_id", ids) for table in _PARTS}
    for table in (schema.jobs, schema.attempts, schema.sessions):
        counts[table.name] = _delete(conn, clinic_id, table, "subject", subjects)
    counts["responses"] = _delete(conn, clinic_id, schema.responses, "id", ids)
    return counts


def subjects_of(conn: Connection, clinic_id: int, ids: Sequence[str]) -> list[str]:
    """By what else than their ids work and tries name these responses: questions, invitations."""
    found: list[str] = []
    for table in (schema.questions_asked, schema.invitations):
        found += conn.execute(
            select(table.c.id).where(table.c.clinic_id == clinic_id, table.c.response_id.in_(ids))
        ).scalars()
    return found


def _delete(
    conn: Connection, clinic_id: int, table: Table, column: str, values: Sequence[str]
) -> int:
    gone = conn.execute(
        delete(table).where(table.c.clinic_id == clinic_id, table.c[column].in_(values))
    )
    return gone.rowcount
