"""The catalogues of translations: whole, faithful to their placeholders, and easy to read."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from intake import ROOT
from intake.web.language import catalogue_path, catalogues, compiled
from setup import words
from tests.unit.reading import hard_sentences

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
WANTED = words.wanted()


def catalogue(name: str) -> Catalog:
    with catalogue_path(name).open("rb") as file:
        return read_po(file, locale=name, abort_invalid=True)


def texts(message: Message) -> tuple[str, ...]:
    """The English of a message; its two forms if it counts something."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def said(message: Message) -> tuple[str, ...]:
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def pairs(name: str) -> Iterator[tuple[str, str]]:
    """(English, translation), form by form."""
    for message in catalogue(name):
        if message.id:
            forms = texts(message)
            for number, string in enumerate(said(message)):
                yield forms[min(number, len(forms) - 1)], string


def without_placeholders(text: str) -> str:
    return PLACEHOLDER.sub("5", text)


every_catalogue = pytest.mark.parametrize("name", catalogues())


def test_spanish_is_there():
    assert "es" in catalogues()


@every_catalogue
def test_each_text_that_patients_read_is_translated(name):
    known = catalogue(name)
    lacking = [
        texts(message)[0]
        for message in WANTED
        if message.id and not ((found := known.get(message.id)) and all(said(found)))
    ]
    assert lacking == [], "run: make words"


@every_catalogue
def test_nothing_is_left_over_or_uncertain(name):
    known = catalogue(name)
    wanted = {texts(message)[0] for message in WANTED}
    assert [texts(m)[0] for m in known if m.id and texts(m)[0] not in wanted] == []
    assert [texts(m)[0] for m in known if m.id and m.fuzzy] == []
    assert not known.obsolete


@every_catalogue
def test_what_counts_has_every_plural_form(name):
    known = catalogue(name)
    counted = [message for message in known if message.id and message.pluralizable]
    assert counted
    assert all(len(said(message)) == known.num_plurals for message in counted)


@every_catalogue
def test_placeholders_agree(name):
    wrong = [
        (english, string)
        for english, string in pairs(name)
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(string))
    ]
    assert wrong == []


@every_catalogue
def test_per_cent_signs_are_placeholders(name):
    for english, string in pairs(name):
        assert "%" not in PLACEHOLDER.sub("", english + string)


@every_catalogue
def test_translations_hold_no_markup_and_no_blanks_at_the_ends(name):
    for english, string in pairs(name):
        assert not re.search(r"[<>]|&\w+;", english + string), string
        assert string == string.strip(), string
        assert "  " not in string, string


@every_catalogue
def test_numbers_stay_the_same(name):
    """Phone numbers above all, and doses of time."""

    def numbers(text: str) -> set[str]:
        return set(re.findall(r"\d[\d.,-]*\d|\d", PLACEHOLDER.sub("", text)))

    for english, string in pairs(name):
        assert numbers(english) <= numbers(string), (english, string)


def test_numbers_that_spanish_adds_are_known():
    """988 offers Spanish on 2; feet are told in meters too."""
    added = {
        string: numbers
        for english, string in pairs("es")
        if (numbers := set(re.findall(r"\d+", string)) - set(re.findall(r"\d+", english)))
    }
    assert all(
        ("988" in text and numbers == {"2"}) or "25 pies" in text for text, numbers in added.items()
    )


# --- Easy words --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_sentence_of_every_page_reads_at_grade_six_or_below(language):
    every = {pair[language == "es"] for pair in pairs("es")}
    hard = [
        found
        for text in sorted(every)
        for found in hard_sentences(without_placeholders(text), language)
    ]
    assert len(every) > 1000
    assert hard == []


