"""Logging in and out: a password, then a second proof; and proving it anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import g as here
from flask import make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from intake.store import accounts, factors, staff
from intake.store.staff import Staff
from intake.web import auth, sign_on
from intake.web.access import anyone, anyone_keeping_words, joining
from intake.web.access import staff as for_staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, SECOND, SET_UP
from intake.web.clinic.blueprint import pages
from intake.web.passkeys import site
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store

Errors = Sequence[tuple[str, str]]

SECOND_LIFE = timedelta(minutes=10)
SET_UP_LIFE = timedelta(minutes=30)


def address() -> str:
    """Where a request comes from, as far as the proxies in front are to be believed."""
    return request.remote_addr or ""


# --- The first proof: a password ---------------------------------------------------------------


@pages.get("/log-in")
@anyone
def log_in() -> ResponseReturnValue:
    """Ask for username and password."""
    return _page()


@pages.post("/log-in")
@anyone_keeping_words
def enter() -> ResponseReturnValue:
    """Check the password and ask for the second proof; without one, have it set up.

    The store answers an unknown name, a wrong password and a pause alike, after the same work.
    """
    username, password = request.form.get("username", ""), request.form.get("password", "")
    if not here.token_is_valid:
        return stay(_page(notice=_("This page was open for a long time. Log in once more.")), 409)
    blank = _blank(username, password)
    if blank:
        return stay(_page(errors=blank))
    person = staff.check(store(), clinic().id, username, password, address=address())
    if person is None:
        return stay(_page(refused=_refused()))
    return _next_step(person)


def _refused() -> str:
    return _(
        "This username and password do not fit. Check both. After 5 wrong tries you have to "
        "wait, a minute at first and longer each time."
    )


def _next_step(person: Staff) -> ResponseReturnValue:
    then = {"next": auth.way_back(request.form.get("next", ""))}
    if factors.factors(store(), person).are_enough:
        auth.begin(SECOND, person, then, SECOND_LIFE)
        return leave_to(url_for(".second"))
    begin_set_up(person, then["next"])
    return leave_to(url_for(".set_up"))


def begin_set_up(person: Staff, then: str = "") -> None:
    """Let a person set their log-in up; the secret for their app is made here, once."""
    document = {"secret": factors.new_secret(), "next": then}
    auth.begin(SET_UP, person, document, SET_UP_LIFE)


# --- The second proof --------------------------------------------------------------------------


@pages.get("/log-in/code")
@joining(SECOND)
def second() -> ResponseReturnValue:
    """Ask for the code of the app, or a recovery code."""
    return _second_page()


@pages.post("/log-in/code")
@joining(SECOND)
def enter_second() -> ResponseReturnValue:
    """Log in with the right code."""
    typed = typed_code()
    if not typed:
        return stay(_second_page([("code", _("Type the 6 digits of your app."))]))
    person = auth.joiner()
    kind = factors.check(store(), person, typed, address=address())
    if not kind:
        return stay(_second_page([("code", wrong_code())]))
    begun = auth.step().document
    then = str(begun.get("next") or url_for(".queue"))
    first = sign_on.owed(begun)
    if first is not None and not first.link(person):
        return sign_on.stop("linked_elsewhere", person, then=then)
    if first is None:
        auth.open_here(person, f"password_{kind}")
    else:
        auth.open_here(person, f"sign_on_{kind}", proved_at=first.proved_at)
    return leave_to(url_for(".own", used=1) if kind == "recovery" else then)


def typed_code() -> str:
    """The code of the app or, where that is empty, the recovery code."""
    return request.form.get("code", "").strip() or request.form.get("recovery", "").strip()


def wrong_code() -> str:
    """What to say of a code that does not open, for whatever reason."""
    return _(
        "This code does not fit. Each code works once: wait for the next one in your app. "
        "After 5 wrong tries you have to wait, a minute at first and longer each time."
    )


def _second_page(errors: Errors = ()) -> str:
    return render_template(
        "clinic/second.html",
        errors=errors,
        by=factors.factors(store(), auth.joiner()),
        asked_for=str(auth.step().document.get("next", "")),
        takes_passkeys=site() is not None,
    )


# --- Proving it anew ---------------------------------------------------------------------------


@pages.get("/confirm")
@for_staff(DOCTOR, ADMIN, FRONT_DESK)
def confirm() -> ResponseReturnValue:
    """Ask who is logged in to prove it, before log-ins are changed."""
    return confirm_page()


@pages.post("/confirm")
@for_staff(DOCTOR, ADMIN, FRONT_DESK)
def confirm_by_password() -> ResponseReturnValue:
    """Go on with a new session when password and code are right."""
    person = auth.person()
    password, code = request.form.get("password", ""), typed_code()
    errors = []
    if not password:
        errors.append(("password", _("Type your password.")))
    if not code:
        errors.append(("code", _("Type the 6 digits of your app.")))
    if errors:
        return stay(confirm_page(errors))
    found = staff.check(store(), clinic().id, person.username, password, address=address())
    if found != person:
        text = _("This password does not fit. After 5 wrong tries you have to wait.")
        return stay(confirm_page([("password", text)]))
    kind = factors.check(store(), person, code, address=address())
    if not kind:
        return stay(confirm_page([("code", wrong_code())]))
    auth.open_here(person, f"confirmed_{kind}")
    return leave_to(auth.way_back(request.form.get("next", "")))


def confirm_page(errors: Errors = ()) -> str:
    """The page that asks for it."""
    return render_template(
        "clinic/confirm.html",
        errors=errors,
        asked_for=auth.way_back(request.values.get("next", "")),
        by=factors.factors(store(), auth.person()),
        takes_passkeys=site() is not None,
        sign_on=sign_on.host_for(auth.person()),
    )


# --- Out ---------------------------------------------------------------------------------------


@pages.post("/log-out")
@anyone_keeping_words
def log_out() -> ResponseReturnValue:
    """End the session and have the browser forget the pages.

    Also from a page whose token is old: who presses this walks away. A foreign site's form
    comes without the cookie, and ends nothing.
    """
    auth.close_here()
    session[auth.LEFT] = True
    return _left(url_for(".log_in", out=1))


@pages.post("/log-out-everywhere")
@for_staff(DOCTOR, ADMIN, FRONT_DESK)
def log_out_everywhere() -> ResponseReturnValue:
    """End the person's sessions on every device, this one too."""
    accounts.log_out_everywhere(store(), auth.person())
    auth.close_here()
    session[auth.LEFT] = True
    return _left(url_for(".log_in", out="all"))


