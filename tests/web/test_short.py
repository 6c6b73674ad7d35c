"""The short way, the rest and all of it; the list of sections; a good place to stop."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from intake.questionnaire import STEP_OF, STEPS
from intake.questionnaire.path import asked
from intake.scoring.needed import needed
from tests.web.browser import ANA, NO_SIGNS, SELF, Patient, begun, known, strict
from tests.web.test_walk import document

BOTH = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
AT_CHOICE = "/form/reason"


def at_the_choice(app: Flask, *, htmx: bool = False) -> Patient:
    patient = known(app, htmx=htmx)
    assert patient.go_on() == AT_CHOICE
    return patient


def shown(patient: Patient) -> set[str]:
    """The questions on the page, by the names of its inputs."""
    every = (element.get("name") or "" for element in strict(patient.html).iter())
    return {name.split("-")[0] for name in every} & set(STEP_OF)


def walked(patient: Patient, answers: dict[str, Any] | None = None) -> list[tuple[str, set[str]]]:
    """Every page with its questions, up to the check page, blank but for `answers`."""
    seen = []
    while patient.page != "/form/check":
        keys = shown(patient)
        seen.append((patient.page, keys))
        given = {key: value for key, value in (answers or {}).items() if key in keys}
        patient.go_on(given)
        assert len(seen) < 60
    return seen


@BOTH
def test_the_short_way_asks_what_is_needed_and_nothing_else(app: Flask, htmx: bool) -> None:
    patient = at_the_choice(app, htmx=htmx)
    assert patient.has("Only what the doctor needs most")
    assert patient.send({"main_problem": "My hand"}, action="short") == AT_CHOICE
    assert patient.field("main_problem") == ["My hand"]
    pages = walked(patient)
    keys = set().union(*(keys for _, keys in pages))
    assert keys <= needed()
    every = {q.key for _, q in asked(document(patient, app)["answers"], STEPS)}
    passed = {STEP_OF[key].slug for key in document(patient, app)["answers"]}
    assert {k for k in every & needed() if STEP_OF[k].slug not in {*passed, "support"}} <= keys
    assert document(patient, app)["path"] == "short"


@BOTH
def test_the_rest_asks_what_was_not_asked_and_nothing_twice(app: Flask, htmx: bool) -> None:
    patient = at_the_choice(app, htmx=htmx)
    patient.send(action="short")
    answers = {"ms_diagnosis": "confirmed", "legs_help": "yes", "places": ["left_knee", "neck"]}
    first = [*walked(patient, answers)]
    before = document(patient, app)["answers"]
    assert patient.has("The rest takes about")
    patient.send(action="full", form="/form/sections")
    assert document(patient, app)["path"] == "rest"
    second = walked(patient)
    one = [key for _, keys in first for key in keys]
    two = [key for _, keys in second for key in keys]
    assert "legs_drop" in two
    assert len(two) == len(set(two))
    assert not set(one) & set(two)
    every = {q.key for _, q in asked(before, STEPS)}
    late = {k for k in every if STEP_OF[k].slug not in {"start", "right-now", "about-you"}}
    assert late - {q.key for q in STEP_OF["supports"].questions} <= {*one, *two}
    assert document(patient, app)["answers"].items() >= before.items()
    patient.open("/form/sections")
    patient.send(action="full", form="/form/sections")
    assert patient.page == "/form/check"


def test_short_rest_and_full_in_turn_lose_nothing_and_ask_nothing_twice(app: Flask) -> None:
    patient = at_the_choice(app)
    patient.send({"main_problem": "A"}, action="short")
    patient.go_on()
    assert patient.page == "/form/ms"
    assert shown(patient) == {"ms_diagnosis"}
    patient.go_on({"ms_diagnosis": "confirmed"})
    patient.open("/form/sections")
    patient.send(action="full", form="/form/sections")
    assert patient.page == "/form/ms"
    assert shown(patient) == {"ms_type", "ms_since", "ms_doctor"}
    patient.go_on({"ms_doctor": "Dr. Example"})
    patient.open("/form/sections")
    patient.send(action="short", form="/form/sections")
    assert patient.page == "/form/ms-lately"
    patient.open("/form/sections")
    patient.send(action="full", form="/form/sections")
    rest = walked(patient)
    assert not {key for _, keys in rest for key in keys} & {"ms_type", "ms_doctor", "ms_diagnosis"}
    kept = document(patient, app)["answers"]
    assert (kept["ms_diagnosis"], kept["ms_doctor"]) == ("confirmed", "Dr. Example")


@BOTH
def test_answers_beside_the_short_way_stay_and_can_be_changed(app: Flask, htmx: bool) -> None:
    patient = at_the_choice(app, htmx=htmx)
    patient.go_on()
    patient.go_on({"ms_diagnosis": "confirmed", "ms_doctor": "Dr. Example"})
    patient.open("/form/sections")
    patient.send(action="short", form="/form/sections")
    patient.open("/form/ms?check=1")
    assert patient.field("ms_doctor") == ["Dr. Example"]
    assert patient.go_on({"ms_doctor": "Dr. Other"}).startswith("/form/")
    assert document(patient, app)["answers"]["ms_doctor"] == "Dr. Other"
    patient.open("/form/check")
    assert patient.has("Dr. Other")


def test_a_page_shown_in_part_blanks_nothing_that_it_did_not_show(app: Flask) -> None:
    patient = at_the_choice(app)
    patient.send(action="short")
    patient.go_on()
    assert patient.page == "/form/ms"
    other = Patient(app)
    other.client = patient.client
    other.open("/form/sections")
    other.send(action="full", form="/form/sections")
    other.open("/form/ms")
    other.go_on({"ms_doctor": "Dr. Example"})
    patient.go_on({"ms_diagnosis": "confirmed"})
    kept = document(patient, app)["answers"]
    assert (kept["ms_diagnosis"], kept["ms_doctor"]) == ("confirmed", "Dr. Example")


def test_blank_on_the_check_page_is_only_what_was_asked(app: Flask) -> None:
    patient = at_the_choice(app)
    patient.send(action="short")
    walked(patient)
    assert patient.has("This is the short form")
    assert not patient.has("Who looks after your MS?")
    assert patient.has("Has a doctor told you that you have MS?")


@BOTH
def test_sections_tell_where_the_person_is(app: Flask, htmx: bool) -> None:
    patient = at_the_choice(app, htmx=htmx)
    patient.send({"main_problem": "My hand"}, action="sections")
    assert patient.page == "/form/sections"
    assert document(patient, app)["answers"]["main_problem"] == "My hand"
    assert patient.has("Name and contact Answered")
    assert patient.has("The MS Started, about")
    assert patient.has("Health Not started, about")
    assert 'href="/form/health"' in patient.html


def test_sections_respect_the_danger_signs(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    patient.open("/form/sections")
    assert 'href="/form/right-now"' in patient.html
    assert 'href="/form/health"' not in patient.html


def test_a_new_section_is_a_good_place_to_stop(app: Flask) -> None:
    patient = begun(app)
    assert not patient.has("A good place to stop.")
    patient.go_on(ANA)
    assert not patient.has("A good place to stop.")
    patient.go_on()
    assert patient.has("A good place to stop. Your answers are saved.")
    patient.go_on()
    assert not patient.has("A good place to stop.")


def test_effort_left_shrinks(app: Flask) -> None:
    patient = at_the_choice(app)
    first = minutes_said(patient)
    patient.open("/form/health")
    patient.go_on({"nerve_muscle": "none", "swallow_breathing": "none", "conditions": "none"})
    patient.open("/form/filler")
    patient.go_on({"filler_preference": "none"})
    for page in ("where", "symptoms", "goals", "treatments", "toxin"):
        patient.open(f"/form/{page}")
        patient.go_on()
    assert minutes_said(patient) < first


def minutes_said(patient: Patient) -> int:
    words = patient.text.split(" minutes left")[0]
    return int(words.rsplit(" ", 1)[1])


def test_somebody_else_takes_over_and_nothing_is_lost(app: Flask) -> None:
    patient = at_the_choice(app)
    patient.go_on({"main_problem": "My words"})
    patient.open("/form/sections")
    patient.send({"respondent": "carer"}, action="typing", form="/form/sections")
    draft = document(patient, app)
    assert draft["answers"]["main_problem"] == "My words"
    patient.open("/form/ms")
    patient.go_on({"ms_diagnosis": "confirmed"})
    by = document(patient, app)["by"]
    assert (by["main_problem"], by["ms_diagnosis"]) == ("patient", "carer")


def test_private_danger_signs_are_kept_when_a_carer_takes_over(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on({**SELF, "private": "yes"})
    patient.go_on(NO_SIGNS)
    patient.go_on({"now_self_harm": "no", "now_unsafe": "yes"})
    patient.open("/form/sections")
    patient.send({"respondent": "carer"}, action="typing", form="/form/sections")
    draft = document(patient, app)
    assert draft["earlier_screens"][-1]["answers"]["now_unsafe"] == "yes"
    assert "now_unsafe" not in json.dumps(draft["by"]) or draft["by"]["now_unsafe"] == "patient"
