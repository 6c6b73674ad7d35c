"""Lanes, filters, the search, and how a page of the list keeps itself fresh."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from intake.store import accounts, audit, calls, responses, schema
from intake.store.staff import Staff
from tests.web.browser import ANA, HTML, NO_SIGNS, Patient, begun, known, strict
from tests.web.clinic_side import ROLES, clinic_of, hired, logged_in, sent, store_of
from tests.web.conftest import Clock
from tests.web.test_staff_list import ASK, asks_for_a_call, at_lane, rows


def put(app: Flask, reference: str, **values: Any) -> None:
    """Set plain columns of a response."""
    with store_of(app).write() as conn:
        conn.execute(
            update(schema.responses)
            .where(schema.responses.c.reference == reference)
            .values(**values)
        )


def counts(browser: Patient) -> list[str]:
    """The figures in the row of lanes."""
    return [
        "".join(each.itertext())
        for each in strict(browser.html).iter(f"{HTML}span")
        if (each.get("id") or "").startswith("count-")
    ]


def events(app: Flask) -> list[tuple[str, str | None, str | None]]:
    table = schema.audit_events.c
    with store_of(app).read() as conn:
        found = conn.execute(
            select(table.action, table.response_id, table.detail).order_by(table.id)
        )
        return [(row.action, row.response_id, row.detail) for row in found]


# --- Lanes ---------------------------------------------------------------------------------------


def test_each_lane_is_counted_and_shown(app: Flask) -> None:
    for lane, number in (("call", 1), ("new", 2), ("read", 3), ("waiting", 4), ("done", 5)):
        for at in range(number):
            put(app, sent(app, name=f"{lane.title()} {at}"), lane=lane)
    asks_for_a_call(app, "E3a")
    browser = logged_in(app, "front_desk")
    assert counts(browser) == ["2", "2", "3", "4", "5"]
    for lane, number in (("call", 2), ("new", 2), ("read", 3), ("waiting", 4), ("done", 5)):
        browser.open(f"/clinic?lane={lane}")
        assert len(rows(browser)) == number
        assert browser.has(f"{lane.title()} 0")
    assert ("work_list_read", None, "done") in events(app)


@pytest.mark.parametrize("lane", ["call", "new", "read", "waiting", "done"])
def test_an_empty_lane_says_so(app: Flask, lane: str) -> None:
    browser = at_lane(app, "doctor", lane)
    assert "nothing" in browser.html
    assert rows(browser) == []
    browser.open(f"/clinic?lane={lane}&who=mine")
    assert browser.has("Nothing in this lane fits the filter.")


def test_words_that_are_no_filter_are_not_heard(app: Flask) -> None:
    sent(app)
    browser = logged_in(app, "doctor")
    for asked in ("lane=x&who=y", "urgency=red&lane=new", "sent=1&visit=%00&lane=new"):
        browser.open(f"/clinic?{asked}")
        assert browser.status == 200
    assert browser.has("Iris Example")


def test_a_lane_is_narrowed_down_by_address(app: Flask, clock: Clock) -> None:
    pat = hired(app, "front_desk", username="pat")
    put(app, sent(app, name="Old Mine"), assigned_to=pat.id)
    clock.forward(days=8)
    put(app, sent(app, name="Soon Visit"), appointment_on=clock().date() + timedelta(days=3))
    put(app, sent(app, now_infection=["urine"], name="Urgent Soon"), assigned_to="f" * 32)
    browser = at_lane(app, "doctor")

    def named(asked: str) -> set[str]:
        browser.open(f"/clinic?lane=new&{asked}")
        return {
            name
            for name in ("Old Mine", "Soon Visit", "Urgent Soon")
            if any(name in row for row in rows(browser))
        }

    assert named("") == {"Old Mine", "Soon Visit", "Urgent Soon"}
    assert named("who=nobody") == {"Soon Visit"}
    assert named("who=mine") == set()
    assert named("urgency=soon") == {"Urgent Soon"}
    assert named("visit=week") == {"Soon Visit"}
    assert named("visit=today") == set()
    assert named("sent=week") == {"Soon Visit", "Urgent Soon"}
    assert named("sent=month") == {"Old Mine", "Soon Visit", "Urgent Soon"}
    browser.open("/clinic?lane=new&sent=week&urgency=soon")
    assert counts(browser) == ["0", "1", "0", "0", "0"]


def test_a_row_tells_the_visit_and_who_has_it(app: Flask, clock: Clock) -> None:
    pat = hired(app, "front_desk", username="pat")
    reference = sent(app)
    put(app, reference, assigned_to=pat.id, appointment_on=clock().date() + timedelta(days=1))
    clock.forward(hours=2)
    (row,) = rows(at_lane(app, "doctor"))
    for words in ("Visit Tue, Mar 10", "Assigned to Pat Front_Desk", "2 h ago"):
        assert words in row


def test_one_broken_row_does_not_break_the_list(app: Flask) -> None:
    broken = sent(app, name="Broken Person")
    sent(app, name="Whole Person")
    found = responses.sent(store_of(app), clinic_of(app).id, broken)
    assert found
    put(app, broken, version=2)
    for role in ROLES:
        browser = at_lane(app, role)
        listed = rows(browser)
        assert len(listed) == 2
        (row,) = [row for row in listed if broken in row]
        assert "Cannot be opened" in row
        assert "Tell the administrator" in row
        assert browser.has("Whole Person")
        assert f'href="/clinic/responses/{broken}"' not in browser.html


@pytest.mark.parametrize("role", ["admin", "front_desk"])
def test_private_reasons_stand_first_across_pages_too(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr("intake.web.clinic.work_list.PAGE", 2)
    sent(app, now_self_harm="thoughts")
    for _ in range(3):
        clock.forward(minutes=1)
        sent(app, now_breath_heart=["chest"])
    browser = logged_in(app, role)
    first, second = rows(browser)
    assert ASK in first
    assert "Emergency signs" in second


def test_a_doctor_still_sees_how_urgent_a_private_reason_is(app: Flask) -> None:
    sent(app, now_unsafe="yes", safe_contact="My sister")
    (row,) = rows(logged_in(app, "doctor"))
    assert "Same day" in row


# --- Searching -----------------------------------------------------------------------------------


def found(browser: Patient, words: str) -> list[str]:
    browser.send({"words": words}, form="/search")
    return rows(browser)


@pytest.mark.parametrize("role", ROLES)
def test_a_person_is_found_in_any_lane(app: Flask, role: str) -> None:
    done, other = sent(app, name="José Núñez"), sent(app, name="Ann Other", born_on="1960-02-01")
    put(app, done, lane="done")
    browser = logged_in(app, role)
    for words in ("jose", "Núñez José", done.lower(), "nunez 8/30/1976"):
        (row,) = found(browser, words)
        assert done in row
        assert "In: Done" in row
        assert browser.url == "/clinic/search"
    (row,) = found(browser, "2/1/60")
    assert other in row
    assert len(found(browser, "ann 2/1/1960")) == 1
    assert found(browser, "ann 2/2/1960") == []
    assert browser.has("No form that was sent fits.")
    assert ("response_read", None, None) not in events(app)


def test_a_search_is_recorded_without_its_words(app: Flask) -> None:
    reference = sent(app, name="José Núñez")
    sent(app, name="José Other")
    browser = logged_in(app, "front_desk")
    ids = {each: responses.sent(store_of(app), clinic_of(app).id, each) for each in [reference]}
    for words in ("nobody", "jose", "nunez 8/30/1976", reference):
        found(browser, words)
    only = ids[reference]
    assert only
    assert [event for event in events(app) if event[0] == "work_list_searched"] == [
        ("work_list_searched", None, "name"),
        ("work_list_searched", None, "name"),
        ("work_list_searched", only.id, "name-born"),
        ("work_list_searched", only.id, "reference"),
    ] or reference.replace("-", "").isalpha()


def test_nothing_typed_is_said(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    assert found(browser, " ") == []
    assert browser.status == 422
    assert browser.has("Type a name, a reference or a birth date.")
    browser.open("/clinic/search")
    assert browser.status == 200


def test_a_draft_is_said_to_be_there_and_no_more(app: Flask, clock: Clock) -> None:
    patient = known(app)
    assert patient.status == 200
    clock.forward(hours=1)
    browser = logged_in(app, "front_desk")
    assert found(browser, "obrien") == []
    assert browser.has("1 form that was not sent")
    assert browser.has("last saved 1 h ago")
    assert "555" not in browser.html


def test_what_cannot_be_noted_is_not_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from intake.store import StoreUnavailable

    sent(app)
    browser = logged_in(app, "doctor")

    def full(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(audit, "note", full)
    assert found(browser, "iris") == []
    assert browser.status == 503
    assert "Iris" not in browser.html


# --- Keeping itself fresh ------------------------------------------------------------------------


def changes_of(browser: Patient) -> str:
    """The address at which a page asks what changed."""
    return next(
        each.get("data-changes") or ""
        for each in strict(browser.html).iter(f"{HTML}div")
        if each.get("data-changes")
    )


@pytest.mark.parametrize("role", ROLES)
def test_changes_tell_counts_and_states_and_nobody(app: Flask, clock: Clock, role: str) -> None:
    pat = hired(app, "front_desk", username="pat")
    shown, moved = sent(app, name="Shown Person"), sent(app, name="Moved Person")
    asks_for_a_call(app, "E7a", name="Waiting Person")
    browser = at_lane(app, role)
    address = changes_of(browser)
    before = events(app)
    clock.forward(minutes=3)
    put(app, shown, assigned_to=pat.id)
    put(app, moved, lane="done")
    sent(app, name="New Person")
    browser.open(address)
    assert browser.status == 200
    assert counts(browser) == ["1", "2", "0", "0", "1"]
    for words in ("1 new here. Show them", "Assigned to Pat Front_Desk", "In: Done", "3 min ago"):
        assert browser.has(words), words
    for word in ("Person", "Example", "555", "Urgent", "call now"):
        assert word not in browser.text
    # The page that was read is noted; that it keeps itself fresh is not.
    assert [event[0] for event in events(app)[len(before) :]] == [
        "draft_started",
        "response_sent",
    ]


def test_changes_say_who_writes_and_who_sent(app: Flask, clock: Clock) -> None:
    draft = responses.start(store_of(app), clinic_of(app).id)
    draft = responses.save(
        store_of(app),
        draft,
        {"answers": {"phone": "315-555-0142"}},
        urgency="same_day",
        cards=["E3a"],
        reachable=True,
    )
    browser = logged_in(app, "front_desk")
    assert browser.has("Still writing")
    address = changes_of(browser)
    clock.forward(minutes=8)
    browser.open("/clinic")
    clock.forward(minutes=8)
    browser.open(address)
    assert browser.has("Last saved 16 min ago")
    assert not browser.has("new here")


def test_asking_for_changes_keeps_nobody_logged_in(app: Flask, clock: Clock) -> None:
    browser = logged_in(app, "doctor")
    address = changes_of(browser)
    for _ in range(9):
        clock.forward(minutes=1)
        browser.open(address)
        assert browser.status == 200
    clock.forward(minutes=1)
    assert browser.open(address) == "/clinic/log-in"


# --- Who did not send ----------------------------------------------------------------------------


FEVER = {"now_infection": ["fever_spasms"], "now_infection_signs": "no"}


def test_who_met_a_danger_sign_and_left_is_on_the_list(app: Flask, clock: Clock) -> None:
    patient = begun(app)
    patient.open("/form/right-now")
    answered = {**NO_SIGNS, "now_infection": "fever_spasms"}
    patient.go_on(answered)
    while patient.page != "/form/care":
        patient.go_on({"now_infection_signs": "no"})
    front_desk = logged_in(app, "front_desk")
    assert rows(front_desk) == []
    patient.send(action="go")
    patient.open("/form/about-you")
    patient.go_on(ANA)
    clock.forward(minutes=5)
    front_desk.open("/clinic")
    (row,) = rows(front_desk)
    for words in ("Same-day signs: call today", ANA["name"], ANA["phone"], "Still writing"):
        assert words in row
    clock.forward(minutes=9)
    front_desk.open("/clinic")
    clock.forward(hours=0.1)
    front_desk.open("/clinic")
    assert "Last saved 20 min ago" in rows(front_desk)[0]
    assert "Signs of an infection" not in front_desk.text
    front_desk.open("/clinic/search")


# --- Doing something about a row -----------------------------------------------------------------


def lane_of(app: Flask, reference: str) -> str:
    with store_of(app).read() as conn:
        table = schema.responses.c
        return str(
            conn.execute(select(table.lane).where(table.reference == reference)).scalar_one()
        )


def everybody(app: Flask) -> list[Staff]:
    return [each.person for each in accounts.everybody(store_of(app), clinic_of(app).id)]


def handled(app: Flask, role: str, key: str) -> Patient:
    browser = logged_in(app, role)
    browser.open(f"/clinic/list/{key}")
    return browser


@pytest.mark.parametrize("role", ROLES)
def test_a_call_is_logged_and_undone(app: Flask, role: str) -> None:
    reference = sent(app, now_breath_heart=["chest"])
    browser = handled(app, role, reference)
    assert browser.has("Emergency signs: call now")
    browser.send(form="/call")
    assert browser.status == 422
    assert browser.has("Choose how the call went.")
    browser.send({"outcome": "no_answer"}, form="/call")
    assert browser.page == "/clinic"
    assert browser.has("The call is logged.")
    assert browser.has("Called: no answer, just now")
    assert lane_of(app, reference) == "call"
    assert not any("Undo" in each for each in browser.text.split("  "))
    browser.open(f"/clinic/list/{reference}")
    browser.send({"outcome": "reached", "note": "Goes to the ER <b>"}, form="/call")
    assert browser.has("The call is logged: reached.")
    assert lane_of(app, reference) == "new"
    browser.send(form="/move")
    assert browser.has("Undone.")
    assert lane_of(app, reference) == "call"
    browser.open(f"/clinic/list/{reference}")
    # What staff wrote is for doctors, and the front desk reads its own.
    assert browser.has("Goes to the ER <b>") is (role != "admin")
    assert browser.has("called: reached")
    assert browser.has("moved it to “Needs a call today”")


def test_a_row_is_given_to_somebody_and_back(app: Flask) -> None:
    reference = sent(app)
    browser = handled(app, "front_desk", reference)
    assert browser.has("Take it myself")
    me = next(each.id for each in everybody(app) if each.username == "front_desk")
    browser.send({"to": me}, form="/assign")
    browser.open("/clinic?lane=new&who=mine")
    assert browser.has("Assigned to Pat Front_Desk")
    browser.open(f"/clinic/list/{reference}?lane=new&who=mine")
    browser.send({"to": ""}, form="/assign")
    assert browser.url.startswith("/clinic?")
    assert "who=mine" in browser.url
    assert browser.has("Nothing in this lane fits the filter.")
    browser.open(f"/clinic/list/{reference}")
    browser.send({"to": "f" * 32}, form="/assign")
    assert browser.status == 422


def test_what_was_read_is_done_and_comes_back(app: Flask) -> None:
    reference = sent(app)
    browser = handled(app, "front_desk", reference)
    assert "Mark as done" not in browser.html
    put(app, reference, lane="read")
    browser.open(f"/clinic/list/{reference}?lane=read")
    browser.send(form="/move")
    assert lane_of(app, reference) == "done"
    assert browser.has("Marked as done.")
    browser.send(form="/move")
    assert lane_of(app, reference) == "read"
    put(app, reference, lane="waiting")
    token = browser.field("csrf_token")[0]
    move = [("csrf_token", token), ("to", "done"), ("from", "read"), ("_end", "1")]
    browser.post(f"/clinic/list/{reference}/move", move)
    assert browser.status == 409
    assert browser.has("Somebody else was quicker")


@pytest.mark.parametrize("role", ["admin", "front_desk"])
@pytest.mark.parametrize(("lane", "to"), [("read", "done"), ("waiting", "done"), ("done", "read")])
def test_a_stale_page_moves_nobody_whom_only_a_doctor_calls(
    app: Flask, role: str, lane: str, to: str
) -> None:
    reference = sent(app, now_unsafe="yes", safe_contact="My sister")
    put(app, reference, lane=lane)
    browser = handled(app, role, reference)
    assert not browser.has("Mark as done")
    assert not browser.has("Put back to")
    token = browser.field("csrf_token")[0]
    stale = [("csrf_token", token), ("to", to), ("from", lane), ("_end", "1")]
    browser.post(f"/clinic/list/{reference}/move", stale)
    assert browser.status == 409
    assert browser.has("Somebody else was quicker")
    assert not browser.has("rivate")
    assert lane_of(app, reference) == lane
    if role == "admin":
        browser.open(f"/clinic/responses/{reference}")
        assert not browser.has("Take it back to")
        back = [("csrf_token", token), ("lane", lane), ("seen", "1.0.0"), ("_end", "1")]
        browser.post(f"/clinic/responses/{reference}/back", back)
        assert browser.status == 409
        assert lane_of(app, reference) == lane
    if lane != "done":
        browser.open(f"/clinic/list/{reference}")
        browser.send(form="/move")
        assert lane_of(app, reference) == "call"


def urgent_draft(app: Flask, *cards: str, urgency: str = "same_day", **answers: str) -> str:
    """Somebody who can be reached and has not sent; the key of their row."""
    store, here = store_of(app), clinic_of(app)
    told = {"name": "Lea Unsent", "phone": "315-555-0142"} | answers
    draft = responses.start(store, here.id)
    responses.save(
        store,
        draft,
        {"answers": {"respondent": "self", **told}},
        urgency=urgency,
        cards=cards,
        reachable=True,
    )
    return next(each.id for each in calls.open(store, here.id) if each.response_id == draft.id)


@pytest.mark.parametrize("role", ROLES)
def test_who_did_not_send_is_called_and_put_back(app: Flask, role: str) -> None:
    key = urgent_draft(app, "E3a")
    browser = handled(app, role, key)
    for words in ("Lea Unsent", "315-555-0142", "Same-day signs: call today"):
        assert browser.has(words)
    browser.send({"outcome": "reached"}, form="/call")
    assert rows(browser) == []
    browser.send(form="/move")
    assert len(rows(browser)) == 1
    assert browser.has("Called: reached, just now")
    browser.open(f"/clinic/list/{key}")
    browser.send(form="/move")
    assert rows(browser) == []
    browser.open(f"/clinic/list/{key}")
    browser.send(form="/move")
    assert len(rows(browser)) == 1


def test_a_number_that_is_not_safe_is_at_nobodys_hand(app: Flask) -> None:
    urgent_draft(app, "E15")
    key = urgent_draft(app, "E15", now_unsafe="yes", private="yes", safe_contact="My sister")
    for role in ROLES:
        browser = logged_in(app, role)
        assert "315-555-0142" not in browser.html
        assert browser.has("no safe number is known") is (role == "doctor")
        assert browser.has("My sister") is (role == "doctor")
        assert [ASK in row for row in rows(browser)] == [role != "doctor"] * 2
        browser.open(f"/clinic/list/{key}")
        assert "315-555-0142" not in browser.html
        assert browser.has("My sister") is (role == "doctor")


def test_an_unknown_row_is_none(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    for key in ("x", "f" * 32, "C7K-4MX"):
        browser.open(f"/clinic/list/{key}")
        assert browser.status == 404


def test_reading_a_row_is_noted(app: Flask) -> None:
    reference = sent(app)
    found = responses.sent(store_of(app), clinic_of(app).id, reference)
    assert found
    handled(app, "front_desk", reference)
    assert events(app)[-1] == ("work_row_read", found.id, None)


def test_words_in_an_address_that_nobody_made_say_nothing(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    for asked in ("did=reached&of=x", "did=<b>&of=C7K-4MX", "did=called"):
        browser.open(f"/clinic?{asked}")
        assert browser.status == 200
        assert "did" not in browser.html


# --- What patients are told about it -------------------------------------------------------------


def at_advice(app: Flask, **known_as: str) -> Patient:
    patient = begun(app)
    if known_as:
        patient.open("/form/about-you")
        patient.go_on(known_as)
    patient.open("/form/right-now")
    patient.go_on({**NO_SIGNS, "now_breath_heart": "chest"})
    while patient.page != "/form/care":
        patient.go_on()
    return patient


def test_the_advice_says_that_nobody_can_call_yet(app: Flask) -> None:
    assert at_advice(app).has("We cannot call you yet. We do not know how to reach you.")
    assert not at_advice(app).has("Staff can see that someone should call you")


def test_the_advice_says_that_staff_know_how_to_call(app: Flask) -> None:
    patient = at_advice(app, **ANA)
    assert patient.has("Staff can see that someone should call you, and how to reach you.")
    assert not patient.has("We cannot call you yet")


def test_the_first_page_says_when_we_can_call(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    assert patient.has("We cannot call you before you tell us how.")
    assert patient.has("staff see your name and that someone should call")
