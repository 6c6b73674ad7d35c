"""The blueprint of the patient's pages, and who comes in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.urls import iri_to_uri

from intake.web import several
from intake.web.access import Access
from intake.web.replies import leave_to
from intake.web.visit import AWAY, TYPING, Visit, clinic, current, note_left_at

OPEN_WHEN_LOCKED = frozenset({"locked", "unlock", "finish"})
TAKES_WORDS = frozenset({"answer_start", "answer_step", "autosave", "ask_for_call"})
"""Endpoints that keep what was typed before the form was locked, and then lead to its lock."""

pages = several.named_in_addresses(Blueprint("patient", __name__))

TYPED = frozenset(
    {
        "answer_start",
        "step",
        "answer_step",
        "autosave",
        "advice",
        "leave_advice",
        "check",
        "send",
        "stay_here",
    }
)
"""Endpoints for staff who type a paper in: none that gives out codes, copies or numbers."""

AFTER_SENDING = ("sent", "own_copy", "own_copy_pdf", "finish")


def let_in(access: Access) -> ResponseReturnValue | None:
    """Find the visit this browser has open; without one, lead to the page for coming back.

    A visit that was sent has its thanks and its copy left. After a quick leave nothing opens
    until the person says so.
    """
    visit = None if session.get(AWAY) else current()
    g.visit = visit
    if session.get(TYPING):
        return _typing(visit)
    if visit is None:
        if access.keeps_words and request.method == "POST":
            return None
        return leave_to(url_for(".come_back", closed=1))
    if visit.locked:
        return _at_the_lock(visit)
    g.locks_in = visit.locks_in
    after_sending = {f"{request.blueprint}.{name}" for name in AFTER_SENDING}
    if visit.draft.sent and request.endpoint not in after_sending:
        return leave_to(url_for(".sent"))
    return None


def _typing(visit: Visit | None) -> ResponseReturnValue | None:
    """Back to the staff's pages where the typist is gone or the page is not for typing."""
    endpoint = (request.endpoint or "").rpartition(".")[2]
    if visit is None:
        return leave_to(staff_page("log_in"))
    if visit.draft.sent:
        return leave_to(staff_page("queue"))
    if endpoint not in TYPED:
        return leave_to(staff_page("invitation", id=session[TYPING]))
    return None


def staff_page(endpoint: str, **values: Any) -> str:
    """Where a page of this clinic's staff stands, seen from the patient's side."""
    if not (request.blueprint or "").endswith("_of"):
        return url_for(f"clinic.{endpoint}", **values)
    return url_for(f"clinic_of.{endpoint}", clinic_slug=clinic().slug, **values)


def _at_the_lock(visit: Visit) -> ResponseReturnValue | None:
    endpoint = (request.endpoint or "").rpartition(".")[2]
    if endpoint in OPEN_WHEN_LOCKED | TAKES_WORDS:
        return None
    if request.method == "GET":
        # Quoted again: it goes into a header, and an address can hold the end of a line.
        note_left_at(visit, iri_to_uri(request.full_path.rstrip("?")))
    return leave_to(url_for(".locked"))


def visit() -> Visit:
    """The visit of this request, which the gate found."""
    found: Visit = g.visit
    return found
