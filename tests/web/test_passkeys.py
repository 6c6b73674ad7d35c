"""Passkeys: only the right device, for this site, once, opens the staff pages."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import webauthn
from flask import Flask

from intake import create_app
from intake.store import factors, passkeys, sessions, staff
from intake.store.staff import Staff
from tests.web.authenticator import Device
from tests.web.browser import Patient
from tests.web.clinic_side import enter, fresh_digits, hired, logged_in, store_of
from tests.web.conftest import Clock
from tests.web.test_staff import actions, events, staff_token
from tests.web.test_staff_accounts import finish, invitation, started

REFUSED = "This passkey did not open the staff pages."


def ask(browser: Patient, address: str) -> dict[str, Any]:
    """What the page's script asks the server first."""
    token = browser.field("csrf_token")[0]
    reply = browser.client.post(address, data={"csrf_token": token, "_end": "1"})
    assert reply.status_code == 200, reply
    found: dict[str, Any] = reply.get_json()
    return found


def add(browser: Patient, device: Device, name: str = "My phone") -> str:
    browser.open("/clinic/me")
    made = device.make(ask(browser, "/clinic/me/passkeys/ask"))
    return browser.send({"passkey_name": name, "credential": made}, form="me/passkeys")


def enter_by(browser: Patient, device: Device, then: str = "/clinic") -> str:
    browser.open(then)
    signed = device.sign(ask(browser, "/clinic/passkey/ask"))
    return browser.send({"credential": signed}, form="clinic/passkey")


def whose(app: Flask, username: str = "doctor") -> Staff:
    found = staff.find(store_of(app), 1, username)
    assert found is not None
    return found


@pytest.fixture
def device(app: Flask) -> Device:
    """A doctor's passkey."""
    device = Device()
    browser = logged_in(app, "doctor")
    token = staff_token(browser)
    assert add(browser, device) == "/clinic/me"
    assert browser.has("The passkey is added.")
    assert browser.has("My phone")
    assert staff_token(browser) != token
    return device


# --- The right way -----------------------------------------------------------------------------


def test_a_passkey_alone_opens_and_leads_back(app: Flask, device: Device) -> None:
    browser = Patient(app)
    assert enter_by(browser, device, then="/clinic/me") == "/clinic/me"
    assert browser.status == 200
    assert [(each.action, each.detail) for each in events(app)][-1] == ("logged_in", "passkey")


def test_what_is_asked_for_names_nobody(app: Flask, device: Device) -> None:
    browser = Patient(app)
    browser.open("/clinic")
    asked = ask(browser, "/clinic/passkey/ask")
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "localhost"
    assert not asked.get("allowCredentials")


def test_a_log_in_is_set_up_with_a_passkey_alone(app: Flask) -> None:
    _, code = invitation(app)
    browser, device = started(app, code), Device()
    made = device.make(ask(browser, "/clinic/set-up/passkey/ask"))
    page = browser.send({"passkey_name": "Desk", "credential": made}, form="set-up/passkey")
    assert page == "/clinic"
    by = factors.factors(store_of(app), whose(app, "new.one"))
    assert (by.passkeys, by.password, by.app) == (1, False, False)
    # The invitation is used up, and the device opens.
    assert started(app, code).has("This invitation is not valid.")
    assert enter_by(Patient(app), device) == "/clinic"


def test_a_lone_password_ends_when_a_passkey_is_set_up(app: Flask) -> None:
    staff.add(store_of(app), 1, "old.one", "Old One", "doctor", "correct horse battery")
    browser, device = Patient(app), Device()
    browser.open("/clinic")
    enter(browser, "old.one")
    made = device.make(ask(browser, "/clinic/set-up/passkey/ask"))
    browser.send({"passkey_name": "Desk", "credential": made}, form="set-up/passkey")
    other = Patient(app)
    other.open("/clinic")
    assert enter(other, "old.one") == "/clinic/log-in"


def test_who_has_passkeys_only_confirms_with_one(app: Flask, clock: Clock) -> None:
    _, code = invitation(app)
    browser, device = started(app, code), Device()
    made = device.make(ask(browser, "/clinic/set-up/passkey/ask"))
    browser.send({"passkey_name": "Desk", "credential": made}, form="set-up/passkey")
    token = staff_token(browser)
    for _ in range(2):
        clock.forward(minutes=8)
        browser.open("/clinic")
    assert browser.open("/clinic/me") == "/clinic/confirm"
    asked = ask(browser, "/clinic/confirm/passkey/ask")
    assert len(asked["allowCredentials"]) == 1
    page = browser.send({"credential": device.sign(asked)}, form="confirm/passkey")
    assert page == "/clinic/me"
    assert staff_token(browser) != token


