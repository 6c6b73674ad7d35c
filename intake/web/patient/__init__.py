"""The patient's pages: walking through, safety advice, checking and sending, coming back."""

from __future__ import annotations

from flask import Flask

from intake.web import several
from intake.web.access import ASKED, PATIENT, add_gate
from intake.web.bodymap import PATHS, VIEW_BOX, VIEWS, by_part, captions
from intake.web.care import card_of, unsure_level
from intake.web.patient import (
    about,
    advice,
    asked_again,
    autosaving,
    invited,
    leaving,
    locking,
    mailing,
    own_copy,
    returning,
    sections,
    sending,
    steps,
    treatment,
)
from intake.web.patient.blank import drawn_once
from intake.web.patient.blueprint import let_in, pages

__all__ = [
    "about",
    "add_pages",
    "advice",
    "asked_again",
    "autosaving",
    "invited",
    "leaving",
    "locking",
    "mailing",
    "own_copy",
    "returning",
    "sections",
    "sending",
    "steps",
    "treatment",
]


def add_pages(app: Flask) -> None:
    """Register the pages; with several clinics also under /c/<their slug>."""
    add_gate(app, PATIENT, let_in)
    add_gate(app, ASKED, asked_again.let_answer)
    app.jinja_env.globals.update(
        body_views=VIEWS,
        body_box=VIEW_BOX,
        body_paths=PATHS,
        body_captions=captions,
        by_part=by_part,
        card_of=card_of,
        drawn_once=drawn_once,
        unsure_level=unsure_level,
    )
    several.register(app, pages)
