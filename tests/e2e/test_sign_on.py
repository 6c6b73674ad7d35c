"""Single sign-on in a real browser, with a real provider on another site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect, request
from playwright.sync_api import expect

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import identities, migrate, staff
from tests.e2e.conftest import Visitor, VisitorMaker, serving
from tests.e2e.test_staff import APPS, later, log_in, look_over
from tests.e2e.test_staff import clock as shifted
from tests.oidc_provider import Account, OidcProvider
from tests.oidc_provider import serving as providing
from tests.web.clinic_side import hired, store_of

SCREENS = {"phone": {"width": 320, "height": 640}, "desk": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with providing(shifted) as provider:
        yield provider


@pytest.fixture(scope="module")
def clinic_app(tmp_path_factory: pytest.TempPathFactory, provider: OidcProvider) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("sign_on") / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    environ = provider.settings(INTAKE_OIDC_ACR="mfa")
    app = create_app(folder, environ=environ, clock=shifted)
    yield app
    app.extensions["store"].engine.dispose()


@pytest.fixture(scope="module")
def site(clinic_app: Flask, provider: OidcProvider) -> Iterator[str]:
    hired(clinic_app, "admin")
    with serving(clinic_app) as address:
        # The provider is "localhost": for the browser that is another site than a bare number.
        assert provider.address.startswith("http://localhost:")
        provider.back = f"{address}/clinic/sign-on/back"
        APPS[address] = clinic_app
        yield address


@pytest.fixture
def dana(clinic_app: Flask, provider: OidcProvider, request: pytest.FixtureRequest) -> str:
    """A name for the provider; the account of that person is added, and no more."""
    username = f"dana-{abs(hash(request.node.name)) % 10**8}"
    email = f"{username}@clinic.example"
    provider.people[username] = Account(username, email, {"acr": "mfa"})
    staff.create(store_of(clinic_app), 1, username, "Dana Hill", "doctor", email, by="system")
    return username


def press(visitor: Visitor, name: str = "Log in with your work account") -> None:
    visitor.page.get_by_role("button", name=name).click()


def sign_in(visitor: Visitor, who: str) -> None:
    """Say who one is on the provider's own page."""
    expect(visitor.page.get_by_role("heading", name="Sign in to your organisation")).to_be_visible()
    visitor.page.fill("#who", who)
    visitor.page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_to_the_provider_and_back(
    visit: VisitorMaker, dana: str, screen: dict[str, int], script: bool
) -> None:
    visitor, wrong = visit(viewport=screen, java_script_enabled=script), list[str]()
    visitor.open("/clinic?lane=new")
    if script:
        look_over(visitor, wrong, least=24)
    press(visitor)
    sign_in(visitor, dana)
    visitor.page.wait_for_url("**/clinic?lane=new")
    expect(visitor.page.get_by_text("Dana Hill")).to_be_visible()
    visitor.open("/clinic/me")
    expect(visitor.page.get_by_role("heading", name="Work account")).to_be_visible()
    if script:
        look_over(visitor, wrong, least=24)
    assert wrong == []


def test_back_from_the_provider_is_the_log_in(visit: VisitorMaker, dana: str) -> None:
    """The page that leads there stays in nobody's way."""
    visitor = visit()
    visitor.open("/clinic/log-in")
    press(visitor)
    expect(visitor.page.locator("#who")).to_be_visible()
    visitor.page.go_back()
    expect(visitor.page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
    press(visitor)
    sign_in(visitor, dana)
    visitor.page.wait_for_url("**/clinic")


def test_the_provider_may_send_people_on_to_anywhere(
    visit: VisitorMaker, dana: str, provider: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that asks another one: our policy for forms would stop that at the second site."""
    with providing(shifted) as other:
        # For the browser a third site.
        elsewhere = other.address.replace("localhost", "127.0.0.1")

        def send_away() -> Any:
            asked = request.query_string.decode()
            to_other = request.method == "GET" and "seen" not in request.args
            return redirect(f"{elsewhere}/authorize?{asked}") if to_other else None

        def send_back() -> Any:
            asked = request.query_string.decode()
            return redirect(f"{provider.address}/authorize?{asked}&seen=1")

        monkeypatch.setitem(provider.answers, "/authorize", send_away)
        other.answers["/authorize"] = send_back
        visitor = visit()
        visitor.open("/clinic/log-in")
        press(visitor)
        sign_in(visitor, dana)
        visitor.page.wait_for_url("**/clinic")
    assert other.calls == ["/authorize"]


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_who_cancels_finds_the_other_ways(
    visit: VisitorMaker, dana: str, screen: dict[str, int]
) -> None:
    visitor, wrong = visit(viewport=screen), list[str]()
    visitor.open("/clinic/log-in")
    press(visitor)
    visitor.page.get_by_role("button", name="Cancel").click()
    visitor.page.wait_for_url("**/clinic/sign-on/stopped?why=cancelled")
    look_over(visitor, wrong, least=24)
    press(visitor, "Try your work account again")
    visitor.page.get_by_role("button", name="Cancel").click()
    visitor.page.get_by_role("link", name="Log in another way").click()
    log_in(visitor, "admin")
    assert wrong == []


def test_who_has_no_account_is_told_whom_to_ask(
    visit: VisitorMaker, provider: OidcProvider
) -> None:
    provider.people["eve"] = Account("666", "eve@clinic.example", {"acr": "mfa"})
    visitor = visit()
    visitor.open("/clinic/log-in")
    press(visitor)
    sign_in(visitor, "eve")
    visitor.page.wait_for_url("**/clinic/sign-on/stopped?why=refused")
    expect(visitor.page.get_by_text("An administrator can help.")).to_be_visible()
    assert visitor.axe() == []


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_a_work_account_alone_confirms_and_asks_again_after_leaving(
    visit: VisitorMaker, dana: str, screen: dict[str, int]
) -> None:
    visitor, wrong = visit(viewport=screen), list[str]()
    visitor.open("/clinic/log-in")
    press(visitor)
    sign_in(visitor, dana)
    visitor.page.wait_for_url("**/clinic")
    with later(minutes=8):
        visitor.open("/clinic")
    with later(minutes=16):
        visitor.open("/clinic/me")
        assert visitor.path == "/clinic/confirm"
        look_over(visitor, wrong, least=24)
        press(visitor, "Confirm with your work account")
        # Though the provider knows this browser.
        sign_in(visitor, dana)
        visitor.page.wait_for_url("**/clinic/me")
        visitor.page.get_by_role("button", name="Log out", exact=True).click()
        press(visitor)
        sign_in(visitor, dana)
        visitor.page.wait_for_url("**/clinic")
    assert wrong == []


def test_an_administrator_sees_and_removes_the_link(
    visit: VisitorMaker, clinic_app: Flask, dana: str
) -> None:
    visitor, boss, wrong = visit(), visit(), list[str]()
    visitor.open("/clinic/log-in")
    press(visitor)
    sign_in(visitor, dana)
    visitor.page.wait_for_url("**/clinic")
    log_in(boss, "admin")
    person = staff.find(store_of(clinic_app), 1, dana)
    assert person is not None
    boss.open("/clinic/settings")
    expect(boss.page.get_by_text("enough where it says: mfa")).to_be_visible()
    boss.open(f"/clinic/accounts/{person.id}")
    look_over(boss, wrong, least=24)
    press(boss, "Remove the link")
    expect(boss.page.get_by_text("The link to the work account is removed.")).to_be_visible()
    assert identities.of(store_of(clinic_app), person) == []
    visitor.open("/clinic")
    assert visitor.path == "/clinic/log-in"
    assert wrong == []
