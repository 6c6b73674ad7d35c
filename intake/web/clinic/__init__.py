"""The staff's pages: log-in, the work list, a response and its PDF."""

from __future__ import annotations

from flask import Flask

from intake.web import several
from intake.web.access import JOINING, STAFF, add_gate
from intake.web.auth import let_go_on, let_in
from intake.web.clinic import (
    accounts,
    acting,
    ask,
    audit_page,
    calibration_page,
    correct,
    earlier,
    exports,
    handling,
    invitations,
    keys,
    log_in,
    lost_code,
    own,
    print_view,
    response,
    set_up,
    settings,
    sign_on,
    staying,
    tokens,
    work_list,
)
from intake.web.clinic.blueprint import pages

__all__ = [
    "accounts",
    "acting",
    "add_pages",
    "ask",
    "audit_page",
    "calibration_page",
    "correct",
    "earlier",
    "exports",
    "handling",
    "invitations",
    "keys",
    "log_in",
    "lost_code",
    "own",
    "print_view",
    "response",
    "set_up",
    "settings",
    "sign_on",
    "staying",
    "tokens",
    "work_list",
]


def add_pages(app: Flask) -> None:
    """Register the pages; with several clinics also under /c/<their slug>."""
    add_gate(app, STAFF, let_in)
    add_gate(app, JOINING, let_go_on)
    several.register(app, pages)
