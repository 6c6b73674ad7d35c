"""Kept rows go or change for two reasons only: an erased response, or another key."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from intake.store import audit, erasing, responses, schema
from tests.unit.store.given import CLINIC, OTHER_CLINIC, make_keys
from tests.unit.store.test_migrations import fill

K1, K2 = b"1" * 32, b"2" * 32
KEPT = (schema.response_versions, schema.response_entries, schema.assessments)


def rows(store, table):
    with store.read() as conn:
        return conn.execute(select(table)).all()


@pytest.mark.parametrize("table", KEPT)
def test_without_an_erasure_no_kept_row_goes(store, table):
    fill(store)
    before = rows(store, table)
    # One of another clinic opens nothing here.
    erased = {"clinic_id": OTHER_CLINIC, "response_id": before[0].response_id, "at": store.clock()}
    with store.write() as conn:
        conn.execute(schema.erasures.insert(), erased)
    with pytest.raises(DBAPIError, match="never changed"), store.write() as conn:
        conn.execute(delete(table))
    assert rows(store, table) == before != []


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize(
    "change",
    [
        {"sealed": b"other"},
        {"kid": "k9", "sealed": b"other"},
        {"kid": "k2", "sealed": b"other", "version": 9},
        {"kid": "k2", "sealed": b"other", "response_id": "f" * 32},
    ],
)
def test_kept_rows_change_by_nothing_but_another_known_key(
    store, database_url, open_store, table, change
):
    fill(store)
    open_store(database_url, make_keys("k2", k1=K1, k2=K2)).check()
    before = rows(store, table)
    with pytest.raises(DBAPIError, match="never changed"), store.write() as conn:
        conn.execute(update(table).values(change))
    assert rows(store, table) == before
    with store.write() as conn:
        conn.execute(update(table).values(kid="k2", sealed=b"other"))
    assert {row.sealed for row in rows(store, table)} == {b"other"}


def test_the_audit_is_never_sealed_or_erased(store):
    fill(store)
    before = rows(store, schema.audit_events)
    with pytest.raises(DBAPIError, match="never changed"), store.write() as conn:
        conn.execute(delete(schema.audit_events))
    assert rows(store, schema.audit_events) == before


def test_an_erased_response_leaves_no_row_but_its_erasure(store):
    fill(store)
    with store.read() as conn:
        ids = conn.execute(select(schema.responses.c.id)).scalars().all()
    for id in ids:
        with store.write() as conn:
            erasing.remove(conn, CLINIC, [id], store.clock())
    for table in schema.metadata.sorted_tables:
        if "response_id" in table.c and table.name not in {"audit_events", "erasures"}:
            left = {row.response_id for row in rows(store, table)}
            assert left <= {None}, table.name
    assert rows(store, schema.responses) == []
    assert {row.response_id for row in rows(store, schema.erasures)} >= set(ids)
    assert audit.verify(store, CLINIC).is_whole


def test_of_another_clinic_nothing_is_removed(store):
    draft = responses.start(store, CLINIC)
    with store.write() as conn:
        erasing.remove(conn, OTHER_CLINIC, [draft.id], store.clock())
    assert responses.draft(store, CLINIC, draft.id) == draft
