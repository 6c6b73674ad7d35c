"""A clinic's staff at the test client, and responses that are there for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask

from intake.config import Clinic
from intake.report.document import ClinicHead, sent_document
from intake.store import Store, responses, staff
from intake.store.staff import Staff
from tests.unit.whole_patient import changed
from tests.web.browser import Patient

PASSWORD = "correct horse battery"
ROLES = ("doctor", "admin", "front_desk")


def store_of(app: Flask) -> Store:
    found: Store = app.extensions["store"]
    return found


def clinic_of(app: Flask, slug: str = "") -> Clinic:
    found: Clinic = app.extensions["clinics"][slug] if slug else app.extensions["default_clinic"]
    return found


def hired(app: Flask, role: str, *, clinic: str = "") -> Staff:
    """A new member of staff, whose username is the role."""
    return staff.add(
        store_of(app), clinic_of(app, clinic).id, role, f"Pat {role.title()}", role, PASSWORD
    )


def logged_in(app: Flask, role: str, *, clinic: str = "") -> Patient:
    """A browser at the work list."""
    hired(app, role, clinic=clinic)
    browser = Patient(app)
    browser.open(f"/c/{clinic}/clinic" if clinic else "/clinic")
    enter(browser, role)
    return browser


def enter(browser: Patient, username: str, password: str = PASSWORD) -> str:
    """Fill in the log-in on the page; where that leads."""
    return browser.send({"username": username, "password": password}, form="log-in")


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
        name=str(given["name"]),
        born_on=date.fromisoformat(str(given["born_on"])),
    )
    return draft.reference
