"""Saving while somebody types: the words are safe, and nothing else happens.

It shows no errors, marks no page as done, and leaves safety advice for when somebody is there
to read it.
"""

from __future__ import annotations

from flask import Response, abort, g, url_for
from flask.typing import ResponseReturnValue

from intake.questionnaire.model import Step
from intake.web import screening
from intake.web.access import patient_keeping_words
from intake.web.forms import field_names
from intake.web.patient.blueprint import pages
from intake.web.patient.keeping import Writer, posted_part, put, put_behind_lock, typed
from intake.web.questionnaire import START, questionnaire
from intake.web.replies import leave_to
from intake.web.visit import ChangedElsewhere, Document, Gone, Visit, save

NOTHING = 204


class Needless(Exception):
    """There is nothing in the post that is not stored already."""


def saves_itself(step: Step) -> bool:
    """Whether a page's words are stored while they are typed.

    Not where an answer is private: a tick that was taken back must leave no trace. And not on
    the first page, which begins a draft only when somebody says so.
    """
    is_private = step.private or any(question.private for question in step.questions)
    return not is_private and step.slug != START


@pages.post("/form/<slug>/save")
@patient_keeping_words
def autosave(slug: str) -> ResponseReturnValue:
    """Keep what is typed so far; 204 also when something newer is there already."""
    step = questionnaire().by_slug.get(slug)
    if step is None or not saves_itself(step):
        abort(404)
    visit: Visit | None = g.visit
    if visit is None or not g.token_is_valid:
        # The words stay on the page; its buttons know what to do with a lost session.
        abort(403)
    try:
        # No line in the audit trail: that tells who came to the answers, not every keystroke.
        save(visit, lambda document: _put(visit, document, step), audited=False)
    except (Needless, Gone):
        pass
    except ChangedElsewhere:
        abort(409)
    if visit.locked:
        return leave_to(url_for(".locked"))
    return Response(status=NOTHING, headers={"Locks-In": str(visit.locks_in)})


def _put(visit: Visit, document: Document, step: Step) -> None:
    writer = Writer.posted()
    if writer and writer.is_late(document, step):
        raise Needless
    if screening.is_asked_again(document, step) and not _says_something(step):
        # A page that was only looked at puts no older answers aside.
        raise Needless
    if step not in questionnaire().path(document["answers"]):
        raise Needless
    keep = put_behind_lock if visit.locked else put
    keep(visit, document, posted_part(step))


def _says_something(step: Step) -> bool:
    words = typed(step)
    return any(value.strip() for name in field_names(step) for value in words.get(name, []))
