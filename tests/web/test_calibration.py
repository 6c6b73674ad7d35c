"""The calibration: doctors beside the checklist, in honest figures, private rules for doctors."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask

from intake.store import audit, record, responses, trail
from intake.store.calibration import Decided
from intake.store.record import Decision
from intake.store.staff import Staff
from intake.web.clinic.calibration_page import (
    AGREED,
    HIGHER,
    LOWER,
    URGENCY,
    likely_range,
    outcome_of,
)
from tests.web.clinic_side import hired, logged_in, sent, store_of
from tests.web.conftest import MONDAY, Clock

WHY = "=SUM(1) because I know her"


@pytest.fixture
def doctor(app: Flask) -> Staff:
    return hired(app, "doctor", username="decides")


def decide(app: Flask, doctor: Staff, band: str = "", **answers: Any) -> str:
    """A response on which the doctor decided, as the checklist unless a band is given."""
    reference = sent(app, **answers)
    found = responses.sent(store_of(app), 1, reference)
    assert found is not None
    state = record.state(store_of(app), 1, found.id)
    assert state is not None
    said = found.document["assessment"]
    reason = WHY if band else ""
    decision = Decision(said["urgency"], band or said["band"], reason)
    record.decide(store_of(app), 1, found, decision, state.seen, by=doctor)
    return reference


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_without_decisions_the_page_says_so(app: Flask) -> None:
    browser = logged_in(app, "admin")
    browser.open("/clinic/calibration")
    assert browser.has("No decision in this time.")


def test_agreement_is_counted(app: Flask, doctor: Staff) -> None:
    decide(app, doctor)
    other = decide(app, doctor, "OTHER")
    browser = logged_in(app, "doctor")
    browser.open("/clinic/calibration")
    assert browser.has("Agreed in 1 of 2 decisions.")
    assert browser.has("any share from 9% to 91% fits")
    assert browser.has("These are few")
    assert browser.has("Band lowered: 1")
    assert browser.has(WHY)
    assert browser.has(other)
    event = trail.events(store_of(app), 1, trail.Wanted())[0]
    assert (event.action, event.detail) == ("calibration_read", "all")


def test_a_period_leaves_older_decisions_out(app: Flask, doctor: Staff, clock: Clock) -> None:
    decide(app, doctor)
    clock.forward(days=40)
    decide(app, doctor, "OTHER")
    browser = logged_in(app, "doctor")
    browser.open("/clinic/calibration?period=month")
    assert browser.has("Agreed in 0 of 1 decision.")
    browser.open("/clinic/calibration?period=quarter")
    assert browser.has("Agreed in 1 of 2 decisions.")
    browser.open("/clinic/calibration?period=strange")
    assert browser.has("Agreed in 1 of 2 decisions.")


def test_administrators_see_no_reason_and_no_private_rule(app: Flask, doctor: Staff) -> None:
    reference = decide(app, doctor, "OTHER", now_unsafe="yes", safe_contact="315-555-0177")
    private = "Abuse or unsafe at home"
    browser = logged_in(app, "admin")
    browser.open("/clinic/calibration")
    assert browser.has("Agreed in 0 of 1 decision.")
    for hidden in (WHY, private, reference):
        assert not browser.has(hidden)
    (row,) = rows(browser.client.get("/clinic/calibration.csv").text)
    assert "reason" not in row
    assert "unsafe" not in row["rules"].lower()
    seen = logged_in(app, "doctor")
    seen.open("/clinic/calibration")
    assert seen.has(private)


def test_the_table_for_doctors_holds_reasons_and_no_formula(app: Flask, doctor: Staff) -> None:
    decide(app, doctor, "OTHER")
    browser = logged_in(app, "doctor")
    (row,) = rows(browser.client.get("/clinic/calibration.csv").text)
    assert row["reason"] == f"'{WHY}"
    assert (row["doctor_band"], row["outcome"]) == ("OTHER", LOWER)
    newest = trail.events(store_of(app), 1, trail.Wanted())[0]
    assert newest.action == "calibration_exported"


def test_nothing_leaves_before_it_is_noted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = logged_in(app, "doctor")

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(audit, "note", fail)
    for address in ("/clinic/calibration", "/clinic/calibration.csv"):
        assert browser.client.get(address).status_code == 500


@pytest.mark.parametrize(
    ("urgency", "band", "outcome"),
    [
        ("soon", "ASSESS", AGREED),
        ("soon", "LIKELY", HIGHER),
        ("soon", "URGENT", LOWER),
        ("routine", "ASSESS", URGENCY),
        ("routine", "POSSIBLE", HIGHER),
    ],
)
def test_in_what_a_decision_differs(urgency: str, band: str, outcome: str) -> None:
    decided = Decided("a", MONDAY, "soon", "ASSESS", urgency, band, (), "", "")
    assert outcome_of(decided) == outcome


@pytest.mark.parametrize(
    ("agreed", "total", "found"),
    [(0, 0, None), (9, 12, (47, 91)), (0, 10, (0, 28)), (10, 10, (72, 100))],
)
def test_the_likely_range(agreed: int, total: int, found: tuple[int, int] | None) -> None:
    assert likely_range(agreed, total) == found
