"""Who may open which page: nobody, unless the view says so.

Every view carries one of these marks; a route without one stops the start. What a mark asks for
is decided by the gate of that name, and a mark without a gate lets nobody in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., object])

ANYONE = "anyone"
PATIENT = "patient"
STAFF = "staff"
JOINING = "joining"
PROGRAM = "program"
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open a page; `roles` narrows staff down.

    `keeps_words`: without a session or a valid token the view still runs, and gives the typed
    words back instead of storing them. `fresh`: staff must have proved a short while ago who they
    are. `step`: who has come so far in a log-in or set-up, and no further. `quiet`: a page asks by
    itself, which keeps no log-in alive. `one_click`: a mail program posts, with no form of ours, no
    cookie and no token. `sent_back`: another program made the address.
    """

    who: str
    roles: frozenset[str] = frozenset()
    keeps_words: bool = False
    fresh: bool = False
    step: str = ""
    quiet: bool = False
    one_click: bool = False
    sent_back: bool = False


Gate = Callable[[Access], ResponseReturnValue | None]
"""Looks at the request: None lets it in, a response answers it, `abort` refuses it."""


def anyone(view: View) -> View:
    """Mark a view as open to everybody."""
    return _marked(view, Access(ANYONE))


def anyone_keeping_words(view: View) -> View:
    """As `anyone`, for a view that deals with a form whose token is no longer valid."""
    return _marked(view, Access(ANYONE, keeps_words=True))


def one_click(view: View) -> View:
    """As `anyone`, for what a mail program posts for its owner, known by the address alone."""
    return _marked(view, Access(ANYONE, one_click=True))


def anyone_sent_back(view: View) -> View:
    """As `anyone`, for where another program sends browsers back to, with much in the address."""
    return _marked(view, Access(ANYONE, sent_back=True))


def patient(view: View) -> View:
    """Mark a view as open to whoever holds a patient session."""
    return _marked(view, Access(PATIENT))


def asked(view: View) -> View:
    """Mark a view as open to whoever opened a question that the clinic asks again."""
    return _marked(view, Access(ASKED))


def asked_keeping_words(view: View) -> View:
    """As `asked`, for a view that deals with a form whose token is no longer valid."""
    return _marked(view, Access(ASKED, keeps_words=True))


def patient_keeping_words(view: View) -> View:
    """As `patient`, for a page whose typed words must survive a lost session."""
    return _marked(view, Access(PATIENT, keeps_words=True))


def staff(*roles: str, quiet: bool = False) -> Callable[[View], View]:
    """Mark a view as open to staff with one of these roles.

    `quiet` is for what a page asks by itself, without a person who does anything: the log-in ends
    as if it had not been asked.
    """

    def mark(view: View) -> View:
        return _marked(view, Access(STAFF, frozenset(roles), quiet=quiet))

    return mark


def staff_afresh(*roles: str) -> Callable[[View], View]:
    """As `staff`, for what a person does with log-ins: they prove anew who they are."""

    def mark(view: View) -> View:
        return _marked(view, Access(STAFF, frozenset(roles), fresh=True))

    return mark


def joining(step: str) -> Callable[[View], View]:
    """Mark a view as open to whoever is at this step of a log-in or set-up."""

    def mark(view: View) -> View:
        return _marked(view, Access(JOINING, step=step))

    return mark


def program(view: View) -> View:
    """Mark a view as open to a program of the clinic that holds a token; it only reads."""
    return _marked(view, Access(PROGRAM))


def _marked(view: View, access: Access) -> View:
    view.__dict__["access"] = access
    return view


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the view behind an endpoint asks for; None when it says nothing."""
    found = app.view_functions[endpoint].__dict__.get("access")
    return found if isinstance(found, Access) else None


def add_gate(app: Flask, who: str, gate: Gate) -> None:
    """Name the one function that decides for a mark."""
    app.extensions.setdefault("gates", {})[who] = gate


def stand_guard(app: Flask) -> None:
    """Ask the gate before every view."""
    add_gate(app, ANYONE, lambda _: None)
    app.before_request(_ask_gate)


def _ask_gate() -> ResponseReturnValue | None:
    if request.endpoint is None:
        # No such page: the 404 or 405 follows by itself.
        return None
    access = access_of(current_app, request.endpoint)
    gate: Gate | None = current_app.extensions["gates"].get(access.who) if access else None
    if access is None or gate is None:
        abort(403)
    return gate(access)


def refuse_unlisted_routes(app: Flask) -> None:
    """Stop the start when a route does not say who may open it."""
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) is None:
            raise RuntimeError(f"{rule.endpoint} does not say who may open it")
