"""Staff: logging in and out, who may open what, and that reading leaves a trace."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from intake import create_app
from intake.store import StoreUnavailable, audit, calls, responses, schema, sessions
from intake.web.access import access_of
from tests.web.browser import Patient, known, strict
from tests.web.clinic_side import (
    PASSWORD,
    ROLES,
    clinic_of,
    enter,
    hired,
    invited,
    logged_in,
    sent,
    store_of,
)
from tests.web.conftest import Clock
from tests.web.test_access import EXPECTED

WRONG = "This username and password do not fit."


def events(app: Flask) -> list[Any]:
    table = schema.audit_events
    with store_of(app).read() as conn:
        return list(conn.execute(select(table).order_by(table.c.id)).all())


def actions(app: Flask) -> list[str]:
    return [event.action for event in events(app)]


# --- Logging in --------------------------------------------------------------------------------


def test_a_right_password_opens_the_work_list(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    assert browser.page == "/clinic"
    assert browser.has("Nobody waits for a call without having sent.")
    assert browser.has("Nobody who sent the form needs a call today.")
    assert "Pat Doctor" in browser.html


def test_unknown_wrong_paused_and_dismissed_look_the_same(app: Flask) -> None:
    hired(app, "doctor")
    gone = hired(app, "admin")
    with store_of(app).write() as conn:
        conn.execute(
            update(schema.staff)
            .where(schema.staff.c.id == gone.id)
            .values(disabled_at=store_of(app).clock())
        )
    told = []
    browser = Patient(app)
    browser.open("/clinic/log-in")
    for username, password in (
        ("nobody", PASSWORD),
        ("doctor", "wrong"),
        ("admin", PASSWORD),
        *[("doctor", "wrong")] * 4,
        # The sixth try comes during the pause, with the right password.
        ("doctor", PASSWORD),
    ):
        enter(browser, username, password)
        assert browser.status == 422
        told.append(re.sub(r'value="[^"]*"', "", browser.html))
    assert len(set(told)) == 1
    assert WRONG in told[0]


def test_the_pause_ends_by_itself(app: Flask, clock: Clock) -> None:
    hired(app, "doctor")
    browser = Patient(app)
    browser.open("/clinic/log-in")
    for _ in range(5):
        enter(browser, "doctor", "wrong")
    clock.forward(minutes=1)
    assert enter(browser, "doctor") == "/clinic"


def test_what_is_left_out_is_named(app: Flask) -> None:
    browser = Patient(app)
    browser.open("/clinic/log-in")
    browser.send({"username": " ", "password": ""}, form="log-in")
    assert browser.status == 422
    assert browser.has("Type your username.")
    assert browser.has("Type your password.")
    assert actions(app) == []


def test_the_password_is_never_given_back(app: Flask) -> None:
    browser = Patient(app)
    browser.open("/clinic/log-in")
    enter(browser, "doctor", "my secret words")
    assert browser.field("username", "log-in") == ["doctor"]
    assert browser.field("password", "log-in") == [""]
    assert "my secret words" not in browser.html


def test_each_log_in_makes_a_new_session_and_ends_the_old_one(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    token, form = staff_token(browser), browser.field("csrf_token")
    browser.open("/clinic/log-in")
    enter(browser, "doctor")
    assert staff_token(browser) != token
    assert browser.field("csrf_token") != form
    other = Patient(app)
    with other.client.session_transaction() as session:
        session["staff"] = token
    assert other.open("/clinic") == "/clinic/log-in"


def staff_token(browser: Patient) -> str:
    with browser.client.session_transaction() as session:
        return str(session["staff"])


def test_a_form_without_its_token_logs_nobody_in(app: Flask) -> None:
    hired(app, "doctor")
    browser = Patient(app)
    browser.open("/clinic/log-in")
    fields = [("username", "doctor"), ("password", PASSWORD), ("_end", "1")]
    browser.post("/clinic/log-in", fields)
    assert browser.status == 409
    assert browser.field("username", "log-in") == ["doctor"]
    assert browser.open("/clinic") == "/clinic/log-in"


def test_a_foreign_site_logs_nobody_in(app: Flask) -> None:
    hired(app, "doctor")
    browser = Patient(app)
    browser.open("/clinic/log-in")
    browser.headers = {"Sec-Fetch-Site": "cross-site"}
    enter(browser, "doctor")
    assert browser.status == 403


# --- Time, and logging out ---------------------------------------------------------------------


def test_after_ten_quiet_minutes_the_log_in_leads_back(app: Flask, clock: Clock) -> None:
    reference = sent(app)
    browser = logged_in(app, "doctor")
    address = f"/clinic/responses/{reference}"
    for _ in range(3):
        clock.forward(minutes=9)
        assert browser.open(address) == address
    clock.forward(minutes=10)
    assert browser.open(address) == "/clinic/log-in"
    assert browser.has("Log in to go on.")
    enter(browser, "doctor", "wrong")
    assert enter(browser, "doctor") == address


def test_asking_how_long_it_lasts_does_not_prolong_it(app: Flask, clock: Clock) -> None:
    browser = logged_in(app, "doctor")
    token = browser.field("csrf_token")[0]

    def left() -> Any:
        told = browser.client.get("/clinic/session").get_json()
        return {name: told[name] for name in ("left", "last")}

    assert left() == {"left": 600, "last": False}
    for minutes in (3, 3, 3):
        clock.forward(minutes=minutes)
        told = left()
    assert told == {"left": 60, "last": False}
    browser.post("/clinic/session", [("csrf_token", token), ("_end", "1")])
    assert left() == {"left": 600, "last": False}
    clock.forward(minutes=10)
    # The page that asked is what comes after the next log-in.
    reply = browser.client.get(
        "/clinic/session", headers={"HX-Request": "true", "Referer": "http://localhost/clinic/me"}
    )
    assert reply.status_code == 204
    assert reply.headers["HX-Redirect"] == "/clinic/log-in?next=/clinic/me"


def test_after_twelve_hours_it_ends_for_the_busiest(app: Flask, clock: Clock) -> None:
    browser = logged_in(app, "doctor")
    for _ in range(12 * 60 // 8 - 1):
        clock.forward(minutes=8)
        assert browser.open("/clinic") == "/clinic"
    told = browser.client.get("/clinic/session").get_json()
    assert (told["left"], told["last"]) == (480, True)
    clock.forward(minutes=8)
    assert browser.open("/clinic") == "/clinic/log-in"


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example/clinic",
        "//evil.example/clinic",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/clinic/log-out",
        "/clinic/log-in",
        "/clinic/nothing",
        "/form/check",
        "/static/css/app.css",
        "/nothing",
        "/clinic\r\nX-Evil: 1",
        "//[",
        "",
    ],
)
def test_the_log_in_leads_nowhere_else(app: Flask, wish: str) -> None:
    hired(app, "doctor")
    browser = Patient(app)
    browser.open("/clinic/log-in")
    assert enter(browser, "doctor", then=wish or "x") == "/clinic"
    assert "X-Evil" not in browser.reply.headers


def test_logging_out_ends_the_session_and_clears_the_browser(app: Flask) -> None:
    browser = logged_in(app, "front_desk")
    token = staff_token(browser)
    reply = browser.client.post(
        "/clinic/log-out", data={"csrf_token": browser.field("csrf_token")[0], "_end": "1"}
    )
    assert reply.status_code == 303
    assert reply.headers["Clear-Site-Data"] == '"cache", "storage"'
    with browser.client.session_transaction() as session:
        assert "staff" not in session
        session["staff"] = token
    assert browser.open("/clinic") == "/clinic/log-in"


def test_logging_out_works_from_an_old_page_too(app: Flask) -> None:
    browser = logged_in(app, "front_desk")
    browser.client.post("/clinic/log-out", data={"csrf_token": "old", "_end": "1"})
    assert browser.open("/clinic") == "/clinic/log-in"


def test_who_leaves_the_clinic_is_out_at_once(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    with store_of(app).write() as conn:
        conn.execute(update(schema.staff).values(disabled_at=store_of(app).clock()))
    assert browser.open("/clinic") == "/clinic/log-in"


# --- A patient in the same browser -------------------------------------------------------------


def test_a_log_in_opens_no_draft_and_a_draft_no_list(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    assert browser.open("/form/about-you") == "/return"
    patient = known(app)
    assert patient.open("/clinic") == "/clinic/log-in"


@pytest.mark.parametrize(("kept", "other"), [("staff", "patient"), ("patient", "staff")])
def test_one_token_is_no_use_as_the_other(app: Flask, kept: str, other: str) -> None:
    browser = logged_in(app, "doctor") if kept == "staff" else known(app)
    with browser.client.session_transaction() as session:
        session[other] = session.pop(kept)
    assert browser.open("/clinic") == "/clinic/log-in"
    assert browser.open("/form/about-you") == "/return"


def test_the_kind_of_a_session_counts_not_whom_it_names(app: Flask) -> None:
    person = hired(app, "doctor")
    browser = Patient(app)
    with browser.client.session_transaction() as session:
        session["staff"] = sessions.open(store_of(app), 1, "patient", person.id)
    assert browser.open("/clinic") == "/clinic/log-in"


def test_a_draft_stays_open_beside_the_staff(app: Flask) -> None:
    patient = known(app)
    hired(app, "doctor")
    patient.open("/clinic")
    enter(patient, "doctor")
    assert patient.open("/form/about-you") == "/form/about-you"
    patient.open("/clinic")
    patient.send(form="log-out")
    assert patient.open("/form/about-you") == "/form/about-you"


def test_whoever_begins_a_form_is_no_staff(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    browser.open("/")
    browser.go_on({"privacy_notice": "seen", "respondent": "self", "private": "no"})
    assert browser.open("/clinic") == "/clinic/log-in"


# --- Role by route -----------------------------------------------------------------------------

ROUTES = {
    "clinic.queue": "/clinic",
    "clinic.changes": "/clinic/changes",
    "clinic.find": "/clinic/search",
    "clinic.search": "/clinic/search",
    "clinic.handle": "/clinic/list/{reference}",
    "clinic.log_call": "/clinic/list/{reference}/call",
    "clinic.assign": "/clinic/list/{reference}/assign",
    "clinic.move": "/clinic/list/{reference}/move",
    "clinic.response": "/clinic/responses/{reference}",
    "clinic.summary_pdf": "/clinic/responses/{reference}/summary.pdf",
    "clinic.print_view": "/clinic/responses/{reference}/print",
    "clinic.mark_read": "/clinic/responses/{reference}/read",
    "clinic.decide": "/clinic/responses/{reference}/decision",
    "clinic.add_note": "/clinic/responses/{reference}/notes",
    "clinic.keep_call": "/clinic/responses/{reference}/calls",
    "clinic.plan": "/clinic/responses/{reference}/plan",
    "clinic.move_back": "/clinic/responses/{reference}/back",
    "clinic.give": "/clinic/responses/{reference}/assignment",
    "clinic.corrections": "/clinic/responses/{reference}/correct",
    "clinic.correct": "/clinic/responses/{reference}/correct/name",
    "clinic.save_correction": "/clinic/responses/{reference}/correct/name",
    "clinic.ask": "/clinic/responses/{reference}/ask",
    "clinic.ask_patient": "/clinic/responses/{reference}/ask",
    "clinic.renew_question": "/clinic/responses/{reference}/ask/link",
    "clinic.withdraw_question": "/clinic/responses/{reference}/ask/withdraw",
    "clinic.earlier": "/clinic/responses/{reference}/earlier",
    "clinic.match_earlier": "/clinic/responses/{reference}/earlier",
    "clinic.since_earlier": "/clinic/responses/{reference}/earlier/CCC-CCC",
    "clinic.lost_code": "/clinic/lost-code",
    "clinic.look_up": "/clinic/lost-code",
    "clinic.give_out": "/clinic/lost-code/new",
    "clinic.log_out_everywhere": "/clinic/log-out-everywhere",
    "clinic.confirm": "/clinic/confirm",
    "clinic.confirm_by_password": "/clinic/confirm",
    "clinic.session_left": "/clinic/session",
    "clinic.stay_logged_in": "/clinic/session",
    "clinic.recovery_codes": "/clinic/recovery-codes",
    "clinic.keep_recovery_codes": "/clinic/recovery-codes",
    "clinic.own": "/clinic/me",
    "clinic.change_password": "/clinic/me/password",
    "clinic.issue_codes": "/clinic/me/codes",
    "clinic.begin_app": "/clinic/me/app",
    "clinic.app": "/clinic/me/app",
    "clinic.set_app": "/clinic/me/app/code",
    "clinic.remove_app": "/clinic/me/app/remove",
    "clinic.confirm_by_sign_on": "/clinic/confirm/sign-on",
    "clinic.ask_own_passkey": "/clinic/confirm/passkey/ask",
    "clinic.confirm_by_passkey": "/clinic/confirm/passkey",
    "clinic.ask_new_passkey": "/clinic/me/passkeys/ask",
    "clinic.add_passkey": "/clinic/me/passkeys",
    "clinic.remove_passkey": "/clinic/me/passkeys/{id}/remove",
    "clinic.settings": "/clinic/settings",
    "clinic.send_test_mail": "/clinic/settings/mail",
    "clinic.people": "/clinic/accounts",
    "clinic.add_person": "/clinic/accounts",
    "clinic.account": "/clinic/accounts/{id}",
    "clinic.invite": "/clinic/accounts/{id}/invitation",
    "clinic.reset": "/clinic/accounts/{id}/reset",
    "clinic.unlink_sign_on": "/clinic/accounts/{id}/sign-on",
    "clinic.set_role": "/clinic/accounts/{id}/role",
    "clinic.disable": "/clinic/accounts/{id}/disable",
    "clinic.enable": "/clinic/accounts/{id}/enable",
    "clinic.invitation_list": "/clinic/invitations",
    "clinic.find_invitations": "/clinic/invitations/find",
    "clinic.new_invitation": "/clinic/invitations/new",
    "clinic.make_invitation": "/clinic/invitations/new",
    "clinic.invitation": "/clinic/invitations/{invitation}",
    "clinic.invitation_card": "/clinic/invitations/{invitation}/card",
    "clinic.mail_invitation": "/clinic/invitations/{invitation}/mail",
    "clinic.type_in": "/clinic/invitations/{invitation}/paper",
    # Of an invitation that is not there: it takes long to draw.
    "clinic.paper_pdf": f"/clinic/invitations/{'0' * 32}/form.pdf",
    "clinic.new_link": "/clinic/invitations/{invitation}/link",
    "clinic.withdraw_invitation": "/clinic/invitations/{invitation}/withdraw",
    "clinic.exports": "/clinic/exports",
    "clinic.answers_csv": "/clinic/exports/answers.csv?first=2026-03-01&last=2026-03-31",
    "clinic.questionnaire_json": "/clinic/exports/questionnaire.json",
    "clinic.response_fhir": "/clinic/responses/{reference}/fhir.json",
    "clinic.programs": "/clinic/tokens",
    "clinic.make_token": "/clinic/tokens",
    "clinic.end_token": "/clinic/tokens/nobody/end",
    "clinic.calibration_page": "/clinic/calibration",
    "clinic.calibration_csv": "/clinic/calibration.csv",
    "clinic.audit_trail": "/clinic/audit",
    "clinic.audit_csv": "/clinic/audit.csv",
    "clinic.nowhere": "/clinic/reports",
}
ANYONE = {
    "clinic.log_in",
    "clinic.enter",
    "clinic.log_out",
    "clinic.ask_passkey",
    "clinic.enter_by_passkey",
    "clinic.begin_sign_on",
    "clinic.sign_on_back",
    "clinic.sign_on_stopped",
    "clinic.invited",
    "clinic.open_invitation",
}
JOINING = {
    "clinic.second": "second",
    "clinic.enter_second": "second",
    "clinic.set_up": "set_up",
    "clinic.finish_set_up": "set_up",
    "clinic.ask_first_passkey": "set_up",
    "clinic.set_up_by_passkey": "set_up",
}
AFRESH = {
    "clinic.own",
    "clinic.change_password",
    "clinic.issue_codes",
    "clinic.begin_app",
    "clinic.app",
    "clinic.set_app",
    "clinic.remove_app",
    "clinic.ask_new_passkey",
    "clinic.add_passkey",
    "clinic.remove_passkey",
    "clinic.settings",
    "clinic.send_test_mail",
    "clinic.people",
    "clinic.add_person",
    "clinic.account",
    "clinic.invite",
    "clinic.reset",
    "clinic.unlink_sign_on",
    "clinic.set_role",
    "clinic.disable",
    "clinic.enable",
    "clinic.programs",
    "clinic.make_token",
    "clinic.end_token",
}
"""What changes who can log in, and how: only shortly after proving who one is."""
OF_ACCOUNTS = {"doctor": 403, "admin": 200, "front_desk": 403}
OF_ANSWERS = {"doctor": 200, "admin": 200, "front_desk": 403}
EVERYBODY = {"doctor": 200, "admin": 200, "front_desk": 200}
MAY = {
    "clinic.queue": {"doctor": 200, "admin": 200, "front_desk": 200},
    "clinic.changes": EVERYBODY,
    "clinic.find": EVERYBODY,
    "clinic.handle": EVERYBODY,
    "clinic.response": EVERYBODY,
    "clinic.summary_pdf": {"doctor": 200, "admin": 403, "front_desk": 403},
    "clinic.print_view": {"doctor": 200, "admin": 403, "front_desk": 403},
    "clinic.corrections": {"doctor": 200, "admin": 403, "front_desk": 200},
    "clinic.correct": {"doctor": 200, "admin": 403, "front_desk": 200},
    "clinic.ask": {"doctor": 200, "admin": 403, "front_desk": 403},
    "clinic.earlier": {"doctor": 200, "admin": 200, "front_desk": 200},
    "clinic.since_earlier": {"doctor": 404, "admin": 404, "front_desk": 403},
    "clinic.lost_code": {"doctor": 200, "admin": 200, "front_desk": 200},
    # Opened without a form.
    "clinic.look_up": {"doctor": 200, "admin": 200, "front_desk": 200},
    "clinic.give_out": {"doctor": 404, "admin": 404, "front_desk": 404},
    "clinic.session_left": EVERYBODY,
    "clinic.confirm": EVERYBODY,
    "clinic.recovery_codes": EVERYBODY,
    "clinic.own": EVERYBODY,
    "clinic.app": EVERYBODY,
    "clinic.settings": OF_ACCOUNTS,
    "clinic.people": OF_ACCOUNTS,
    "clinic.account": OF_ACCOUNTS,
    "clinic.invitation_list": EVERYBODY,
    "clinic.new_invitation": EVERYBODY,
    "clinic.invitation": EVERYBODY,
    "clinic.invitation_card": EVERYBODY,
    "clinic.exports": OF_ANSWERS,
    "clinic.answers_csv": OF_ANSWERS,
    "clinic.questionnaire_json": OF_ANSWERS,
    "clinic.response_fhir": OF_ANSWERS,
    "clinic.programs": OF_ACCOUNTS,
    "clinic.paper_pdf": dict.fromkeys(EVERYBODY, 404),
    "clinic.calibration_page": {"doctor": 200, "admin": 200, "front_desk": 403},
    "clinic.calibration_csv": {"doctor": 200, "admin": 200, "front_desk": 403},
    "clinic.audit_trail": OF_ACCOUNTS,
    "clinic.audit_csv": OF_ACCOUNTS,
    "clinic.nowhere": {"doctor": 404, "admin": 404, "front_desk": 404},
}
# Sent, not opened; 422 and 409 are what an empty form gets from who may send it.
MAY_SEND = {
    "clinic.search": dict.fromkeys(EVERYBODY, 422),
    "clinic.log_call": dict.fromkeys(EVERYBODY, 422),
    "clinic.assign": EVERYBODY,
    "clinic.move": dict.fromkeys(EVERYBODY, 400),
    "clinic.log_out_everywhere": EVERYBODY,
    "clinic.stay_logged_in": EVERYBODY,
    "clinic.confirm_by_password": dict.fromkeys(EVERYBODY, 422),
    "clinic.keep_recovery_codes": EVERYBODY,
    "clinic.change_password": dict.fromkeys(EVERYBODY, 422),
    "clinic.issue_codes": EVERYBODY,
    "clinic.begin_app": EVERYBODY,
    "clinic.set_app": EVERYBODY,
    "clinic.remove_app": dict.fromkeys(EVERYBODY, 409),
    "clinic.mark_read": {"doctor": 409, "admin": 403, "front_desk": 403},
    "clinic.decide": {"doctor": 422, "admin": 403, "front_desk": 403},
    "clinic.add_note": {"doctor": 422, "admin": 403, "front_desk": 403},
    "clinic.keep_call": {"doctor": 422, "admin": 403, "front_desk": 403},
    "clinic.plan": {"doctor": 422, "admin": 403, "front_desk": 403},
    "clinic.move_back": {"doctor": 409, "admin": 409, "front_desk": 403},
    "clinic.give": EVERYBODY | {"front_desk": 403},
    "clinic.save_correction": {"doctor": 422, "admin": 403, "front_desk": 422},
    "clinic.match_earlier": {"doctor": 404, "admin": 403, "front_desk": 404},
    "clinic.ask_patient": {"doctor": 422, "admin": 403, "front_desk": 403},
    "clinic.renew_question": {"doctor": 404, "admin": 403, "front_desk": 403},
    "clinic.withdraw_question": {"doctor": 404, "admin": 403, "front_desk": 403},
    # There is none here.
    "clinic.confirm_by_sign_on": dict.fromkeys(EVERYBODY, 404),
    "clinic.ask_own_passkey": EVERYBODY,
    "clinic.confirm_by_passkey": dict.fromkeys(EVERYBODY, 422),
    "clinic.ask_new_passkey": EVERYBODY,
    "clinic.add_passkey": dict.fromkeys(EVERYBODY, 422),
    # None of theirs.
    "clinic.remove_passkey": EVERYBODY,
    "clinic.make_token": OF_ACCOUNTS | {"admin": 422},
    "clinic.end_token": OF_ACCOUNTS | {"admin": 404},
    "clinic.send_test_mail": OF_ACCOUNTS | {"admin": 409},
    "clinic.add_person": OF_ACCOUNTS | {"admin": 422},
    "clinic.invite": OF_ACCOUNTS,
    "clinic.reset": OF_ACCOUNTS,
    "clinic.unlink_sign_on": OF_ACCOUNTS,
    "clinic.set_role": OF_ACCOUNTS | {"admin": 400},
    "clinic.disable": OF_ACCOUNTS,
    "clinic.enable": OF_ACCOUNTS,
    "clinic.find_invitations": dict.fromkeys(EVERYBODY, 422),
    "clinic.make_invitation": dict.fromkeys(EVERYBODY, 422),
    "clinic.mail_invitation": EVERYBODY,
    "clinic.type_in": EVERYBODY | {"admin": 403},
    "clinic.new_link": EVERYBODY,
    "clinic.withdraw_invitation": EVERYBODY,
}


def test_every_staff_route_is_in_the_matrix(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("clinic"):
            continue
        access = access_of(app, rule.endpoint)
        assert access is not None
        assert rule.rule.startswith("/clinic")
        if rule.endpoint in ANYONE:
            assert access.who == "anyone"
        elif rule.endpoint in JOINING:
            assert (access.who, access.step) == ("joining", JOINING[rule.endpoint])
        elif rule.endpoint != "clinic.queue_with_slash":
            assert access.who == "staff"
            answers = MAY.get(rule.endpoint) or MAY_SEND[rule.endpoint]
            assert access.roles == {role for role, status in answers.items() if status != 403}
            assert access.fresh is (rule.endpoint in AFRESH), rule.endpoint
    assert app.test_client().get("/clinic/").status_code == 303


def address_of(app: Flask, endpoint: str) -> str:
    """An address of an endpoint, about somebody else where it is about a person."""
    address = ROUTES[endpoint]
    if "{id}" in address:
        return address.format(id=hired(app, "front_desk", username="other").id)
    if "{invitation}" in address:
        return address.format(invitation=invited(app).id)
    return address.format(reference=sent(app)) if "{reference}" in address else address


OF_GIVEN = {
    *("staff_added", "app_added", "recovery_codes_issued"),
    *("draft_started", "response_sent", "invitation_made"),
    "access_refused",
}
"""What the address itself is made by, somebody else or a response; and the refusal itself."""


@pytest.mark.parametrize("endpoint", MAY_SEND)
@pytest.mark.parametrize("role", ROLES)
def test_role_by_form(app: Flask, role: str, endpoint: str) -> None:
    browser = logged_in(app, role)
    token = browser.field("csrf_token")[0]
    before = len(events(app))
    browser.post(address_of(app, endpoint), [("csrf_token", token), ("_end", "1")])
    assert browser.status == MAY_SEND[endpoint][role]
    if browser.status == 403:
        assert browser.has("This page is not for your role")
        done = [event.action for event in events(app)[before:]]
        assert set(done) <= OF_GIVEN


@pytest.mark.parametrize("endpoint", sorted(AFRESH))
def test_log_ins_are_changed_only_by_who_proves_it_afresh(
    app: Flask, clock: Clock, endpoint: str
) -> None:
    browser = logged_in(app, "admin")
    token, address = browser.field("csrf_token")[0], address_of(app, endpoint)
    clock.forward(minutes=8)
    browser.open("/clinic")
    clock.forward(minutes=7)
    before = len(events(app))
    if endpoint in MAY:
        browser.open(address)
    else:
        browser.post(address, [("csrf_token", token), ("_end", "1")])
    assert browser.page == "/clinic/confirm"
    assert len(events(app)) == before


@pytest.mark.parametrize("endpoint", MAY)
@pytest.mark.parametrize("role", ROLES)
def test_role_by_route(app: Flask, role: str, endpoint: str) -> None:
    browser = logged_in(app, role)
    browser.open(address_of(app, endpoint))
    assert browser.status == MAY[endpoint][role]
    if browser.status == 403:
        assert browser.has("This page is not for your role")
        assert "Iris Example" not in browser.html


@pytest.mark.parametrize("endpoint", [*MAY, *MAY_SEND])
def test_without_a_log_in_there_is_nothing(app: Flask, endpoint: str) -> None:
    browser, address = Patient(app), address_of(app, endpoint)
    if endpoint in MAY:
        assert browser.open(address) == "/clinic/log-in"
    else:
        browser.open("/clinic/log-in")
        token = browser.field("csrf_token")[0]
        browser.post(address, [("csrf_token", token), ("_end", "1")])
        assert browser.page == "/clinic/log-in"
    assert "Iris Example" not in browser.html


@pytest.mark.parametrize("address", ["/clinic/", "/clinic/log-in/x", "/clinic/set-up"])
def test_odd_addresses_ask_for_a_log_in_too(app: Flask, address: str) -> None:
    assert Patient(app).open(address) == "/clinic/log-in"


@pytest.mark.parametrize("reference", ["AAA-AAA", "C7K-4MX", "x", "1 OR 1=1", "%00", "é" * 200])
@pytest.mark.parametrize("tail", ["", "/summary.pdf", "/print"])
def test_unknown_references_are_one_404(app: Flask, reference: str, tail: str) -> None:
    browser = logged_in(app, "doctor")
    browser.open(f"/clinic/responses/{reference}{tail}")
    assert browser.status == 404
    assert browser.has("There is no such response")
    assert "response_read" not in actions(app)


def test_a_draft_is_not_to_be_read(app: Flask) -> None:
    known(app)
    with store_of(app).read() as conn:
        (reference,) = conn.execute(select(schema.responses.c.reference)).scalars()
    browser = logged_in(app, "doctor")
    browser.open(f"/clinic/responses/{reference}")
    assert browser.status == 404


@pytest.fixture
def two_clinics(instance: Path, clock: Clock) -> Iterator[Flask]:
    folder = instance / "clinics"
    shutil.copy(folder / "alder-lane.toml", folder / "birch-road.toml")
    text = (folder / "birch-road.toml").read_text()
    text = text.replace("id = 1", "id = 2").replace("Alder Lane Spasticity", "Birch Road")
    (folder / "birch-road.toml").write_text(text)
    (folder / "birch-road.toml").chmod(0o600)
    app = create_app(instance, environ={}, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


def test_another_clinic_is_another_world(two_clinics: Flask) -> None:
    app = two_clinics
    theirs = sent(app, name="Hers Alone", clinic="birch-road")
    ours = logged_in(app, "doctor")
    assert "Hers Alone" not in ours.html
    unknown = Patient(app)
    unknown.client = ours.client
    unknown.open("/clinic/responses/C7K-4MX")
    ours.open(f"/clinic/responses/{theirs}")
    assert (ours.status, ours.text) == (404, unknown.text)
    # Our log-in is none there; theirs is none here.
    assert ours.open("/c/birch-road/clinic") == "/c/birch-road/clinic/log-in"
    enter(ours, "doctor")
    assert ours.has("This username and password do not fit.")
    hers = logged_in(app, "front_desk", clinic="birch-road")
    assert hers.page == "/c/birch-road/clinic"
    hers.open("/c/birch-road/clinic?lane=new")
    assert hers.has("Hers Alone")
    assert hers.open("/clinic") == "/clinic/log-in"
    assert hers.open("/c/nowhere/clinic") == "/c/nowhere/clinic"
    assert hers.status == 404


def test_the_way_back_stays_within_the_clinic(two_clinics: Flask) -> None:
    app = two_clinics
    hired(app, "doctor", clinic="birch-road")
    for wish, leads_to in (
        ("/clinic/responses/C7K-4MX", "/c/birch-road/clinic"),
        ("/c/alder-lane/clinic/responses/C7K-4MX", "/c/birch-road/clinic"),
        ("/c/birch-road/clinic/reports", "/c/birch-road/clinic"),
        ("/c/birch-road/clinic/responses/C7K-4MX", "/c/birch-road/clinic/responses/C7K-4MX"),
    ):
        browser = Patient(app)
        browser.open("/c/birch-road/clinic/log-in")
        assert enter(browser, "doctor", then=wish) == leads_to


# --- Reading leaves a trace --------------------------------------------------------------------


def test_reading_is_noted_with_who_and_what(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "doctor")
    browser.open(f"/clinic/responses/{reference}")
    browser.open(f"/clinic/responses/{reference}/summary.pdf")
    found = responses.sent(store_of(app), 1, reference)
    assert found is not None
    read = [event for event in events(app) if event.action.endswith("_read")]
    assert [(event.action, event.response_id) for event in read] == [
        ("work_list_read", None),
        ("response_read", found.id),
        ("summary_read", found.id),
    ]
    assert len({event.actor for event in read}) == 1
    assert read[0].actor.startswith("staff:")


READ = ("clinic.queue", "clinic.response", "clinic.summary_pdf", "clinic.print_view")


@pytest.mark.parametrize("address", [ROUTES[name] for name in READ])
def test_what_cannot_be_noted_is_not_shown(
    app: Flask, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    reference = sent(app)
    browser = logged_in(app, "doctor")

    def full(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(audit, "note", full)
    browser.open(address.format(reference=reference))
    assert browser.status == 503
    assert browser.reply.headers["Retry-After"]
    assert browser.reply.mimetype == "text/html"
    assert "Iris Example" not in browser.html


def test_a_failed_log_in_is_noted(app: Flask) -> None:
    hired(app, "doctor")
    browser = Patient(app)
    browser.open("/clinic/log-in")
    enter(browser, "doctor", "wrong")
    assert actions(app)[-1] == "log_in_refused"


# --- Headers, titles, addresses and logs -------------------------------------------------------

CANARY = "Zyzzogeton"


def test_headers_on_every_reply(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "admin")
    for address in ["/clinic/log-in", "/clinic/responses/x", *ROUTES.values()]:
        reply = browser.client.get(address.format(reference=reference, id="x", invitation="x"))
        assert {name: reply.headers.get(name) for name in EXPECTED} == EXPECTED, address
        assert reply.headers["Cache-Control"] == "no-store", address
    reply = app.test_client().get("/clinic")
    assert reply.status_code == 303
    assert reply.headers["Cache-Control"] == "no-store"


def test_no_health_data_in_titles_addresses_and_logs(app: Flask, logs: StringIO) -> None:
    reference = sent(
        app,
        name=CANARY,
        now_words=CANARY,
        safe_contact=CANARY,
        now_unsafe="yes",
        other_contact=CANARY,
        now_breath_heart=["chest"],
    )
    browser = logged_in(app, "doctor")
    places = [browser.url]
    for address in [*ROUTES.values(), "/clinic/responses/C7K-4MX"]:
        browser.open(address.format(reference=reference, id="x", invitation="x"))
        places += [browser.url, *re.findall(r"<title>(.*?)</title>", browser.html, re.DOTALL)]
        places += [value for _, value in browser.reply.headers]
        places += re.findall(r'(?:href|action)="(/[^"]*)"', browser.html)
    enter_again = Patient(app)
    enter_again.open("/clinic/log-in")
    enter(enter_again, CANARY, CANARY)
    assert "endpoint=clinic.response" in logs.getvalue()
    for place in (*places, logs.getvalue()):
        assert CANARY not in place
        assert "chest" not in place.lower()


def test_an_error_says_nothing_of_the_person(
    app: Flask, logs: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = sent(app, name=CANARY)
    browser = logged_in(app, "doctor")

    def fail(*_: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr("intake.web.clinic.response.summarise", fail)
    browser.open(f"/clinic/responses/{reference}")
    assert browser.status == 500
    assert browser.has("Something went wrong on our side")
    assert CANARY not in browser.html
    assert "event=failed" in logs.getvalue()
    assert CANARY not in logs.getvalue()


def test_words_are_escaped(app: Flask) -> None:
    script = '"><script>alert(1)</script>'
    reference = sent(app, name=script, other_contact=script, now_words=script, email=script)
    calls.request(
        store_of(app),
        clinic_of(app).id,
        None,
        name=script,
        phone=script,
        urgency="same_day",
        cards=["E3a"],
    )
    browser = logged_in(app, "doctor")
    assert browser.text.count(script) == 2
    browser.open("/clinic?lane=new")
    assert browser.text.count(script) >= 3
    browser.open(f"/clinic/responses/{reference}")
    assert script in browser.text
    assert "<script>alert" not in browser.html
    for element in strict(browser.html).iter():
        assert "style" not in element.attrib
        assert not any(each.startswith("on") for each in element.attrib)


# --- The PDF -----------------------------------------------------------------------------------


def test_the_pdf_is_shown_in_the_browser_under_a_plain_name(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "doctor")
    reply = browser.client.get(f"/clinic/responses/{reference}/summary.pdf")
    assert reply.data.startswith(b"%PDF-")
    assert reply.mimetype == "application/pdf"
    assert reply.headers["Content-Disposition"] == f'inline; filename="intake-{reference}.pdf"'
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_pdf_that_cannot_be_drawn_leaves_a_way_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from intake.report import renderer

    def fail(*_: object, **_named: object) -> bytes:
        raise renderer.RenderFailed(CANARY)

    monkeypatch.setattr(renderer, "render_safely", fail)
    reference = sent(app)
    browser = logged_in(app, "doctor")
    browser.open(f"/clinic/responses/{reference}/summary.pdf")
    assert browser.status == 503
    assert browser.has("The PDF could not be drawn")
    assert f'href="/clinic/responses/{reference}"' in browser.html
    assert CANARY not in browser.html
    assert "summary_read" not in actions(app)
    browser.open(f"/clinic/responses/{reference}/print")
    assert browser.status == 200
    assert browser.has("How the checklist came to")
    assert "/static/css/print" in browser.html
    assert actions(app).count("summary_read") == 1
