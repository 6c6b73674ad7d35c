"""Inviting patients: make a link, hand it over in one of three ways, see what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import structlog
from flask import Response, abort, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from intake import mail
from intake.config import Settings
from intake.languages import english_name
from intake.questionnaire.model import Choice, Kind, Question, Step
from intake.questionnaire.values import first_day
from intake.report.renderer import PAPER_FORM, RenderFailed, render_slowly
from intake.store import audit, invitations, jobs, mailing, responses
from intake.store.invitations import FILTERS, OPEN, Guest, Invitation
from intake.store.staff import Staff
from intake.web import invitation_mail, metrics, paper_form
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, person
from intake.web.clinic import naming
from intake.web.clinic.blueprint import error_page, pages
from intake.web.forms import StepForm
from intake.web.language import speak_in
from intake.web.patient.invited import filled_in
from intake.web.qr import qr
from intake.web.questionnaire import BORN_ON, NAME
from intake.web.replies import leave_to, stay
from intake.web.spelling import spelled
from intake.web.visit import (
    TYPISTS,
    Visit,
    clinic,
    open_paper,
    save,
    store,
    today,
    whole,
    without_private_cards,
)

log = structlog.get_logger("intake.web")

APPOINTMENT, EMAIL, LANGUAGE = "appointment_on", "email", "language"
MISTYPED = _l("Enter the whole date, with month, day and year.")

STATES = {
    "open": _l("Open"),
    "made": _l("Not opened yet"),
    "opened": _l("Opened"),
    "started": _l("Started"),
    "sent": _l("Sent"),
    "expired": _l("Expired"),
    "void": _l("Void"),
}


def _questions() -> Step:
    """Whom to invite; the language only where the clinic speaks several."""
    return Step(
        slug="invitation",
        title="Invite a patient",
        section="",
        questions=(
            naming.name(hint="Of the person with MS.", most=invitations.NAME_LENGTH),
            naming.born_on(hint="The link opens only with it."),
            Question(
                key=APPOINTMENT,
                kind=Kind.DATE,
                text="Appointment",
                label="Appointment",
                hint="Leave it blank if there is none yet.",
                error="Enter the day of the appointment: today or later.",
                clinical=False,
                future=True,
            ),
            Question(
                key=EMAIL,
                kind=Kind.LINE,
                text="E-mail address",
                label="E-mail",
                hint="Only if they agreed to get mail there. Others may read it on its way.",
                error="Write the e-mail address like this: name@example.com.",
                max_characters=200,
                input="email",
                clinical=False,
            ),
            *_language(),
        ),
    )


def _language() -> tuple[Question, ...]:
    codes = clinic().languages
    if len(codes) < 2:
        return ()
    return (
        Question(
            key=LANGUAGE,
            kind=Kind.CHOICE,
            text="Language",
            label="Language",
            error="Choose the language.",
            choices=tuple(Choice(code, english_name(code)) for code in codes),
            clinical=False,
            required=True,
        ),
    )


@pages.get("/invitations")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def invitation_list() -> ResponseReturnValue:
    """Who was invited, in one state, a page at a time."""
    state = request.args.get("state", OPEN)
    if state not in FILTERS:
        abort(404)
    after = request.args.get("after")
    rows = invitations.listed(store(), clinic().id, state, after=after, limit=invitations.PAGE + 1)
    return _list_page(rows, state, after=after)


@pages.post("/invitations/find")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def find_invitations() -> ResponseReturnValue:
    """The invitations of a birth date, in any state; posted, as it stands in no address."""
    try:
        born_on = date.fromisoformat(request.form.get("born_on", ""))
    except ValueError:
        rows = invitations.listed(store(), clinic().id, limit=invitations.PAGE + 1)
        return stay(_list_page(rows, OPEN, errors=[("born_on", str(MISTYPED))]))
    rows = [
        found
        for state in (OPEN, "sent", "expired", "void")
        for found in invitations.listed(store(), clinic().id, state, born_on=born_on)
    ]
    return _list_page(rows[: invitations.PAGE], "", born_on=born_on)


@pages.get("/invitations/new")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def new_invitation() -> ResponseReturnValue:
    """Ask whom to invite."""
    return _form_page(StepForm(_questions(), {}, {}, today()))


@pages.post("/invitations/new")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def make_invitation() -> ResponseReturnValue:
    """Make a link and show how to hand it over."""
    form = StepForm(_questions(), {}, {}, today(), request.form)
    is_valid = form.validate()
    given = form.accept()
    errors = list(form.errors_in_order()) + _more_errors(given)
    born_on = first_day(str(given.get(BORN_ON, "")))
    if not is_valid or errors or born_on is None:
        return stay(_form_page(form, errors))
    appointment = first_day(str(given[APPOINTMENT])) if APPOINTMENT in given else None
    guest = Guest(
        str(given[NAME]),
        born_on,
        str(given.get(EMAIL, "")),
        str(given.get(LANGUAGE, clinic().languages[0])),
    )
    made = invitations.make(
        store(),
        clinic().id,
        guest,
        home=patients_page("invited", external=True),
        by=person().actor,
        appointment_on=appointment,
    )
    if request.form.get("then") == "paper" and person().role in TYPISTS:
        return begin(made.id)
    return leave_to(url_for(".invitation", id=made.id, done="made"))


@pages.get("/invitations/<id>")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def invitation(id: str) -> ResponseReturnValue:
    """One invitation: three ways to hand it over, and what became of it."""
    return _page(_find(id))


@pages.post("/invitations/<id>/mail")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def mail_invitation(id: str) -> ResponseReturnValue:
    """Send the link to the address of the invitation."""
    found = _find(id)
    to = found.guest.email
    may = found.is_live and to and _sends_mail() and _begun(found) != "patient"
    if not may or invitation_mail.is_held_back(store(), clinic(), found):
        return leave_to(url_for(".invitation", id=id))
    if not mailing.take(store(), found, to):
        return stay(_page(found, _("No more e-mails to this address today.")))
    letter = invitation_mail.letter(clinic(), found)
    invitations.have_mailed(store(), found, letter, by=person().actor)
    return leave_to(url_for(".invitation", id=id, done="mailed"))


@pages.get("/invitations/<id>/card")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def invitation_card(id: str) -> ResponseReturnValue:
    """The card to print, in the language of the person."""
    found = _find(id)
    if not found.is_live or _begun(found) == "patient":
        return leave_to(url_for(".invitation", id=id))
    audit.note(store(), clinic().id, person().actor, "invitation_read", detail=id)
    back = url_for(".invitation", id=id)
    speak_in(found.guest.language)
    return render_template(
        "patient/invitation_card.html",
        found=found,
        address=invitation_mail.address(found),
        until=_here(found.expires_at),
        qr=qr(found.link),
        back=back,
    )


@pages.get("/invitations/<id>/form.pdf")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def paper_pdf(id: str) -> ResponseReturnValue:
    """The whole form to print, with the name and the way to this invitation on every page."""
    found = _find(id)
    audit.note(store(), clinic().id, person().actor, "paper_printed", found.response_id, id)
    form = paper_form.collected(
        clinic(),
        found.guest.language,
        name=found.guest.name,
        code=found.code if found.is_live and _begun(found) != "patient" else "",
        # It leads staff to the page where they type it in.
        qr=str(qr(url_for(".invitation", id=id, _external=True))),
    )
    try:
        with metrics.drawing(PAPER_FORM):
            drawn = render_slowly(form, PAPER_FORM)
    except RenderFailed:
        log.error("pdf_failed", request_id=g.request_id)
        return error_page(
            503,
            _("The form could not be drawn just now"),
            _("Try again in a minute."),
            again=url_for(".paper_pdf", id=id),
        )
    reply = Response(drawn, mimetype="application/pdf")
    # A file's name is seen where the file is not: it tells neither who nor what.
    reply.headers["Content-Disposition"] = 'attachment; filename="form.pdf"'
    return reply


@pages.post("/invitations/<id>/paper")
@staff(DOCTOR, FRONT_DESK)
def type_in(id: str) -> ResponseReturnValue:
    """Open the patient's pages in this browser, to type their paper in."""
    _find(id)
    return begin(id)


