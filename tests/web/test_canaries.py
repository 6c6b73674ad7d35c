"""Markup that somebody stored comes out nowhere as markup: pages, tables, FHIR, mails."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from intake import create_app
from intake.questionnaire import STEPS
from intake.questionnaire.model import WRITING
from intake.store import calls, tokens
from intake.store.invitations import Guest
from intake.web.work import run_due
from tests.web.browser import IN_PRIVATE, NO_SIGNS, Patient, strict
from tests.web.clinic_side import clinic_of, hired, invited, logged_in, sent, store_of
from tests.web.conftest import Clock
from tests.web.test_staff import MAY, ROUTES

# One for each place where a page can be broken out of; the tag is one that no page of ours has.
CANARY = "\"'><x-canary onload=alert(1)>{{7*7}}</textarea></title></script>&lt;x-canary&gt;"
LINK = "javascript:alert(1)//<x-canary>"
SHORT = "<x-canary onload=1>"
TABLES = ("clinic.answers_csv", "clinic.audit_csv", "clinic.calibration_csv")


@pytest.fixture
def app(instance: Path, clock: Clock, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """As every application here, but it writes mail into a folder."""
    app = create_app(instance, environ={"INTAKE_MAIL": "folder"}, clock=clock)
    app.jinja_env.bytecode_cache = compiled
    yield app
    app.extensions["store"].engine.dispose()


def harmless(html: str) -> None:
    """No element of the canary, no script that a page does not have by itself, no such link."""
    for element in strict(html).iter():
        tag = str(element.tag).rpartition("}")[2]
        assert tag != "x-canary", html[:200]
        assert not (tag == "script" and "".join(element.itertext()).strip()), html[:200]
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src", "action", "formaction", "data", "poster"}:
                assert not re.match(r"\s*(javascript|data|vbscript):", value, re.I), (tag, value)


def everywhere(app: Flask) -> dict[str, str]:
    """The canary in whatever somebody can type; what addresses name."""
    asked = [q for step in STEPS for q in step.questions if q.kind in WRITING]
    words = {q.key: CANARY for q in asked if q.input == "text"}
    words |= {"now_words": CANARY, "email": "x@example.com"}
    reference = sent(app, words | {"now_breath_heart": ["chest"]})
    store, here = store_of(app), clinic_of(app).id
    calls.request(store, here, None, name=CANARY, phone=LINK, urgency="same_day", cards=["E3a"])
    tokens.make(store, here, SHORT, days=30, by="system")
    invitation = invited(app, Guest(CANARY, date(1971, 4, 5), "iris@example.com"))
    person = hired(app, "front_desk", username="other")
    return {"reference": reference, "invitation": invitation.id, "id": person.id}


def written_by_a_doctor(app: Flask, things: dict[str, str]) -> Patient:
    """The same by staff: note, call, plan, decision and a question to the patient."""
    browser = logged_in(app, "doctor")
    address = f"/clinic/responses/{things['reference']}"
    decision = {"urgency": "soon", "band": "possible", "reason": CANARY, "action": "decide"}
    for form, fields in (
        ("/notes", {"note": CANARY}),
        ("/calls", {"outcome": "reached", "call-note": CANARY}),
        ("/plan", {"plan": "call", "plan-note": CANARY}),
        ("/decision", decision),
    ):
        browser.open(address)
        browser.send(fields, form=form)
    return browser


def test_every_page_of_staff_is_harmless(app: Flask) -> None:
    things = everywhere(app)
    doctor = written_by_a_doctor(app, things)
    seen = set()
    for browser in (doctor, logged_in(app, "admin"), logged_in(app, "front_desk")):
        for endpoint in MAY:
            reply = browser.client.get(ROUTES[endpoint].format(**things))
            if reply.mimetype == "text/html":
                page = reply.get_data(as_text=True)
                harmless(page)
                seen |= {endpoint} if "x-canary" in page else set()
        for lane in ("new", "read", "waiting", "done", "call"):
            harmless(browser.client.get(f"/clinic?lane={lane}").get_data(as_text=True))
    wanted = {"clinic.queue", "clinic.response", "clinic.print_view", "clinic.handle"}
    wanted |= {"clinic.invitation", "clinic.invitation_list", "clinic.programs"}
    assert wanted <= seen, "the canary was to be seen there, as words"


def test_every_table_and_file_is_harmless(app: Flask) -> None:
    things = everywhere(app)
    doctor = written_by_a_doctor(app, things)
    formula = sent(app, name='=HYPERLINK("http://evil.example")', main_problem="@SUM(1)|cmd")
    read = 0
    for browser in (doctor, logged_in(app, "admin")):
        for endpoint in TABLES:
            reply = browser.client.get(ROUTES[endpoint])
            if reply.status_code != 200:
                continue
            text = reply.get_data(as_text=True).removeprefix("\ufeff")
            for row in csv.reader(io.StringIO(text)):
                read += 1
                assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row)
        for reference in (things["reference"], formula):
            reply = browser.client.get(f"/clinic/responses/{reference}/fhir.json")
            assert reply.mimetype == "application/fhir+json"
            assert reply.headers["Content-Disposition"].startswith("attachment; ")
            resource = json.loads(reply.get_data())
            narratives = re.findall(r"<div xmlns.*?</div>", json.dumps(resource))
            assert not any("<x-canary" in each for each in narratives)
    assert read > 8


def test_a_patients_own_pages_are_harmless(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(IN_PRIVATE)
    patient.go_on(NO_SIGNS | {"now_words": CANARY})
    patient.go_on({"now_self_harm": "no", "now_unsafe": "yes", "safe_contact": CANARY})
    patient.send(action="go")
    while patient.page != "/form/check":
        harmless(patient.html)
        step = next(step for step in STEPS if f"/form/{step.slug}" == patient.page)
        texts = {q.key: CANARY for q in step.questions if q.kind in WRITING and q.input == "text"}
        if step.slug == "about-you":
            # Refused, and shown again as it was typed.
            patient.go_on({"name": CANARY, "email": LINK, "born_on-year": SHORT})
            harmless(patient.html)
            assert patient.page == "/form/about-you"
            texts |= {"name": CANARY, "phone": "(212) 555-0199", "email": ""}
            texts |= {"born_on-month": "3", "born_on-day": "9", "born_on-year": "1975"}
        patient.go_on(texts)
    harmless(patient.html)
    assert "x-canary" in patient.text
    patient.send()
    for address in ("/form/sent", "/form/sent/copy"):
        assert patient.open(address) == address
        harmless(patient.html)
        assert "<x-canary" not in patient.html


def test_no_mail_and_no_card_carries_it(app: Flask) -> None:
    things = everywhere(app)
    browser = logged_in(app, "front_desk")
    address = f"/clinic/invitations/{things['invitation']}"
    browser.open(address)
    browser.send(form="/mail")
    browser.open(f"{address}/card")
    harmless(browser.html)
    run_due(app)
    mails = sorted((Path(app.instance_path) / "mail").glob("*.eml"))
    assert mails
    for path in mails:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert mail.get_content_type() == "text/plain"
        assert "canary" not in mail.as_string()
        assert "alert" not in mail.as_string()


@pytest.mark.parametrize(
    "address",
    [f"/form/{CANARY}", f"/i/{CANARY}", f"/clinic/responses/{CANARY}", f"/clinic?lane={CANARY}"],
)
def test_nothing_of_an_address_comes_back_as_markup(app: Flask, address: str) -> None:
    browser = logged_in(app, "doctor")
    reply = browser.client.get(address, follow_redirects=True)
    harmless(reply.get_data(as_text=True))
