"""The short form, the rest and all of it in any order: nothing is lost or asked twice."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.model import Answers, Kind, Question, Step, all_hold
from intake.questionnaire.path import asked, keys_of, offered, prune
from intake.questionnaire.sections import ANSWERED, sections
from intake.questionnaire.walk import (
    FULL,
    REST,
    SHORT,
    choose,
    finish,
    is_done,
    not_asked,
    walk,
)
from intake.scoring.needed import needed

BLANK = None


def begun() -> dict[str, Any]:
    return {"answers": {}, "visited": [], "partly": {}, "path": FULL, "rest_after": None}


def answer(data: st.DataObject, question: Question, answers: Answers) -> object:
    """Something a person may answer; blank too."""
    if not question.choices:
        return {Kind.SCALE: 5, Kind.NUMBER: question.low}.get(question.kind, BLANK)
    code = data.draw(st.sampled_from([BLANK, *(c.code for c in offered(question, answers))]))
    return [code] if code and question.kind in {Kind.CHOICES, Kind.PLACES} else code


def pass_page(data: st.DataObject, document: dict[str, Any], page: Step, seen: list[str]) -> None:
    """Answer what the page asks, in order, and press Continue."""
    for question in page.questions:
        kept = prune(document["answers"], STEPS).answers
        step = next(step for step in STEPS if step.slug == page.slug)
        if not all_hold((*step.when, *question.when), kept):
            continue
        seen.append(question.key)
        value = answer(data, question, kept)
        if value is not BLANK:
            document["answers"][question.key] = value
    finish(document, next(step for step in STEPS if step.slug == page.slug), page)


def ahead(document: dict[str, Any]) -> list[Step]:
    return [page for page in walk(document, STEPS, needed()) if not is_done(document, page)]


def go_through(
    data: st.DataObject, document: dict[str, Any], seen: list[str], at_most: int = 200
) -> None:
    for _ in range(at_most):
        if not (pages := ahead(document)):
            return
        pass_page(data, document, pages[0], seen)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_way_loses_an_answer_or_asks_twice(data: st.DataObject) -> None:
    document, seen = begun(), list[str]()
    for _ in range(data.draw(st.integers(1, 4))):
        choose(document, data.draw(st.sampled_from([SHORT, FULL])))
        before = dict(document["answers"])
        go_through(data, document, seen, data.draw(st.integers(0, 40)))
        assert document["answers"].items() >= before.items()
    choose(document, FULL)
    go_through(data, document, seen)
    assert len(seen) == len(set(seen))
    every = {question.key for _, question in asked(document["answers"], STEPS)}
    assert every <= set(seen)
    assert ahead(document) == []
    assert not_asked(document, STEPS, needed()) == ()


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_short_form_says_exactly_what_it_left_out(data: st.DataObject) -> None:
    document, seen = begun(), list[str]()
    choose(document, SHORT)
    go_through(data, document, seen)
    assert set(seen) <= needed()
    every = {question.key for _, question in asked(document["answers"], STEPS)}
    assert set(not_asked(document, STEPS, needed())) == every - set(seen)
    weighed = dict.fromkeys([*BY_KEY, *(f"{step.slug}/" for step in STEPS)], 1.0)
    parts = sections(document, STEPS, needed(), weighed)
    assert {part.status for part in parts} == {ANSWERED}
    choose(document, FULL)
    assert document["path"] == REST
    rest = {key for page in walk(document, STEPS, needed()) for key in keys_of(page)}
    assert rest.isdisjoint(seen)
