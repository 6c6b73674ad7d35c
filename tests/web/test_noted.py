"""Every page that shows what a person told is noted before it leaves, whatever went wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from flask import Flask

from intake.store import StoreUnavailable, audit, invitations, mailing, persons, responses
from intake.store.responses import SentResponse
from tests.web.browser import Patient
from tests.web.clinic_side import clinic_of, invited, logged_in, sent, store_of
from tests.web.conftest import Clock
from tests.web.test_reminders import app as app_with_mail
from tests.web.test_staff import events

__all__ = ["app_with_mail"]

CANARY = "Quillfeather"


@dataclass(frozen=True)
class Page:
    """A page of a response: what is asked or posted, and with which status it comes."""

    path: str
    status: int
    typed: dict[str, str] | None = None
    action: str = "question_read"


CORRECT, OPENED = "/responses/{reference}/correct/name", "correction_opened"
PAGES = {
    "a correction": Page(CORRECT, 200, None, OPENED),
    "one without a reason": Page(CORRECT, 422, {"name": "Ann"}, OPENED),
    "one that changes nothing": Page(CORRECT, 422, {"name": CANARY, "why": "x"}, OPENED),
    "one that comes too late": Page(
        CORRECT, 409, {"name": "Ann", "why": "x", "version": "9"}, OPENED
    ),
    "one that is looked over": Page(
        CORRECT, 200, {"name": "Ann", "why": "x", "version": "1"}, OPENED
    ),
    "a question": Page("/responses/{reference}/ask", 200),
    "a question without words": Page("/responses/{reference}/ask", 422, {"step": "about-you"}),
    "a question about no page": Page("/responses/{reference}/ask", 422, {"text": "Why?"}),
    "a note without words": Page("/responses/{reference}/notes", 422, {}, "response_read"),
    "a call without an outcome": Page("/responses/{reference}/calls", 422, {}, "response_read"),
    "a plan for no day": Page(
        "/responses/{reference}/plan", 422, {"plan": "not_now"}, "response_read"
    ),
    "a reading come too late": Page(
        "/responses/{reference}/read", 409, {"seen": "9.0.0"}, "response_read"
    ),
    "a row's call without an outcome": Page("/list/{reference}/call", 422, {}, "work_row_read"),
    "a row given to nobody there": Page(
        "/list/{reference}/assign", 422, {"to": "x"}, "work_row_read"
    ),
}


def found(app: Flask, reference: str) -> SentResponse:
    again = responses.sent(store_of(app), clinic_of(app).id, reference)
    assert again
    return again


def ask_for(browser: Patient, page: Page, reference: str) -> None:
    address = f"/clinic{page.path.format(reference=reference)}"
    if page.typed is None:
        browser.open(address)
        return
    token = browser.field("csrf_token")[0]
    browser.post(address, [("csrf_token", token), *page.typed.items(), ("_end", "1")])


@pytest.mark.parametrize("what", PAGES)
def test_the_page_is_noted_also_where_something_was_wrong(app: Flask, what: str) -> None:
    page, reference = PAGES[what], sent(app, name=CANARY)
    doctor = logged_in(app, "doctor")
    before = len(events(app))
    ask_for(doctor, page, reference)
    assert doctor.status == page.status
    assert CANARY in doctor.html
    (noted,) = events(app)[before:]
    assert (noted.action, noted.response_id) == (page.action, found(app, reference).id)


@pytest.mark.parametrize("what", PAGES)
def test_what_cannot_be_noted_does_not_leave(
    app: Flask, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    reference = sent(app, name=CANARY)
    doctor = logged_in(app, "doctor")

    def full(*_: object, **_named: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(audit, "note", full)
    ask_for(doctor, PAGES[what], reference)
    assert doctor.status == 503
    assert CANARY not in doctor.html


def test_an_invitation_that_cannot_be_mailed_any_more_is_noted(
    app_with_mail: Flask, clock: Clock
) -> None:
    invitation = invited(app_with_mail)
    desk = logged_in(app_with_mail, "front_desk")
    store = store_of(app_with_mail)
    for _ in range(mailing.MOST_A_DAY):
        assert mailing.take(store, invitation, invitation.guest.email)
    token, before = desk.field("csrf_token")[0], len(events(app_with_mail))
    address = f"/clinic/invitations/{invitation.id}/mail"
    desk.post(address, [("csrf_token", token), ("_end", "1")])
    assert desk.status == 422
    assert invitation.guest.name in desk.html
    (noted,) = events(app_with_mail)[before:]
    assert (noted.action, noted.detail) == ("invitation_read", invitation.id)


# --- Earlier responses on the page ---------------------------------------------------------------


def three_visits(app: Flask, clock: Clock) -> list[str]:
    """The references of one person's responses, oldest first."""
    references = []
    for pain in (3, 5, 8):
        references.append(sent(app, main_pain=pain))
        clock.forward(days=100)
    first, second, third = (found(app, each) for each in references)
    for one, other in ((second, first), (third, second)):
        persons.match(store_of(app), clinic_of(app).id, one, other, by="staff:x", by_name="Pat")
    return references


def noted_since(app: Flask, before: int) -> list[tuple[str, str]]:
    """(action, reference) of each event since then."""
    told = []
    for event in events(app)[before:]:
        response = responses.sent_by_id(store_of(app), clinic_of(app).id, event.response_id)
        assert response
        told.append((event.action, response.reference))
    return told


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("summary.pdf", "summary_read"),
        ("print", "summary_read"),
        ("fhir.json", "fhir_exported"),
    ],
)
def test_a_summary_with_an_earlier_response_in_it_is_noted_for_both(
    app: Flask, clock: Clock, path: str, action: str
) -> None:
    _first, second, third = three_visits(app, clock)
    doctor = logged_in(app, "doctor")
    before = len(events(app))
    reply = doctor.client.get(f"/clinic/responses/{third}/{path}")
    assert reply.status_code == 200
    assert noted_since(app, before) == [("response_compared", second), (action, third)]


def test_a_file_without_the_summary_tells_nothing_of_an_earlier_response(
    app: Flask, clock: Clock
) -> None:
    *_earlier, second, third = three_visits(app, clock)
    admin = logged_in(app, "admin")
    before = len(events(app))
    told = json.loads(admin.client.get(f"/clinic/responses/{third}/fhir.json").data)
    assert second not in json.dumps(told)
    assert noted_since(app, before) == [("fhir_exported", third)]


def test_the_charts_are_noted_for_every_response_in_them(app: Flask, clock: Clock) -> None:
    first, second, third = three_visits(app, clock)
    doctor = logged_in(app, "doctor")
    before = len(events(app))
    doctor.open(f"/clinic/responses/{third}/earlier/{second}")
    assert doctor.html.count('class="chart"') > 1
    assert noted_since(app, before) == [
        ("response_compared", each) for each in (first, second, third)
    ]


def test_an_invitation_is_noted_once_where_it_is_only_looked_at(app: Flask) -> None:
    invitation, desk = invited(app), logged_in(app, "front_desk")
    desk.open(f"/clinic/invitations/{invitation.id}")
    assert invitations.get(store_of(app), invitation.clinic_id, invitation.id)
    assert [each.action for each in events(app)].count("invitation_read") == 1
