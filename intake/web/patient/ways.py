"""Which page comes next, computed from the answers: nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import request, url_for
from werkzeug.wrappers import Response

from intake.questionnaire import path
from intake.questionnaire.model import Step
from intake.questionnaire.walk import FULL, SHORT, is_done
from intake.web import screening
from intake.web.questionnaire import SCREEN, START, questionnaire
from intake.web.replies import Page, leave_to, turn_to
from intake.web.visit import Visit, now

Renderer = TypeVar("Renderer", bound=Callable[..., str])

_renderers: dict[str, Callable[..., str]] = {}


def renders(kind: str) -> Callable[[Renderer], Renderer]:
    """Name the function that draws a kind of page, so that pages can lead to each other."""

    def note(renderer: Renderer) -> Renderer:
        _renderers[kind] = renderer
        return renderer

    return note


def from_check() -> bool:
    """Whether the person came here from the check page to change something."""
    return request.values.get("check") == "1"


def page_of(visit: Visit, step: Step, *, check: bool = False) -> Page:
    """A page of the questionnaire; `check`: back to the check page afterwards."""
    url = address_of(step, check=check)
    return Page(url, lambda: _renderers["step"](visit, step, from_check=check))


def address_of(step: Step, *, check: bool = False) -> str:
    """Where a page of the questionnaire stands; `check`: back to the check page afterwards."""
    back_to = 1 if check else None
    if step.slug == START:
        return url_for(".start", check=back_to)
    return url_for(".step", slug=step.slug, check=back_to)


def check(visit: Visit) -> Page:
    """The page where everything is read over and sent."""
    return Page(url_for(".check"), lambda: _renderers["check"](visit))


def gate(visit: Visit) -> Step | None:
    """The page that must be answered before any later one may be opened.

    Danger signs count once somebody pressed Continue there; what was only typed so far was
    saved, but nobody was shown what to do about it.
    """
    found = questionnaire().unanswered_gate(visit.answers)
    if visit.document["screened_at"] is None and (found is None or found.slug != START):
        return questionnaire().by_slug[SCREEN]
    return found


def first_open(visit: Visit) -> Page:
    """Where a form that was begun goes on: the first page not yet seen, else the check page.

    Whoever was at the last page before is led only through what has opened since.
    """
    walked = visit.walked
    # Of the rest there may be nothing to walk.
    was_through = not walked or is_done(visit.document, walked[-1])
    first = gate(visit)
    if first:
        return page_of(visit, first, check=was_through)
    return _first_unfinished(visit, check_after=was_through) or check(visit)


def goes_on(visit: Visit) -> Page:
    """As `first_open` for somebody who was away: old danger signs are asked first."""
    if screening.is_stale(visit.document, now()):
        return page_of(visit, questionnaire().by_slug[SCREEN])
    return first_open(visit)


def onward(visit: Visit, step: Step, *, from_check: bool) -> Page:
    """The page after a finished one.

    Whoever came to change one answer goes back to the check page, but first through the pages
    that the change opened.
    """
    first = gate(visit)
    if first:
        return page_of(visit, first, check=from_check)
    if from_check:
        return _first_unfinished(visit, check_after=True) or check(visit)
    following = _beside(visit, step)[1]
    return page_of(visit, following) if following else check(visit)


def _beside(visit: Visit, step: Step) -> tuple[Step | None, Step | None]:
    """The pages before and after one on the chosen walk, also of one that lies beside it."""
    asked = questionnaire()
    order = {each.slug: at for at, each in enumerate(asked.steps)}
    at, pages = order[step.slug], visit.walked
    before = [page for page in pages if order[page.slug] < at]
    after = [page for page in pages if order[page.slug] > at]
    return (before[-1] if before else None), (after[0] if after else None)


def opens_a_section(visit: Visit, step: Step) -> bool:
    """Whether a page is the first, and new, of its section, with a finished one before it."""
    before = _beside(visit, step)[0]
    return (
        before is not None
        and before.section != step.section
        and is_done(visit.document, before)
        and step.slug not in visit.document["visited"]
    )


def led_on(visit: Visit, step: Step, action: str, *, from_check: bool) -> Response:
    """Where a button of a page leads when its answers are stored."""
    if action == "later":
        return leave_to(url_for(".later"))
    if action == "return":
        return leave_to(url_for(".come_back"))
    if action == "sections":
        return leave_to(url_for(".sections"))
    if action in (SHORT, FULL):
        return turn_to(page_of(visit, questionnaire().by_slug[step.slug], check=from_check))
    if action == "back":
        return turn_to(before_step(visit, step, from_check=from_check) or first_open(visit))
    return turn_to(onward(visit, step, from_check=from_check))


def advised(visit: Visit, step: Step, action: str, *, from_check: bool) -> Response:
    """As `led_on`, but safety advice that is due comes first, whichever button it was."""
    if visit.document["care"]:
        return turn_to(Page(url_for(".advice"), lambda: _renderers["advice"](visit)))
    return led_on(visit, step, action, from_check=from_check)


def before_step(visit: Visit, step: Step, *, from_check: bool) -> Page | None:
    """Where Back leads; None on the first page."""
    if from_check:
        return check(visit)
    earlier = _beside(visit, step)[0]
    return page_of(visit, earlier) if earlier else None


def _first_unfinished(visit: Visit, *, check_after: bool) -> Page | None:
    """The first page that was never seen, or lacks an answer that is needed now."""
    asked = questionnaire()
    lacking = {step.slug for step, _ in path.missing(visit.answers, asked.steps)}
    for page in visit.walked:
        if page.slug in lacking or not is_done(visit.document, page):
            return page_of(visit, asked.by_slug[page.slug], check=check_after)
    return None
