"""The patient's own copy of what was sent, as a page to print and as a PDF.

Made from the sealed rows, in the language in which they were sent. What is chosen and translated
here is all that the page and the PDF get: private answers, the band and the rules stay behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from flask import Response, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from intake.questionnaire.rows import ANSWERED, BLANK, UNSURE
from intake.report.renderer import OWN_COPY, RenderFailed, render_safely
from intake.store import copies, responses
from intake.store.responses import SentResponse
from intake.web import care, metrics
from intake.web.access import patient
from intake.web.language import day_in_words, translated
from intake.web.patient.blueprint import pages, visit
from intake.web.patient.sending import public, title_of
from intake.web.questionnaire import RESPONDENT, questionnaire
from intake.web.replies import leave_to
from intake.web.visit import clinic, flags, store

log = structlog.get_logger("intake.web")

Copy = dict[str, Any]
Row = dict[str, Any]


@pages.get("/form/sent/copy")
@patient
def own_copy() -> ResponseReturnValue:
    """The copy as a page to print."""
    found = _found()
    return _page(found) if found else leave_to(url_for(".check"))


@pages.get("/form/sent/copy.pdf")
@patient
def own_copy_pdf() -> ResponseReturnValue:
    """The copy as a PDF; if it cannot be drawn, the page to print."""
    found = _found()
    if found is None:
        return leave_to(url_for(".check"))
    notice = _("We could not make the PDF just now. Here is your copy as a page to print.")
    if not copies.take(store(), visit().draft):
        return _page(found, notice), 429, {"Retry-After": "86400"}
    try:
        with metrics.drawing(OWN_COPY):
            drawn = render_safely(collected(found), OWN_COPY)
    except RenderFailed:
        log.error("pdf_failed", request_id=g.request_id)
        return _page(found, notice), 503, {"Retry-After": "60"}
    reply = Response(drawn, mimetype="application/pdf")
    # A file's name is seen where the file is not: it tells neither who nor what.
    reply.headers["Content-Disposition"] = 'attachment; filename="my-copy.pdf"'
    return reply


def _found() -> SentResponse | None:
    draft = visit().draft
    return responses.sent(store(), clinic().id, draft.reference) if draft.sent else None


def _page(found: SentResponse, notice: str = "") -> str:
    return render_template("patient/own_copy.html", copy=collected(found), notice=notice)


def collected(found: SentResponse) -> Copy:
    """Everything that the copy says, in words that are ready to be drawn."""
    document = found.document
    with force_locale(document["language"]):
        here = clinic()
        return {
            "language": document["language"],
            "paper": here.paper,
            "title": _("Your copy of the form"),
            "clinic": here.name,
            "reference": found.reference,
            "head": [
                [_("Clinic:"), here.name],
                [_("Reference number:"), found.reference],
                [_("Sent on:"), day_in_words(found.sent_at.astimezone(here.zone))],
            ],
            "advice_title": _("Your answers call for this"),
            "advice": _advice(document["answers"]),
            "change_title": _("If something changes"),
            "change": [
                _("Call us at %(phone)s and say your reference number.", phone=here.phone),
                _("In an emergency, call %(number)s.", number=here.emergency_number),
                _("If life feels too hard, call or text %(number)s.", number=here.crisis_line),
            ],
            "columns": [_("Question"), _("Your answer")],
            "parts": _parts(document),
            "blank_title": _("What you left blank"),
            "blank": [_text(row) for row in document["rows"] if _is_public(row, BLANK)],
        }


def _is_public(row: Row, *statuses: str) -> bool:
    return row["status"] in statuses and not row["private"]


def _parts(document: Copy) -> list[Copy]:
    """The answers by page; all private ones together are one row without their words."""
    by_page: dict[str, list[Row]] = {}
    for row in document["rows"]:
        if _is_public(row, ANSWERED, UNSURE):
            by_page.setdefault(row["step"], []).append(row)
    by_carer = document["answers"].get(RESPONDENT) == "carer"
    parts = [
        {
            "title": _title(rows[0], by_carer=by_carer),
            "rows": [[_text(row), _words(row)] for row in rows],
        }
        for rows in by_page.values()
    ]
    return [*parts, *_private(document["rows"])]


def _private(rows: Iterable[Row]) -> list[Copy]:
    if not any(row["private"] and row["status"] in (ANSWERED, UNSURE) for row in rows):
        return []
    title = _("Private questions")
    return [{"title": title, "rows": [[title, _("Answered, not shown")]]}]


def _title(row: Row, *, by_carer: bool) -> str:
    """A page's title as it was read, if the questionnaire of today still has the page."""
    step = questionnaire().by_slug.get(row["step"])
    return translated(title_of(step, by_carer=by_carer) if step else row["page"])


def _text(row: Row) -> str:
    """The question as it was read; before rows kept it so, in English."""
    return str(row.get("text_said") or row["text"])


def _words(row: Row) -> str:
    return str(row.get("words_said") or row["words"])


def _advice(answers: dict[str, Any]) -> list[Copy]:
    """The safety advice that the sent page repeats, most urgent first."""
    return [
        {
            "title": _level_title(level),
            "level": level,
            "cards": [_card(flag) for flag in group],
        }
        for level, group in care.by_level(public(flags({"answers": answers})))
    ]


def _card(flag: care.Flag) -> Copy:
    said = [flag.card.line] if flag.is_open else flag.card.action
    lines = [translated(text) for text in said]
    if flag.unsure:
        lines.insert(0, _("You were not sure about this. It is safer to act."))
    return {"title": translated(flag.card.title), "lines": lines}


def _level_title(level: str) -> str:
    return {
        "emergency": _("Get help now"),
        "same_day": _("Speak to someone today"),
        "soon": _("Have it looked at in the next two days"),
    }[level]