def begin(id: str) -> ResponseReturnValue:
    """Begin to type the paper of an invitation, or go on where somebody stopped."""
    by = person()
    draft = invitations.type_in(store(), clinic().id, id, _paper, by=by.actor)
    if draft is None:
        return leave_to(url_for(".invitation", id=id, done="theirs"))
    audit.note(store(), clinic().id, by.actor, "paper_opened", draft.id)
    opened = Visit(whole(draft))
    if opened.document["typist"] != by.id:
        opened = save(opened, lambda document: _take_over(document, by))
    if by.role != DOCTOR:
        opened = without_private_cards(opened)
    open_paper(opened, id)
    return leave_to(patients_page("start"))


def _paper(guest: Guest) -> dict[str, Any]:
    by = person()
    own = {"typist": by.id, "typed_by": by.name, "paper_language": guest.language}
    return filled_in(guest) | own


def _take_over(document: dict[str, Any], by: Staff) -> None:
    document["typist"] = by.id
    names = document["typed_by"].split(", ")
    if by.name not in names:
        document["typed_by"] = ", ".join([*names, by.name])


@pages.post("/invitations/<id>/link")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def new_link(id: str) -> ResponseReturnValue:
    """A new link in place of this one."""
    if _begun(_find(id)) == "patient":
        return leave_to(url_for(".invitation", id=id, done="theirs"))
    new = invitations.reissue(store(), clinic().id, id, by=person().actor)
    if new is None:
        return leave_to(url_for(".invitation", id=id))
    return leave_to(url_for(".invitation", id=new.id, done="renewed"))


