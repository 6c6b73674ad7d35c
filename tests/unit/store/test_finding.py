"""A draft is found by its owner's name and birth date, by nobody else's, and not read."""

from datetime import date

import pytest
from sqlalchemy import select

from intake.store import StaleDraft, finding, responses, schema
from intake.store.finding import Owner, Owners
from tests.unit.store.given import BORN_ON, CLINIC, OTHER_CLINIC, send

NOBODY = Owner("", None)
JOSE = Owner("José O’Brien-Nguyễn", BORN_ON)
STAFF = "staff:" + "a" * 32


def keep(store, draft, now, was=NOBODY):
    return responses.save(store, draft, draft.document, urgency="soon", owner=Owners(was, now))


@pytest.fixture
def draft(store):
    return keep(store, responses.start(store, CLINIC), JOSE)


def found(store, name, born_on=BORN_ON, clinic=CLINIC):
    return [each.id for each in finding.found_again(store, clinic, name, born_on)]


@pytest.mark.parametrize(
    "heard", ["José O’Brien-Nguyễn", "jose", "O'Brien", "NGUYEN jose", "obrien, José", "Jose Jose"]
)
def test_every_part_of_the_name_finds_it_with_or_without_accents(store, draft, heard):
    assert found(store, heard) == [draft.id]


@pytest.mark.parametrize("heard", ["", "  -", "Jo", "Jose Miller", "Jos", "%", "José 李"])
def test_another_name_finds_nothing(store, draft, heard):
    assert found(store, heard) == []


def test_another_birth_date_or_clinic_finds_nothing(store, draft):
    assert found(store, "José", date(1971, 4, 6)) == []
    assert found(store, "José", clinic=OTHER_CLINIC) == []


def test_a_corrected_name_and_date_are_found_and_the_old_ones_not(store, draft):
    corrected = Owner("Joe Nguyen", date(1972, 4, 5))
    draft = keep(store, draft, corrected, JOSE)
    assert found(store, "Joe Nguyen", corrected.born_on) == [draft.id]
    assert found(store, "José", corrected.born_on) == []
    assert found(store, "Nguyen") == []
    keep(store, draft, NOBODY, corrected)
    assert found(store, "Joe", corrected.born_on) == []
    with store.read() as conn:
        assert conn.execute(select(schema.name_words)).all() == []


def test_what_does_not_get_stored_is_not_found_either(store, draft):
    keep(store, draft, JOSE, JOSE)
    with pytest.raises(StaleDraft):
        keep(store, draft, Owner("Zoe", BORN_ON), JOSE)
    assert found(store, "Zoe") == []
    assert found(store, "Jose") == [draft.id]


def test_a_sent_form_is_not_found(store, draft):
    send(store, draft)
    assert found(store, "José") == []
    assert found(store, "Ann Example") == []


def test_two_of_one_name_and_day_are_both_found_the_last_saved_first(store, draft, clock):
    clock.advance(hours=1)
    other = keep(store, responses.start(store, CLINIC), JOSE)
    assert found(store, "José") == [other.id, draft.id]
    first = finding.found_again(store, CLINIC, "José", BORN_ON)[0]
    assert (first.begun_at, first.saved_at) == (clock.now, clock.now)


def test_look_ups_are_counted_and_recorded(store, draft, clock):
    def look_up(name):
        return finding.find(store, CLINIC, name, BORN_ON, by=STAFF)

    for _ in range(5):
        assert look_up("Nobody") == ()
    assert look_up("José") is None
    clock.advance(minutes=15)
    assert [each.id for each in look_up("José") or ()] == [draft.id]
    finding.settled(store, CLINIC, by=STAFF)
    for _ in range(5):
        assert look_up("José")
    assert look_up("José") is None
    table = schema.audit_events.c
    with store.read() as conn:
        looked = conn.execute(
            select(table.actor, table.detail, table.response_id).where(
                table.action == "draft_looked_up"
            )
        ).all()
    assert {each.actor for each in looked} == {STAFF}
    assert [each.detail for each in looked] == [
        *["none"] * 5,
        "paused",
        *["one"] * 6,
        "paused",
    ]
    assert {each.response_id for each in looked if each.detail == "one"} == {draft.id}


def test_one_person_s_pause_is_not_another_s(store, draft):
    for _ in range(6):
        finding.find(store, CLINIC, "Nobody", BORN_ON, by=STAFF)
    assert finding.find(store, CLINIC, "José", BORN_ON, by="staff:" + "b" * 32)
