"""Files for other programs: answers as a table, one response in FHIR, the questionnaire in FHIR."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

import structlog
from flask import Response, abort, g, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.report import fhir
from intake.report.fhir import Contents
from intake.report.fhir.names import MEDIA_TYPE
from intake.report.renderer import RenderFailed
from intake.store import audit, responses
from intake.store.listing import Period
from intake.store.responses import SentResponse
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, person
from intake.web.clinic.blueprint import error_page, pages
from intake.web.clinic.masking import reduced
from intake.web.clinic.table import ACTION, csv_lines
from intake.web.contents import contents
from intake.web.drawing import note_reading, summary_of
from intake.web.language import translators
from intake.web.replies import stay
from intake.web.visit import clinic, store, today

log = structlog.get_logger("intake.web")

USUAL = timedelta(days=30)


@pages.get("/exports")
@staff(DOCTOR, ADMIN)
def exports() -> ResponseReturnValue:
    """Which period, and what there is besides."""
    return _page(str(today() - USUAL), str(today()))


@pages.get("/exports/answers.csv")
@staff(DOCTOR, ADMIN)
def answers_csv() -> ResponseReturnValue:
    """Responses that last changed in a period, one a line; private columns for doctors only."""
    first, last = request.args.get("first", ""), request.args.get("last", "")
    period = _period(first, last)
    if period is None:
        return stay(_page(first, last, _("Choose two days, the earlier one first.")))
    reader = person()
    audit.note(store(), clinic().id, reader.actor, ACTION, detail="begun")
    lines = csv_lines(
        store(), clinic().id, period, actor=reader.actor, private=reader.role == DOCTOR
    )
    return Response(
        stream_with_context(_begun(lines)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="answers-{first}-{last}.csv"'},
    )


@pages.get("/exports/questionnaire.json")
@staff(DOCTOR, ADMIN)
def questionnaire_json() -> ResponseReturnValue:
    """The questionnaire in FHIR; tells nothing about anybody."""
    return _file(fhir.questionnaire(translators()), "questionnaire.json")


@pages.get("/responses/<reference>/fhir.json")
@staff(DOCTOR, ADMIN)
def response_fhir(reference: str) -> ResponseReturnValue:
    """All about one response in a Bundle, as far as this reader may know it."""
    kind = request.args.get("bundle", fhir.COLLECTION)
    found = responses.sent(store(), clinic().id, reference)
    if found is None or kind not in (fhir.COLLECTION, fhir.TRANSACTION):
        abort(404)
    told = _contents(found)
    if told is None:
        return error_page(
            503, _("The PDF could not be drawn"), _("The file holds it. Try again in a minute.")
        )
    made = fhir.bundle(told, kind)
    if told.pdf is None:
        audit.note(store(), clinic().id, person().actor, "fhir_exported", found.id)
    else:
        note_reading(found, person().actor, "fhir_exported")
    return _file(made, f"intake-{found.reference}.json")


def _contents(found: SentResponse) -> Contents | None:
    """What is in the bundle; None when its PDF cannot be drawn."""
    if person().role != DOCTOR:
        return reduced(contents(store(), clinic().id, found))
    try:
        pdf = summary_of(found)
    except RenderFailed:
        log.error("pdf_failed", request_id=g.request_id, reference=found.reference)
        return None
    return contents(store(), clinic().id, found, pdf=pdf)


def _begun(lines: Iterator[str]) -> Iterator[str]:
    """The lines, of which the first batch is there already: what fails now is still an error."""
    return chain([next(lines), next(lines, "")], lines)


def _period(first: str, last: str) -> Period | None:
    """Both days included, in the clinic's time zone."""
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        since, until = (_midnight(day) for day in (begin, end + timedelta(days=1)))
    except (ValueError, OverflowError):
        return None
    return Period(since, until) if since < until else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clinic().zone)


def _file(resource: dict[str, Any], name: str) -> Response:
    body = json.dumps(resource, ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype=MEDIA_TYPE, headers=headers)


def _page(first: str, last: str, wrong: str = "") -> str:
    return render_template(
        "clinic/exports.html",
        first=first,
        last=last,
        errors=[("first", wrong)] if wrong else [],
        is_doctor=person().role == DOCTOR,
        is_admin=person().role == ADMIN,
    )
