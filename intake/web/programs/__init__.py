"""FHIR over HTTP, to read only: for programs of the clinic that hold a token."""

from __future__ import annotations

from flask import Flask

from intake.web import several
from intake.web.access import PROGRAM, add_gate
from intake.web.programs import reading
from intake.web.programs.blueprint import pages
from intake.web.programs.gate import let_in

__all__ = ["add_pages", "reading"]


def add_pages(app: Flask) -> None:
    """Register the addresses; with several clinics also under /c/<their slug>."""
    add_gate(app, PROGRAM, let_in)
    several.register(app, pages)
