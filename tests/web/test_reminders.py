"""Reminders of invitations: when they are due, never twice, and over a real connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import update

from intake import create_app
from intake.store import invitations, responses, schema
from intake.store.invitations import Invitation
from intake.web import reminders, work
from tests import smtp_server
from tests.smtp_server import Taken
from tests.web.browser import IN_PRIVATE, NO_SIGNS, SELF, Patient
from tests.web.clinic_side import IRIS, ROLES, clinic_of, invited, logged_in, store_of
from tests.web.conftest import Clock
from tests.web.test_invited import come_in
from tests.web.test_mailing import mails
from tests.web.test_staff import actions

ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def app(instance: Path, clock: Clock, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """As every application here, but it writes mail into a folder."""
    app = create_app(instance, environ={"INTAKE_MAIL": "folder"}, clock=clock)
    app.jinja_env.bytecode_cache = compiled
    yield app
    app.extensions["store"].engine.dispose()


def run(app: Flask) -> int:
    """Run the timer's command; how many mails there are in all."""
    result = app.test_cli_runner().invoke(args=["intake", "send-reminders"])
    assert result.exit_code == 0, result.output
    work.run_due(app)
    return len(mails(app))


def days_with_mail(app: Flask, clock: Clock, days: int) -> list[int]:
    """On which of the days from today on, run twice a day, a reminder goes out."""
    found, before = [], len(mails(app))
    for day in range(days):
        for _ in range(2):
            sent = run(app)
            found += [day] * (sent - before)
            before = sent
            clock.forward(hours=12)
    return found


def of(app: Flask, invitation: Invitation) -> Invitation:
    found = invitations.get(store_of(app), invitation.clinic_id, invitation.id)
    assert found
    return found


def in_days(clock: Clock, days: int) -> date:
    return clock().astimezone(ZONE).date() + timedelta(days)


def test_seven_and_two_days_before_the_appointment(app: Flask, clock: Clock) -> None:
    invitation = invited(app, appointment_on=in_days(clock, 20))
    assert days_with_mail(app, clock, 22) == [13, 18]
    assert of(app, invitation).reminders == 2


def test_an_invitation_made_late_is_reminded_of_once(app: Flask, clock: Clock) -> None:
    invited(app, appointment_on=in_days(clock, 4))
    assert days_with_mail(app, clock, 6) == [2]


def test_three_and_seven_days_after_where_there_is_no_appointment(app: Flask, clock: Clock) -> None:
    invited(app)
    assert days_with_mail(app, clock, 12) == [3, 7]


def test_a_timer_that_was_off_sends_one_not_two(app: Flask, clock: Clock) -> None:
    invited(app)
    clock.forward(days=9)
    assert days_with_mail(app, clock, 4) == [0]


def test_a_mail_by_hand_on_that_day_counts(app: Flask, clock: Clock) -> None:
    invitation = invited(app)
    clock.forward(days=3)
    letter = {"to": IRIS.email, "subject": "", "body": ""}
    invitations.have_mailed(store_of(app), invitation, letter, by="staff:x")
    work.run_due(app)
    assert days_with_mail(app, clock, 6) == [4]


def test_the_days_are_the_clinics_to_set(instance: Path, clock: Clock) -> None:
    file = instance / "clinics" / "alder-lane.toml"
    text = file.read_text().replace("remind_days_after = [3, 7]", "remind_days_after = [5]")
    file.write_text(text.replace("remind_days_before = [7, 2]", "remind_days_before = []"))
    app = create_app(instance, environ={"INTAKE_MAIL": "folder"}, clock=clock)
    invited(app)
    invited(app, replace(IRIS, email="bo@example.com"), appointment_on=in_days(clock, 9))
    assert days_with_mail(app, clock, 10) == [5]
    app.extensions["store"].engine.dispose()


@pytest.mark.parametrize("why", ["no address", "void", "expired", "stopped", "sent"])
def test_nobody_is_reminded_who_should_not_be(app: Flask, clock: Clock, why: str) -> None:
    invitation = invited(app, replace(IRIS, email="") if why == "no address" else IRIS)
    if why == "void":
        invitations.withdraw(store_of(app), invitation.clinic_id, invitation.id, by="staff:x")
    if why == "stopped":
        invitations.stop_reminders(store_of(app), invitation.clinic_id, invitation.code)
    if why == "expired":
        clock.forward(days=61)
    if why == "sent":
        patient = come_in(app, invitation)
        patient.go_on(SELF)
        patient.go_on(NO_SIGNS)
        patient.go_on({"phone": "(212) 555-0111"})
        patient.open("/form/check")
        patient.send(form="/form/check")
    assert days_with_mail(app, clock, 9) == []


