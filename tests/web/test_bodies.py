"""Bodies that are cut off, too large, or no form: a clear 4xx, and nothing stored."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import EnvironBuilder, run_wsgi_app

from intake.web.security import BUTTONS
from tests.web.browser import NO_SIGNS, SELF, Patient

FORM = "application/x-www-form-urlencoded"


def rows(app: Flask) -> int:
    with app.extensions["store"].read() as conn:
        return int(conn.execute(text("SELECT count(*) FROM responses")).scalar_one())


@pytest.fixture
def patient(app: Flask) -> Patient:
    patient = Patient(app)
    patient.open("/")
    return patient


@pytest.fixture
def body(patient: Patient) -> bytes:
    token, seen = patient.field("csrf_token")[0], patient.field("seen")[0]
    # A script puts the button last, after the end of the form.
    return f"csrf_token={token}&seen={seen}&respondent=self&_end=1&action=continue".encode()


def post(
    patient: Patient,
    body: bytes,
    *,
    length: int | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, str]:
    builder = EnvironBuilder(method="POST", path="/", data=body, content_type=FORM)
    cookie = patient.client.get_cookie("intake")
    assert cookie
    builder.headers.update({"Cookie": f"intake={cookie.value}"} | (headers or {}))
    environ = builder.get_environ()
    # As gunicorn does: the body ends where it ends, whatever length was announced.
    environ["wsgi.input_terminated"] = True
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    # Straight to the application: the test client would correct the length.
    page, status, _ = run_wsgi_app(patient.client.application, environ, buffered=True)
    return int(status.split()[0]), b"".join(page).decode()


def test_a_whole_body_is_taken(app: Flask, patient: Patient, body: bytes) -> None:
    assert post(patient, body)[0] == 303
    assert rows(app) == 1


def test_every_cut_is_refused(app: Flask, patient: Patient, body: bytes) -> None:
    for at in range(len(body)):
        status, page = post(patient, body[:at], length=len(body))
        assert status == 400, at
    assert rows(app) == 0
    assert "Nothing was stored" in page


@pytest.mark.parametrize("by_script", [True, False], ids=["htmx", "plain"])
def test_every_cut_that_nobody_announced_is_refused(
    app: Flask, patient: Patient, body: bytes, by_script: bool
) -> None:
    if not by_script:
        body = body.replace(b"&_end=1&action=continue", b"&action=continue&_end=1")
    for at in range(len(body)):
        assert post(patient, body[:at])[0] == 400, body[:at][-20:]
    assert post(patient, body)[0] == 303


@pytest.mark.parametrize("more", [b"&x=1", b"&_end=", b"&action=", b"&action=go&action=go"])
def test_nothing_else_stands_behind_the_end(
    app: Flask, patient: Patient, body: bytes, more: bytes
) -> None:
    assert post(patient, body + more)[0] == 400
    assert rows(app) == 0


@pytest.mark.parametrize("missing", [1, 20, 5000])
def test_a_whole_form_that_should_be_longer_is_refused(
    app: Flask, patient: Patient, body: bytes, missing: int
) -> None:
    """Its end mark is there; what was announced behind it is not."""
    assert post(patient, body, length=len(body) + missing)[0] == 400
    assert rows(app) == 0


def test_no_button_cut_short_is_another_one() -> None:
    assert not any(a != b and b.startswith(a) for a in BUTTONS for b in BUTTONS)


def test_a_page_without_a_button_is_not_whole(app: Flask, patient: Patient) -> None:
    patient.go_on(SELF)
    patient.send(NO_SIGNS)
    assert patient.status == 400
    patient.open("/form/right-now")
    patient.send(NO_SIGNS, action="go")
    assert patient.status == 400


def test_a_body_without_its_end_is_refused(app: Flask, patient: Patient, body: bytes) -> None:
    assert post(patient, body.replace(b"&_end=1", b""))[0] == 400
    assert rows(app) == 0


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (b"&x=" + b"y" * 65_536, 413),
        (b"&x=1" * 400, 400),
        (b"&name=%ff", 400),
        (b"&name=%00", 400),
        ("&name=é".encode(), 400),
    ],
    ids=["64 kB", "400 fields", "no UTF-8", "NUL", "raw bytes"],
)
def test_a_body_that_is_no_form_is_refused(
    app: Flask, patient: Patient, body: bytes, more: bytes, status: int
) -> None:
    # Before the end: behind it anything is refused.
    whole = body.replace(b"&_end=1", more + b"&_end=1")
    assert post(patient, whole)[0] == status
    assert rows(app) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_foreign_ways_of_sending_are_refused(
    app: Flask, patient: Patient, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert post(patient, body, headers=headers)[0] == status
    assert rows(app) == 0


def test_a_long_query_is_refused(patient: Patient) -> None:
    assert patient.client.get("/?x=" + "y" * 2048).status_code == 414


def test_a_form_without_a_token_gets_its_words_back(app: Flask, patient: Patient) -> None:
    patient.post("/", [("respondent", "carer"), ("action", "continue"), ("_end", "1")])
    assert patient.status == 409
    assert rows(app) == 0
    assert patient.field("respondent") == ["carer"]
    assert patient.go_on() == "/form/right-now"


@pytest.mark.parametrize("address", ["/form/care", "/form/finish", "/form/later"])
def test_other_forms_without_a_token_are_refused(app: Flask, address: str) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    patient.post(address, [("_end", "1")])
    assert patient.status == 400


def test_a_form_of_an_earlier_session_leads_back_to_its_page(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    pairs = {"csrf_token": "old", "_end": "1"}
    origin = {"Referer": "http://localhost/form/later"}
    reply = patient.client.post("/form/later", data=pairs, headers=origin)
    assert reply.status_code == 400
    assert 'href="/form/later"' in reply.get_data(as_text=True)
    elsewhere = {"Referer": "https://evil.example/form/later"}
    reply = patient.client.post("/form/later", data=pairs, headers=elsewhere)
    assert 'href="/form/later"' not in reply.get_data(as_text=True)
    current = {"HX-Request": "true", "HX-Current-URL": "http://localhost/form/care?x=1"}
    reply = patient.client.post("/form/care", data=pairs, headers=current)
    assert reply.headers["HX-Redirect"] == "/form/care"


@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
@pytest.mark.parametrize(
    "address",
    [
        "http://[x",
        "http://localhost//evil.example",
        "http://localhost/\\evil.example",
        "http://localhost\\@evil.example/",
        "//localhost",
        "localhost/form/later",
        "javascript:alert(1)",
        "http://localhost",
    ],
)
def test_no_address_leads_a_stale_form_away(app: Flask, header: str, address: str) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    pairs = {"csrf_token": "old", "_end": "1"}
    reply = patient.client.post("/form/finish", data=pairs, headers={header: address})
    assert reply.status_code == 400
    assert reply.headers["HX-Redirect"] == "/"
    assert "evil" not in reply.get_data(as_text=True)
