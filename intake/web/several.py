"""Which clinic an address is about: with several of them it begins with /c/<slug>."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, current_app, g

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


def _find(endpoint: str | None, values: dict[str, Any] | None) -> None:
    slug = (values or {}).pop(SLUG, None)
    if slug is None:
        return
    g.clinic = current_app.extensions["clinics"].get(slug)
    if g.clinic is None:
        abort(404)


def _same(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.partition(".")[0].endswith("_of"):
        values.setdefault(SLUG, clinic().slug)
