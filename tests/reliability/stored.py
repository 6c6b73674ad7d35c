"""What is stored, held against what was acknowledged."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from intake.store import Store, audit, responses, schema
from tests.reliability.deployment import CLINIC, Deployment
from tests.reliability.traffic import Counts


def faults(deployment: Deployment, counts: Counts) -> list[str]:
    """Every broken promise, in words; none is the only good answer."""
    with deployment.store() as store:
        return [
            *counts.lost,
            *_missing(store, counts),
            *_gaps(store),
            *_chain(store),
            *_sqlite_faults(store),
        ]


def _missing(store: Store, counts: Counts) -> list[str]:
    """Responses that were acknowledged but are not there, or hold other words."""
    missing = []
    for reference, words in counts.sent.items():
        found = responses.sent(store, CLINIC, reference)
        if found is None:
            missing.append(f"{reference} was acknowledged and is not there")
        elif found.document["answers"].get("main_problem", "") not in words:
            missing.append(f"{reference} does not hold what was acknowledged last")
    return missing


def _gaps(store: Store) -> list[str]:
    """Responses whose versions are not 1, 2, 3 … up to the newest."""
    table, versions = schema.responses.c, schema.response_versions.c
    newest = select(table.id, table.version).where(
        table.clinic_id == CLINIC, table.status == "sent"
    )
    counted = (
        select(versions.response_id, func.count(), func.max(versions.version))
        .where(versions.clinic_id == CLINIC)
        .group_by(versions.response_id)
    )
    with store.read() as conn:
        wanted = {row.id: (row.version, row.version) for row in conn.execute(newest)}
        there = {row[0]: (row[1], row[2]) for row in conn.execute(counted)}
    wrong = [id for id in wanted | there if there.get(id) != wanted.get(id)]
    return [f"{len(wrong)} responses have gaps in their versions"] if wrong else []


def _chain(store: Store) -> list[str]:
    """Where the audit is not whole: one row a change, each tied to the one before it."""
    found = audit.verify(store, CLINIC)
    return [] if found.is_whole else [f"audit row {found.broken_number}: {found.why}"]


def _sqlite_faults(store: Store) -> list[str]:
    if store.engine.dialect.name != "sqlite":
        return []
    with store.read() as conn:
        told: list[Any] = list(conn.exec_driver_sql("PRAGMA integrity_check").scalars())
        told += conn.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [str(each) for each in told if each != "ok"]


def count(deployment: Deployment, table: str) -> int:
    """How many rows a table has."""
    with deployment.store() as store, store.read() as conn:
        statement = select(func.count()).select_from(schema.metadata.tables[table])
        return conn.execute(statement).scalar_one()
