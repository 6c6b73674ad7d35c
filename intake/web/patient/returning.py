"""Stopping for now and coming back, on this device or on another one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from intake.questionnaire.model import Kind, Question, Step
from intake.questionnaire.values import first_day
from intake.store import responses
from intake.web import care, display
from intake.web.access import anyone, patient
from intake.web.forms import StepForm
from intake.web.patient.blueprint import pages, visit
from intake.web.patient.ways import first_open, goes_on
from intake.web.questionnaire import BORN_ON
from intake.web.replies import leave_to, stay
from intake.web.visit import (
    AWAY,
    Document,
    Visit,
    clinic,
    current,
    flags,
    now,
    open_here,
    save,
    store,
    today,
    without_private_cards,
)

CODE_DAYS = timedelta(days=14)
STRAY_FOR = timedelta(minutes=15)
"""How long words that were given back from a closed form wait for the form they belong to."""

BIRTH_DATE = Step(
    slug="return",
    title="Come back to your form",
    section="",
    questions=(
        Question(
            key=BORN_ON,
            kind=Kind.DATE,
            text="Date of birth",
            label="Date of birth",
            hint="Of the person with MS. For example 3 9 1975 for March 9, 1975",
            error="Enter the date of birth with month, day and year.",
            autocomplete="bday",
            clinical=False,
            required=True,
        ),
    ),
)


# --- Stopping for now --------------------------------------------------------------------------


@pages.get("/form/later")
@patient
def later() -> ResponseReturnValue:
    """How to come back; with the code once there is one."""
    opened = visit()
    document = opened.document
    born_on = opened.born_on
    fits = born_on is not None and document.get("resume_born_on") == born_on.isoformat()
    until = document.get("resume_until")
    return render_template(
        "patient/later.html",
        code=document["resume_code"] if fits else None,
        until=datetime.fromisoformat(until).astimezone(clinic().zone) if until else None,
        can_have_code=born_on is not None,
        goes_on_at=first_open(opened),
    )


@pages.post("/form/later")
@patient
def issue_code() -> ResponseReturnValue:
    """Make a code; an earlier one stops working."""
    opened = visit()
    born_on = opened.born_on
    if born_on is not None:
        code = responses.issue_code(store(), opened.draft, born_on)
        kept = {
            "resume_code": code,
            "resume_born_on": born_on.isoformat(),
            "resume_until": (now() + CODE_DAYS).isoformat(),
        }
        save(opened, lambda document: document.update(kept))
    return leave_to(url_for(".later"))


# --- Coming back -------------------------------------------------------------------------------


@pages.get("/return")
@anyone
def come_back() -> ResponseReturnValue:
    """Ask for the code and the date of birth."""
    return _return_page(_form(None))


@pages.post("/return")
@anyone
def resume() -> ResponseReturnValue:
    """Open the draft that code and date of birth belong to.

    The store counts the tries and answers an unknown code, a wrong one and a pause alike.
    """
    if display.is_look(request.form.get("action", "")):
        display.apply(request.form)
        # Drawn here and now: there is no draft yet that could keep what was typed.
        return _return_page(_form(request.form))
    form = _form(request.form)
    code = request.form.get("code", "")
    is_valid = form.validate()
    if not is_valid or not code.strip():
        return stay(_return_page(form, no_code=not code.strip()))
    born_on = first_day(str(form[BORN_ON].data))
    draft = responses.resume(store(), clinic().id, code, born_on) if born_on else None
    if draft is None:
        return stay(_return_page(form, unknown=True))
    words = _stray_words()
    opened = Visit(draft)
    open_here(opened)
    found = current()
    if found is None or found.draft.sent:
        return leave_to(url_for(".sent"))
    found = without_private_cards(found)
    if words:
        found = save(found, lambda document: _take_in(document, words))
    if found.document["care"]:
        return leave_to(url_for(".advice"))
    return leave_to(
        url_for(".advice", again=1) if _has_urgent_advice(found) else goes_on(found).url
    )


def _take_in(document: Document, words: dict[str, Any]) -> None:
    """Put stray words in, and note the advice that follows from them."""
    document["answers"].update(words)
    held = flags(document)
    if care.due(document, held):
        care.make_due(document, held, now(), {"after": "", "check": False, "action": "continue"})


@pages.post("/return/here")
@anyone
def open_again() -> ResponseReturnValue:
    """After a quick leave: open the form on this device again."""
    session.pop(AWAY, None)
    found = current()
    if found is None:
        return leave_to(url_for(".start"))
    found = without_private_cards(found)
    if found.document["care"]:
        return leave_to(url_for(".advice"))
    return leave_to(goes_on(found).url)


def _has_urgent_advice(visit: Visit) -> bool:
    """Whether advice for now or today holds that may be shown to whoever has the code."""
    told = [flag for flag in flags(visit.document) if not flag.card.private]
    return care.urgency(told) in {"emergency", "same_day"}


def _form(posted: MultiDict[str, str] | None) -> StepForm:
    return StepForm(BIRTH_DATE, {}, {}, today(), posted)


def _return_page(form: StepForm, *, no_code: bool = False, unknown: bool = False) -> str:
    errors = list(form.errors_in_order())
    if no_code:
        errors.insert(0, ("code", _("Type the code from your card or your notes.")))
    if unknown:
        text = _("We could not find this form. Check the code and the date of birth.")
        errors.insert(0, ("code", text))
    found = current()
    return render_template(
        "patient/return.html",
        form=form,
        errors=errors,
        code=request.form.get("code", ""),
        closed=request.args.get("closed") == "1",
        is_open=found is not None and not found.draft.sent,
    )


def _stray_words() -> dict[str, Any]:
    """Words that were given back a moment ago, when this browser's form had closed."""
    found = current()
    at = found.document.get("stray_at") if found else None
    if found is None or at is None or now() - datetime.fromisoformat(at) > STRAY_FOR:
        return {}
    return dict(found.stored)
