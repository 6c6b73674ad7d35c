"""Who of the staff is at this browser: log-in, log-out, and the gate before every staff page.

Apart from a patient's session in the same browser: another name in the cookie, another kind in
the database, and neither is read for the other.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import abort, current_app, g, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from intake.store import sessions, staff
from intake.store.staff import Staff
from intake.web import several
from intake.web.access import STAFF, Access, access_of
from intake.web.replies import leave_to
from intake.web.visit import clinic, store

TOKEN = "staff"  # noqa: S105 - the name under which the cookie holds it

NOWHERE = ".nowhere"
"""Endpoint of every staff address that names no page."""

DOCTOR, ADMIN, FRONT_DESK = "doctor", "admin", "front_desk"


def let_in(access: Access) -> ResponseReturnValue | None:
    """Lead to the log-in, and afterwards back; 403 for a role that the page is not for."""
    g.staff = current()
    if g.staff is None:
        return leave_to(url_for(".log_in", next=_here()))
    if g.staff.role not in access.roles:
        abort(403)
    return None


def person() -> Staff:
    """The member of staff of this request, whom the gate found."""
    found: Staff = g.staff
    return found


def current() -> Staff | None:
    """Who is logged in here; asked of the database each time, as a log-in can be taken away."""
    row = sessions.read(store(), str(session.get(TOKEN, "")))
    if row is None or row.kind != "staff" or row.clinic_id != clinic().id:
        return None
    return staff.get(store(), row.clinic_id, row.subject)


def open_here(person: Staff) -> None:
    """Log a person in, with a new session whatever this browser held before."""
    close_here()
    session[TOKEN] = sessions.open(store(), person.clinic_id, "staff", person.id)


def close_here() -> None:
    """Log out; what a patient has open in this browser stays."""
    sessions.close(store(), str(session.pop(TOKEN, "")))
    # The form's token changes with who is logged in; the one of this request went with it.
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def _here() -> str | None:
    """The page that was asked for, if it can be asked for again."""
    if request.method not in {"GET", "HEAD"}:
        return None
    return request.full_path if request.query_string else request.path


def way_back(asked_for: str) -> str:
    """A staff page of this clinic, by its address as it came; the work list for anything else.

    The address itself is never used: what it names is looked up, and built anew.
    """
    try:
        parts = urlsplit(asked_for)
        endpoint, values = _named(parts.path)
    except (ValueError, HTTPException):
        return url_for(".queue")
    access = access_of(current_app, endpoint)
    is_here = endpoint.rpartition(".")[0] == request.blueprint
    is_staff = access is not None and access.who == STAFF and not endpoint.endswith(NOWHERE)
    if parts.scheme or parts.netloc or not is_here or not is_staff:
        return url_for(".queue")
    if values.pop(several.SLUG, clinic().slug) != clinic().slug:
        return url_for(".queue")
    after = parse_qs(parts.query).get("after", [None])[0]
    return url_for(endpoint, **values, after=after)


def _named(path: str) -> tuple[str, dict[str, Any]]:
    """Endpoint and values of a path; raises `HTTPException` where a GET finds nothing."""
    routes = current_app.create_url_adapter(request)
    if routes is None:
        raise ValueError
    endpoint, values = routes.match(path, method="GET")
    return endpoint, dict(values)
