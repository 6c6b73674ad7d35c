"""What the benches' gunicorn serves: the application, and under /bare a lone Flask route."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from intake import create_app

INSTANCE = "BENCH_INSTANCE"


def bare() -> Flask:
    """The floor of every request: one route that says one word."""
    floor = Flask("bare")
    floor.add_url_rule("/", "floor", lambda: "done", methods=["POST"])
    return floor


def application() -> Flask:
    """The application of the folder that INSTANCE names."""
    app = create_app(Path(os.environ[INSTANCE]), environ=dict(os.environ))
    both = DispatcherMiddleware(app.wsgi_app, {"/bare": bare().wsgi_app})
    # How Flask documents it, though the types call it a method.
    app.wsgi_app = both  # type: ignore[method-assign] # how Flask documents it
    return app


if INSTANCE in os.environ:
    app = application()
