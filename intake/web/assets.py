"""Static files under addresses that change with their content, cached for a year.

Our own stylesheets and scripts are served without their comments. Everything of text is
compressed: a file once, and kept in memory; a page each time (`compression.py`).
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Request, Response, abort, current_app, request, url_for
from werkzeug.security import safe_join

from intake.web.access import anyone
from intake.web.lean import lean_css, lean_js
from intake.web.questionnaire import questionnaire
from intake.web.stylesheet import stylesheet

YEAR = 365 * 24 * 60 * 60
QUESTIONS = "assets.questions_css"


def serve_assets(app: Flask) -> None:
    """Serve static files and the stylesheet made of the questionnaire."""
    app.view_functions["static"] = anyone(_static)
    app.add_url_rule("/questions.css", QUESTIONS, anyone(_questions_css))
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["questions_css"] = questions_css
    app.jinja_env.globals["has_htmx"] = (Path(app.static_folder or "") / HTMX).is_file()
    app.after_request(_cache_fingerprinted)


HTMX = "vendor/htmx.min.js"
"""Put there by set-up. Without it the pages are served without the script, and work."""


LEAN = {".css": (lean_css, "text/css"), ".js": (lean_js, "text/javascript")}
VENDOR = "vendor"


def asset(name: str) -> str:
    """The address of a static file, with a fingerprint of what is served."""
    return url_for("static", filename=name, v=_print(_content(_folder() / name)))


def questions_css() -> str:
    """The address of the stylesheet made of the questionnaire."""
    return url_for(QUESTIONS, v=_print(_css()))


def is_fingerprinted(request: Request) -> bool:
    """Whether this very content may be kept by a browser: never true of a page."""
    asked = request.args.get("v")
    if request.endpoint == QUESTIONS:
        return asked == _print(_css())
    if request.endpoint != "static" or request.view_args is None or asked is None:
        return False
    path = _folder() / request.view_args["filename"]
    return path.is_file() and asked == _print(_content(path))


def _folder() -> Path:
    return Path(current_app.static_folder or "")


def _content(path: Path) -> bytes:
    """What is served of a file; read once, unless somebody is at work on it."""
    return _read(path) if current_app.debug else _read_once(path)


@cache
def _read_once(path: Path) -> bytes:
    return _read(path)


def _read(path: Path) -> bytes:
    if path.suffix not in LEAN or path.parent.name == VENDOR:
        return path.read_bytes()
    lean, _mimetype = LEAN[path.suffix]
    return lean(path.read_text(encoding="utf-8")).encode()


@cache
def _print(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]


def _css() -> bytes:
    return _lean(stylesheet(questionnaire().steps))


@cache
def _lean(css: str) -> bytes:
    return lean_css(css).encode()


def _static(filename: str) -> Response:
    """A file, as the fingerprint in its address says."""
    path = safe_join(str(_folder()), filename)
    if path is None or not Path(path).is_file():
        abort(404)
    if Path(path).suffix not in LEAN:
        return current_app.send_static_file(filename)
    response = Response(_content(Path(path)), mimetype=LEAN[Path(path).suffix][1])
    response.headers["Cache-Control"] = "no-cache"
    return response


def _questions_css() -> Response:
    return Response(_css(), mimetype="text/css")


def _cache_fingerprinted(response: Response) -> Response:
    if response.status_code in {200, 304} and is_fingerprinted(request):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
