"""Pages for what goes wrong: what happened, what to do, whom to call. Never an answer."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import structlog
from flask import Flask, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers import Response

from intake.store import BadValue, NotAllowed, StaleDraft, StoreUnavailable
from intake.web.replies import leave_to
from intake.web.requests import number_to_quote
from intake.web.security import StaleToken
from intake.web.visit import ChangedElsewhere, Gone, current

log = structlog.get_logger("intake.web")

OWN_PATH = re.compile(r"/(?!/)[^\\]*")
"""Two slashes, or a backslash that a browser reads as one, lead to another site."""

Texts = tuple[LazyString, LazyString]

STALE: Texts = (
    _l("This page was open for a long time"),
    _l("Nothing was stored this time. Open the page again and press the button once more."),
)

# code: (title, what to do)
TEXTS: dict[int, Texts] = {
    400: (
        _l("This page did not arrive whole"),
        _l("Nothing was stored. Go back, look at the page once more and send it again."),
    ),
    403: (
        _l("This page is not open to you"),
        _l("Start the form from its first page, or ask the clinic for help."),
    ),
    404: (
        _l("There is no such page"),
        _l("The address may be mistyped or old. Your answers are safe."),
    ),
    405: (
        _l("This page cannot be used like that"),
        _l("Start from the first page. Your answers are safe."),
    ),
    409: (
        _l("This was changed in another window"),
        _l("Look at the newest answers, then go on from there."),
    ),
    411: (_l("This page did not arrive whole"), _l("Nothing was stored. Try again.")),
    413: (
        _l("That was too much for one page"),
        _l("Nothing was stored. Go back, make the long answers shorter and send it again."),
    ),
    414: (_l("This address is too long"), _l("Start from the first page.")),
    415: (_l("This page came in a form we cannot read"), _l("Nothing was stored. Try again.")),
    500: (
        _l("Something went wrong on our side"),
        _l("What you sent before is safe. Go back and try again in a minute."),
    ),
    503: (
        _l("We cannot save just now"),
        _l("What you sent before is safe. Go back and try again in a minute."),
    ),
}


def explain_errors(app: Flask) -> None:
    """Answer every error with a page that helps."""
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(StaleToken, _stale)
    app.register_error_handler(StoreUnavailable, _unavailable)
    app.register_error_handler(BadValue, _bad_value)
    app.register_error_handler(NotAllowed, _not_allowed)
    for moved_on in (Gone, StaleDraft, ChangedElsewhere):
        app.register_error_handler(moved_on, _moved_on)
    app.register_error_handler(Exception, _failed)


def _explain(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # Under a foreign host name there is no address to link to.
        return make_response("This address is not served here.", 400)
    if error.code is None or error.code < 400:
        # A redirect of the router.
        return error.get_response()
    return _page(error.code or 500, error)


def _stale(error: StaleToken) -> Response:
    """The page itself, opened again, has a new token: a link there, or with htmx the page."""
    way_back = _came_from() or url_for(f"{_side()}.start")
    response = _page(400, error, texts=STALE, way_back=way_back)
    response.headers["HX-Redirect"] = way_back
    return response


def _came_from() -> str:
    """The path of the page of ours that a request came from; "" for anything else."""
    try:
        address = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    except ValueError:
        return ""
    is_ours = address.netloc == request.host and OWN_PATH.fullmatch(address.path)
    return address.path if is_ours else ""


def _moved_on(_: Exception) -> ResponseReturnValue:
    """The draft was sent, closed or changed meanwhile: on to what there is of it now."""
    try:
        found = current()
    except StoreUnavailable as error:
        return _unavailable(error)
    side = _side()
    if found is None:
        return leave_to(url_for(f"{side}.come_back", closed=1))
    if found.draft.sent:
        return leave_to(url_for(f"{side}.sent"))
    return _page(409, way_back=url_for(f"{side}.check"))


def _side() -> str:
    """The patient's pages of the clinic this request is about."""
    here = request.blueprint or ""
    return here if here.startswith("patient") else "patient"


def _unavailable(_: StoreUnavailable) -> Response:
    response = _page(503)
    response.headers["Retry-After"] = "30"
    return response


def _bad_value(_: BadValue) -> Response:
    return _page(400)


def _not_allowed(_: NotAllowed) -> Response:
    return _page(403)


def _failed(error: Exception) -> Response:
    # The type and the lines it went through; the message may hold an answer.
    log.error("failed", request_id=g.get("request_id", "none"), exc_info=error)
    return _page(InternalServerError.code)


def _page(
    status: int,
    error: HTTPException | None = None,
    *,
    texts: Texts | None = None,
    way_back: str = "",
) -> Response:
    title, advice = texts or TEXTS.get(status, TEXTS[500 if status >= 500 else 400])
    html = render_template(
        "errors/error.html",
        title=title,
        advice=advice,
        way_back=way_back,
        number=number_to_quote(status),
    )
    response = make_response(html, status)
    if error is not None:
        # Allow, Retry-After and the like.
        for name, value in error.get_headers():
            if name.lower() not in {"content-type", "content-length"}:
                response.headers[name] = value
    return response