def test_who_started_is_reminded_still(app: Flask, clock: Clock) -> None:
    patient = come_in(app, invited(app))
    patient.go_on(SELF)
    assert days_with_mail(app, clock, 5) == [3]


def test_two_timers_at_once_send_one(app: Flask, clock: Clock) -> None:
    for number in range(3):
        invited(app, replace(IRIS, email=f"iris{number}@example.com"))
    clock.forward(days=3)
    together = Barrier(3)

    def timer() -> None:
        with app.app_context():
            together.wait()
            reminders.send_due()

    threads = [Thread(target=timer) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work.run_due(app)
    assert sorted(mail["To"] for mail in mails(app)) == [f"iris{n}@example.com" for n in range(3)]


def test_what_could_not_be_sent_is_tried_again(app: Flask, clock: Clock) -> None:
    invitation = invited(app)
    clock.forward(days=3)
    folder = Path(app.instance_path) / "mail"
    folder.write_text("in the way")
    app.test_cli_runner().invoke(args=["intake", "send-reminders"])
    assert work.run_due(app) == 1
    folder.unlink()
    clock.forward(minutes=2)
    assert run(app) == 1
    assert of(app, invitation).reminders == 1
    assert "invitation_reminded" in actions(app)


def test_a_mailbox_gets_three_a_day_at_most(app: Flask, clock: Clock) -> None:
    for _ in range(4):
        invited(app)
    clock.forward(days=3)
    result = app.test_cli_runner().invoke(args=["intake", "send-reminders"])
    assert "3 reminders will be sent" in result.output
    assert "1 go beyond" in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "Reminder: a form before your visit"),
        ("es", "Recordatorio: un formulario antes de su visita"),
    ],
)
def test_over_a_real_connection_in_the_language_of_the_person(
    instance: Path, clock: Clock, logs: StringIO, language: str, subject: str
) -> None:
    with smtp_server.serving() as taken:
        environ = {"INTAKE_MAIL": f"smtp://127.0.0.1:{taken.port}"}
        app = create_app(instance, environ=environ, clock=clock)
        invitation = invited(app, replace(IRIS, language=language))
        clock.forward(days=3)
        app.test_cli_runner().invoke(args=["intake", "send-reminders"])
        work.run_due(app)
        app.extensions["store"].engine.dispose()
    _check(taken, invitation, subject)
    for word in ("example.com", invitation.code, "Iris"):
        assert word not in logs.getvalue()


def _check(taken: Taken, invitation: Invitation, subject: str) -> None:
    (mail,) = taken.mails
    body = mail.get_content()
    assert mail["Subject"] == subject
    assert [each.lower() for each in taken.recipients] == ["rcpt to:<iris@example.com>"]
    assert mail["List-Unsubscribe"] == f"<{invitation.one_click_link}>"
    assert mail["List-Unsubscribe-Post"] is None
    assert invitation.link in body
    assert invitation.stop_link in body
    told = (mail.as_string() + body).replace("iris@example.com", "")
    assert not re.search("(?i)iris|1971|spast|toxin|escleros|botul", told)


@pytest.mark.parametrize("why", ["void", "stopped"])
def test_a_reminder_that_waits_is_not_sent_when_it_is_not_wanted(
    app: Flask, clock: Clock, why: str
) -> None:
    invitation = invited(app)
    clock.forward(days=3)
    app.test_cli_runner().invoke(args=["intake", "send-reminders"])
    if why == "void":
        invitations.withdraw(store_of(app), invitation.clinic_id, invitation.id, by="staff:x")
    else:
        invitations.stop_reminders(store_of(app), invitation.clinic_id, invitation.code)
    assert work.run_due(app) == 1
    assert mails(app) == []


# --- A private danger sign ---------------------------------------------------------------------


PRIVATE: tuple[dict[str, Any], ...] = (
    {"now_self_harm": "thoughts", "now_unsafe": "no"},
    {"now_self_harm": "not_sure", "now_unsafe": "no"},
    {"now_self_harm": "no", "now_unsafe": "yes"},
    {"now_self_harm": "no", "now_unsafe": "not_sure"},
)


def tells(patient: Patient, signs: dict[str, Any]) -> None:
    """Fill in the first pages alone, with these answers to the private questions."""
    patient.go_on(IN_PRIVATE)
    patient.go_on(NO_SIGNS)
    patient.go_on(signs)


@pytest.mark.parametrize("signs", PRIVATE)
def test_who_told_of_a_private_danger_sign_gets_no_mail(
    app: Flask, clock: Clock, signs: dict[str, Any]
) -> None:
    invitation = invited(app)
    tells(come_in(app, invitation), signs)
    assert days_with_mail(app, clock, 9) == []
    assert of(app, invitation).reminders == 0


