"""Whoever left a number on a red-flag page is on the list until their response is there."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from intake.store import (
    BadValue,
    NotAllowed,
    StaleDraft,
    calls,
    entries,
    invitations,
    responses,
    schema,
)
from intake.store.staff import Staff
from tests.unit.store.given import BORN_ON, CLINIC, OTHER_CLINIC, send

ANN = Staff("a" * 32, CLINIC, "ann", "Ann Doctor", "doctor")


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
    # What is private stands among the emergencies.
    assert (call.urgency, call.cards, call.later) == ("emergency", ("E15",), ())


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


# --- Who left no number, and can be reached ------------------------------------------------------


def save(store, draft, urgency="same_day", cards=("E3a",), *, reachable=True, **answers):
    return responses.save(
        store,
        draft,
        {"answers": answers},
        urgency=urgency,
        cards=list(cards),
        reachable=reachable,
    )


def test_a_sign_and_a_way_to_reach_them_make_a_request(store, clock):
    draft = save(store, responses.start(store, CLINIC), reachable=False)
    assert calls.open(store, CLINIC) == []
    clock.advance(minutes=5)
    save(store, draft, phone="555-0101")
    (call,) = calls.open(store, CLINIC)
    assert (call.urgency, call.cards, call.later) == ("same_day", ("E3a",), ())
    assert (call.requested_at, call.saved_at) == (clock(), clock())
    assert (call.asked, call.calmer, call.document) == (
        False,
        False,
        {"answers": {"phone": "555-0101"}},
    )
    assert calls.count(store, CLINIC) == 1
    with store.read() as conn:
        actions = conn.execute(select(schema.audit_events.c.action)).scalars().all()
    assert actions.count("call_listed") == 1


@pytest.mark.parametrize(("urgency", "cards"), [("soon", ["E3c"]), ("routine", [])])
def test_nobody_is_listed_for_less_than_today(store, urgency, cards):
    save(store, responses.start(store, CLINIC), urgency, cards)
    assert calls.open(store, CLINIC) == []


def test_an_invitation_is_a_way_to_reach_them(store):
    guest = invitations.Guest("Ann Example", BORN_ON, "ann@example.org")
    made = invitations.make(store, CLINIC, guest, home="http://x", by="system")
    opened = invitations.exchange(store, CLINIC, made.code, BORN_ON, lambda _: {"answers": {}})
    assert opened is not None
    assert opened.draft is not None
    save(store, opened.draft, reachable=False)
    (call,) = calls.open(store, CLINIC)
    assert call.response_id == opened.draft.id


def test_answers_that_grew_calmer_say_so_and_stay(store):
    draft = save(store, responses.start(store, CLINIC))
    save(store, draft, "routine", [])
    (call,) = calls.open(store, CLINIC)
    assert (call.urgency, call.cards, call.calmer) == ("same_day", ("E3a",), True)


def test_a_call_takes_a_request_off_and_can_be_undone(store, clock):
    draft = save(store, responses.start(store, CLINIC))
    save(store, responses.start(store, CLINIC), "emergency", ["E8"])
    other, call = calls.open(store, CLINIC)
    assert calls.log(store, CLINIC, call.id, by=ANN, document={"outcome": "no_answer"}, done=False)
    assert len(calls.open(store, CLINIC)) == 2
    clock.advance(minutes=1)
    assert calls.log(store, CLINIC, call.id, by=ANN, document={"outcome": "reached"}, done=True)
    assert [each.id for each in calls.open(store, CLINIC)] == [other.id]
    found = calls.get(store, CLINIC, call.id)
    assert found is not None
    assert not found.is_open
    outcomes = [each.document["outcome"] for each in entries.of(store, CLINIC, draft.id)]
    assert outcomes == ["no_answer", "reached"]
    clock.advance(hours=1)
    assert calls.reopen(store, CLINIC, call.id, by=ANN.actor)
    assert calls.open(store, CLINIC) == [other, call]
    with store.read() as conn:
        done = conn.execute(select(schema.audit_events.c.action)).scalars().all()
    assert [word for word in done if word.startswith("call_") and word != "call_listed"] == [
        "call_logged",
        "call_logged",
        "call_reopened",
    ]


@pytest.mark.parametrize("state", ["private", "later", "broken"])
@pytest.mark.parametrize("document", [None, {"outcome": "reached"}])
def test_nobody_but_a_doctor_says_that_who_has_a_private_sign_was_called(store, state, document):
    draft = save(store, responses.start(store, CLINIC), cards=["E3a", "E15"])
    if state == "later":
        save(store, draft, cards=["E3a"])
    (call,) = calls.open(store, CLINIC)
    if state == "broken":
        with store.write() as conn:
            conn.execute(update(schema.call_requests).values(sealed=b"other"))
    for desk in (replace(ANN, role="front_desk"), replace(ANN, role="admin")):
        with pytest.raises(NotAllowed):
            calls.log(store, CLINIC, call.id, by=desk, document=document, done=True)
    assert [each.is_open for each in calls.open(store, CLINIC)] == [True]
    assert entries.of(store, CLINIC, draft.id) == []
    assert calls.log(store, CLINIC, call.id, by=ANN, document=document, done=True)
    assert calls.open(store, CLINIC) == []


def test_a_new_sign_after_a_call_is_a_new_request(store, clock):
    draft = save(store, responses.start(store, CLINIC))
    (call,) = calls.open(store, CLINIC)
    calls.log(store, CLINIC, call.id, by=ANN, done=True)
    clock.advance(hours=1)
    draft = save(store, draft)
    assert calls.open(store, CLINIC) == []
    draft = save(store, draft, cards=["E3a", "E8"], urgency="emergency")
    (again,) = calls.open(store, CLINIC)
    assert (again.urgency, again.requested_at) == ("emergency", clock())
    calls.log(store, CLINIC, call.id, by=ANN, done=True)
    ask(store, draft.id)
    assert len(calls.open(store, CLINIC)) == 1


def test_a_sent_response_has_no_request_to_work_on(store):
    draft = save(store, responses.start(store, CLINIC))
    (call,) = calls.open(store, CLINIC)
    send(store, draft)
    assert calls.get(store, CLINIC, call.id) is None
    assert not calls.log(store, CLINIC, call.id, by=ANN, done=True)
    assert not calls.reopen(store, CLINIC, call.id, by=ANN.actor)
    assert [each.status for each in calls.states(store, CLINIC, [call.id])] == ["sent"]
    for id in ("x", "f" * 32):
        assert calls.get(store, CLINIC, id) is None
        assert not calls.log(store, CLINIC, id, by=ANN, done=True)
        assert calls.states(store, CLINIC, [id]) == []


def test_requests_come_in_pages(store, clock):
    for number in range(5):
        clock.advance(minutes=number % 2)
        ask(store, responses.start(store, CLINIC).id, ["soon", "emergency"][number % 2])
    every = calls.open(store, CLINIC)
    assert len(every) == 5
    pages, after = [], None
    for _ in range(4):
        pages.append(calls.open(store, CLINIC, limit=2, after=after))
        after = pages[-1][-1].id if pages[-1] else after
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [call for page in pages for call in page] == every
    assert calls.open(store, CLINIC, after="junk") == every


def test_one_broken_request_leaves_the_others_readable(store):
    ask(store, responses.start(store, CLINIC).id, name="broken")
    ask(store, responses.start(store, CLINIC).id, name="whole")
    broken = calls.open(store, CLINIC)[0]
    with store.write() as conn:
        conn.execute(
            update(schema.call_requests)
            .where(schema.call_requests.c.id == broken.id)
            .values(sealed=b"x" * 40)
        )
    assert sorted(call.is_broken for call in calls.open(store, CLINIC)) == [False, True]
    assert all(call.name == "" for call in calls.open(store, CLINIC) if call.is_broken)
