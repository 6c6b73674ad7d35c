"""Every place where sealed values stand: what a change of keys and a drill go through.

The places themselves are made by the modules that seal; a test fills each table by those modules
and opens every row by this list.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from intake.store import schema
from intake.store.crypto import Place, Sealed
from intake.store.schema import AnyRow
from intake.store.store import DEPLOYMENT, Store


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One sealed column; `place` gives where a row's value stands."""

    table: Table
    place: Callable[[AnyRow], Place]
    kid: str = "kid"
    sealed: str = "sealed"

    @property
    def key(self) -> tuple[Column[Any], ...]:
        """The primary key's columns."""
        return tuple(self.table.primary_key.columns)

    def value(self, row: AnyRow) -> Sealed | None:
        """What is sealed in a row; None where nothing is."""
        found = row._mapping
        data = found[self.sealed]
        return None if data is None else Sealed(found[self.kid], bytes(data))


def _by_id(table: Table) -> SealedColumn:
    name = table.name
    return SealedColumn(table, lambda row: Place(row.clinic_id, name, "sealed", row.id, 1))


def _version(row: AnyRow) -> Place:
    return Place(row.clinic_id, "response_versions", "sealed", row.response_id, row.version)


def _assessment(row: AnyRow) -> Place:
    id = f"{row.response_id}/{row.rules_version}"
    return Place(row.clinic_id, "assessments", "sealed", id, row.version)


def _rendering(row: AnyRow) -> Place:
    return Place(row.clinic_id, "renderings", row.kind, row.response_id, row.record_rev)


def _step(row: AnyRow) -> Place:
    return Place(row.clinic_id, "sign_in_steps", "sealed", bytes(row.token_hash).hex(), 1)


COLUMNS = (
    SealedColumn(
        schema.drafts,
        lambda row: Place(row.clinic_id, "drafts", "sealed", row.response_id, row.rev),
    ),
    SealedColumn(schema.response_versions, _version),
    _by_id(schema.response_entries),
    SealedColumn(schema.assessments, _assessment),
    SealedColumn(schema.renderings, _rendering),
    _by_id(schema.questions_asked),
    _by_id(schema.invitations),
    _by_id(schema.jobs),
    _by_id(schema.call_requests),
    _by_id(schema.emergency_access),
    SealedColumn(schema.sign_in_steps, _step),
    SealedColumn(
        schema.staff,
        lambda row: Place(row.clinic_id, "staff", "totp_sealed", row.id, 1),
        kid="totp_kid",
        sealed="totp_sealed",
    ),
)
"""All but the canaries, which stay with the key that they prove."""

CANARIES = SealedColumn(
    schema.canaries, lambda row: Place(DEPLOYMENT, "canaries", "sealed", row.kid, 1)
)


def opened(store: Store, conn: Connection) -> Iterator[tuple[str, bytes]]:
    """Table and opened bytes of every sealed value; raises `BrokenSeal` where one does not open."""
    for column in (*COLUMNS, CANARIES):
        statement = select(column.table).execution_options(yield_per=500)
        with conn.execute(statement) as rows:
            for row in rows:
                value = column.value(row)
                if value is not None:
                    yield column.table.name, store.vault.open(value, column.place(row))
