"""Care cards: when they show, what is recorded, and that private ones are shown once."""

from __future__ import annotations

import pytest
from flask import Flask

from intake.store import StoreUnavailable, calls
from tests.web.browser import ANA, IN_PRIVATE, NO_SIGNS, SELF, Patient, Values, ready, strict
from tests.web.conftest import Clock
from tests.web.test_walk import BOTH, document

CHEST = NO_SIGNS | {"now_breath_heart": "chest"}


def screened(app: Flask, signs: Values, *, htmx: bool = False, start: Values = SELF) -> Patient:
    patient = Patient(app, htmx=htmx)
    patient.open("/")
    patient.go_on(start)
    patient.go_on(signs)
    return patient


@BOTH
def test_a_danger_sign_shows_its_card_at_once(app: Flask, htmx: bool) -> None:
    patient = screened(app, CHEST, htmx=htmx)
    assert patient.page == "/form/care"
    for words in ("Call 911 now.", "Do not drive yourself.", "No one watches this form."):
        assert patient.has(words)
    assert 'href="tel:911"' in patient.html
    shown = document(patient, app)["shown"]
    assert [(each["card"], each["level"]) for each in shown] == [("E8", "emergency")]
    assert shown[0]["at"] == "2026-03-09T15:00:00+00:00"
    assert patient.send(action="go") == "/form/about-you"


@BOTH
def test_whoever_stops_reads_what_is_kept(app: Flask, htmx: bool) -> None:
    patient = screened(app, CHEST, htmx=htmx)
    assert patient.send(action="stop") == "/form/stop"
    assert patient.has("What is kept")
    assert patient.has("How to come back")
    assert patient.open("/") == "/"
    assert patient.has("Go on where you stopped")


@BOTH
def test_a_number_is_stored_at_once(app: Flask, htmx: bool) -> None:
    patient = screened(app, CHEST, htmx=htmx)
    patient.send({"call_name": "Zoë", "call_phone": "(212) 555-0111"}, form="call")
    assert patient.has("We have your number.")
    store = app.extensions["store"]
    (request,) = calls.open(store, app.extensions["default_clinic"].id)
    assert (request.name, request.phone) == ("Zoë", "(212) 555-0111")
    assert request.urgency == "emergency"
    assert request.cards == ("E8",)


@BOTH
def test_a_number_that_was_left_follows_later_answers(app: Flask, htmx: bool) -> None:
    patient = screened(app, CHEST, htmx=htmx, start=IN_PRIVATE)
    patient.send({"call_name": "Zoë", "call_phone": "(212) 555-0111"}, form="call")
    patient.send(action="go")
    assert patient.page == "/form/private"
    patient.go_on({"now_self_harm": "no", "now_unsafe": "yes"})
    (request,) = calls.open(app.extensions["store"], app.extensions["default_clinic"].id)
    assert request.cards == ("E15", "E8")
    assert request.later == ("E15",)
    # Nor does it come free by an answer that somebody else wants to see there.
    patient.open("/")
    patient.go_on({"private": "no"})
    (request,) = calls.open(app.extensions["store"], app.extensions["default_clinic"].id)
    assert request.cards == ("E15", "E8")


@BOTH
@pytest.mark.parametrize("phone", ["", "call me", "12"])
def test_a_number_that_is_none_is_named(app: Flask, htmx: bool, phone: str) -> None:
    patient = screened(app, CHEST, htmx=htmx)
    patient.send({"call_name": "Zoë", "call_phone": phone}, form="call")
    assert patient.status == 422
    assert patient.has("phone number")
    assert not calls.open(app.extensions["store"], app.extensions["default_clinic"].id)


@BOTH
@pytest.mark.parametrize(
    ("field", "words", "says"),
    [
        ("call_phone", "212 555 0111" + "-" * 100, "Write the phone number with digits"),
        ("call_phone", "212\n555-0111", "Write the phone number with digits"),
        ("call_name", "Zoë\nLong", "Write the name on one line"),
        ("call_name", "Zoë\tLong", "Write the name on one line"),
        ("call_name", "Z" * 501, "Write a shorter name."),
    ],
)
def test_what_cannot_be_kept_is_said_where_it_stands(
    app: Flask, htmx: bool, field: str, words: str, says: str
) -> None:
    patient = screened(app, CHEST, htmx=htmx)
    given = {"call_name": "Zoë", "call_phone": "(212) 555-0111"} | {field: words}
    patient.send(given, form="call")
    assert patient.status == 422
    assert patient.has(says)
    assert f'href="#{field}"' in patient.html
    assert f'aria-describedby="{field}-error"' in patient.html
    for name, kept in given.items():
        assert [
            each.get("value") for each in strict(patient.html).iter() if each.get("name") == name
        ] == [kept]
    assert not calls.open(app.extensions["store"], app.extensions["default_clinic"].id)


