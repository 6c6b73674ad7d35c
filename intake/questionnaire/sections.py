"""The sections of a person's walk, how far each is, and how much is left of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from intake.questionnaire.model import Step
from intake.questionnaire.path import path, prune
from intake.questionnaire.walk import Document, Left, is_done, left, walk

NOT_STARTED, STARTED, ANSWERED = "not_started", "started", "answered"


@dataclass(frozen=True, slots=True)
class Section:
    """`page` is where a link leads: the first page not finished, else the first of all."""

    title: str
    status: str
    left: Left
    page: Step


def sections(
    document: Document,
    steps: Sequence[Step],
    short: Collection[str],
    weighed: Mapping[str, float],
) -> tuple[Section, ...]:
    """The sections in order; one that has nothing on the short way is left out until the rest."""
    walked = {page.slug: page for page in walk(document, steps, short)}
    ahead = left(document, steps, short, weighed)
    every = groupby(steps, key=lambda step: step.section)
    found = (_section(title, list(pages), walked, ahead, document, steps) for title, pages in every)
    return tuple(section for section in found if section)


def _section(
    title: str,
    pages: list[Step],
    walked: Mapping[str, Step],
    ahead: Mapping[str, Left],
    document: Document,
    steps: Sequence[Step],
) -> Section | None:
    here = [walked[page.slug] for page in pages if page.slug in walked]
    seen = [page for page in pages if page.slug in document["visited"]]
    if not here:
        # Walking the rest: everything of this section was asked before.
        on_path = path(document["answers"], steps)
        shown = [page for page in seen if page in on_path]
        is_rest = document["path"] == "rest"
        return Section(title, ANSWERED, Left(), shown[0]) if shown and is_rest else None
    todo = [page for page in here if not is_done(document, page)]
    spent = sum((ahead.get(page.slug, Left()) for page in pages), Left())
    status = ANSWERED if not todo else STARTED if _is_begun(pages, document, steps) else NOT_STARTED
    return Section(title, status, spent if todo else Left(), (todo or here)[0])


def _is_begun(pages: Sequence[Step], document: Document, steps: Sequence[Step]) -> bool:
    kept = prune(document["answers"], steps).answers
    return any(
        page.slug in document["visited"] or any(q.key in kept for q in page.questions)
        for page in pages
    )
