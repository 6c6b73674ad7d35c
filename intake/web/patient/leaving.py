"""Stopping for now: what is kept, the code to come back, and a card to print."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from intake.config import Settings
from intake.store import sessions
from intake.web.access import patient
from intake.web.codes import at_the_clinic, code_until, give_code, live_code, return_link
from intake.web.patient.blueprint import pages, visit
from intake.web.patient.ways import first_open
from intake.web.qr import qr
from intake.web.replies import leave_to
from intake.web.visit import TOKEN, Visit, clinic, store

EMAIL = "email"


@pages.get("/form/later")
@patient
def later() -> ResponseReturnValue:
    """How to come back; with the code once there is one."""
    return later_page(visit(), mailed=request.args.get("mailed") == "1")


def later_page(opened: Visit, *, mailed: bool = False, mail_problem: str = "", to: str = "") -> str:
    """The page's HTML; `mail_problem` is why no mail went to the address `to`."""
    given_out = opened.document["given_out"]
    return render_template(
        "patient/later.html",
        code=live_code(opened),
        address=come_back_at(),
        until=code_until(opened),
        here_until=here_until(),
        has_born_on=opened.born_on is not None,
        had_code=opened.document["resume_code"] is not None,
        given_out=at_the_clinic(datetime.fromisoformat(given_out)) if given_out else None,
        goes_on_at=first_open(opened),
        mails=sends_mail(),
        mailed=mailed,
        mail_problem=mail_problem,
        to=to or opened.answers.get(EMAIL, ""),
    )


def come_back_at() -> str:
    """The address as a person types it."""
    return url_for(".come_back", _external=True).partition("://")[2]


@pages.post("/form/later")
@patient
def issue_code() -> ResponseReturnValue:
    """Make a code; an earlier one stops working."""
    born_on = visit().born_on
    if born_on is not None:
        give_code(visit(), born_on)
    return leave_to(url_for(".later"))


@pages.get("/form/later/card")
@patient
def card() -> ResponseReturnValue:
    """The code on a sheet to print, for a handbag or a kitchen wall: no name, nothing of health."""
    code = live_code(visit())
    if code is None:
        return leave_to(url_for(".later"))
    return render_template(
        "patient/card.html",
        code=code,
        until=code_until(visit()),
        address=come_back_at(),
        qr=qr(return_link(code)),
    )


@pages.get("/form/stop")
@patient
def stopped() -> ResponseReturnValue:
    """What is kept, and how to come back."""
    return render_template(
        "patient/stopped.html",
        here_until=here_until(),
        has_born_on=visit().born_on is not None,
        goes_on_at=first_open(visit()),
    )


def sends_mail() -> bool:
    """Whether this deployment sends mail and this clinic has an address to send it from."""
    settings: Settings = current_app.extensions["settings"]
    return settings.mail is not None and clinic().email is not None


def here_until() -> datetime | None:
    """Until when the form opens on this device without a code."""
    row = sessions.read(store(), str(session.get(TOKEN, "")))
    return at_the_clinic(row.expires_at) if row else None
