"""The red-flag pages in time: what was answered too long ago is asked again, and both are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from intake.questionnaire.model import Step, Value
from intake.web.questionnaire import questionnaire

if TYPE_CHECKING:
    from intake.web.visit import Visit

GOOD_FOR = timedelta(hours=12)
EARLIER = "earlier"


def is_stale(document: dict[str, Any], now: datetime) -> bool:
    """Whether the red-flag pages were answered too long ago to be sent."""
    at = document["screened_at"]
    if document.get("typist"):
        # A paper is as old as it is: asking it again brings nothing new.
        return False
    return at is not None and now - datetime.fromisoformat(at) > GOOD_FOR


def is_asked_again(document: dict[str, Any], step: Step) -> bool:
    """Whether this is a red-flag page whose answers are too old."""
    from intake.web.visit import now

    return questionnaire().is_screen(step) and is_stale(document, now())


def counting(visit: Visit, step: Step) -> dict[str, Value]:
    """The stored answers, without those that this page asks again."""
    if not is_asked_again(visit.document, step):
        return visit.stored
    return _others(visit.stored)


def set_aside(document: dict[str, Any]) -> None:
    """Move the old red-flag answers away; their advice will be due anew."""
    answers = document["answers"]
    others = _others(answers)
    old = {key: value for key, value in answers.items() if key not in others}
    document["earlier_screens"].append({"at": document["screened_at"], "answers": old})
    document["answers"] = others
    document["screened_at"] = None
    for record in document["shown"]:
        record["page"] = EARLIER


def _others(answers: dict[str, Value]) -> dict[str, Value]:
    keys = questionnaire().screen_keys
    return {key: value for key, value in answers.items() if key not in keys}
