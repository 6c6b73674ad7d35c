"""Passkeys in a real browser, with the authenticator that Chromium pretends to have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from playwright.sync_api import APIResponse, CDPSession, expect

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import accounts, migrate, passkeys, staff
from tests.e2e.conftest import Visitor, VisitorMaker, serving
from tests.e2e.test_staff import APPS, log_in, look_over
from tests.web.clinic_side import hired, store_of

INSIDE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def clinic_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("keys") / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={})
    yield app
    app.extensions["store"].engine.dispose()


@pytest.fixture(scope="module")
def site(clinic_app: Flask) -> Iterator[str]:
    with serving(clinic_app) as address:
        # A passkey belongs to a name; a bare number has none.
        named = address.replace("127.0.0.1", "localhost")
        APPS[named] = clinic_app
        yield named


class Device:
    """The authenticator of a visitor's browser."""

    def __init__(self, visitor: Visitor) -> None:
        self.cdp: CDPSession = visitor.context.new_cdp_session(visitor.page)
        self.cdp.send("WebAuthn.enable")
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": INSIDE})
        self.id: str = made["authenticatorId"]

    def held(self) -> list[dict[str, Any]]:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        credentials: list[dict[str, Any]] = found["credentials"]
        return credentials

    def take(self, credential: dict[str, Any]) -> None:
        given = {"authenticatorId": self.id, "credential": credential}
        self.cdp.send("WebAuthn.addCredential", given)

    def recognise(self, *, owner: bool) -> None:
        given = {"authenticatorId": self.id, "isUserVerified": owner}
        self.cdp.send("WebAuthn.setUserVerified", given)


def press_log_in(visitor: Visitor) -> None:
    visitor.open("/clinic/log-in")
    visitor.page.get_by_role("button", name="Log in with a passkey").click()


def log_out(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Log out", exact=True).click()
    visitor.page.wait_for_url("**/clinic/log-in?out=1")


@pytest.mark.parametrize("screen", [320, 1280])
def test_from_the_invitation_on_with_a_passkey_alone(
    visit: VisitorMaker, clinic_app: Flask, screen: int
) -> None:
    store = store_of(clinic_app)
    person = staff.create(store, 1, f"key-{screen}", "Key Holder", "doctor", by="system")
    code = accounts.invite(store, person, by="system")
    visitor, wrong = visit(viewport={"width": screen, "height": 800}), list[str]()
    device = Device(visitor)
    visitor.open(f"/clinic/invited#{code}")
    visitor.go_on("/clinic/set-up", button="Start")
    look_over(visitor, wrong, least=24)
    visitor.page.fill("#passkey_name", "My phone")
    visitor.go_on("/clinic", button="Set up with a passkey")
    assert [each["isResidentCredential"] for each in device.held()] == [True]
    log_out(visitor)
    look_over(visitor, wrong, least=24)
    press_log_in(visitor)
    visitor.page.wait_for_url("**/clinic")
    expect(visitor.page.get_by_text("Key Holder")).to_be_visible()
    visitor.open("/clinic/me")
    look_over(visitor, wrong, least=24)
    # The same device is not kept twice.
    visitor.page.fill("#passkey_name", "Again")
    visitor.page.get_by_role("button", name="Add a passkey").click()
    expect(visitor.page.get_by_role("alert")).to_have_text(
        "This device has a passkey for you already."
    )
    visitor.open("/clinic/confirm?next=/clinic/me")
    look_over(visitor, wrong, least=24)
    visitor.go_on("/clinic/me", button="Confirm with a passkey")
    assert wrong == []


def test_beside_password_and_app_until_it_is_removed(
    visit: VisitorMaker, clinic_app: Flask
) -> None:
    hired(clinic_app, "doctor")
    visitor = visit()
    device = Device(visitor)
    log_in(visitor, "doctor")
    visitor.open("/clinic/me")
    visitor.page.fill("#passkey_name", "My phone")
    visitor.page.get_by_role("button", name="Add a passkey").click()
    expect(visitor.page.get_by_text("The passkey is added.")).to_be_visible()
    log_out(visitor)
    # Who is not recognised by the device, or cancels, is told so and may try again.
    device.recognise(owner=False)
    press_log_in(visitor)
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_contain_text("it was cancelled, or took too long")
    assert visitor.axe() == []
    device.recognise(owner=True)
    before = device.held()[0]
    visitor.page.get_by_role("button", name="Log in with a passkey").click()
    visitor.page.wait_for_url("**/clinic")
    # Somebody copied it before that.
    thief = visit()
    Device(thief).take(before)
    press_log_in(thief)
    expect(thief.page.locator("#errors")).to_contain_text("did not open the staff pages")
    # Removed, it opens nothing, though the device has it still.
    visitor.open("/clinic/me")
    visitor.page.get_by_role("button", name="Remove My phone").click()
    expect(visitor.page.get_by_text("The passkey is removed")).to_be_visible()
    log_out(visitor)
    press_log_in(visitor)
    expect(visitor.page.locator("#errors")).to_contain_text("did not open the staff pages")


def test_what_was_signed_elsewhere_or_before_opens_nothing(
    visit: VisitorMaker, clinic_app: Flask, site: str
) -> None:
    store = store_of(clinic_app)
    person = staff.create(store, 1, "twice", "Twice", "doctor", by="system")
    code = accounts.invite(store, person, by="system")
    visitor = visit()
    Device(visitor)
    visitor.open(f"/clinic/invited#{code}")
    visitor.go_on("/clinic/set-up", button="Start")
    visitor.page.fill("#passkey_name", "My phone")
    visitor.go_on("/clinic", button="Set up with a passkey")
    log_out(visitor)
    sent: list[str] = []
    visitor.page.on("request", lambda each: sent.append(each.post_data or ""))
    press_log_in(visitor)
    visitor.page.wait_for_url("**/clinic")
    (body,) = [each for each in sent if "credential=%7B" in each]
    log_out(visitor)
    assert post(visitor, "/clinic/passkey", credential=parse_qs(body)["credential"][0]) == 422
    # Another site under the same name, on another port: the device signs, for that origin.
    asked = ask(visitor)
    with serving(clinic_app) as other:
        visitor.page.goto(other.replace("127.0.0.1", "localhost") + "/kitchen-measures")
        signed = visitor.page.evaluate(SIGN, asked)
        visitor.open("/clinic/log-in")
    assert post(visitor, "/clinic/passkey", credential=signed) == 422
    # On the right one the same way of doing it opens.
    signed = visitor.page.evaluate(SIGN, ask(visitor))
    assert post(visitor, "/clinic/passkey", credential=signed) == 200
    assert len(passkeys.of(store, person)) == 1


SIGN = """async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
}"""


def ask(visitor: Visitor) -> Any:
    return _post(visitor, "/clinic/passkey/ask", {}).json()


def post(visitor: Visitor, address: str, **fields: str) -> int:
    """The status of a form sent as from the page on the screen, after its redirects."""
    return _post(visitor, address, fields).status


def _post(visitor: Visitor, address: str, fields: dict[str, str]) -> APIResponse:
    token = visitor.page.locator("input[name=csrf_token]").first.input_value()
    return visitor.page.request.post(
        visitor.site + address,
        form={"csrf_token": token, **fields, "_end": "1"},
        headers={"Referer": visitor.page.url},
    )


def test_without_a_script_the_password_stays(visit: VisitorMaker, clinic_app: Flask) -> None:
    visitor = visit(java_script_enabled=False)
    visitor.open("/clinic/log-in")
    expect(visitor.page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    expect(visitor.page.locator("#password")).to_be_visible()
