"""Every route × every role × what belongs to somebody else: it is as if it were not there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake.store import asked, factors, responses, schema, staff, tokens
from tests.web.browser import Patient, known
from tests.web.clinic_side import (
    PASSWORD,
    ROLES,
    SECRET,
    clinic_of,
    digits,
    invited,
    logged_in,
    sent,
    store_of,
)
from tests.web.test_programs import Program
from tests.web.test_staff import MAY, MAY_SEND, ROUTES

THEIRS = "birch-road"
HERS = "Hers Alone"
NOBODY = {"reference": "DDD-DDD", "invitation": "1" * 32, "id": "0" * 32}
ABOUT_SOMETHING = sorted(name for name, address in ROUTES.items() if "{" in address)
FIELDS = {
    "name": "Eve",
    "role": "admin",
    "why": "typed wrongly",
    "reason": "typed wrongly",
    "note": "words",
    "outcome": "reached",
    "plan": "call",
    "lane": "done",
    "to": "",
    "action": "agree",
    "checked": "yes",
}


def their_things(app: Flask) -> dict[str, str]:
    """One of each thing that an address can name, at the other clinic."""
    store, there = store_of(app), clinic_of(app, THEIRS)
    person = staff.add(store, there.id, "hers", HERS, "doctor", PASSWORD)
    assert factors.set_app(store, person, SECRET, digits(app), first=True)
    reference = sent(app, name=HERS, clinic=THEIRS)
    invitation = invited(app, clinic=THEIRS)
    return {"reference": reference, "invitation": invitation.id, "id": person.id}


def stored(app: Flask, clinic_id: int) -> dict[str, list[str]]:
    """All rows of a clinic."""
    found = {}
    with store_of(app).read() as conn:
        for table in schema.metadata.sorted_tables:
            if "clinic_id" in table.c:
                rows = conn.execute(select(table).where(table.c.clinic_id == clinic_id)).all()
                found[table.name] = sorted(map(repr, rows))
    return found


def told(reply: Any, things: dict[str, str]) -> tuple[int, str, str]:
    """A reply without what is new each time and without the name that was asked for."""
    text, to = reply.get_data(as_text=True), reply.headers.get("Location", "")
    text = re.sub(r'(name="(csrf_token|seal|seen)"\s+value=")[^"]*"', "", text)
    text = re.sub(r"say this number: \w+", "", text)
    for name, value in things.items():
        text, to = text.replace(value, name), to.replace(value, name)
    return reply.status_code, to, text


@pytest.mark.parametrize("role", ROLES)
def test_what_is_another_clinics_is_not_there(two_clinics: Flask, role: str) -> None:
    """The reply is that for something that does not exist, and nothing of theirs changes."""
    app = two_clinics
    theirs = their_things(app)
    browser = logged_in(app, role)
    before = stored(app, clinic_of(app, THEIRS).id)
    for endpoint in ABOUT_SOMETHING:
        replies = []
        for things in (theirs, NOBODY):
            address = ROUTES[endpoint].format(**things)
            if endpoint in MAY:
                reply = browser.client.get(address)
            else:
                # Some begin a new session, and with it a new token.
                browser.open("/clinic/search")
                data = FIELDS | {"csrf_token": browser.field("csrf_token")[0], "_end": "1"}
                reply = browser.client.post(address, data=data)
            replies.append(told(reply, things))
        assert replies[0] == replies[1], endpoint
        assert replies[0][0] in {303, 403, 404}, endpoint
        assert HERS not in replies[0][2], endpoint
    assert stored(app, clinic_of(app, THEIRS).id) == before


def test_the_matrix_is_as_large_as_it_should_be(record_testsuite_property: Any) -> None:
    """How many cells there are; a route that is left out fails elsewhere."""
    cells = len(ROLES) * (len(MAY) + len(MAY_SEND) + len(ABOUT_SOMETHING))
    record_testsuite_property("route × role × foreign object", cells)
    assert set(ABOUT_SOMETHING) <= set(MAY) | set(MAY_SEND)
    assert cells >= 300


def test_a_program_reads_nothing_of_another_clinic(two_clinics: Flask) -> None:
    app = two_clinics
    theirs = sent(app, name=HERS, clinic=THEIRS)
    program = Program(app)
    for address in ("/QuestionnaireResponse/{}", "/Bundle/{}"):
        replies = [program.get(address.format(each)) for each in (theirs, "CCC-CCC")]
        assert [reply.status_code for reply in replies] == [404, 404]
        assert replies[0].get_json() == replies[1].get_json()
    assert program.read("/QuestionnaireResponse")["total"] == 0
    (token,) = tokens.of(store_of(app), clinic_of(app).id)
    assert not tokens.revoke(store_of(app), clinic_of(app, THEIRS).id, token.id, by="staff:x")


def test_a_patient_reaches_no_form_but_their_own(app: Flask) -> None:
    """No address names a draft: what is open is what the session says, whatever is sent along."""
    ann, bob = known(app), Patient(app)
    with store_of(app).read() as conn:
        hers = conn.execute(select(schema.responses)).one()
        draft = conn.execute(select(schema.drafts)).one()
    bob.open("/")
    bob.go_on({"privacy_notice": "seen", "respondent": "self", "private": "no"})
    token = bob.field("csrf_token")[0]
    more = {"id": hers.id, "draft": hers.id, "reference": hers.reference, "response_id": hers.id}
    query = "&".join(f"{key}={value}" for key, value in more.items())
    for address in ("check", "about-you", "later", "sent", "sections", "care", "locked"):
        reply = bob.client.get(f"/form/{address}?{query}", follow_redirects=True)
        assert "Ana Nguyễn" not in reply.get_data(as_text=True), address
        data = more | {"csrf_token": token, "action": "continue", "_end": "1"}
        bob.client.post(f"/form/{address}", data=data)
    with store_of(app).read() as conn:
        table = schema.drafts
        now = conn.execute(select(table).where(table.c.response_id == hers.id)).one()
    assert now == draft
    assert ann.open("/form/about-you") == "/form/about-you"


def test_whoever_answers_one_page_again_reaches_nothing_else(app: Flask) -> None:
    store, here = store_of(app), clinic_of(app)
    sent(app, name=HERS)
    found = responses.sent(store, here.id, sent(app))
    assert found
    asks = {"step": "support", "text": "Who helps you?", "by": "staff:x", "by_name": "Dora"}
    code = asked.ask(store, here.id, found, **asks)
    browser = Patient(app)
    browser.open(f"/q/{code}")
    year, month, day = found.document["answers"]["born_on"].split("-")
    browser.send({"born_on-year": year, "born_on-month": month, "born_on-day": day})
    assert browser.page == "/q/page"
    for address in ("check", "sent", "about-you", "sent/copy.pdf", "later"):
        assert browser.open(f"/form/{address}") == "/return", address
        assert HERS not in browser.html
    assert browser.open("/clinic") == "/clinic/log-in"


def test_days_of_invitations_are_not_told_to_neighbours(two_clinics: Flask) -> None:
    app = two_clinics
    tomorrow = store_of(app).clock().date() + timedelta(days=1)
    invited(app, clinic=THEIRS, appointment_on=tomorrow)
    browser = logged_in(app, "front_desk")
    for address in ("/clinic/invitations", "/clinic", "/clinic/search"):
        browser.open(address)
        assert "Iris Example" not in browser.html
