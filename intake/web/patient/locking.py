"""A form that was left lying: locked until somebody shows that it is theirs."""

from __future__ import annotations

from datetime import date

from flask import Response, g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from intake.questionnaire.values import first_day
from intake.store import responses, sessions
from intake.web import screening
from intake.web.access import patient
from intake.web.forms import StepForm
from intake.web.patient.blueprint import pages, visit
from intake.web.patient.returning import BIRTH_DATE, advice_first
from intake.web.patient.ways import goes_on
from intake.web.questionnaire import BORN_ON
from intake.web.replies import leave_to, stay
from intake.web.visit import TOKEN, Visit, clinic, now, store, take_left_at, today


@pages.get("/form/locked")
@patient
def locked() -> ResponseReturnValue:
    """Ask for the date of birth; where none is known yet, just whether to go on."""
    opened = visit()
    if not opened.locked:
        return _go_on(opened)
    return _locked_page(opened, _form(None))


@pages.post("/form/locked")
@patient
def unlock() -> ResponseReturnValue:
    """Go on where the form was left; a wrong date is counted."""
    opened = visit()
    if not opened.locked:
        return _go_on(opened)
    born_on = _born_on(opened)
    if born_on is not None:
        form = _form(request.form)
        if not form.validate():
            return stay(_locked_page(opened, form))
        typed = first_day(str(form[BORN_ON].data))
        if typed is None or not responses.fits(
            store(), clinic().id, opened.draft.id, born_on, typed
        ):
            return stay(_locked_page(opened, form, wrong=True))
    sessions.unlock(store(), str(session[TOKEN]))
    return _go_on(opened)


@pages.post("/form/stay")
@patient
def stay_here() -> ResponseReturnValue:
    """Somebody is there: the gate has noted it, and nothing else changes."""
    return Response(status=204, headers={"Locks-In": str(g.locks_in)})


def _form(posted: MultiDict[str, str] | None) -> StepForm:
    return StepForm(BIRTH_DATE, {}, {}, today(), posted)


def _locked_page(opened: Visit, form: StepForm, *, wrong: bool = False) -> str:
    errors = list(form.errors_in_order())
    if wrong:
        # The same words in a pause, so that nobody learns whether a date was right.
        text = _("That date does not open this form. Check it. After 5 tries, wait 15 minutes.")
        errors.insert(0, (f"{BORN_ON}-month", text))
    return render_template(
        "patient/locked.html",
        form=form if _born_on(opened) else None,
        errors=errors,
        sent=opened.draft.sent,
    )


def _born_on(opened: Visit) -> date | None:
    if not opened.draft.sent:
        return opened.born_on
    found = responses.sent(store(), clinic().id, opened.draft.reference)
    value = found.document["answers"].get(BORN_ON) if found else None
    return first_day(value) if isinstance(value, str) else None


def _go_on(opened: Visit) -> ResponseReturnValue:
    """Advice first, then danger signs that have grown old, then the page that was left."""
    left_at = take_left_at(opened)
    if opened.draft.sent:
        return leave_to(left_at or url_for(".sent"))
    if request.method == "POST":
        opened = advice_first(opened)
    if opened.document["care"]:
        return leave_to(url_for(".advice"))
    if left_at is None or screening.is_stale(opened.document, now()):
        return leave_to(goes_on(opened).url)
    return leave_to(left_at)
