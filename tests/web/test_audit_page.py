"""The audit page: what administrators read, take out, and leave behind by doing so."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from flask import Flask

from intake import ROOT
from intake.report.spreadsheet import harmless
from intake.store import audit, staff, trail
from intake.store.trail import Wanted
from intake.web.clinic.audit_words import ACTIONS
from tests.web.clinic_side import logged_in, sent, store_of
from tests.web.conftest import Clock


def newest(app: Flask) -> str:
    return trail.events(store_of(app), 1, Wanted())[0].action


def table(app: Flask, text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_events_are_told_in_words_and_names(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "admin")
    browser.open("/clinic/audit")
    assert browser.has("Sent a response")
    assert browser.has("Logged in")
    assert browser.has("Pat Admin")
    assert browser.has(reference)
    # Neither an answer nor a name of a patient.
    assert not browser.has("Example")
    assert newest(app) == "audit_read"


def test_a_person_named_in_an_event_is_named_on_the_page(app: Flask) -> None:
    staff.create(store_of(app), 1, "new.one", "New One", "doctor", by="system")
    browser = logged_in(app, "admin")
    browser.open("/clinic/audit?action=staff_added")
    assert re.search(r"Added an account[^/]*<span[^>]*><bdi>New One", browser.html)


def test_a_filter_shows_what_fits_alone(app: Flask, clock: Clock) -> None:
    first, second = sent(app), sent(app)
    browser = logged_in(app, "admin")
    browser.open(f"/clinic/audit?reference={first.lower()}")
    assert browser.has(first)
    assert not browser.has(second)
    day = clock().date()
    browser.open(f"/clinic/audit?until={day.replace(day=1)}&actor=staff")
    assert browser.has("Nothing was recorded that fits.")
    browser.open(f"/clinic/audit?since={day}&until={day}&actor=patient")
    assert browser.has(second)


def test_days_are_those_of_the_clinic(app: Flask, clock: Clock) -> None:
    # 02:00 in London is still the evening before in New York.
    clock.time = clock.time.replace(hour=2)
    reference = sent(app)
    browser = logged_in(app, "admin")
    browser.open("/clinic/audit?since=2026-03-08&until=2026-03-08")
    assert browser.has(reference)
    browser.open("/clinic/audit?since=2026-03-09&actor=patient")
    assert not browser.has(reference)


@pytest.mark.parametrize(
    "query",
    ["since=soon", "until=9999-12-31", "reference=12", "since=2026-03-09&until=2026-03-08"],
)
def test_what_cannot_be_asked_is_explained(app: Flask, query: str) -> None:
    browser = logged_in(app, "admin")
    browser.open(f"/clinic/audit?{query}")
    assert browser.status == 200
    assert 'class="error"' in browser.html
    assert browser.client.get(f"/clinic/audit.csv?{query}").status_code == 400


@pytest.mark.parametrize("before", ["-1", "x", "9" * 30, "²"])
def test_a_strange_page_is_the_first_one(app: Flask, before: str) -> None:
    browser = logged_in(app, "admin")
    browser.open(f"/clinic/audit?before={before}")
    assert browser.has("Logged in")


def test_pages_lead_to_every_event(app: Flask) -> None:
    for number in range(trail.PAGE + 20):
        audit.note(store_of(app), 1, "system", f"step_{number}")
    browser = logged_in(app, "admin")
    browser.open("/clinic/audit?actor=system")
    assert browser.has("Step 119")
    assert not browser.has("Step 0<")
    older = re.search(r'href="([^"]+)"\s+rel="next"', browser.html)
    assert older
    browser.open(older[1].replace("&amp;", "&"))
    assert browser.has("Step 0")
    assert 'rel="next"' not in browser.html


def test_the_table_is_whole_and_noted(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "admin")
    reply = browser.client.get("/clinic/audit.csv?action=response_sent")
    (row,) = table(app, reply.text)
    assert (row["what"], row["reference"]) == ("Sent a response", reference)
    assert newest(app) == "audit_exported"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="audit-2026-03-09.csv"'


def test_a_name_is_no_formula(app: Flask) -> None:
    person = staff.create(store_of(app), 1, "x", '=HYPERLINK("a")', "doctor", by="system")
    audit.note(store_of(app), 1, person.actor, "response_read")
    browser = logged_in(app, "admin")
    rows = table(app, browser.client.get("/clinic/audit.csv?action=response_read").text)
    assert [row["actor_name"] for row in rows] == ['\'=HYPERLINK("a")']


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", " =1", "\r1"])
def test_what_begins_a_formula_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_every_action_has_words() -> None:
    """Whoever adds an event says in `audit_words` what it is called."""
    call = re.compile(r"audit\.(?:record|note)\(([^()]|\([^()]*\))*\)", re.DOTALL)
    found = set()
    for path in Path(ROOT / "intake").rglob("*.py"):
        for each in call.finditer(path.read_text(encoding="utf-8")):
            arguments = re.split(r",\s+", each[0])
            word = re.fullmatch(r'"([a-z_]+)"\)?', arguments[3]) if len(arguments) > 3 else None
            found |= {word[1]} if word else set()
    assert len(found) > 30
    assert found - set(ACTIONS) == set()
