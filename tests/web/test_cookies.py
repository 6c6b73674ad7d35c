"""Cookies: whose they are, who can set them, and what a stolen or changed one is good for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake import create_app
from tests.web.browser import Patient, known
from tests.web.clinic_side import PASSWORD, enter, fresh_digits, hired, logged_in
from tests.web.conftest import Clock

HOME = "https://intake.example"
PUBLIC = {"INTAKE_TRUSTED_HOSTS": "intake.example", "INTAKE_SECURE_COOKIES": "1"}


@pytest.fixture
def public(instance: Path, clock: Clock) -> Iterator[Flask]:
    """The application as a public site runs it."""
    app = create_app(instance, environ=PUBLIC, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


def posted(client: FlaskClient, page: str, to: str, **fields: str) -> TestResponse:
    """Fill in a form of a page, as a browser does that is led by TLS."""
    html = client.get(page, base_url=HOME).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found
    data = {"csrf_token": found[1], **fields, "_end": "1"}
    return client.post(to, data=data, base_url=HOME)


def test_every_cookie_of_a_public_site_is_bound_to_it(public: Flask) -> None:
    client = public.test_client()
    replies = [
        client.get("/?language=es", base_url=HOME),
        posted(client, "/", "/display", action="look-contrast-high"),
        posted(client, "/", "/display", action="look-reset"),
        posted(client, "/return", "/return", action="to-en"),
        client.get("/clinic/log-in", base_url=HOME),
    ]
    cookies = [cookie for reply in replies for cookie in reply.headers.getlist("Set-Cookie")]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == {"__Host-intake", "__Host-language", "__Host-display"}
    for cookie in cookies:
        parts = cookie.split("; ")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts), cookie
        # A browser takes no __Host- cookie that names a domain.
        assert not any(part.startswith("Domain") for part in parts), cookie


def test_a_cookie_from_a_neighbouring_host_counts_for_nothing(public: Flask) -> None:
    own = public.test_client()
    hired(public, "doctor")
    posted(own, "/clinic/log-in", "/clinic/log-in", username="doctor", password=PASSWORD)
    posted(own, "/clinic/log-in/code", "/clinic/log-in/code", code=fresh_digits(public))
    assert own.get("/clinic", base_url=HOME).status_code == 200
    session = own.get_cookie("__Host-intake", "intake.example")
    assert session

    tossed = public.test_client()
    for name, value in (("intake", session.value), ("language", "es"), ("display", "21111")):
        tossed.set_cookie(name, value, domain="intake.example")
    assert tossed.get("/clinic", base_url=HOME).status_code == 303
    page = tossed.get("/", base_url=HOME).get_data(as_text=True)
    assert '<html lang="en"' in page
    assert "data-text" not in page


@pytest.mark.parametrize("how", ["payload", "signature", "no signature", "another key"])
def test_a_cookie_that_was_changed_is_none(app: Flask, how: str) -> None:
    browser = logged_in(app, "doctor")
    kept = browser.client.get_cookie("intake")
    assert kept
    payload, stamp, signature = kept.value.rsplit(".", 2)
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined] # of Flask's own sessions
    told = serializer.loads(kept.value)
    serializer.secret_keys = [b"k" * 32]
    changed = {
        "payload": f"{payload[:-2]}{'AA' if payload[-2:] != 'AA' else 'BB'}.{stamp}.{signature}",
        "signature": f"{payload}.{stamp}.{signature[::-1]}",
        "no signature": f"{payload}.{stamp}.",
        "another key": serializer.dumps(told),
    }[how]
    assert browser.open("/clinic") == "/clinic"
    browser.client.set_cookie("intake", changed)
    assert browser.open("/clinic") == "/clinic/log-in"


def copied(browser: Patient) -> Patient:
    """Another browser with the very cookies of this one."""
    other = Patient(browser.app)
    kept = browser.client.get_cookie("intake")
    assert kept
    other.client.set_cookie("intake", kept.value)
    return other


def test_who_planted_a_session_does_not_get_in_with_its_owner(app: Flask) -> None:
    hired(app, "doctor")
    browser = Patient(app)
    browser.open("/clinic/log-in")
    before = copied(browser)
    browser.send({"username": "doctor", "password": PASSWORD}, form="log-in")
    between = copied(browser)
    browser.send({"code": fresh_digits(app)}, form="log-in/code")
    assert browser.page == "/clinic"
    for planted in (before, between):
        assert planted.open("/clinic") == "/clinic/log-in"
        assert planted.open("/clinic/log-in/code") == "/clinic/log-in"


def test_who_planted_a_session_does_not_see_a_form_either(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    planted = copied(patient)
    patient.go_on({"privacy_notice": "seen", "respondent": "self", "private": "no"})
    assert planted.open("/form/right-now") == "/return"


def test_a_copy_of_a_cookie_dies_with_the_log_out(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    stolen = copied(browser)
    assert stolen.open("/clinic") == "/clinic"
    browser.open("/clinic")
    browser.send(form="log-out")
    assert stolen.open("/clinic") == "/clinic/log-in"


def test_a_patients_copy_dies_with_finish_and_clear(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/check")
    patient.send()
    stolen = copied(patient)
    assert stolen.open("/form/sent") == "/form/sent"
    patient.send(form="/finish")
    assert stolen.open("/form/sent") == "/return"


def test_the_token_of_a_form_changes_at_the_log_in(app: Flask) -> None:
    hired(app, "doctor")
    browser = Patient(app)
    browser.open("/clinic/log-in")
    (token,) = browser.field("csrf_token", "log-in")
    enter(browser, "doctor")
    assert browser.field("csrf_token") != [token]
    data = {"csrf_token": token, "_end": "1"}
    assert browser.client.post("/clinic/log-out-everywhere", data=data).status_code == 400
    assert browser.open("/clinic") == "/clinic"
