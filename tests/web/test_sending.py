"""Checking and sending: once, whole, and never what somebody else saw."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from intake.questionnaire.treatment import COURSE
from intake.store import StaleDraft, responses, schema, work_list
from intake.web.visit import ChangedElsewhere, Gone
from tests.web.browser import ANA, NO_SIGNS, SELF, Patient, begun, known, ready, strict, unlock
from tests.web.conftest import Clock
from tests.web.test_walk import BOTH, document


def sent_references(app: Flask) -> list[str]:
    store, clinic = app.extensions["store"], app.extensions["default_clinic"]
    today = store.clock().date()
    return [
        reference
        for lane in schema.LANES
        for reference in work_list.references(store, clinic.id, work_list.Wanted(lane, today))
    ]


@BOTH
def test_sending_gives_a_reference(app: Flask, htmx: bool) -> None:
    patient = ready(app, htmx=htmx)
    assert patient.send() == "/form/sent"
    (reference,) = sent_references(app)
    assert patient.has(reference)
    assert patient.has("What happens next")


def test_the_thanks_show_a_usual_course_as_picture_and_as_list(app: Flask) -> None:
    patient = ready(app)
    patient.send()
    assert [each.text for each in COURSE if not patient.has(each.text)] == []
    (picture,) = (each for each in strict(patient.html).iter() if each.get("role") == "img")
    drawn = {text.text for text in picture.iter() if text.tag.endswith("text")}
    assert {str(number) for number in range(1, len(COURSE) + 1)} <= drawn
    assert picture.get("aria-labelledby") == "course-title course-desc"


def test_safety_advice_stands_before_everything_else_of_the_thanks(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS | {"now_breath_heart": ["chest"]})
    patient.send(action="go")
    patient.go_on(ANA)
    patient.open("/form/check")
    patient.send()
    text = patient.text
    assert text.index("Call 911 now.") < text.index("Your reference number")
    assert text.index("Your reference number") < text.index("What happens next")


def test_the_thanks_lead_to_the_copy(app: Flask) -> None:
    patient = ready(app)
    patient.send()
    assert 'href="/form/sent/copy.pdf"' in patient.html
    assert 'href="/form/sent/copy"' in patient.html


def test_what_is_sent_is_what_was_answered(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/ms")
    patient.go_on({"ms_diagnosis": "confirmed", "ms_type": "primary"})
    patient.open("/form/ms")
    patient.go_on({"ms_diagnosis": "no"})
    patient.open("/form/check")
    patient.send()
    (reference,) = sent_references(app)
    found = responses.sent(app.extensions["store"], 1, reference)
    assert found
    assert found.document["answers"]["ms_diagnosis"] == "no"
    assert "ms_type" not in found.document["answers"]
    assert found.document["screened_at"]
    assert {row["key"] for row in found.document["rows"]} >= {"name", "born_on"}


@BOTH
def test_two_clicks_send_once(app: Flask, htmx: bool) -> None:
    patient = ready(app, htmx=htmx)
    at, fields = patient._form("")
    patient.send()
    patient.post(at, fields)
    assert patient.page == "/form/sent"
    assert len(sent_references(app)) == 1


def test_two_windows_send_once(app: Flask) -> None:
    patient = ready(app)
    second = Patient(app)
    second.client = patient.client
    second.open("/form/check")
    patient.send()
    second.send()
    assert second.page == "/form/sent"
    assert len(sent_references(app)) == 1


def test_a_sent_form_shows_the_sent_page_everywhere(app: Flask) -> None:
    patient = ready(app)
    patient.send()
    for address in ("/", "/form/about-you", "/form/check", "/form/care", "/form/later"):
        assert patient.open(address) == "/form/sent"


@BOTH
def test_what_is_missing_is_listed_and_nothing_is_sent(app: Flask, htmx: bool) -> None:
    patient = begun(app, htmx=htmx)
    patient.open("/form/check")
    assert patient.has("Before you can send, we need this")
    assert "/form/about-you?check=1#q-name" in patient.html
    at, fields = patient._form("")
    patient.post(at, fields)
    assert patient.status == 422
    assert sent_references(app) == []
    patient.open("/form/about-you?check=1")
    patient.go_on(ANA)
    assert sent_references(app) == []


def test_blanks_are_named_once_with_a_link_each(app: Flask) -> None:
    patient = ready(app)
    assert patient.has("questions are blank. That is fine.")
    assert patient.html.count('href="/form/pain-sleep?check=1#q-pain"') == 1


def test_a_change_in_another_window_is_not_sent_unseen(app: Flask) -> None:
    patient = ready(app)
    other = Patient(app)
    other.client = patient.client
    other.open("/form/reason")
    other.go_on({"reason_words": "my left hand"})
    other.open("/form/ms")
    other.go_on({"ms_diagnosis": "confirmed"})
    patient.send()
    assert patient.status == 409
    assert patient.has("changed in another window")
    assert sent_references(app) == []
    assert patient.send() == "/form/sent"


@BOTH
def test_another_window_changed_this_page(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    other = Patient(app, htmx=htmx)
    other.client = patient.client
    patient.open("/form/ms")
    other.open("/form/ms")
    other.go_on({"ms_diagnosis": "no"})
    patient.go_on({"ms_diagnosis": "confirmed"})
    assert patient.status == 409
    assert patient.has("You changed this page in another window.")
    assert patient.field("ms_diagnosis") == ["confirmed"]
    assert document(patient, app)["answers"]["ms_diagnosis"] == "no"
    patient.go_on()
    assert document(patient, app)["answers"]["ms_diagnosis"] == "confirmed"


def test_other_pages_of_two_windows_do_not_disturb_each_other(app: Flask) -> None:
    patient = known(app)
    other = Patient(app)
    other.client = patient.client
    patient.open("/form/ms")
    other.open("/form/moving")
    other.go_on()
    patient.go_on({"ms_diagnosis": "confirmed"})
    assert patient.status == 200
    assert patient.page == "/form/ms-lately"


def test_the_same_page_sent_twice_is_no_change(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/ms")
    at, fields = patient._form("")
    twice = [*fields[:-1], ("ms_diagnosis", "confirmed"), ("action", "continue"), *fields[-1:]]
    patient.post(at, twice)
    patient.post(at, twice)
    assert (patient.status, patient.page) == (200, "/form/ms-lately")


def test_two_saves_at_the_same_moment_lose_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = known(app)
    other = Patient(app)
    other.client = patient.client
    patient.open("/form/ms")
    other.open("/form/anything-else")
    save = responses.save
    raced: list[bool] = []

    def racing(*draft: Any, **more: Any) -> Any:
        if not raced:
            raced.append(True)
            other.go_on({"anything_else": "from the other window"})
        return save(*draft, **more)

    monkeypatch.setattr(responses, "save", racing)
    patient.go_on({"ms_diagnosis": "confirmed"})
    stored = document(patient, app)["answers"]
    assert stored["ms_diagnosis"] == "confirmed"
    assert stored["anything_else"] == "from the other window"


# --- Danger signs that are too old -------------------------------------------------------------


def test_old_danger_signs_are_asked_again_before_sending(app: Flask, clock: Clock) -> None:
    patient = ready(app)
    clock.forward(hours=12, minutes=1)
    unlock(patient)
    patient.open("/form/check")
    assert patient.has("more than 12 hours ago")
    at, fields = patient._form("")
    patient.post(at, fields)
    assert patient.status == 422
    assert sent_references(app) == []

    patient.open("/form/right-now?check=1")
    assert patient.has("Tell us how it is now.")
    assert patient.field("now_breath_heart") == []
    patient.go_on(
        {
            "now_breath_heart": "none",
            "now_nerves": "none",
            "now_infection": "urine",
            "now_skin": "none",
            "now_medicine": "none",
            "now_leg_head": "none",
        }
    )
    stored = document(patient, app)
    assert stored["answers"]["now_infection"] == ["urine"]
    (earlier,) = stored["earlier_screens"]
    assert earlier["at"] == "2026-03-09T15:00:00+00:00"
    assert earlier["answers"]["now_infection"] == ["none"]
    assert stored["screened_at"] == clock().isoformat()
    patient.send(action="go")
    assert patient.page == "/form/check"
    assert patient.send() == "/form/sent"


def test_danger_signs_of_twelve_hours_ago_still_count(app: Flask, clock: Clock) -> None:
    patient = ready(app)
    clock.forward(hours=12)
    unlock(patient)
    patient.open("/form/check")
    assert patient.send() == "/form/sent"


# --- When the database takes nothing -----------------------------------------------------------


def read_only(app: Flask) -> None:
    from sqlalchemy import event

    engine = app.extensions["store"].engine
    engine.dispose()

    def refuse(connection: Any, _: object) -> None:
        connection.execute("PRAGMA query_only = 1")

    event.listen(engine, "connect", refuse)


@BOTH
def test_a_page_that_cannot_be_saved_keeps_its_words(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/anything-else")
    read_only(app)
    patient.go_on({"anything_else": "a long story"})
    assert patient.status == 503
    assert patient.reply.headers["Retry-After"] == "30"
    assert "a long story" in patient.html
    assert patient.has("We could not save this page just now.")


def test_a_form_that_cannot_be_sent_says_so(app: Flask) -> None:
    patient = ready(app)
    read_only(app)
    patient.send()
    assert patient.status == 503
    assert patient.has("We could not send it just now.")


def test_nothing_is_stored_of_an_error_page(app: Flask) -> None:
    with app.extensions["store"].read() as conn:
        before = conn.execute(text("SELECT count(*) FROM responses")).scalar_one()
    app.test_client().get("/form/nothing")
    with app.extensions["store"].read() as conn:
        assert conn.execute(text("SELECT count(*) FROM responses")).scalar_one() == before


@pytest.mark.parametrize("address", ["/form/sent", "/form/check"])
def test_nobody_else_sees_it(app: Flask, address: str) -> None:
    ready(app).send()
    assert Patient(app).open(address) == "/return"


# --- Sent, closed or changed while a page was open ---------------------------------------------

FAILS = pytest.mark.parametrize("error", [Gone, StaleDraft, ChangedElsewhere])


def failing_to_leave_advice(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: type[Exception], *, htmx: bool
) -> Patient:
    """A patient for whom something happens to the draft while the advice is being left."""
    patient = Patient(app, htmx=htmx)
    patient.open("/")
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS | {"now_breath_heart": "chest"})
    patient.send(action="go")
    patient.go_on(ANA)
    patient.open("/form/care")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("intake.web.patient.advice.save", fail)
    return patient


@BOTH
@FAILS
def test_a_change_elsewhere_leads_to_the_check_page(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: type[Exception], htmx: bool
) -> None:
    patient = failing_to_leave_advice(app, monkeypatch, error, htmx=htmx)
    patient.send(action="go")
    assert patient.status == 409
    assert patient.has("This was changed in another window")
    assert 'href="/form/check"' in patient.html


@BOTH
@FAILS
@pytest.mark.parametrize("then", ["/form/sent", "/return"])
def test_what_was_sent_or_closed_meanwhile_is_said(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    htmx: bool,
    then: str,
) -> None:
    patient = failing_to_leave_advice(app, monkeypatch, error, htmx=htmx)
    at, fields = patient._form("")
    fields.insert(0, ("action", "go"))

    def meanwhile(*_: object) -> None:
        other = Patient(app)
        other.client = app.test_client()
        with (
            patient.client.session_transaction() as mine,
            other.client.session_transaction() as its,
        ):
            its.update(mine)
        other.open("/form/check")
        other.send()
        if then == "/return":
            other.send(form="finish")
        raise error

    monkeypatch.setattr("intake.web.patient.advice.save", meanwhile)
    assert patient.post(at, fields) == then
    assert patient.status == 200
