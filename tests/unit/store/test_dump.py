"""What a backup holds, at the store's edge: earlier revisions, and what is not known here."""

import pytest
from sqlalchemy import inspect

from intake.store import BackupRefused, audit, dump, engine, schema, sealed
from tests.unit.store.given import CLINIC
from tests.unit.store.test_migrations import fill

NEWER = {"emergency_access"}
"""Tables that came after revision 0005."""


def of_0005(store):
    """Columns and parts of each table, as a program of that revision would have written them."""
    named = {name: each for name, each in dump.columns().items() if name not in NEWER}
    with dump.snapshot(store) as conn:
        tables = schema.metadata.tables
        return named, {name: list(dump.parts(conn, tables[name], named[name])) for name in named}


def test_a_backup_of_an_earlier_revision_is_brought_up_to_date(store, empty_url, open_store):
    fill(store)
    named, parts = of_0005(store)
    # Beside the store's own file, where both are SQLite's.
    url = empty_url.replace("intake.sqlite", "new.sqlite")
    with dump.filling(url, "0005", named) as filled:
        for name, each in parts.items():
            for part in each:
                filled.add(name, part.lines)
        assert filled.figures() == {name: dump.figure(each) for name, each in parts.items()}
    new = open_store(url)
    new.check()
    with new.read() as conn:
        opened = {name for name, _plain in sealed.opened(new, conn)}
    assert opened == {c.table.name for c in (*sealed.COLUMNS, sealed.CANARIES)} - NEWER
    # The triggers came with the tables, and numbers go on after the last one.
    audit.note(new, CLINIC, "system", "backup_restored")
    assert audit.verify(new, CLINIC).is_whole


@pytest.mark.parametrize(
    ("revision", "more", "why"),
    [
        ("9999", {}, "not known here"),
        ("0005", {"strangers": ["clinic_id"]}, "tables that this program does not know"),
        ("0005", {"responses": ["clinic_id", "stranger"]}, "columns that this program"),
    ],
)
def test_what_is_not_known_here_changes_nothing(empty_url, revision, more, why):
    named = {name: each for name, each in dump.columns().items() if name not in NEWER}
    with pytest.raises(BackupRefused, match=why), dump.filling(empty_url, revision, named | more):
        pass
    opened = engine.build(empty_url)
    assert inspect(opened).get_table_names() == []
    opened.dispose()
