"""Logging in and out."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.store import staff
from intake.web import auth
from intake.web.access import anyone, anyone_keeping_words
from intake.web.clinic.blueprint import pages
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store


@pages.get("/log-in")
@anyone
def log_in() -> ResponseReturnValue:
    """Ask for username and password."""
    return _page()


@pages.post("/log-in")
@anyone_keeping_words
def enter() -> ResponseReturnValue:
    """Log in and go on where the person was.

    The store answers an unknown name, a wrong password and a pause alike, after the same work.
    """
    username, password = request.form.get("username", ""), request.form.get("password", "")
    if not g.token_is_valid:
        return stay(_page(notice=_("This page was open for a long time. Log in once more.")), 409)
    blank = _blank(username, password)
    if blank:
        return stay(_page(errors=blank))
    person = staff.check(store(), clinic().id, username, password)
    if person is None:
        text = _(
            "This username and password do not fit. Check both. After 5 wrong tries you have "
            "to wait 15 minutes."
        )
        return stay(_page(refused=text))
    auth.open_here(person)
    return leave_to(auth.way_back(request.form.get("next", "")))


@pages.post("/log-out")
@anyone_keeping_words
def log_out() -> ResponseReturnValue:
    """End the session and have the browser forget the pages.

    Also from a page whose token is old: who presses this walks away. A foreign site's form
    comes without the cookie, and ends nothing.
    """
    auth.close_here()
    response = make_response(leave_to(url_for(".log_in", out=1)))
    # Not "cookies": a patient's form may be open in this browser; ours is void already.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _blank(username: str, password: str) -> list[tuple[str, str]]:
    blank = []
    if not username.strip():
        blank.append(("username", _("Type your username.")))
    if not password:
        blank.append(("password", _("Type your password.")))
    return blank


def _page(*, errors: Sequence[tuple[str, str]] = (), refused: str = "", notice: str = "") -> str:
    """`refused` is about username and password together, `errors` about one of them."""
    asked_for = request.values.get("next", "")
    # Looked up before it is written into the page: an address can hold what no page may.
    asked_for = auth.way_back(asked_for) if asked_for else ""
    if not (notice or errors or refused):
        notice = _notice(asked_for)
    return render_template(
        "clinic/log_in.html",
        errors=errors,
        refused=refused,
        notice=notice,
        username=request.form.get("username", ""),
        asked_for=asked_for,
    )


def _notice(asked_for: str) -> str:
    if request.args.get("out"):
        return _("You are logged out.")
    if asked_for:
        return _("Log in to go on. After 10 quiet minutes you have to log in again.")
    return ""
