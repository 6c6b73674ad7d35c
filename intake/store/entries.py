"""What staff do with a response, and what comes of it: entries that are only ever added.

An entry's words are sealed; its kind, time and author stand in plain columns. It is written in the
transaction of what it tells.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from intake.store import jobs, schema
from intake.store.crypto import Place, Sealed
from intake.store.drafts import ID, is_response
from intake.store.errors import BadValue
from intake.store.schema import AnyRow
from intake.store.store import Store

_E = schema.response_entries.c


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a response's record; `kind` is one of `schema.ENTRY_KINDS`.

    `by` is "staff:<id>", "patient" or "system"; `version` is the response's at that time.
    """

    id: str
    kind: str
    by: str
    at: datetime
    version: int
    document: dict[str, Any] = field(repr=False)


def add(
    store: Store,
    conn: Connection,
    clinic_id: int,
    response_id: str,
    kind: str,
    by: str,
    document: Mapping[str, Any],
    *,
    version: int,
) -> str:
    """Add an entry to an open write transaction; its id."""
    if kind not in schema.ENTRY_KINDS:
        raise BadValue("There is no such kind of entry.")
    id = _next_id(conn, clinic_id, response_id)
    sealed = store.vault.seal_document(document, _place(clinic_id, id))
    row = {
        "clinic_id": clinic_id,
        "id": id,
        "response_id": response_id,
        "version": version,
        "kind": kind,
        "by": by,
        "at": store.clock(),
        "kid": sealed.kid,
        "sealed": sealed.data,
    }
    conn.execute(insert(schema.response_entries), row)
    return id


def of(store: Store, clinic_id: int, response_id: str) -> list[Entry]:
    """All entries of a response, oldest first."""
    if not ID.fullmatch(response_id):
        return []
    statement = (
        select(schema.response_entries)
        .where(_E.clinic_id == clinic_id, _E.response_id == response_id)
        .order_by(_E.at, _E.id)
    )
    with store.read() as conn:
        rows = conn.execute(statement).all()
    return [opened(store, row) for row in rows]


TWICE = timedelta(minutes=1)


def is_said_again(
    store: Store,
    clinic_id: int,
    response_id: str,
    kind: str,
    by: str,
    document: Mapping[str, Any],
    *,
    version: int,
) -> bool:
    """Whether the last entry is this very one, a moment ago: a button that was pressed twice.

    Only who holds the response can rely on it.
    """
    made = of(store, clinic_id, response_id)
    if not made or made[-1].at + TWICE < store.clock():
        return False
    last = made[-1]
    return (last.kind, last.by, last.version, last.document) == (kind, by, version, dict(document))


def touch(store: Store, conn: Connection, clinic_id: int, response_id: str) -> None:
    """Count a change that the doctor's page shows: what was drawn before is old, and drawn anew."""
    table = schema.responses
    conn.execute(
        update(table)
        .where(is_response(clinic_id, response_id))
        .values(record_rev=table.c.record_rev + 1)
    )
    jobs.add_once(store, conn, clinic_id, "summary", response_id)


def touch_joined(store: Store, conn: Connection, clinic_id: int, response_id: str) -> None:
    """As `touch`, and for the person's other responses too: their pages may compare with it."""
    table = schema.responses
    person = select(table.c.person_id).where(is_response(clinic_id, response_id))
    joined = conn.execute(
        select(table.c.id).where(
            table.c.clinic_id == clinic_id, table.c.person_id == person.scalar_subquery()
        )
    ).scalars()
    for id in sorted({response_id, *joined}):
        touch(store, conn, clinic_id, id)


def _next_id(conn: Connection, clinic_id: int, response_id: str) -> str:
    """Begins with the entry's number: of two of the same moment the later one sorts later."""
    mine = (_E.clinic_id == clinic_id, _E.response_id == response_id)
    number = conn.execute(select(func.count()).where(*mine)).scalar_one()
    return f"{number:08x}{secrets.token_hex(12)}"


def opened(store: Store, row: AnyRow) -> Entry:
    """The entry of a row; raises `BrokenSeal` where it does not open."""
    document = words_of(store, row.clinic_id, row.id, Sealed(row.kid, row.sealed))
    return Entry(row.id, row.kind, row.by, row.at, row.version, document)


def words_of(store: Store, clinic_id: int, id: str, sealed: Sealed) -> dict[str, Any]:
    """An entry's words alone; raises `BrokenSeal` where they do not open."""
    return store.vault.open_document(sealed, _place(clinic_id, id))


def _place(clinic_id: int, id: str) -> Place:
    return Place(clinic_id, "response_entries", "sealed", id, 1)
