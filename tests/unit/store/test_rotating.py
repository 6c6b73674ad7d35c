"""Another key for every row, while others write; and no key is given up that a row needs."""

import threading
from itertools import islice

import pytest
from sqlalchemy import select

from intake.store import (
    BrokenSeal,
    KeysInUse,
    StoreUnavailable,
    audit,
    drafts,
    responses,
    rotating,
    schema,
    sealed,
)
from tests.unit.store.given import CLINIC, make_keys
from tests.unit.store.test_migrations import fill

K1, K2 = b"1" * 32, b"2" * 32
OLD, BOTH, NEW = make_keys(), make_keys("k2", k1=K1, k2=K2), make_keys("k2", k2=K2)


@pytest.fixture
def new(store, database_url, open_store):
    """The store of who rotates, with the new key in use; `store` is a server with the old one."""

    def begin():
        opened = open_store(database_url, BOTH)
        opened.check()
        return opened

    return begin


def all_opened(store):
    with store.read() as conn:
        return sorted(sealed.opened(store, conn))


def test_every_value_is_the_same_under_the_new_key_alone(
    store, new, database_url, open_store, clock
):
    fill(store)
    before = [each for each in all_opened(store) if each[0] != "canaries"]
    rotating_store = new()
    count = sum(rotating.left(rotating_store).values())
    assert count == len(before)
    assert sum(rotating.reseal(rotating_store, 2)) == count
    assert not any(rotating.left(rotating_store).values())
    clock.advance(minutes=3)
    assert rotating.retire(rotating_store) == ["k1"]
    alone = open_store(database_url, NEW)
    alone.check()
    assert [each for each in all_opened(alone) if each[0] != "canaries"] == before
    assert audit.verify(alone, CLINIC).is_whole


def test_stopped_after_any_batch_it_goes_on(store, new):
    fill(store)
    rotating_store = new()
    count = sum(rotating.left(rotating_store).values())
    done = sum(islice(rotating.reseal(rotating_store, 1), 4))
    assert done == 4
    assert sum(rotating.left(rotating_store).values()) == count - 4
    assert sum(rotating.reseal(rotating_store, 3)) == count - 4
    all_opened(rotating_store)


def test_what_is_saved_between_reading_and_writing_stays(store, new, monkeypatch):
    draft = responses.start(store, CLINIC)
    rotating_store = new()
    real = rotating_store.vault.seal
    saved: list[responses.Draft] = []

    def seal(plain, place):
        if place.table == "drafts" and not saved:
            saved.append(responses.save(store, draft, {"answers": {"a": "new"}}, urgency="soon"))
        return real(plain, place)

    monkeypatch.setattr(rotating_store.vault, "seal", seal)
    list(rotating.reseal(rotating_store))
    found = responses.draft(rotating_store, CLINIC, draft.id)
    assert found == saved[0]
    assert not any(rotating.left(rotating_store).values())


def test_servers_save_meanwhile_and_lose_nothing(store, new, database_url, open_store):
    """Servers that began with the old key learn of the new one; no save fails, none is lost."""
    begun = [responses.start(store, CLINIC) for _ in range(4)]
    ring, kept, faults, stop = [OLD], {}, [], threading.Event()

    def serve(draft):
        server = open_store(database_url, OLD)
        server.vault._renewed = lambda: ring[-1]
        number = 0
        while not stop.is_set() or number < 10:
            number += 1
            try:
                draft = responses.save(server, draft, {"answers": {"n": number}}, urgency="soon")
            except Exception as fault:
                faults.append(fault)
                return
        kept[draft.id] = draft

    threads = [threading.Thread(target=serve, args=(draft,)) for draft in begun]
    for thread in threads:
        thread.start()
    ring.append(BOTH)
    rotating_store = new()
    list(rotating.reseal(rotating_store, 1))
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    list(rotating.reseal(rotating_store))
    for draft in begun:
        assert responses.draft(rotating_store, CLINIC, draft.id) == kept[draft.id]
    with rotating_store.read() as conn:
        assert set(conn.execute(select(schema.drafts.c.kid)).scalars()) == {"k2"}


def test_a_key_that_a_row_needs_is_not_given_up(store, new, clock):
    responses.start(store, CLINIC)
    rotating_store = new()
    clock.advance(minutes=3)
    with pytest.raises(KeysInUse, match="drafts still needs"):
        rotating.retire(rotating_store)
    assert rotating.used(rotating_store) == {"k1", "k2"}


def test_a_key_is_not_given_up_before_servers_know_the_new_one(store, new, clock):
    responses.start(store, CLINIC)
    rotating_store = new()
    list(rotating.reseal(rotating_store))
    clock.advance(seconds=119)
    with pytest.raises(KeysInUse, match="two minutes"):
        rotating.retire(rotating_store)
    clock.advance(seconds=2)
    assert rotating.retire(rotating_store) == ["k1"]


def test_a_server_that_overslept_it_stores_nothing_unreadable(store, new, clock):
    responses.start(store, CLINIC)
    rotating_store = new()
    list(rotating.reseal(rotating_store))
    clock.advance(minutes=3)
    rotating.retire(rotating_store)
    with pytest.raises(StoreUnavailable, match="keys have changed"):
        responses.start(store, CLINIC)
    with rotating_store.read() as conn:
        assert set(conn.execute(select(schema.drafts.c.kid)).scalars()) == {"k2"}


def test_a_transaction_that_sealed_with_a_key_keeps_it(postgresql_url, open_store, clock):
    """Whoever gives the key up waits for it, and then sees its row."""
    store, other = open_store(postgresql_url, OLD), open_store(postgresql_url, BOTH)
    store.check()
    other.check()
    clock.advance(minutes=3)
    refused = []

    def retire():
        try:
            rotating.retire(other)
        except KeysInUse as fault:
            refused.append(str(fault))

    thread = threading.Thread(target=retire)
    with store.write() as conn:
        drafts.begin(store, conn, CLINIC, {})
        store._hold_keys(conn)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join()
    assert len(refused) == 1
    assert rotating.used(other) == {"k1", "k2"}


def test_a_value_of_a_key_that_came_later_opens(store, new, database_url, open_store):
    server = open_store(database_url, OLD)
    rotating_store = new()
    draft = responses.start(rotating_store, CLINIC)
    with pytest.raises(BrokenSeal, match="k2"):
        responses.draft(server, CLINIC, draft.id)
    server.vault._renewed = lambda: BOTH
    assert responses.draft(server, CLINIC, draft.id) == draft
    assert server.vault.current == "k2"


def test_keys_with_another_index_key_are_not_taken(store, open_store, database_url):
    server = open_store(database_url, OLD)
    server.vault._renewed = lambda: make_keys("k2", index_key=b"j" * 32, k1=K1, k2=K2)
    assert not server.vault.knows("k2")
    assert server.vault.current == "k1"
