"""A clinic's staff at the test client, and responses that are there for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyotp
from flask import Flask
from sqlalchemy import update

from intake.config import Clinic
from intake.report.document import ClinicHead, has_private_sign, sent_document
from intake.store import Store, factors, invitations, responses, schema, staff
from intake.store.invitations import Guest, Invitation
from intake.store.staff import Staff
from tests.unit.whole_patient import changed
from tests.web.browser import Patient

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ROLES = ("doctor", "admin", "front_desk")


def store_of(app: Flask) -> Store:
    found: Store = app.extensions["store"]
    return found


def clinic_of(app: Flask, slug: str = "") -> Clinic:
    found: Clinic = app.extensions["clinics"][slug] if slug else app.extensions["default_clinic"]
    return found


def hired(app: Flask, role: str, *, clinic: str = "", username: str = "") -> Staff:
    """A new member of staff, by default named as the role, with a password and a code app."""
    known_as, name = username or role, f"Pat {role.title()}"
    person = staff.add(store_of(app), clinic_of(app, clinic).id, known_as, name, role, PASSWORD)
    assert factors.set_app(store_of(app), person, SECRET, digits(app), first=True)
    return person


def digits(app: Flask, *, later: int = 0) -> str:
    """What the app of everybody hired shows now, or so many seconds later."""
    return pyotp.TOTP(SECRET).at(int(store_of(app).clock().timestamp()) + later)


def fresh_digits(app: Flask) -> str:
    """As `digits`, and nobody used them yet: tests log in more often than every 30 seconds."""
    with store_of(app).write() as conn:
        conn.execute(update(schema.staff).values(totp_step=None))
    return digits(app)


def logged_in(app: Flask, role: str, *, clinic: str = "") -> Patient:
    """A browser at the work list."""
    hired(app, role, clinic=clinic)
    browser = Patient(app)
    browser.open(f"/c/{clinic}/clinic" if clinic else "/clinic")
    enter(browser, role)
    return browser


def enter(browser: Patient, username: str, password: str = PASSWORD, *, then: str = "") -> str:
    """Fill in the log-in on the page, and the code that is asked then; where that leads.

    `then` is the page to go to afterwards, unless the page on the screen names one.
    """
    wish = {"next": then} if then else {}
    browser.send({"username": username, "password": password} | wish, form="log-in")
    if browser.page.endswith("/log-in/code"):
        browser.send({"code": fresh_digits(browser.app)}, form="log-in/code")
    return browser.page


def sent(
    app: Flask,
    answers: Mapping[str, Any] | None = None,
    *,
    clinic: str = "",
    sealed: Mapping[str, Any] | None = None,
    **more: Any,
) -> str:
    """Send a whole patient's answers, with some changed; the reference.

    `sealed` are further arguments of `sent_document`.
    """
    here, store = clinic_of(app, clinic), store_of(app)
    draft = responses.start(store, here.id)
    given = changed(dict(answers or {}), more)
    document = sent_document(
        given,
        today=store.clock().date(),
        sent_at=store.clock(),
        clinic=ClinicHead(here.name, here.phone, here.paper, here.time_zone),
        reference=draft.reference,
        **(sealed or {}),
    )
    responses.send(
        store,
        draft,
        document,
        urgency=document["assessment"]["urgency"],
        private=has_private_sign(document),
        name=str(given["name"]),
        born_on=date.fromisoformat(str(given["born_on"])),
    )
    return draft.reference


IRIS = Guest("Iris Example", date(1971, 4, 5), "iris@example.com")


def invited(
    app: Flask, guest: Guest = IRIS, *, clinic: str = "", appointment_on: date | None = None
) -> Invitation:
    """An invitation as the front desk makes it."""
    return invitations.make(
        store_of(app),
        clinic_of(app, clinic).id,
        guest,
        home=f"http://localhost{f'/c/{clinic}' if clinic else ''}/i",
        by="staff:x",
        appointment_on=appointment_on,
    )
