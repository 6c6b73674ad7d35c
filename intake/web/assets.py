"""Static files under addresses that change with their content, cached for a year."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Request, Response, current_app, request, url_for

from intake.web.access import anyone
from intake.web.questionnaire import questionnaire
from intake.web.stylesheet import stylesheet

YEAR = 365 * 24 * 60 * 60
QUESTIONS = "assets.questions_css"


def serve_assets(app: Flask) -> None:
    """Serve static files and the stylesheet made of the questionnaire."""
    anyone(app.view_functions["static"])
    app.add_url_rule("/questions.css", QUESTIONS, anyone(_questions_css))
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["questions_css"] = questions_css
    app.jinja_env.globals["has_htmx"] = (Path(app.static_folder or "") / HTMX).is_file()
    app.after_request(_cache_fingerprinted)


HTMX = "vendor/htmx.min.js"
"""Put there by set-up. Without it the pages are served without the script, and work."""


def asset(name: str) -> str:
    """The address of a static file, with a fingerprint of what is in it."""
    path = Path(current_app.static_folder or "") / name
    print_of = _fingerprint if not current_app.debug else _fingerprint.__wrapped__
    return url_for("static", filename=name, v=print_of(path))


def questions_css() -> str:
    """The address of the stylesheet made of the questionnaire."""
    return url_for(QUESTIONS, v=_print(_css()))


def is_fingerprinted(request: Request) -> bool:
    """Whether this very content may be kept by a browser: never true of a page."""
    if request.endpoint == QUESTIONS:
        return request.args.get("v") == _print(_css())
    if request.endpoint != "static" or request.view_args is None:
        return False
    path = Path(current_app.static_folder or "") / request.view_args["filename"]
    return path.is_file() and request.args.get("v") == _fingerprint(path)


@cache
def _fingerprint(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


def _print(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _css() -> str:
    return stylesheet(questionnaire().steps)


def _questions_css() -> Response:
    return Response(_css(), mimetype="text/css")


def _cache_fingerprinted(response: Response) -> Response:
    if response.status_code in {200, 304} and is_fingerprinted(request):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
