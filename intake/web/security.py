"""What every request must pass and every reply must carry."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException, SecurityError
from wtforms import ValidationError

from intake.web.access import PROGRAM, access_of, stand_guard
from intake.web.assets import is_fingerprinted
from intake.web.display import LOOK, is_look

BODY_BYTES = 64 * 1024
FIELDS = 400
QUERY_BYTES = 2 * 1024
SENT_BACK_BYTES = 4 * 1024
"""Some providers of single sign-on give codes of more than 1,000 characters."""
END = "_end"
"""Last field of every form: a body that was cut off lacks it."""
BUTTONS = frozenset(
    {"continue", "back", "later", "return", "go", "stop", "sections", "short", "full", "typing"}
)
"""What `action`, the button, may say. None begins with another: cut off, it is none of them."""

TOKEN_SALT = "wtf-csrf-token"  # noqa: S105 - Flask-WTF's own name for what it signs
FORM = "application/x-www-form-urlencoded"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # "no-referrer" would make every HTTPS POST fail its check.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class BadBody(HTTPException):
    """A body that is not a whole form of ours."""

    code = 400
    description = "The page was not sent whole."


class LengthRequired(HTTPException):
    code = 411
    description = "The length of the body is missing."


class StaleToken(HTTPException):
    """A form of an earlier session; its page must be opened again."""

    code = 400
    description = "This page was open for a long time."


def protect(app: Flask) -> None:
    """Guard bodies, check tokens, deny by default, and put the headers on every reply."""
    app.before_request(_guard_host)
    app.before_request(_guard_query)
    app.before_request(_guard_body)
    app.before_request(_check_token)
    stand_guard(app)
    app.after_request(_add_headers)
    app.jinja_env.globals["csrf_token"] = generate_csrf


def _guard_host() -> None:
    """Refuse a foreign host name before anything else: no page can be drawn for it."""
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception


def _guard_query() -> None:
    access = access_of(current_app, request.endpoint) if request.endpoint else None
    most = SENT_BACK_BYTES if access is not None and access.sent_back else QUERY_BYTES
    if len(request.query_string) > most:
        abort(414)


def _guard_body() -> None:
    if "Transfer-Encoding" in request.headers:
        raise LengthRequired
    if request.headers.get("Content-Encoding", "identity") != "identity":
        abort(415)
    if request.method not in UNSAFE or _is_for_programs():
        return
    if request.content_length is None:
        raise LengthRequired
    if request.content_length > BODY_BYTES:
        abort(413)
    if _is_one_click():
        _guard_length(request.get_data(cache=True))
        return
    if request.mimetype != FORM:
        abort(415)
    _guard_fields(request.get_data(cache=True))


def _is_for_programs() -> bool:
    """Whether the view reads no body, no cookie and no form: its gate refuses all but reading."""
    access = access_of(current_app, request.endpoint) if request.endpoint else None
    return access is not None and access.who == PROGRAM


def _is_one_click() -> bool:
    """Whether a mail program posts here: a body as RFC 8058 has it, in either of two types."""
    access = access_of(current_app, request.endpoint) if request.endpoint else None
    return access is not None and access.one_click


def _guard_length(body: bytes) -> None:
    if len(body) != request.content_length:
        raise BadBody


def _guard_fields(body: bytes) -> None:
    _guard_length(body)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=FIELDS,
            errors="strict",
        )
    except ValueError:
        # Too many fields, or bytes that are no UTF-8.
        raise BadBody from None
    # No keyboard types a NUL, and no database stores one.
    if not _is_whole(pairs) or any("\0" in name + value for name, value in pairs):
        raise BadBody


def _is_whole(pairs: list[tuple[str, str]]) -> bool:
    """Whether the end is there and comes last; only a script puts the button after it."""
    if pairs and pairs[-1][0] == "action" and (pairs[-1][1] in BUTTONS or is_look(pairs[-1][1])):
        pairs = pairs[:-1]
    return bool(pairs) and pairs[-1] == (END, "1")


def drawn_with() -> str:
    """What names the session for which the form of this request was drawn; "" for no form of ours.

    The token itself proves nothing any more: it may only be compared with what a session noted.
    """
    signer = URLSafeTimedSerializer(current_app.secret_key or "", salt=TOKEN_SALT)
    try:
        return mark_of(str(signer.loads(request.form.get("csrf_token", ""))))
    except BadData:
        return ""


def mark_of(secret: str) -> str:
    """A session's CSRF secret as it may be noted: it leads back to none."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32] if secret else ""


def pressed(*buttons: str) -> str:
    """Which of a form's buttons was pressed; without one the body was cut off behind its end.

    "look" among them stands for every button that changes how the page looks or its language.
    """
    action = request.form.get("action", "")
    if action not in buttons and not (LOOK in buttons and is_look(action)):
        raise BadBody
    return action


def _check_token() -> None:
    """Refuse a foreign form; a page that keeps words may go on with `g.token_is_valid` False."""
    g.token_is_valid = True
    if request.method not in UNSAFE or request.endpoint is None or _is_for_programs():
        return
    if _is_one_click():
        # It comes from another place by design; what it may do hangs on the code in its address.
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        g.token_is_valid = False
        access = access_of(current_app, request.endpoint)
        if access is None or not access.keeps_words:
            raise StaleToken from None


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        # A clinic's logo has a stricter policy of its own.
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static" or is_fingerprinted(request):
        return response
    response.headers["Cache-Control"] = "no-store"
    return response
