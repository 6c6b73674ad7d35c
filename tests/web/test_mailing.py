"""The link by e-mail: asked for, counted, and silent about the person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from intake import create_app
from intake.store import schema
from tests.web.browser import ANA, Patient, begun, known
from tests.web.clinic_side import store_of
from tests.web.conftest import Clock
from tests.web.test_returning import BORN, code_of
from tests.web.test_staff import actions
from tests.web.test_walk import document

TO = "ana@example.com"


@pytest.fixture
def app(instance: Path, clock: Clock, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """As every application here, but it writes mail into a folder."""
    app = create_app(instance, environ={"INTAKE_MAIL": "folder"}, clock=clock)
    app.jinja_env.bytecode_cache = compiled
    yield app
    app.extensions["store"].engine.dispose()


def mails(app: Flask) -> list[EmailMessage]:
    found = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((Path(app.instance_path) / "mail").glob("*.eml"))
    ]
    assert all(isinstance(each, EmailMessage) for each in found)
    return found


def mailed(patient: Patient, to: str = TO) -> Patient:
    patient.open("/form/later")
    patient.send({"to": to}, form="/mail")
    return patient


def unlock(patient: Patient) -> None:
    """Come back after more than the hour after which a form is locked."""
    patient.open("/form/later")
    assert patient.page == "/form/locked"
    patient.send(BORN, form="/form/locked")


def test_the_link_opens_the_form_with_the_date_of_birth(app: Flask) -> None:
    patient = mailed(known(app))
    assert patient.page == "/form/later"
    assert patient.has("We sent the e-mail.")
    (mail,) = mails(app)
    link = re.search(r"^http://localhost/return#([0-9A-Z-]+)\r$", mail.get_content(), re.M)
    assert link
    other = Patient(app)
    other.open("/return")
    other.send({"code": link[1], **BORN}, form="/return")
    assert other.page == "/form/support"


def test_the_mail_says_what_is_needed_and_nothing_of_the_person(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    mailed(patient)
    (mail,) = mails(app)
    text = mail.get_content()
    for words in (code, "March 23, 2026", "(212) 555-0142", "If you did not ask for this, ignore"):
        assert words in text
    assert all(f"{sign} as in" in text for sign in code if sign.isalpha())
    assert mail["Subject"] == "Your link to the intake form"
    assert mail["From"].addresses[0].addr_spec == "frontdesk@alder-lane.example"
    whole = mail.as_string().replace("Alder Lane Spasticity Clinic", "")
    for word in (
        "Ana",
        "Nguy",
        "1975",
        "0111",
        "sclerosis",
        "spast",
        "toxin",
        "http://localhost/?",
    ):
        assert word not in whole.replace(TO, "")


def test_a_code_that_works_is_sent_again(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    mailed(patient)
    assert code in mails(app)[0].get_content()
    assert document(patient, app)["resume_code"] == code


def test_the_field_holds_the_address_from_the_form(app: Flask) -> None:
    patient = begun(app)
    patient.go_on(ANA | {"email": TO})
    patient.open("/form/later")
    assert f'value="{TO}"' in patient.html


def test_a_wrong_address_is_told_and_kept(app: Flask) -> None:
    patient = mailed(known(app), "ana@example")
    assert patient.status == 422
    assert patient.has("Write the e-mail address like this: name@example.com.")
    assert 'value="ana@example"' in patient.html
    assert mails(app) == []


def test_three_a_day_for_one_form(app: Flask, clock: Clock) -> None:
    patient = known(app)
    for _ in range(3):
        assert mailed(patient).has("We sent the e-mail.")
    assert mailed(patient, "other@example.com").has("No more e-mails today.")
    assert 'value="other@example.com"' in patient.html
    assert len(mails(app)) == 3
    clock.forward(hours=19)
    unlock(patient)
    assert mailed(patient).has("No more e-mails today.")
    clock.forward(hours=5)
    unlock(patient)
    assert mailed(patient).has("We sent the e-mail.")


def test_three_a_day_for_one_address_from_many_forms(app: Flask) -> None:
    for _ in range(3):
        mailed(known(app))
    last = mailed(known(app), TO.upper())
    assert last.has("No more e-mails today.")
    assert len(mails(app)) == 3
    # What the address has used up is not taken from this form.
    assert mailed(last, "other@example.com").has("We sent the e-mail.")


def test_a_failure_says_so_and_does_not_count(app: Flask) -> None:
    patient = known(app)
    folder = Path(app.instance_path) / "mail"
    folder.write_text("in the way")
    for _ in range(4):
        mailed(patient)
        assert patient.status == 503
        assert patient.has("We could not send the e-mail just now.")
        assert f'value="{TO}"' in patient.html
        # The code is there all the same.
        assert "code-part" in patient.html
    folder.unlink()
    assert mailed(patient).has("We sent the e-mail.")


def test_the_address_stands_in_no_log_and_no_row(app: Flask, logs: StringIO) -> None:
    patient = known(app)
    mailed(patient)
    (Path(app.instance_path) / "mail").rename(Path(app.instance_path) / "old")
    (Path(app.instance_path) / "mail").write_text("in the way")
    mailed(patient)
    assert "event=mail_sent" in logs.getvalue()
    assert "event=mail_failed" in logs.getvalue()
    assert "reason=FileExistsError" in logs.getvalue()
    assert "example.com" not in logs.getvalue()
    assert "link_mailed" in actions(app)
    with store_of(app).read() as conn:
        for table in schema.metadata.sorted_tables:
            assert "example.com" not in str(conn.execute(table.select()).all())
    assert "example.com" not in str(document(patient, app))


def test_without_a_birth_date_there_is_no_link(app: Flask) -> None:
    patient = begun(app)
    patient.open("/form/about-you")
    token = patient.field("csrf_token")[0]
    patient.open("/form/later")
    assert 'id="to"' not in patient.html
    patient.post("/form/later/mail", [("csrf_token", token), ("to", TO), ("_end", "1")])
    assert mails(app) == []


@pytest.mark.parametrize("lacks", ["setting", "address"])
def test_without_setting_or_address_it_is_not_offered(
    instance: Path, clock: Clock, lacks: str
) -> None:
    if lacks == "address":
        file = instance / "clinics" / "alder-lane.toml"
        file.write_text(re.sub("(?m)^email = .*$", "", file.read_text()))
    environ = {} if lacks == "setting" else {"INTAKE_MAIL": "folder"}
    app = create_app(instance, environ=environ, clock=clock)
    patient = known(app)
    patient.open("/form/later")
    assert 'id="to"' not in patient.html
    token = patient.field("csrf_token")[0]
    patient.post("/form/later/mail", [("csrf_token", token), ("to", TO), ("_end", "1")])
    assert mails(app) == []
    app.extensions["store"].engine.dispose()
