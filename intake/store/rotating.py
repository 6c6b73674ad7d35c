"""Sealing every row with the current key, batch by batch, while others read and write.

A row is changed only if it is still as it was read: what somebody saves meanwhile is theirs, and
looked at again. Where it stopped is not kept: whatever has another key is still to be done.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, literal, select, tuple_, update

from intake.store import schema, sealed
from intake.store.errors import KeysInUse, StoreUnavailable
from intake.store.schema import AnyRow
from intake.store.sealed import SealedColumn
from intake.store.store import DEPLOYMENT, Store

BATCH = 50
TRIES = 5
NOTICED = timedelta(minutes=2)
"""So long after a new key's first use every server has met it."""

_K = schema.canaries.c


def left(store: Store) -> dict[str, int]:
    """How many rows of each table are sealed with another key than the current one."""
    with store.read() as conn:
        return {
            column.table.name: conn.execute(
                select(func.count()).select_from(column.table).where(_is_old(store, column))
            ).scalar_one()
            for column in sealed.COLUMNS
        }


def used(store: Store) -> frozenset[str]:
    """The keys that ever sealed something, and were not given up."""
    with store.read() as conn:
        return frozenset(conn.execute(select(_K.kid)).scalars())


def reseal(store: Store, batch: int = BATCH) -> Iterator[int]:
    """Go through every table until nothing has an old key; yields how many a batch changed."""
    for column in sealed.COLUMNS:
        last: AnyRow | None = None
        while rows := _next(store, column, last, batch):
            begun = time.monotonic()
            yield _tried(store, column, rows)
            last = rows[-1]
            # As long a pause as it took: others come to write in between.
            time.sleep(min(0.1, time.monotonic() - begun))
    if any(left(store).values()):
        yield from reseal(store, batch)


def retire(store: Store) -> list[str]:
    """Give up every key but the current one; their names.

    Raises `KeysInUse` while a row needs one, or a server may not know the current one yet.
    """
    with store.write() as conn:
        # Whoever sealed with an old key holds its row until what was sealed can be seen here.
        rows = conn.execute(
            select(_K.kid, _K.created_at).where(_K.clinic_id == DEPLOYMENT).with_for_update()
        ).all()
        current = next(row for row in rows if row.kid == store.vault.current)
        old = sorted(row.kid for row in rows if row.kid != current.kid)
        if old and current.created_at + NOTICED > store.clock():
            raise KeysInUse("The new key is younger than two minutes; try again then.")
        for column in sealed.COLUMNS:
            found = conn.execute(select(column.table).where(_is_old(store, column)).limit(1))
            if found.first() is not None:
                raise KeysInUse(f"{column.table.name} still needs an old key: run rotate-keys.")
        conn.execute(delete(schema.canaries).where(_K.kid.in_(old)))
    return old


def _is_old(store: Store, column: SealedColumn) -> ColumnElement[bool]:
    return column.table.c[column.kid] != store.vault.current


def _next(store: Store, column: SealedColumn, last: AnyRow | None, batch: int) -> list[AnyRow]:
    statement = select(column.table).where(_is_old(store, column))
    if last is not None:
        values = [literal(last._mapping[each.name], each.type) for each in column.key]
        statement = statement.where(tuple_(*column.key) > tuple_(*values))
    with store.read() as conn:
        return list(conn.execute(statement.order_by(*column.key).limit(batch)))


def _tried(store: Store, column: SealedColumn, rows: list[AnyRow]) -> int:
    """Seal some rows; of two who wait for each other's rows one begins again."""
    for _ in range(TRIES - 1):
        try:
            return _sealed(store, column, rows)
        except StoreUnavailable:
            time.sleep(0.1)
    return _sealed(store, column, rows)


def _sealed(store: Store, column: SealedColumn, rows: list[AnyRow]) -> int:
    changes = [_change(store, column, row) for row in rows]
    with store.write() as conn:
        return sum(conn.execute(change).rowcount for change in changes)


def _change(store: Store, column: SealedColumn, row: AnyRow) -> Any:
    """Another seal for a row, if it still is what it was."""
    old, place, table = column.value(row), column.place(row), column.table
    if old is None:
        raise ValueError(f"{table.name} has a key without a sealed value")
    new = store.vault.seal(store.vault.open(old, place), place)
    same = [each == row._mapping[each.name] for each in column.key]
    return (
        update(table)
        .where(and_(*same, table.c[column.kid] == old.kid, table.c[column.sealed] == old.data))
        .values({column.kid: new.kid, column.sealed: new.data})
    )