def test_nor_before_its_advice_was_shown(app: Flask, clock: Clock) -> None:
    invitation = invited(app)
    come_in(app, invitation).go_on(IN_PRIVATE)
    draft = responses.draft(
        store_of(app), invitation.clinic_id, of(app, invitation).response_id or ""
    )
    assert draft
    # As a page that saves itself leaves it.
    answers = draft.document["answers"] | {"now_unsafe": "yes"}
    responses.save(store_of(app), draft, draft.document | {"answers": answers}, urgency="same_day")
    assert days_with_mail(app, clock, 5) == []


def test_nor_when_it_was_taken_back(app: Flask, clock: Clock) -> None:
    patient = come_in(app, invited(app))
    tells(patient, PRIVATE[2])
    patient.open("/form/private")
    assert patient.page == "/form/private"
    patient.go_on({"now_self_harm": "no", "now_unsafe": "no"})
    assert days_with_mail(app, clock, 9) == []


def test_who_told_that_nothing_is_wrong_is_reminded(app: Flask, clock: Clock) -> None:
    tells(come_in(app, invited(app)), {"now_self_harm": "no", "now_unsafe": "no"})
    assert days_with_mail(app, clock, 5) == [3]


def test_nor_when_what_they_wrote_does_not_open(app: Flask, clock: Clock) -> None:
    come_in(app, invited(app)).go_on(SELF)
    with store_of(app).write() as conn:
        conn.execute(update(schema.drafts).values(sealed=b"other"))
    assert days_with_mail(app, clock, 5) == []


def test_a_mail_that_waits_is_not_sent_after_the_sign_came(app: Flask, clock: Clock) -> None:
    invitation = invited(app)
    clock.forward(days=3)
    app.test_cli_runner().invoke(args=["intake", "send-reminders"])
    assert of(app, invitation).reminders == 1
    tells(come_in(app, invitation), PRIVATE[2])
    work.run_due(app)
    assert mails(app) == []


@pytest.mark.parametrize("role", ROLES)
def test_staff_are_told_to_ask_a_doctor_and_not_which_sign_it_is(
    app: Flask, clock: Clock, role: str
) -> None:
    made = [invited(app) for _ in PRIVATE]
    for invitation, signs in zip(made, PRIVATE, strict=True):
        tells(come_in(app, invitation), signs)
    browser, told = logged_in(app, role), set()
    for invitation in made:
        browser.open(f"/clinic/invitations/{invitation.id}")
        told.add(browser.text)
    (text,) = told
    assert "held back. Private reason: ask a doctor before you write or call" in text


def test_a_paper_with_a_private_sign_is_not_written_about_either(app: Flask) -> None:
    invitation = invited(app)
    desk = logged_in(app, "doctor")
    desk.open(f"/clinic/invitations/{invitation.id}")
    desk.send(form="/paper")
    tells(desk, PRIVATE[2])
    desk.open(f"/clinic/invitations/{invitation.id}")
    assert desk.has("No e-mail goes out. Private reason: ask a doctor before you write or call.")
    assert "Send the e-mail" not in desk.html
    token = desk.field("csrf_token")[0]
    desk.post(f"/clinic/invitations/{invitation.id}/mail", [("csrf_token", token), ("_end", "1")])
    work.run_due(app)
    assert mails(app) == []
    assert "invitation_mailed" not in actions(app)


# --- Stopping ----------------------------------------------------------------------------------


def test_opening_the_stop_link_stops_nothing_and_the_button_does(app: Flask, clock: Clock) -> None:
    invitation = invited(app)
    patient = Patient(app)
    patient.open(f"/i/{invitation.code}/stop")
    assert of(app, invitation).stopped_at is None
    patient.send({}, form="/stop")
    assert patient.has("You get no more of these e-mails")
    assert of(app, invitation).stopped_at == clock()
    assert "reminders_stopped" in actions(app)
    # The link itself goes on working, and a new one is as silent.
    assert come_in(app, invitation).page == "/"
    new = invitations.reissue(store_of(app), invitation.clinic_id, invitation.id, by="staff:x")
    assert new
    assert new.stopped_at == clock()


def test_stopping_says_the_same_for_a_code_that_nobody_has(app: Flask) -> None:
    told = []
    for code in (invited(app).code, "333-333-3333", "nonsense"):
        patient = Patient(app)
        patient.open(f"/i/{code}/stop")
        patient.send({}, form="/stop")
        told.append((patient.status, patient.text))
    assert len(set(told)) == 1


