"""Whoever left a number on a red-flag page is on the list until their response is there."""

import pytest
from sqlalchemy import select

from intake.store import BadValue, StaleDraft, calls, responses, schema
from tests.unit.store.given import CLINIC, OTHER_CLINIC, send


def ask(store, draft_id, urgency="same_day", name="Ann", phone="555-0101", cards=("E3",)):
    calls.request(
        store, CLINIC, draft_id, name=name, phone=phone, urgency=urgency, cards=list(cards)
    )


def stored(store):
    with store.read() as conn:
        return conn.execute(select(schema.call_requests)).all()


def test_a_request_is_listed_at_once(store, clock):
    draft = responses.start(store, CLINIC)
    ask(store, draft.id)
    (call,) = calls.open(store, CLINIC)
    assert (call.name, call.phone, call.cards) == ("Ann", "555-0101", ("E3",))
    assert (call.urgency, call.requested_at) == ("same_day", clock())
    assert (call.response_id, call.reference) == (draft.id, draft.reference)


def test_most_urgent_first_then_longest_waiting(store, clock):
    for name, urgency in [("a", "soon"), ("b", "emergency"), ("c", "same_day"), ("d", "emergency")]:
        clock.advance(minutes=1)
        ask(store, responses.start(store, CLINIC).id, urgency, name)
    assert [call.name for call in calls.open(store, CLINIC)] == ["b", "d", "c", "a"]


def test_sending_takes_the_request_off_the_list_and_keeps_it(store):
    draft, other = responses.start(store, CLINIC), responses.start(store, CLINIC)
    ask(store, draft.id, name="gone")
    ask(store, other.id, name="stays")
    send(store, draft)
    assert [call.name for call in calls.open(store, CLINIC)] == ["stays"]
    assert sorted(row.status for row in stored(store)) == ["open", "sent"]


def test_a_second_request_replaces_the_details_and_keeps_place_and_urgency(store, clock):
    draft = responses.start(store, CLINIC)
    asked_at = clock()
    ask(store, draft.id, "emergency", "Ann", "555-0101", ["E1"])
    clock.advance(hours=1)
    ask(store, draft.id, "soon", "Ann Example", "555-0102", ["E9"])
    (call,) = calls.open(store, CLINIC)
    assert (call.name, call.phone) == ("Ann Example", "555-0102")
    assert (call.urgency, call.cards) == ("emergency", ("E1", "E9"))
    assert (call.requested_at, call.updated_at) == (asked_at, clock())


def test_a_second_request_may_be_more_urgent(store):
    draft = responses.start(store, CLINIC)
    ask(store, draft.id, "soon")
    ask(store, draft.id, "emergency")
    assert [call.urgency for call in calls.open(store, CLINIC)] == ["emergency"]


@pytest.mark.parametrize("draft_id", [None, "junk", "0" * 32, "\x00"])
def test_without_a_draft_the_request_still_counts(store, draft_id):
    ask(store, draft_id)
    ask(store, draft_id)
    assert [call.reference for call in calls.open(store, CLINIC)] == [None, None]


def test_a_request_after_sending_is_kept_and_not_called_unsent(store):
    draft = responses.start(store, CLINIC)
    send(store, draft)
    ask(store, draft.id)
    assert calls.open(store, CLINIC) == []
    assert len(stored(store)) == 1


def test_other_clinics_are_kept_apart(store):
    draft = responses.start(store, OTHER_CLINIC)
    ask(store, draft.id)
    assert calls.open(store, OTHER_CLINIC) == []
    assert [call.response_id for call in calls.open(store, CLINIC)] == [None]


def test_one_of_name_and_phone_is_enough(store):
    ask(store, None, name="", phone=" 555-0101 ")
    ask(store, None, name="Ann", phone="")
    assert {(call.name, call.phone) for call in calls.open(store, CLINIC)} == {
        ("", "555-0101"),
        ("Ann", ""),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " ", "phone": ""},
        {"name": "x" * 501},
        {"phone": "5" * 101},
        {"name": "x\x00"},
        {"urgency": "red"},
        {"cards": ["x" * 33]},
        {"cards": [f"E{number}" for number in range(51)]},
    ],
)
def test_what_is_no_request_is_refused(store, wrong):
    with pytest.raises(BadValue):
        ask(store, None, **wrong)
    assert stored(store) == []


def test_a_request_does_not_print_who_asked(store):
    ask(store, None, name="Zyxcanary", phone="555-0199", cards=["E7"])
    printed = repr(calls.open(store, CLINIC))
    assert not any(word in printed for word in ("Zyxcanary", "0199", "E7"))


def test_a_request_follows_every_save_of_its_draft(store, clock):
    draft = responses.start(store, CLINIC)
    asked_at = clock()
    ask(store, draft.id, "same_day", cards=["E3a"])
    ask(store, responses.start(store, CLINIC).id, "soon", name="other", cards=["E9a"])
    clock.advance(hours=1)
    draft = responses.save(store, draft, {}, urgency="emergency", cards=["E3a", "E15"])
    call, other = calls.open(store, CLINIC)
    assert (call.urgency, call.cards, call.later) == ("emergency", ("E15", "E3a"), ("E15",))
    assert (call.name, call.phone) == ("Ann", "555-0101")
    # When the number was left stays.
    assert (call.requested_at, call.updated_at) == (asked_at, asked_at)
    assert (other.urgency, other.cards, other.later) == ("soon", ("E9a",), ())


def test_what_is_taken_back_frees_no_number(store):
    draft = responses.start(store, CLINIC)
    ask(store, draft.id, "same_day", cards=["E15"])
    responses.save(store, draft, {}, urgency="routine", cards=[])
    (call,) = calls.open(store, CLINIC)
    assert (call.urgency, call.cards, call.later) == ("same_day", ("E15",), ())


def test_a_number_left_again_is_left_in_sight_of_all(store):
    draft = responses.start(store, CLINIC)
    ask(store, draft.id, cards=["E3a"])
    responses.save(store, draft, {}, urgency="same_day", cards=["E15"])
    ask(store, draft.id, phone="555-0102", cards=["E15"])
    (call,) = calls.open(store, CLINIC)
    assert (call.phone, call.cards, call.later) == ("555-0102", ("E15", "E3a"), ())


def test_a_save_that_is_too_late_changes_no_request(store):
    draft = responses.start(store, CLINIC)
    ask(store, draft.id, "soon", cards=["E9a"])
    responses.save(store, draft, {}, urgency="soon", cards=["E9a"])
    with pytest.raises(StaleDraft):
        responses.save(store, draft, {}, urgency="emergency", cards=["E8"])
    assert [call.cards for call in calls.open(store, CLINIC)] == [("E9a",)]


def test_a_save_with_cards_that_are_none_is_refused(store):
    draft = responses.start(store, CLINIC)
    with pytest.raises(BadValue):
        responses.save(store, draft, {}, urgency="soon", cards=["x" * 33])
