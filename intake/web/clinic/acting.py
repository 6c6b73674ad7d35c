"""What staff do with a response from its page: read, decide, note, call, plan, move, give.

A form carries what its page showed. When that has changed, nothing is done: the page comes back
with what changed and with the words that were typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.questionnaire.values import normalise, printable
from intake.store import NotAllowed, StaleResponse, record
from intake.store.record import Decision, Plan, Seen
from intake.store.responses import SentResponse
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, person
from intake.web.clinic import timeline
from intake.web.clinic.blueprint import pages
from intake.web.clinic.response import Filled, find, page
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store, today

Errors = Sequence[tuple[str, str]]
NOTHING_SEEN = Seen(-1, -1)


@pages.post("/responses/<reference>/read")
@staff(DOCTOR)
def mark_read(reference: str) -> ResponseReturnValue:
    """Note that this doctor has read the version on the page."""
    found = find(reference)
    version = _seen().version
    try:
        record.mark_read(store(), clinic().id, found.id, version, by=person(), today=today())
    except StaleResponse:
        return _changed(found, "read")
    return _done(found, "read")


@pages.post("/responses/<reference>/decision")
@staff(DOCTOR)
def decide(reference: str) -> ResponseReturnValue:
    """Agree with the checklist, or keep another urgency or band with its reason."""
    found = find(reference)
    decision = _decision(found)
    errors = _wrong_with(decision, found)
    if errors:
        return stay(page(found, Filled("decide", errors)))
    try:
        record.decide(store(), clinic().id, found, decision, _seen(), by=person())
    except StaleResponse:
        return _changed(found, "decide")
    return _done(found, "decided")


@pages.post("/responses/<reference>/notes")
@staff(DOCTOR)
def add_note(reference: str) -> ResponseReturnValue:
    """Add a note for doctors."""
    found, text = find(reference), _text("note")
    errors = wrong_text("note", text, needed=_("Type the note."))
    if errors:
        return stay(page(found, Filled("note", errors)))
    record.add_note(store(), clinic().id, found.id, text, by=person())
    return _done(found, "noted")


@pages.post("/responses/<reference>/calls")
@staff(DOCTOR)
def keep_call(reference: str) -> ResponseReturnValue:
    """Keep that somebody called and how it went."""
    found = find(reference)
    outcome, note = request.form.get("outcome", ""), _text("call-note")
    errors = wrong_text("call-note", note)
    if outcome not in record.OUTCOMES:
        errors = [("outcome", _("Choose how the call went.")), *errors]
    if errors:
        return stay(page(found, Filled("call", errors)))
    record.log_call(store(), clinic().id, found.id, outcome, note, by=person())
    return _done(found, "called")


@pages.post("/responses/<reference>/plan")
@staff(DOCTOR)
def plan(reference: str) -> ResponseReturnValue:
    """Keep what happens next."""
    found = find(reference)
    what, note = request.form.get("plan", ""), _text("plan-note")
    until = _day("until") if what == "not_now" else None
    errors = wrong_text("plan-note", note)
    if what == "not_now" and (until is None or until <= today()):
        errors = [("until", _("Enter a day that is still to come.")), *errors]
    if what not in record.PLANS:
        errors = [("plan", _("Choose what happens next.")), *errors]
    if errors:
        return stay(page(found, Filled("plan", errors)))
    planned = Plan(what, until, note)
    try:
        record.plan(store(), clinic().id, found.id, planned, _seen(), by=person(), today=today())
    except StaleResponse:
        return _changed(found, "plan")
    return _done(found, "planned")


@pages.post("/responses/<reference>/back")
@staff(DOCTOR, ADMIN)
def move_back(reference: str) -> ResponseReturnValue:
    """Take it back out of "done" or "waiting"."""
    found = find(reference)
    lane = request.form.get("lane", "")
    if lane not in record.MOVES_BACK:
        return _changed(found, "move")
    try:
        record.move_back(store(), clinic().id, found.id, lane, by=person())
    except (StaleResponse, NotAllowed):
        return _changed(found, "move")
    return _done(found, "moved")


@pages.post("/responses/<reference>/assignment")
@staff(DOCTOR, ADMIN)
def give(reference: str) -> ResponseReturnValue:
    """Give it to somebody, or to nobody."""
    found, to = find(reference), request.form.get("to", "")
    if to and to not in dict(record.people(store(), clinic().id)):
        gone = _("This person cannot log in any more. Choose somebody else.")
        return stay(page(found, Filled("assign", [("to", gone)])))
    record.assign(store(), clinic().id, found.id, to, by=person())
    return _done(found, "assigned")


def _decision(found: SentResponse) -> Decision:
    """What was decided; one button takes the checklist's own result."""
    result = found.document["assessment"]
    if request.form.get("action") == "agree":
        return Decision(result["urgency"], result["band"])
    return Decision(request.form.get("urgency", ""), request.form.get("band", ""), _text("reason"))


def _wrong_with(decision: Decision, found: SentResponse) -> list[tuple[str, str]]:
    result = found.document["assessment"]
    errors = []
    if decision.urgency not in timeline.URGENCIES:
        errors.append(("urgency", _("Choose how urgent it is.")))
    if decision.band not in record.BANDS:
        errors.append(("band", _("Choose a band.")))
    agrees = (decision.urgency, decision.band) == (result["urgency"], result["band"])
    needed = "" if agrees else _("Give the reason, as this differs from the checklist.")
    return [*errors, *wrong_text("reason", decision.reason, needed=needed)]


def wrong_text(id: str, text: str, *, needed: str = "") -> list[tuple[str, str]]:
    """What is wrong with typed words; `needed` is said where there are none."""
    if needed and not text:
        return [(id, needed)]
    if len(text) > record.TEXT_LENGTH:
        most = record.TEXT_LENGTH
        return [(id, _("This is too long: %(most)s characters at most.", most=most))]
    if not printable(text):
        return [(id, _("Some characters cannot be kept. Type the text anew."))]
    return []


def _text(name: str) -> str:
    return normalise(request.form.get(name, ""))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _seen() -> Seen:
    """What the page showed; a form that does not tell has seen nothing."""
    version, _dot, rest = request.form.get("seen", "").partition(".")
    rev, _dot, _count = rest.partition(".")
    if not (version.isdecimal() and rev.isdecimal()) or len(version + rev) > 12:
        return NOTHING_SEEN
    return Seen(int(version), int(rev))


def _count_seen() -> int | None:
    """How many entries the page showed."""
    count = request.form.get("seen", "").rpartition(".")[2]
    return int(count) if count.isdecimal() and len(count) <= 6 else None


def _changed(found: SentResponse, form: str) -> ResponseReturnValue:
    """The page as it is now, with what came in between and the words that were typed."""
    newest = find(found.reference)
    return stay(page(newest, Filled(form, since=_count_seen(), is_late=True)), 409)


def _done(found: SentResponse, done: str) -> ResponseReturnValue:
    return leave_to(url_for(".response", reference=found.reference, done=done, _anchor="notice"))
