"""A paper typed in by staff: whose answers they are, what stays closed, and where it leads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from intake.report.summary import summarise
from intake.store import invitations, responses, schema
from intake.store.invitations import Invitation
from tests.web.browser import IN_PRIVATE, NO_SIGNS, SELF, Patient
from tests.web.clinic_side import IRIS, enter, hired, invited, logged_in, store_of
from tests.web.conftest import Clock
from tests.web.test_invited import come_in, document_of, state
from tests.web.test_staff import events

BANNER = "You are typing in the paper of Iris Example."
PHONE = {"phone": "(212) 555-0111"}


def typing(app: Flask, invitation: Invitation, role: str = "front_desk") -> Patient:
    """A browser of staff at the first page of a paper."""
    browser = logged_in(app, role)
    return go_on_typing(browser, invitation)


def go_on_typing(browser: Patient, invitation: Invitation) -> Patient:
    browser.open(f"/clinic/invitations/{invitation.id}")
    browser.send({}, form="/paper")
    return browser


def typed(app: Flask, invitation: Invitation, **start: str) -> Patient:
    """A browser at the check page, with little typed in."""
    browser = typing(app, invitation)
    browser.go_on(SELF | start)
    browser.go_on(NO_SIGNS)
    browser.go_on(PHONE)
    browser.open("/form/check")
    return browser


def sent_of(app: Flask, invitation: Invitation) -> responses.SentResponse:
    with store_of(app).read() as conn:
        row = conn.execute(schema.responses.select()).one()
    found = responses.sent(store_of(app), invitation.clinic_id, row.reference)
    assert found
    return found


def test_a_paper_is_typed_on_the_patients_pages_and_sent_as_staffs(app: Flask) -> None:
    invitation = invited(app)
    browser = typed(app, invitation)
    assert browser.has(BANNER)
    browser.send(form="/form/check")
    assert browser.page == "/clinic"
    assert state(app, invitation) == "sent"
    document = sent_of(app, invitation).document
    assert document["typed_by"] == "Pat Front_Desk"
    assert set(document["by"].values()) == {"staff"}
    given_by = summarise(document).given_by
    assert given_by == "in the patient’s words, typed in from paper by Pat Front_Desk"
    with store_of(app).read() as conn:
        version = conn.execute(schema.response_versions.select()).one()
    assert version.by == "staff"


def test_the_record_names_who_typed(app: Flask) -> None:
    browser = typed(app, invited(app))
    browser.send(form="/form/check")
    told = [(event.action, event.actor.split(":")[0]) for event in events(app)]
    for action in ("paper_begun", "draft_started", "draft_saved", "response_sent"):
        assert {who for did, who in told if did == action} == {"staff"}, action


def test_a_carers_paper_stays_the_carers(app: Flask) -> None:
    invitation = invited(app)
    browser = typing(app, invitation)
    browser.go_on({"privacy_notice": "seen", "respondent": "carer"})
    browser.go_on(NO_SIGNS)
    assert set(document_of(app, invitation)["by"].values()) == {"staff"}
    browser.go_on(PHONE)
    browser.open("/form/check")
    browser.send(form="/form/check")
    given_by = summarise(sent_of(app, invitation).document).given_by
    assert given_by.startswith("as the carer gave them, typed in from paper")


def test_without_an_invitation_one_is_made_on_the_way(app: Flask) -> None:
    browser = logged_in(app, "front_desk")
    browser.open("/clinic/invitations/new")
    token = browser.field("csrf_token")[0]
    born = [("born_on-month", "4"), ("born_on-day", "5"), ("born_on-year", "1971")]
    pairs = [("csrf_token", token), ("name", "Iris Example"), *born, ("language", "es")]
    browser.post("/clinic/invitations/new", [*pairs, ("then", "paper"), ("_end", "1")])
    assert browser.page == "/"
    assert browser.has(BANNER)


def test_a_spanish_paper_keeps_the_words_that_it_asked(app: Flask) -> None:
    invitation = invited(app, replace(IRIS, language="es"))
    typed(app, invitation).send(form="/form/check")
    document = sent_of(app, invitation).document
    assert document["language"] == "es"
    said = {row["key"]: row["text_said"] for row in document["rows"]}
    assert said["phone"] == "Número de teléfono"


# --- Private answers ---------------------------------------------------------------------------


def test_whether_it_was_private_is_typed_as_ticked_and_may_stay_blank(app: Flask) -> None:
    invitation = invited(app)
    browser = typing(app, invitation)
    browser.go_on({"privacy_notice": "seen", "respondent": "self"})
    browser.go_on(NO_SIGNS)
    assert browser.page == "/form/about-you"
    assert "private" not in document_of(app, invitation)["answers"]


def test_the_front_desk_types_and_sends_no_private_page(app: Flask) -> None:
    invitation = invited(app)
    browser = typing(app, invitation)
    browser.go_on(IN_PRIVATE)
    browser.go_on(NO_SIGNS)
    assert browser.page == "/form/private"
    assert browser.has("The private page is for a doctor")
    assert "now_mood" not in browser.html
    token = browser.field("csrf_token")[0]
    pairs = [("csrf_token", token), ("now_harm", "now"), ("action", "continue"), ("_end", "1")]
    browser.post("/form/private", pairs)
    assert browser.page == "/form/about-you"
    assert "now_harm" not in document_of(app, invitation)["answers"]
    browser.go_on(PHONE)
    browser.open("/form/check")
    browser.send(form="/form/check")
    assert browser.status == 422
    assert browser.has("A doctor opens this invitation")
    assert state(app, invitation) == "started"


def test_a_doctor_types_the_private_page_and_sends(app: Flask) -> None:
    invitation = invited(app)
    browser = typing(app, invitation)
    browser.go_on(IN_PRIVATE)
    browser.go_on(NO_SIGNS)
    browser.go_on({})
    browser.go_on(PHONE)
    doctor = logged_in(app, "doctor")
    go_on_typing(doctor, invitation)
    assert doctor.open("/form/private") == "/form/private"
    assert not doctor.has("The private page is for a doctor")
    doctor.go_on({})
    doctor.open("/form/check")
    doctor.send(form="/form/check")
    assert doctor.page == "/clinic"
    assert sent_of(app, invitation).document["typed_by"] == "Pat Front_Desk, Pat Doctor"


def test_danger_signs_that_the_paper_left_blank_stay_blank(app: Flask) -> None:
    invitation = invited(app)
    browser = typing(app, invitation)
    browser.go_on(SELF)
    browser.go_on(NO_SIGNS | {"now_skin": []})
    assert browser.page == "/form/about-you"
    browser.go_on({})
    browser.open("/form/check")
    browser.send(form="/form/check")
    assert browser.page == "/clinic"
    document = sent_of(app, invitation).document
    assert "now_skin" not in document["answers"]
    assert "phone" not in document["answers"]


# --- Danger signs ------------------------------------------------------------------------------


def test_advice_is_a_note_to_call_and_recorded_as_shown_to_staff(app: Flask) -> None:
    invitation = invited(app)
    browser = typing(app, invitation)
    browser.go_on(SELF)
    browser.go_on(NO_SIGNS | {"now_breath_heart": "chest"})
    assert browser.page == "/form/care"
    assert browser.has("Call the patient")
    assert browser.has("shown to you, not to the patient")
    browser.send({}, action="go", form="/form/care")
    browser.go_on(PHONE)
    browser.open("/form/check")
    browser.send(form="/form/check")
    document = sent_of(app, invitation).document
    assert {each["to"] for each in document["shown"]} == {"staff"}
    (told, *_) = summarise(document).advice
    assert "not to the patient" in told.times[0]


def test_a_paper_of_yesterday_is_not_asked_again(app: Flask, clock: Clock) -> None:
    invitation = invited(app)
    typed(app, invitation)
    clock.forward(hours=20)
    browser = Patient(app)
    browser.open("/clinic")
    enter(browser, "front_desk")
    go_on_typing(browser, invitation)
    browser.open("/form/check")
    browser.send(form="/form/check")
    assert browser.page == "/clinic"


# --- Who may -----------------------------------------------------------------------------------


def test_the_paper_closes_with_the_log_in(app: Flask, clock: Clock) -> None:
    browser = typing(app, invited(app))
    browser.go_on(SELF)
    clock.forward(minutes=11)
    for address in ("/form/right-now", "/form/check", "/form/about-you"):
        assert browser.open(address) == "/clinic/log-in"
    browser.open("/")
    assert "Iris" not in browser.html
    assert 'value="seen" checked' not in browser.html


def test_logging_out_closes_it_too(app: Flask) -> None:
    browser = typing(app, invited(app))
    browser.go_on(SELF)
    browser.open("/clinic")
    browser.send({}, form="/log-out")
    assert browser.open("/form/right-now") == "/clinic/log-in"


@pytest.mark.parametrize(
    "address", ["/form/later", "/form/later/card", "/form/copy", "/form/sections", "/form/stop"]
)
def test_codes_and_copies_are_not_for_typing(app: Flask, address: str) -> None:
    invitation = invited(app)
    browser = typing(app, invitation)
    browser.go_on(SELF)
    browser.open(address)
    assert browser.page in {f"/clinic/invitations/{invitation.id}", address}
    assert browser.page != address or browser.status == 404


def test_the_link_opens_no_paper_and_no_reminder_is_sent(app: Flask) -> None:
    invitation = invited(app)
    typing(app, invitation)
    patient = come_in(app, invitation)
    assert patient.has("This form is sent already")
    assert list(invitations.to_remind(store_of(app), invitation.clinic_id)) == []


def test_what_the_person_began_stays_theirs(app: Flask) -> None:
    invitation = invited(app)
    come_in(app, invitation).go_on(SELF)
    browser = logged_in(app, "front_desk")
    browser.open(f"/clinic/invitations/{invitation.id}")
    assert browser.has("They began the form themselves.")
    token = browser.field("csrf_token")[0]
    browser.post(
        f"/clinic/invitations/{invitation.id}/paper", [("csrf_token", token), ("_end", "1")]
    )
    assert browser.has("Their answers stay their own.")
    assert document_of(app, invitation)["by"]["respondent"] == "patient"


def test_an_administrator_types_nothing(app: Flask) -> None:
    invitation = invited(app)
    browser = logged_in(app, "admin")
    browser.open(f"/clinic/invitations/{invitation.id}")
    assert not browser.has("Type in a paper form")
    hired(app, "doctor")
    browser.open("/clinic/invitations/new")
    assert not browser.has("Type in their paper form")
