"""Events hold ids and fixed words, and stand or fall with what they tell."""

import pytest
from sqlalchemy import select

from intake.store import BadValue, audit, schema
from tests.unit.store.given import CLINIC


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
