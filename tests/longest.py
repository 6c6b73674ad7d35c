"""Answers that open as many pages and questions as the questionnaire has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from intake.questionnaire.model import Answers, Kind, Question, Step, Value
from intake.questionnaire.path import offered, questions_shown

BORN = "1975-03-09"


def longest(steps: Sequence[Step], **fixed: Value) -> dict[str, Value]:
    """Page by page the choice that most later conditions ask for, and of ticks all that fit."""
    wished = Counter(
        (condition.key, value)
        for step in steps
        for conditions in (step.when, *(question.when for question in step.questions))
        for each in conditions
        for condition in each.parts
        for value in condition.values
    )
    answers: dict[str, Value] = dict(fixed)
    for step in steps:
        # A follow-up opens when what it follows was answered: twice is deep enough here.
        for _ in range(3):
            for question in questions_shown(step, answers):
                if question.key not in answers:
                    answers[question.key] = _widest(question, wished, answers)
    return answers


def _widest(question: Question, wished: Counter[tuple[str, str]], answers: Answers) -> Value:
    codes = [choice.code for choice in offered(question, answers) if not choice.alone]
    if question.kind is Kind.CHOICE:
        return max(codes, key=lambda code: wished[question.key, code])
    if question.kind in {Kind.CHOICES, Kind.PLACES}:
        return codes
    if question.kind is Kind.SCALE:
        return question.high
    if question.kind is Kind.NUMBER:
        return question.low
    if question.kind is Kind.DATE:
        return BORN
    if question.kind is Kind.PARTIAL_DATE:
        return "2019"
    return {"tel": "(212) 555-0111", "email": "a@b.example"}.get(question.input, "Words of mine")