def test_the_passkey_of_another_confirms_nothing(app: Flask, device: Device, clock: Clock) -> None:
    other = logged_in(app, "admin")
    add(other, Device())
    for _ in range(2):
        clock.forward(minutes=8)
        other.open("/clinic")
    other.open("/clinic/me")
    signed = device.sign(ask(other, "/clinic/confirm/passkey/ask"))
    other.send({"credential": signed}, form="confirm/passkey")
    assert other.status == 422
    assert other.open("/clinic/me") == "/clinic/confirm"


# --- The wrong ones ----------------------------------------------------------------------------


BENT: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "http://localhost.evil.example"},
    "another port": {"origin": "http://localhost:8000"},
    "another site": {"site": "evil.example"},
    "nobody verified": {"verified": False},
    "another key": {"key": Device().key},
    "unknown": {"id": bytes(32)},
    "of another person": {"whose": bytes(16)},
    "of nobody": {"whose": b""},
}


def bent(device: Device, how: str) -> Device:
    return replace(device, **BENT[how])


@pytest.mark.parametrize("how", BENT)
def test_what_does_not_hold_is_refused_alike(app: Flask, device: Device, how: str) -> None:
    browser = Patient(app)
    assert enter_by(browser, bent(device, how)) == "/clinic/passkey"
    assert browser.status == 422
    assert browser.has(REFUSED)
    assert browser.open("/clinic") == "/clinic/log-in"
    assert "passkey_refused" in actions(app)
    assert enter_by(browser, device) == "/clinic"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "[" * 9000,
        '{"rawId": 1}',
        '{"rawId": "AA", "response": 1}',
        '{"rawId": "é", "response": {}}',
        '{"rawId": "' + "A" * 2000 + '", "id": "A", "response": {"userHandle": []}}',
        "x" * 20_000,
    ],
)
def test_odd_answers_are_refused_like_wrong_ones(app: Flask, device: Device, answer: str) -> None:
    told = []
    for given in (answer, bent(device, "unknown")):
        browser = Patient(app)
        browser.open("/clinic")
        asked = ask(browser, "/clinic/passkey/ask")
        signed = given if isinstance(given, str) else given.sign(asked)
        browser.send({"credential": signed}, form="clinic/passkey")
        told.append((browser.status, browser.text))
    assert told[0] == told[1]
    assert told[0][0] == 422


