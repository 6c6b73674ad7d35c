"""Staff find earlier responses of a person; doctors see what changed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from intake.store import persons, responses
from tests.unit.report.given import text_of
from tests.web.browser import Patient
from tests.web.clinic_side import enter, hired, logged_in, sent, store_of
from tests.web.conftest import MONDAY, Clock
from tests.web.test_staff import events

SIGNS: tuple[dict[str, Any], ...] = (
    {"now_self_harm": "thoughts"},
    {"now_self_harm": "not_sure"},
    {"now_unsafe": "yes"},
    {"now_unsafe": "not_sure"},
)


def also(app: Flask, role: str) -> Patient:
    hired(app, role)
    browser = Patient(app)
    browser.open("/clinic")
    enter(browser, role)
    return browser


def at(reference: str, other: str = "") -> str:
    return f"/clinic/responses/{reference}/earlier" + (f"/{other}" if other else "")


@pytest.fixture
def pair(app: Flask, clock: Clock) -> tuple[str, str]:
    first = sent(app, mood_down="0", main_pain=3)
    clock.forward(days=100)
    return first, sent(app, mood_down="3", main_pain=8)


def joined(app: Flask, clock: Clock, before: Any, now: Any) -> tuple[str, str]:
    """Two responses of one person, the earlier one first, as staff found them."""
    first = sent(app, before)
    clock.forward(hours=1)
    second = sent(app, now)
    one, other = (responses.sent(store_of(app), 1, each) for each in (second, first))
    assert one
    assert other
    persons.match(store_of(app), 1, one, other, by="staff:x", by_name="Pat")
    return first, second


def press(browser: Patient, words: str) -> None:
    """Send the form whose button says this."""
    part = browser.html.index(words)
    start = browser.html.rindex("<form", 0, part)
    whole = browser.html
    browser.html = f"<!DOCTYPE html><html lang='en'><title>x</title>{_form(whole, start)}"
    browser.send()


def _form(html: str, start: int) -> str:
    return html[start : html.index("</form>", start)] + "</form>"


@pytest.mark.parametrize("role", ["front_desk", "doctor"])
def test_staff_join_and_undo(app: Flask, pair: tuple[str, str], role: str) -> None:
    first, second = pair
    staff = logged_in(app, role)
    staff.open(at(second))
    assert staff.has("Is this the same person?")
    assert staff.has(f"Iris Example, born August 30, 1976 · sent March 9, 2026 · {first}")
    press(staff, "Same person<")
    assert staff.page == at(second)
    assert [each.action for each in events(app)].count("response_matched") == 2
    assert staff.has("Undo: not the same person")
    assert ("What changed" in staff.html) is (role == "doctor")
    press(staff, "Undo: not")
    assert staff.has("None so far.")
    assert staff.has("No other response fits.")


def test_the_front_desk_sees_no_answer_and_no_comparison(app: Flask, pair: tuple[str, str]) -> None:
    desk = logged_in(app, "front_desk")
    desk.open(at(pair[1]))
    press(desk, "Same person<")
    assert not desk.has("pain")
    desk.open(at(pair[1], pair[0]))
    assert desk.status == 403


def test_the_doctor_sees_what_changed_the_administrator_without_private_answers(
    app: Flask, pair: tuple[str, str]
) -> None:
    first, second = pair
    doctor = logged_in(app, "doctor")
    doctor.open(at(second))
    press(doctor, "Same person<")
    doctor.open(at(second, first))
    assert doctor.has("3 → 8 of 10")
    assert doctor.html.count('class="chart"') > 1
    assert doctor.has("PHQ-2: feeling down")
    assert [each.action for each in events(app)][-2:] == ["response_compared"] * 2
    admin = also(app, "admin")
    admin.open(at(second))
    assert not admin.has("Undo: not the same person")
    admin.open(at(second, first))
    assert admin.has("3 → 8 of 10")
    assert not admin.has("PHQ-2")


@pytest.mark.parametrize("later", [True, False])
def test_an_administrator_cannot_tell_by_the_urgency_which_private_sign_it_is(
    app: Flask, clock: Clock, later: bool
) -> None:
    pairs = []
    for number, sign in enumerate(SIGNS):
        clock.time = MONDAY
        who = {"name": f"Person {number}", "born_on": f"196{number}-01-02"}
        answers: list[dict[str, Any]] = [{}, sign] if later else [sign, {}]
        pairs.append(joined(app, clock, *({**each, **who} for each in answers)))
    admin, told = logged_in(app, "admin"), set()
    for number, (first, second) in enumerate(pairs):
        assert admin.open(at(second, first)) == at(second, first)
        assert admin.has("Checklist band: ")
        for word in ("Emergency", "Same day", "Soon", "Urgency"):
            assert word not in admin.text
        text = admin.text.replace(first, "").replace(second, "")
        told.add(text.replace(f"Person {number}", ""))
    assert len(told) == 1


def test_without_a_private_sign_the_urgency_is_told(app: Flask, clock: Clock) -> None:
    first, second = joined(app, clock, {}, {"now_breath_heart": ["chest"]})
    admin = logged_in(app, "admin")
    admin.open(at(second, first))
    assert admin.has("Urgency: Routine → Emergency")


def test_two_that_nobody_joined_are_not_compared(app: Flask, pair: tuple[str, str]) -> None:
    doctor = logged_in(app, "doctor")
    doctor.open(at(pair[1], pair[0]))
    assert doctor.status == 404


def test_the_pdf_says_what_changed(app: Flask, pair: tuple[str, str]) -> None:
    first, second = pair
    doctor = logged_in(app, "doctor")
    doctor.open(at(second))
    press(doctor, "Same person<")
    reply = doctor.client.get(f"/clinic/responses/{second}/summary.pdf")
    assert first in text_of(reply.data)
    assert [each.action for each in events(app)][-2:] == ["response_compared", "summary_read"]


def test_strangers_are_never_joined(app: Flask, pair: tuple[str, str]) -> None:
    stranger = sent(app, name="Somebody Else", born_on="1950-01-02")
    desk = logged_in(app, "front_desk")
    desk.open(at(pair[1]))
    token = desk.field("csrf_token")[0]
    forged = [("csrf_token", token), ("other", stranger), ("person", "same"), ("_end", "1")]
    desk.post(at(pair[1]), forged)
    assert desk.status == 409
    assert "response_matched" not in [each.action for each in events(app)]
