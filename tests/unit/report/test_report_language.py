"""A patient who answered in another language: their words verbatim, all else in English."""

import re
from functools import cache

import pytest

from intake.questionnaire.rows import Speech
from intake.report.fhir import questionnaire_response
from intake.report.fit import FITS
from intake.report.pdf import marked_up, render
from intake.report.summary import summarise
from tests.unit.report.given import document, everything, on_one_line, text_of, walked, whole

SAID = "No puedo abrir la mano derecha desde marzo"
LOUD = Speech(say=lambda text: f"«{text}»", date=lambda partial: f"el {partial}")


def spanish(answers=None):
    answers = answers or whole(main_problem=SAID)
    return document(answers, language="es", speech=LOUD)


@cache
def pdf_of(language):
    return render(document(whole(main_problem=SAID), language=language))


def test_rows_are_sealed_in_both_languages():
    rows = {row["key"]: row for row in spanish()["rows"]}
    reasons = rows["reasons"]
    assert reasons["text"] == "What brings you to us?"
    assert reasons["text_said"] == "«What brings you to us?»"
    assert reasons["words_said"] == "\n".join(f"«{line}»" for line in reasons["words"].split("\n"))
    assert rows["born_on"]["words_said"].startswith("el ")
    assert rows["main_problem"]["words_said"] == rows["main_problem"]["words"] == SAID


def test_english_is_sealed_twice_alike():
    assert all(
        row["text"] == row["text_said"] and row["words"] == row["words_said"]
        for row in document()["rows"]
    )


def test_the_doctor_reads_on_page_one_which_language_it_was():
    assert "answered in Spanish" in on_one_line(text_of(pdf_of("es"), 1, 1))
    assert "answered in" not in on_one_line(text_of(pdf_of("en"), 1, 1))


def test_what_the_patient_wrote_is_verbatim_and_the_rest_english():
    text = on_one_line(text_of(pdf_of("es")))
    assert SAID in text
    assert "What brings you to us?" in text
    assert "«" not in on_one_line(text_of(render(spanish())))


def test_page_one_stays_one_page_in_spanish():
    pdf = render(document(walked(everything("larga palabra ")), language="es"))
    assert "How the checklist came to" in on_one_line(text_of(pdf, 2, 2))


def test_own_words_are_marked_with_their_language():
    sealed = document(whole(main_problem=SAID), language="es")
    html = marked_up(summarise(sealed), sealed, FITS[0], with_inside=True)
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    marked = re.findall(r'“<bdi lang="es">([^<]*)</bdi>”', html)
    assert marked.count(SAID) == html.count(SAID) > 1


def test_a_response_from_before_languages_still_opens():
    old = document()
    for row in old["rows"]:
        del row["text_said"], row["words_said"]
    assert render(old)


@pytest.mark.parametrize("language", ["en", "es"])
def test_other_programs_read_what_the_person_read(language):
    assert questionnaire_response(document(language=language))["language"] == language
