"""The page of settings: what is set, where it is changed, and no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from intake import create_app
from intake.store import jobs, schema
from intake.web import work
from tests.web.browser import Patient
from tests.web.clinic_side import clinic_of, logged_in, store_of
from tests.web.conftest import Clock
from tests.web.test_staff import actions

SECRET = "s3cr3t-pass"


@pytest.fixture
def mailing(instance: Path, clock: Clock) -> Iterator[Flask]:
    app = create_app(instance, environ={"INTAKE_MAIL": "folder"}, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


def boss_of(app: Flask, email: str | None = "boss@clinic.example") -> Patient:
    boss = logged_in(app, "admin")
    with store_of(app).write() as conn:
        conn.execute(update(schema.staff).values(email=email))
    boss.open("/clinic/settings")
    return boss


def job_gives_up(app: Flask, clock: Clock) -> None:
    clock.forward(minutes=2)
    job = jobs.take(store_of(app))
    assert job
    jobs.fail(store_of(app), job, "address", for_good=True)


def test_of_the_webhook_the_host_alone_is_told(instance: Path, clock: Clock) -> None:
    file = instance / "clinics" / "alder-lane.toml"
    words = 'notice_email = "call@c.example"\nnotice_webhook = "https://pager.example/k3y"\n'
    file.write_text(words + file.read_text())
    app = create_app(instance, environ={"INTAKE_WEBHOOK_SECRET": "s" * 40}, clock=clock)
    boss = boss_of(app)
    for told in ("pager.example", "call@c.example", "7, 2 days", "3, 7 days"):
        assert boss.has(told)
    assert "k3y" not in boss.html
    app.extensions["store"].engine.dispose()


def test_it_says_what_is_set_and_where_it_is_changed(app: Flask) -> None:
    boss = boss_of(app)
    assert boss.has(clinic_of(app).hours)
    for words in ("clinics/alder-lane.toml", "lock_after_minutes", "INTAKE_MAIL", "SQLite"):
        assert boss.has(words)
    assert boss.has("Mail is off: INTAKE_MAIL is not set.")
    assert boss.has("never")
    assert "Send a test" not in boss.html


def test_no_secret_stands_there(instance: Path, clock: Clock) -> None:
    url = f"smtp+starttls://sender:{SECRET}@mail.clinic.example:587"
    app = create_app(instance, environ={"INTAKE_MAIL": url}, clock=clock)
    boss = boss_of(app)
    assert boss.has("mail.clinic.example, starttls")
    assert SECRET not in boss.html
    assert "sender" not in boss.html
    assert str(instance) not in boss.html
    app.extensions["store"].engine.dispose()


def test_a_test_mail_goes_to_who_asks(mailing: Flask, instance: Path) -> None:
    boss = boss_of(mailing)
    boss.send(form="/settings/mail")
    assert boss.page == "/clinic/settings"
    assert boss.has("The mail will be sent within a minute.")
    work.run_due(mailing)
    (written,) = (instance / "mail").iterdir()
    assert "To: boss@clinic.example" in written.read_text()
    assert "test_mail_sent" in actions(mailing)


def test_without_an_address_there_is_none_to_send(mailing: Flask, instance: Path) -> None:
    boss = boss_of(mailing, email=None)
    assert boss.has("Your account has no e-mail address.")
    token = boss.field("csrf_token")[0]
    boss.post("/clinic/settings/mail", [("csrf_token", token), ("_end", "1")])
    assert boss.status == 409
    assert not (instance / "mail").exists()


def test_what_the_server_does_not_take_stands_among_the_jobs(instance: Path, clock: Clock) -> None:
    app = create_app(instance, environ={"INTAKE_MAIL": "smtp://127.0.0.1:1"}, clock=clock)
    boss = boss_of(app)
    boss.send(form="/settings/mail")
    work.run_due(app)
    boss.open("/clinic/settings")
    assert boss.has("ConnectionRefusedError")
    assert re.search(r"Waiting to be sent or drawn</dt>\s*<dd>\s*1\b", boss.html)
    job_gives_up(app, clock)
    boss.open("/clinic/settings")
    assert boss.has("1 in the last 30 days: not sent")
    app.extensions["store"].engine.dispose()


@pytest.mark.parametrize("email", ["new@clinic.example", ""])
def test_an_invitation_goes_to_the_address_of_who_is_invited(
    mailing: Flask, instance: Path, email: str
) -> None:
    boss = boss_of(mailing)
    boss.open("/clinic/accounts")
    new = {"name": "Dana Hill", "username": "d.hill", "role": "doctor", "email": email}
    boss.send(new, form="/accounts")
    shown = re.search(r"http://localhost/clinic/invited#[\w-]{19}", boss.html)
    assert shown
    work.run_due(mailing)
    mails = list((instance / "mail").glob("*"))
    assert boss.has("It will be sent within a minute") is bool(email)
    assert len(mails) == bool(email)
    for each in mails:
        told = message_from_bytes(each.read_bytes(), policy=default)
        assert told["To"] == email
        assert shown.group() in told.get_content()
        assert "Dana" not in told.get_content()
    assert ("staff_invitation_mailed" in actions(mailing)) is bool(email)


def test_a_mail_that_fails_leaves_the_link(instance: Path, clock: Clock) -> None:
    app = create_app(instance, environ={"INTAKE_MAIL": "smtp://127.0.0.1:1"}, clock=clock)
    boss = boss_of(app)
    boss.open("/clinic/accounts")
    new = {"name": "Dana Hill", "username": "d.hill", "role": "doctor", "email": "d@c.example"}
    boss.send(new, form="/accounts")
    assert work.run_due(app) == 1
    assert boss.has("Hand it on yourself.")
    assert "/clinic/invited#" in boss.html
    app.extensions["store"].engine.dispose()