TABOO = {
    "en": r"!|\bplease note\b|\bkindly\b|\bin order to\b|\butiliz|\bprior to\b|e\.g\.|etc\.",
    "es": r"[¡!]|por favor tenga en cuenta|tenga a bien|con el fin de|previo a|\betc\.",
}
OTHER_NAMES = {
    "en": {
        "form": r"questionnaire|survey",
        "doctor": r"physician|clinician|neurologist",
        "spasms": r"cramps?\b|spasticity",
        "stiffness": r"rigidity",
        "emergency room": r"\bER\b|emergency department",
        "carer": r"caregiver",
        "filler": r"dermal|injectable",
        "clinic": r"practice\b|our office",
        "botulinum toxin": r"neurotoxin",
    },
    "es": {
        "formulario": r"cuestionario|encuesta",
        "médico": r"\bdoctora?\b|galeno|neurólog",
        "espasmos": r"calambre|espasticidad",
        "rigidez": r"tiesura|\btiesos?\b",
        "sala de emergencias": r"sala de urgencias",
        "clínica": r"consultorio",
        "medicina": r"\bdrogas?\b|medicamento|fármaco",
        "suero": r"goteo|intravenos",
        "inyección": r"\bpinchazo",
        "oprimir": r"presione|pulse\b|haga clic",
        "aparato": r"dispositivo",
        "usted": r"\btú\b|\btus?\b|\bte\b|\bvos\b|vosotros|vuestr",
        "correo electrónico": r"e-?mail|\bmail\b",
    },
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_words_are_calm_and_one_thing_has_one_name(language):
    every = sorted({pair[language == "es"] for pair in pairs("es")})
    assert [text for text in every if re.search(TABOO[language], text, re.IGNORECASE)] == []
    for name, others in OTHER_NAMES[language].items():
        assert [text for text in every if re.search(others, text, re.IGNORECASE)] == [], name


def test_every_spanish_question_has_both_of_its_signs():
    assert [text for _, text in pairs("es") if text.count("¿") != text.count("?")] == []


# --- The tool ----------------------------------------------------------------------------------


@every_catalogue
def test_the_tool_finds_nothing_to_do(name, tmp_path, monkeypatch):
    before = catalogue_path(name).read_text(encoding="utf-8")
    copy = tmp_path / "messages.po"
    copy.write_text(before, encoding="utf-8")
    monkeypatch.setattr(words, "catalogue_path", lambda _: copy)
    assert words.update(name)[1] == 0
    assert copy.read_text(encoding="utf-8") == before, "run: make words"


def test_a_new_language_begins_with_every_text_blank(tmp_path, monkeypatch):
    path = tmp_path / "fr" / "LC_MESSAGES" / "messages.po"
    monkeypatch.setattr(words, "catalogue_path", lambda _: path)
    total, blank = words.update("fr")
    assert total == blank > 1000
    assert compiled(path, "fr").gettext("Continue") == "Continue"


def test_a_changed_text_loses_its_translation_and_others_keep_theirs():
    old = Catalog(locale="es")
    old.add("Continue", "Continuar")
    old.add("Continue now, if you like", "Continúe ahora, si quiere")
    new = words.updated(old)
    found = new.get("Continue")
    assert found is not None
    assert found.string == "Continuar"
    assert new.get("Continue now, if you like") is None


def test_texts_of_templates_python_and_questionnaire_are_found():
    assert WANTED.get("Skip to the page")
    assert WANTED.get("Nothing was stored. Try again.")
    assert WANTED.get("How are you right now?")
    assert WANTED.get(("One thing to look at", "%(num)s things to look at"))
    assert not WANTED.get("Front desk"), "staff read English"


def test_the_command_runs_as_people_run_it(tmp_path):
    copy = tmp_path / "intake-copy"
    for folder in ("intake", "setup", "templates"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "setup/words.py"], cwd=copy, capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"words: es: \d+ texts, 0 to translate\n", done.stdout)
    assert Path(copy, "intake/translations/es/LC_MESSAGES/messages.po").read_bytes() == (
        catalogue_path("es").read_bytes()
    )
