"""The pages: what patients and staff see and type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask, current_app, g, url_for
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from intake import ROOT
from intake.config import ConfigError, load_keys
from intake.web.access import refuse_unlisted_routes
from intake.web.assets import serve_assets
from intake.web.compression import compress_replies
from intake.web.display import offer_display, own_address
from intake.web.errors import explain_errors
from intake.web.language import language, speak
from intake.web.metrics import keep_count
from intake.web.probes import add_probes
from intake.web.questionnaire import whole_questionnaire
from intake.web.requests import log_requests
from intake.web.security import BODY_BYTES, protect

if TYPE_CHECKING:
    from intake.config import Keys, Settings

__all__ = [
    "add_commands",
    "add_pages",
    "add_probes",
    "bare_app",
    "compress_replies",
    "configure",
    "explain_errors",
    "keep_count",
    "log_requests",
    "offer_display",
    "open_store",
    "protect",
    "refuse_unlisted_routes",
    "serve_assets",
    "speak",
    "whole_questionnaire",
]


def bare_app(instance_path: Path) -> Flask:
    """An application without settings, keys or pages."""
    app = Flask(
        "intake",
        instance_path=str(instance_path),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    return app


def configure(app: Flask, settings: Settings, keys: Keys) -> None:
    """Settings of Flask and its extensions."""
    secure = settings.secure_cookies
    app.config.update(
        SECRET_KEY=keys.secret_key,
        DEBUG=settings.debug,
        MAX_CONTENT_LENGTH=BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        SESSION_COOKIE_NAME="__Host-intake" if secure else "intake",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # As long as a draft can be resumed: a phone may close the browser at any time.
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        # The session ends 14 days after it began anyway. Sent with every reply, the cookie would
        # stand in files that proxies keep, and one that comes late would undo a newer one.
        SESSION_REFRESH_EACH_REQUEST=False,
        # A tired person may take hours for a page; the token is bound to the session anyway.
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="en",
    )
    app.extensions["settings"] = settings
    app.extensions["sign_on"] = None
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # how Flask documents it
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def open_store(app: Flask, settings: Settings, keys: Keys, clock: Callable[[], datetime]) -> None:
    """Open the database and refuse one that is not ready (`StoreNotReady`)."""
    from intake.store import Store, engine

    def renewed() -> Keys | None:
        try:
            return load_keys(settings.instance_path)
        except ConfigError:
            # Half copied, perhaps: those in use go on.
            return None

    store = Store(engine.build(settings.database_url), keys, clock, renewed)
    store.check()
    app.extensions["store"] = store
    if settings.sign_on is not None:
        # Imported where it is used: a client for HTTP takes a fifth of a second to load.
        from intake.oidc import Provider

        app.extensions["sign_on"] = Provider(settings.sign_on, clock)


def add_pages(app: Flask) -> None:
    """Register the patient's pages and, beside them, those of the clinic's staff."""
    from intake.web import clinic, patient, programs, several

    several.choose(app)
    app.context_processor(_for_every_page)
    patient.add_pages(app)
    clinic.add_pages(app)
    programs.add_pages(app)


def _for_every_page() -> dict[str, object]:
    """What the head and foot of each page show."""
    from intake.web.several import named_by_path
    from intake.web.visit import clinic

    here = clinic()
    slug = named_by_path()
    side = "patient_of" if slug else "patient"
    return {
        "clinic": here.speaking(language()),
        "home": url_for(f"{side}.start", clinic_slug=slug),
        "address_of": lambda name: _address(f"{side}.{name}", slug),
        "this_page": own_address(),
        "locks_in": g.get("locks_in"),
        "paper_here": g.get("typing"),
    }


def _address(endpoint: str, slug: str | None) -> str:
    """Where a page of the patient's side stands; "" where there is none."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, clinic_slug=slug)


CHOSEN_CLINIC = "intake.clinic"
"""Where a command finds the clinic that it is about."""


class _Commands(click.Group):
    """`flask intake …`, imported when called: a server needs neither its drawing nor its rules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._whole().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._whole().get_command(ctx, cmd_name)

    def _whole(self) -> click.Group:
        # A module path in words: `cli` stands beside `web`, not below it.
        group: click.Group = import_module("intake.commands").intake_cli
        return group


def add_commands(app: Flask) -> None:
    """Register `flask intake …`."""
    which = click.Option(
        ["--clinic"],
        metavar="SLUG",
        callback=_remember_clinic,
        expose_value=False,
        help="Which of several clinics it is about.",
    )
    told = "Set up, look at the questionnaire, assess."
    app.cli.add_command(_Commands("intake", params=[which], help=told))


def _remember_clinic(ctx: click.Context, _option: click.Parameter, slug: str | None) -> None:
    ctx.meta[CHOSEN_CLINIC] = slug
