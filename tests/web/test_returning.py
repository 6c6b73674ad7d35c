"""Coming back: the code, a lost session, and clearing the device."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.web.browser import ANA, IN_PRIVATE, NO_SIGNS, SELF, Patient, begun, known, ready
from tests.web.conftest import Clock
from tests.web.test_walk import BOTH, document

BORN = {"born_on-month": "3", "born_on-day": "9", "born_on-year": "1975"}


def code_of(patient: Patient) -> str:
    patient.open("/form/later")
    patient.send()
    parts = re.findall(r'class="code-part">([0-9A-Z]{5})<', patient.html)
    assert len(parts) == 3
    return "-".join(parts)


@BOTH
def test_saving_for_later_keeps_the_page_and_offers_a_code(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/anything-else")
    patient.send({"anything_else": "half a sent"}, action="later")
    assert patient.page == "/form/later"
    assert document(patient, app)["answers"]["anything_else"] == "half a sent"
    assert patient.has("Get a code")


def test_looking_at_the_page_makes_no_code(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/later")
    assert document(patient, app)["resume_code"] is None


@BOTH
def test_code_and_birth_date_open_the_form_elsewhere(app: Flask, htmx: bool) -> None:
    code = code_of(known(app))
    other = Patient(app, htmx=htmx)
    other.open("/return")
    other.send({"code": code.lower().replace("-", " "), **BORN}, form="/return")
    assert other.page == "/form/support"
    other.open("/form/check")
    assert other.has(ANA["name"])


def test_the_code_says_how_long_it_lasts(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    assert patient.has("It works until March 23, 2026.")
    patient.open("/form/later")
    assert all(part in patient.html for part in code.split("-"))


def test_after_two_weeks_the_code_is_void(app: Flask, clock: Clock) -> None:
    code = code_of(known(app))
    clock.forward(days=14, seconds=1)
    other = Patient(app)
    other.open("/return")
    other.send({"code": code, **BORN}, form="/return")
    assert other.status == 422


@pytest.mark.parametrize("wrong", ["code", "date"])
def test_wrong_code_and_wrong_date_get_the_same_answer(app: Flask, wrong: str) -> None:
    code = code_of(known(app))
    other = Patient(app)
    other.open("/return")
    typed = {"code": code, **BORN}
    typed |= {"born_on-day": "10"} if wrong == "date" else {"code": "0" * 15}
    other.send(typed, form="/return")
    assert other.status == 422
    assert other.has("We could not find this form. Check the code and the date of birth.")


def test_before_the_birth_date_there_is_no_code(app: Flask) -> None:
    patient = begun(app)
    patient.open("/form/later")
    assert patient.has("on this same device only")


def test_a_corrected_birth_date_needs_a_new_code(app: Flask) -> None:
    patient = known(app)
    code_of(patient)
    patient.open("/form/about-you")
    patient.go_on({"born_on-day": "10"})
    patient.open("/form/later")
    assert patient.has("Get a code")


def test_after_a_day_danger_signs_come_first(app: Flask, clock: Clock) -> None:
    code = code_of(known(app))
    clock.forward(days=1)
    other = Patient(app)
    other.open("/return")
    other.send({"code": code, **BORN}, form="/return")
    assert other.page == "/form/right-now"


def test_advice_that_still_holds_comes_first(app: Flask, clock: Clock) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS | {"now_breath_heart": "chest"})
    patient.send(action="go")
    patient.go_on(ANA)
    code = code_of(patient)
    for away, then in ((1, "/form/support"), (24, "/form/right-now")):
        clock.forward(hours=away)
        other = Patient(app)
        other.open("/return")
        other.send({"code": code, **BORN}, form="/return")
        assert other.page == "/form/care"
        assert other.has("You told us this before. If it is still so:")
        assert other.has("Call 911 now.")
        assert other.send(action="go") == then


def test_private_advice_is_not_shown_to_whoever_has_the_code(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(IN_PRIVATE)
    patient.go_on(NO_SIGNS)
    patient.go_on({"now_self_harm": "thoughts", "now_unsafe": "no"})
    patient.send(action="go")
    patient.go_on(ANA)
    other = Patient(app)
    other.open("/return")
    other.send({"code": code_of(patient), **BORN}, form="/return")
    assert other.page == "/form/support"


# --- A session that is gone --------------------------------------------------------------------


@BOTH
def test_a_lost_session_keeps_the_words_and_one_click_goes_on(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/about-you")
    patient.client.delete_cookie("intake")
    patient.go_on({"name": "Zoë Long"})
    assert patient.status == 409
    assert patient.field("name") == ["Zoë Long"]
    assert patient.has("I have a code to come back")
    patient.go_on()
    # The new draft begins at the beginning, with these words in it.
    assert patient.page == "/"
    assert document(patient, app)["answers"]["name"] == "Zoë Long"


def test_a_session_that_ended_on_the_server_keeps_the_words_too(app: Flask, clock: Clock) -> None:
    patient = known(app)
    patient.open("/form/about-you")
    clock.forward(hours=21)
    patient.go_on({"name": "Zoë Long"})
    assert patient.status == 409
    assert patient.field("name") == ["Zoë Long"]


@BOTH
def test_with_a_code_the_words_go_where_they_belong(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    code = code_of(patient)
    patient.open("/form/ms")
    patient.client.delete_cookie("intake")
    patient.go_on({"ms_diagnosis": "confirmed", "ms_doctor": "Dr. Wren"})
    assert patient.send(action="return") == "/return"
    patient.send({"code": code, **BORN}, form="/return")
    stored = document(patient, app)["answers"]
    assert stored["ms_doctor"] == "Dr. Wren"
    assert stored["name"] == ANA["name"]


def test_an_expired_token_keeps_the_words(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/ms")
    patient.send({"csrf_token": "old", "ms_doctor": "Dr. Wren"}, action="continue")
    assert patient.status == 409
    assert patient.field("ms_doctor") == ["Dr. Wren"]
    assert patient.go_on() == "/form/symptoms"
    assert document(patient, app)["answers"]["ms_doctor"] == "Dr. Wren"


def test_an_expired_token_at_sending_is_one_more_click(app: Flask) -> None:
    patient = ready(app)
    patient.send({"csrf_token": "old"})
    assert patient.status == 409
    assert patient.send() == "/form/sent"


# --- Clearing ----------------------------------------------------------------------------------


def test_finish_and_clear_leaves_nothing_here(app: Flask) -> None:
    patient = ready(app)
    patient.send()
    at, fields = patient._form("finish")
    reply = patient.client.post(at, data=dict(fields))
    assert reply.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert patient.open("/form/sent") == "/return"
    assert patient.has("not open on this device")


def test_a_new_session_has_a_new_id(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    with patient.client.session_transaction() as session:
        before = dict(session)
    patient.open("/return")
    patient.send({"code": code, **BORN}, form="/return")
    with patient.client.session_transaction() as session:
        assert session["patient"] != before["patient"]
