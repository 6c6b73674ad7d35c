"""Assessments by later rules, beside the one sealed with each version and never over it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from intake.store import audit, schema
from intake.store.crypto import Place, Sealed
from intake.store.drafts import ID
from intake.store.listing import Listed
from intake.store.store import Store

_A = schema.assessments.c


@dataclass(frozen=True, slots=True)
class Rescored:
    """What later rules make of a version; `assessment` as the one in a sealed document."""

    version: int
    rules_version: str
    at: datetime
    assessment: dict[str, Any] = field(repr=False)


def add(
    store: Store,
    clinic_id: int,
    rules_version: str,
    found: Iterable[tuple[Listed, Mapping[str, Any]]],
) -> None:
    """Keep the assessments of several versions, all of them or none."""
    now = store.clock()
    with store.write() as conn:
        for row, assessment in found:
            place = _place(clinic_id, row.id, row.version, rules_version)
            sealed = store.vault.seal_document(assessment, place)
            values = {
                "clinic_id": clinic_id,
                "response_id": row.id,
                "version": row.version,
                "rules_version": rules_version,
                "at": now,
                "kid": sealed.kid,
                "sealed": sealed.data,
            }
            conn.execute(insert(schema.assessments), values)
            audit.record(conn, clinic_id, "system", "rescored", row.id, at=now)


def without(
    store: Store, clinic_id: int, rules_version: str, rows: Iterable[Listed]
) -> list[Listed]:
    """Those versions that these rules did not judge yet, sealed or beside."""
    others = [row for row in rows if row.document["rules_version"] != rules_version]
    statement = select(_A.response_id, _A.version).where(
        _A.clinic_id == clinic_id,
        _A.rules_version == rules_version,
        _A.response_id.in_([row.id for row in others]),
    )
    with store.read() as conn:
        judged = {(row.response_id, row.version) for row in conn.execute(statement)}
    return [row for row in others if (row.id, row.version) not in judged]


def newest(store: Store, clinic_id: int, response_id: str, version: int) -> Rescored | None:
    """The newest of a version's later assessments."""
    if not ID.fullmatch(response_id):
        return None
    statement = (
        select(schema.assessments)
        .where(_A.clinic_id == clinic_id, _A.response_id == response_id, _A.version == version)
        .order_by(_A.at.desc(), _A.rules_version.desc())
    )
    with store.read() as conn:
        row = conn.execute(statement).first()
    if row is None:
        return None
    place = _place(clinic_id, response_id, version, row.rules_version)
    opened = store.vault.open_document(Sealed(row.kid, row.sealed), place)
    return Rescored(version, row.rules_version, row.at, opened)


def _place(clinic_id: int, response_id: str, version: int, rules_version: str) -> Place:
    row = f"{response_id}/{rules_version}"
    return Place(clinic_id, "assessments", "sealed", row, version)
