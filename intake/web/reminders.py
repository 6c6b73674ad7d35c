"""Reminding people of their invitation: rarely, never after sending, never twice in a day.

Each reminder is claimed in the transaction that adds its mail to the jobs, so that two timers at
once send one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from flask import current_app

from intake.config import Clinic, Settings
from intake.store import Store, invitations, mailing
from intake.store.invitations import Invitation
from intake.web import invitation_mail

log = structlog.get_logger("intake.web")


@dataclass
class Outcome:
    """How many are on their way, and how many were one too many for a day."""

    sent: int = 0
    failed: int = 0


def send_due() -> Outcome:
    """Send every reminder that is due now, of all clinics that send mail."""
    store: Store = current_app.extensions["store"]
    settings: Settings = current_app.extensions["settings"]
    outcome = Outcome()
    for clinic in current_app.extensions["clinics"].values():
        if settings.mail is None or clinic.email is None:
            continue
        for invitation in invitations.to_remind(store, clinic.id):
            if not is_due(invitation, clinic, store.clock()):
                continue
            if not invitation_mail.is_held_back(store, clinic, invitation):
                _remind(store, clinic, invitation, outcome)
    log.info("reminders_sent", count=outcome.sent)
    return outcome


def is_due(invitation: Invitation, clinic: Clinic, now: datetime) -> bool:
    """Whether a day for a reminder has come since the last mail and the day of the invitation."""
    today = now.astimezone(clinic.zone).date()
    if not invitation.guest.email or today > (invitation.appointment_on or today):
        return False
    last = max(
        at.astimezone(clinic.zone).date()
        for at in (invitation.created_at, invitation.reminded_at)
        if at is not None
    )
    return any(last < day <= today for day in _days(invitation, clinic))


def _days(invitation: Invitation, clinic: Clinic) -> list[date]:
    if invitation.appointment_on is not None:
        return [invitation.appointment_on - timedelta(n) for n in clinic.remind_days_before]
    made_on = invitation.created_at.astimezone(clinic.zone).date()
    return [made_on + timedelta(n) for n in clinic.remind_days_after]


def _remind(store: Store, clinic: Clinic, invitation: Invitation, outcome: Outcome) -> None:
    to = invitation.guest.email
    if not mailing.take(store, invitation, to):
        outcome.failed += 1
        return
    letter = invitation_mail.letter(clinic, invitation, reminder=True)
    if not invitations.claim_reminder(store, invitation, letter):
        mailing.give_back(store, invitation, to)
        return
    outcome.sent += 1
