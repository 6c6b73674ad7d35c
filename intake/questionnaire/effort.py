"""How much a question asks of a tired person, in seconds: what is read, and what hands do.

Not from a timer: nobody is watched while they answer. The figures are published ones for
healthy people, doubled, and what is counted is measured by tests on the real pages and on whole
patients (`tests/web/test_effort.py`).
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping

from intake.questionnaire.model import (
    CHOOSING,
    NOT_SURE,
    Answers,
    Condition,
    Kind,
    Question,
    Step,
)

SLOW = 2.0
"""Tired eyes and stiff hands: twice the published time for everything."""

SECONDS_A_WORD = 60 / 238 * SLOW
"""Silent reading of plain English, 238 words a minute (Brysbaert 2019, J Mem Lang 109)."""

SECONDS_A_TAP = (1.1 + 0.1) * SLOW
"""To point and to press: P and B of the keystroke-level model (Card, Moran, Newell 1980)."""

SECONDS_TO_DECIDE = 1.35 * SLOW
"""M of the same model: one for each question."""

SECONDS_A_LETTER = 60 / (36.2 * 5) * SLOW
"""Typing on a phone, 36.2 words of 5 letters a minute (Palin and others 2019)."""

TAPS: Mapping[Kind, float] = {
    Kind.CHOICE: 1,
    Kind.CHOICES: 1.1,
    Kind.PLACES: 1.7,
    Kind.SCALE: 1,
    Kind.NUMBER: 1,
    Kind.DATE: 3,
    Kind.PARTIAL_DATE: 3,
    Kind.LINE: 1,
    Kind.TEXT: 1,
}
"""To answer once: boxes to tap into, a menu counted twice; for ticks the mean of whole patients
who answered."""

LETTERS: Mapping[Kind, float] = {
    Kind.NUMBER: 1,
    Kind.DATE: 8,
    Kind.PARTIAL_DATE: 4,
    Kind.LINE: 10,
    Kind.TEXT: 29,
}
"""Typed for a question: digits of a number or date, and for words the mean of whole patients with
blanks counted as none."""

OPENS = 0.2
"""The share of questions depending on another answer that are asked in the end: whole patients."""

Said = Callable[[str], str]


def weight(question: Question, *, by_carer: bool = False, said: Said = str) -> float:
    """Seconds to read and answer one question in the texts that the person sees."""
    hands = TAPS[question.kind] * SECONDS_A_TAP
    hands += LETTERS.get(question.kind, 0) * SECONDS_A_LETTER
    return words_read(question, by_carer, said) * SECONDS_A_WORD + SECONDS_TO_DECIDE + hands


def words_read(question: Question, by_carer: bool, said: Said) -> int:
    texts = [(by_carer and question.carer_text) or question.text, question.hint]
    if question.kind in CHOOSING and not question.among:
        texts += [text for choice in question.options for text in (choice.text, choice.hint)]
    if question.kind is Kind.SCALE:
        texts += [question.low_text, question.high_text]
    return sum(len(said(text).split()) for text in texts if text)


def page_weight(step: Step, *, by_carer: bool = False, said: Said = str) -> float:
    """Seconds for what a page adds to its questions: its title, its words, and Continue."""
    texts = [
        (by_carer and step.carer_title) or step.title,
        *((by_carer and step.carer_intro) or step.intro),
    ]
    return sum(len(said(text).split()) for text in texts) * SECONDS_A_WORD + SECONDS_A_TAP


def weights(steps: Iterable[Step], *, by_carer: bool, said: Said = str) -> dict[str, float]:
    """The seconds of every question by its key and of every page by its slug and a slash."""
    found = {}
    for step in steps:
        found[f"{step.slug}/"] = page_weight(step, by_carer=by_carer, said=said)
        for question in step.questions:
            found[question.key] = weight(question, by_carer=by_carer, said=said)
    return found


def may_open(conditions: Iterable[Condition], answers: Answers, ahead: Collection[str]) -> bool:
    """Whether questions still `ahead` could open what is hidden now."""
    return all(
        condition.holds(answers)
        or any(
            part.key in ahead and answers.get(part.key) in (None, NOT_SURE)
            for part in condition.parts
        )
        for condition in conditions
    )


def minutes(seconds: float) -> int:
    """Rounded up as people say it: whole minutes to ten, then by fives; at least one."""
    exact = max(1, math.ceil(seconds / 60))
    return exact if exact <= 10 else math.ceil(exact / 5) * 5
