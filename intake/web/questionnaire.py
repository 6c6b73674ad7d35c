"""The questionnaire as the pages walk through it: what is asked, and which advice it calls for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Protocol

from flask import current_app, g

from intake.questionnaire import effort, path, walk
from intake.questionnaire.model import Answers, Question, Step, Value
from intake.questionnaire.sections import Section, sections
from intake.questionnaire.walk import Left
from intake.web.language import language, translated

START = "start"
SCREEN = "right-now"
CHECK = "check"

RESPONDENT = "respondent"
PRIVATE = "private"
NAME = "name"
BORN_ON = "born_on"
PHONE = "phone"
SPOKEN = "spoken_language"


class RedFlag(Protocol):
    """A row of the red-flag table that holds, at a level, for sure or not."""

    @property
    def card(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def unsure(self) -> bool: ...


class Card(Protocol):
    """A care card: fixed safety advice."""

    @property
    def id(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def line(self) -> str: ...
    @property
    def action(self) -> tuple[str, ...]: ...
    @property
    def private(self) -> bool: ...


@dataclass(frozen=True)
class Questionnaire:
    """The pages in order, the care cards, and the rules that call for them."""

    version: str
    steps: tuple[Step, ...]
    cards: Mapping[str, Card]
    red_flags: Callable[[Answers, date], tuple[RedFlag, ...]]
    short: frozenset[str]
    """The keys of the short path: what the doctor needs most."""

    @cached_property
    def by_slug(self) -> dict[str, Step]:
        return {step.slug: step for step in self.steps}

    @cached_property
    def on_paper(self) -> Questionnaire:
        """The same for a paper: what is blank there stays blank, but whom it is about."""
        return replace(self, steps=tuple(map(_on_paper, self.steps)))

    @cached_property
    def screen_keys(self) -> frozenset[str]:
        """Keys of the red-flag pages: the first one and its private follow-up."""
        section = self.by_slug[SCREEN].section
        return frozenset(
            question.key
            for step in self.steps
            if step.section == section
            for question in step.questions
        )

    @cached_property
    def private_screen_keys(self) -> frozenset[str]:
        """Danger signs that are asked only of a person who is alone."""
        return self.screen_keys & {
            question.key for step in self.steps if step.private for question in step.questions
        }

    def question(self, key: str) -> Question:
        return next(q for step in self.steps for q in step.questions if q.key == key)

    def is_screen(self, step: Step) -> bool:
        """Whether a page belongs to the red-flag pages."""
        return step.section == self.by_slug[SCREEN].section

    def on_path(self, answers: Answers) -> dict[str, Value]:
        """The answers that count: those to questions that are asked."""
        return path.prune(answers, self.steps).answers

    def path(self, answers: Answers) -> tuple[Step, ...]:
        return path.path(answers, self.steps)

    def walk(self, document: Mapping[str, Any]) -> tuple[Step, ...]:
        """The pages that the person chose to walk, each with the questions that it asks there."""
        return walk.walk(document, self.steps, self.short)

    def left(self, document: Mapping[str, Any]) -> Left:
        """How much of the chosen walk is still ahead."""
        pages = walk.left(document, self.steps, self.short, self._weights(document))
        return sum(pages.values(), Left())

    def sections(self, document: Mapping[str, Any]) -> tuple[Section, ...]:
        return sections(document, self.steps, self.short, self._weights(document))

    def not_asked(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        """Questions that wait because of the short form."""
        return walk.not_asked(document, self.steps, self.short)

    def _weights(self, document: Mapping[str, Any]) -> Mapping[str, float]:
        by_carer = document["answers"].get(RESPONDENT) == "carer"
        return _weights(language(), by_carer)

    def unanswered_gate(self, answers: Answers) -> Step | None:
        """The first page that must be answered before any later one may be opened."""
        gaps = {step.slug for step, _ in path.missing(answers, self.steps)}
        pages = self.path(answers)
        for at, step in enumerate(pages, 1):
            if step.slug in gaps:
                return step
            if self.is_screen(step) and not any(map(self.is_screen, pages[at:])):
                return None
        return None


@lru_cache(maxsize=8)
def _weights(spoken: str, by_carer: bool) -> Mapping[str, float]:
    """Seconds by question and page in one language: counted once, not at every request."""
    return effort.weights(questionnaire().steps, by_carer=by_carer, said=translated)


def _on_paper(step: Step) -> Step:
    needed = {NAME, BORN_ON, RESPONDENT}
    questions = tuple(replace(q, required=q.required and q.key in needed) for q in step.questions)
    return replace(step, questions=questions, one_of=())


def questionnaire() -> Questionnaire:
    """The questionnaire of this application, as it is asked in this request."""
    found: Questionnaire = current_app.extensions["questionnaire"]
    return found.on_paper if g.get("typing") else found


def whole_questionnaire() -> Questionnaire:
    """The questionnaire with its cards and red-flag rules."""
    from intake.questionnaire import STEPS, VERSION
    from intake.questionnaire.cards import CARDS
    from intake.scoring import red_flags
    from intake.scoring.needed import needed

    return Questionnaire(VERSION, STEPS, CARDS, red_flags, needed())
