"""The code to come back, from a draft's point of view."""

from __future__ import annotations

from datetime import date, datetime

from flask import url_for

from intake.store import StaleDraft, responses
from intake.web.visit import TRIES, Document, Gone, Visit, clinic, now, reread, store

PATIENT = "patient"


def give_code(visit: Visit, born_on: date, *, by: str = PATIENT) -> str:
    """A new code; kept in the draft, to be shown again, with the day when staff gave it out.

    Raises `Gone` when the draft was sent meanwhile.
    """
    for _ in range(TRIES):
        document = visit.document

        def kept(code: str, document: Document = document) -> Document:
            given_out = document["given_out"] if by == PATIENT else now().isoformat()
            own = {"resume_code": code, "resume_born_on": born_on.isoformat()}
            return document | own | {"given_out": given_out}

        try:
            return responses.issue_code(store(), visit.draft, born_on, by=by, kept=kept)
        except StaleDraft:
            visit = reread(visit)
    raise Gone


def live_code(visit: Visit) -> str | None:
    """The code that opens this draft now, if there is one."""
    until, born_on = visit.draft.code_until, visit.born_on
    if until is None or until <= now() or born_on is None:
        return None
    if visit.document["resume_born_on"] != born_on.isoformat():
        return None
    code: str | None = visit.document["resume_code"]
    return code


def code_until(visit: Visit) -> datetime | None:
    """When the code ends, in the clinic's time."""
    until = visit.draft.code_until
    return at_the_clinic(until) if until else None


def at_the_clinic(at: datetime) -> datetime:
    return at.astimezone(clinic().zone)


def return_link(code: str) -> str:
    """The page for coming back with the code behind "#", which no browser sends to a server."""
    return url_for(".come_back", _external=True, _anchor=code)
