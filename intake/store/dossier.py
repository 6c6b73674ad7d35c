"""All that is held on one person, opened: to hand out, and to compare before it is erased."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from intake.store import audit, codes, erasing, schema, sealed
from intake.store.errors import StaleResponse
from intake.store.schema import AnyRow
from intake.store.store import Store

_R, _A = schema.responses.c, schema.audit_events.c

# Drawn PDFs say the same again, and hashes of a name's words tell nobody anything.
_LEFT_OUT = {"renderings", "name_words"}
_PASSING = (schema.jobs, schema.sessions, schema.attempts)
_PLACES = {column.table.name: column for column in sealed.COLUMNS}


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is held on one person: `held` and `passing` are rows by table, `events` the audit's.

    `passing` changes by itself (work that waits, who is logged in). Times are ISO, in UTC.
    """

    clinic_id: int
    ids: tuple[str, ...]
    references: tuple[str, ...]
    newest_at: datetime
    """When something was done last: a response begun or sent, a version or an entry made."""
    held: dict[str, list[dict[str, Any]]] = field(repr=False)
    passing: dict[str, list[dict[str, Any]]] = field(repr=False)
    events: list[dict[str, Any]] = field(repr=False)

    def digest(self, store: Store) -> str:
        """A keyed digest of `held`: another one after any change of it."""
        told = json.dumps([self.clinic_id, self.held], sort_keys=True, ensure_ascii=False)
        return store.vault.keyed_digest("dossier", told.encode())


def of(store: Store, clinic_id: int, reference: str) -> Dossier | None:
    """By the reference of one of the person's responses or drafts, with those joined to it."""
    with store.read() as conn:
        return _collected(store, conn, clinic_id, reference)


def erase(
    store: Store, clinic_id: int, reference: str, digest: str | None, *, reason: str
) -> dict[str, int]:
    """Remove a person; how many rows of each table went.

    `digest` is what a written export holds: raises `StaleResponse`, and removes nothing, when it
    is not that of what is held now. `reason` is a fixed word.
    """
    now = store.clock()
    with store.write() as conn:
        found = _collected(store, conn, clinic_id, reference, holds=True)
        if found is None or (digest is not None and found.digest(store) != digest):
            raise StaleResponse("What is held has changed since it was written out.")
        counts = erasing.remove(conn, clinic_id, found.ids, now)
        for id in found.ids:
            audit.record(conn, clinic_id, "system", "response_erased", id, reason, at=now)
    return counts


def _collected(
    store: Store, conn: Connection, clinic_id: int, reference: str, *, holds: bool = False
) -> Dossier | None:
    rows = _responses(conn, clinic_id, reference, holds=holds)
    if not rows:
        return None
    ids = tuple(row.id for row in rows)
    others = erasing.subjects_of(conn, clinic_id, ids)
    held = {"responses": [_plain(row) for row in rows]}
    for table in schema.metadata.sorted_tables:
        if "response_id" in table.c and table.name in _PLACES and table.name not in _LEFT_OUT:
            held[table.name] = _opened(store, conn, clinic_id, table, "response_id", ids)
    passing = {
        table.name: _opened(store, conn, clinic_id, table, "subject", [*ids, *others])
        for table in _PASSING
    }
    return Dossier(
        clinic_id=clinic_id,
        ids=ids,
        references=tuple(row.reference for row in rows),
        newest_at=max(_moments(rows, held)),
        held=held,
        passing=passing,
        events=_events(conn, clinic_id, ids, others),
    )


def _moments(rows: Sequence[AnyRow], held: dict[str, list[dict[str, Any]]]) -> Iterator[datetime]:
    yield from (row.sent_at or row.created_at for row in rows)
    for table in ("response_versions", "response_entries"):
        yield from (datetime.fromisoformat(each["at"]) for each in held[table])


def _responses(
    conn: Connection, clinic_id: int, reference: str, *, holds: bool
) -> Sequence[AnyRow]:
    parsed = codes.parse_reference(reference)
    person = select(_R.person_id).where(_R.clinic_id == clinic_id, _R.reference == parsed)
    statement = (
        select(schema.responses)
        .where(
            _R.clinic_id == clinic_id,
            or_(_R.reference == parsed, _R.person_id == person.scalar_subquery()),
        )
        .order_by(_R.created_at, _R.id)
    )
    return conn.execute(statement.with_for_update() if holds else statement).all()


def _opened(
    store: Store,
    conn: Connection,
    clinic_id: int,
    table: Table,
    column: str,
    values: Sequence[str],
) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(table)
        .where(table.c.clinic_id == clinic_id, table.c[column].in_(values))
        .order_by(*table.primary_key.columns)
    )
    return [_with_document(store, table, row) for row in rows]


def _with_document(store: Store, table: Table, row: AnyRow) -> dict[str, Any]:
    told = _plain(row)
    place = _PLACES.get(table.name)
    value = None if place is None else place.value(row)
    if place is not None and value is not None:
        told["document"] = store.vault.open_document(value, place.place(row))
    return told


def _plain(row: AnyRow) -> dict[str, Any]:
    """The readable columns: no ciphertext and no hash."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row._asdict().items()
        if name not in {"clinic_id", "kid"} and not isinstance(value, bytes) and value is not None
        if not name.endswith("_hash")
    }


def _events(
    conn: Connection, clinic_id: int, ids: Sequence[str], others: Sequence[str]
) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(schema.audit_events)
        .where(
            _A.clinic_id == clinic_id,
            or_(_A.response_id.in_(ids), _A.detail.in_([*ids, *others])),
        )
        .order_by(_A.id)
    )
    return [_plain(row) for row in rows]
