"""Reading everything over, sending it once, and what comes after."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from flask import g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.questionnaire import path
from intake.questionnaire.model import Answers, Kind, Question, Step, codes_in
from intake.questionnaire.rows import BLANK, Row, rows
from intake.questionnaire.treatment import COURSE
from intake.questionnaire.walk import FULL
from intake.report.document import ClinicHead, has_private_sign, sent_document
from intake.store import StaleDraft, StoreUnavailable, responses
from intake.web import care, provenance, screening
from intake.web.access import anyone, patient, patient_keeping_words
from intake.web.bodymap import by_side
from intake.web.care import Flag
from intake.web.language import language, speak_in, speech
from intake.web.patient.blueprint import pages, staff_page, visit
from intake.web.patient.effort import Way, offer_anywhere
from intake.web.patient.ways import gate, page_of, renders
from intake.web.questionnaire import NAME, RESPONDENT, SCREEN, questionnaire
from intake.web.replies import Page, leave_to, stay, turn_to
from intake.web.visit import (
    Gone,
    Visit,
    clinic,
    close_here,
    current,
    flags,
    leave_paper,
    now,
    save,
    seal_of,
    store,
    today,
    typing,
)

_PRIVATE = "Private questions"
"""What stands for all private questions of a page: whoever looks on learns no more."""


@dataclass(frozen=True, slots=True)
class Link:
    """A question that can be changed, and where."""

    text: str
    url: str


# --- Reading over ------------------------------------------------------------------------------


@pages.get("/form/check")
@patient
def check() -> ResponseReturnValue:
    """All answers by page. Showing safety advice is noted before it is shown."""
    opened = visit()
    first = gate(opened)
    if first:
        return leave_to(page_of(opened, first, check=True).url)
    return check_page(opened)


@renders("check")
def check_page(visit: Visit, *, notice: str = "", refused: bool = False) -> str:
    """The page's HTML; `refused`: sending was tried and something is missing."""
    cards = public(flags(visit.document))
    visit = _with_cards_noted(visit, cards)
    gaps = _gaps(visit)
    return render_template(
        "patient/check.html",
        groups=care.by_level(cards),
        parts=_parts(visit),
        missing=gaps,
        blank=_blank(visit, gaps),
        asks_again=_asks_again(visit),
        refused=refused and bool(gaps),
        notice=notice,
        seen=seal_of(visit, None, visit.stored),
        rest=_rest(visit),
        is_short=bool(questionnaire().not_asked(visit.document)),
        back=_before(visit),
    )


def public(cards: tuple[Flag, ...]) -> list[Flag]:
    """The cards that whoever looks on may see."""
    return [flag for flag in cards if not flag.card.private]


def _with_cards_noted(visit: Visit, cards: list[Flag]) -> Visit:
    if not care.record(deepcopy(visit.document), cards, "check", now()):
        return visit
    return save(visit, lambda document: _note(document, cards))


def _note(document: dict[str, object], cards: list[Flag]) -> None:
    care.record(document, cards, "check", now())


def _asks_again(visit: Visit) -> Page | None:
    if not screening.is_stale(visit.document, now()):
        return None
    return page_of(visit, questionnaire().by_slug[SCREEN], check=True)


Told = tuple[str, str | None, str]
"""(question, answer, address to change it); the answer to private ones is None."""


def _parts(visit: Visit) -> list[tuple[str, list[Told]]]:
    """(a page's title, its answered rows); private questions are one row without their words."""
    by_page: dict[str, list[Told]] = {}
    for row in rows(visit.answers, questionnaire().steps, speech()):
        if row.status == BLANK:
            continue
        link = _link(visit, row.step, row.question)
        told = by_page.setdefault(row.step.slug, [])
        if not _is_private(row.step, row.question):
            told.append((row.text, _words(row, visit.answers), link.url))
        elif all(words is not None for _text, words, _url in told):
            told.append((link.text, None, link.url))
    return [
        (_part_title(visit, step), by_page[step.slug])
        for step in questionnaire().path(visit.answers)
        if step.slug in by_page
    ]


def _words(row: Row, answers: Answers) -> str:
    if row.question.kind is Kind.PLACES:
        return by_side(row.question, codes_in(answers[row.key]))
    return row.words


def _part_title(visit: Visit, step: Step) -> str:
    return title_of(step, by_carer=visit.answers.get(RESPONDENT) == "carer")


def title_of(step: Step, *, by_carer: bool) -> str:
    """A page's title as it may be shown to whoever looks on."""
    if step.private:
        return _PRIVATE
    return (by_carer and step.carer_title) or step.title


def _is_private(step: Step, question: Question) -> bool:
    return step.private or question.private


def _gaps(visit: Visit) -> list[Link]:
    """What must be answered before sending."""
    asked = questionnaire()
    gaps = []
    for step, key in path.missing(visit.answers, asked.steps):
        question = next(question for question in step.questions if question.key == key)
        link = _link(visit, step, question)
        gaps.append(Link(step.one_of_error, link.url) if key in step.one_of else link)
    return gaps


def _blank(visit: Visit, gaps: list[Link]) -> list[Link]:
    """What was left blank and may stay so."""
    needed = {gap.url for gap in gaps}
    waiting = set(questionnaire().not_asked(visit.document))
    links = [
        _link(visit, step, question)
        for step, question in path.blank(visit.answers, questionnaire().steps)
        if question.key not in waiting
    ]
    return list(dict.fromkeys(link for link in links if link.url not in needed))


