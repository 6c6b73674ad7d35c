"""Follow-up questions that open on their own page, without a script or a request.

A page numbers the conditions that its own answers decide. A follow-up carries the numbers it
stands on (`data-if`), an input those it fulfils (`data-asks`), and a few rules that know only
numbers do the rest (`stylesheet.py`): the stylesheet grows with no question.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from intake.questionnaire.model import Question, Step, When


@cache
def conditions_here(step: Step) -> tuple[When, ...]:
    """The conditions that answers on this very page decide; a number is the place, from 1."""
    return tuple(
        dict.fromkeys(when for question in step.questions for when in _conditions(step, question))
    )


@lru_cache(maxsize=1024)
def numbers_of(step: Step, question: Question) -> str:
    """What a question stands on."""
    mine = set(_conditions(step, question))
    return _numbers(when in mine for when in conditions_here(step))


@lru_cache(maxsize=4096)
def asks(step: Step, key: str, value: str) -> str:
    """What an input fulfils when it is ticked."""
    return _numbers(when.key == key and value in when.values for when in conditions_here(step))


def _numbers(holds: Iterator[bool]) -> str:
    return " ".join(str(number) for number, held in enumerate(holds, 1) if held)


def _conditions(step: Step, question: Question) -> Iterator[When]:
    """The conditions of a question on this page, and those of the questions they stand on."""
    here = {each.key: each for each in step.questions}
    for condition in question.when:
        # An earlier page is the server's, and so is every `AnyOf`; counting is beyond a selector.
        if not isinstance(condition, When) or condition.key not in here or condition.at_least > 1:
            continue
        yield condition
        yield from _conditions(step, here[condition.key])
