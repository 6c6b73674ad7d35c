"""How much of the path a person walks: all of it, only what the doctor needs most, or the rest.

The answers alone decide which questions a person is asked (`path.py`); this module narrows the
pages to those a person chose to walk now. A draft's document holds three things for it:

- "path": FULL, SHORT or REST;
- "visited": slugs of the pages that were finished, and "partly": of those of them that showed
  only some of their questions, the keys that were shown;
- "rest_after": "visited" and "partly" as they were when the rest was begun, so that the way back
  is the way one came.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from intake.questionnaire.effort import OPENS, may_open
from intake.questionnaire.model import Answers, Condition, Step, all_hold
from intake.questionnaire.path import keys_of, opens_any, path, prune

FULL, SHORT, REST = "full", "short", "rest"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """How much is still ahead; questions that may open count as the share that is usual."""

    questions: float = 0
    seconds: float = 0

    def __add__(self, other: "Left") -> "Left":
        return Left(self.questions + other.questions, self.seconds + other.seconds)


def narrowed(step: Step, keys: Collection[str]) -> Step:
    """The page with only these of its questions; the very same page if that is all of them."""
    if keys is keys_of(step):
        return step
    questions = tuple(question for question in step.questions if question.key in keys)
    return step if len(questions) == len(step.questions) else replace(step, questions=questions)


def offered_on(document: Document, step: Step) -> frozenset[str]:
    """The questions of a page that were put before the person and passed with Continue."""
    if step.slug not in document["visited"]:
        return frozenset()
    partly = document["partly"].get(step.slug)
    return keys_of(step) if partly is None else frozenset(partly)


def wanted_on(document: Document, step: Step, short: Collection[str]) -> frozenset[str]:
    """The questions of a page that belong to the chosen walk."""
    if document["path"] == SHORT:
        return keys_of(step) & frozenset(short)
    if document["path"] == REST and document["rest_after"]:
        return keys_of(step) - offered_on(document["rest_after"], step)
    return keys_of(step)


def walk(document: Document, steps: Sequence[Step], short: Collection[str]) -> tuple[Step, ...]:
    """The pages of the chosen walk, each with the questions that it asks there."""
    on_path = path(document["answers"], steps)
    if document["path"] == FULL:
        return tuple(page for page in on_path if page.questions)
    kept = prune(document["answers"], steps).answers
    pages = (narrowed(step, wanted_on(document, step, short)) for step in on_path)
    return tuple(page for page in pages if page.questions and opens_any(page, kept))


def is_done(document: Document, page: Step) -> bool:
    """Whether a page, as narrowed by the walk, was finished."""
    partly = document["partly"].get(page.slug)
    if page.slug not in document["visited"]:
        return False
    return partly is None or keys_of(page) <= set(partly)


def finish(document: dict[str, Any], step: Step, page: Step) -> None:
    """Note that `page`, which may show only some questions of `step`, was finished."""
    offered = offered_on(document, step) | keys_of(page)
    if step.slug not in document["visited"]:
        document["visited"].append(step.slug)
    if offered >= keys_of(step):
        document["partly"].pop(step.slug, None)
    else:
        document["partly"][step.slug] = sorted(offered)


def choose(document: dict[str, Any], wanted: str) -> None:
    """Take the short way, or all of it: what was asked on the short way is not asked again."""
    if wanted == SHORT:
        document["path"] = SHORT
        return
    document["path"] = REST if document["partly"] else FULL
    document["rest_after"] = (
        deepcopy({"visited": document["visited"], "partly": document["partly"]})
        if document["partly"]
        else None
    )


def not_asked(document: Document, steps: Sequence[Step], short: Collection[str]) -> tuple[str, ...]:
    """Questions that wait because of the short form and have no answer."""
    if document["path"] == FULL:
        return ()
    kept = prune(document["answers"], steps).answers
    return tuple(
        question.key
        for step in path(document["answers"], steps)
        for question in step.questions
        if question.key not in kept
        and question.key not in short
        and question.key not in offered_on(document, step)
        and all_hold(question.when, kept)
    )


def left(
    document: Document,
    steps: Sequence[Step],
    short: Collection[str],
    weighed: Mapping[str, float],
) -> dict[str, Left]:
    """What is ahead on each page of the chosen walk, by slug; pages with nothing left are absent.

    Questions that an answer still ahead may open count for the share of them that is usual.
    """
    kept = prune(document["answers"], steps).answers
    ahead: set[str] = set()
    found = {}
    for step in steps:
        shares = dict(_shares(document, step, short, kept, ahead))
        if not shares:
            continue
        seconds = sum(weighed[key] * share for key, share in shares.items())
        seconds += weighed[f"{step.slug}/"] * max(shares.values())
        found[step.slug] = Left(sum(shares.values()), seconds)
    return found


def _shares(
    document: Document, step: Step, short: Collection[str], kept: Answers, ahead: set[str]
) -> Iterator[tuple[str, float]]:
    """(key, 1 or a share) of each question of a page that is still ahead; `ahead` grows."""
    open_ones = wanted_on(document, step, short) - offered_on(document, step) - kept.keys()
    of_page = _share(step.when, kept, ahead) if open_ones else 0
    if not of_page:
        return
    for question in step.questions:
        if question.key not in open_ones:
            continue
        of_it = _share(question.when, kept, ahead) if question.when else 1
        share = min(of_page, of_it)
        if share:
            ahead.add(question.key)
            yield question.key, share


def _share(conditions: Sequence[Condition], kept: Answers, ahead: set[str]) -> float:
    if all_hold(conditions, kept):
        return 1
    return OPENS if may_open(conditions, kept, ahead) else 0
