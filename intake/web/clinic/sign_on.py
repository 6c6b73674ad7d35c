"""Logging in with a work account: to the provider of the single sign-on and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from flask import abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from intake.store import factors, identities, steps
from intake.store.staff import Staff
from intake.store.steps import Step
from intake.web import auth, sign_on
from intake.web.access import anyone, anyone_sent_back, staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, SECOND
from intake.web.clinic.blueprint import pages
from intake.web.clinic.log_in import SECOND_LIFE, address
from intake.web.replies import leave_to
from intake.web.visit import clinic, store

if TYPE_CHECKING:
    from intake.oidc import Identity

SIGN_ON = "sign_on"
"""The step of who is at the provider."""

ASKED = "staff_sign_on"
"""Under this the cookie holds which question the provider was asked."""

TEXTS = {
    "unreachable": _l("The sign-in page of your organization does not answer just now."),
    "cancelled": _l("You came back without signing in. Nothing was done."),
    "late": _l("That took too long, or it was done already."),
}
NOT_CONFIRMED = _l("Your work account did not prove just now who you are. Confirm it another way.")
REFUSED = _l(
    "Your work account did not open these pages. They need an account here that is set up and "
    "has the same e-mail address. An administrator can help."
)


# --- To the provider ---------------------------------------------------------------------------


@pages.post("/sign-on")
@anyone
def begin_sign_on() -> ResponseReturnValue:
    """Lead to the provider; on to where the person wanted to go comes later.

    Whoever was logged in here before has to prove it anew where nothing else is asked for: else
    a browser that was left would let anybody in with one press.
    """
    found = sign_on.provider()
    again = found is not None and found.is_trusted_alone and auth.was_here()
    return _ask(None, again=again)


@pages.post("/confirm/sign-on")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def confirm_by_sign_on() -> ResponseReturnValue:
    """Have the provider ask anew who is logged in."""
    return _ask(auth.person(), again=True)


def _ask(person: Staff | None, *, again: bool) -> ResponseReturnValue:
    from intake.oidc import SignOnFailed

    found = sign_on.provider()
    if found is None:
        abort(404)
    then = auth.way_back(request.form.get("next", ""))
    try:
        url, question = found.ask(url_for(".sign_on_back", _external=True), again=again)
    except SignOnFailed as failed:
        return sign_on.stop(failed.reason, then=then, refused=False)
    steps.close(store(), str(session.pop(ASKED, "")))
    session[ASKED] = steps.open(
        store(),
        clinic().id,
        SIGN_ON,
        "" if person is None else person.id,
        {"question": asdict(question), "next": then},
    )
    # A page that leads on by itself, not a redirect: browsers hold all that a form leads to
    # against our policy, and a provider may send people on to anywhere.
    return render_template("clinic/to_sign_on.html", url=url, host=sign_on.host())


# --- And back ----------------------------------------------------------------------------------


@pages.get("/sign-on/back")
@anyone_sent_back
def sign_on_back() -> ResponseReturnValue:
    """Log in whom the provider vouches for, or ask them for the second proof.

    The page to reload or to come back to is never this one: its address opens nothing twice.
    """
    from intake.oidc import Question, SignOnFailed

    found = sign_on.provider()
    if found is None:
        abort(404)
    step = _taken()
    if step is None:
        return sign_on.stop("late", refused=False)
    then = str(step.document["next"])
    if not identities.may_try(store(), clinic().id, address=address()):
        return sign_on.stop("paused", then=then, refused=False)
    try:
        identity = found.answered(Question(**step.document["question"]), request.args)
    except SignOnFailed as failed:
        return _came_to_nothing(failed.reason, then)
    named = identity.issuer, identity.subject
    person = identities.find(store(), clinic().id, *named, identity.email)
    if person is None:
        return sign_on.stop("nobody", then=then)
    if step.staff_id not in {"", person.id}:
        return sign_on.stop("somebody_else", person, then=then)
    return (_let_in if identity.is_strong else _to_second_proof)(person, identity, then)


def _taken() -> Step | None:
    """The question that this answers, once; another one's answer does not use it up."""
    from intake.oidc import Question, is_answer_to

    token = str(session.get(ASKED, ""))
    asked = steps.read(store(), clinic().id, SIGN_ON, token)
    if asked is None or not is_answer_to(Question(**asked.document["question"]), request.args):
        return None
    session.pop(ASKED)
    return steps.take(store(), clinic().id, SIGN_ON, token)


def _came_to_nothing(reason: str, then: str) -> ResponseReturnValue:
    if reason != "cancelled":
        return sign_on.stop(reason, then=then)
    identities.forgive(store(), clinic().id, address=address())
    return sign_on.stop(reason, then=then, refused=False)


def _let_in(person: Staff, identity: Identity, then: str) -> ResponseReturnValue:
    if not identities.link(store(), person, identity.issuer, identity.subject):
        return sign_on.stop("linked_elsewhere", person, then=then)
    identities.forgive(store(), clinic().id, address=address())
    auth.open_here(person, "sign_on", proved_at=sign_on.proved_at(identity))
    return leave_to(then)


def _to_second_proof(person: Staff, identity: Identity, then: str) -> ResponseReturnValue:
    if not factors.factors(store(), person).are_enough:
        # The first way in is the invitation's: whoever holds the work account alone, after a
        # log-in was reset, must not set up a new one.
        return sign_on.stop("not_set_up", person, then=then)
    identities.forgive(store(), clinic().id, address=address())
    auth.begin(SECOND, person, sign_on.document_of(identity, then), SECOND_LIFE)
    return leave_to(url_for(".second"))


# --- When it comes to nothing ------------------------------------------------------------------


@pages.get("/sign-on/stopped")
@anyone
def sign_on_stopped() -> ResponseReturnValue:
    """What happened, in few words, and the other way to log in."""
    is_in = auth.current() is not None
    wish = request.args.get("next", "")
    otherwise = NOT_CONFIRMED if is_in else REFUSED
    return render_template(
        "clinic/sign_on_stopped.html",
        text=TEXTS.get(request.args.get("why", ""), otherwise),
        is_in=is_in,
        sign_on=sign_on.host(),
        asked_for=auth.way_back(wish) if wish else None,
    )
