"""What effort is counted from, measured on the real pages and on whole patients."""

from __future__ import annotations

from statistics import mean
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.effort import LETTERS, OPENS, TAPS, minutes, words_read
from intake.questionnaire.model import Kind, codes_in
from intake.questionnaire.path import asked, prune
from tests.vignettes import load_all
from tests.web.browser import ANA, HTML, Patient, begun, strict

READ = {Kind.CHOICE, Kind.CHOICES, Kind.LINE, Kind.TEXT}
WHOLE = [prune(patient["answers"], STEPS).answers for patient in load_all()]


def given(kind: Kind) -> list[object]:
    """The answers of whole patients to questions of a kind; None where one is blank."""
    return [
        answers.get(question.key)
        for answers in WHOLE
        for _, question in asked(answers, STEPS)
        if question.kind is kind
    ]


@pytest.mark.parametrize("kind", [Kind.CHOICES, Kind.PLACES])
def test_ticks_are_those_of_whole_patients(kind: Kind) -> None:
    ticks = [len(codes_in(value)) for value in given(kind) if value is not None]  # type: ignore[arg-type] # of this kind they are codes
    assert TAPS[kind] == pytest.approx(mean(ticks), rel=0.1)


@pytest.mark.parametrize("kind", [Kind.LINE, Kind.TEXT])
def test_letters_are_those_of_whole_patients(kind: Kind) -> None:
    letters = [len(str(value or "")) for value in given(kind)]
    assert LETTERS[kind] == pytest.approx(mean(letters), rel=0.1)


def test_as_many_follow_up_questions_open_as_counted() -> None:
    conditional = {q.key for step in STEPS for q in step.questions if step.when or q.when}
    opened = [q.key for answers in WHOLE for _, q in asked(answers, STEPS) if q.key in conditional]
    assert len(opened) / (len(conditional) * len(WHOLE)) == pytest.approx(OPENS, rel=0.2)


def shown(patient: Patient) -> dict[str, Element]:
    """The questions of a page, each with everything that is drawn for it."""
    every = {each.get("id") or "": each for each in strict(patient.html).iter()}
    return {key: every[f"q-{key}"] for key in BY_KEY if f"q-{key}" in every}


def pages(app: Flask) -> dict[str, Element]:
    """Every question that a person meets who leaves all blank that may be."""
    patient = begun(app)
    found = shown(patient)
    patient.go_on(ANA)
    while patient.page != "/form/check":
        found |= shown(patient)
        patient.go_on()
    return found


def test_the_words_on_the_pages_are_those_that_are_counted(app: Flask) -> None:
    found = pages(app)
    assert len(found) > 60
    # Digits of a scale, names of months and the body's picture are looked through, not read.
    read = {key: found[key] for key in found if BY_KEY[key].kind in READ}
    counted = sum(words_read(BY_KEY[key], False, str) for key in read)
    drawn = sum(words_drawn(each) for each in read.values())
    # Besides its own texts a question has a few, such as "Tick all that fit."
    assert 0.95 <= drawn / counted <= 1.2


def words_drawn(question: Element) -> int:
    """Words of a question, without the reasons that open on demand."""
    closed = question.iter(f"{HTML}details")
    unread = sum(len("".join(each.itertext()).split()) for each in closed)
    return len("".join(question.itertext()).split()) - unread


def test_boxes_to_tap_are_those_on_the_pages(app: Flask) -> None:
    found = pages(app)
    for kind in (Kind.DATE, Kind.PARTIAL_DATE, Kind.LINE, Kind.TEXT, Kind.NUMBER):
        drawn = {key: boxes(key, each) for key, each in found.items() if BY_KEY[key].kind is kind}
        assert max(drawn.values()) == TAPS[kind], drawn


def boxes(key: str, question: Element) -> int:
    """Boxes to type into, and menus twice: to open one and to choose."""
    tags = [each.tag.removeprefix(HTML) for each in question.iter()]
    names = [
        each.get("name") or ""
        for each in question.iter(f"{HTML}input")
        if each.get("type") != "checkbox"
    ]
    if BY_KEY[key].kind is Kind.PARTIAL_DATE:
        # "Add the day if you know it."
        names = [name for name in names if not name.endswith("-day")]
    return len(names) + tags.count("textarea") + 2 * tags.count("select")


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, 1), (60, 1), (61, 2), (600, 10), (601, 15), (1501, 30)]
)
def test_minutes_are_said_as_people_say_them(seconds: float, said: int) -> None:
    assert minutes(seconds) == said
