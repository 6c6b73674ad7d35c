"""Passkeys: logging in with one, confirming with one, and adding and removing one's own."""

from __future__ import annotations

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.store import BadValue, passkeys
from intake.store.staff import Staff
from intake.web import auth, sign_on
from intake.web import passkeys as web_keys
from intake.web.access import anyone, joining, staff, staff_afresh
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, SET_UP
from intake.web.clinic import log_in, own, set_up
from intake.web.clinic.blueprint import pages
from intake.web.passkeys import Site
from intake.web.replies import leave_to, stay
from intake.web.visit import store

# --- Logging in --------------------------------------------------------------------------------


@pages.post("/passkey/ask")
@anyone
def ask_passkey() -> ResponseReturnValue:
    """What the browser needs to find a passkey for this site."""
    return _told(web_keys.ask_to_enter(_site()))


@pages.post("/passkey")
@anyone
def enter_by_passkey() -> ResponseReturnValue:
    """Log in whoever holds the passkey; it counts as both proofs, since it asks for its owner.

    Whatever is wrong is answered alike.
    """
    person = web_keys.holder(_site(), _answer(), address=log_in.address())
    if person is None:
        return stay(log_in.refuse(_refused()))
    then = auth.way_back(request.form.get("next", ""))
    sign_on.link_owed(person)
    auth.open_here(person, "passkey")
    return leave_to(then)


def _refused() -> str:
    return _(
        "This passkey did not open the staff pages. It may belong to another site or clinic, be "
        "removed, or it took too long. Try once more, or use your password."
    )


# --- Confirming --------------------------------------------------------------------------------


@pages.post("/confirm/passkey/ask")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def ask_own_passkey() -> ResponseReturnValue:
    """What the browser needs to find one of the person's passkeys."""
    return _told(web_keys.ask_again(_site(), auth.person()))


@pages.post("/confirm/passkey")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def confirm_by_passkey() -> ResponseReturnValue:
    """Go on with a new session when it is the person's own passkey."""
    person = auth.person()
    found = web_keys.holder(_site(), _answer(), address=log_in.address(), only=person)
    if found is None:
        return stay(log_in.confirm_page([("page", _refused())]))
    auth.open_here(person, "confirmed_passkey")
    return leave_to(auth.way_back(request.form.get("next", "")))


# --- One's own ---------------------------------------------------------------------------------


@pages.post("/me/passkeys/ask")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def ask_new_passkey() -> ResponseReturnValue:
    """What the browser needs to make a passkey."""
    return _told(web_keys.ask_for_new(_site(), auth.person()))


@pages.post("/me/passkeys")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def add_passkey() -> ResponseReturnValue:
    """Keep a passkey that the person's device made."""
    person = auth.person()
    wrong = _keep(person, first=False)
    if wrong:
        return stay(own.page([("passkey_name", wrong)]))
    auth.open_here(person, "passkey_set")
    return leave_to(url_for(".own", done="passkey"))


@pages.post("/me/passkeys/<id>/remove")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def remove_passkey(id: str) -> ResponseReturnValue:
    """Take a passkey away; sessions on other devices end."""
    if not passkeys.remove(store(), auth.person(), id):
        text = _("Add another passkey, or a password and app, first: this is your only way in.")
        return stay(own.page(notice=text), 409)
    auth.open_here(auth.person(), "passkey_removed")
    return leave_to(url_for(".own", done="passkey_removed"))


# --- Setting a log-in up with one --------------------------------------------------------------


@pages.post("/set-up/passkey/ask")
@joining(SET_UP)
def ask_first_passkey() -> ResponseReturnValue:
    """What the browser needs to make the first passkey."""
    return _told(web_keys.ask_for_new(_site(), auth.joiner()))


@pages.post("/set-up/passkey")
@joining(SET_UP)
def set_up_by_passkey() -> ResponseReturnValue:
    """Finish the set-up with a passkey in place of password and app."""
    person = auth.joiner()
    wrong = _keep(person, first=True)
    if wrong:
        return stay(set_up.page([("passkey_name", wrong)]))
    then = auth.way_back(str(auth.step().document.get("next", "")))
    auth.open_here(person, "set_up_passkey")
    return leave_to(then)


# --- What they share ---------------------------------------------------------------------------


def _keep(person: Staff, *, first: bool) -> str:
    """Keep the passkey that was made; what is wrong with it, or ""."""
    found = web_keys.made(_site(), person, _answer())
    if found is None:
        return _("Your device did not make a passkey that works here. Try it once more.")
    try:
        passkeys.add(store(), person, found, request.form.get("passkey_name", ""), first=first)
    except BadValue as refused:
        return str(refused)
    return ""


def _site() -> Site:
    here = web_keys.site()
    if here is None:
        # The pages offer no passkey there.
        abort(400)
    return here


def _answer() -> str:
    return request.form.get("credential", "")


def _told(options: str) -> Response:
    return Response(options, mimetype="application/json")
