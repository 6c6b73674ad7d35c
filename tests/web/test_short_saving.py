"""A page shown in part saves itself, locks and opens old drafts like any other page."""

from __future__ import annotations

import pytest
from flask import Flask

from intake.scoring.needed import needed
from tests.web.browser import Patient, unlock
from tests.web.conftest import Clock
from tests.web.test_safe import Form
from tests.web.test_short import at_the_choice, shown
from tests.web.test_walk import document

PAGE = "/form/ms"
HIDDEN = {"ms_doctor": "Dr. Example"}
KNOWN = {"ms_diagnosis": "confirmed"}


@pytest.fixture
def in_part(app: Flask) -> Patient:
    """Somebody on the short way, at a page of which some answers were given before."""
    patient = at_the_choice(app)
    patient.go_on()
    patient.go_on(KNOWN | HIDDEN)
    patient.open("/form/sections")
    patient.send(action="short", form="/form/sections")
    patient.open(PAGE)
    assert shown(patient) == {"ms_diagnosis"} < needed()
    return patient


def answers(patient: Patient, app: Flask) -> dict[str, object]:
    found: dict[str, object] = document(patient, app)["answers"]
    return {key: found.get(key) for key in (*KNOWN, *HIDDEN)}


def test_a_save_touches_only_what_is_shown(app: Flask, in_part: Patient) -> None:
    assert Form(in_part, PAGE).save({"ms_diagnosis": "suspected"}) == 204
    assert answers(in_part, app) == {"ms_diagnosis": "suspected"} | HIDDEN


@pytest.mark.parametrize("action", ["continue", "back", "later", "sections", "look-text-large"])
def test_every_button_touches_only_what_is_shown(app: Flask, in_part: Patient, action: str) -> None:
    in_part.send({"ms_diagnosis": "suspected"}, action=action)
    assert answers(in_part, app) == {"ms_diagnosis": "suspected"} | HIDDEN


def test_an_answer_to_what_was_not_shown_is_not_taken(app: Flask, in_part: Patient) -> None:
    Form(in_part, PAGE).press({"ms_diagnosis": "confirmed", "ms_doctor": "Dr. Forged"})
    assert answers(in_part, app) == KNOWN | HIDDEN


def test_words_behind_the_lock_touch_only_what_was_shown(
    app: Flask, in_part: Patient, clock: Clock
) -> None:
    form = Form(in_part, PAGE)
    clock.forward(hours=2)
    assert form.press({"ms_diagnosis": "suspected"}).startswith("/form/locked")
    unlock(in_part)
    assert answers(in_part, app) == {"ms_diagnosis": "suspected"} | HIDDEN
