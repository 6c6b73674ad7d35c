"""For the programs that watch a server: is it alive, is it ready, what did it count.

They come from inside, by an address or a name that no patient uses, so these pages ask for no
trusted host. They say fixed words and sums alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from hmac import compare_digest
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, current_app, request

from intake.web.access import anyone
from intake.web.metrics import counters
from intake.web.readiness import watch

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pages = Blueprint("probes", __name__)

ADDRESSES = frozenset({"/healthz", "/readyz", "/metrics"})


def add_probes(app: Flask) -> None:
    """Register the three addresses, open under any host name."""
    app.extensions["readiness"] = watch(app)
    app.register_blueprint(pages)
    own = app.extensions["settings"].trusted_hosts[0].lstrip(".")
    # How Flask documents it, though the types call it a method.
    app.wsgi_app = AnyHost(app.wsgi_app, own)  # type: ignore[method-assign] # how Flask documents it


def is_probe(endpoint: str | None) -> bool:
    """Whether a watching program asked, not a person."""
    return (endpoint or "").startswith("probes.")


class AnyHost:
    """Lets the probes in under every host name, as none of their words depends on it."""

    def __init__(self, app: WSGIApplication, own_host: str) -> None:
        self._app = app
        self._own_host = own_host

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in ADDRESSES:
            environ["HTTP_HOST"] = self._own_host
            environ.pop("HTTP_X_FORWARDED_HOST", None)
        return self._app(environ, start_response)


@pages.get("/healthz")
@anyone
def alive() -> Response:
    """The process answers; whether it can do anything is /readyz."""
    return _words("alive")


@pages.get("/readyz")
@anyone
def ready() -> Response:
    """200 when a person can be served now, else 503 and what is in the way."""
    fault = current_app.extensions["readiness"].fault()
    if not fault:
        return _words("ready")
    response = _words(f"not ready: {fault}", 503)
    response.headers["Retry-After"] = "5"
    return response


@pages.get("/metrics")
@anyone
def metrics() -> Response:
    """What was counted, for a program with the token; for all others there is no such page."""
    token = current_app.extensions["settings"].metrics_token
    found = counters()
    given = request.headers.get("Authorization", "").encode()
    if not token or found is None or not compare_digest(given, f"Bearer {token}".encode()):
        abort(404)
    # Loaded already: it came with the counters.
    from intake.web.counting import CONTENT_TYPE

    return Response(found.text(), content_type=CONTENT_TYPE)


def _words(words: str, status: int = 200) -> Response:
    return Response(f"{words}\n", status, mimetype="text/plain")
