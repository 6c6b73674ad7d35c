"""The mails of an invitation: the link, and a reminder of it.

Nothing of the person and nothing of health: mail is read by others on its way. In the language
that the clinic chose for the person, whoever sends it.
"""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _

from intake.config import Clinic
from intake.store import BrokenSeal, Store, responses
from intake.store.invitations import Invitation
from intake.web import care
from intake.web.language import day_in_words
from intake.web.spelling import spelled

INVITATION, REMINDER = "invitation", "reminder"


def is_held_back(store: Store, clinic: Clinic, invitation: Invitation) -> bool:
    """Whether no mail goes out about a form that was begun: a private danger sign is in it.

    Who reads a mail on that device may be the one of whom the person is afraid. The same for
    every private sign, as what differs tells which one it is: a doctor calls all of them.
    """
    if not invitation.response_id:
        return False
    try:
        draft = responses.draft(store, clinic.id, invitation.response_id)
    except BrokenSeal:
        # Of what does not open nobody knows that it is not so.
        return True
    if draft is None or draft.sent:
        return False
    return care.has_private(draft.document, store.clock().astimezone(clinic.zone).date())


def letter(clinic: Clinic, invitation: Invitation, *, reminder: bool = False) -> dict[str, str]:
    """The document of the job that sends it."""
    with force_locale(invitation.guest.language.replace("-", "_")):
        subject, body = _subject(reminder=reminder), _body(clinic, invitation, reminder=reminder)
    return {
        "to": invitation.guest.email,
        "subject": subject,
        "body": body,
        "one_click_at": invitation.one_click_link,
        "about": REMINDER if reminder else INVITATION,
    }


def _subject(*, reminder: bool) -> str:
    if reminder:
        return str(_("Reminder: a form before your visit"))
    return str(_("A form before your visit"))


def _body(clinic: Clinic, invitation: Invitation, *, reminder: bool) -> str:
    code = invitation.code
    first = (
        _("%(clinic)s still waits for your form before the visit.", clinic=clinic.outside_name)
        if reminder
        else _(
            "%(clinic)s asks you to fill in a form before your visit.", clinic=clinic.outside_name
        )
    )
    parts = (
        first,
        _("Open this link. You need the date of birth too."),
        invitation.link,
        _("You can stop at any time and go on later with the same link."),
        _("If the link does not work, type this address: %(address)s", address=address(invitation)),
        _("Then type this code: %(code)s", code=code),
        "\n".join(spelled(code)),
        _(
            "It works until %(day)s.",
            day=day_in_words(invitation.expires_at.astimezone(clinic.zone)),
        ),
        _("Do you have a question? Call us at %(phone)s.", phone=clinic.phone),
        _(
            "No one watches this form. In an emergency, call %(number)s.",
            number=clinic.emergency_number,
        ),
        _("You want no more e-mails about this form? Stop them here:"),
        invitation.stop_link,
    )
    return "\n\n".join(str(part) for part in parts) + "\n"


def address(invitation: Invitation) -> str:
    """Where the code is typed, as a person types it."""
    return invitation.home.partition("://")[2]
