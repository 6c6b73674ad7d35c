"""What the events of the audit are called, for who reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from intake.store import trail

_ID = re.compile(r"[0-9a-f]{32}")

GROUPS = (
    (
        _l("Read"),
        {
            "work_list_read": _l("Read the work list"),
            "work_list_searched": _l("Searched the work list"),
            "response_read": _l("Opened a response"),
            "summary_read": _l("Opened a PDF"),
            "corrections_read": _l("Opened the list of corrections"),
            "correction_opened": _l("Opened a correction"),
            "earlier_read": _l("Opened an earlier response"),
            "response_compared": _l("Compared with an earlier response"),
            "work_row_read": _l("Opened a row of the work list"),
            "question_read": _l("Opened a question to a patient"),
            "invitations_read": _l("Read the invitations"),
            "invitation_read": _l("Opened an invitation"),
            "calibration_read": _l("Read the calibration"),
            "calibration_exported": _l("Downloaded the calibration"),
            "fhir_exported": _l("Took out a response as FHIR"),
            "audit_read": _l("Read the audit"),
            "audit_exported": _l("Downloaded the audit"),
        },
    ),
    (
        _l("Responses"),
        {
            "draft_started": _l("Began a form"),
            "draft_saved": _l("Saved a form"),
            "draft_resumed": _l("Came back to a form"),
            "draft_looked_up": _l("Looked up a form that was begun"),
            "draft_removed": _l("Removed a form"),
            "session_unlocked": _l("Unlocked a form"),
            "unlock_refused": _l("Was refused at a locked form"),
            "code_issued": _l("Got a code to come back"),
            "code_refused": _l("Was refused with a code"),
            "code_void": _l("Made a code void"),
            "link_mailed": _l("Had a link mailed"),
            "response_sent": _l("Sent a response"),
            "response_answered": _l("Answered again"),
            "response_asked": _l("Asked the patient again"),
            "question_asked": _l("Made a question to a patient"),
            "question_mailed": _l("Mailed a question to a patient"),
            "question_link_renewed": _l("Made a new link to a question"),
            "question_withdrawn": _l("Took a question back"),
            "question_void": _l("Made a question void"),
            "response_corrected": _l("Corrected a response"),
            "response_marked_read": _l("Marked a response read"),
            "response_decided": _l("Decided"),
            "response_noted": _l("Wrote a note"),
            "response_called": _l("Called"),
            "response_planned": _l("Made a plan"),
            "response_moved": _l("Moved a response"),
            "response_assigned": _l("Assigned a response"),
            "rescored": _l("Judged a response by newer rules"),
            "response_matched": _l("Matched responses of one person"),
            "response_parted": _l("Parted responses"),
            "notice_made": _l("Told the clinic of something urgent"),
            "call_requested": _l("Asked for a call"),
            "call_listed": _l("Listed a call"),
            "call_logged": _l("Called somebody who did not send"),
            "call_closed": _l("Closed a call"),
            "call_reopened": _l("Opened a call again"),
        },
    ),
    (
        _l("Invitations"),
        {
            "invitation_made": _l("Made an invitation"),
            "invitation_mailed": _l("Mailed an invitation"),
            "invitation_opened": _l("Opened an invitation's link"),
            "invitation_refused": _l("Was refused at an invitation"),
            "invitation_reminded": _l("Mailed a reminder"),
            "invitation_void": _l("Made an invitation void"),
            "paper_opened": _l("Opened an invitation to type a paper in"),
            "paper_printed": _l("Printed the form on paper"),
            "paper_begun": _l("Began to type a paper in"),
            "reminder_failed": _l("Could not mail a reminder"),
            "reminders_stopped": _l("Stopped the reminders"),
        },
    ),
    (
        _l("Log-ins and accounts"),
        {
            "password_accepted": _l("Gave the right password"),
            "logged_in": _l("Logged in"),
            "log_in_refused": _l("Refused a log-in"),
            "access_refused": _l("Was refused a page of another role"),
            "logged_out_everywhere": _l("Logged out everywhere"),
            "password_changed": _l("Changed a password"),
            "password_set": _l("Set a password"),
            "app_set": _l("Set a code app"),
            "app_added": _l("Added a code app"),
            "app_replaced": _l("Replaced a code app"),
            "app_removed": _l("Removed a code app"),
            "code_of_app_refused": _l("Refused a code of an app"),
            "passkey_added": _l("Added a passkey"),
            "passkey_refused": _l("Refused a passkey"),
            "passkey_removed": _l("Removed a passkey"),
            "passkey_copied": _l("Refused a passkey that may be a copy"),
            "sign_on_linked": _l("Linked a work account"),
            "sign_on_unlinked": _l("Removed the link to a work account"),
            "sign_on_refused": _l("Refused a log-in by single sign-on"),
            "recovery_codes_issued": _l("Got recovery codes"),
            "recovery_code_used": _l("Used a recovery code"),
            "staff_added": _l("Added an account"),
            "staff_invited": _l("Invited somebody"),
            "staff_invitation_mailed": _l("Mailed an invitation to staff"),
            "staff_reset": _l("Reset a log-in"),
            "staff_disabled": _l("Disabled an account"),
            "staff_enabled": _l("Enabled an account"),
            "staff_role_doctor": _l("Made somebody a doctor"),
            "staff_role_admin": _l("Made somebody an administrator"),
            "staff_role_front_desk": _l("Made somebody front desk"),
            "token_made": _l("Made a token for a program"),
            "token_revoked": _l("Revoked a token"),
            "test_mail_sent": _l("Sent a mail to try the mail server"),
            "test_mail_failed": _l("Could not send a mail to try the mail server"),
        },
    ),
    (
        _l("Running the machine"),
        {
            "emergency_begun": _l("Gave emergency access as a doctor"),
            "emergency_ended": _l("Ended emergency access"),
            "purged": _l("Removed what was old"),
            "draft_purged": _l("Removed a form that was never sent"),
            "response_purged": _l("Removed a response after its time"),
            "person_exported": _l("Wrote out all that is held on a person"),
            "response_erased": _l("Erased a response"),
            "keys_changed": _l("Began to seal with another key"),
            "keys_rotated": _l("Sealed everything with the new key"),
            "key_retired": _l("Gave up an old key"),
            "backup_made": _l("Made a backup"),
            "backup_restored": _l("Restored a backup"),
        },
    ),
)
"""(title, words by action), in the order of the list to choose from."""

ACTIONS = {action: words for _title, group in GROUPS for action, words in group.items()}
ACTORS = {
    trail.STAFF: _l("Everybody at the clinic"),
    "patient": _l("Patients"),
    "system": _l("The program"),
}


def action_words(action: str) -> str:
    """What was done; the fixed word itself, readable, where nothing better is known."""
    return str(ACTIONS.get(action) or _plain(action))


def actor_words(actor: str, names: Mapping[str, str]) -> str:
    """Who did it: a member of staff's name, or what kind of actor it was."""
    kind, _colon, id = actor.partition(":")
    if kind == trail.STAFF:
        return names.get(id) or _("Somebody without an account")
    words = {"patient": _("Patient"), "system": _("The program"), "token": _("A program")}
    return words.get(kind) or _plain(kind)


def detail_words(detail: str, names: Mapping[str, str]) -> str:
    """What stands beside it: a name for a member of staff's id, nothing for another id."""
    if _ID.fullmatch(detail):
        return names.get(detail, "")
    return _plain(detail).lower()


def _plain(word: str) -> str:
    return word.replace("_", " ").replace("-", ", ").capitalize()
