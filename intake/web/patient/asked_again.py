"""One page of a form that was sent, asked again by a doctor: opened by a link, answered, sent.

Looking at the link changes nothing. What opens it is the date of birth; what is typed waits,
sealed, apart from the response, until it is sent, and becomes the response's next version.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from flask import current_app, g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from intake.questionnaire.model import Answers, Step, Value
from intake.questionnaire.path import keys_of
from intake.questionnaire.rows import BLANK, rows
from intake.questionnaire.values import first_day
from intake.report.amended import changes
from intake.report.document import has_private_sign
from intake.store import QuestionClosed, StaleResponse, asked, codes, responses, steps
from intake.store.asked import ANSWERED, EXPIRED, OPEN, Asked
from intake.store.responses import Amendment, SentResponse
from intake.web import care, display
from intake.web.access import Access, anyone, anyone_keeping_words, asked_keeping_words
from intake.web.access import asked as asked_only
from intake.web.amending import changed_urgency, lane_after_answer, next_document, owners
from intake.web.care import Flag
from intake.web.codes import at_the_clinic
from intake.web.forms import StepForm
from intake.web.language import day_in_words, go_on_in, speech
from intake.web.patient.blueprint import pages
from intake.web.patient.returning import BIRTH_DATE, still_here
from intake.web.patient.sending import title_of
from intake.web.questionnaire import BORN_ON, RESPONDENT, questionnaire
from intake.web.replies import leave_to, stay
from intake.web.security import StaleToken, pressed
from intake.web.spelling import spelled
from intake.web.visit import TRIES, clinic, flags, now, store, today

CODE, TOKEN = "question", "answering"
"""Where in the session the code of a link and the opened question stand."""
PURPOSE = "asked"
LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Opened:
    """A question that somebody has open, and what they typed so far."""

    question: Asked
    found: SentResponse
    typed: dict[str, Any]

    @property
    def step(self) -> Step:
        return questionnaire().by_slug[self.question.step]

    @property
    def before(self) -> dict[str, Value]:
        """The answers that were sent."""
        answers: dict[str, Value] = self.found.document["answers"]
        return answers

    @cached_property
    def answers(self) -> dict[str, Value]:
        """All answers as they would be sent now."""
        return merged(self.before, self.typed["answers"])

    @property
    def is_done(self) -> bool:
        """Whether the page was filled in."""
        return bool(self.typed["done"])

    @property
    def by_carer(self) -> bool:
        return self.before.get(RESPONDENT) == "carer"


def merged(before: Answers, given: Mapping[str, Value | None]) -> dict[str, Value]:
    """Earlier answers with those of a page put in; None takes one out."""
    kept = {key: value for key, value in before.items() if key not in given}
    return kept | {key: value for key, value in given.items() if value is not None}


# --- Coming in ---------------------------------------------------------------------------------


@pages.get("/q/<code>")
@anyone
def question_link(code: str) -> ResponseReturnValue:
    """Take the code out of the address before anything is shown that could hand it on."""
    parsed = codes.parse_code(code)
    if parsed:
        session[CODE] = codes.show_code(parsed)
    return leave_to(url_for(".question"))


@pages.get("/q")
@anyone
def question() -> ResponseReturnValue:
    """Say what this is, and ask for the date of birth."""
    return _door(_birth_date(None), str(session.get(CODE, "")))


@pages.post("/q")
@anyone_keeping_words
def open_question() -> ResponseReturnValue:
    """Open the page; the store counts tries, and an unknown code is told as a wrong date is."""
    code = request.form.get("code", "")
    if display.is_look(request.form.get("action", "")):
        display.apply(request.form)
        return _door(_birth_date(request.form), code)
    form = _birth_date(request.form)
    if not g.token_is_valid:
        return stay(_door(form, code, notice=still_here()), 409)
    born_on = first_day(str(form[BORN_ON].data)) if form.validate() else None
    if born_on is None or not code.strip():
        return stay(_door(form, code))
    found = asked.open_question(store(), clinic().id, code, born_on)
    if found is None:
        return stay(_door(form, code, unknown=True))
    if found.state != OPEN:
        return _over(found)
    session.pop(CODE, None)
    response = responses.sent(store(), clinic().id, found.reference)
    go_on_in(str(response.document["language"]) if response else "")
    _keep(found.id, {"answers": {}, "done": False, "shown": [], "cards": []})
    return leave_to(url_for(".question_page"))


def let_answer(access: Access) -> ResponseReturnValue | None:
    """Find the question that this browser has open; else lead to its door."""
    found = steps.read(store(), clinic().id, PURPOSE, str(session.get(TOKEN, "")))
    waiting = asked.get(store(), clinic().id, found.document["id"]) if found else None
    response = responses.sent(store(), clinic().id, waiting.reference) if waiting else None
    if found is None or waiting is None or response is None:
        return leave_to(url_for(".question", closed=1))
    if waiting.state != OPEN:
        return _over(waiting)
    g.opened = Opened(waiting, response, found.document)
    return None


def _opened() -> Opened:
    found: Opened = g.opened
    return found


def _keep(id: str, typed: Mapping[str, Any]) -> None:
    """Keep what was typed, under a new token."""
    steps.close(store(), str(session.pop(TOKEN, "")))
    document = {**typed, "id": id}
    session[TOKEN] = steps.open(store(), clinic().id, PURPOSE, document=document, life=LIFE)


def _birth_date(posted: MultiDict[str, str] | None) -> StepForm:
    return StepForm(BIRTH_DATE, {}, {}, today(), posted)


def _door(form: StepForm, code: str, *, unknown: bool = False, notice: str = "") -> str:
    errors = list(form.errors_in_order())
    if request.method == "POST" and not code.strip():
        errors.insert(0, ("code", _("Type the code from your card, letter or e-mail.")))
    if unknown:
        # The same words in a pause, so that nobody learns whether a date was right.
        text = _(
            "This code and this date of birth open no question. Check both. After 5 tries, wait "
            "15 minutes. Do you need help? Call us at %(phone)s.",
            phone=clinic().phone,
        )
        errors.insert(0, ("code" if not session.get(CODE) else f"{BORN_ON}-month", text))
    return render_template(
        "patient/question.html",
        form=form,
        errors=errors,
        notice=notice,
        code=code,
        has_code=code == session.get(CODE),
        closed=request.args.get("closed") == "1",
    )


def _over(question: Asked) -> ResponseReturnValue:
    """Why there is nothing to answer any more, and what to do."""
    steps.close(store(), str(session.pop(TOKEN, "")))
    html = render_template(
        "patient/question_over.html",
        is_answered=question.state == ANSWERED,
        is_late=question.state == EXPIRED,
    )
    return stay(html, 409)


# --- The page ----------------------------------------------------------------------------------


@pages.get("/q/page")
@asked_only
def question_page() -> ResponseReturnValue:
    """The one page, with the doctor's question on top."""
    opened = _opened()
    return _page(opened, _form(opened, None))