@pages.post("/invitations/<id>/withdraw")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def withdraw_invitation(id: str) -> ResponseReturnValue:
    """Have the link open nothing any more."""
    _find(id)
    invitations.withdraw(store(), clinic().id, id, by=person().actor)
    return leave_to(url_for(".invitation", id=id, done="withdrawn"))


def _find(id: str) -> Invitation:
    return invitations.get(store(), clinic().id, id) or abort(404)


def patients_page(endpoint: str, *, external: bool = False) -> str:
    """Where a page of this clinic's patients stands, seen from the staff's side."""
    if not (request.blueprint or "").endswith("_of"):
        return url_for(f"patient.{endpoint}", _external=external)
    slug = clinic().slug
    return url_for(f"patient_of.{endpoint}", clinic_slug=slug, _external=external)


def _more_errors(given: object) -> list[tuple[str, str]]:
    """What the kinds of the fields do not know."""
    answers = given if isinstance(given, dict) else {}
    errors = []
    if str(answers.get(APPOINTMENT, "9999")) < today().isoformat():
        error = _("Enter the day of the appointment: today or later.")
        errors.append((f"{APPOINTMENT}-month", error))
    if answers.get(EMAIL) and not mail.is_address(str(answers[EMAIL])):
        errors.append((EMAIL, _("Write the e-mail address like this: name@example.com.")))
    return errors


def _sends_mail() -> bool:
    settings: Settings = current_app.extensions["settings"]
    return settings.mail is not None and clinic().email is not None


def _here(at: datetime) -> datetime:
    return at.astimezone(clinic().zone)


def _form_page(form: StepForm, errors: list[tuple[str, str]] | None = None) -> str:
    return render_template(
        "clinic/new_invitation.html",
        form=form,
        errors=errors or [],
        types=person().role in TYPISTS,
    )


def _list_page(
    rows: list[Invitation],
    state: str,
    *,
    after: str | None = None,
    born_on: date | None = None,
    errors: list[tuple[str, str]] | None = None,
) -> str:
    audit.note(store(), clinic().id, person().actor, "invitations_read", detail=state or "found")
    shown = rows[: invitations.PAGE]
    return render_template(
        "clinic/invitations.html",
        rows=shown,
        state=state,
        states=STATES,
        filters=FILTERS,
        counts=invitations.counts(store(), clinic().id),
        more=invitations.cursor(shown[-1]) if len(rows) > invitations.PAGE else None,
        is_first=not after,
        born_on=born_on,
        errors=errors or [],
        at=_here,
    )


def _page(found: Invitation, problem: str = "") -> str:
    """Whom it is for, and what became of it; that it was read is noted before it leaves."""
    audit.note(store(), clinic().id, person().actor, "invitation_read", detail=found.id)
    with force_locale(found.guest.language.replace("-", "_")):
        groups = spelled(found.code)
    return render_template(
        "clinic/invitation.html",
        found=found,
        states=STATES,
        address=invitation_mail.address(found),
        groups=groups,
        language_name=english_name(found.guest.language),
        mails=_sends_mail(),
        mail_state=jobs.state(store(), clinic().id, "mail", found.id),
        begun=_begun(found),
        held_back=found.is_live and invitation_mail.is_held_back(store(), clinic(), found),
        types=person().role in TYPISTS,
        problem=problem,
        notice="" if problem else _notice(),
        at=_here,
    )


def _begun(found: Invitation) -> str:
    """Who began the form: "patient", "staff" by typing a paper in, or ""."""
    draft = responses.draft(store(), clinic().id, found.response_id or "")
    if draft is None:
        return ""
    return "staff" if invitations.is_typed(draft.document) else "patient"


def _notice() -> str:
    said = {
        "made": _("The invitation is made. Hand it over in one of these ways."),
        "mailed": _("The e-mail will be sent within a minute."),
        "renewed": _("This is the new link. The old one opens nothing any more."),
        "withdrawn": _("The link opens nothing any more."),
        "theirs": _("They began the form themselves, or it is sent. Their answers stay their own."),
    }
    return said.get(request.args.get("done", ""), "")
