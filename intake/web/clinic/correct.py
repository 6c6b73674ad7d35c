"""Correcting a typing error: old and new value, why, and what follows, before anything is saved.

The front desk corrects who a person is and how to reach them; doctors any answer. What was sent
stays as version 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.questionnaire.model import Kind, Question, Step, Value
from intake.questionnaire.rows import ANSWERED, UNSURE, in_short
from intake.questionnaire.values import normalise, printable
from intake.questionnaire.walk import narrowed
from intake.report.amended import STAFF, Change, changes
from intake.report.document import has_private_sign
from intake.scoring.model import Band
from intake.store import StaleResponse, audit, responses, schema
from intake.store.responses import Amendment, SentResponse
from intake.web.access import staff
from intake.web.amending import changed_urgency, lane_after_correction, next_document, owners
from intake.web.auth import DOCTOR, FRONT_DESK, person
from intake.web.clinic import reasons
from intake.web.clinic.blueprint import pages
from intake.web.clinic.privacy import corrections_for
from intake.web.codes import at_the_clinic
from intake.web.contacts import CARERS_CONTACTS, CONTACTS
from intake.web.forms import StepForm
from intake.web.questionnaire import BORN_ON, NAME, START, questionnaire
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, now, store, today

APPOINTMENT = "appointment_on"
WHY = "why"
WHY_LENGTH = 300
WHO = (NAME, BORN_ON)

APPOINTMENT_STEP = Step(
    slug="appointment",
    title="Appointment",
    section="",
    questions=(
        Question(
            key=APPOINTMENT,
            kind=Kind.DATE,
            text="Appointment",
            label="Appointment",
            error="Enter the day with month, day and year, or leave it blank.",
            clinical=False,
            future=True,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Correctable:
    """An answer that this reader may correct, in the doctor's words."""

    key: str
    label: str
    short: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a correction leads to: answers, and urgency and band where they change."""

    changes: tuple[Change, ...]
    urgency: tuple[str, str] | None
    band: tuple[str, str] | None
    result: bool
    """Whether urgency or band change, for who may not know how."""


@pages.get("/responses/<reference>/correct")
@staff(DOCTOR, FRONT_DESK)
def corrections(reference: str) -> ResponseReturnValue:
    """What may be corrected, and what was so far."""
    found = _find(reference)
    audit.note(store(), clinic().id, person().actor, "corrections_read", found.id)
    return render_template(
        "clinic/corrections.html",
        found=found,
        name=found.document["answers"].get(NAME, ""),
        parts=_parts(found),
        made=corrections_for(found.document, _keys(found)),
        done=request.args.get("done") == "1",
        is_doctor=_is_doctor(),
    )


@pages.get("/responses/<reference>/correct/<key>")
@staff(DOCTOR, FRONT_DESK)
def correct(reference: str, key: str) -> ResponseReturnValue:
    """One answer with its old value."""
    found = _find(reference)
    return _page(found, _form(found, key))


@pages.post("/responses/<reference>/correct/<key>")
@staff(DOCTOR, FRONT_DESK)
def save_correction(reference: str, key: str) -> ResponseReturnValue:
    """Show what would change; with the second press, make the next version."""
    found = _find(reference)
    form = _form(found, key, is_posted=True)
    why = normalise(request.form.get(WHY, ""))
    problem = _why_problem(why)
    # Both are looked at, so that both are told at once.
    if not form.validate() or problem:
        return stay(_page(found, form, problem))
    if _value(form) == _stored(found).get(key):
        return stay(_page(found, form, notice=_("This is what stands there already.")))
    if request.form.get("version") != str(found.version):
        return _too_late(found, form)
    document = _document(found, form, why)
    if request.form.get("action") != "save":
        return stay(_page(found, form, outcome=_outcome(found, document)), 200)
    try:
        responses.amend(store(), clinic().id, found, _amendment(found, document, form))
    except StaleResponse:
        return _too_late(_find(reference), form)
    return leave_to(url_for(".corrections", reference=found.reference, done=1))


# --- What may be corrected ---------------------------------------------------------------------


def _find(reference: str) -> SentResponse:
    found = responses.sent(store(), clinic().id, reference)
    if found is None:
        abort(404)
    return found


def _is_doctor() -> bool:
    return person().role == DOCTOR


def _keys(found: SentResponse) -> frozenset[str]:
    """The keys that this reader may correct; who may not call a person does not see how either."""
    asked = {row["key"] for row in found.document["rows"]}
    signs = reasons.of_document(found.document)
    contacts = () if signs.closed_to(person().role) else (*CONTACTS, *CARERS_CONTACTS)
    keys = {APPOINTMENT} | asked.intersection((*WHO, *contacts))
    return frozenset(keys | _answered(found) if _is_doctor() else keys)


def _answered(found: SentResponse) -> set[str]:
    about_the_form = {each.key for each in questionnaire().by_slug[START].questions}
    known = {each.key for step in questionnaire().steps for each in step.questions}
    return {
        row["key"]
        for row in found.document["rows"]
        if row["status"] in (ANSWERED, UNSURE) and row["key"] in known - about_the_form
    }


def _parts(found: SentResponse) -> list[tuple[str, list[Correctable]]]:
    """(title of a page, what may be corrected on it)."""
    keys = _keys(found)
    who = [_row(row) for row in found.document["rows"] if row["key"] in (*WHO, *CONTACTS)]
    visit = Correctable(APPOINTMENT, "Appointment", _short(found, APPOINTMENT))
    first = [*(each for each in who if each.key in keys), visit]
    listed = {each.key for each in first}
    by_page: dict[str, list[Correctable]] = {}
    for row in found.document["rows"]:
        if row["key"] in keys - listed:
            by_page.setdefault(row["page"], []).append(_row(row))
    return [(_("Name, contact, appointment"), first), *by_page.items()]


def _row(row: Mapping[str, Any]) -> Correctable:
    return Correctable(row["key"], row["label"], row["short"])


def _stored(found: SentResponse) -> dict[str, Value]:
    visit = found.appointment_on
    answers: dict[str, Value] = dict(found.document["answers"])
    return answers | ({APPOINTMENT: visit.isoformat()} if visit else {})


# --- The form ----------------------------------------------------------------------------------


def _step(found: SentResponse, key: str) -> Step:
    if key not in _keys(found):
        abort(404)
    if key == APPOINTMENT:
        return APPOINTMENT_STEP
    step = next(s for s in questionnaire().steps if any(q.key == key for q in s.questions))
    one = narrowed(step, {key})
    return replace(one, questions=tuple(map(_for_staff, one.questions)))


def _for_staff(question: Question) -> Question:
    return replace(question, text=question.label, carer_text="", hint="", why="", recalls=())


def _form(found: SentResponse, key: str, *, is_posted: bool = False) -> StepForm:
    stored = _stored(found)
    posted = request.form if is_posted else None
    return StepForm(_step(found, key), stored, stored, today(), posted)


def _question(form: StepForm) -> Question:
    return form.step.questions[0]


def _value(form: StepForm) -> Value | None:
    return form.accept().get(_question(form).key)


def _why_problem(why: str) -> str:
    if not why:
        return _("Say why, such as: told us on the phone.")
    if len(why) > WHY_LENGTH:
        return _("Keep it to %(most)s characters.", most=WHY_LENGTH)
    return "" if printable(why) else _("Type it with letters and digits only.")


def _page(
    found: SentResponse,
    form: StepForm,
    problem: str = "",
    *,
    outcome: Outcome | None = None,
    notice: str = "",
) -> str:
    """What stands there, old and new: noted before it leaves, whatever went wrong with a form."""
    question = _question(form)
    audit.note(store(), clinic().id, person().actor, "correction_opened", found.id)
    errors = list(form.errors_in_order()) + ([(WHY, problem)] if problem else [])
    return render_template(
        "clinic/correct.html",
        found=found,
        form=form,
        question=question,
        asked_as=_asked_as(found, question.key),
        old=_short(found, question.key),
        new=in_short(question, _value(form)) if outcome else "",
        why=request.form.get(WHY, ""),
        errors=errors,
        outcome=outcome,
        notice=notice,
        band_names={band.value: band.text for band in Band},
    )


def _asked_as(found: SentResponse, key: str) -> str:
    texts = (row["text"] for row in found.document["rows"] if row["key"] == key)
    return str(next(texts, ""))


def _short(found: SentResponse, key: str) -> str:
    if key == APPOINTMENT:
        return in_short(APPOINTMENT_STEP.questions[0], _stored(found).get(key))
    return next((row["short"] for row in found.document["rows"] if row["key"] == key), "")


def _too_late(newest: SentResponse, form: StepForm) -> ResponseReturnValue:
    notice = _(
        "Somebody changed this response meanwhile. Your words are here. "
        "Look at the value that stands there now, then go on."
    )
    return stay(_page(newest, form, notice=notice), 409)


# --- The next version --------------------------------------------------------------------------


def _document(found: SentResponse, form: StepForm, why: str) -> dict[str, Any]:
    """What would be sealed. The day stays that of the answers: only the typing was wrong."""
    key, value = _question(form).key, _value(form)
    answers: dict[str, Value] = dict(found.document["answers"])
    if key != APPOINTMENT:
        answers.pop(key, None)
        answers |= {} if value is None else {key: value}
    on = date.fromisoformat(found.document["today"])
    made = next_document(found, answers, by=STAFF, today=on)
    told = {
        "at": now().isoformat(),
        "by_name": person().name,
        "why": why,
        "changes": [each.to_dict() for each in _changes(found, made, form)],
    }
    return made | {"corrections": [*made["corrections"], told]}


def _changes(found: SentResponse, made: Mapping[str, Any], form: StepForm) -> Sequence[Change]:
    question = _question(form)
    if question.key != APPOINTMENT:
        return changes(found.document, made)
    new = in_short(question, _value(form))
    return [Change(APPOINTMENT, question.label, _short(found, APPOINTMENT), new)]


def _outcome(found: SentResponse, made: Mapping[str, Any]) -> Outcome:
    was, now_found = found.document["assessment"], made["assessment"]
    told = [Change(**each) for each in made["corrections"][-1]["changes"]]
    before, after = (_shown_urgency(each) for each in (found.document, made))
    bands = (was["band"], now_found["band"])
    is_other = was["urgency"] != now_found["urgency"] or bands[0] != bands[1]
    return Outcome(
        tuple(_readable(found, told)),
        (before, after) if before != after else None,
        bands if bands[0] != bands[1] and _is_doctor() else None,
        is_other and not _is_doctor(),
    )


def _readable(found: SentResponse, told: Sequence[Change]) -> Iterator[Change]:
    """A changed answer can take others with it that this reader does not see."""
    keys = _keys(found)
    return (each for each in told if each.key in keys)


def _shown_urgency(document: Mapping[str, Any]) -> str:
    signs = reasons.of_document(document)
    return reasons.shown_urgency(signs, document["assessment"]["urgency"], person().role)


def _amendment(found: SentResponse, document: Mapping[str, Any], form: StepForm) -> Amendment:
    old, told = found.document, document["corrections"][-1]
    return Amendment(
        kind="corrected",
        by=STAFF,
        actor=person().actor,
        document=document,
        entry={each: told[each] for each in ("changes", "why", "by_name")},
        urgency=changed_urgency(old, document),
        private=has_private_sign(document),
        lane=lane_after_correction(old, document),
        owner=owners(old, document),
        appointment_on=_appointment(form),
    )


def _appointment(form: StepForm) -> date | None:
    if _question(form).key != APPOINTMENT:
        return None
    value = _value(form)
    return date.fromisoformat(str(value)) if value else schema.NO_APPOINTMENT


@pages.app_template_filter("at_clinic")
def at_clinic(iso: str) -> datetime:
    """A sealed time in the clinic's own."""
    return at_the_clinic(datetime.fromisoformat(iso))
