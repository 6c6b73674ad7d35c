"""Who of the staff is at this browser: log-in, log-out, and the gate before every staff page.

Apart from a patient's session in the same browser: another name in the cookie, another kind in
the database, and neither is read for the other.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import abort, current_app, g, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from intake.store import audit, sessions, staff, steps
from intake.store.sessions import SessionRow
from intake.store.staff import Staff
from intake.store.steps import Step
from intake.web import kept, several
from intake.web.access import STAFF, Access, access_of
from intake.web.replies import leave_to
from intake.web.security import drawn_with, mark_of
from intake.web.visit import clinic, store

TOKEN = "staff"  # noqa: S105 - the name under which the cookie holds it

FORMER = "staff_before"
"""Where in the cookie the log-ins before this one stand, whose pages may still be open."""
MOST_FORMER = 3

STEP, SHOWN = "staff_step", "staff_shown"
"""Under these the cookie holds how far a log-in got, and what is to be shown once."""

SECOND, SET_UP, APP, ONCE = "second", "set_up", "app", "once"
"""Steps: the second proof of a log-in, setting a log-in up, another code app; shown once."""

LEFT = "staff_left"
"""Under this the cookie holds that somebody logged out here."""

KEPT = ("after", "calls", "lane", "who", "urgency", "visit", "sent")
"""What of an address leads back to the same page of a list after a log-in."""

FRESH = timedelta(minutes=15)

NOWHERE = ".nowhere"
"""Endpoint of every staff address that names no page."""

DOCTOR, ADMIN, FRONT_DESK = "doctor", "admin", "front_desk"


def let_in(access: Access) -> ResponseReturnValue | None:
    """Lead to the log-in, and afterwards back; 403 for a role that the page is not for."""
    row = _row(touch=not access.quiet)
    g.session, g.staff = row, _person_of(row)
    if row is None or g.staff is None:
        if request.method == "POST":
            # Whoever it was finds the words again after the next log-in.
            kept.park(str(session.get(TOKEN, "")), _form_page() or "")
            return leave_to(url_for(".log_in", next=_form_page()))
        return leave_to(url_for(".log_in", next=_form_page() if access.quiet else _here()))
    if g.staff.role not in access.roles:
        tried = request.endpoint
        audit.note(store(), row.clinic_id, g.staff.actor, "access_refused", detail=tried)
        abort(403)
    if access.fresh and not _is_fresh(row):
        if request.method == "POST":
            kept.keep_for(g.staff.id, _form_page() or "")
        return leave_to(url_for(".confirm", next=_here() or _form_page()))
    kept.look(g.staff)
    return None


def let_go_on(access: Access) -> ResponseReturnValue | None:
    """Let in who came as far as this step a short while ago; others begin at the log-in."""
    found = steps.read(store(), clinic().id, access.step, str(session.get(STEP, "")))
    joiner = staff.get(store(), clinic().id, found.staff_id) if found else None
    if found is None or joiner is None:
        return leave_to(url_for(".log_in", late=1))
    g.step, g.joiner, g.staff = found, joiner, None
    return None


def person() -> Staff:
    """The member of staff of this request, whom the gate found."""
    found: Staff = g.staff
    return found


def ends_at() -> datetime:
    """When the log-in of this request ends if nobody does anything."""
    row: SessionRow = g.session
    return min(row.idles_out_at, row.expires_at)


def ending() -> dict[str, int | bool]:
    """In how many seconds the log-in of this request ends, and whether going on can change that."""
    row: SessionRow = g.session
    left = (ends_at() - store().clock()).total_seconds()
    return {"left": int(left), "last": row.expires_at <= row.idles_out_at}


def step() -> Step:
    """How far the log-in or set-up of this request got."""
    found: Step = g.step
    return found


def joiner() -> Staff:
    """Whose log-in or set-up it is."""
    found: Staff = g.joiner
    return found


def current() -> Staff | None:
    """Who is logged in here; asked of the database each time, as a log-in can be taken away."""
    return _person_of(_row())


def _row(*, touch: bool = True) -> SessionRow | None:
    row = sessions.read(store(), str(session.get(TOKEN, "")), touch=touch)
    if row is None or row.kind != "staff" or row.clinic_id != clinic().id:
        return None
    return row


def _person_of(row: SessionRow | None) -> Staff | None:
    if row is None or row.proved_at is None:
        return None
    return staff.get(store(), row.clinic_id, row.subject)


def _is_fresh(row: SessionRow) -> bool:
    return row.proved_at is not None and row.proved_at + FRESH > store().clock()


def open_here(person: Staff, how: str, *, proved_at: datetime | None = None) -> None:
    """Log a person in, with a new session whatever this browser held before.

    `how` is a fixed word for the audit; `proved_at` is when they proved who they are, if not now.
    """
    former = _with_this_one(session.get(FORMER, []))
    close_here()
    session[FORMER] = former
    session.pop(LEFT, None)
    steps.close(store(), str(session.pop(STEP, "")))
    session[TOKEN] = sessions.open(
        store(), person.clinic_id, "staff", person.id, proved_at=proved_at
    )
    audit.note(store(), person.clinic_id, person.actor, "logged_in", detail=how)


def _with_this_one(former: list[list[str]]) -> list[list[str]]:
    """The log-ins that a browser had: which forms were drawn in each, and whose it was."""
    whose = sessions.ended(store(), str(session.get(TOKEN, "")), clinic().id)
    mark = mark_of(str(session.get("csrf_token", "")))
    return [[mark, whose], *former][:MOST_FORMER] if whose and mark else former


def keep_stale_words() -> str:
    """Keep the words of a form that was drawn in an earlier log-in of this browser, for whoever
    had it and for nobody else; the page on which they find them, or "".
    """
    whose = dict(session.get(FORMER, [])).get(drawn_with(), "")
    page = _form_page()
    if not whose or not page:
        return ""
    kept.keep_for(whose, page)
    return way_back(page)


def begin(purpose: str, person: Staff, document: dict[str, Any], life: timedelta) -> None:
    """Take a person one step further towards a log-in, under a new id."""
    steps.close(store(), str(session.pop(STEP, "")))
    session[STEP] = steps.open(store(), clinic().id, purpose, person.id, document, life=life)


def was_here() -> bool:
    """Whether a log-in of this browser was ended, or ended by itself."""
    return TOKEN in session or LEFT in session


def second_of(person: Staff) -> Step | None:
    """The second proof that this browser owes for this very person."""
    found = steps.read(store(), clinic().id, SECOND, str(session.get(STEP, "")))
    return found if found is not None and found.staff_id == person.id else None


def own_step(purpose: str) -> Step | None:
    """How far the person who is logged in got with something of their own."""
    found = steps.read(store(), clinic().id, purpose, str(session.get(STEP, "")))
    return found if found is not None and found.staff_id == person().id else None


def show_once(person: Staff, **what: Any) -> None:
    """Keep something for the page after this one: a link or codes that exist nowhere else."""
    steps.close(store(), str(session.pop(SHOWN, "")))
    session[SHOWN] = steps.open(store(), clinic().id, ONCE, person.id, what)


def to_show(person: Staff) -> dict[str, Any]:
    """What is to be shown to this person, also when they load the page again; else nothing."""
    found = steps.read(store(), clinic().id, ONCE, str(session.get(SHOWN, "")))
    return found.document if found is not None and found.staff_id == person.id else {}


def shown() -> None:
    """Forget what was to be shown."""
    steps.close(store(), str(session.pop(SHOWN, "")))


def close_here() -> None:
    """Log out; what a patient has open in this browser stays."""
    sessions.close(store(), str(session.pop(TOKEN, "")))
    # Who logs out walks away from what was typed as well.
    session.pop(FORMER, None)
    # The form's token changes with who is logged in; the one of this request went with it.
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def _here() -> str | None:
    """The page that was asked for, if it can be asked for again."""
    if request.method not in {"GET", "HEAD"}:
        return None
    return request.full_path if request.query_string else request.path


def _form_page() -> str | None:
    """The page whose form was sent, to come back to; what was pressed is pressed anew."""
    try:
        return urlsplit(request.referrer or "").path or None
    except ValueError:
        return None


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
    said = parse_qs(parts.query)
    asked: dict[str, Any] = {key: said[key][0] for key in KEPT if key in said}
    return url_for(endpoint, **values, **asked)


def _named(path: str) -> tuple[str, dict[str, Any]]:
    """Endpoint and values of a path; raises `HTTPException` where a GET finds nothing."""
    routes = current_app.create_url_adapter(request)
    if routes is None:
        raise ValueError
    endpoint, values = routes.match(path, method="GET")
    return endpoint, dict(values)
