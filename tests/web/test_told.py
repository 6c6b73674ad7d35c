"""What staff read of the short form, of who gave the answers, and of whom to call."""

from __future__ import annotations

import pytest
from flask import Flask

from intake.questionnaire.rows import NOT_ASKED
from intake.store import responses
from tests.unit.report.given import CARER
from tests.web.browser import known, strict
from tests.web.clinic_side import ROLES, logged_in, sent, store_of
from tests.web.test_sending import sent_references
from tests.web.test_staff_list import rows

CALLED = {**CARER, "person_agrees": "yes", "carer_phone": "315-555-0120"}


def test_the_way_and_the_givers_are_sealed_as_they_were(app: Flask) -> None:
    patient = known(app)
    patient.go_on()
    patient.send({"main_problem": "My own words"}, action="short")
    patient.open("/form/sections")
    patient.send({"respondent": "carer"}, action="typing", form="/form/sections")
    patient.open("/form/carer")
    patient.go_on({"carer_relation": "daughter", "contact_person": "either"})
    patient.open("/form/check")
    assert patient.send() == "/form/sent"
    (reference,) = sent_references(app)
    found = responses.sent(store_of(app), 1, reference)
    assert found
    document = found.document
    assert document["path"] == "short"
    assert document["by"]["main_problem"] == "patient"
    assert document["by"]["contact_person"] == "carer"
    status = {row["key"]: row["status"] for row in document["rows"]}
    assert (status["falls"], status["ms_diagnosis"]) == (NOT_ASKED, "blank")
    page = logged_in(app, "doctor")
    page.open(f"/clinic/responses/{reference}")
    assert page.has("short form:")
    assert page.has("answers by patient and daughter")
    assert page.has("Not asked (short form):")
    copy = patient.open("/form/sent/copy")
    assert copy == "/form/sent/copy"
    assert patient.has("What you left blank")
    blank = patient.text.split("What you left blank")[1]
    assert "Has a doctor said" in blank
    assert "fall" not in blank
    assert not patient.has("Answered, not shown")


def test_marks_are_words_too(app: Flask) -> None:
    by = {"name": "patient", "falls": "carer"}
    reference = sent(app, CALLED, sealed={"by": by})
    page = logged_in(app, "doctor")
    page.open(f"/clinic/responses/{reference}")
    strict(page.html)
    assert page.has("C (given by the carer) How often did the person fall")
    assert page.has("C = given by the carer (daughter); the others by the patient.")


def test_who_gave_private_answers_is_for_doctors(app: Flask) -> None:
    by = {"name": "carer", "mood_down": "patient"}
    reference = sent(app, sealed={"by": by})
    for role, told in (("doctor", True), ("admin", False)):
        page = logged_in(app, role)
        page.open(f"/clinic/responses/{reference}")
        assert page.has("answers by patient and carer") is told


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("person", "Contact Call the patient 315-555-0142"),
        ("me", "Contact Call the carer 315-555-0120 (carer) 315-555-0142"),
        ("either", "Contact Call patient or carer 315-555-0142 315-555-0120 (carer)"),
    ],
)
def test_the_work_list_tells_whom_to_call(app: Flask, role: str, wanted: str, words: str) -> None:
    sent(app, CALLED, contact_person=wanted)
    page = logged_in(app, role)
    page.open("/clinic?lane=new")
    (row,) = rows(page)
    assert words in row
    assert ("315-555-0120" in page.html) is (wanted != "person")


def test_a_carers_number_is_no_number_of_somebody_unsafe_at_home(app: Flask) -> None:
    """Answers by hand may hold both; the carer may be the danger."""
    sent(app, CALLED | {"respondent": "self", "private": "yes", "now_unsafe": "yes"})
    for role in ROLES:
        assert "315-555-0120" not in logged_in(app, role).html
