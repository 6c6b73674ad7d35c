"""The list of sealed values names every one of them, at the place where it was sealed."""

from sqlalchemy import LargeBinary

from intake.store import schema, sealed
from tests.unit.store.test_migrations import fill


def test_every_table_that_seals_is_on_the_list():
    named = {
        (table.name, column.name)
        for table in schema.metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary) and column.name.endswith("sealed")
    }
    assert named == {(c.table.name, c.sealed) for c in (*sealed.COLUMNS, sealed.CANARIES)}


def test_every_sealed_value_opens_at_its_place(store):
    fill(store)
    with store.read() as conn:
        tables = {name for name, _plain in sealed.opened(store, conn)}
    assert tables == {column.table.name for column in (*sealed.COLUMNS, sealed.CANARIES)}
