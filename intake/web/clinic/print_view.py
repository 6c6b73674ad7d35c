"""The doctor's summary as a page to print, for when the PDF cannot be drawn."""

from __future__ import annotations

from flask import Response, abort
from flask.typing import ResponseReturnValue

from intake.store import responses
from intake.web.access import staff
from intake.web.assets import asset
from intake.web.auth import DOCTOR, person
from intake.web.clinic.blueprint import pages
from intake.web.drawing import note_reading, record_of
from intake.web.visit import clinic, store


@pages.get("/responses/<reference>/print")
@staff(DOCTOR)
def print_view(reference: str) -> ResponseReturnValue:
    """All that the PDF says, nothing shortened; noted as read before it leaves."""
    # Drawing needs much that no other page does: a worker that draws nothing never loads it.
    from intake.report.pdf import to_print

    found = responses.sent(store(), clinic().id, reference)
    if found is None:
        abort(404)
    html = to_print(found.document, record_of(found), style_sheet=asset("css/print.css"))
    note_reading(found, person().actor, "summary_read")
    return Response(html, mimetype="text/html")
