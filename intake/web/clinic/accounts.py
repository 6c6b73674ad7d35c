"""The accounts of a clinic, for its administrators: who may log in, as what, and for how long."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from intake.config import Settings
from intake.store import (
    BadValue,
    LastAdministrator,
    StaffExists,
    accounts,
    identities,
    jobs,
    schema,
    staff,
)
from intake.store.accounts import Account
from intake.store.staff import Staff
from intake.web import auth
from intake.web.access import staff_afresh
from intake.web.auth import ADMIN
from intake.web.clinic.blueprint import at_the_clinic, pages
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store

Errors = Sequence[tuple[str, str]]

STATES = {
    "ready": _l("Can log in"),
    "invited": _l("Invited"),
    "waiting": _l("Not set up"),
    "disabled": _l("Disabled"),
}


WAITING = frozenset({"invited", "waiting"})
"""States of who has not set a log-in up."""


@pages.get("/accounts")
@staff_afresh(ADMIN)
def people() -> ResponseReturnValue:
    """Everybody who has an account, and a form for one more."""
    return _list_page()


@pages.post("/accounts")
@staff_afresh(ADMIN)
def add_person() -> ResponseReturnValue:
    """Make an account and show its invitation."""
    words = {key: request.form.get(key, "") for key in ("username", "name", "email", "role")}
    errors = _blank(words)
    if errors:
        return stay(_list_page(errors))
    by = auth.person().actor
    try:
        person = staff.create(store(), clinic().id, **words, by=by)
    except (BadValue, StaffExists) as refused:
        return stay(_list_page([(_field_of(refused), str(refused))]))
    return _show_link(accounts.invite(store(), person, by=by), person)


@pages.get("/accounts/<id>")
@staff_afresh(ADMIN)
def account(id: str) -> ResponseReturnValue:
    """One account, and what can be done with it."""
    return _account_page(_find(id))


@pages.post("/accounts/<id>/invitation")
@staff_afresh(ADMIN)
def invite(id: str) -> ResponseReturnValue:
    """A new invitation in place of the last one."""
    found = _find(id)
    if found.state in {"ready", "disabled"}:
        return leave_to(url_for(".account", id=id))
    return _show_link(accounts.invite(store(), found.person, by=auth.person().actor), found.person)


@pages.post("/accounts/<id>/reset")
@staff_afresh(ADMIN)
def reset(id: str) -> ResponseReturnValue:
    """Take every way to log in away and invite anew."""
    found = _find(id)
    if found.disabled_at is not None or _is_own(found):
        return leave_to(url_for(".account", id=id))
    try:
        code = accounts.reset(store(), found.person, by=auth.person().actor)
    except LastAdministrator:
        return _last(found)
    return _show_link(code, found.person)


@pages.post("/accounts/<id>/sign-on")
@staff_afresh(ADMIN)
def unlink_sign_on(id: str) -> ResponseReturnValue:
    """Forget who the person is to the single sign-on; their sessions end."""
    found = _find(id)
    identities.unlink(store(), found.person, by=auth.person().actor)
    if _is_own(found):
        return leave_to(url_for(".log_in", out=1))
    return leave_to(url_for(".account", id=id, done="unlinked"))


@pages.post("/accounts/<id>/role")
@staff_afresh(ADMIN)
def set_role(id: str) -> ResponseReturnValue:
    """Give another role."""
    found = _find(id)
    try:
        role = request.form.get("role", "")
        accounts.set_role(store(), found.person, role, by=auth.person().actor)
    except LastAdministrator:
        return _last(found)
    return leave_to(url_for(".account", id=id, done="role"))


@pages.post("/accounts/<id>/disable")
@staff_afresh(ADMIN)
def disable(id: str) -> ResponseReturnValue:
    """Take the log-in away; open sessions end at once."""
    found = _find(id)
    try:
        accounts.disable(store(), found.person, by=auth.person().actor)
    except LastAdministrator:
        return _last(found)
    return leave_to(url_for(".account", id=id, done="disabled"))


@pages.post("/accounts/<id>/enable")
@staff_afresh(ADMIN)
def enable(id: str) -> ResponseReturnValue:
    """Give the log-in back."""
    accounts.enable(store(), _find(id).person, by=auth.person().actor)
    return leave_to(url_for(".account", id=id, done="enabled"))


def _find(id: str) -> Account:
    found = accounts.account(store(), clinic().id, id)
    if found is None:
        abort(404)
    return found


def _is_own(found: Account) -> bool:
    return found.person.id == auth.person().id


def _last(found: Account) -> ResponseReturnValue:
    text = _("No other administrator can log in. Make somebody else an administrator first.")
    return stay(_account_page(found, text), 409)


def _show_link(code: str, person: Staff) -> ResponseReturnValue:
    mailed = _mail(code, person)
    auth.show_once(auth.person(), link=code, of=person.id, mailed=mailed)
    return leave_to(url_for(".account", id=person.id))


def _mail(code: str, person: Staff) -> str:
    """Send the link to who is invited, where there is a way to: "sent" or ""."""
    settings: Settings = current_app.extensions["settings"]
    here = clinic()
    if settings.mail is None or here.email is None or not person.email:
        return ""
    lines = (
        _("You are invited to the staff pages of %(clinic)s.", clinic=here.outside_name),
        _("Set up your log-in here:"),
        _link(code),
        _("The link works for 3 days, and only until it was used. Hand it on to nobody."),
    )
    letter = {
        "to": person.email,
        "subject": _("Your invitation to the staff pages"),
        "body": "\n\n".join(lines) + "\n",
    }
    by, event = auth.person().actor, "staff_invitation_mailed"
    jobs.add_mail(store(), here.id, person.id, letter, by=by, event=event)
    return "sent"


def _blank(words: dict[str, str]) -> list[tuple[str, str]]:
    blank = []
    if not words["name"].strip():
        blank.append(("name", _("Type the person's name.")))
    if not words["username"].strip():
        blank.append(("username", _("Type a username.")))
    if words["role"] not in schema.ROLES:
        blank.append(("role", _("Choose a role.")))
    return blank


def _field_of(refused: Exception) -> str:
    """Which field a refusal of the store is about."""
    said = str(refused)
    if "e-mail" in said:
        return "email"
    return "name" if said.startswith("A name") else "username"


def _list_page(errors: Errors = ()) -> str:
    people = accounts.everybody(store(), clinic().id)
    return render_template(
        "clinic/accounts.html",
        errors=errors,
        people=people,
        mails=_mails(people),
        states=STATES,
        typed=request.form,
        at=at_the_clinic,
    )


def _account_page(found: Account, warning: str = "") -> str:
    once = auth.to_show(auth.person())
    is_for_this = once.get("of") == found.person.id
    return render_template(
        "clinic/account.html",
        found=found,
        states=STATES,
        warning=warning,
        notice="" if warning else _notice(),
        is_own=_is_own(found),
        link=_link(str(once["link"])) if is_for_this else "",
        code=once["link"] if is_for_this else "",
        mailed=once.get("mailed", "") if is_for_this else "",
        mail=_mails([found]).get(found.person.id, ""),
        at=at_the_clinic,
    )


def _mails(people: Sequence[Account]) -> dict[str, str]:
    """By id of who is invited: "due" or "failed", while their mail has not left."""
    ids = [each.person.id for each in people if each.state in WAITING]
    return jobs.states(store(), clinic().id, "mail", ids)


def _notice() -> str:
    said = {
        "role": _("The role is changed. The person has to log in again."),
        "disabled": _("The account is disabled. All its sessions have ended."),
        "enabled": _("The account is enabled again."),
        "unlinked": _("The link to the work account is removed. All sessions have ended."),
    }
    return said.get(request.args.get("done", ""), "")


def _link(code: str) -> str:
    """What a browser does not send on stands behind the "#"."""
    return url_for(".invited", _external=True, _anchor=code)
