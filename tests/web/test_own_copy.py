"""The own copy: what the patient said and nothing else, for the patient alone."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from flask import Flask

from intake.questionnaire.cards import CARDS
from intake.report.renderer import RenderFailed
from intake.scoring.model import Band
from intake.store import responses
from intake.web.language import catalogue_path, compiled
from intake.web.patient import own_copy
from tests.web.browser import ANA, IN_PRIVATE, NO_SIGNS, SELF, Patient, begun, known, ready, strict
from tests.web.conftest import Clock

PAGE, PDF = "/form/sent/copy", "/form/sent/copy.pdf"
HOSTILE = "<script>1</script> {{7*7}} </td> & “left” 李"


def words_of(pdf: bytes) -> str:
    run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(run.stdout.decode().split())


def both(patient: Patient) -> tuple[str, str]:
    """The words of the page and of the PDF."""
    patient.open(PAGE)
    assert patient.status == 200
    reply = patient.client.get(PDF)
    assert reply.mimetype == "application/pdf"
    return patient.text, words_of(reply.data)


def sent(app: Flask, answers: dict[str, str] | None = None) -> Patient:
    patient = known(app)
    if answers:
        patient.open("/form/anything-else")
        patient.go_on(answers)
    patient.open("/form/check")
    assert patient.send() == "/form/sent"
    return patient


def sent_with_private_answers(app: Flask) -> Patient:
    patient = begun(app, start=IN_PRIVATE)
    while patient.page != "/form/about-you":
        patient.go_on({"now_self_harm": "plan", "now_unsafe": "yes", "safe_contact": "canary 5"})
        if patient.page == "/form/care":
            patient.send(action="go")
    patient.go_on(ANA)
    patient.open("/form/check")
    assert patient.send() == "/form/sent"
    return patient


def test_it_says_what_was_answered_by_page(app: Flask) -> None:
    patient = sent(app, {"anything_else": "I swim on Mondays"})
    reference = patient.text.split("Your reference number")[1].split()[0]
    for text in both(patient):
        assert reference in text
        assert "Alder Lane Spasticity Clinic" in text
        assert "March 9, 2026" in text
        assert "Ana Nguyễn O’Brien 李" in text
        assert "Is there anything else the doctor should know? I swim on Mondays" in text
        assert text.count("What you left blank") == 1
        assert text.index("I swim on Mondays") < text.index("What you left blank")


def test_nothing_private_is_on_it(app: Flask) -> None:
    patient = sent_with_private_answers(app)
    private = [CARDS[card].title for card in ("E7a", "E7b", "E15")]
    for text in both(patient):
        assert text.count("Answered, not shown") == 1
        for word in ("canary", "dead", "hurt", "plan", "1-800", *private):
            assert word not in text, word


def test_private_questions_left_blank_are_not_named(app: Flask) -> None:
    patient = sent(app)
    for text in both(patient):
        assert "Answered, not shown" not in text
        assert "Private questions" not in text


def test_no_band_no_score_no_rule(app: Flask) -> None:
    for text in both(sent(app)):
        for band in Band:
            assert band.text not in text
        for word in ("checklist", "points", "score"):
            assert word not in text
        # A rule, such as K-D5; a reference number such as C7K-4MX is none.
        assert not re.search(r"\bK-[A-Z]?[0-9]", text)


def test_advice_that_holds_is_repeated_in_the_words_of_the_card(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on({"privacy_notice": "seen", "respondent": "self", "private": "no"})
    patient.go_on(NO_SIGNS | {"now_breath_heart": ["chest"]})
    patient.send(action="go")
    patient.go_on(ANA)
    patient.open("/form/check")
    assert patient.send() == "/form/sent"
    for text in both(patient):
        assert CARDS["E8"].title in text
        for line in CARDS["E8"].action:
            assert line in text
        assert text.index(CARDS["E8"].title) < text.index("If something changes")


def test_hostile_words_stay_words(app: Flask) -> None:
    page, pdf = both(sent(app, {"anything_else": HOSTILE}))
    assert HOSTILE in page
    assert HOSTILE in pdf


@pytest.mark.parametrize("address", [PAGE, PDF])
def test_it_is_never_stored_and_its_name_tells_nothing(app: Flask, address: str) -> None:
    reply = sent(app).client.get(address)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers.get("Content-Disposition", 'attachment; filename="my-copy.pdf"') == (
        'attachment; filename="my-copy.pdf"'
    )


@pytest.mark.parametrize("address", [PAGE, PDF])
def test_before_sending_there_is_none(app: Flask, address: str) -> None:
    assert ready(app).open(address) == "/form/check"


@pytest.mark.parametrize("address", [PAGE, PDF])
def test_after_finishing_nothing_opens(app: Flask, address: str) -> None:
    patient = sent(app)
    patient.send(form="/form/finish")
    assert patient.open(address) == "/return"


@pytest.mark.parametrize("address", [PAGE, PDF])
def test_a_stranger_sees_none(app: Flask, address: str) -> None:
    sent(app)
    assert Patient(app).open(address) == "/return"


def test_if_the_pdf_fails_the_page_is_there(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> bytes:
        raise RenderFailed("canary")

    monkeypatch.setattr(own_copy, "render_safely", fail)
    patient = sent(app)
    patient.open(PDF)
    assert patient.status == 503
    assert patient.has("We could not make the PDF just now.")
    assert patient.has("Ana Nguyễn O’Brien 李")
    assert "canary" not in patient.html


def test_the_words_of_the_patients_own_language_come_first(app: Flask) -> None:
    patient = sent(app)
    with app.test_request_context():
        found = responses.sent(app.extensions["store"], 1, reference_of(patient))
        assert found
        row = next(row for row in found.document["rows"] if row["key"] == "name")
        row["text_said"], row["words_said"] = "¿Nombre?", "Ana"
        found.document["language"] = "es"
        copy = own_copy.collected(found)
    assert copy["language"] == "es"
    assert ["¿Nombre?", "Ana"] in [pair for part in copy["parts"] for pair in part["rows"]]
    assert "2026" in copy["head"][2][1]
    assert "March" not in copy["head"][2][1]


def reference_of(patient: Patient) -> str:
    patient.open("/form/sent")
    return patient.text.split("Your reference number")[1].split()[0]


# --- The file ---------------------------------------------------------------------------------


def structure(pdf: pikepdf.Pdf) -> Iterator[str]:
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem":
            yield str(each.get("/S"))


def test_it_is_tagged_titled_and_in_a_language(app: Flask) -> None:
    drawn = sent(app).client.get(PDF).data
    with pikepdf.open(BytesIO(drawn)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Your copy of the form"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.Root.Lang) == "en"
        tags = list(structure(pdf))
    assert tags.count("/H1") == 1
    assert tags.count("/H2") >= 3
    assert tags.count("/TH") > tags.count("/Table") >= 2


def test_it_speaks_the_language_in_which_the_form_was_sent(app: Flask) -> None:
    patient = Patient(app)
    patient.client.set_cookie("language", "es")
    patient.open("/")
    for answers in (SELF, NO_SIGNS, ANA):
        patient.go_on(answers)
    patient.open("/form/check")
    assert patient.send() == "/form/sent"
    # Read later by somebody who reads English pages: the copy stays as it was sent.
    patient.client.set_cookie("language", "en")
    drawn = patient.client.get(PDF).data
    for text in both(patient):
        assert "9 de marzo de 2026" in text
        assert spanish("Who is filling in this form?") in text
        assert spanish("None of these") in text
        assert "Who is filling in this form?" not in text
    with pikepdf.open(BytesIO(drawn)) as pdf:
        assert str(pdf.Root.Lang) == "es"
    (article,) = (each for each in strict(patient.html).iter() if each.get("class") == "copy")
    assert article.get("lang") == "es"


def spanish(text: str) -> str:
    said = str(compiled(catalogue_path("es"), "es").gettext(text))
    assert said != text
    return said


@pytest.mark.parametrize("address", [PAGE, PDF])
def test_left_lying_it_is_locked_with_the_rest(app: Flask, clock: Clock, address: str) -> None:
    patient = sent(app)
    clock.forward(minutes=61)
    assert patient.open(address) == "/form/locked"
    assert "Ana" not in patient.html


@pytest.mark.parametrize("address", [PAGE, PDF])
def test_after_a_quick_leave_it_stays_closed(app: Flask, address: str) -> None:
    patient = sent(app)
    patient.client.get("/kitchen-measures")
    assert patient.open(address) == "/return"
