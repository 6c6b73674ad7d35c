"""The staff's pages: log-in, the work list, a response and its PDF."""

from __future__ import annotations

from flask import Flask

from intake.web import several
from intake.web.access import STAFF, add_gate
from intake.web.auth import let_in
from intake.web.clinic import log_in, lost_code, response, work_list
from intake.web.clinic.blueprint import pages

__all__ = ["add_pages", "log_in", "lost_code", "response", "work_list"]


def add_pages(app: Flask) -> None:
    """Register the pages; with several clinics also under /c/<their slug>."""
    add_gate(app, STAFF, let_in)
    several.register(app, pages)
