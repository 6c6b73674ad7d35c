"""Two hundred real names are kept, found and shown as written; thirty hostile ones are refused."""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from intake.questionnaire import BY_KEY
from intake.questionnaire.values import Fault, fault, normalise
from intake.store import finding, responses
from intake.store.responses import Owner, Owners
from tests.web.browser import ANA, begun
from tests.web.clinic_side import clinic_of, store_of
from tests.web.test_walk import document

NAME = BY_KEY["name"]
TODAY = date(2026, 3, 9)
BORN_ON = date(1975, 3, 9)
HOSTILE = [
    *(f"Ana{control}Nguyen" for control in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"),
    *(f"Ana{control}Nguyen" for control in "\u2066\u2067\u2068\u2069\u2028\u2029\u0085\u009f"),
    *(f"Ana{control}Nguyen" for control in "\x01\x07\x08\x0b\x0c\x1b\x7f"),
    "Ana\x1b[31m Nguyen",
    "A" + "\u0301" * 6,
    "Z\u0351\u036b\u0343\u036a\u0302\u036ba\u035el\u0329g\u034fo",
    "Ana\ue000Nguyen",
    "Ana\U0010ffffNguyen",
    "Ana\ufdd0Nguyen",
    "Ana\nNguyen",
    "x" * 2001,
]


@cache
def names() -> list[str]:
    """The names of the list, without the titles of scripts, which stand in one plain word."""
    lines = (Path(__file__).parents[1] / "names.txt").read_text(encoding="utf-8").splitlines()
    scripts = {"Latin", "Cyrillic", "Greek", "Armenian", "Georgian", "Hebrew", "Arabic", "Syriac"}
    scripts |= {"Thaana", "Nko", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil"}
    scripts |= {"Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Burmese", "Khmer"}
    scripts |= {"Tibetan", "Mongolian", "Ethiopic", "Cherokee", "Inuktitut", "Tifinagh", "Chinese"}
    scripts |= {"Japanese", "Korean", "Mixed"}
    return [line for line in lines if line not in scripts and not line.startswith("#")]


def test_there_are_so_many() -> None:
    assert len(set(names())) == len(names()) >= 200
    assert len(HOSTILE) >= 30


def test_every_real_name_is_taken_sealed_and_found(app: Flask) -> None:
    store, clinic_id = store_of(app), clinic_of(app).id
    for name in names():
        typed = normalise(unicodedata.normalize("NFD", name))
        assert typed == unicodedata.normalize("NFC", name), name
        assert fault(NAME, typed, (), TODAY) is None, name
        owner = Owners(Owner("", None), Owner(typed, BORN_ON))
        draft = responses.start(store, clinic_id)
        saved = responses.save(
            store, draft, {"answers": {"name": typed}}, urgency="routine", owner=owner
        )
        assert responses.draft(store, clinic_id, saved.id) == saved
        found = finding.found_again(store, clinic_id, typed, BORN_ON)
        assert saved.id in {each.id for each in found}, name


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_refused(name: str) -> None:
    assert fault(NAME, normalise(name), (), TODAY) in {
        Fault.CHARACTERS,
        Fault.LINES,
        Fault.TOO_LONG,
    }


def test_through_the_form_they_stay_as_they_are(app: Flask) -> None:
    """One of each dozen, and a hostile one between, which is refused and changes nothing."""
    patient = begun(app)
    patient.go_on(ANA)
    for number, name in enumerate(names()[::12]):
        patient.open("/form/about-you")
        patient.go_on({"name": HOSTILE[number]})
        patient.open("/form/about-you")
        patient.go_on({"name": name})
        stored = document(patient, app)["answers"]["name"]
        assert stored == unicodedata.normalize("NFC", name)
        patient.open("/form/about-you")
        assert patient.field("name") == [stored]
