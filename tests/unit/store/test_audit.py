"""Events hold ids and fixed words, and stand or fall with what they tell."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from intake.store import BadValue, audit, schema
from tests.unit.store.given import CLINIC, OTHER_CLINIC


def events(store):
    with store.read() as conn:
        return conn.execute(select(schema.audit_events).order_by(schema.audit_events.c.id)).all()


def test_a_reading_is_noted(store, clock):
    audit.note(store, CLINIC, "staff:" + "b" * 32, "response_opened", "a" * 32, "pdf")
    (event,) = events(store)
    assert (event.clinic_id, event.at, event.detail) == (CLINIC, clock(), "pdf")
    assert (event.actor, event.action) == ("staff:" + "b" * 32, "response_opened")


@pytest.mark.parametrize("text", ["Ann Example", "", "x" * 65, "a\x00", "a\nb", "Ä"])
@pytest.mark.parametrize("field", ["actor", "action", "response_id", "detail"])
def test_free_text_is_refused(store, field, text):
    event = {"actor": "system", "action": "x"} | {field: text}
    with pytest.raises(BadValue):
        audit.note(store, CLINIC, **event)
    assert events(store) == []


def test_events_keep_their_order(store):
    for number in range(5):
        audit.note(store, CLINIC, "system", f"step_{number}")
    assert [event.action for event in events(store)] == [f"step_{number}" for number in range(5)]


# --- The chain ---------------------------------------------------------------------------------


@pytest.fixture
def chained(store):
    for number in range(6):
        audit.note(store, CLINIC, "system", f"step_{number}")
        audit.note(store, OTHER_CLINIC, "system", f"other_{number}")
    assert audit.verify(store, CLINIC).is_whole
    return store


def tamper(store, *statements):
    """As the owner of the database may, who can take the triggers away."""
    with store.write() as conn:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("ALTER TABLE audit_events DISABLE TRIGGER USER")
        else:
            for trigger in ("no_update", "no_delete", "no_replace"):
                conn.exec_driver_sql(f"DROP TRIGGER audit_events_{trigger}")
        for statement in statements:
            conn.exec_driver_sql(statement)


COPIED = (
    "INSERT INTO audit_events (clinic_id, at, actor, action, number, chain_hash) "
    "SELECT clinic_id, at, actor, 'made_up', number + 3, chain_hash FROM audit_events "
    "WHERE clinic_id = 7 AND number = 4"
)


@pytest.mark.parametrize(
    ("statements", "number"),
    [
        (["UPDATE audit_events SET actor = 'patient' WHERE clinic_id = 7 AND number = 3"], 3),
        (["UPDATE audit_events SET detail = 'x' WHERE clinic_id = 7 AND number = 1"], 1),
        (["DELETE FROM audit_events WHERE clinic_id = 7 AND number = 4"], 4),
        (["DELETE FROM audit_events WHERE clinic_id = 7 AND number = 6"], 6),
        (["DELETE FROM audit_events WHERE clinic_id = 7"], 1),
        (["DELETE FROM audit_heads WHERE clinic_id = 7"], 1),
        ([COPIED], 7),
        (
            [
                "UPDATE audit_events SET number = 99 WHERE clinic_id = 7 AND number = 2",
                "UPDATE audit_events SET number = 2 WHERE clinic_id = 7 AND number = 3",
                "UPDATE audit_events SET number = 3 WHERE clinic_id = 7 AND number = 99",
            ],
            2,
        ),
        (["UPDATE audit_events SET number = NULL WHERE clinic_id = 7 AND number = 6"], 1),
    ],
    ids="changed first removed last_removed emptied headless added reordered unnumbered".split(),
)
def test_the_first_broken_row_is_named(chained, statements, number):
    tamper(chained, *statements)
    found = audit.verify(chained, CLINIC)
    assert not found.is_whole
    assert found.broken_number == number
    assert audit.verify(chained, OTHER_CLINIC).is_whole


def test_rows_from_before_the_chain_are_covered(store):
    old = {"clinic_id": CLINIC, "at": store.clock(), "actor": "system", "action": "old_step"}
    with store.write() as conn:
        conn.execute(schema.audit_events.insert(), [old, old | {"action": "old_too"}])
    audit.note(store, CLINIC, "system", "step")
    assert audit.verify(store, CLINIC).number == 1
    tamper(store, "UPDATE audit_events SET action = 'other' WHERE number IS NULL")
    assert audit.verify(store, CLINIC).broken_number == 1


def test_a_transaction_that_fails_leaves_no_link(chained):
    def fall_over():
        with chained.write() as conn:
            audit.record(conn, CLINIC, "system", "half", at=chained.clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fall_over()
    audit.note(chained, CLINIC, "system", "whole")
    assert audit.verify(chained, CLINIC).number == 7
    assert "half" not in {event.action for event in events(chained)}


def test_many_writers_make_one_chain(store):
    def write(writer):
        for number in range(10):
            audit.note(store, CLINIC, "system", f"writer_{writer}.{number}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    found = audit.verify(store, CLINIC)
    assert (found.is_whole, found.number) == (True, 60)
