"""The blueprint of the staff's pages, what each of them shows, and what they say on errors."""

from __future__ import annotations

from datetime import datetime

import structlog
from flask import Blueprint, g, make_response, render_template
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from intake.store import BadValue, StoreUnavailable
from intake.web import auth, kept, several
from intake.web.replies import leave_to
from intake.web.requests import number_to_quote
from intake.web.security import StaleToken
from intake.web.visit import clinic

log = structlog.get_logger("intake.web")

pages = several.named_in_addresses(Blueprint("clinic", __name__, url_prefix="/clinic"))

ROLES = {
    "doctor": _l("Doctor"),
    "admin": _l("Administrator"),
    "front_desk": _l("Front desk"),
}

# code: (title, what to do)
TEXTS = {
    400: (
        _l("This page did not arrive whole"),
        _l("Nothing was changed. Go back and try it once more."),
    ),
    403: (
        _l("This page is not for your role"),
        _l("Your work list shows what you need for calling. Ask a doctor about the rest."),
    ),
    404: (
        _l("There is no such response"),
        _l("Check the reference number, or find the person in the work list."),
    ),
    500: (
        _l("Something went wrong on our side"),
        _l("Nothing was changed. Try again in a minute."),
    ),
    503: (
        _l("The database does not answer just now"),
        _l("Nothing was lost. Try again in a minute."),
    ),
}


STALE = (
    _l("This page was open for a long time"),
    _l("Nothing was changed. Open the page again and press the button once more."),
)


def at_the_clinic(moment: datetime) -> datetime:
    """A time as the clinic's clocks show it."""
    return moment.astimezone(clinic().zone)


@pages.context_processor
def _for_every_page() -> dict[str, object]:
    found, person = g.get("session"), g.get("staff")
    until = person.emergency_until if person else None
    return {
        "emergency_until": at_the_clinic(until) if until else None,
        "ending": auth.ending() if found else None,
        "ends_at": at_the_clinic(auth.ends_at()) if found else None,
        "is_kept": "kept" in g,
        "person": person,
        "role_names": ROLES,
    }


pages.after_request(kept.give_back)


@pages.errorhandler(HTTPException)
def _explain(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    return error_page(error.code)


@pages.errorhandler(StaleToken)
def _stale(_: StaleToken) -> Response:
    """A form of an earlier log-in: its words are kept for whoever had that, and found on its page.

    Nothing is done with them: what was pressed is pressed anew.
    """
    page = auth.keep_stale_words()
    return leave_to(page) if page else error_page(400, *STALE)


@pages.errorhandler(StoreUnavailable)
def _unavailable(_: StoreUnavailable) -> Response:
    response = error_page(503)
    response.headers["Retry-After"] = "30"
    return response


@pages.errorhandler(BadValue)
def _bad_value(_: BadValue) -> Response:
    return error_page(400)


@pages.errorhandler(Exception)
def _failed(error: Exception) -> Response:
    log.error("failed", request_id=g.get("request_id", "none"), exc_info=error)
    return error_page(500)


def error_page(
    status: int,
    title: object = None,
    advice: object = None,
    again: str = "",
    also: tuple[str, object] | None = None,
) -> Response:
    """What happened, what to do, and the way back; `again` is an address to try once more.

    `also` is one more address and its words.
    """
    own = TEXTS.get(status, TEXTS[500 if status >= 500 else 400])
    html = render_template(
        "clinic/error.html",
        title=title or own[0],
        advice=advice or own[1],
        again=again,
        also=also,
        number=number_to_quote(status),
    )
    return make_response(html, status)