@pages.post("/q/page")
@asked_keeping_words
def answer_question() -> ResponseReturnValue:
    """Take the page's answers; safety advice that they call for comes at once."""
    opened = _opened()
    form = _form(opened, request.form)
    if not g.token_is_valid:
        return _give_back(opened, form)
    if display.is_look(request.form.get("action", "")):
        display.apply(request.form)
        return _page(opened, form)
    pressed("continue")
    if not form.validate():
        return stay(_page(opened, form))
    accepted = form.accept()
    given = {key: accepted.get(key) for key in keys_of(opened.step)}
    due = _due(opened, merged(opened.before, given))
    shown = [*opened.typed["shown"], *(_shown(flag) for flag in due)]
    cards = [flag.card.id for flag in due]
    typed = {"answers": given, "done": True, "shown": shown, "cards": cards}
    # Noted before it is shown.
    _keep(opened.question.id, typed)
    return leave_to(url_for(".question_advice" if due else ".question_check"))


def _give_back(opened: Opened, form: StepForm) -> ResponseReturnValue:
    """The token is old: the words stay on the page, but for private ones, which stay nowhere."""
    if opened.step.private:
        raise StaleToken
    notice = _("This page was open for a long time. Your words are here. Press Continue again.")
    return stay(_page(opened, form, notice), 409)


def _form(opened: Opened, posted: MultiDict[str, str] | None) -> StepForm:
    counting = questionnaire().on_path(opened.answers)
    return StepForm(opened.step, opened.answers, counting, today(), posted)


def _page(opened: Opened, form: StepForm, notice: str = "") -> str:
    step = opened.step
    return render_template(
        "patient/question_page.html",
        step=step,
        form=form,
        errors=list(form.errors_in_order()),
        notice=notice,
        title=(opened.by_carer and step.carer_title) or step.title,
        by_carer=opened.by_carer,
        asked=opened.question,
    )


# --- Advice ------------------------------------------------------------------------------------


@pages.get("/q/care")
@asked_only
def question_advice() -> ResponseReturnValue:
    """The cards that the answers call for."""
    opened = _opened()
    cards = _cards(opened)
    if not cards:
        return leave_to(url_for(".question_check"))
    return render_template(
        "patient/question_advice.html",
        groups=care.by_level(cards),
        hurried=any(flag.card.private for flag in cards),
    )


def _due(opened: Opened, answers: Answers) -> list[Flag]:
    """What holds now and did not before; on a page of danger signs all that was told anew."""
    was = {(flag.card.id, flag.level) for flag in flags({"answers": opened.before})}
    is_screen = questionnaire().is_screen(opened.step)
    return [
        flag
        for flag in flags({"answers": answers})
        if (flag.card.id, flag.level) not in was
        or (is_screen and (opened.step.private or not flag.card.private))
    ]


def _cards(opened: Opened) -> list[Flag]:
    held = flags({"answers": opened.answers})
    return [flag for flag in held if flag.card.id in opened.typed["cards"]]


def _shown(flag: Flag) -> dict[str, str]:
    return {"card": flag.card.id, "level": flag.level, "at": now().isoformat()}


