"""The page on what the treatment can and cannot do: for everybody, before, during and after."""

from __future__ import annotations

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue

from intake.questionnaire.treatment import TREATMENT
from intake.web.access import anyone
from intake.web.patient.blueprint import pages
from intake.web.patient.ways import first_open
from intake.web.visit import AWAY, current


@pages.get("/treatment")
@anyone
def treatment() -> ResponseReturnValue:
    """How it works, what it does and does not do, and signs to act on."""
    return render_template("patient/treatment.html", parts=TREATMENT, back=_back())


def _back() -> tuple[str, bool]:
    """(where the form goes on, whether one is open here); after a quick leave none is."""
    found = None if session.get(AWAY) else current()
    if found is None:
        return url_for(".start"), False
    if found.locked:
        # The address of a page tells something of the answers before it.
        return url_for(".locked"), True
    return (url_for(".sent") if found.draft.sent else first_open(found).url), True
