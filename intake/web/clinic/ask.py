"""Asking a patient one page again: which page, the doctor's question, and the link to hand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from intake import mail
from intake.questionnaire.model import Step
from intake.questionnaire.values import normalise, printable
from intake.store import QuestionClosed, asked, audit, responses
from intake.store.asked import OPEN, Asked
from intake.store.responses import SentResponse
from intake.web import auth, several
from intake.web.access import staff
from intake.web.auth import DOCTOR, person
from intake.web.clinic import reasons
from intake.web.clinic.blueprint import pages
from intake.web.codes import at_the_clinic
from intake.web.patient.asked_again import mail_words
from intake.web.patient.leaving import sends_mail
from intake.web.qr import qr
from intake.web.questionnaire import NAME, START, questionnaire
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store

TEXT_LENGTH = 300
STATES = {
    "open": "waits for the patient",
    "answered": "answered",
    "void": "taken back",
    "expired": "not answered in 14 days",
}


@dataclass(frozen=True, slots=True)
class Link:
    """What is handed on: shown once, then nowhere."""

    code: str
    url: str
    picture: Any


@pages.get("/responses/<reference>/ask")
@staff(DOCTOR)
def ask(reference: str) -> ResponseReturnValue:
    """What was asked, or the form to ask."""
    return _page(_find(reference))


@pages.post("/responses/<reference>/ask")
@staff(DOCTOR)
def ask_patient(reference: str) -> ResponseReturnValue:
    """Ask, and show the link once."""
    found = _find(reference)
    text = normalise(request.form.get("text", ""))
    errors = _problems(found, text)
    if errors:
        return stay(_page(found, errors))
    me, slug = person(), request.form["step"]
    code = asked.ask(
        store(), clinic().id, found, step=slug, text=text, by=me.actor, by_name=me.name
    )
    return _hand_on(found, code)


@pages.post("/responses/<reference>/ask/link")
@staff(DOCTOR)
def renew_question(reference: str) -> ResponseReturnValue:
    """A new link; the one before is void."""
    found = _find(reference)
    question = _open_question(found)
    try:
        code = asked.renew(store(), clinic().id, question, by=person().actor)
    except QuestionClosed:
        return leave_to(url_for(".ask", reference=found.reference))
    return _hand_on(found, code)


@pages.post("/responses/<reference>/ask/withdraw")
@staff(DOCTOR)
def withdraw_question(reference: str) -> ResponseReturnValue:
    """Take the question back."""
    found = _find(reference)
    question = _open_question(found)
    me = person()
    try:
        asked.withdraw(store(), clinic().id, question, by=me.actor, by_name=me.name)
    except QuestionClosed:
        # Answered a moment ago: the page says so.
        return leave_to(url_for(".ask", reference=found.reference))
    auth.shown()
    return leave_to(url_for(".ask", reference=found.reference))


def _find(reference: str) -> SentResponse:
    found = responses.sent(store(), clinic().id, reference)
    if found is None:
        abort(404)
    return found


def _open_question(found: SentResponse) -> Asked:
    question = asked.current(store(), clinic().id, found.id)
    if question is None:
        abort(404)
    return question


def steps_to_ask(found: SentResponse) -> list[Step]:
    """The pages that this person was on, without those about the form itself."""
    answers = found.document["answers"]
    return [step for step in questionnaire().path(answers) if step.slug != START and step.questions]


def _problems(found: SentResponse, text: str) -> list[tuple[str, str]]:
    problems = []
    if request.form.get("step") not in {step.slug for step in steps_to_ask(found)}:
        problems.append(("step", _("Choose the page to ask again.")))
    if not text:
        problems.append(("text", _("Type the question, in plain words.")))
    elif len(text) > TEXT_LENGTH:
        problems.append(("text", _("Keep it to %(most)s characters.", most=TEXT_LENGTH)))
    elif not printable(text):
        problems.append(("text", _("Type it with letters and digits only.")))
    return problems


def _page(found: SentResponse, errors: list[tuple[str, str]] | None = None) -> str:
    """The page, also with what is wrong with a form; that it was read is noted before it leaves."""
    audit.note(store(), clinic().id, person().actor, "question_read", found.id)
    question = asked.current(store(), clinic().id, found.id)
    is_open = question is not None and question.state == OPEN
    steps = steps_to_ask(found)
    once = auth.to_show(person())
    signs = reasons.of_document(found.document)
    return render_template(
        "clinic/ask.html",
        found=found,
        name=found.document["answers"].get(NAME, ""),
        question=question,
        state=STATES[question.state] if question else "",
        is_open=is_open,
        page_title=_title(question.step) if question else "",
        until=at_the_clinic(question.until) if question else None,
        asked_at=at_the_clinic(question.asked_at) if question else None,
        link=_link(str(once["code"])) if is_open and once.get("of") == found.id else None,
        mailed=bool(once.get("mailed")),
        steps=steps,
        typed=request.form,
        errors=errors or [],
        mails_to=mails_to(found),
        unsafe=signs.unsafe_at_home,
        has_private=bool(signs.private),
    )


def _title(slug: str) -> str:
    step = questionnaire().by_slug.get(slug)
    return step.title if step else slug


# --- Handing it on -----------------------------------------------------------------------------


def mails_to(found: SentResponse) -> str:
    """The address to which the link may go; "" where mail could put the person in danger."""
    signs = reasons.of_document(found.document)
    to = str(found.document["answers"].get("email", ""))
    may = sends_mail() and not signs.private and mail.is_address(to)
    return to if may else ""


def _hand_on(found: SentResponse, code: str) -> ResponseReturnValue:
    told: dict[str, Any] = {"code": code, "of": found.id}
    to = mails_to(found)
    if request.form.get("mail") == "yes" and to:
        _mail(found, to, code)
        told["mailed"] = True
    auth.show_once(person(), **told)
    return leave_to(url_for(".ask", reference=found.reference))


def _link(code: str) -> Link:
    url = _address(code)
    return Link(code, url, qr(url))


def _address(code: str) -> str:
    """The page of the patient's side, of this clinic."""
    own = request.blueprint is not None and request.blueprint.endswith("_of")
    values = {several.SLUG: clinic().slug} if own else {}
    side = "patient_of" if own else "patient"
    return url_for(f"{side}.question_link", code=code, _external=True, **values)


def _mail(found: SentResponse, to: str, code: str) -> None:
    """Have the link mailed: nothing of the person and nothing of health is in it."""
    question = _open_question(found)
    with force_locale(str(found.document["language"]).replace("-", "_")):
        subject, body = mail_words(_address(code), code, question)
    actor = person().actor
    asked.mail(store(), clinic().id, question, to=to, subject=subject, body=body, by=actor)
