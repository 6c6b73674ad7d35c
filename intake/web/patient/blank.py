"""Questions that nobody has answered yet: drawn once, since they look alike for everybody.

Most pages that a patient meets are blank. What stands in a question, what is wrong with it and
what another answer says about it is drawn anew each time and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app
from markupsafe import Markup

from intake.web.forms import AnswerField
from intake.web.language import language
from intake.web.visit import clinic

KEPT = "blank_questions"
MOST_KEPT = 4000

Macro = Callable[..., Markup]


def drawn_once(
    draw: Macro, field: AnswerField, by_carer: bool, kept: bool, cards: Callable[..., Any]
) -> Markup:
    """The HTML of a question by its macro."""
    if kept or not _is_alike(field) or current_app.debug:
        return draw(field, by_carer, kept, cards)
    drawn: dict[Any, Markup] = current_app.extensions.setdefault(KEPT, {})
    key = (clinic().slug, language(), by_carer, field.page.step, field.question)
    found = drawn.get(key)
    if found is None:
        if len(drawn) >= MOST_KEPT:
            drawn.clear()
        found = drawn[key] = draw(field, by_carer, kept, cards)
    return found


def _is_alike(field: AnswerField) -> bool:
    """Whether nothing of it comes from this person."""
    is_filled = any(any(words) for words in field.raw.values())
    return not (is_filled or field.errors or field.recall or field.question.among)
