"""How long a log-in lasts still, and going on with it."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from intake.web import auth
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK
from intake.web.clinic.blueprint import pages


@pages.get("/session")
@staff(DOCTOR, ADMIN, FRONT_DESK, quiet=True)
def session_left() -> ResponseReturnValue:
    """Tell a page how long its log-in lasts; another window may have gone on with it."""
    return _told()


@pages.post("/session")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def stay_logged_in() -> ResponseReturnValue:
    """Somebody is there still; the gate has noted it."""
    return _told()


def _told() -> ResponseReturnValue:
    # The form's token is renewed with each log-in; who it is tells whose words a page may show.
    return jsonify(auth.ending() | {"token": generate_csrf(), "who": auth.person().id})