def test_levels_stand_in_their_order(app: Flask) -> None:
    patient = screened(
        app,
        CHEST | {"now_infection": ["urine_fever", "urine"], "now_infection_signs": "no"},
    )
    text = patient.text
    assert text.index("Get help now") < text.index("Speak to someone today")


def test_not_sure_shows_the_card_too(app: Flask) -> None:
    patient = screened(app, NO_SIGNS | {"now_breath_heart": "not_sure"})
    assert patient.page == "/form/care"
    assert patient.has("You were not sure about these")
    assert 'href="tel:911"' in patient.html.split("<main")[1].split("</main>")[0]


def test_what_is_not_sure_stands_together_after_what_is_certain(app: Flask) -> None:
    unsure = dict.fromkeys(NO_SIGNS, "not_sure") | {"now_nerves": "sudden"}
    patient = screened(app, unsure)
    for _page in ("/form/care", "/form/check"):
        text = patient.text
        assert text.count("You were not sure about these") == 1
        assert text.index("Get help now") < text.index("You were not sure about these")
        assert patient.has("If one of these is true, do what stands beside it:")
        assert patient.has("Chest pain, pressure or fainting: Call 911 now.")
        assert not patient.has("Speak to someone today")
        assert not patient.has("Do not drive yourself.")
        patient.send(action="go") if _page == "/form/care" else None
        patient.open("/form/check")


def test_a_number_that_is_none_leaves_the_advice_at_the_top(app: Flask) -> None:
    patient = screened(app, CHEST, htmx=True)
    patient.send({"call_phone": "call me"}, form="call")
    assert patient.html.index("Call 911 now.") < patient.html.index('id="errors"')


def test_a_card_is_not_shown_twice(app: Flask) -> None:
    patient = screened(app, CHEST)
    patient.send(action="go")
    patient.open("/form/right-now")
    assert patient.go_on() == "/form/about-you"


def test_a_new_card_is_shown_with_those_that_still_hold(app: Flask) -> None:
    patient = screened(app, CHEST)
    patient.send(action="go")
    patient.open("/form/right-now")
    patient.go_on({"now_leg_head": "leg", "now_leg_signs": "no"})
    assert patient.page == "/form/care"
    assert patient.has("One leg newly swollen")
    assert patient.has("Chest pain")


def test_later_answers_that_mean_a_red_flag_show_it(app: Flask) -> None:
    patient = ready(app)
    patient.open("/form/symptoms")
    patient.go_on({"symptoms": "swallow_voice"})
    assert patient.page == "/form/symptoms-since"
    patient.go_on({"swallow_voice_since": "today"})
    assert patient.page == "/form/care"


def test_the_urgency_of_the_draft_follows_every_save(app: Flask) -> None:
    from sqlalchemy import text

    def ranks() -> list[int]:
        with app.extensions["store"].read() as conn:
            return [row[0] for row in conn.execute(text("SELECT urgency_rank FROM drafts"))]

    patient = screened(app, CHEST)
    assert ranks() == [0]
    patient.open("/form/right-now")
    patient.go_on({"now_breath_heart": "none", "now_skin": "sore", "now_skin_signs": "none"})
    assert ranks() == [2]


def test_the_check_page_repeats_cards_and_notes_it(app: Flask, clock: Clock) -> None:
    patient = screened(app, CHEST)
    patient.send(action="go")
    patient.go_on(ANA)
    clock.forward(minutes=30)
    patient.open("/form/check")
    assert patient.has("Do not drive yourself.")
    last = document(patient, app)["shown"][-1]
    assert (last["card"], last["page"], last["at"]) == ("E8", "check", "2026-03-09T15:30:00+00:00")
    noted = len(document(patient, app)["shown"])
    patient.open("/form/check")
    assert len(document(patient, app)["shown"]) == noted


# --- Private pages -----------------------------------------------------------------------------


def in_private(app: Flask, *, htmx: bool = False) -> Patient:
    return screened(app, NO_SIGNS, htmx=htmx, start=IN_PRIVATE)


def test_private_questions_are_asked_only_in_private(app: Flask) -> None:
    assert in_private(app).page == "/form/private"
    other = screened(app, NO_SIGNS)
    assert other.page == "/form/about-you"
    assert other.open("/form/private") == "/form/about-you"


