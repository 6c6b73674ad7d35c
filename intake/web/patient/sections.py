"""The list of sections: where the person is, what is left, and who types now."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from intake.questionnaire.effort import minutes
from intake.questionnaire.sections import ANSWERED, STARTED, Section
from intake.questionnaire.walk import FULL, SHORT, choose
from intake.web import screening
from intake.web.access import patient
from intake.web.patient.blueprint import pages, visit
from intake.web.patient.effort import minutes_left, offer_anywhere
from intake.web.patient.ways import first_open, gate, goes_on, page_of
from intake.web.questionnaire import PRIVATE, RESPONDENT, SCREEN, questionnaire
from intake.web.replies import leave_to
from intake.web.security import BadBody, pressed
from intake.web.visit import Document, Visit, now, save

TYPING = "typing"


@dataclass(frozen=True, slots=True)
class Line:
    """A section as the list shows it; without an address it cannot be opened yet."""

    title: str
    status: str
    url: str | None


@pages.get("/form/sections")
@patient
def sections() -> ResponseReturnValue:
    """Every section on the person's way, with how far it is and how much is left."""
    opened = visit()
    asked = questionnaire()
    return render_template(
        "patient/sections.html",
        lines=[_line(opened, section) for section in asked.sections(opened.document)],
        minutes=minutes_left(opened),
        offer=offer_anywhere(opened),
        goes_on_at=goes_on(opened),
        typing=asked.question(RESPONDENT),
        respondent=opened.answers.get(RESPONDENT),
    )


@pages.post("/form/sections")
@patient
def change_way() -> ResponseReturnValue:
    """Take the short way, or all of it; or somebody else types from now on."""
    action = pressed(SHORT, FULL, TYPING)
    if action == TYPING:
        save(visit(), _hand_over)
        return leave_to(url_for(".sections"))
    changed = save(visit(), lambda document: choose(document, action))
    return leave_to(first_open(changed).url)


def _hand_over(document: Document) -> None:
    """Earlier answers keep who gave them. Whether it is private is asked anew."""
    given = request.form.get(RESPONDENT, "")
    if questionnaire().question(RESPONDENT).choice(given) is None:
        raise BadBody
    if document["answers"].get(RESPONDENT) != given:
        document["answers"].pop(PRIVATE, None)
        document["answers"][RESPONDENT] = given


def _line(opened: Visit, section: Section) -> Line:
    asked = questionnaire()
    first = gate(opened)
    if first is None and screening.is_stale(opened.document, now()):
        first = asked.by_slug[SCREEN]
    order = [step.slug for step in asked.steps]
    page = asked.by_slug[section.page.slug]
    is_open = first is None or order.index(page.slug) <= order.index(first.slug)
    return Line(
        section.title,
        _status(section),
        page_of(opened, page).url if is_open else None,
    )


def _status(section: Section) -> str:
    if section.status == ANSWERED:
        return _("Answered")
    if not section.left.seconds:
        return _("Started") if section.status == STARTED else _("Not started")
    left = minutes(section.left.seconds)
    if section.status == STARTED:
        return ngettext("Started, about 1 minute left", "Started, about %(num)s minutes left", left)
    return ngettext("Not started, about 1 minute", "Not started, about %(num)s minutes", left)
