"""Style rules that follow from the questionnaire: follow-up questions and the body map.

They need no script and no request: `:has()` looks at what is ticked. Where a browser lacks it,
follow-up questions stay in sight and say when they matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from intake.questionnaire.body import ALL_OVER, PLACES, percent
from intake.questionnaire.model import Kind, Step
from intake.web.followups import conditions_here

MAP_COLOUR = "var(--accent)"


@cache
def stylesheet(steps: tuple[Step, ...]) -> str:
    """All rules, as CSS text."""
    most = max(len(conditions_here(step)) for step in steps)
    follow_ups = "\n".join(_follow_ups(most))
    kinds = {question.kind for step in steps for question in step.questions}
    return (
        f"@supports selector(:has(*)) {{\n{follow_ups}\n}}\n"
        + ("\n".join(_body_map()) if Kind.PLACES in kinds else "")
        + "\n"
    )


def _follow_ups(most: int) -> Iterator[str]:
    """Hide what no ticked input asks for, by the numbers that a page gives to its conditions."""
    for number in range(1, most + 1):
        asked = f'form:not(:has([data-asks~="{number}"]:checked))'
        yield f'{asked} [data-if~="{number}"] {{ display: none }}'
    yield ".only-if { display: none }"


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
        yield f".spot[data-place$={region}] {{ --off: {left - 50:g}%; top: {top:g}% }}"
