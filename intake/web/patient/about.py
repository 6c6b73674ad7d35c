"""Pages about the form itself: how it looks, and who can use it."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.web import display
from intake.web.access import anyone, anyone_keeping_words
from intake.web.patient.blueprint import pages
from intake.web.replies import leave_to


@pages.get("/accessibility")
@anyone
def accessibility() -> ResponseReturnValue:
    """Who can use the form, what was tested, and another way to answer."""
    return render_template("patient/accessibility.html")


@pages.get("/display")
@anyone
def look() -> ResponseReturnValue:
    """All settings of how pages look, with something to try them on."""
    back = display.way_back(request.args.get("back", ""), url_for(".start"))
    return render_template("patient/look.html", this_page=back, saved=display.LOOK in request.args)


@pages.post("/display")
@anyone_keeping_words
def change_look() -> ResponseReturnValue:
    """Change a setting or the language and come back.

    It needs no token: another site cannot send this form with the person's cookies, and could
    only change the size of letters.
    """
    display.apply(request.form)
    back = display.way_back(request.form.get("back", ""), url_for(".start"))
    if request.form.get("stay") == "1":
        return leave_to(display.same_page(url_for(".look", back=back)))
    back = display.came_from() or back
    if request.form.get("action") == display.ALL:
        return leave_to(url_for(".look", back=back))
    return leave_to(display.same_page(back))
