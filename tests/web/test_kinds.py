"""Every kind of answer: what is posted, what it means, and what is said when it is malformed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from intake.questionnaire.model import NONE, Choice, Kind, Question, Step, when
from intake.web.forms import AnswerField, StepForm
from intake.web.stylesheet import stylesheet

TODAY = date(2026, 3, 9)
LETTERS = (Choice("a", "A"), Choice("b", "B"), Choice("c", "C"))


def question(key: str, kind: Kind, **more: Any) -> Question:
    return Question(key=key, kind=kind, text=f"Text of {key}", label=key, **more)


STEP = Step(
    slug="all",
    title="Every kind",
    section="Test",
    questions=(
        question("one", Kind.CHOICE, choices=LETTERS),
        question("many", Kind.CHOICES, choices=(*LETTERS, NONE)),
        question("level", Kind.SCALE, low_text="none", high_text="worst"),
        question("count", Kind.NUMBER, low=0, high=40, unit="times"),
        question("day", Kind.DATE),
        question("about", Kind.PARTIAL_DATE),
        question("year", Kind.PARTIAL_DATE, finest="year"),
        question("line", Kind.LINE, max_characters=20),
        question("phone", Kind.LINE, input="tel", clinical=False),
        question("email", Kind.LINE, input="email", clinical=False),
        question("text", Kind.TEXT),
        question("follow", Kind.LINE, when=(when("one", "a"),), required=True),
        question("deeper", Kind.LINE, when=(when("follow_kind", "x"), when("one", "a"))),
    ),
)


def form(**posted: str | list[str]) -> StepForm:
    pairs = {
        name.replace("__", "-"): [value] if isinstance(value, str) else value
        for name, value in posted.items()
    }
    return StepForm(STEP, {}, {}, TODAY, MultiDict(pairs))


def field(form: StepForm, key: str) -> AnswerField:
    return next(each for each in form.fields if each.name == key)


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize(
    ("posted", "key", "value"),
    [
        ({"one": "b"}, "one", "b"),
        ({"one": "not_sure"}, "one", "not_sure"),
        ({"many": ["c", "a"]}, "many", ["a", "c"]),
        ({"many": ["b", "not_sure"]}, "many", ["b", "not_sure"]),
        ({"many": ["none"]}, "many", ["none"]),
        ({"level": "0"}, "level", 0),
        ({"level": "10"}, "level", 10),
        ({"level": "not_sure"}, "level", "not_sure"),
        ({"level__not_sure": "1"}, "level", "not_sure"),
        ({"count": " 7 "}, "count", 7),
        ({"count": "7 Times."}, "count", 7),
        ({"count": "7."}, "count", 7),
        ({"line": "two\r\nlines"}, "line", "two lines"),
        ({"count__not_sure": "1"}, "count", "not_sure"),
        ({"day__month": "3", "day__day": "9", "day__year": "1975"}, "day", "1975-03-09"),
        ({"day__not_sure": "1"}, "day", "not_sure"),
        ({"about__year": "2024"}, "about", "2024"),
        ({"about__year": "2024", "about__month": "02"}, "about", "2024-02"),
        (
            {"about__year": "2024", "about__month": "2", "about__day": "29"},
            "about",
            "2024-02-29",
        ),
        ({"year__year": "1999"}, "year", "1999"),
        ({"line": "  Zoe\u0308  "}, "line", "Zoë"),
        ({"line__not_sure": "1"}, "line", "not_sure"),
        ({"phone": "+1 (212) 555-0111 x 4"}, "phone", "+1 (212) 555-0111 x 4"),
        ({"text": "a\r\nb\rc"}, "text", "a\nb\nc"),
    ],
)
def test_what_is_posted_becomes_the_value(posted: dict[str, Any], key: str, value: object) -> None:
    filled = form(**posted)
    assert filled.validate()
    assert filled.accept() == {key: value}
    again = StepForm(STEP, filled.accept(), {}, TODAY)
    assert again.validate()
    assert again.accept() == {key: value}


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize(
    ("posted", "key", "words"),
    [
        ({"one": "z"}, "one", "Choose one"),
        ({"one": ["a", "b"]}, "one", "Choose one"),
        ({"many": ["a", "none"]}, "many", "Keep only what is right"),
        ({"many": ["none", "not_sure"]}, "many", "Keep only what is right"),
        ({"many": ["a", "<script>"]}, "many", "Choose one"),
        ({"level": "11"}, "level", "from 0 to 10"),
        ({"level": "-1"}, "level", "whole number"),
        ({"count": "41"}, "count", "from 0 to 40"),
        ({"count": "9" * 30}, "count", "whole number"),
        ({"count": "٣"}, "count", "whole number"),
        ({"count": "1_0"}, "count", "whole number"),
        ({"count": "nan"}, "count", "whole number"),
        ({"count": "4", "count__not_sure": "1"}, "count", "only one of the two"),
        ({"day__month": "2", "day__day": "31", "day__year": "2020"}, "day", "does not exist"),
        ({"day__month": "31", "day__day": "2", "day__year": "1975"}, "day", "from 1 to 12"),
        ({"day__month": "3", "day__day": "32", "day__year": "1975"}, "day", "from 1 to 31"),
        ({"day__month": "2", "day__year": "2020"}, "day", "missing: day."),
        ({"day__year": "2020"}, "day", "missing: month, day."),
        ({"day__month": "May", "day__day": "3", "day__year": "2020"}, "day", "Check the date"),
        ({"day__month": "2", "day__day": "3", "day__year": "20"}, "day", "four digits"),
        ({"day__month": "3", "day__day": "10", "day__year": "2026"}, "day", "still to come"),
        ({"day__month": "3", "day__day": "10", "day__year": "1850"}, "day", "too long ago"),
        ({"about__month": "3"}, "about", "missing: year."),
        ({"about__year": "2020", "about__day": "3"}, "about", "missing: month."),
        ({"year__year": "2020", "year__month": "3"}, "year", "Check the date"),
        ({"line": "x" * 21}, "line", "21 characters. Keep it to 20."),
        ({"text": "x\n" * 40 + "x"}, "text", "too many lines"),
        ({"count": "3 months"}, "count", "whole number"),
        ({"count": "3 or 4 times"}, "count", "whole number"),
        ({"count": "twelve"}, "count", "whole number"),
        ({"phone": "call me"}, "phone", "phone number with digits"),
        ({"email": "name@"}, "email", "name@example.com"),
        ({"one": "a"}, "follow", "Fill this in"),
    ],
)
def test_what_is_malformed_is_named(posted: dict[str, Any], key: str, words: str) -> None:
    filled = form(**posted)
    assert not filled.validate()
    (error,) = field(filled, key).errors
    assert words in str(error)
    assert key not in filled.accept()
    # What was typed is still in its place.
    ends = {name.removeprefix(key).removeprefix("__") for name in posted if name.startswith(key)}
    assert all(field(filled, key).raw[end] for end in ends)


@pytest.mark.usefixtures("request_context")
def test_a_hidden_follow_up_is_neither_demanded_nor_lost() -> None:
    filled = form(one="b", follow="words")
    assert filled.validate()
    # It counts for nothing while it is hidden, but it is there when the answer changes back.
    assert filled.accept() == {"one": "b", "follow": "words"}


@pytest.mark.usefixtures("request_context")
def test_a_follow_up_says_when_it_matters() -> None:
    assert field(form(), "follow").only_if == "Only if you answered above: A."
    assert field(form(), "one").only_if == ""


def test_style_rules_hide_what_is_not_asked() -> None:
    css = stylesheet((STEP,))
    rule = 'form:not(:has([data-asks~="1"]:checked)) [data-if~="1"] { display: none }'
    assert rule in css
    # A condition of an earlier page is the server's business.
    assert '"2"' not in css


@pytest.mark.usefixtures("request_context")
def test_a_tick_and_what_it_opens_bear_one_number() -> None:
    filled = form()
    assert {each.name: each.stands_on for each in filled.fields if each.stands_on} == {
        "follow": "1"
    }
    asks = {(each.name, code) for each in filled.fields for code in "abc" if each.asks(code)}
    assert asks == {("one", "a")}


@pytest.fixture
def request_context(app: Flask) -> Any:
    with app.test_request_context("/"):
        yield
