"""A person's own log-in: what proves them, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.store import BadValue, factors, passkeys, sessions
from intake.store.steps import Step
from intake.web import auth, sign_on
from intake.web.access import staff_afresh
from intake.web.auth import ADMIN, APP, DOCTOR, FRONT_DESK
from intake.web.clinic.blueprint import at_the_clinic, pages
from intake.web.clinic.log_in import codes_left
from intake.web.clinic.set_up import app_code_wrong, known_words, picture
from intake.web.passkeys import site
from intake.web.replies import leave_to, stay
from intake.web.visit import store

Errors = Sequence[tuple[str, str]]

APP_LIFE = timedelta(minutes=15)
"""As long as the proof of who they are counts."""


@pages.get("/me")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def own() -> ResponseReturnValue:
    """What there is, and how to change it."""
    return page()


@pages.post("/me/password")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def change_password() -> ResponseReturnValue:
    """Take another password."""
    person, password = auth.person(), request.form.get("password", "")
    if not password:
        return stay(page([("password", _("Type the new password."))]))
    try:
        factors.change_password(store(), person, password, known_words(person))
    except BadValue as refused:
        return stay(page([("password", str(refused))]))
    auth.open_here(person, "password_changed")
    return leave_to(url_for(".own", done="password"))


@pages.post("/me/codes")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def issue_codes() -> ResponseReturnValue:
    """New recovery codes; the old ones are void."""
    person = auth.person()
    codes = factors.new_codes(store(), person)
    auth.show_once(person, codes=codes, next=url_for(".own"))
    return leave_to(url_for(".recovery_codes"))


@pages.post("/me/app")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def begin_app() -> ResponseReturnValue:
    """Make a secret for an app: the first one, or one in place of it."""
    auth.begin(APP, auth.person(), {"secret": factors.new_secret()}, APP_LIFE)
    return leave_to(url_for(".app"))


@pages.get("/me/app")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def app() -> ResponseReturnValue:
    """Show the secret to the app's camera."""
    found = auth.own_step(APP)
    return leave_to(url_for(".own")) if found is None else _app_page(found)


@pages.post("/me/app/code")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def set_app() -> ResponseReturnValue:
    """Take the app once it shows a right code; show new recovery codes."""
    person, found = auth.person(), auth.own_step(APP)
    if found is None:
        return leave_to(url_for(".own"))
    needs_password = not factors.factors(store(), person).password
    password = request.form.get("password", "") if needs_password else None
    try:
        codes = factors.set_app(
            store(),
            person,
            str(found.document["secret"]),
            request.form.get("code", ""),
            password=password,
            own=known_words(person),
        )
    except BadValue as refused:
        return stay(_app_page(found, [("password", str(refused))]))
    if codes is None:
        return stay(_app_page(found, [("code", app_code_wrong())]))
    # A new session: what proves the person is another now.
    auth.open_here(person, "app_set")
    auth.show_once(person, codes=codes, next=url_for(".own"))
    return leave_to(url_for(".recovery_codes"))


def _app_page(found: Step, errors: Errors = ()) -> str:
    person = auth.person()
    return render_template(
        "clinic/app.html",
        errors=errors,
        by=factors.factors(store(), person),
        **picture(person, str(found.document["secret"])),
    )


@pages.post("/me/app/remove")
@staff_afresh(DOCTOR, ADMIN, FRONT_DESK)
def remove_app() -> ResponseReturnValue:
    """Take password and app away, where a passkey is left."""
    if not factors.remove_app(store(), auth.person()):
        return stay(page(notice=_("Add a passkey first: this is your only way to log in.")), 409)
    auth.open_here(auth.person(), "app_removed")
    return leave_to(url_for(".own", done="removed"))


def page(errors: Errors = (), notice: str = "") -> str:
    """A person's own page, with what is wrong or was done."""
    person = auth.person()
    by = factors.factors(store(), person)
    return render_template(
        "clinic/own.html",
        errors=errors,
        notice=notice or ("" if errors else _notice(by.codes_left)),
        by=by,
        left=codes_left(by.codes_left),
        passkeys=passkeys.of(store(), person),
        takes_passkeys=site() is not None,
        most=passkeys.MOST,
        sign_on=sign_on.host(),
        linked=sign_on.linked_to(person),
        log_ins=sessions.of_staff(store(), person.clinic_id, person.id),
        at=at_the_clinic,
    )


def _notice(left: int) -> str:
    if request.args.get("used"):
        return _("You logged in with a recovery code.") + " " + codes_left(left)
    done = request.args.get("done", "")
    said = {
        "password": _("The new password is stored, and your other devices are logged out."),
        "removed": _("It is removed."),
        "passkey": _("The passkey is added. From now on you can log in with it."),
        "passkey_removed": _("The passkey is removed, and your other devices are logged out."),
    }
    return said.get(done, "")
