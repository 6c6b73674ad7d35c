"""Words for patients: each sentence is easy to read, and one thing has one name."""

from __future__ import annotations

import pytest

from intake.questionnaire.texts import texts
from tests.unit.reading import hard_sentences, sentences_in, spanish_syllables


@pytest.mark.parametrize("text", texts())
def test_every_sentence_of_the_questionnaire_reads_at_grade_six_or_below(text):
    assert hard_sentences(text) == []


def test_hard_sentences_are_found():
    [(reached, _)] = hard_sentences("Call us. Aggravating comorbidities necessitate evaluation.")
    assert reached > 20
    [(reached, _)] = hard_sentences(
        "Llame. Las comorbilidades agravantes necesitan una evaluación interdisciplinaria.", "es"
    )
    assert reached > 10


def test_names_alone_are_no_sentence_but_others_do_not_hide_behind_them():
    assert hard_sentences("Clopidogrel, prasugrel or ticagrelor") == []
    assert hard_sentences("Clopidogrel contraindicates subsequent injections")


def test_text_is_cut_where_reading_pauses():
    assert sentences_in("Call 911. Say: baclofen pump.") == ["Call 911.", "Say:", "baclofen pump."]


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("de", 1),
        ("día", 2),
        ("cansancio", 3),
        ("ahora", 3),
        ("caída", 3),
        ("muy", 1),
        ("y", 1),
        ("ayuda", 3),
        ("aquí", 2),
        ("guerra", 2),
        ("averigüe", 4),
        ("ciudad", 2),
        ("viuda", 2),
        ("leíamos", 4),
        ("país", 2),
        ("alcohol", 3),
        ("búho", 2),
        ("músculo", 3),
        ("espasmo", 3),
        ("electrónico", 5),
        ("911", 1),
        ("EM", 1),
        ("baclofeno", 2),
    ],
)
def test_spanish_syllables(word, count):
    assert spanish_syllables(word) == count
