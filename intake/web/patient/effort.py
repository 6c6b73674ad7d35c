"""How much is left, in minutes, and the choice of the short way."""

from __future__ import annotations

from dataclasses import dataclass

from intake.questionnaire.effort import minutes
from intake.questionnaire.model import Step
from intake.questionnaire.walk import FULL, SHORT, Left, choose
from intake.web.questionnaire import Questionnaire, questionnaire
from intake.web.visit import Document, Visit, fresh_document

CONTACT = "Name and contact"
"""The section after which the doctor knows whom the answers are about."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way through the form, as it is offered."""

    questions: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Both ways from here, and which is taken."""

    is_short: bool
    short: Way
    full: Way


def minutes_left(visit: Visit) -> int:
    """Minutes left on the chosen way, rounded as people say it; 0 when nothing is left."""
    seconds = questionnaire().left(visit.document).seconds
    return minutes(seconds) if seconds else 0


def at_the_start() -> Offer:
    """Both ways for somebody of whom nothing is known yet."""
    return _ways(fresh_document())


def offer(visit: Visit, step: Step) -> Offer | None:
    """Both ways, on the first page after the danger signs and the contact pages."""
    asked = questionnaire()
    return _ways(visit.document) if step.slug == _first_after_contact(asked) else None


def offer_anywhere(visit: Visit) -> Offer:
    return _ways(visit.document)


def _first_after_contact(asked: Questionnaire) -> str:
    sections = [step.section for step in asked.steps]
    last = len(sections) - 1 - sections[::-1].index(CONTACT)
    return asked.steps[last + 1].slug


def _ways(document: Document) -> Offer:
    return Offer(document["path"] == SHORT, _way(document, SHORT), _way(document, FULL))


def _way(document: Document, wanted: str) -> Way:
    chosen = dict(document)
    choose(chosen, wanted)
    left: Left = questionnaire().left(chosen)
    return Way(round(left.questions), minutes(left.seconds))
