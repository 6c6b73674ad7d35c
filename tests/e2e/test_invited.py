"""From the front desk's card to the patient's phone, which runs no script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate
from tests.e2e.conftest import Visitor, VisitorMaker, serving
from tests.web.clinic_side import PASSWORD, fresh_digits, hired


@pytest.fixture(scope="module")
def own_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("invited") / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={})
    hired(app, "front_desk")
    yield app
    app.extensions["store"].engine.dispose()


@pytest.fixture(scope="module")
def site(own_app: Flask) -> Iterator[str]:
    with serving(own_app) as address:
        yield address


def at_the_desk(visitor: Visitor, app: Flask) -> None:
    visitor.open("/clinic")
    visitor.page.fill("#username", "front_desk")
    visitor.page.fill("#password", PASSWORD)
    visitor.go_on("/clinic/log-in/code", button="Log in")
    visitor.page.fill("#code", fresh_digits(app))
    visitor.go_on("/clinic", button="Log in")


def born(visitor: Visitor) -> None:
    for part, value in (("month", "4"), ("day", "5"), ("year", "1971")):
        visitor.page.fill(f"#born_on-{part}", value)


def test_from_the_card_to_a_phone_without_a_script(own_app: Flask, visit: VisitorMaker) -> None:
    desk = visit()
    at_the_desk(desk, own_app)
    desk.open("/clinic/invitations/new")
    assert desk.axe() == []
    desk.page.fill("#name", "Iris Example")
    born(desk)
    desk.tick("language-en")
    desk.page.get_by_role("button", name="Make the invitation").click()
    desk.page.wait_for_url("**/clinic/invitations/*done=made")
    assert desk.axe() == []
    desk.page.get_by_role("link", name="Card to print").click()
    desk.page.wait_for_url("**/card")
    assert desk.axe() == []
    code = "-".join(desk.page.locator(".code-part").all_inner_texts())

    phone = visit(java_script_enabled=False, viewport={"width": 390, "height": 800})
    phone.open(f"/i/{code}")
    assert phone.path == "/i"
    assert phone.page.input_value("#code") == code
    born(phone)
    phone.page.get_by_role("button", name="Open my form").click()
    assert phone.path == "/"
    assert phone.page.get_by_role("heading", name="Before your first visit").is_visible()
    assert code not in phone.page.content()
