"""The form in Spanish: nothing a patient reads is left in English, and nothing is lost on the way.

Every string that goes through the catalogue is wrapped in marks here. What stands outside of them
on a page was never sent through it: a text somebody forgot, or one glued together from parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from babel.dates import get_month_names
from babel.support import Translations
from flask import Flask

from intake.questionnaire import STEPS, path
from intake.questionnaire.model import WRITING, Answers
from intake.store import responses, sessions
from intake.store.responses import Draft
from intake.web.language import COOKIE, catalogue_path, compiled
from tests.unit.report.given import everything, walked
from tests.unit.report.given import unsure as all_unsure
from tests.web.browser import ANA, HTML, IN_PRIVATE, NO_SIGNS, SELF, Patient, known, ready, strict
from tests.web.clinic_side import logged_in
from tests.web.test_returning import BORN, code_of
from tests.web.test_sending import sent_references

SHOWN = {"aria-label", "title", "alt", "placeholder"}
INLINE = {"a", "b", "strong", "i", "em", "span", "bdi"}
NOT_LANGUAGE = frozenset({"Aa", "ml", "PDF", "Español", "English", "WCAG"})
"""Units and names that are alike everywhere, and each language's own name."""


class Marked(Translations):
    """The Spanish catalogue with every text in marks; notes what it does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.real = compiled(catalogue_path("es"), "es")
        self.unknown: set[str] = set()

    def ugettext(self, message: str) -> str:
        if "⟦" in message:
            return message
        if message not in self.real._catalog:
            self.unknown.add(message)
        return f"⟦{self.real.gettext(message)}⟧"

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        if (singular, 0) not in self.real._catalog:
            self.unknown.add(singular)
        return f"⟦{self.real.ngettext(singular, plural, num)}⟧"


@pytest.fixture
def marked(app: Flask) -> Iterator[Marked]:
    marked = Marked()
    app.extensions["babel"].instance.domain_instance.cache["es", "messages"] = marked
    yield marked
    assert marked.unknown == set(), "shown, but not in the catalogue"


def spanish(app: Flask, *, htmx: bool = False) -> Patient:
    patient = Patient(app, htmx=htmx)
    patient.client.set_cookie(COOKIE, "es")
    return patient


def left_over(html: str, app: Flask) -> list[str]:
    """What stands on a page outside of all marks."""
    tree = strict(html)
    said = [*_attributes(tree), _outside("".join(_texts(tree)))]
    rest = "".join(f"{_outside(text)}\n" for text in said)
    for words in _own_words(app):
        rest = rest.replace(words, "")
    # Addresses, the reference number and the code to come back are no words.
    rest = re.sub(r"\S*[/@]\S*|\b[A-Z0-9]{3,4}(-[A-Z0-9]{3,4})+\b", "", rest)
    return [
        line.strip()
        for line in rest.splitlines()
        if set(re.findall(r"[^\W\d_]{2,}", line)) - NOT_LANGUAGE
    ]


def _own_words(app: Flask) -> list[str]:
    """The clinic's words, and names of months, which come from Babel."""
    clinic = app.extensions["default_clinic"].speaking("es")
    months = [*get_month_names("wide", locale="es").values()]
    own = [clinic.name, *clinic.address.split("\n"), clinic.hours, *clinic.privacy_paragraphs]
    return [*own, *clinic.doctors, *(f"de {month}" for month in months), *months, "de 2026"]


def _attributes(tree: Element) -> Iterator[str]:
    for element in tree.iter():
        for name, value in element.attrib.items():
            # Settings of a script are single words.
            is_said = name.startswith("data-") and not name.startswith("data-hx-") and " " in value
            if name in SHOWN or is_said:
                yield value


def _texts(element: Element) -> Iterator[str]:
    tag = element.tag.removeprefix(HTML)
    if tag in {"script", "style"}:
        return
    # A person's own words stand in these.
    if tag not in {"bdi", "textarea"}:
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""
    yield "" if tag in INLINE else "\n"


def _outside(text: str) -> str:
    depth, rest = 0, []
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        if depth == 0 and letter != "⟧":
            rest.append(letter)
    return "".join(rest)


def document(patient: Patient, app: Flask) -> dict[str, Any]:
    """What is stored for this browser."""
    return dict(_draft(app, patient).document)


def _draft(app: Flask, patient: Patient) -> Draft:
    store = app.extensions["store"]
    with patient.client.session_transaction() as session:
        row = sessions.read(store, session["patient"])
    assert row
    draft = responses.draft(store, row.clinic_id, row.subject)
    assert draft
    return draft


def put(app: Flask, patient: Patient, answers: Answers) -> None:
    """Store answers as if every page had been walked."""
    store, draft = app.extensions["store"], _draft(app, patient)
    changed: dict[str, Any] = dict(draft.document) | {
        "answers": dict(answers),
        "visited": [step.slug for step in STEPS],
        "screened_at": store.clock().isoformat(),
    }
    responses.save(store, draft, changed, urgency="emergency", cards=[])


def opened(app: Flask, answers: Answers) -> Patient:
    patient = spanish(app)
    patient.open("/")
    patient.go_on(IN_PRIVATE)
    patient.go_on(NO_SIGNS)
    put(app, patient, answers)
    return patient


def whole_of(who: str) -> dict[str, Any]:
    """The answers with the longest path, for the person's own or a carer's hand."""
    answers = walked(everything("x "))
    return answers | {"respondent": who, "private": "yes"}


