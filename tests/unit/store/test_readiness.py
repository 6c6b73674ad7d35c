"""What the look at a running database finds, on both engines."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, text

from intake.store import StoreUnavailable, readiness, responses
from tests.unit.store.given import CLINIC, make_keys


def test_a_database_in_order_has_no_fault(store):
    assert readiness.fault(store) == ""


def test_looking_changes_no_row(store):
    def rows() -> Any:
        with store.read() as conn:
            return conn.execute(text("SELECT * FROM canaries")).all()

    before = rows()
    readiness.fault(store)
    assert rows() == before


def test_a_database_that_may_only_be_read_is_named(store):
    _make_read_only(store)
    assert readiness.fault(store) == readiness.READ_ONLY
    with pytest.raises(StoreUnavailable):
        responses.start(store, CLINIC)


def _make_read_only(store) -> None:
    store.engine.dispose()

    def prepare(connection: Any, _: object) -> None:
        if store.engine.dialect.name == "sqlite":
            connection.execute("PRAGMA query_only = ON")
            return
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        connection.commit()

    event.listen(store.engine, "connect", prepare)


def test_tables_that_wait_for_their_migration_are_named(store):
    with store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert readiness.fault(store) == readiness.MIGRATIONS


def test_a_database_without_tables_is_named(empty_url, open_store):
    assert readiness.fault(open_store(empty_url)) == readiness.MIGRATIONS


def test_tables_ahead_of_this_program_are_no_fault(store):
    with store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert readiness.fault(store) == ""


def test_other_keys_are_named(store, database_url, open_store):
    assert readiness.fault(open_store(database_url, make_keys(k1=b"2" * 32))) == readiness.KEYS


def test_a_database_that_does_not_answer_is_named(open_store):
    away = open_store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert readiness.fault(away) == readiness.DATABASE
