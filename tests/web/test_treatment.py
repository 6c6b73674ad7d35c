"""The page on the treatment: open to all, whole, and a way back to where one was."""

from __future__ import annotations

import pytest
from flask import Flask

from intake.questionnaire.treatment import TREATMENT
from tests.web.browser import Patient, begun, known, ready, strict
from tests.web.conftest import Clock


def test_everybody_can_read_all_of_it(app: Flask) -> None:
    patient = Patient(app)
    assert patient.open("/treatment") == "/treatment"
    texts = [paragraph.text for part in TREATMENT for paragraph in part.paragraphs]
    assert [text for text in texts if not patient.has(text)] == []
    assert not patient.client.get_cookie("intake")


def test_the_picture_has_a_title_and_a_description(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/treatment")
    (picture,) = (each for each in strict(patient.html).iter() if each.get("role") == "img")
    ids = {each.get("id") for each in picture.iter()}
    assert set((picture.get("aria-labelledby") or "").split()) <= ids
    assert (picture.get("aria-labelledby") or "").count(" ") == 1


@pytest.mark.parametrize("page", ["/", "/form/filler"])
def test_pages_lead_there(app: Flask, page: str) -> None:
    patient = known(app)
    if page != "/":
        patient.open("/form/reason")
        patient.go_on({"reasons": ["looks", "spasms"]})
    assert patient.open(page) == page
    assert 'href="/treatment"' in patient.html


def test_it_leads_back_to_where_the_form_goes_on(app: Flask) -> None:
    patient = begun(app)
    patient.open("/treatment")
    assert patient.has("Back to the form")
    assert 'href="/form/about-you"' in patient.html


def test_after_sending_it_leads_back_to_the_thanks(app: Flask) -> None:
    patient = ready(app)
    patient.send()
    patient.open("/treatment")
    assert 'href="/form/sent"' in patient.html


def test_after_a_quick_leave_it_tells_of_no_form(app: Flask) -> None:
    patient = begun(app)
    patient.client.get("/kitchen-measures")
    patient.open("/treatment")
    assert not patient.has("Back to the form")
    assert "/form/" not in patient.html


def test_left_lying_it_does_not_tell_how_far_the_form_is(app: Flask, clock: Clock) -> None:
    patient = begun(app)
    clock.forward(minutes=61)
    patient.open("/treatment")
    assert 'href="/form/locked"' in patient.html
    assert "/form/about-you" not in patient.html