def test_help_stands_on_page_1_when_it_is_not_private(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    assert patient.has("988")
    assert patient.has("1-800-799-7233")
    patient = Patient(app)
    patient.open("/")
    patient.go_on(IN_PRIVATE)
    assert not patient.has("1-800-799-7233")


@BOTH
def test_private_answers_are_never_shown_back(app: Flask, htmx: bool) -> None:
    patient = in_private(app, htmx=htmx)
    patient.go_on({"now_self_harm": "thoughts", "now_unsafe": "no"})
    assert patient.page == "/form/care"
    assert patient.has("988")
    patient.send(action="go")
    patient.go_on(ANA)
    patient.open("/form/private")
    assert patient.field("now_self_harm") == []
    assert "checked" not in patient.html
    patient.open("/form/check")
    assert patient.text.count("Answered, not shown") == 1
    assert patient.text.count("Change Private questions") == 1
    assert "ending your life" not in patient.html
    for words in ("Yes, at times", "no plan", "better off dead. "):
        assert not patient.has(words)
    # The lines stand there for everybody.
    assert patient.has("988")
    assert patient.open("/form/care") != "/form/care"


@BOTH
def test_a_private_answer_left_blank_stays(app: Flask, htmx: bool) -> None:
    patient = in_private(app, htmx=htmx)
    patient.go_on({"now_self_harm": "thoughts", "now_unsafe": "no"})
    patient.send(action="go")
    patient.open("/form/private")
    assert patient.has("We do not show it again.")
    patient.go_on()
    assert document(patient, app)["answers"]["now_self_harm"] == "thoughts"
    patient.open("/form/private")
    assert not patient.has("being hurt or scared by somebody? (needed)")
    assert "aria-required" not in patient.html
    patient.go_on({"now_self_harm": "no"})
    assert document(patient, app)["answers"]["now_self_harm"] == "no"


def test_an_error_on_a_private_page_stores_no_words(app: Flask) -> None:
    patient = in_private(app)
    patient.go_on({"now_self_harm": "thoughts"})
    assert patient.status == 422
    assert patient.field("now_self_harm") == ["thoughts"]
    stored = document(patient, app)
    assert "now_self_harm" not in stored["answers"]
    assert stored["typed"] == {}


def test_leaving_in_a_hurry_closes_the_form_here_and_loses_nothing(app: Flask) -> None:
    patient = in_private(app)
    assert "Leave this page fast" in patient.html
    patient.open("/kitchen-measures")
    for word in ("clinic", "MS", "doctor", "form"):
        assert word not in " ".join(strict(patient.html).itertext())
    assert patient.open("/form/private") == "/return"
    assert patient.open("/form/about-you") == "/return"
    patient.send(form="/return/here")
    assert patient.page == "/form/private"
    assert document(patient, app)["answers"]["private"] == "yes"


def test_pages_that_are_not_private_have_no_such_button(app: Flask) -> None:
    assert "Leave this page fast" not in ready(app).html


# --- Whatever button it is ---------------------------------------------------------------------

PLAN = {"now_self_harm": "plan", "now_unsafe": "no"}


@BOTH
@pytest.mark.parametrize(
    ("button", "then"), [("back", "/form/right-now"), ("later", "/form/later")]
)
def test_every_button_that_stores_answers_leads_to_their_advice(
    app: Flask, htmx: bool, button: str, then: str
) -> None:
    patient = in_private(app, htmx=htmx)
    assert patient.send(PLAN, action=button) == "/form/care"
    assert patient.has("988")
    assert [each["card"] for each in document(patient, app)["shown"]] == ["E7a"]
    assert patient.send(action="go") == then
    # Once is enough.
    patient.open("/form/private")
    assert patient.send(action=button) == then


@BOTH
def test_words_of_a_closed_form_lead_to_their_advice_too(app: Flask, htmx: bool) -> None:
    patient = Patient(app, htmx=htmx)
    patient.open("/")
    patient.go_on(SELF)
    patient.client.delete_cookie("intake")
    patient.go_on(CHEST)
    assert patient.status == 409
    assert patient.go_on() == "/form/care"
    assert patient.has("Do not drive yourself.")


# --- Private advice is shown once --------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, CHEST], ids=["alone", "beside another"])
def test_private_advice_is_gone_after_a_quick_leave(app: Flask, more: Values) -> None:
    patient = in_private(app)
    patient.go_on({"now_self_harm": "no", "now_unsafe": "yes"})
    assert patient.has("1-800-799-7233")
    if more:
        patient.open("/form/right-now")
        patient.go_on(more)
        patient.open("/form/private")
        patient.go_on({"now_self_harm": "thoughts"})
        assert patient.page == "/form/care"
    patient.open("/kitchen-measures")
    way = document(patient, app)["care"]
    assert way is None or way["cards"] == ["E8"]
    patient.open("/return")
    patient.send(form="/return/here")
    assert patient.page == ("/form/care" if more else "/form/about-you")
    patient.open("/form/care")
    assert not patient.has("1-800-799-7233")
    assert not patient.has("Call or text 988")
    assert patient.has("Chest pain") is bool(more)


def test_coming_back_drops_it_when_leaving_could_not(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = in_private(app)
    patient.go_on(PLAN)

    def down(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr("intake.web.patient.advice.without_private_cards", down)
        assert patient.open("/kitchen-measures") == "/kitchen-measures"
        assert patient.status == 200
    assert document(patient, app)["care"]
    patient.open("/return")
    patient.send(form="/return/here")
    assert document(patient, app)["care"] is None
    assert patient.open("/form/care") == "/form/about-you"
