"""Doing the jobs that wait: in a thread of each web worker, or by `flask intake work`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from email.headerregistry import Address

import structlog
from flask import Flask, current_app, g

from intake import mail
from intake.report.renderer import RenderFailed
from intake.store import StoreError, StoreUnavailable, invitations, jobs, responses
from intake.store.jobs import Job
from intake.web import invitation_mail, notices
from intake.web.drawing import summary_of
from intake.web.visit import clinic, store
from intake.webhook import WebhookFailed

log = structlog.get_logger("intake.work")

POLL_SECONDS = 2.0
AT_MOST = 100
# Waiting does not mend these.
LASTING = frozenset({"off", "address", "header", "no_sender"})


class JobFailed(Exception):
    """The job cannot be done now; `fault` is a fixed word, `for_good` that trying is no use."""

    def __init__(self, fault: str, *, for_good: bool = False) -> None:
        super().__init__(fault)
        self.fault = fault
        self.for_good = for_good


def send_mail(job: Job) -> None:
    """Send {"to", "subject", "body"}, and perhaps "one_click_at", in the clinic's name."""
    here, settings = clinic(), current_app.extensions["settings"]
    if here.email is None:
        raise JobFailed("no_sender", for_good=True)
    said = job.document
    if not _is_wanted(job):
        return
    try:
        mail.send(
            settings,
            to=said["to"],
            subject=said["subject"],
            body=said["body"],
            sender=Address(here.outside_name, addr_spec=here.email),
            # A job from before there was one click holds the page instead.
            stop_at=said.get("one_click_at") or said.get("stop_at", ""),
            one_click="one_click_at" in said,
        )
    except mail.MailFailed as failed:
        raise JobFailed(failed.reason, for_good=failed.reason in LASTING) from None


def _is_wanted(job: Job) -> bool:
    """Whether a mail about an invitation still makes sense; any other does."""
    about = job.document.get("about")
    if about is None:
        return True
    found = invitations.get(store(), job.clinic_id, job.subject)
    if found is None or not found.is_live:
        return False
    if invitation_mail.is_held_back(store(), clinic(), found):
        return False
    return about != invitation_mail.REMINDER or found.stopped_at is None


def draw_summary(job: Job) -> None:
    """Draw the doctor's PDF of a response and keep it, so that a click only reads it."""
    found = responses.sent_by_id(store(), clinic().id, job.subject)
    if found is None:
        return
    try:
        summary_of(found)
    except RenderFailed:
        raise JobFailed("pdf_failed") from None


def post_notice(job: Job) -> None:
    """Tell the clinic's other program."""
    try:
        notices.post(job)
    except WebhookFailed as failed:
        raise JobFailed(failed.reason, for_good=failed.reason in LASTING) from None


HANDLERS: dict[str, Callable[[Job], None]] = {
    "mail": send_mail,
    "summary": draw_summary,
    "notice": notices.hand_on,
    "webhook": post_notice,
}
"""By kind of job, what does it."""


def run_due(app: Flask, *, at_most: int = AT_MOST, stop: threading.Event | None = None) -> int:
    """Do every job that is due, of all clinics; how many were tried.

    Raises `StoreUnavailable` when the database does not answer.
    """
    opened = app.extensions["store"]
    for tried in range(at_most):
        job = None if stop and stop.is_set() else jobs.take(opened)
        if job is None:
            return tried
        _do(app, job)
    return at_most


def _do(app: Flask, job: Job) -> None:
    opened = app.extensions["store"]
    with app.app_context():
        fault, for_good = _tried(app, job)
    if not fault:
        jobs.finish(opened, job)
        return
    is_last = jobs.fail(opened, job, fault, for_good=for_good)
    log.warning("job_failed" if is_last else "job_put_off", kind=job.kind, reason=fault)


def _tried(app: Flask, job: Job) -> tuple[str, bool]:
    """("", False) when it is done, else why not and whether for good."""
    here = {each.id: each for each in app.extensions["clinics"].values()}.get(job.clinic_id)
    if here is None or job.kind not in HANDLERS:
        return "unknown", True
    g.clinic = here
    try:
        HANDLERS[job.kind](job)
    except JobFailed as failed:
        return failed.fault, failed.for_good
    except StoreUnavailable:
        raise
    except Exception as error:
        # Its kind alone: the words may quote an answer.
        return type(error).__name__[:64], False
    return "", False


class Worker:
    """A thread that does jobs while this process serves."""

    def __init__(self, app: Flask, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._app = app
        self._poll_seconds = poll_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="work", daemon=True)

    def start(self) -> None:
        """Begin, after the fork: a thread does not come along into a child process."""
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Let the job at hand come to its end; one that takes longer is done again later."""
        self._stop.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.wait(self._poll_seconds):
            try:
                run_due(self._app, stop=self._stop)
            except StoreError as error:
                log.warning("work_waits", reason=type(error).__name__)