def fixed_pages(app: Flask) -> list[str]:
    """Every page of the patient's side whose address has no parts."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("patient.")
        and "GET" in (rule.methods or ())
        and not rule.arguments
    )


@pytest.mark.parametrize("who", ["self", "carer"])
def test_every_page_of_the_longest_path(app: Flask, marked: Marked, who: str) -> None:
    patient = opened(app, whole_of(who))
    found = {}
    steps = path.path(whole_of(who), STEPS)
    assert len(steps) > 40
    for step in steps:
        patient.open(f"/form/{step.slug}" if step.slug != "start" else "/")
        if rest := left_over(patient.html, app):
            found[step.slug] = rest
    assert found == {}


@pytest.mark.parametrize("answers", [whole_of("self"), walked(all_unsure)], ids=["all", "unsure"])
def test_every_other_page(app: Flask, marked: Marked, answers: Answers) -> None:
    patient = opened(app, answers)
    found = {}
    for url in fixed_pages(app):
        patient.open(url)
        if patient.reply.mimetype == "text/html" and (rest := left_over(patient.html, app)):
            found[url] = rest
    assert found == {}


@pytest.mark.parametrize("htmx", [False, True])
def test_errors_of_every_page(app: Flask, marked: Marked, htmx: bool) -> None:
    patient = opened(app, whole_of("self"))
    patient.headers = {"HX-Request": "true", "HX-Target": "page"} if htmx else {}
    found = {}
    for step in path.path(whole_of("self"), STEPS):
        for wrong in ("99999", "\u202e", "x" * 2100):
            url = f"/form/{step.slug}" if step.slug != "start" else "/"
            patient.open(url)
            bad: dict[str, str | list[str]] = {}
            for question in step.questions:
                bad[question.key] = wrong if question.kind in WRITING else wrong[:6]
                bad |= {f"{question.key}-{part}": wrong[:6] for part in ("month", "day", "year")}
            patient.go_on(bad)
            if rest := left_over(patient.html, app):
                found[step.slug, wrong[:5]] = rest
    assert found == {}


def test_sending_and_what_follows(app: Flask, marked: Marked) -> None:
    patient = ready(app)
    patient.client.set_cookie(COOKIE, "es")
    patient.open("/form/check")
    patient.send()
    assert patient.page == "/form/sent"
    for url in fixed_pages(app):
        patient.open(url)
        if patient.reply.mimetype == "text/html":
            assert left_over(patient.html, app) == [], url
    for url in ("/no-such-page", "/form/no-such-page", "/finished"):
        patient.open(url)
        assert left_over(patient.html, app) == [], url


def test_switching_on_the_way_loses_nothing(app: Flask) -> None:
    patient = known(app)
    patient.client.set_cookie(COOKIE, "es")
    patient.open("/form/about-you")
    assert '<html lang="es"' in patient.html
    assert patient.has("Su nombre completo")
    assert patient.field("name") == [ANA["name"]]
    assert document(patient, app)["language"] == "en"
    patient.go_on({"pronouns": "ella"})
    assert document(patient, app)["language"] == "es"
    assert document(patient, app)["answers"]["name"] == ANA["name"]


def test_a_form_goes_on_elsewhere_in_its_language(app: Flask) -> None:
    patient = spanish(app)
    patient.open("/")
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS)
    patient.go_on(ANA)
    code = code_of(patient)
    other = Patient(app)
    other.open("/return")
    assert '<html lang="en"' in other.html
    other.send({"code": code, **BORN}, form="/return")
    assert '<html lang="es"' in other.html
    assert document(other, app)["language"] == "es"


def test_what_is_sent_holds_both_languages(app: Flask) -> None:
    patient = ready(app)
    patient.client.set_cookie(COOKIE, "es")
    patient.open("/form/check")
    patient.send()
    (reference,) = sent_references(app)
    found = responses.sent(app.extensions["store"], 1, reference)
    assert found
    assert found.document["language"] == "es"
    born = next(row for row in found.document["rows"] if row["key"] == "born_on")
    assert (born["text"], born["words"]) == ("Your date of birth", "March 9, 1975")
    assert (born["text_said"], born["words_said"]) == (
        "Su fecha de nacimiento",
        "9 de marzo de 1975",
    )


def test_staff_read_english_with_the_patients_own_words(app: Flask) -> None:
    patient = ready(app)
    patient.client.set_cookie(COOKIE, "es")
    patient.open("/form/anything-else")
    patient.go_on({"anything_else": "No puedo abrir la mano derecha"})
    patient.open("/form/check")
    patient.send()
    doctor = logged_in(app, "doctor")
    doctor.client.set_cookie(COOKIE, "es")
    (reference,) = sent_references(app)
    doctor.open(f"/clinic/responses/{reference}")
    assert '<html lang="en"' in doctor.html
    assert doctor.has("answered in Spanish")
    assert 'lang="es">No puedo abrir la mano derecha</bdi>' in doctor.html
    assert doctor.has("Is there anything else the doctor should know?")


def test_a_page_that_was_forgotten_is_found(app: Flask, marked: Marked) -> None:
    html = "<!DOCTYPE html><html lang='es'><title>⟦t⟧</title><p>⟦Hola ⟦a⟧⟧ Goodbye</p></html>"
    assert left_over(html, app) == ["Goodbye"]
