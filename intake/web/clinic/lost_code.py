"""Somebody lost their code: staff find the unsent form, read nothing of it, give out a new code.

The person proves nothing that the staff member did not ask for, so the page asks whether the
caller was checked, the look-up and the code are recorded, and the person is shown on their own
page that a code was given out.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.questionnaire.model import Kind, Question, Step
from intake.questionnaire.values import first_day
from intake.store import finding, responses
from intake.store.finding import Found
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, person
from intake.web.clinic import naming
from intake.web.clinic.blueprint import pages
from intake.web.codes import at_the_clinic, code_until, give_code
from intake.web.forms import StepForm
from intake.web.questionnaire import BORN_ON, NAME, PHONE
from intake.web.replies import stay
from intake.web.visit import Gone, Visit, clinic, reread, store, today, whole

LAST_DIGITS = "last_digits"
ASKED_DIGITS = 4

CALLER = Step(
    slug="lost-code",
    title="Somebody lost their code",
    section="",
    questions=(
        naming.name(
            hint="Of the person with MS, as they wrote it. One part of it is enough.", most=200
        ),
        naming.born_on(hint="Ask for it. Do not read it out."),
        Question(
            key=LAST_DIGITS,
            kind=Kind.LINE,
            text="Last 4 digits of their phone number",
            label="Last digits",
            hint="Only if more than one form fits.",
            error="Type 4 digits, or leave it blank.",
            max_characters=ASKED_DIGITS,
            clinical=False,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the person on the phone says they are."""

    name: str
    born_on: date
    last_digits: str


@pages.get("/lost-code")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def lost_code() -> ResponseReturnValue:
    """Ask for name and birth date."""
    return _page(_form())


@pages.post("/lost-code")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def look_up() -> ResponseReturnValue:
    """Say whether an unsent form fits; never what stands in it."""
    form = _form()
    caller = _caller(form)
    if caller is None:
        return stay(_page(form))
    found = finding.find(store(), clinic().id, caller.name, caller.born_on, by=person().actor)
    if found is None:
        return stay(_page(form, notice=_("Too many look-ups. Wait 15 minutes, then try again.")))
    return _shown(form, caller, _with_digits(found, caller.last_digits))


@pages.post("/lost-code/new")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def give_out() -> ResponseReturnValue:
    """Give out a new code, shown once, on this very page."""
    form = _form()
    caller = _caller(form)
    if caller is None or not hmac.compare_digest(request.form.get("seal", ""), _seal(caller)):
        return stay(_page(form))
    every = finding.found_again(store(), clinic().id, caller.name, caller.born_on)
    found = _with_digits(every, caller.last_digits)
    chosen = [each for each in found if each.reference == request.form.get("which")]
    problems = _problems(chosen)
    opened = _opened(chosen[0]) if chosen and not problems else None
    if opened is None:
        return _shown(form, caller, found, problems)
    try:
        code = give_code(opened, caller.born_on, by=person().actor)
        opened = reread(opened)
    except Gone:
        return _shown(form, caller, ())
    finding.settled(store(), clinic().id, by=person().actor)
    return render_template("clinic/new_code.html", code=code, until=code_until(opened))


def _form() -> StepForm:
    posted = request.form if request.method == "POST" else None
    return StepForm(CALLER, {}, {}, today(), posted)


def _caller(form: StepForm) -> Caller | None:
    if not form.validate():
        return None
    digits = str(form[LAST_DIGITS].data or "")
    born_on = first_day(str(form[BORN_ON].data))
    if born_on is None:
        return None
    return Caller(str(form[NAME].data), born_on, digits)


def _seal(caller: Caller) -> str:
    """Shows that the look-up of this caller was counted and recorded."""
    # The digits too: tried one after the other, uncounted, they would be read off the answers.
    told = json.dumps([person().id, str(today()), *map(str, astuple(caller))])
    secret: bytes = current_app.config["SECRET_KEY"]
    return hmac.digest(secret, f"caller\0{told}".encode(), "sha256").hex()


def _with_digits(found: Sequence[Found], digits: str) -> tuple[Found, ...]:
    """Of several forms those whose phone number ends so; all, where that leaves none."""
    if len(found) < 2 or not digits:
        return tuple(found)
    ending = [each for each in found if _phone_of(each).endswith(digits)]
    return tuple(ending or found)


def _phone_of(found: Found) -> str:
    opened = _opened(found)
    number = opened.answers.get(PHONE) if opened else None
    return re.sub(r"[^0-9]", "", str(number or ""))


def _opened(found: Found) -> Visit | None:
    draft = responses.draft(store(), clinic().id, found.id)
    return None if draft is None or draft.sent else Visit(whole(draft))


def _problems(chosen: Sequence[Found]) -> list[tuple[str, str]]:
    problems = []
    if not chosen:
        problems.append(("which", _("Choose which form it is.")))
    if request.form.get("checked") != "yes":
        problems.append(("checked", _("First check who is calling, then tick this box.")))
    return problems


def _shown(
    form: StepForm,
    caller: Caller,
    found: Sequence[Found],
    problems: Sequence[tuple[str, str]] = (),
) -> ResponseReturnValue:
    if not found:
        nothing = _("No unsent form fits this name and this date of birth.")
        return stay(_page(form, notice=nothing))
    html = render_template(
        "clinic/found_form.html",
        caller=caller,
        seal=_seal(caller),
        found=[_in_our_time(each) for each in found],
        errors=list(problems),
        which=request.form.get("which"),
        checked=request.form.get("checked") == "yes",
    )
    return stay(html) if problems else html


def _in_our_time(found: Found) -> Found:
    begun_at, saved_at = at_the_clinic(found.begun_at), at_the_clinic(found.saved_at)
    return replace(found, begun_at=begun_at, saved_at=saved_at)


def _page(form: StepForm, *, notice: str = "") -> str:
    return render_template(
        "clinic/lost_code.html",
        form=form,
        errors=list(form.errors_in_order()),
        notice=notice,
    )
