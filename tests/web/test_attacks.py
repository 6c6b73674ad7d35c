"""What a stranger sends: forged forms, made-up headers, odd methods, unasked fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from intake import create_app
from intake.store import attempts, schema, staff
from intake.store.attempts import Limit
from intake.web.access import ANYONE, PROGRAM, access_of
from tests.web.browser import ANA, Patient, begun, known
from tests.web.clinic_side import PASSWORD, enter, hired, invited, logged_in, sent, store_of
from tests.web.conftest import Clock
from tests.web.test_programs import Program
from tests.web.test_staff import ROUTES, events
from tests.web.test_walk import document

FOREIGN = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
MOVING = ("audit_events", "audit_heads", "sessions")
"""Tables that a look at a page changes."""


def filled(rule: Rule) -> str:
    """An address of a route, with something in each of its places."""
    return re.sub(r"<[^>]+>", lambda found: "x" if "path:" in found[0] else "C7K-4MX", rule.rule)


def rows(app: Flask, *, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """All that is stored, by table."""
    with store_of(app).read() as conn:
        return {
            table.name: sorted(map(repr, conn.execute(select(table)).all()))
            for table in schema.metadata.sorted_tables
            if table.name not in but
        }


def posting(app: Flask) -> list[Rule]:
    """Every route that takes a form."""
    found = [
        rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and getattr(access_of(app, rule.endpoint), "who", "") != PROGRAM
    ]
    assert len(found) > 70
    return found


# --- Forms of other sites ----------------------------------------------------------------------


def test_no_form_is_taken_without_its_token(app: Flask) -> None:
    """Every route, with a patient's form and an administrator's log-in in one browser."""
    browser = known(app)
    hired(app, "admin")
    browser.open("/clinic")
    enter(browser, "admin")
    assert browser.open("/form/about-you") == "/form/about-you"
    for rule in posting(app):
        access = access_of(app, rule.endpoint)
        assert access
        if rule.endpoint in {"clinic.log_out", "patient.leave_quickly"}:
            # They are meant to work from an old page: who presses them walks away.
            continue
        before = rows(app, but=MOVING)
        for token in ("", "IjAi.x.y"):
            data = {"csrf_token": token, "action": "continue", "name": "Eve", "_end": "1"}
            reply = browser.client.post(filled(rule), data=data)
            # Some give the typed words back, and none stores them. What a mail program posts
            # hangs on the code in its address alone.
            may_answer = access.keeps_words or access.one_click
            assert reply.status_code == 400 or may_answer, rule
        assert rows(app, but=MOVING) == before, rule
    assert browser.open("/clinic") == "/clinic"


def test_no_form_of_another_site_is_taken_with_a_token(app: Flask) -> None:
    browser = logged_in(app, "admin")
    token = browser.field("csrf_token")[0]
    before = rows(app)
    for rule in posting(app):
        if getattr(access_of(app, rule.endpoint), "one_click", False):
            continue
        for site in ("cross-site", "same-site"):
            reply = browser.client.post(
                filled(rule),
                data={"csrf_token": token, "_end": "1"},
                headers={"Sec-Fetch-Site": site},
            )
            assert reply.status_code == 403, rule
    assert rows(app) == before


def test_the_token_of_one_browser_is_none_in_another(app: Flask) -> None:
    mine, theirs = begun(app), begun(app)
    token = mine.field("csrf_token")[0]
    reply = theirs.client.post("/form/later", data={"csrf_token": token, "_end": "1"})
    assert reply.status_code == 400


def test_no_reply_is_shared_with_another_site(app: Flask) -> None:
    reference = sent(app)
    browser, program = logged_in(app, "doctor"), Program(app)
    asks = FOREIGN | {"Access-Control-Request-Method": "POST"}
    for client, method, address in (
        (browser.client, "GET", f"/clinic/responses/{reference}"),
        (browser.client, "OPTIONS", f"/clinic/responses/{reference}"),
        (browser.client, "GET", "/clinic/changes"),
        (browser.client, "GET", "/static/js/app.js"),
        (program.client, "OPTIONS", f"/fhir/QuestionnaireResponse/{reference}"),
        (program.client, "GET", "/fhir/metadata"),
    ):
        reply = client.open(address, method=method, headers=asks)
        assert not [name for name, _ in reply.headers if name.startswith("Access-Control")], address
        assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    read = program.get(f"/QuestionnaireResponse/{reference}", **FOREIGN)
    assert read.status_code == 200
    assert "Access-Control-Allow-Origin" not in read.headers


# --- Headers -----------------------------------------------------------------------------------


@pytest.fixture(params=["0", "1"], ids=["no proxy", "one proxy"])
def behind(request: pytest.FixtureRequest, instance: Path, clock: Clock) -> Iterator[Flask]:
    """The application with as many proxies in front."""
    app = create_app(instance, environ={"INTAKE_PROXY_HOPS": request.param}, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


MADE_UP = {
    "Forwarded": "for=6.6.6.6;host=evil.example;proto=https",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Port": "6666",
    "X-Host": "evil.example",
    "X-Original-URL": "/clinic/accounts",
    "X-Rewrite-URL": "/clinic/accounts",
    "X-HTTP-Method-Override": "DELETE",
    "X-Real-IP": "6.6.6.6",
}


def test_headers_of_proxies_count_only_as_far_as_they_are_set(behind: Flask) -> None:
    client, hops = behind.test_client(), behind.extensions["settings"].proxy_hops
    plain = client.get("/fhir/metadata").get_json()["implementation"]["url"]
    made_up = client.get("/fhir/metadata", headers=MADE_UP).get_json()["implementation"]["url"]
    assert plain == made_up == "http://localhost/fhir"
    # The proxy adds its own at the end; what stands before came from outside.
    chain = {"X-Forwarded-Host": "evil.example, localhost", "X-Forwarded-Proto": "gopher, https"}
    told = client.get("/fhir/metadata", headers=chain).get_json()["implementation"]["url"]
    assert told == ("https://localhost/fhir" if hops else "http://localhost/fhir")
    reply = client.get("/", headers={"X-Forwarded-Host": "evil.example"})
    assert reply.status_code == (400 if hops else 200)
    assert "evil" not in reply.get_data(as_text=True)


def test_whoever_makes_up_addresses_is_counted_all_the_same(
    behind: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Limit(4, attempts.LIMITS[attempts.ADDRESS].pauses)
    monkeypatch.setitem(attempts.LIMITS, attempts.ADDRESS, few)
    hired(behind, "doctor")
    asked: list[str] = []
    check = staff.check

    def note(*arguments: Any, address: str = "") -> Any:
        asked.append(address)
        return check(*arguments, address=address)

    monkeypatch.setattr(staff, "check", note)
    browser = Patient(behind)
    browser.open("/clinic/log-in")
    (token,) = browser.field("csrf_token", "log-in")

    def enter_from(made_up: str, username: str, password: str) -> int:
        data = {"username": username, "password": password, "csrf_token": token, "_end": "1"}
        headers = {"X-Forwarded-For": f"{made_up}, 203.0.113.9", "X-Real-IP": made_up}
        return browser.client.post("/clinic/log-in", data=data, headers=headers).status_code

    for number in range(4):
        assert enter_from(f"6.6.{number}.6", f"nobody{number}", "wrong words here") == 422
    assert enter_from("6.7.8.9", "doctor", PASSWORD) == 422
    true = "203.0.113.9" if behind.extensions["settings"].proxy_hops else "127.0.0.1"
    assert set(asked) == {true}


@pytest.mark.parametrize(
    "referrer", ["http://[x", "http://localhost:port/", "\x00", "//[", "x" * 900]
)
def test_an_odd_referrer_breaks_nothing(app: Flask, clock: Clock, referrer: str) -> None:
    browser = logged_in(app, "doctor")
    token = browser.field("csrf_token")[0]
    clock.forward(minutes=11)
    reply = browser.client.post(
        "/clinic/responses/C7K-4MX/notes",
        data={"csrf_token": token, "note": "words", "_end": "1"},
        headers={"Referer": referrer},
    )
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith("/clinic/log-in")


def test_no_line_of_the_log_can_be_made_up(app: Flask, logs: StringIO) -> None:
    client = app.test_client()
    evil = "x\r\ntimestamp=2026-01-01 level=info event=forged"
    for address in (
        "/form/a%0d%0aevent=forged",
        "/clinic/responses/x%0aevent=forged",
        "/?x=%0aforged",
    ):
        client.get(address, headers={"User-Agent": evil.replace("\r\n", " ")})
    client.open("/", method="FORGED event=forged")
    client.post("/clinic/log-in", data={"username": evil, "_end": "1"})
    written = logs.getvalue()
    assert "forged" not in written.lower()
    lines = written.splitlines()
    assert len(lines) == 5
    assert all(re.match(r"timestamp=\S+ level=info event=request \S", line) for line in lines)


# --- Methods, folders and types ----------------------------------------------------------------


def test_methods_that_nobody_needs_are_refused(app: Flask) -> None:
    browser = logged_in(app, "admin")
    before = rows(app, but=("audit_events", "audit_heads"))
    for rule in app.url_map.iter_rules():
        for method in ("TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "PROPFIND"):
            reply = browser.client.open(filled(rule), method=method)
            assert 400 <= reply.status_code < 500, (method, rule)
    assert rows(app, but=("audit_events", "audit_heads")) == before


@pytest.mark.parametrize(
    "address",
    ["/static", "/static/", "/static/css", "/static/css/", "/static/js/", "/form/", "/.git/config"],
)
def test_a_folder_is_not_listed(app: Flask, address: str) -> None:
    reply = app.test_client().get(address)
    assert reply.status_code == 404
    assert reply.mimetype == "text/html"
    assert "clinic.css" not in reply.get_data(as_text=True)


def test_every_reply_names_its_type(app: Flask) -> None:
    reference, invitation = sent(app), invited(app)
    browser, program = logged_in(app, "doctor"), Program(app)
    told = {"reference": reference, "invitation": invitation.id, "id": "x"}
    addresses = ["/", "/return", "/nothing", "/static/css/app.css", "/static/js/app.js"]
    addresses += ["/static/img/icon.svg", "/questions.css", "/clinic/responses/x"]
    addresses += [address.format(**told) for address in ROUTES.values()]
    replies = {address: browser.client.get(address) for address in addresses}
    replies |= {f"/fhir{end}": program.get(end) for end in ("/metadata", "/Questionnaire", "/x")}
    seen = set()
    for address, reply in replies.items():
        kind = reply.headers.get("Content-Type", "")
        with reply:
            assert kind or not reply.get_data(), address
        if kind.startswith("text/") or "+xml" in kind:
            assert kind.endswith("; charset=utf-8"), (address, kind)
        seen.add(kind.partition(";")[0])
    assert {"text/html", "text/css", "text/javascript", "text/csv", "image/svg+xml"} <= seen
    assert {"application/pdf", "application/fhir+json", "application/json"} <= seen


# --- Fields that nobody asked for --------------------------------------------------------------

EXTRA = {
    "clinic_id": "2",
    "reference": "AAA-AAA",
    "rev": "99",
    "urgency": "routine",
    "private": "no",
    "typist": "staff:x",
    "typed_by": "staff:x",
    "screened_at": "2020-01-01T00:00:00+00:00",
    "shown": "E1",
    "answers": '{"name": "Eve"}',
    "answers[name]": "Eve",
    "document.care": "null",
    "__proto__": "x",
    "allergies": "latex",
    "now_breath_heart": "chest",
    "born_on": "1990-01-01",
}
MADE_ANEW = {"writers", "known_as"}


def test_fields_that_no_form_has_change_nothing(app: Flask) -> None:
    plain, more = begun(app), begun(app)
    plain.go_on(ANA)
    more.go_on(ANA | EXTRA)
    assert more.page == plain.page
    stored = [
        {key: value for key, value in document(each, app).items() if key not in MADE_ANEW}
        for each in (plain, more)
    ]
    assert stored[0] == stored[1]


def test_an_account_takes_no_more_than_its_form_asks(app: Flask) -> None:
    browser = logged_in(app, "admin")
    browser.open("/clinic/accounts")
    wish = {"name": "Eve", "username": "eve", "role": "front_desk"}
    more = {"clinic_id": "2", "id": "0" * 32, "password": PASSWORD, "password_hash": "x"}
    more |= {"totp_sealed": "x", "disabled_at": "2030-01-01", "created_at": "2000-01-01"}
    browser.send(wish | more, form="/clinic/accounts")
    with store_of(app).read() as conn:
        row = conn.execute(select(schema.staff).where(schema.staff.c.username == "eve")).one()
    assert (row.clinic_id, row.role, row.disabled_at) == (1, "front_desk", None)
    assert (row.password_hash, row.totp_sealed) == (None, None)
    assert row.id != "0" * 32
    assert row.created_at == store_of(app).clock()


@pytest.mark.parametrize("role", ["doctor", "front_desk"])
def test_nobody_makes_themselves_an_administrator(app: Flask, role: str) -> None:
    browser = logged_in(app, role)
    token = browser.field("csrf_token")[0]
    with store_of(app).read() as conn:
        (own,) = conn.execute(select(schema.staff.c.id)).scalars()
    for address in (
        *("/clinic/me/password", "/clinic/me/codes", "/clinic/me/app", "/clinic/confirm"),
        *("/clinic/accounts", f"/clinic/accounts/{own}/role", f"/clinic/accounts/{own}/reset"),
        *(f"/clinic/accounts/{own}/invitation", "/clinic/tokens"),
    ):
        data = {"csrf_token": token, "role": "admin", "name": "Eve", "username": "eve"}
        browser.client.post(address, data=data | {"_end": "1"})
    with store_of(app).read() as conn:
        assert list(conn.execute(select(schema.staff.c.role)).scalars()) == [role]


def test_an_answer_in_the_address_is_none(app: Flask) -> None:
    patient = begun(app)
    token = patient.field("csrf_token")[0]
    page = patient.client.get("/form/about-you?name=Eve&phone=2125550199").get_data(as_text=True)
    assert "Eve" not in page
    assert "2125550199" not in page
    data = {"csrf_token": token, "action": "continue", "_end": "1"}
    patient.client.post("/form/about-you?name=Eve&action=continue", data=data)
    assert "name" not in document(patient, app)["answers"]
    # Nor a token, an end or a button.
    for left_out, address in (
        ("csrf_token", f"/form/later?csrf_token={token}"),
        ("_end", "/form/later?_end=1"),
        ("action", "/form/about-you?action=continue"),
    ):
        body = {key: value for key, value in data.items() if key != left_out}
        assert patient.client.post(address, data=body).status_code == 400, left_out


# --- What is refused is recorded ---------------------------------------------------------------


def test_what_is_refused_is_recorded(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "front_desk")
    browser.open(f"/clinic/responses/{reference}/summary.pdf")
    assert browser.status == 403
    event = events(app)[-1]
    assert (event.action, event.detail) == ("access_refused", "clinic.summary_pdf")
    assert event.actor.startswith("staff:")


# --- Pages for everybody -----------------------------------------------------------------------


def test_fields_for_passwords_help_password_managers(app: Flask) -> None:
    browser = Patient(app)
    browser.open("/clinic/log-in")
    (asked,) = re.findall(r"<input[^>]*password[^>]*>", browser.html)
    assert 'type="password"' in asked
    assert 'autocomplete="current-password"' in asked
    for script in (Path(app.static_folder or "") / "js").glob("*.js"):
        assert "paste" not in script.read_text(), script


def test_a_page_of_anyone_tells_nothing_of_anybody(app: Flask) -> None:
    sent(app)
    known(app)
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if access and access.who == ANYONE and "GET" in (rule.methods or ()):
            html = app.test_client().get(filled(rule)).get_data(as_text=True)
            assert "Iris Example" not in html, rule
            assert ANA["name"] not in html, rule
