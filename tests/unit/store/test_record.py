"""What staff do with a sent response: entry, columns and audit together; what was sent stays."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from intake.store import (
    BadValue,
    NotAllowed,
    StaleResponse,
    accounts,
    entries,
    record,
    responses,
    schema,
    staff,
)
from intake.store.record import Decision, Plan, Seen
from tests.unit.store.given import CLINIC, OTHER_CLINIC, correction, sent_once

THREADS = 8
TODAY = date(2026, 3, 2)
SIGN = {"name": "chest", "holds": True, "level": "emergency", "private": False}
PRIVATE = {"name": "home", "holds": True, "level": "same_day", "private": True}
ABSENT = {"name": "cough", "holds": False, "level": "soon", "private": False}


@pytest.fixture
def ann(store):
    return staff.add(store, CLINIC, "ann", "Ann Doctor", "doctor", "a long password")


@pytest.fixture
def desk(store):
    return staff.add(store, CLINIC, "desk", "Dee Desk", "front_desk", "a long password")


def found(store, urgency="routine", band="LIKELY", lane="new", findings=(ABSENT,)):
    assessment = {"urgency": urgency, "band": band, "findings": list(findings)}
    response = sent_once(store, urgency, assessment=assessment)
    with store.write() as conn:
        conn.execute(update(schema.responses).values(lane=lane))
    return response


def reread(store, response):
    again = responses.sent(store, CLINIC, response.reference)
    assert again is not None
    return again


def now(store, response):
    state = record.state(store, CLINIC, response.id)
    assert state is not None
    return state


def kinds(store, response):
    return [entry.kind for entry in entries.of(store, CLINIC, response.id)]


def events(store):
    table = schema.audit_events.c
    with store.read() as conn:
        rows = conn.execute(
            select(table.action, table.detail)
            .where(table.action.startswith("response_"))
            .order_by(table.id)
        ).all()
    return [tuple(row) for row in rows]


def decide(store, response, by, urgency, band="LIKELY", reason="", seen=None):
    seen = seen or now(store, response).seen
    record.decide(store, CLINIC, response, Decision(urgency, band, reason), seen, by=by)


def plan(store, response, by, what, until=None, note="", seen=None):
    seen = seen or now(store, response).seen
    record.plan(store, CLINIC, response.id, Plan(what, until, note), seen, by=by, today=TODAY)


# --- Read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lane", "after"), [
    ("new", "read"), ("call", "call"), ("done", "done"), ("waiting", "waiting"),
])  # fmt: skip
def test_marking_read_moves_what_is_new(store, ann, lane, after):
    response = found(store, lane=lane)
    record.mark_read(store, CLINIC, response.id, 1, by=ann, today=TODAY)
    record.mark_read(store, CLINIC, response.id, 1, by=ann, today=TODAY)
    (entry,) = entries.of(store, CLINIC, response.id)
    assert (entry.kind, entry.by, entry.version) == ("read", ann.actor, 1)
    assert entry.document == {"by_name": "Ann Doctor"}
    assert now(store, response).lane == after
    assert now(store, response).seen == Seen(1, 0)
    assert events(store)[-1] == ("response_marked_read", None)
    assert len(events(store)) == 2


def test_what_came_back_on_its_day_counts_as_new(store, ann):
    response = found(store)
    plan(store, response, ann, "not_now", TODAY + timedelta(days=1))
    for day, lane in ((TODAY, "waiting"), (TODAY + timedelta(days=1), "read")):
        other = staff.add(store, CLINIC, lane, lane, "doctor", "a long password")
        record.mark_read(store, CLINIC, response.id, 1, by=other, today=day)
        assert now(store, response).lane == lane
    assert now(store, response).due_on is None


def test_a_version_that_was_not_seen_is_not_marked_read(store, ann):
    response = found(store)
    responses.amend(store, CLINIC, response, correction({}))
    with pytest.raises(StaleResponse):
        record.mark_read(store, CLINIC, response.id, 1, by=ann, today=TODAY)
    assert kinds(store, response) == ["corrected"]
    assert now(store, response).lane == "new"


# --- Decide -------------------------------------------------------------------------------------


def test_agreeing_needs_no_reason_and_keeps_the_urgency(store, ann):
    response = found(store, "soon", findings=(SIGN, ABSENT))
    decide(store, response, ann, "soon")
    (entry,) = entries.of(store, CLINIC, response.id)
    assert entry.document == {
        "urgency": "soon",
        "band": "LIKELY",
        "decided_urgency": "soon",
        "decided_band": "LIKELY",
        "agrees": True,
        "reason": "",
        "rules": ["chest"],
        "by_name": "Ann Doctor",
    }
    state = now(store, response)
    assert (state.lane, state.urgency, state.seen) == ("read", "soon", Seen(1, 1))
    assert events(store)[-1] == ("response_decided", "agreed")


def test_another_result_needs_a_reason_and_what_was_sent_stays(store, ann):
    response = found(store, "soon")
    with pytest.raises(BadValue):
        decide(store, response, ann, "same_day", reason=" \n")
    assert kinds(store, response) == []
    decide(store, response, ann, "same_day", "ASSESS", " Falls.\r\nTwice ")
    (entry,) = entries.of(store, CLINIC, response.id)
    assert entry.document["reason"] == "Falls.\nTwice"
    assert entry.document["agrees"] is False
    again = reread(store, response)
    assert again.document == response.document
    assert again.urgency == now(store, response).urgency == "same_day"
    assert events(store)[-1] == ("response_decided", "overridden")


def test_the_same_urgency_with_another_band_needs_a_reason_too(store, ann):
    with pytest.raises(BadValue):
        decide(store, found(store), ann, "routine", "POSSIBLE")


@pytest.mark.parametrize(("was", "lane", "decided", "after"), [
    ("soon", "done", "same_day", "call"),
    ("soon", "waiting", "emergency", "call"),
    ("same_day", "read", "same_day", "read"),
    ("same_day", "new", "same_day", "read"),
    ("same_day", "call", "same_day", "call"),
    ("emergency", "call", "soon", "read"),
    ("routine", "done", "soon", "done"),
])  # fmt: skip
def test_the_lane_follows_the_decision(store, ann, was, lane, decided, after):
    response = found(store, was, lane=lane)
    decide(store, response, ann, decided, reason="seen")
    assert now(store, response).lane == after


def test_a_private_sign_stays_where_somebody_calls(store, ann):
    response = found(store, "same_day", lane="call", findings=(PRIVATE,))
    decide(store, response, ann, "routine", reason="seen")
    # Its place stays among the emergencies: it would tell how urgent it is.
    assert (now(store, response).lane, now(store, response).urgency) == ("call", "emergency")


@pytest.mark.parametrize("change", ["decided", "planned", "corrected"])
def test_a_decision_on_what_was_changed_meanwhile_is_refused(store, ann, desk, change):
    response = found(store, "soon")
    seen = now(store, response).seen
    if change == "decided":
        decide(store, response, desk, "soon")
    elif change == "planned":
        plan(store, response, desk, "book")
    else:
        responses.amend(store, CLINIC, response, correction({}))
    with pytest.raises(StaleResponse):
        decide(store, response, ann, "emergency", reason="seen", seen=seen)
    with pytest.raises(StaleResponse):
        plan(store, response, ann, "refer", seen=seen)
    assert kinds(store, response) == [change]
    assert now(store, response).urgency == "soon"


def test_a_button_pressed_twice_acts_once(store, ann):
    response = found(store, "soon")
    seen = now(store, response).seen
    for _ in range(2):
        decide(store, response, ann, "routine", reason="seen", seen=seen)
    seen = now(store, response).seen
    for _ in range(2):
        plan(store, response, ann, "book", seen=seen)
    assert kinds(store, response) == ["decided", "planned"]


def test_a_decision_on_an_older_document_is_refused(store, ann):
    response = found(store, "soon")
    responses.amend(store, CLINIC, response, correction({}))
    with pytest.raises(StaleResponse):
        decide(store, response, ann, "soon")


def test_a_decision_stays_with_its_version(store, ann):
    response = found(store, "soon")
    decide(store, response, ann, "emergency", reason="seen")
    responses.amend(store, CLINIC, reread(store, response), correction({}))
    assert [(e.kind, e.version) for e in entries.of(store, CLINIC, response.id)] == [
        ("decided", 1),
        ("corrected", 2),
    ]
    assert now(store, response).urgency == "emergency"


def test_of_many_decisions_at_once_exactly_one_is_kept(store):
    response = found(store, "soon")
    seen = now(store, response).seen
    doctors = [
        staff.add(store, CLINIC, f"d{n}", f"Doctor {n}", "doctor", "a long password")
        for n in range(THREADS)
    ]
    gate = Barrier(THREADS)

    def try_it(doctor):
        gate.wait(timeout=30)
        try:
            decide(store, response, doctor, "routine", reason="seen", seen=seen)
        except StaleResponse:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        kept = list(pool.map(try_it, doctors))
    assert kept.count(True) == 1
    (entry,) = entries.of(store, CLINIC, response.id)
    assert entry.by == doctors[kept.index(True)].actor


@pytest.mark.parametrize(("urgency", "band"), [("later", "LIKELY"), ("soon", "GREAT")])
def test_other_words_are_refused(store, ann, urgency, band):
    with pytest.raises(BadValue):
        decide(store, found(store), ann, urgency, band, "seen")


# --- Notes and calls ----------------------------------------------------------------------------


def test_a_note_is_added_and_changes_nothing_else(store, ann):
    response = found(store, lane="call")
    before = now(store, response)
    record.add_note(store, CLINIC, response.id, "  Ask about falls\n", by=ann)
    (entry,) = entries.of(store, CLINIC, response.id)
    assert entry.document == {"text": "Ask about falls", "by_name": "Ann Doctor"}
    assert now(store, response) == before
    assert events(store)[-1] == ("response_noted", None)


@pytest.mark.parametrize("text", [" ", "x" * (record.TEXT_LENGTH + 1), "a\0b"])
def test_a_note_has_words_and_an_end(store, ann, text):
    with pytest.raises(BadValue):
        record.add_note(store, CLINIC, found(store).id, text, by=ann)


@pytest.mark.parametrize("change", [update, delete])
def test_no_entry_is_ever_changed(store, ann, change):
    record.add_note(store, CLINIC, found(store).id, "A note", by=ann)
    statement = change(schema.response_entries)
    values = {} if change is delete else {"kind": "read"}
    with pytest.raises(DBAPIError), store.write() as conn:
        conn.execute(statement, values) if values else conn.execute(statement)


@pytest.mark.parametrize("outcome", record.OUTCOMES)
def test_only_who_was_reached_needs_no_call_any_more(store, desk, outcome):
    response = found(store, lane="call")
    record.log_call(store, CLINIC, response.id, outcome, " Back at 4 ", by=desk)
    (entry,) = entries.of(store, CLINIC, response.id)
    assert entry.document == {
        "outcome": outcome,
        "note": "Back at 4",
        "by_role": "front_desk",
        "by_name": "Dee Desk",
    }
    assert now(store, response).lane == ("new" if outcome == "reached" else "call")
    assert events(store)[-1] == ("response_called", outcome)


def test_who_was_reached_after_a_doctor_read_it_is_read(store, ann, desk):
    response = found(store, lane="call")
    record.mark_read(store, CLINIC, response.id, 1, by=ann, today=TODAY)
    record.log_call(store, CLINIC, response.id, "reached", by=desk)
    assert now(store, response).lane == "read"


@pytest.mark.parametrize("kind", ["now", "earlier", "broken"])
def test_only_a_doctor_deals_with_who_has_a_private_sign(store, ann, desk, kind):
    response = with_private_sign(store, kind)
    for lane, act in (
        ("call", lambda by: record.log_call(store, CLINIC, response.id, "reached", by=by)),
        ("read", lambda by: record.move(store, CLINIC, response.id, "done", "read", by=by)),
        ("done", lambda by: record.move_back(store, CLINIC, response.id, "done", by=by)),
    ):
        with store.write() as conn:
            conn.execute(update(schema.responses).values(lane=lane))
        before = kinds(store, response)
        for by in (desk, replace(desk, role="admin")):
            with pytest.raises(NotAllowed):
                act(by)
        assert (now(store, response).lane, kinds(store, response)) == (lane, before)
        act(ann)
        assert now(store, response).lane != lane
    with store.write() as conn:
        conn.execute(update(schema.responses).values(lane="read"))
    # Up to be called anybody may take it.
    record.move(store, CLINIC, response.id, "call", "read", by=desk)
    assert now(store, response).lane == "call"


def with_private_sign(store, kind):
    if kind != "earlier":
        response = found(store, "same_day", findings=(PRIVATE,))
    else:
        assessment = {"urgency": "routine", "band": "LIKELY", "findings": [ABSENT]}
        response = sent_once(store, assessment=assessment, earlier_private=["E15"])
    if kind == "broken":
        with store.write() as conn:
            # There is no such version.
            conn.execute(update(schema.responses).values(version=2))
    return response


def test_a_call_moves_nothing_that_needs_none(store, desk):
    response = found(store, lane="done")
    record.log_call(store, CLINIC, response.id, "reached", by=desk)
    assert now(store, response).lane == "done"


# --- Plans and moves ----------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "until", "lane"), [
    ("book", None, "done"),
    ("refer", None, "done"),
    ("call", None, "call"),
    ("not_now", TODAY + timedelta(days=30), "waiting"),
])  # fmt: skip
def test_a_plan_moves_the_response(store, ann, what, until, lane):
    response = found(store)
    plan(store, response, ann, what, until, "after the scan")
    (entry,) = entries.of(store, CLINIC, response.id)
    assert entry.document == {
        "plan": what,
        "until": until.isoformat() if until else "",
        "note": "after the scan",
        "by_name": "Ann Doctor",
    }
    state = now(store, response)
    assert (state.lane, state.due_on, state.seen.rev) == (lane, until, 1)
    assert events(store)[-1] == ("response_planned", what)


@pytest.mark.parametrize(("what", "until"), [
    ("not_now", None),
    ("not_now", TODAY),
    ("book", TODAY + timedelta(days=1)),
    ("wait", None),
])  # fmt: skip
def test_a_plan_without_its_day_is_refused(store, ann, what, until):
    response = found(store)
    with pytest.raises(BadValue):
        plan(store, response, ann, what, until)
    assert kinds(store, response) == []


def test_what_is_done_is_taken_back_once(store, ann, desk):
    response = found(store)
    plan(store, response, ann, "not_now", TODAY + timedelta(days=1))
    for _ in range(2):
        record.move_back(store, CLINIC, response.id, "waiting", by=desk)
    assert (now(store, response).lane, now(store, response).due_on) == ("read", None)
    plan(store, response, ann, "book")
    record.move_back(store, CLINIC, response.id, "done", by=desk)
    assert now(store, response).lane == "read"
    assert kinds(store, response) == ["planned", "moved", "planned", "moved"]
    assert events(store)[-1] == ("response_moved", "read")


def test_only_done_and_waiting_are_taken_back(store, desk):
    response = found(store, lane="call")
    with pytest.raises(BadValue):
        record.move_back(store, CLINIC, response.id, "call", by=desk)
    with pytest.raises(StaleResponse):
        record.move_back(store, CLINIC, response.id, "done", by=desk)
    assert now(store, response).lane == "call"


# --- Whose it is --------------------------------------------------------------------------------


def test_it_is_given_to_somebody_and_to_nobody(store, ann, desk):
    response = found(store)
    assert record.people(store, CLINIC) == [(ann.id, "Ann Doctor"), (desk.id, "Dee Desk")]
    for to in (ann.id, ann.id, ""):
        record.assign(store, CLINIC, response.id, to, by=desk)
        assert now(store, response).assigned_to == to
    first, second = entries.of(store, CLINIC, response.id)
    assert first.document == {"to": ann.id, "to_name": "Ann Doctor", "by_name": "Dee Desk"}
    assert second.document == {"to": "", "to_name": "", "by_name": "Dee Desk"}
    assert events(store)[-2:] == [("response_assigned", ann.id), ("response_assigned", "nobody")]


def test_nobody_without_a_log_in_or_of_another_clinic_gets_it(store, ann, desk):
    response = found(store)
    other = staff.add(store, OTHER_CLINIC, "zed", "Zed", "doctor", "a long password")
    accounts.disable(store, ann, by="system")
    assert record.people(store, CLINIC) == [(desk.id, "Dee Desk")]
    for to in (ann.id, other.id, "nobody"):
        with pytest.raises(BadValue):
            record.assign(store, CLINIC, response.id, to, by=desk)
    assert now(store, response).assigned_to == ""


# --- Where it is not ----------------------------------------------------------------------------


def test_another_clinic_s_or_a_draft_is_not_there(store, ann):
    response = found(store)
    draft = responses.start(store, CLINIC)
    for clinic_id, id in ((OTHER_CLINIC, response.id), (CLINIC, draft.id), (CLINIC, "x")):
        assert record.state(store, clinic_id, id) is None
        with pytest.raises(BadValue):
            record.add_note(store, clinic_id, id, "A note", by=ann)
    assert kinds(store, response) == []


def test_a_response_is_moved_to_be_called_or_done(store, ann):
    response = found(store, "soon", lane="read")
    record.move(store, CLINIC, response.id, "done", "read", by=ann)
    assert now(store, response).lane == "done"
    with pytest.raises(StaleResponse):
        record.move(store, CLINIC, response.id, "call", "new", by=ann)
    record.move_back(store, CLINIC, response.id, "done", by=ann)
    record.move(store, CLINIC, response.id, "call", "read", by=ann)
    record.move(store, CLINIC, response.id, "call", "read", by=ann)
    assert now(store, response).lane == "call"
    for to, from_lane in (("done", "call"), ("done", "new"), ("read", "new"), ("x", "new")):
        with pytest.raises(BadValue):
            record.move(store, CLINIC, response.id, to, from_lane, by=ann)