# --- Reading over and sending ------------------------------------------------------------------


@pages.get("/q/check")
@asked_only
def question_check() -> ResponseReturnValue:
    """The answers of the page, to read over."""
    opened = _opened()
    if not opened.is_done:
        return leave_to(url_for(".question_page"))
    return _check(opened)


@pages.post("/q/check")
@asked_only
def send_answer() -> ResponseReturnValue:
    """Send once; a second click, or another window, finds it sent."""
    opened = _opened()
    if display.is_look(request.form.get("action", "")):
        display.apply(request.form)
        return _check(opened)
    if not opened.is_done:
        return leave_to(url_for(".question_page"))
    if request.form.get("seen") != _seal(opened):
        notice = _("An answer was changed in another window. Look it over, then press Send again.")
        return stay(_check(opened, notice), 409)
    for _again in range(TRIES):
        try:
            asked.answer(store(), clinic().id, opened.question, opened.found, _amendment(opened))
        except StaleResponse:
            # Staff corrected something meanwhile: the page's answers go into what stands now.
            opened = _reread(opened)
        except QuestionClosed:
            return _over(asked.get(store(), clinic().id, opened.question.id) or opened.question)
        else:
            break
    steps.close(store(), str(session.pop(TOKEN, "")))
    return leave_to(url_for(".question_sent"))


@pages.get("/q/sent")
@anyone
def question_sent() -> ResponseReturnValue:
    """Thanks, and what happens next."""
    return render_template("patient/question_sent.html")


def _check(opened: Opened, notice: str = "") -> str:
    return render_template(
        "patient/question_check.html",
        groups=care.by_level(flag for flag in _cards(opened) if not flag.card.private),
        title=title_of(opened.step, by_carer=opened.by_carer),
        rows=_told(opened),
        seen=_seal(opened),
        notice=notice,
    )


def _told(opened: Opened) -> list[tuple[str, str | None, str]]:
    """(question, answer, where to change it); private answers are not told."""
    change = url_for(".question_page")
    every = rows(opened.answers, questionnaire().steps, speech())
    here = [row for row in every if row.step.slug == opened.step.slug and row.status != BLANK]
    told: list[tuple[str, str | None, str]] = []
    for row in here:
        if not opened.step.private and not row.question.private:
            told.append((row.text, row.words, change))
        elif all(words is not None for _text, words, _url in told):
            told.append((_("Private questions"), None, change))
    return told


def _seal(opened: Opened) -> str:
    """A keyed digest of what the person reads over, to tell whether another window changed it."""
    told = json.dumps([opened.question.id, opened.typed["answers"]], sort_keys=True)
    secret: bytes = current_app.config["SECRET_KEY"]
    return hmac.digest(secret, f"asked\0{told}".encode(), "sha256")[:12].hex()


def _reread(opened: Opened) -> Opened:
    found = responses.sent(store(), clinic().id, opened.question.reference)
    return Opened(opened.question, found or opened.found, opened.typed)


def _amendment(opened: Opened) -> Amendment:
    giver = "carer" if opened.by_carer else "patient"
    old = opened.found.document
    is_screen = questionnaire().is_screen(opened.step)
    made = next_document(
        opened.found,
        opened.answers,
        by=giver,
        today=today(),
        shown=opened.typed["shown"],
        screened_at=now().isoformat() if is_screen else None,
        earlier_screens=[_set_aside(opened)] if is_screen else (),
    )
    told = {
        "at": now().isoformat(),
        "step": opened.step.slug,
        "title": opened.step.title,
        "question": opened.question.text,
        "changes": [each.to_dict() for each in changes(old, made)],
    }
    made["re_answers"] = [*made["re_answers"], told]
    return Amendment(
        kind="re-answered",
        by=giver,
        actor="patient",
        document=made,
        entry={"question_id": opened.question.id, "step": opened.step.slug},
        urgency=changed_urgency(old, made),
        private=has_private_sign(made),
        lane=lane_after_answer(made),
        owner=owners(old, made),
    )


def _set_aside(opened: Opened) -> dict[str, Any]:
    """The danger signs as they were answered before."""
    document = opened.found.document
    keys = keys_of(opened.step)
    before = {key: value for key, value in opened.before.items() if key in keys}
    return {"at": document["screened_at"] or document["sent_at"], "answers": before}


def mail_words(address: str, code: str, question: Asked) -> tuple[str, str]:
    """Subject and body of the mail with the link: nothing of the person, nothing of health."""
    here, until = clinic(), day_in_words(at_the_clinic(question.until))
    parts = (
        _(
            "%(clinic)s has a question about your form. Here is your link:",
            clinic=here.outside_name,
        ),
        address,
        _("It works until %(day)s. You need the date of birth too.", day=until),
        _("If the link does not work, type this code: %(code)s", code=code),
        "\n".join(spelled(code)),
        _("Do you have a question? Call us at %(phone)s.", phone=here.phone),
    )
    body = "\n\n".join(str(part) for part in parts) + "\n"
    return _("A question about your form"), body
