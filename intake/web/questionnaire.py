"""The questionnaire as the pages walk through it: what is asked, and which advice it calls for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol

from flask import current_app

from intake.questionnaire import path
from intake.questionnaire.model import Answers, Step, Value

START = "start"
SCREEN = "right-now"
CHECK = "check"

RESPONDENT = "respondent"
PRIVATE = "private"
NAME = "name"
BORN_ON = "born_on"
PHONE = "phone"


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

    @cached_property
    def by_slug(self) -> dict[str, Step]:
        return {step.slug: step for step in self.steps}

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

    def is_screen(self, step: Step) -> bool:
        """Whether a page belongs to the red-flag pages."""
        return step.section == self.by_slug[SCREEN].section

    def on_path(self, answers: Answers) -> dict[str, Value]:
        """The answers that count: those to questions that are asked."""
        return path.prune(answers, self.steps).answers

    def path(self, answers: Answers) -> tuple[Step, ...]:
        return path.path(answers, self.steps)

    def unanswered_gate(self, answers: Answers) -> Step | None:
        """The first page that must be answered before any later one may be opened."""
        gaps = {step.slug for step, _ in path.missing(answers, self.steps)}
        for step in self.path(answers):
            if step.slug in gaps:
                return step
            if self.is_screen(step) and not any(
                self.is_screen(later) for later in self.after(step, answers)
            ):
                return None
        return None

    def after(self, step: Step, answers: Answers) -> tuple[Step, ...]:
        """The pages after one, in order."""
        order = [every.slug for every in self.steps]
        at = order.index(step.slug)
        return tuple(later for later in self.path(answers) if order.index(later.slug) > at)


def questionnaire() -> Questionnaire:
    """The questionnaire of this application."""
    found: Questionnaire = current_app.extensions["questionnaire"]
    return found


def whole_questionnaire() -> Questionnaire:
    """The questionnaire with its cards and red-flag rules."""
    from intake.questionnaire import STEPS, VERSION
    from intake.questionnaire.cards import CARDS
    from intake.scoring import red_flags

    return Questionnaire(VERSION, STEPS, CARDS, red_flags)