def _before(visit: Visit) -> Page:
    asked = questionnaire()
    walked = asked.walk(visit.document) or asked.path(visit.answers)
    return page_of(visit, asked.by_slug[walked[-1].slug])


def _rest(visit: Visit) -> Way | None:
    """What the short way left out, while there is some of it."""
    rest = offer_anywhere(visit).full
    return rest if visit.document["path"] != FULL and rest.questions else None


def _link(visit: Visit, step: Step, question: Question) -> Link:
    if _is_private(step, question):
        return Link(_PRIVATE, page_of(visit, step, check=True).url)
    by_carer = visit.answers.get(RESPONDENT) == "carer"
    text = (by_carer and question.carer_text) or question.text
    return Link(text, f"{page_of(visit, step, check=True).url}#q-{question.key}")


# --- Sending -----------------------------------------------------------------------------------


@pages.post("/form/check")
@patient_keeping_words
def send() -> ResponseReturnValue:
    """Send once; a second click, or another window, finds it sent."""
    opened: Visit | None = g.visit
    if opened is None:
        return leave_to(url_for(".come_back", closed=1))
    if not g.token_is_valid:
        notice = _("This page was open for a long time. Nothing is lost. Press Send again.")
        return stay(check_page(opened, notice=notice), 409)
    if _gaps(opened) or gate(opened) or _asks_again(opened):
        return stay(check_page(opened, refused=True))
    paper = typing()
    if paper and paper.needs_doctor:
        return stay(check_page(opened, refused=True))
    if request.form.get("seen") != seal_of(opened, None, opened.stored):
        return _show_change(opened)
    return _send(opened)


def _send(opened: Visit) -> ResponseReturnValue:
    answers, born_on = opened.answers, opened.born_on
    if born_on is None:
        return stay(check_page(opened, refused=True))
    document = _sealed(opened)
    try:
        responses.send(
            store(),
            opened.draft,
            document,
            urgency=document["assessment"]["urgency"],
            private=has_private_sign(document),
            name=str(answers[NAME]),
            born_on=born_on,
            by=_sender(opened),
        )
    except StaleDraft:
        return _show_change(opened)
    except StoreUnavailable:
        notice = _("We could not send it just now. Nothing is lost. Try again in a minute.")
        response = stay(check_page(opened, notice=notice), 503)
        response.headers["Retry-After"] = "30"
        return response
    if opened.document["typist"]:
        leave_paper()
        return leave_to(staff_page("queue"))
    return turn_to(Page(url_for(".sent"), lambda: sent_page(_reopened())))


def _sender(opened: Visit) -> str:
    if opened.document["typist"]:
        return provenance.STAFF
    is_carer = opened.answers[RESPONDENT] == "carer"
    return provenance.CARER if is_carer else provenance.PATIENT


def _sealed(opened: Visit) -> dict[str, Any]:
    """The document of version 1; answers that are not on the path are left behind."""
    here, document = clinic(), opened.document
    # Whoever types it in, the paper asked in its own language.
    speak_in(document["paper_language"])
    return sent_document(
        opened.answers,
        today=today(),
        sent_at=now(),
        clinic=ClinicHead(here.name, here.phone, here.paper, here.time_zone),
        language=language(),
        speech=speech(),
        shown=document["shown"],
        screened_at=document["screened_at"],
        earlier_screens=document["earlier_screens"],
        reference=opened.draft.reference,
        path=document["path"],
        not_asked=questionnaire().not_asked(document),
        by=document["by"],
        typed_by=document["typed_by"],
    )


def _show_change(opened: Visit) -> ResponseReturnValue:
    """Another window changed or sent it in between."""
    newest = _reopened()
    if newest.draft.sent:
        return turn_to(Page(url_for(".sent"), lambda: sent_page(newest)))
    notice = _("An answer was changed in another window. Look it over, then press Send again.")
    return stay(check_page(newest, notice=notice), 409)


def _reopened() -> Visit:
    found = current()
    if found is None:
        raise Gone
    return found


# --- Afterwards --------------------------------------------------------------------------------


@pages.get("/form/sent")
@patient
def sent() -> ResponseReturnValue:
    """Thanks, the reference number, and what happens next."""
    if not visit().draft.sent:
        return leave_to(url_for(".check"))
    return sent_page(visit())


def sent_page(visit: Visit) -> str:
    """The page's HTML: no band, no score, the same advice as before."""
    found = responses.sent(store(), clinic().id, visit.draft.reference)
    answers = found.document["answers"] if found else {}
    cards = public(flags({"answers": answers}))
    return render_template(
        "patient/sent.html",
        groups=care.by_level(cards),
        reference=visit.draft.reference,
        course=COURSE,
    )


@pages.post("/form/finish")
@patient
def finish() -> ResponseReturnValue:
    """Close the form on this device and have the browser forget it."""
    close_here()
    response = make_response(leave_to(url_for(".finished")))
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@pages.get("/finished")
@anyone
def finished() -> ResponseReturnValue:
    """Nothing is left here."""
    return render_template("patient/finished.html")
