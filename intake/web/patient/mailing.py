"""The link to come back, by e-mail: offered where the clinic can send, asked for by the person."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address

import structlog
from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake import mail
from intake.config import Settings
from intake.store import mailing
from intake.web.access import patient
from intake.web.codes import code_until, give_code, live_code, return_link
from intake.web.language import day_in_words
from intake.web.patient.blueprint import pages, visit
from intake.web.patient.leaving import later_page, sends_mail
from intake.web.replies import leave_to, stay
from intake.web.spelling import spelled
from intake.web.visit import Visit, clinic, reread, store

log = structlog.get_logger("intake.web")


@pages.post("/form/later/mail")
@patient
def mail_link() -> ResponseReturnValue:
    """Send the link once; the address goes into no log and no document."""
    opened, to = visit(), request.form.get("to", "").strip()
    born_on = opened.born_on
    if not sends_mail() or born_on is None:
        return leave_to(url_for(".later"))
    if not mail.is_address(to):
        problem = _("Write the e-mail address like this: name@example.com.")
        return stay(later_page(opened, mail_problem=problem, to=to))
    if not mailing.take(store(), opened.draft, to):
        problem = _("No more e-mails today. Write the code down, or print the card.")
        return stay(later_page(opened, mail_problem=problem, to=to))
    if live_code(opened) is None:
        give_code(opened, born_on)
        opened = reread(opened)
    try:
        _send(opened, to)
    except mail.MailFailed as failed:
        log.warning("mail_failed", reason=failed.reason)
        mailing.give_back(store(), opened.draft, to)
        problem = _("We could not send the e-mail just now. Your code works without it.")
        return stay(later_page(opened, mail_problem=problem, to=to), 503)
    log.info("mail_sent")
    mailing.sent(store(), opened.draft)
    return leave_to(url_for(".later", mailed=1))


def _send(opened: Visit, to: str) -> None:
    settings: Settings = current_app.extensions["settings"]
    here, code, until = clinic(), live_code(opened), code_until(opened)
    if here.email is None or code is None or until is None:
        raise mail.MailFailed("no_code")
    mail.send(
        settings,
        to=to,
        subject=_("Your link to the intake form"),
        body=_body(code, until),
        sender=Address(here.outside_name, addr_spec=here.email),
    )


def _body(code: str, until: datetime) -> str:
    """Nothing of the person and nothing of health: mail is read by others on its way."""
    here = clinic()
    parts = (
        _(
            "Here is your link to go on with the intake form of %(clinic)s:",
            clinic=here.outside_name,
        ),
        return_link(code),
        _("It works until %(day)s. You need the date of birth too.", day=day_in_words(until)),
        _("If the link does not work, type this code: %(code)s", code=code),
        "\n".join(spelled(code)),
        _("Do you have a question? Call us at %(phone)s.", phone=here.phone),
        _("If you did not ask for this, ignore it."),
    )
    return "\n\n".join(str(part) for part in parts) + "\n"