def _left(url: str) -> ResponseReturnValue:
    response = make_response(leave_to(url))
    # Not "cookies": a patient's form may be open in this browser; ours is void already.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


# --- The page ----------------------------------------------------------------------------------


def _blank(username: str, password: str) -> list[tuple[str, str]]:
    blank = []
    if not username.strip():
        blank.append(("username", _("Type your username.")))
    if not password:
        blank.append(("password", _("Type your password.")))
    return blank


def _page(*, errors: Errors = (), refused: str = "", notice: str = "") -> str:
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
        takes_passkeys=site() is not None,
        sign_on=sign_on.host(),
    )


def refuse(text: str) -> str:
    """The page again, with what is to be said of a proof that did not hold."""
    return _page(refused=text)


def _notice(asked_for: str) -> str:
    if request.args.get("out") == "all":
        return _("You are logged out, here and on every other device.")
    if request.args.get("out"):
        return _("You are logged out.")
    if request.args.get("late"):
        return _("That took too long, or it was done already. Begin again.")
    if asked_for:
        return _("Log in to go on. After 10 quiet minutes you have to log in again.")
    return ""


def codes_left(count: int) -> str:
    """How many recovery codes are left, in words."""
    if not count:
        return _("No recovery code is left.")
    return ngettext("%(num)s recovery code is left.", "%(num)s recovery codes are left.", count)
