"""The application as it is, and broken ones, which the runs must tell from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask, request
from sqlalchemy import event
from werkzeug.test import run_wsgi_app

from intake import create_app, utc_now
from intake.store import store
from intake.web import security
from intake.web.patient import keeping

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
LATER_S = 0.3


def sound(instance: Path) -> Flask:
    """The application itself."""
    return create_app(instance)


def follows_a_clock(instance: Path) -> Flask:
    """Lives as many days ahead of the time as the file `clock` beside `instance` says."""
    file, real = instance.parent / "clock", time.time

    def days() -> float:
        return float(file.read_text() or 0)

    def now() -> datetime:
        return utc_now() + timedelta(days=days())

    # Cookies and the server's own date.
    time.__dict__["time"] = lambda: real() + days() * 86_400
    return create_app(instance, clock=now)


def replies_before_it_commits(instance: Path) -> Wsgi:
    """Says "saved" at once and saves a moment later."""
    app = create_app(instance)

    def save(environ: dict[str, Any]) -> None:
        run_wsgi_app(app, environ, buffered=True)

    def early(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != "/form/reason":
            return app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        later = threading.Timer(LATER_S, save, [environ | {"wsgi.input": BytesIO(body)}])
        later.daemon = True
        later.start()
        start_response("303 See Other", [("Location", "/form/check"), ("Content-Length", "0")])
        return []

    return early


def never_syncs(instance: Path) -> Flask:
    """Leaves it to the system when an answer reaches the disk."""
    app = create_app(instance)

    def hurry(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()

    event.listen(app.extensions["store"].engine, "connect", hurry)
    return app


def takes_any_body(instance: Path) -> Flask:
    """Takes what arrives of a form as the form."""
    app = create_app(instance)
    app.before_request_funcs[None].remove(security._guard_body)

    def press() -> None:
        if request.method == "POST":
            form = request.form.copy()
            form.setdefault("action", "continue")
            request.__dict__["form"] = form

    app.before_request_funcs[None].insert(0, press)
    return app


def lets_both_windows_win(instance: Path) -> Flask:
    """Saves over whatever another window stored meanwhile."""
    app = create_app(instance)
    keeping.__dict__["_changed_elsewhere"] = lambda *_: False
    return app


def leaks(instance: Path) -> Flask:
    """Keeps something of every request for ever."""
    app = create_app(instance)
    kept: list[bytearray] = []
    app.before_request(lambda: kept.append(bytearray(b"x" * 200_000)))
    return app


def fails_without_room(instance: Path) -> Flask:
    """Does not know what a database says that takes nothing."""
    app = create_app(instance)
    store.__dict__["_failures_named"] = nullcontext
    return app
