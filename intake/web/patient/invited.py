"""Coming by an invitation: looking at it changes nothing, the date of birth opens the form."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from intake.mail import ONE_CLICK
from intake.questionnaire.model import Value
from intake.questionnaire.values import first_day
from intake.store import codes, invitations
from intake.store.invitations import OPEN, SENT, Guest
from intake.web import display, provenance
from intake.web.access import anyone, anyone_keeping_words, one_click
from intake.web.forms import StepForm
from intake.web.language import ASKED
from intake.web.patient.blueprint import pages
from intake.web.patient.effort import at_the_start
from intake.web.patient.returning import BIRTH_DATE, enter, still_here
from intake.web.questionnaire import BORN_ON, NAME, SPOKEN, questionnaire
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, current, fresh_document, store, today

CODE = "invited"
"""Where in the session the code of a link waits for the date of birth."""


@pages.get("/i/<code>")
@anyone
def by_link(code: str) -> ResponseReturnValue:
    """Take the code out of the address before anything is shown that could hand it on."""
    found = codes.parse_code(code)
    if found:
        session[CODE] = codes.show_code(found)
    return leave_to(url_for(".invited", language=request.args.get(ASKED)))


@pages.get("/i")
@anyone
def invited() -> ResponseReturnValue:
    """Say what this is and ask for the code, unless the link held it, and the date of birth."""
    return _page(_form(None), code=str(session.get(CODE, "")))


@pages.post("/i")
@anyone_keeping_words
def accept() -> ResponseReturnValue:
    """Open the form of an invitation.

    The store counts the tries and answers an unknown code, a wrong date and a pause alike.
    """
    code = request.form.get("code", "")
    if display.is_look(request.form.get("action", "")):
        display.apply(request.form)
        return _page(_form(request.form), code=code)
    form = _form(request.form)
    if not g.token_is_valid:
        return stay(_page(form, code=code, notice=still_here()), 409)
    if not form.validate() or not code.strip():
        return stay(_page(form, code=code))
    born_on = first_day(str(form[BORN_ON].data))
    found = (
        invitations.exchange(store(), clinic().id, code, born_on, filled_in) if born_on else None
    )
    if found is None:
        return stay(_page(form, code=code, unknown=True))
    if found.state != OPEN or found.draft is None:
        return stay(render_template("patient/invited_over.html", sent=found.state == SENT), 409)
    return enter(found.draft)


@pages.get("/i/<code>/stop")
@pages.get("/i/<code>/stop/at-once")
@anyone
def stop_mails(code: str) -> ResponseReturnValue:
    """Ask whether the mails shall stop: programs that open every link stop none."""
    return render_template("patient/stop_mails.html", code=code, done=False)


@pages.post("/i/<code>/stop")
@anyone
def mails_stopped(code: str) -> ResponseReturnValue:
    """Stop them; the reply is the same for a code that nobody has."""
    invitations.stop_reminders(store(), clinic().id, code)
    return render_template("patient/stop_mails.html", code=code, done=True)


@pages.post("/i/<code>/stop/at-once")
@one_click
def stop_at_once(code: str) -> ResponseReturnValue:
    """Stop them for who pressed the button of their mail program (RFC 8058).

    Only for that very body: what merely follows links, or posts anything anywhere, stops none.
    """
    name, _equals, word = ONE_CLICK.partition("=")
    if request.form.getlist(name) != [word]:
        abort(400)
    invitations.stop_reminders(store(), clinic().id, code)
    return Response(mimetype="text/plain")


def filled_in(guest: Guest) -> dict[str, Any]:
    """What a form begins with: what the clinic knows, marked as typed by staff."""
    answers: dict[str, Value] = {NAME: guest.name, BORN_ON: guest.born_on.isoformat()}
    if _can_be_answer(SPOKEN, guest.language):
        answers[SPOKEN] = guest.language
    return fresh_document() | {
        "invited": True,
        "answers": answers,
        "by": dict.fromkeys(answers, provenance.STAFF),
        "known_as": [guest.name, guest.born_on.isoformat()],
        "language": guest.language,
    }


def _can_be_answer(key: str, code: str) -> bool:
    asked = [q for step in questionnaire().steps for q in step.questions if q.key == key]
    return any(choice.code == code for question in asked for choice in question.choices)


def _form(posted: MultiDict[str, str] | None) -> StepForm:
    return StepForm(BIRTH_DATE, {}, {}, today(), posted)


def _page(form: StepForm, *, code: str, unknown: bool = False, notice: str = "") -> str:
    errors = list(form.errors_in_order())
    if request.method == "POST" and not code.strip():
        errors.insert(0, ("code", _("Type the code from your card, letter or e-mail.")))
    if unknown:
        text = _(
            "This code and this date of birth open no form. Check both. After 5 tries, wait 15 "
            "minutes. Do you need help? Call us at %(phone)s.",
            phone=clinic().phone,
        )
        errors.insert(0, ("code", text))
    found = current()
    return render_template(
        "patient/invited.html",
        form=form,
        errors=errors,
        notice=notice,
        code=code,
        both=at_the_start(),
        is_open=found is not None and not found.draft.sent,
    )
