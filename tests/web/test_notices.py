"""Notices that something urgent arrived: the reference alone, signed, and tried again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask

from intake import create_app
from intake.config import ConfigError
from intake.store import calls, trail
from intake.web import work
from intake.webhook import signature
from tests.web.clinic_side import sent, store_of
from tests.web.conftest import Clock

SECRET = "a secret of the clinic's own"


@dataclass
class Pager:
    """A program of the clinic's: what it got, and what it answers next (204 by default)."""

    url: str = ""
    answers: list[tuple[int, str]] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def pager() -> Iterator[Pager]:
    found = Pager()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, dict(self.headers), body))
            status, where = found.answers.pop(0) if found.answers else (204, "")
            self.send_response(status)
            if where:
                self.send_header("Location", where)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/intake?from=us"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def noticed(instance: Path, clock: Clock, pager: Pager) -> Iterator[Flask]:
    """The application of a clinic that wants both kinds of notices."""
    file = instance / "clinics" / "alder-lane.toml"
    lines = f'notice_email = "oncall@alder-lane.example"\nnotice_webhook = "{pager.url}"\n'
    file.write_text(lines + file.read_text())
    environ = {"INTAKE_WEBHOOK_SECRET": SECRET, "INTAKE_MAIL": "folder"}
    app = create_app(instance, environ=environ, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


@pytest.fixture(autouse=True)
def draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDF that is drawn as well takes a second and is not what is tested here."""
    monkeypatch.setitem(work.HANDLERS, "summary", lambda _: None)


def urgent(app: Flask) -> str:
    return sent(app, now_breath_heart=["chest"], name="Marked Person")


def mails(instance: Path) -> list[str]:
    found = []
    for path in sorted(instance.rglob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        found.append(f"{message['To']}\n{message['Subject']}\n{message.get_content()}")
    return found


def test_both_are_told_the_reference_alone(noticed: Flask, pager: Pager, instance: Path) -> None:
    reference = urgent(noticed)
    work.run_due(noticed)
    ((path, headers, body),) = pager.got
    assert path == "/intake?from=us"
    assert json.loads(body) == {
        "clinic": "alder-lane",
        "reference": reference,
        "kind": "response",
        "at": "2026-03-09T15:00:00+00:00",
    }
    assert headers["Intake-Signature"] == signature(SECRET, headers["Intake-Timestamp"], body)
    assert headers["Intake-Timestamp"] == "1773068400"
    (mail,) = mails(instance)
    assert mail.startswith("oncall@alder-lane.example\nIntake: look at the work list\n")
    assert reference in mail
    assert "Marked" not in mail
    made = trail.events(store_of(noticed), 1, trail.Wanted(action="notice_made"))
    assert [(each.reference, each.detail) for each in made] == [(reference, "mail-webhook")]


def test_a_private_sign_is_told_alike(noticed: Flask, pager: Pager) -> None:
    reference = sent(noticed, now_unsafe="yes", safe_contact="315-555-0177")
    work.run_due(noticed)
    assert [json.loads(body)["reference"] for _, _, body in pager.got] == [reference]
    assert {json.loads(body)["kind"] for _, _, body in pager.got} == {"response"}


def test_what_is_not_urgent_is_not_told(noticed: Flask, pager: Pager, instance: Path) -> None:
    sent(noticed)
    work.run_due(noticed)
    assert (pager.got, mails(instance)) == ([], [])


def test_a_call_without_a_form_is_told(noticed: Flask, pager: Pager) -> None:
    calls.request(
        store_of(noticed), 1, None, name="Lea", phone="", urgency="emergency", cards=["E8"]
    )
    work.run_due(noticed)
    ((_, _, body),) = pager.got
    assert (json.loads(body)["kind"], json.loads(body)["reference"]) == ("draft", "")


def test_a_program_that_fails_is_told_again(
    noticed: Flask, pager: Pager, clock: Clock, instance: Path
) -> None:
    pager.answers = [(500, "")]
    urgent(noticed)
    work.run_due(noticed)
    work.run_due(noticed)
    assert len(pager.got) == 1
    clock.forward(minutes=2)
    work.run_due(noticed)
    first, second = pager.got
    assert first[2] == second[2]
    assert first[1]["Intake-Notice"] == second[1]["Intake-Notice"]
    assert first[1]["Intake-Signature"] != second[1]["Intake-Signature"]
    clock.forward(days=1)
    work.run_due(noticed)
    # Neither the program that took it nor the mail is bothered again.
    assert (len(pager.got), len(mails(instance))) == (2, 1)


def test_nobody_is_sent_elsewhere(noticed: Flask, pager: Pager) -> None:
    pager.answers = [(307, pager.url.replace("/intake", "/elsewhere"))]
    urgent(noticed)
    work.run_due(noticed)
    assert [path for path, _, _ in pager.got] == ["/intake?from=us"]


def test_who_wants_no_notice_gets_none(app: Flask) -> None:
    urgent(app)
    work.run_due(app)
    assert trail.events(store_of(app), 1, trail.Wanted(action="notice_made")) == []
    with store_of(app).read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM jobs").scalar() == 0


@pytest.mark.parametrize(
    ("line", "secret", "wrong"),
    [
        ('notice_webhook = "http://pager.example/x"', SECRET, "https://"),
        ('notice_webhook = "https://me:word@pager.example/x"', SECRET, "https://"),
        ('notice_webhook = "ftp://127.0.0.1/x"', SECRET, "https://"),
        ('notice_webhook = "https://pager.example:99999/x"', SECRET, "https://"),
        ('notice_webhook = "https://pager.example/x"', "", "INTAKE_WEBHOOK_SECRET"),
        ('notice_webhook = "https://pager.example/x"', "short", "INTAKE_WEBHOOK_SECRET"),
        ('notice_email = "nobody"', SECRET, "email address"),
    ],
)
def test_an_unsafe_notice_stops_the_start(
    instance: Path, line: str, secret: str, wrong: str
) -> None:
    file = instance / "clinics" / "alder-lane.toml"
    file.write_text(f"{line}\n{file.read_text()}")
    with pytest.raises(ConfigError, match=wrong):
        create_app(instance, environ={"INTAKE_WEBHOOK_SECRET": secret})
