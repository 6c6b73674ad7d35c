"""Who may open what, and what every reply carries."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from intake import create_app
from intake.config import ConfigError
from intake.store import StoreNotReady
from intake.web.access import access_of, refuse_unlisted_routes
from tests.web.browser import Patient, known, ready, strict
from tests.web.conftest import Clock

ACCESS = {
    "static": "anyone",
    "assets.questions_css": "anyone",
    "assets.accent_css": "anyone",
    "assets.logo": "anyone",
    "patient.start": "anyone",
    "patient.answer_start": "patient",
    "patient.step": "patient",
    "patient.answer_step": "patient",
    "patient.autosave": "patient",
    "patient.locked": "patient",
    "patient.unlock": "patient",
    "patient.stay_here": "patient",
    "patient.advice": "patient",
    "patient.leave_advice": "patient",
    "patient.ask_for_call": "patient",
    "patient.stopped": "patient",
    "patient.leave_quickly": "anyone",
    "patient.change_way": "patient",
    "patient.check": "patient",
    "patient.sections": "patient",
    "patient.send": "patient",
    "patient.sent": "patient",
    "patient.finish": "patient",
    "patient.own_copy": "patient",
    "patient.own_copy_pdf": "patient",
    "patient.finished": "anyone",
    "patient.treatment": "anyone",
    "patient.later": "patient",
    "patient.issue_code": "patient",
    "patient.card": "patient",
    "patient.mail_link": "patient",
    "patient.come_back": "anyone",
    "patient.resume": "anyone",
    "patient.by_link": "anyone",
    "patient.invited": "anyone",
    "patient.accept": "anyone",
    "patient.stop_mails": "anyone",
    "patient.mails_stopped": "anyone",
    "patient.stop_at_once": "anyone",
    "patient.open_again": "anyone",
    "patient.question_link": "anyone",
    "patient.question": "anyone",
    "patient.open_question": "anyone",
    "patient.question_page": "asked",
    "patient.answer_question": "asked",
    "patient.question_advice": "asked",
    "patient.question_check": "asked",
    "patient.send_answer": "asked",
    "patient.question_sent": "anyone",
    "patient.accessibility": "anyone",
    "patient.look": "anyone",
    "patient.change_look": "anyone",
    "probes.alive": "anyone",
    "probes.ready": "anyone",
    "probes.metrics": "anyone",
    "fhir.metadata": "anyone",
    "fhir.questionnaires": "program",
    "fhir.questionnaire": "program",
    "fhir.search": "program",
    "fhir.response": "program",
    "fhir.bundle": "program",
    "fhir.nowhere": "program",
}
"""Who may open which endpoint of the patient's side. A new route belongs in here."""

STAFF_SIDE = ("clinic.", "auth.")


def test_every_route_is_listed_with_its_access(app: Flask) -> None:
    found = {
        rule.endpoint: getattr(access_of(app, rule.endpoint), "who", None)
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith(STAFF_SIDE)
    }
    assert found == ACCESS


def test_a_route_that_says_nothing_stops_the_start(app: Flask) -> None:
    app.view_functions["extra"] = lambda: "open to all?"
    app.url_map.add(app.url_rule_class("/extra", endpoint="extra"))
    with pytest.raises(RuntimeError, match="extra"):
        refuse_unlisted_routes(app)


def test_a_mark_without_a_gate_lets_nobody_in(app: Flask) -> None:
    del app.extensions["gates"]["patient"]
    assert app.test_client().get("/form/right-now").status_code == 403


