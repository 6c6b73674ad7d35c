"""Setting a log-in up: by an invitation, or after the first password."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.store import BadValue, accounts, factors
from intake.store.staff import Staff
from intake.web import auth
from intake.web.access import anyone, joining, staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, SET_UP
from intake.web.clinic.blueprint import pages
from intake.web.clinic.log_in import address, begin_set_up
from intake.web.passkeys import site
from intake.web.qr import qr
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store

Errors = Sequence[tuple[str, str]]


# --- The invitation ----------------------------------------------------------------------------


@pages.get("/invited")
@anyone
def invited() -> ResponseReturnValue:
    """Where an invitation leads. Its code stands behind the "#", which no server or log sees."""
    return render_template("clinic/invited.html", errors=(), code="")


@pages.post("/invited")
@anyone
def open_invitation() -> ResponseReturnValue:
    """Begin to set the log-in up; the invitation is good until that is done."""
    typed = request.form.get("code", "")
    person = accounts.invited(store(), clinic().id, typed, address=address())
    if person is None:
        text = _(
            "This invitation is not valid. It may be mistyped, used, older than 3 days, or "
            "replaced by a new one. Ask an administrator for a new one."
        )
        return stay(render_template("clinic/invited.html", errors=[("code", text)], code=typed))
    begin_set_up(person)
    return leave_to(url_for(".set_up"))


# --- The set-up --------------------------------------------------------------------------------


@pages.get("/set-up")
@joining(SET_UP)
def set_up() -> ResponseReturnValue:
    """Nothing else opens before this is done."""
    return page()


@pages.post("/set-up")
@joining(SET_UP)
def finish_set_up() -> ResponseReturnValue:
    """Take password and app; show the recovery codes."""
    person = auth.joiner()
    has_password = factors.factors(store(), person).password
    password = None if has_password else request.form.get("password", "")
    code = request.form.get("code", "")
    errors = _blank(password, code)
    if errors:
        return stay(page(errors))
    try:
        codes = factors.set_app(
            store(),
            person,
            str(auth.step().document["secret"]),
            code,
            password=password,
            own=known_words(person),
            first=True,
        )
    except BadValue as refused:
        return stay(page([("password" if not has_password else "code", str(refused))]))
    if codes is None:
        return stay(page([("code", app_code_wrong())]))
    return _done(person, "set_up_app", codes)


def _done(person: Staff, how: str, codes: list[str]) -> ResponseReturnValue:
    then = str(auth.step().document.get("next") or url_for(".queue"))
    auth.open_here(person, how)
    auth.show_once(person, codes=codes, next=then)
    return leave_to(url_for(".recovery_codes"))


def known_words(person: Staff) -> tuple[str, ...]:
    """What a guesser knows, beside the names that the store knows itself."""
    return clinic().name, clinic().slug, person.email


def app_code_wrong() -> str:
    """What to say when an app does not show the right code yet."""
    return _(
        "This code does not fit. Type the 6 digits that the app shows now. If it never fits, "
        "the clock of the phone is wrong: set it to automatic."
    )


def picture(person: Staff, secret: str) -> dict[str, object]:
    """The picture for the app's camera, and the secret to type where there is no camera."""
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    said = factors.address_for_app(secret, person.username, clinic().name)
    return {"qr": qr(said), "secret": " ".join(groups)}


def _blank(password: str | None, code: str) -> list[tuple[str, str]]:
    blank = []
    if password == "":
        blank.append(("password", _("Choose a password.")))
    if not code.strip():
        blank.append(("code", _("Type the 6 digits that the app shows.")))
    return blank


def page(errors: Errors = ()) -> str:
    """The page of the set-up, with what is wrong."""
    person = auth.joiner()
    return render_template(
        "clinic/set_up.html",
        errors=errors,
        joiner=person,
        has_password=factors.factors(store(), person).password,
        takes_passkeys=site() is not None,
        **picture(person, str(auth.step().document["secret"])),
    )


# --- The recovery codes, shown once ------------------------------------------------------------


@pages.get("/recovery-codes")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def recovery_codes() -> ResponseReturnValue:
    """The new codes; only their hashes are kept."""
    codes = auth.to_show(auth.person()).get("codes")
    if not codes:
        return leave_to(url_for(".own"))
    return render_template("clinic/recovery_codes.html", codes=codes)


@pages.post("/recovery-codes")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def keep_recovery_codes() -> ResponseReturnValue:
    """They are written down: forget them."""
    then = auth.way_back(str(auth.to_show(auth.person()).get("next", "")))
    auth.shown()
    return leave_to(then)
