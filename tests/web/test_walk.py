"""Walking through: pages, errors, back, changing an answer, with and without htmx."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from intake.questionnaire import STEPS
from intake.questionnaire.model import Kind
from intake.store import responses, sessions
from tests.web.browser import ANA, IN_PRIVATE, NO_SIGNS, SELF, Patient, begun, known, ready

BOTH = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])


def document(patient: Patient, app: Flask) -> dict[str, Any]:
    store = app.extensions["store"]
    with patient.client.session_transaction() as session:
        row = sessions.read(store, session["patient"])
    assert row
    draft = responses.draft(store, row.clinic_id, row.subject)
    assert draft
    return draft.document


@BOTH
def test_start_leads_through_the_danger_signs_to_about_you(app: Flask, htmx: bool) -> None:
    patient = Patient(app, htmx=htmx)
    patient.open("/")
    assert patient.go_on(SELF) == "/form/right-now"
    assert patient.go_on(NO_SIGNS) == "/form/about-you"
    assert patient.go_on(ANA) == "/form/support"


def test_looking_at_the_start_creates_nothing(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    with patient.client.session_transaction() as session:
        assert "patient" not in session


@BOTH
def test_an_error_names_the_field_and_keeps_the_words(app: Flask, htmx: bool) -> None:
    patient = begun(app, htmx=htmx)
    patient.go_on({**ANA, "born_on-month": "13", "name": "Zoë"})
    assert patient.status == (422 if htmx else 200)
    assert "<title>Error:" in " ".join(patient.html.split()).replace("<title> ", "<title>")
    assert 'href="#born_on-month"' in patient.html
    assert patient.has("Your date of birth: The month must be from 1 to 12.")
    assert patient.field("name") == ["Zoë"]
    assert patient.field("born_on-month") == ["13"]
    assert patient.go_on({"born_on-month": "3"}) == "/form/support"


@BOTH
def test_required_and_one_of_block_continue(app: Flask, htmx: bool) -> None:
    patient = begun(app, htmx=htmx)
    patient.go_on({})
    assert patient.page == "/form/about-you"
    for text in ("Enter your full name.", "Enter your date of birth", "Give us one way"):
        assert patient.has(text)


@BOTH
def test_every_other_page_may_stay_blank(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    seen = [patient.page]
    while patient.page != "/form/check":
        patient.go_on()
        assert patient.page not in seen, patient.page
        seen.append(patient.page)
    assert len(seen) > 15


@BOTH
def test_back_saves_what_is_well_formed(app: Flask, htmx: bool) -> None:
    patient = begun(app, htmx=htmx)
    assert patient.send({"name": "Zoë", "born_on-year": "75"}, action="back") == "/form/right-now"
    patient.open("/form/about-you")
    assert patient.field("name") == ["Zoë"]
    assert patient.field("born_on-year") == ["75"]
    assert patient.has("Write the year with four digits")


def test_whoever_jumps_ahead_is_led_to_the_danger_signs(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    for step in STEPS[2:]:
        assert patient.open(f"/form/{step.slug}") == "/form/right-now", step.slug
    assert patient.open("/form/check") == "/form/right-now"


@BOTH
def test_no_danger_sign_may_be_skipped(app: Flask, htmx: bool) -> None:
    for key in NO_SIGNS:
        patient = Patient(app, htmx=htmx)
        patient.open("/")
        patient.go_on(SELF)
        patient.go_on({each: value for each, value in NO_SIGNS.items() if each != key})
        assert patient.page == "/form/right-now"
        assert "errors" in patient.html


@BOTH
def test_a_follow_up_that_is_not_asked_is_not_demanded(app: Flask, htmx: bool) -> None:
    patient = Patient(app, htmx=htmx)
    patient.open("/")
    patient.go_on(SELF)
    patient.go_on({**NO_SIGNS, "now_infection": "urine_fever"})
    assert patient.has("Choose yes, no or not sure for the signs that go with a fever.")


@BOTH
def test_changing_an_answer_goes_through_new_pages_and_returns_to_the_check(
    app: Flask, htmx: bool
) -> None:
    patient = known(app, htmx=htmx)
    while patient.page != "/form/check":
        patient.go_on()
    patient.open("/form/where?check=1")
    assert patient.go_on({"places": ["left_elbow"]}) == "/form/left-arm"
    while patient.page != "/form/check":
        before = patient.page
        patient.go_on()
        assert patient.page != before
    assert patient.has("Left elbow")
    patient.open("/form/reason?check=1")
    assert patient.go_on() == "/form/check"


@BOTH
def test_changing_who_fills_in_leads_through_new_pages_only(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    while patient.page != "/form/check":
        patient.go_on()
    at = next(href for href in re.findall('href="([^"]+)"', patient.html) if "respondent" in href)
    patient.open(at.split("#")[0])
    patient.go_on({"respondent": "carer", "carer_name": "Bo"})
    seen = []
    while patient.page != "/form/check":
        assert patient.page not in NOT_NEW, patient.page
        seen.append(patient.page)
        patient.go_on()
    assert len(seen) < 3
    # An answer that is needed now, on a page that was seen before, comes first.
    patient.open("/form/reason?check=1")
    patient.post("/form/about-you", [(k, v) for k, v in _without_name(app, patient)])
    patient.open("/form/reason?check=1")
    assert patient.go_on() == "/form/about-you"
    assert patient.go_on(ANA) == "/form/check"


NOT_NEW = {"/form/right-now", "/form/about-you", "/form/support", "/form/reason", "/form/ms"}


def _without_name(app: Flask, patient: Patient) -> list[tuple[str, str]]:
    """Go back from the page about the person with the name taken out."""
    patient.open("/form/about-you?check=1")
    kept = [(name, value) for name, value in patient._form("")[1] if name != "name"]
    return [*kept, ("action", "back")]


@BOTH
def test_a_hidden_sign_is_taken_out_and_one_press_goes_on(app: Flask, htmx: bool) -> None:
    patient = begun(app, htmx=htmx)
    patient.go_on({**ANA, "name": "Ana \u202eLee\x07"})
    assert patient.page == "/form/about-you"
    assert patient.has("hidden signs")
    assert patient.field("name") == ["Ana Lee"]
    assert patient.go_on() == "/form/support"


@BOTH
def test_who_comes_for_looks_walks_past_the_pages_on_spasms(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/reason")
    patient.go_on({"reasons": ["looks"]})
    patient.open("/form/symptoms")
    patient.go_on({"symptoms": ["none"]})
    patient.open("/form/where")
    # Three answers agree: from here on nothing about spasms.
    assert patient.go_on({"places": ["none"]}) == "/form/pain-sleep"
    passed = [patient.page]
    while patient.page != "/form/check":
        assert not patient.has("What have you tried"), patient.page
        assert not patient.has("What do stiffness or spasms make hard"), patient.page
        patient.go_on()
        passed.append(patient.page)
    assert not {"/form/spasms", "/form/stiffness-drugs"} & set(passed)
    # One of them taken back: the pages come.
    patient.open("/form/where?check=1")
    assert patient.go_on({"places": ["not_sure"]}) == "/form/spasms"


RECALL = "You told us of this on the first page"


def test_a_later_page_says_that_it_asks_again(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    signs = {"now_medicine": ["toxin"], "now_toxin_signs": ["none"]}
    patient.go_on(NO_SIGNS | signs)
    patient.open("/form/toxin")
    assert patient.has(RECALL)
    assert patient.has("You told us that it was in the last 12 weeks. When was it?")
    patient.open("/form/treatments")
    assert not patient.has(RECALL)


def test_nothing_is_recalled_that_nobody_said(app: Flask) -> None:
    patient = known(app)
    for page in ("toxin", "treatments", "health", "set-off"):
        patient.open(f"/form/{page}")
        assert patient.page == f"/form/{page}"
        assert not patient.has("You told us")


def test_an_answer_of_one_sentence_has_room_for_it(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/goals")
    said = "I want to hold my brush\nand paint for half an hour"
    patient.go_on({"goal_1": "own", "goal_1_words": said})
    assert document(patient, app)["answers"]["goal_1_words"] == said.replace("\n", " ")
    patient.open("/form/goals")
    assert '<textarea id="goal_1_words"' in patient.html
    assert "maxlength" not in patient.html


@BOTH
def test_hidden_answers_never_reach_the_check_page(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/ms")
    patient.go_on({"ms_diagnosis": "confirmed", "ms_type": "primary"})
    patient.open("/form/check")
    assert patient.has("Primary progressive")
    patient.open("/form/ms")
    patient.go_on({"ms_diagnosis": "no"})
    patient.open("/form/check")
    assert not patient.has("Primary progressive")


@BOTH
def test_none_and_something_else_is_refused(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/symptoms")
    patient.go_on({"symptoms": ["pain", "none"]})
    assert patient.has("You ticked “None” and something else too.")
    assert patient.field("symptoms") == ["pain", "none"]


@BOTH
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("x" * 2001, ": 2001 characters. Keep it to 2000."),
        ("a\n" * 60, "too many lines"),
        ("safe \u202e evil", "hidden sign"),
        ("a" + "\u0301" * 9, "hidden sign"),
        ("bell \x07", "hidden sign"),
    ],
)
def test_hostile_words_are_refused_and_stay(
    app: Flask, htmx: bool, words: str, message: str
) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/anything-else")
    key = next(q.key for q in STEPS[-1].questions if q.kind is Kind.TEXT)
    patient.go_on({key: words})
    assert patient.has(message)
    assert patient.page == "/form/anything-else"


@pytest.mark.parametrize("digits", ["٣", "1_0", "+3", "3.0", "1e1", "3 ", "²"])
def test_only_plain_digits_are_a_date(app: Flask, digits: str) -> None:
    patient = begun(app)
    patient.go_on({**ANA, "born_on-month": digits})
    assert patient.page == ("/form/support" if digits == "3 " else "/form/about-you")


def test_names_of_any_script_are_kept(app: Flask) -> None:
    patient = ready(app)
    assert patient.has("Ana Nguyễn O’Brien 李")


def test_a_step_that_is_not_on_the_path_leads_on(app: Flask) -> None:
    patient = known(app)
    assert patient.open("/form/pump") == "/form/support"


def test_a_page_that_does_not_exist_helps(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/nothing")
    assert patient.status == 404
    assert patient.has("Call our clinic")


def test_carers_read_their_own_words(app: Flask) -> None:
    patient = begun(app, start={"respondent": "carer"})
    assert patient.has("Full name of the person with MS")


@BOTH
def test_whole_page_with_every_question_is_strict_html(app: Flask, htmx: bool) -> None:
    """Every page of the questionnaire on one long path, blank and then again with answers."""
    patient = begun(app, htmx=htmx, start=IN_PRIVATE)
    patient.go_on({"now_self_harm": "no", "now_unsafe": "no"})
    patient.go_on(ANA)
    visited = set()
    while patient.page != "/form/check":
        visited.add(patient.page.removeprefix("/form/"))
        step = next(step for step in STEPS if f"/form/{step.slug}" == patient.page)
        answers: dict[str, str | list[str]] = {}
        for question in step.questions:
            if question.kind is Kind.CHOICE and not question.among:
                answers[question.key] = next(
                    (c.code for c in question.choices if c.code != "no" and not c.card),
                    question.choices[0].code,
                )
            elif question.kind in (Kind.CHOICES, Kind.PLACES):
                answers[question.key] = [
                    choice.code for choice in question.choices if not choice.alone
                ]
        before = patient.page
        patient.go_on(answers)
        if patient.page == "/form/care":
            patient.send(action="go")
        assert patient.page != before, patient.text[:400]
    assert len(visited) > 30
    patient.open("/form/check")
    assert patient.status == 200


def test_the_draft_holds_codes_only(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/symptoms")
    patient.go_on({"symptoms": ["pain", "weakness"]})
    # In the order they are declared, whatever order they came in.
    assert document(patient, app)["answers"]["symptoms"] == ["weakness", "pain"]
