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

from intake import brand
from intake.config import Clinic
from intake.web.access import anyone
from intake.web.lean import lean_css, lean_js
from intake.web.questionnaire import questionnaire
from intake.web.stylesheet import stylesheet

YEAR = 365 * 24 * 60 * 60
QUESTIONS = "assets.questions_css"
ACCENT = "assets.accent_css"
LOGO = "assets.logo"
LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Opened by itself, a picture has its own styles and nothing else."""


def serve_assets(app: Flask) -> None:
    """Serve static files, and the patient's stylesheet with the questionnaire's rules in it."""
    app.view_functions["static"] = anyone(_static)
    app.add_url_rule("/questions.css", QUESTIONS, anyone(_questions_css))
    app.add_url_rule("/accent/<slug>.css", ACCENT, anyone(_accent_css))
    app.add_url_rule("/logo/<slug>", LOGO, anyone(_logo))
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["accent_css"] = accent_css
    app.jinja_env.globals["logo"] = logo
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
    """The address of the patient's stylesheet: app.css and the rules made of the questionnaire.

    One file, since on a slow line each takes its time before anything is seen.
    """
    return url_for(QUESTIONS, v=_print(_css()))


def accent_css(clinic: Clinic) -> str:
    """The address of the stylesheet with a clinic's accent."""
    return url_for(ACCENT, slug=clinic.slug, v=_print(_accent(clinic)))


def logo(clinic: Clinic) -> str:
    """The address of a clinic's logo."""
    content = clinic.logo.content if clinic.logo else b""
    return url_for(LOGO, slug=clinic.slug, v=_print(content))


def is_fingerprinted(request: Request) -> bool:
    """Whether this very content may be kept by a browser: never true of a page."""
    asked = request.args.get("v")
    if request.endpoint == QUESTIONS:
        return asked == _print(_css())
    if request.endpoint in {ACCENT, LOGO}:
        content = _of_clinic(request)
        return content is not None and asked == _print(content)
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
    return _joined(_content(_folder() / "css" / "app.css"), stylesheet(questionnaire().steps))


@cache
def _joined(app_css: bytes, more: str) -> bytes:
    return app_css + lean_css(more).encode()


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


def _of_clinic(request: Request) -> bytes | None:
    """What is served of a clinic's look; None where there is none."""
    clinic = current_app.extensions["clinics"].get((request.view_args or {}).get("slug"))
    if clinic is None:
        return None
    if request.endpoint == LOGO:
        return clinic.logo.content if clinic.logo else None
    return _accent(clinic) or None


def _accent(clinic: Clinic) -> bytes:
    if clinic.accent is None or clinic.accent_dark is None:
        return b""
    return brand.stylesheet(clinic.accent, clinic.accent_dark).encode()


def _accent_css(slug: str) -> Response:
    return Response(_of_clinic(request) or abort(404), mimetype="text/css")


def _logo(slug: str) -> Response:
    content = _of_clinic(request) or abort(404)
    response = Response(content, mimetype=current_app.extensions["clinics"][slug].logo.mimetype)
    response.headers["Content-Security-Policy"] = LOGO_POLICY
    return response


def _cache_fingerprinted(response: Response) -> Response:
    if response.status_code in {200, 304} and is_fingerprinted(request):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
