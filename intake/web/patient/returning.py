"""Coming back, on this device or on another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from intake.questionnaire.model import Kind, Question, Step
from intake.questionnaire.values import first_day
from intake.store import responses
from intake.store.responses import Draft
from intake.web import care, display
from intake.web.access import anyone, anyone_keeping_words
from intake.web.forms import StepForm
from intake.web.language import N_, go_on_in
from intake.web.patient.blueprint import pages
from intake.web.patient.ways import goes_on
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
    whole,
    without_private_cards,
)

STRAY_FOR = timedelta(minutes=15)
"""How long words that were given back from a closed form wait for the form they belong to."""

BIRTH_DATE = Step(
    slug="return",
    title=N_("Come back to your form"),
    section="",
    questions=(
        Question(
            key=BORN_ON,
            kind=Kind.DATE,
            text=N_("Date of birth"),
            label="Date of birth",
            hint=N_("Of the person with MS. For example 3 9 1975 for March 9, 1975"),
            error=N_("Enter the date of birth with month, day and year."),
            autocomplete="bday",
            clinical=False,
            required=True,
        ),
    ),
)


@pages.get("/return")
@anyone
def come_back() -> ResponseReturnValue:
    """Ask for the code and the date of birth."""
    return _return_page(_form(None))


@pages.post("/return")
@anyone_keeping_words
def resume() -> ResponseReturnValue:
    """Open the draft that code and date of birth belong to.

    The store counts the tries and answers an unknown code, a wrong one and a pause alike.
    """
    if display.is_look(request.form.get("action", "")):
        display.apply(request.form)
        # Drawn here and now: there is no draft yet that could keep what was typed.
        return _return_page(_form(request.form))
    form = _form(request.form)
    if not g.token_is_valid:
        return stay(_return_page(form, notice=still_here()), 409)
    code = request.form.get("code", "")
    is_valid = form.validate()
    if not is_valid or not code.strip():
        return stay(_return_page(form, no_code=not code.strip()))
    born_on = first_day(str(form[BORN_ON].data))
    draft = responses.resume(store(), clinic().id, code, born_on) if born_on else None
    if draft is None:
        return stay(_return_page(form, unknown=True))
    return enter(draft, _stray_words(born_on))


def enter(draft: Draft, words: Mapping[str, Any] | None = None) -> ResponseReturnValue:
    """Open a draft in this browser, in its own language; advice that nobody saw comes first."""
    open_here(Visit(whole(draft)))
    go_on_in(str(draft.document.get("language", "")))
    found = current()
    if found is None or found.draft.sent:
        return leave_to(url_for(".sent"))
    found = advice_first(found, words)
    if found.document["care"]:
        return leave_to(url_for(".advice"))
    return leave_to(
        url_for(".advice", again=1) if _has_urgent_advice(found) else goes_on(found).url
    )


def advice_first(visit: Visit, words: Mapping[str, Any] | None = None) -> Visit:
    """The visit of somebody who comes back, with the advice noted that nobody has seen yet.

    It follows from what was saved while it was typed, or from stray `words` that are put in.
    """
    visit = without_private_cards(visit)
    if not words and not care.due(visit.document, flags(visit.document)):
        return visit

    def take_in(document: Document) -> None:
        document["answers"].update(words or {})
        held = flags(document)
        if care.due(document, held):
            way = {"after": "", "check": False, "action": "continue"}
            care.make_due(document, held, now(), way)

    return save(visit, take_in)


@pages.post("/return/here")
@anyone
def open_again() -> ResponseReturnValue:
    """Open the form on this device again, after a quick leave too; unseen advice comes first."""
    session.pop(AWAY, None)
    found = current()
    if found is None:
        return leave_to(url_for(".start"))
    if found.locked or found.draft.sent:
        return leave_to(url_for(".locked"))
    found = advice_first(found)
    if found.document["care"]:
        return leave_to(url_for(".advice"))
    return leave_to(goes_on(found).url)


def _has_urgent_advice(visit: Visit) -> bool:
    """Whether advice for now or today holds that may be shown to whoever has the code."""
    told = [flag for flag in flags(visit.document) if not flag.card.private]
    return care.urgency(told) in {"emergency", "same_day"}


def _form(posted: MultiDict[str, str] | None) -> StepForm:
    return StepForm(BIRTH_DATE, {}, {}, today(), posted)


def still_here() -> str:
    """What to say of a page whose token is old: no try was counted, and nothing is typed twice."""
    return str(
        _("This page was open for a long time. Your words are here. Press the button again.")
    )


def _return_page(
    form: StepForm, *, no_code: bool = False, unknown: bool = False, notice: str = ""
) -> str:
    errors = list(form.errors_in_order())
    if no_code:
        errors.insert(0, ("code", _("Type the code from your card or your notes.")))
    if unknown:
        text = _(
            "This code and this date of birth open no form. Check both. A code works for 14 days. "
            "Is yours lost or too old? Call us at %(phone)s. We can give you a new one.",
            phone=clinic().phone,
        )
        errors.insert(0, ("code", text))
    found = current()
    return render_template(
        "patient/return.html",
        form=form,
        errors=errors,
        notice=notice,
        code=request.form.get("code", ""),
        closed=request.args.get("closed") == "1",
        is_open=found is not None and not found.draft.sent,
    )


def _stray_words(born_on: date | None) -> dict[str, Any]:
    """Words that were given back a moment ago, when this browser's form had closed.

    Not those of somebody born on another day, who had this device before.
    """
    found = current()
    at = found.document.get("stray_at") if found else None
    if found is None or at is None or now() - datetime.fromisoformat(at) > STRAY_FOR:
        return {}
    if born_on is None or found.stored.get(BORN_ON) not in {None, born_on.isoformat()}:
        return {}
    return dict(found.stored)