def test_without_mail_nothing_is_sent(instance: Path, clock: Clock) -> None:
    app = create_app(instance, environ={}, clock=clock)
    invited(app)
    clock.forward(days=3)
    result = app.test_cli_runner().invoke(args=["intake", "send-reminders"])
    assert result.output == "0 reminders will be sent within a minute.\n"
    (left,) = invitations.to_remind(store_of(app), clinic_of(app).id)
    assert left.reminders == 0
    app.extensions["store"].engine.dispose()


# --- By one click in the mail program (RFC 8058) -------------------------------------------------

POSTED = ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click")
IN_PARTS = (
    "multipart/form-data; boundary=b",
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
)


def test_a_mail_over_https_offers_one_click_and_says_nothing_of_the_person(
    instance: Path, clock: Clock
) -> None:
    with smtp_server.serving() as taken:
        environ = {"INTAKE_MAIL": f"smtp://127.0.0.1:{taken.port}"}
        app = create_app(instance, environ=environ, clock=clock)
        home = "https://intake.example/i"
        invitation = invitations.make(
            store_of(app), clinic_of(app).id, IRIS, home=home, by="staff:x"
        )
        clock.forward(days=3)
        app.test_cli_runner().invoke(args=["intake", "send-reminders"])
        work.run_due(app)
        app.extensions["store"].engine.dispose()
    (mail,) = taken.mails
    assert mail["List-Unsubscribe"] == f"<{home}/{invitation.code}/stop/at-once>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # What a person reads leads to the page with the button.
    assert f"{home}/{invitation.code}/stop\n" in mail.get_content().replace("\r", "")


@pytest.mark.parametrize(("kind", "body"), [POSTED, IN_PARTS])
def test_one_click_stops_the_mails_without_a_log_in_a_cookie_or_a_token(
    app: Flask, clock: Clock, kind: str, body: bytes
) -> None:
    invitation = invited(app)
    client = app.test_client()
    reply = client.post(
        f"/i/{invitation.code}/stop/at-once",
        data=body,
        content_type=kind,
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert (reply.status_code, reply.data) == (200, b"")
    assert "Set-Cookie" not in reply.headers
    assert of(app, invitation).stopped_at == clock()
    assert days_with_mail(app, clock, 9) == []
    # The link itself goes on working.
    assert come_in(app, invitation).page == "/"


def test_looking_there_stops_nothing_and_leads_to_the_button(app: Flask, clock: Clock) -> None:
    invitation = invited(app)
    patient = Patient(app)
    for method in ("get", "head"):
        getattr(patient.client, method)(f"/i/{invitation.code}/stop/at-once")
    assert of(app, invitation).stopped_at is None
    patient.open(f"/i/{invitation.code}/stop/at-once")
    patient.send({}, form="/stop")
    assert of(app, invitation).stopped_at == clock()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"List-Unsubscribe=Two-Clicks", 400),
        (b"other=One-Click", 400),
        (b"List-Unsubscribe=One-Click&List-Unsubscribe=no", 400),
        (b"x" * 70_000, 413),
    ],
)
def test_no_other_body_stops_anything(app: Flask, body: bytes, status: int) -> None:
    invitation = invited(app)
    reply = app.test_client().post(
        f"/i/{invitation.code}/stop/at-once", data=body, content_type=POSTED[0]
    )
    assert reply.status_code == status
    assert of(app, invitation).stopped_at is None


def test_a_body_that_is_cut_off_stops_nothing(app: Flask) -> None:
    invitation = invited(app)
    reply = app.test_client().post(
        f"/i/{invitation.code}/stop/at-once",
        data=POSTED[1],
        content_type=POSTED[0],
        # As gunicorn does: the body ends where it ends, whatever length was announced.
        environ_overrides={"CONTENT_LENGTH": "900", "wsgi.input_terminated": True},
    )
    assert reply.status_code == 400
    assert of(app, invitation).stopped_at is None


def test_one_click_answers_the_same_for_a_code_that_nobody_has(app: Flask) -> None:
    told = set()
    for code in (invited(app).code, "333-333-3333", "nonsense"):
        reply = app.test_client().post(
            f"/i/{code}/stop/at-once", data=POSTED[1], content_type=POSTED[0]
        )
        told.add((reply.status_code, reply.data))
    assert told == {(200, b"")}


def test_one_clinic_s_click_stops_nothing_at_another(two_clinics: Flask) -> None:
    invitation = invited(two_clinics, clinic="birch-road")
    client = two_clinics.test_client()
    for path, is_stopped in (("", False), ("/c/birch-road", True)):
        client.post(
            f"{path}/i/{invitation.code}/stop/at-once", data=POSTED[1], content_type=POSTED[0]
        )
        assert (of(two_clinics, invitation).stopped_at is not None) is is_stopped