def test_unknown_and_known_passkeys_cost_the_same_work(
    app: Flask, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[bytes] = []
    real = webauthn.verify_authentication_response

    def counted(**given: Any) -> Any:
        done.append(given["credential_public_key"])
        return real(**given)

    monkeypatch.setattr("intake.web.passkeys.verify_authentication_response", counted)
    for each in (bent(device, "unknown"), bent(device, "another key")):
        enter_by(Patient(app), each)
    assert len(done) == 2
    assert len(done[0]) == len(done[1])


def test_an_answer_opens_once(app: Flask, device: Device) -> None:
    device.counts = False
    browser = Patient(app)
    browser.open("/clinic")
    signed = device.sign(ask(browser, "/clinic/passkey/ask"))
    with browser.client.session_transaction() as session:
        kept = dict(session)
    assert browser.send({"credential": signed}, form="clinic/passkey") == "/clinic"
    # The very same browser state and answer, sent once more.
    thief = Patient(app)
    with thief.client.session_transaction() as session:
        session.update(kept)
    thief.open("/clinic/log-in")
    thief.send({"credential": signed}, form="clinic/passkey")
    assert thief.status == 422
    # And what was signed for one browser is no use in another.
    other, third = Patient(app), Patient(app)
    for each in (other, third):
        each.open("/clinic")
        asked = ask(each, "/clinic/passkey/ask")
    other.send({"credential": device.sign(asked)}, form="clinic/passkey")
    assert other.status == 422


def test_an_answer_has_its_time(app: Flask, device: Device, clock: Clock) -> None:
    browser = Patient(app)
    browser.open("/clinic")
    asked = ask(browser, "/clinic/passkey/ask")
    clock.forward(minutes=10)
    browser.send({"credential": device.sign(asked)}, form="clinic/passkey")
    assert browser.status == 422


def test_a_challenge_for_one_purpose_is_none_for_another(app: Flask, device: Device) -> None:
    browser = logged_in(app, "admin")
    asked = ask(browser, "/clinic/passkey/ask")
    browser.open("/clinic/me")
    given = {"passkey_name": "x", "credential": Device().make(asked | {"user": {"id": "AA"}})}
    browser.send(given, form="me/passkeys")
    assert browser.status == 422
    assert browser.has("Your device did not make a passkey that works here.")


def test_a_copied_device_is_refused_and_recorded(app: Flask, device: Device) -> None:
    thief = replace(device)
    assert enter_by(Patient(app), device) == "/clinic"
    enter_by(browser := Patient(app), thief)
    assert browser.status == 422
    assert "passkey_copied" in actions(app)
    # Its owner goes on.
    assert enter_by(Patient(app), device) == "/clinic"


def test_a_removed_passkey_opens_nothing_and_its_sessions_end(app: Flask, device: Device) -> None:
    thief = Patient(app)
    enter_by(thief, device)
    browser = Patient(app)
    browser.open("/clinic")
    enter(browser, "doctor")
    browser.open("/clinic/me")
    browser.send(form="/remove")
    assert browser.has("The passkey is removed")
    assert browser.open("/clinic") == "/clinic"
    assert thief.open("/clinic") == "/clinic/log-in"
    enter_by(thief, device)
    assert thief.status == 422


def test_the_last_way_in_stays(app: Flask) -> None:
    _, code = invitation(app)
    browser, device = started(app, code), Device()
    made = device.make(ask(browser, "/clinic/set-up/passkey/ask"))
    browser.send({"passkey_name": "Desk", "credential": made}, form="set-up/passkey")
    browser.open("/clinic/me")
    browser.send(form="/remove")
    assert browser.status == 409
    assert browser.has("this is your only way in")
    assert enter_by(Patient(app), device) == "/clinic"


def test_nobody_removes_the_passkey_of_another(app: Flask, device: Device) -> None:
    (key,) = passkeys.of(store_of(app), whose(app))
    boss = logged_in(app, "admin")
    token = boss.field("csrf_token")[0]
    boss.post(f"/clinic/me/passkeys/{key.id}/remove", [("csrf_token", token), ("_end", "1")])
    assert passkeys.of(store_of(app), whose(app)) == [key]


def test_a_name_is_asked_for_and_a_device_is_kept_once(app: Flask, device: Device) -> None:
    browser = Patient(app)
    browser.open("/clinic")
    enter(browser, "doctor")
    add(browser, Device(), name=" ")
    assert browser.status == 422
    assert browser.has("A passkey's name has 1 to 64 characters.")
    add(browser, device)
    assert browser.status == 422
    assert browser.has("This passkey is kept already.")
    assert len(passkeys.of(store_of(app), whose(app))) == 1


def test_who_left_does_not_get_in(app: Flask, device: Device) -> None:
    from intake.store import accounts

    hired(app, "admin")
    accounts.disable(store_of(app), whose(app), by="system")
    enter_by(browser := Patient(app), device)
    assert browser.status == 422
    assert browser.has(REFUSED)


def test_in_a_set_up_that_is_done_no_passkey_is_added(app: Flask) -> None:
    _, code = invitation(app)
    first, second, device = started(app, code), started(app, code), Device()
    asked = ask(second, "/clinic/set-up/passkey/ask")
    finish(app, first, password="nine tall green herons")
    second.send({"passkey_name": "x", "credential": device.make(asked)}, form="set-up/passkey")
    assert second.status == 422
    enter_by(browser := Patient(app), device)
    assert browser.status == 422


# --- Where the site stands ---------------------------------------------------------------------


def test_under_a_bare_number_there_are_no_passkeys(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/clinic/log-in", base_url="http://127.0.0.1").get_data(as_text=True)
    assert "passkey" not in page


def test_behind_a_proxy_the_outer_name_counts(instance: Any, clock: Clock) -> None:
    environ = {
        "INTAKE_TRUSTED_HOSTS": "intake.example",
        "INTAKE_SECURE_COOKIES": "1",
        "INTAKE_PROXY_HOPS": "1",
    }
    app = create_app(instance, environ=environ, clock=clock)
    person = hired(app, "doctor")
    outside = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "intake.example"}
    device = Device(site="intake.example", origin="", counts=False, whose=bytes.fromhex(person.id))
    passkeys.add(
        store_of(app), person, passkeys.Credential(device.id, device.public_key, 0), "Phone"
    )
    for origin, status in (("http://intake.example", 422), ("https://intake.example", 303)):
        device.origin = origin
        client = app.test_client()
        inner = {"base_url": "https://10.0.0.7:8000", "headers": outside}
        page = client.get("/clinic/log-in", **inner).get_data(as_text=True)
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        posted = {"csrf_token": token, "_end": "1"}
        same = {**inner, "headers": outside | {"Referer": "https://intake.example/clinic/log-in"}}
        asked = client.post("/clinic/passkey/ask", data=posted, **same).get_json()
        assert asked["rpId"] == "intake.example"
        posted = {"csrf_token": token, "credential": device.sign(asked), "_end": "1"}
        assert client.post("/clinic/passkey", data=posted, **same).status_code == status
    app.extensions["store"].engine.dispose()


def test_the_cookie_holds_no_challenge(app: Flask, device: Device) -> None:
    browser = Patient(app)
    browser.open("/clinic")
    asked = ask(browser, "/clinic/passkey/ask")
    with browser.client.session_transaction() as session:
        assert asked["challenge"] not in json.dumps(dict(session))
        assert sessions.TOKEN.fullmatch(session["staff_key"])


def test_the_code_app_still_opens_beside_a_passkey(app: Flask, device: Device) -> None:
    browser = Patient(app)
    browser.open("/clinic")
    assert enter(browser, "doctor") == "/clinic"
    assert fresh_digits(app)
