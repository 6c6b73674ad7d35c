"""A medical intake for MS spasticity and botulinum toxin: form, rules, doctor's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from intake.web.questionnaire import Questionnaire

ROOT = Path(__file__).resolve().parent.parent


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def create_app(
    instance_path: str | Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = utc_now,
    questionnaire: Questionnaire | None = None,
) -> Flask:
    """The application, ready to serve.

    Raises `ConfigError` or `StoreNotReady`, with one line for a person, when it must not start.
    """
    # Imported here so that the questionnaire and the rules can be used without a web framework.
    from intake import web
    from intake.config import (
        default_clinic,
        instance_folder,
        load_clinics,
        load_keys,
        load_settings,
        refuse_foreign_hosts,
        refuse_unsigned_notices,
    )

    folder = Path(instance_path or instance_folder(ROOT, environ)).absolute()
    settings = load_settings(folder, environ)
    clinics = load_clinics(folder)
    refuse_foreign_hosts(settings, clinics)
    refuse_unsigned_notices(settings, clinics)
    app = web.bare_app(folder)
    web.configure(app, settings, load_keys(folder))
    web.open_store(app, settings, load_keys(folder), clock)
    app.extensions["clinics"] = clinics
    app.extensions["default_clinic"] = default_clinic(clinics)
    app.extensions["questionnaire"] = questionnaire or web.whole_questionnaire()
    for set_up in (
        web.keep_count,
        web.log_requests,
        web.protect,
        web.speak,
        web.serve_assets,
        web.compress_replies,
        web.offer_display,
        web.explain_errors,
        web.add_pages,
        web.add_probes,
        web.add_commands,
        web.refuse_unlisted_routes,
    ):
        set_up(app)
    return app
