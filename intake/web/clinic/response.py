"""One response: the page for doctors and administrators, and the doctor's PDF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import structlog
from flask import Response, abort, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from intake.report.identity import identity
from intake.report.renderer import RenderFailed
from intake.report.sheet import Sheet
from intake.report.summary import Summary, summarise
from intake.report.trace import NO, OPEN, YES, Entry, Group
from intake.scoring.model import Band
from intake.store import audit, rescoring, responses
from intake.store.responses import SentResponse
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, person
from intake.web.clinic import reasons
from intake.web.clinic.blueprint import error_page, pages
from intake.web.clinic.privacy import without_contacts, without_private
from intake.web.drawing import one_before, summary_of
from intake.web.visit import clinic, store

log = structlog.get_logger("intake.web")

_ORDER = (YES, OPEN, NO)


@pages.get("/responses/<reference>")
@staff(DOCTOR, ADMIN)
def response(reference: str) -> ResponseReturnValue:
    """What was found and every answer; that it was read is noted before it leaves."""
    found = _find(reference)
    reader = person()
    signs = reasons.of_document(found.document)
    is_doctor = reader.role == DOCTOR
    summary = _summary(found.document, is_doctor, signs.unsafe_at_home)
    told = found.document if is_doctor else without_private(found.document)
    audit.note(store(), clinic().id, reader.actor, "response_read", found.id)
    return render_template(
        "clinic/response.html",
        found=found,
        summary=summary,
        groups=_held_first(summary),
        sent_at=found.sent_at.astimezone(clinic().zone),
        reasons=reasons.reasons(signs, reader.role),
        urgency=reasons.shown_urgency(signs, summary.alarm.level.value, reader.role),
        unsafe_at_home=signs.unsafe_at_home and is_doctor,
        safe_contact=_safe_contact(found.document) if is_doctor else "",
        is_doctor=is_doctor,
        corrections=told.get("corrections", ()),
        re_answers=told.get("re_answers", ()),
        rescored=_rescored(found),
    )


@pages.get("/responses/<reference>/summary.pdf")
@staff(DOCTOR)
def summary_pdf(reference: str) -> ResponseReturnValue:
    """The doctor's PDF; noted as read before it is sent."""
    found = _find(reference)
    try:
        drawn = summary_of(found)
    except RenderFailed:
        log.error("pdf_failed", request_id=g.request_id, reference=found.reference)
        return _not_drawn(found)
    old = one_before(found)
    if old is not None:
        audit.note(store(), clinic().id, person().actor, "response_compared", old.id)
    audit.note(store(), clinic().id, person().actor, "summary_read", found.id)
    reply = Response(drawn, mimetype="application/pdf")
    # The reference alone: a file's name is seen where the file is not.
    reply.headers["Content-Disposition"] = f'inline; filename="intake-{found.reference}.pdf"'
    return reply


@pages.get("/<path:rest>")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def nowhere(rest: str) -> ResponseReturnValue:
    """Any other address: it asks for a log-in before it says that nothing is there."""
    abort(404)


def _find(reference: str) -> SentResponse:
    """The response; unknown, malformed and another clinic's are the same 404."""
    found = responses.sent(store(), clinic().id, reference)
    if found is None:
        abort(404)
    return found


def _summary(document: dict[str, Any], is_doctor: bool, unsafe_at_home: bool) -> Summary:
    """What this reader may see; nobody finds a number by chance that must not be called."""
    if not is_doctor:
        return summarise(without_private(document))
    summary = summarise(document)
    if not unsafe_at_home:
        return summary
    return replace(summary, identity=identity(Sheet(without_contacts(document))))


def _rescored(found: SentResponse) -> tuple[str, str, str] | None:
    """What later rules make of it: their version, their band, and the band when it was sent."""
    later = rescoring.newest(store(), clinic().id, found.id, found.version)
    if later is None:
        return None
    now, then = later.assessment["band"], found.document["assessment"]["band"]
    return later.rules_version, Band(now).text, Band(then).text


def _not_drawn(found: SentResponse) -> AnyResponse:
    reply = error_page(
        503,
        _("The PDF could not be drawn"),
        _("The response itself is whole: read it as a page, or try the PDF again in a minute."),
        again=url_for(".response", reference=found.reference),
        also=(url_for(".print_view", reference=found.reference), _("To a page to print")),
    )
    reply.headers["Retry-After"] = "60"
    return reply


def _held_first(summary: Summary) -> list[Group]:
    """The groups of rules, in each what holds, then what is not known, then what does not."""
    return [replace(group, full=_sorted(group.full)) for group in summary.trace.groups]


def _sorted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: _ORDER.index(entry.mark)))


def _safe_contact(document: dict[str, Any]) -> str:
    return str(document["answers"].get("safe_contact", ""))
