"""The blueprint of FHIR over HTTP, its replies, and what it says when something is wrong."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import structlog
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException, NotAcceptable
from werkzeug.wrappers import Response as AnyResponse

from intake.report.fhir.names import MEDIA_TYPE
from intake.store import BadValue, StoreUnavailable
from intake.web import several

log = structlog.get_logger("intake.web")

pages = several.named_in_addresses(Blueprint("fhir", __name__, url_prefix="/fhir"))

ACCEPTED = (MEDIA_TYPE, "application/json", "text/json")
ANY_OF_OURS = {"*/*", "application/*", *ACCEPTED}
FORMATS = {"json", *ACCEPTED}

# status: (code of the standard, what a person reads)
ISSUES = {
    400: ("invalid", "A parameter cannot be used."),
    401: ("login", "Send a token of the clinic: Authorization: Bearer …"),
    403: ("forbidden", "This is not open to programs."),
    404: ("not-found", "There is no such resource."),
    405: ("not-supported", "This interface can only be read."),
    406: ("not-supported", f"The only format is {MEDIA_TYPE}."),
    414: ("too-long", "The address is too long."),
    429: ("throttled", "Too many wrong tokens from this address; try again later."),
    503: ("transient", "The database does not answer just now; try again in a minute."),
}


class Unfit(HTTPException):
    """A parameter that cannot be used; the description names it, never its value."""

    code = 400


def reply(resource: dict[str, Any]) -> AnyResponse:
    """A resource as a reply: 304 where the program has just this already."""
    _refuse_other_formats()
    body = json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()
    response = Response(body, mimetype=MEDIA_TYPE)
    response.set_etag(hashlib.sha256(body).hexdigest()[:32], weak=True)
    return response.make_conditional(request)


def _refuse_other_formats() -> None:
    wished = request.args.get("_format", "json").replace(" ", "+")
    if wished.partition(";")[0] not in FORMATS:
        raise NotAcceptable
    # "application/fhir+json; fhirVersion=4.0" is the same to us.
    accepts = {
        kind.partition(";")[0].strip() for kind, quality in request.accept_mimetypes if quality
    }
    if accepts and "_format" not in request.args and not accepts & ANY_OF_OURS:
        raise NotAcceptable


def outcome(status: int, text: str = "") -> Response:
    """An error as programs read it."""
    code, usual = ISSUES.get(status, ISSUES[400] if status < 500 else ("exception", "It failed."))
    issue = {"severity": "error", "code": code, "diagnostics": text or usual}
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]})
    return Response(body, status, mimetype=MEDIA_TYPE)


@pages.errorhandler(HTTPException)
def _explain(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    own = str(error.description) if isinstance(error, Unfit) else ""
    response = outcome(error.code, own)
    if error.code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="intake"'
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


@pages.errorhandler(StoreUnavailable)
def _unavailable(_: StoreUnavailable) -> Response:
    response = outcome(503)
    response.headers["Retry-After"] = "30"
    return response


@pages.errorhandler(BadValue)
def _bad_value(_: BadValue) -> Response:
    return outcome(400)


@pages.errorhandler(Exception)
def _failed(error: Exception) -> Response:
    log.error("failed", request_id=g.get("request_id", "none"), exc_info=error)
    return outcome(500)
