"""Which program asks: a token in the header of every request, and nothing in a cookie."""

from __future__ import annotations

from flask import abort, g, request
from werkzeug.exceptions import MethodNotAllowed, TooManyRequests

from intake.store import tokens
from intake.store.tokens import Token
from intake.web.access import Access
from intake.web.visit import clinic, store

READING = ("GET", "HEAD")


def let_in(access: Access) -> None:
    """401 without a token that works, 405 for anything but reading."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = tokens.find(store(), clinic().id, secret.strip()) if scheme == "Bearer" else None
    if found is None:
        _refuse(secret)
    g.program = found
    if request.method not in READING:
        raise MethodNotAllowed(READING)


def _refuse(secret: str) -> None:
    """Count a wrong token by its address; a right one works at any time, as nobody guesses it."""
    if secret and not tokens.refuse(store(), clinic().id, request.remote_addr or ""):
        raise TooManyRequests(retry_after=60)
    abort(401)


def program() -> Token:
    """The token of this request, which the gate found."""
    found: Token = g.program
    return found
