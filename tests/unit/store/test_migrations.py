"""Migrations go up, down and up again with rows in the tables, and end where the code begins."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from intake.store import StoreNotReady, calls, engine, migrate, responses, schema, sessions, staff
from intake.store.responses import Draft
from tests.unit.store.given import BORN_ON, CLINIC, send, settings_for


def fill(store) -> Draft:
    """Put a row into every table; gives the draft that stays one."""
    send(store, responses.start(store, CLINIC))
    draft = responses.save(
        store, responses.start(store, CLINIC), {"answers": {"a": "b"}}, urgency="soon"
    )
    responses.issue_code(store, draft, BORN_ON)
    calls.request(store, CLINIC, draft.id, name="Ann", phone="", urgency="emergency", cards=["E1"])
    staff.add(store, CLINIC, "ann", "Ann", "doctor", "a long password")
    staff.check(store, CLINIC, "ann", "wrong")
    sessions.open(store, CLINIC, "patient", draft.id)
    return draft


def count_rows(store):
    with store.read() as conn:
        return {
            table.name: len(conn.execute(table.select()).all())
            for table in schema.metadata.tables.values()
        }


def tables_of(database_url):
    opened = engine.build(database_url)
    names = set(inspect(opened).get_table_names()) - {"alembic_version"}
    opened.dispose()
    return names


def test_up_down_and_up_with_rows(empty_url, open_store):
    settings = settings_for(empty_url)
    migrate.upgrade(settings)
    store = open_store(empty_url)
    store.check()
    fill(store)
    assert all(count_rows(store).values())
    store.engine.dispose()

    migrate.downgrade(settings, "base")
    assert tables_of(empty_url) == set()

    migrate.upgrade(settings)
    assert tables_of(empty_url) == set(schema.metadata.tables)
    store.check()
    fill(store)
    assert all(count_rows(store).values())


def test_migrating_again_changes_nothing(database_url, store):
    draft = fill(store)
    before = count_rows(store)
    migrate.upgrade(settings_for(database_url))
    assert count_rows(store) == before
    assert responses.draft(store, CLINIC, draft.id) == draft


def test_migrations_make_the_tables_that_the_code_uses(store):
    with store.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_the_code_knows_the_newest_revision():
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


def test_every_table_carries_the_clinic():
    assert all("clinic_id" in table.c for table in schema.metadata.tables.values())


def test_a_database_that_was_not_migrated_is_refused(empty_url, open_store):
    with pytest.raises(StoreNotReady, match="flask intake migrate"):
        open_store(empty_url).check()


def test_a_database_of_another_revision_is_refused(store):
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = 'other'")
    with pytest.raises(StoreNotReady, match="revision other"):
        store.check()