@pytest.mark.parametrize("endpoint", [name for name, who in ACCESS.items() if who == "patient"])
def test_without_a_session_there_is_nothing_to_see(app: Flask, endpoint: str) -> None:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    address = rule.rule.replace("<slug>", "about-you")
    patient = Patient(app)
    if "GET" in (rule.methods or ()):
        assert patient.open(address) == "/return"
        return
    patient.open("/")
    token = patient.field("csrf_token")[0]
    patient.post(address, [("csrf_token", token), ("action", "continue"), ("_end", "1")])
    # A page of the questionnaire gives the words back, the first one asks again; saving by
    # itself only says no, since the words are still on the page.
    assert patient.page in {"/return", "/form/about-you", "/", "/form/about-you/save"}
    assert patient.status in {200, 403, 409}


ADDRESSES = ["/", "/return", "/form/about-you", "/form/check", "/nothing", "/kitchen-measures"]
EXPECTED = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("address", [*ADDRESSES, "/static/css/app.css", "/questions.css"])
def test_headers_on_every_reply(app: Flask, address: str) -> None:
    with known(app).client.get(address) as reply:
        assert {name: reply.headers.get(name) for name in EXPECTED} == EXPECTED


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_are_never_stored(app: Flask, address: str) -> None:
    assert known(app).client.get(address).headers["Cache-Control"] == "no-store"


def test_headers_on_errors_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a private word")

    client = app.test_client()
    for status, reply in (
        (404, client.get("/nothing")),
        (405, client.post("/finished", data={"_end": "1"})),
        (411, client.post("/")),
    ):
        assert reply.status_code == status
        assert {name: reply.headers.get(name) for name in EXPECTED} == EXPECTED
        assert reply.headers["Cache-Control"] == "no-store"
        strict(reply.get_data(as_text=True))
    monkeypatch.setitem(app.view_functions, "patient.start", _marked_like(app, fail))
    reply = client.get("/")
    assert reply.status_code == 500
    assert "a private word" not in reply.get_data(as_text=True)
    assert reply.headers["Content-Security-Policy"] == EXPECTED["Content-Security-Policy"]


def test_a_foreign_host_name_is_refused(app: Flask) -> None:
    reply = app.test_client().get("/", base_url="http://evil.example/")
    assert reply.status_code == 400
    assert "evil" not in reply.get_data(as_text=True)
    assert {name: reply.headers.get(name) for name in EXPECTED} == EXPECTED


def _marked_like(app: Flask, view: object) -> object:
    view.__dict__["access"] = access_of(app, "patient.start")
    return view


def test_fingerprinted_files_are_kept_for_a_year(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    page = strict(patient.html)
    links = [each.get("href") or each.get("src") or "" for each in page.iter()]
    files = [link for link in links if link.startswith(("/static/", "/questions.css"))]
    assert len(files) >= 4
    for file in files:
        with patient.client.get(file) as kept:
            assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable", file
        with patient.client.get(file.split("?")[0] + "?v=0") as stale:
            assert "immutable" not in stale.headers["Cache-Control"]


def test_the_cookie_is_strict_where_the_site_is_public(instance: Path, clock: Clock) -> None:
    environ = {"INTAKE_TRUSTED_HOSTS": "intake.example", "INTAKE_SECURE_COOKIES": "1"}
    app = create_app(instance, environ=environ, clock=clock)
    reply = app.test_client().get("/", base_url="https://intake.example/")
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith("__Host-intake=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "max-age=31536000" in reply.headers["Strict-Transport-Security"]
    app.extensions["store"].engine.dispose()


def test_it_does_not_start_half_right(instance: Path, clock: Clock) -> None:
    (instance / "clinics" / "alder-lane.toml").unlink()
    with pytest.raises(ConfigError, match="clinic"):
        create_app(instance, environ={}, clock=clock)


def test_it_does_not_start_without_its_tables(instance: Path, clock: Clock) -> None:
    (instance / "intake.sqlite").unlink()
    with pytest.raises(StoreNotReady):
        create_app(instance, environ={}, clock=clock)


def test_the_reply_carries_no_trace_of_the_server(app: Flask) -> None:
    patient = ready(app)
    assert "Traceback" not in patient.html
    assert "X-Powered-By" not in patient.reply.headers
