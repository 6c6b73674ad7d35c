"""Style rules that follow from the questionnaire: follow-up questions and the body map.

They need no script and no request: `:has()` looks at what is ticked. Where a browser lacks it,
follow-up questions stay in sight and say when they matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from intake.questionnaire.body import ALL_OVER, PLACES, percent
from intake.questionnaire.model import CHOOSING, Kind, Question, Step, When

MAP_COLOUR = "var(--accent)"


@cache
def stylesheet(steps: tuple[Step, ...]) -> str:
    """All rules, as CSS text."""
    follow_ups = "\n".join(rule for step in steps for rule in _follow_ups(step))
    kinds = {question.kind for step in steps for question in step.questions}
    return (
        f"@supports selector(:has(*)) {{\n{follow_ups}\n{_ONLY_IF}\n}}\n"
        + ("\n".join(_body_map()) if Kind.PLACES in kinds else "")
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


def _body_map() -> Iterator[str]:
    """Mark what is ticked, by code; put the targets over their places, by region.

    Both views and both sides share one spot: `--side` mirrors it (see app.css).
    """
    marked = ",\n".join(
        f".with-map:has([value={place.code}]:checked) [data-place={place.code}]" for place in PLACES
    )
    yield f"{marked} {{ --on: 1 }}"
    yield f".with-map:has([value={ALL_OVER}]:checked) .body-skin {{ fill: {MAP_COLOUR} }}"
    for region, spot in {place.region: place.front_target for place in PLACES}.items():
        left, top = percent((abs(spot[0]), spot[1]))
        yield f".at-{region} {{ --off: {left - 50:g}%; top: {top:g}% }}"
