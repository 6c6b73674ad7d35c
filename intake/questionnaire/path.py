"""Which pages and questions a person is asked, computed from the answers at every request.

Nothing of this is ever stored: the answers are the only state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from intake.questionnaire.model import (
    CHOOSING_MANY,
    NOT_SURE,
    Answers,
    Choice,
    Condition,
    Question,
    Step,
    Value,
    all_hold,
    codes_in,
    could_hold,
)


@dataclass(frozen=True, slots=True)
class Pruned:
    """`answers` on the path, and the keys `ignored` because their question is not asked."""

    answers: dict[str, Value]
    ignored: tuple[str, ...]


def prune(answers: Answers, steps: Sequence[Step]) -> Pruned:
    """Keep only answers to questions that are asked, in the questionnaire's order.

    Conditions are judged against what was kept so far, so an answer that is itself hidden
    opens no further question.
    """
    kept: dict[str, Value] = {}
    places = _places(steps)
    given = sorted((places[key] for key in answers if key in places), key=lambda place: place.at)
    for place in given:
        key = place.question.key
        if not all_hold(place.conditions, kept):
            continue
        value = _offered_part(place.question, answers[key], kept)
        if value is not None:
            kept[key] = value
    left_out = [place.question.key for place in given if place.question.key not in kept]
    return Pruned(kept, tuple(left_out + sorted(key for key in answers if key not in places)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a question stands: how many are before it, and what must hold for it to be asked."""

    at: int
    question: Question
    conditions: tuple[Condition, ...]


_Places = dict[str, _Place]
_known: dict[int, tuple[tuple[Step, ...], _Places]] = {}
"""By the identity of a questionnaire, which to hash would take longer than to prune."""
_MOST_KNOWN = 16


def _places(steps: Sequence[Step]) -> _Places:
    """Every question's place by its key: a few answers are not sought among all questions."""
    found = _known.get(id(steps))
    if found is not None and found[0] is steps:
        return found[1]
    places = _placed(steps)
    # A list may change under its identity, and is not kept.
    if isinstance(steps, tuple):
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[id(steps)] = (steps, places)
    return places


def _placed(steps: Sequence[Step]) -> _Places:
    every = ((step, question) for step in steps for question in step.questions)
    return {
        question.key: _Place(at, question, (*step.when, *question.when))
        for at, (step, question) in enumerate(every)
    }


def _offered_part(question: Question, value: Value, kept: Answers) -> Value | None:
    """The part of an answer whose choices are on offer; None if nothing is left."""
    if not question.among:
        return value
    codes = {choice.code for choice in offered(question, kept)}
    if question.kind not in CHOOSING_MANY:
        return value if value in codes else None
    return [code for code in codes_in(value) if code in codes] or None


def offered(question: Question, answers: Answers) -> tuple[Choice, ...]:
    """The choices a person sees; fewer than declared where they depend on an earlier answer."""
    if not question.among:
        return question.options
    marked = set(codes_in(answers.get(question.among, ())))
    return tuple(
        option
        for option in question.options
        if option.code in marked or option.code == NOT_SURE or option.alone
    )


def questions_shown(step: Step, answers: Answers) -> tuple[Question, ...]:
    """The questions of a page that are asked, given all answers (hidden ones do not count)."""
    kept = dict(answers.items())
    shown = []
    for question in step.questions:
        if all_hold(question.when, kept):
            shown.append(question)
        else:
            kept.pop(question.key, None)
    return tuple(shown)


def path(answers: Answers, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The pages on this person's way, in order."""
    return _path(prune(answers, steps).answers, steps)


def _path(kept: Answers, steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if all_hold(step.when, kept) and opens_any(step, kept))


def opens_any(step: Step, kept: Answers) -> bool:
    """Whether a page asks anything now, or could by an answer on it."""
    if not step.questions or any(not question.when for question in step.questions):
        return True
    here = keys_of(step)
    return any(could_hold(question.when, kept, here) for question in step.questions)


@lru_cache(maxsize=1024)
def keys_of(step: Step) -> frozenset[str]:
    """The keys of a page's questions."""
    return frozenset(question.key for question in step.questions)


def asked(answers: Answers, steps: Sequence[Step]) -> tuple[tuple[Step, Question], ...]:
    """Every question on the path with its page, answered or not."""
    return _asked(prune(answers, steps).answers, steps)


def _asked(kept: Answers, steps: Sequence[Step]) -> tuple[tuple[Step, Question], ...]:
    return tuple(
        (step, question)
        for step in steps
        if all_hold(step.when, kept)
        for question in step.questions
        if all_hold(question.when, kept)
    )


def next_step(slug: str, answers: Answers, steps: Sequence[Step]) -> Step | None:
    """The page after `slug` on the path; None after the last one."""
    order = [step.slug for step in steps]
    if slug not in order:
        return None
    later = set(order[order.index(slug) + 1 :])
    return next((step for step in path(answers, steps) if step.slug in later), None)


def previous_step(slug: str, answers: Answers, steps: Sequence[Step]) -> Step | None:
    """The page before `slug` on the path; None before the first one."""
    order = [step.slug for step in steps]
    if slug not in order:
        return None
    earlier = set(order[: order.index(slug)])
    before = [step for step in path(answers, steps) if step.slug in earlier]
    return before[-1] if before else None


def missing(answers: Answers, steps: Sequence[Step]) -> tuple[tuple[Step, str], ...]:
    """(page, key) of everything that must be answered before sending and is not."""
    kept = prune(answers, steps).answers
    gaps = [
        (step, question.key)
        for step, question in _asked(kept, steps)
        if question.required and question.key not in kept
    ]
    for step in _path(kept, steps):
        if step.one_of and not any(key in kept for key in step.one_of):
            gaps.append((step, step.one_of[0]))
    return tuple(gaps)


def blank(answers: Answers, steps: Sequence[Step]) -> tuple[tuple[Step, Question], ...]:
    """Questions on the path that have no answer at all ("not sure" is an answer)."""
    kept = prune(answers, steps).answers
    return tuple(
        (step, question) for step, question in _asked(kept, steps) if question.key not in kept
    )
