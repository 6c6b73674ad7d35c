"""Notices to the clinic that somebody needs a call: by mail, to another program, or both."""

from __future__ import annotations

from flask import current_app

from intake import webhook
from intake.store import notices
from intake.store.jobs import Job
from intake.web.visit import clinic, store

SUBJECT = "Intake: look at the work list"
BODY = """\
Something urgent arrived{reference}.

Look at the work list: it says who needs a call.

This mail holds nothing of what was answered.
"""


def hand_on(notice: Job) -> None:
    """Make the mail and the post that the clinic's file asks for."""
    here, mail = clinic(), None
    if here.notice_email is not None:
        reference = notice.document["reference"]
        told = f": {reference}" if reference else ""
        body = BODY.format(reference=told)
        mail = {"to": here.notice_email, "subject": SUBJECT, "body": body}
    notices.hand_on(store(), notice, mail=mail, webhook=here.notice_webhook is not None)


def post(job: Job) -> None:
    """Post one notice; raises `WebhookFailed`."""
    here, secret = clinic(), current_app.extensions["settings"].webhook_secret
    if here.notice_webhook is None or not secret:
        raise webhook.WebhookFailed("off")
    notice = {
        "clinic": here.slug,
        **{key: job.document[key] for key in ("reference", "kind", "at")},
    }
    webhook.post(here.notice_webhook, secret, notice, id=job.id, at=store().clock())
