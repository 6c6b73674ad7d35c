"""The application starts only with the keys that its database was sealed with."""

import pytest
from sqlalchemy import delete

from intake.store import StoreNotReady, responses, schema
from tests.unit.store.given import CLINIC, make_keys

K1, K2 = b"1" * 32, b"2" * 32


def test_the_same_keys_open_it_again(store, database_url, open_store):
    open_store(database_url).check()


def test_another_key_of_the_same_name_is_refused(store, database_url, open_store):
    with pytest.raises(StoreNotReady, match="'k1' is not the one"):
        open_store(database_url, make_keys(k1=K2)).check()


def test_a_ring_without_the_key_in_use_is_refused(store, database_url, open_store):
    with pytest.raises(StoreNotReady, match="lacks key 'k1'"):
        open_store(database_url, make_keys("k2", k2=K2)).check()


def test_another_index_key_is_refused(store, database_url, open_store):
    with pytest.raises(StoreNotReady, match="index key"):
        open_store(database_url, make_keys(index_key=b"j" * 32)).check()


def test_a_new_current_key_opens_old_rows_and_is_kept_from_then_on(store, database_url, open_store):
    old = responses.save(
        store, responses.start(store, CLINIC), {"answers": {"a": "b"}}, urgency="soon"
    )
    rotated = open_store(database_url, make_keys("k2", k1=K1, k2=K2))
    rotated.check()
    assert responses.draft(rotated, CLINIC, old.id) == old
    responses.start(rotated, CLINIC)
    with pytest.raises(StoreNotReady, match="lacks key 'k2'"):
        open_store(database_url).check()


def test_a_lost_canary_is_not_made_anew_over_rows(store):
    responses.start(store, CLINIC)
    with store.write() as conn:
        conn.execute(delete(schema.canaries))
    with pytest.raises(StoreNotReady, match="lost the row"):
        store.check()


def test_a_refusal_leaves_no_connection_open(store, database_url, open_store):
    other = open_store(database_url, make_keys(k1=K2))
    with pytest.raises(StoreNotReady):
        other.check()
    assert other.engine.pool.checkedin() == 0
