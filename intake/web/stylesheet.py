"""Style rules that follow from the questionnaire: follow-up questions and the body map.

They need no script and no request: `:has()` looks at what is ticked. Where a browser lacks it,
follow-up questions stay in sight and say when they matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from intake.questionnaire.body import PLACES, percent
from intake.questionnaire.model import CHOOSING, Kind, Question, Step, When

MAP_COLOUR = "var(--accent)"


@cache
def stylesheet(steps: tuple[Step, ...]) -> str:
    """All rules, as CSS text."""
    follow_ups = "\n".join(rule for step in steps for rule in _follow_ups(step))
    kinds = {question.kind for step in steps for question in step.questions}
    return (
        f"@supports selector(:has(*)) {{\n{follow_ups}\n{_ONLY_IF}\n}}\n"
        + ("\n".join(_body_map(steps)) if Kind.PLACES in kinds else "")
        + "\n"
    )


_ONLY_IF = ".only-if { display: none }"


def _follow_ups(step: Step) -> Iterator[str]:
    here = {question.key: question for question in step.questions}
    for question in step.questions:
        for condition in _conditions(question, here):
            ticked = _ticked(condition, here)
            yield f"form:not(:has({ticked})) #q-{question.key} {{ display: none }}"


def _conditions(question: Question, here: dict[str, Question]) -> Iterator[When]:
    """The conditions on this page, and those of the questions they stand on."""
    for condition in question.when:
        if condition.key not in here or condition.at_least > 1:
            # An earlier page is the server's; counting is beyond a selector.
            continue
        yield condition
        yield from _conditions(here[condition.key], here)


def _ticked(condition: When, here: dict[str, Question]) -> str:
    """Match an input that gives one of the values, in the order the choices are declared."""
    asked = here[condition.key]
    codes = [choice.code for choice in asked.options] if asked.kind in CHOOSING else []
    codes += sorted(condition.values - set(codes))
    return ", ".join(
        f'[name="{condition.key}"][value="{code}"]:checked'
        for code in codes
        if code in condition.values
    )


def _body_map(steps: tuple[Step, ...]) -> Iterator[str]:
    keys = [
        question.key
        for step in steps
        for question in step.questions
        if question.kind is Kind.PLACES
    ]
    for place in PLACES:
        for key in keys:
            yield (
                f"form:has(#{key}-{place.code}:checked) .body-{place.code}"
                f" {{ fill: {MAP_COLOUR}; fill-opacity: 1 }}"
            )
        for view, spot in (("front", place.front_target), ("back", place.back_target)):
            if spot is not None:
                left, top = percent(spot)
                yield f".at-{view}-{place.code} {{ left: {left}%; top: {top}% }}"
    for key in keys:
        yield f"form:has(#{key}-all_over:checked) .body-all {{ fill: {MAP_COLOUR} }}"
