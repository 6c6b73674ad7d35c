"""Which clinic an address is about: one with a site of its own is found by the site's name, any
other by /c/<slug> at the beginning of the path.

The path needs no new name and no certificate. The site keeps clinics apart in the browser too: it
gives a cookie and a passkey of one to no other. There every path of another clinic is unknown.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, current_app, g, request
from werkzeug.exceptions import SecurityError

from intake.web.visit import clinic

SLUG = "clinic_slug"


def named_in_addresses(pages: Blueprint) -> Blueprint:
    """Let a blueprint find its clinic in the address and put it into its links."""
    pages.url_value_preprocessor(_find)
    pages.url_defaults(_same)
    return pages


def register(app: Flask, pages: Blueprint) -> None:
    """Register a blueprint; with several clinics also under /c/<their slug>."""
    app.register_blueprint(pages)
    if len(app.extensions["clinics"]) > 1:
        prefix = f"/c/<{SLUG}>{pages.url_prefix or ''}"
        app.register_blueprint(pages, name=f"{pages.name}_of", url_prefix=prefix)


def choose(app: Flask) -> None:
    """Have every request find out whose site it came to."""
    app.url_value_preprocessor(_find_by_host)


def named_by_path() -> str | None:
    """The clinic that the path of this request begins with, for links that go on like it."""
    slug: str | None = g.get("slug_in_path")
    return slug


def _find_by_host(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    g.whose_site = None
    if isinstance(request.routing_exception, SecurityError):
        # No host of ours: it is refused before anything is drawn.
        return
    host, _, port = request.host.rpartition(":")
    name = host if port.isdigit() else request.host
    for each in current_app.extensions["clinics"].values():
        if name.lower() in each.hosts:
            g.clinic = g.whose_site = each


def _find(endpoint: str | None, values: dict[str, Any] | None) -> None:
    slug = (values or {}).pop(SLUG, None)
    if slug is None:
        return
    found = current_app.extensions["clinics"].get(slug)
    if found is None or g.whose_site not in {None, found}:
        abort(404)
    g.clinic, g.slug_in_path = found, slug


def _same(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.partition(".")[0].endswith("_of"):
        values.setdefault(SLUG, clinic().slug)
