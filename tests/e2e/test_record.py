"""A response's page in a real browser: by keyboard, on a phone, and when it is old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate
from tests.e2e.conftest import Visitor, VisitorMaker, serving
from tests.e2e.test_staff import APPS, log_in, look_over
from tests.e2e.test_work_list import tab_to
from tests.web.clinic_side import ROLES, hired, sent

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
NAME, WHY = "Bea Careful", "Fever since Monday, and a new catheter."


@pytest.fixture(scope="module")
def clinic_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("record") / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={}, clock=lambda: datetime.now(UTC))
    for role in ROLES:
        hired(app, role)
    yield app
    app.extensions["store"].engine.dispose()


@pytest.fixture(scope="module")
def site(clinic_app: Flask) -> Iterator[str]:
    with serving(clinic_app) as address:
        APPS[address] = clinic_app
        yield address


@pytest.fixture
def reference(clinic_app: Flask) -> str:
    return sent(clinic_app, name=NAME, now_infection=["urine"])


def opened(visitor: Visitor, role: str, reference: str) -> None:
    log_in(visitor, role)
    visitor.open(f"/clinic/responses/{reference}")
    expect(visitor.page.locator("h1")).to_have_text(NAME)


def unfold(visitor: Visitor, title: str) -> None:
    visitor.page.locator("summary", has_text=title).first.click()


def test_a_doctor_does_all_of_it_by_keyboard(visit: VisitorMaker, reference: str) -> None:
    visitor = visit(viewport=WIDE)
    opened(visitor, "doctor", reference)
    keys, page = visitor.page.keyboard, visitor.page
    tab_to(visitor, "Mark as read")
    keys.press("Enter")
    expect(page.get_by_text("Marked as read.", exact=True)).to_be_visible()
    tab_to(visitor, "Decide otherwise")
    keys.press("Enter")
    tab_to(visitor, "Urgency")
    keys.type("Same")
    tab_to(visitor, "Reason")
    keys.type(WHY)
    tab_to(visitor, "Keep my decision")
    keys.press("Enter")
    expect(page.locator("#decision")).to_contain_text("A doctor decided otherwise: Same day")
    expect(page.locator("#decision")).to_contain_text(WHY)
    tab_to(visitor, "Plan")
    keys.press("Enter")
    tab_to(visitor, "What happens next?")
    keys.type("Not now")
    tab_to(visitor, "Until, for “not now”")
    keys.type("12312060")
    tab_to(visitor, "Keep the plan")
    keys.press("Enter")
    standing = page.locator(".standing")
    expect(standing).to_contain_text("Put off until December 31, 2060")
    tab_to(visitor, "Take it back to “Read”")
    keys.press("Enter")
    expect(standing).not_to_contain_text("Put off until")
    expect(standing.locator("strong")).to_have_text("Read")


@pytest.mark.parametrize("role", ROLES)
def test_the_page_is_accessible_and_fits(visit: VisitorMaker, reference: str, role: str) -> None:
    visitor = visit(viewport=WIDE)
    wrong: list[str] = []
    opened(visitor, role, reference)
    for form in ("Decide otherwise", "Plan", "Note", "Log a call") if role == "doctor" else ():
        unfold(visitor, form)
    for size in (WIDE, PHONE, {"width": 320, "height": 640}):
        visitor.page.set_viewport_size(size)  # type: ignore[arg-type] # a plain dict of both sides
        look_over(visitor, wrong, least=24)
    assert wrong == []


def test_an_old_page_keeps_the_words(visit: VisitorMaker, reference: str) -> None:
    mine, other = visit(viewport={"width": 320, "height": 640}), visit(viewport=WIDE)
    wrong: list[str] = []
    opened(mine, "doctor", reference)
    opened(other, "doctor", reference)
    unfold(mine, "Decide otherwise")
    mine.page.select_option("#urgency", "same_day")
    mine.page.fill("#reason", WHY)
    unfold(other, "Plan")
    other.page.select_option("#plan", "book")
    other.go_on(button="Keep the plan")
    expect(other.page.get_by_text("The plan is kept.")).to_be_visible()
    mine.go_on(button="Keep my decision")
    changed = mine.page.locator("#changed")
    expect(changed).to_contain_text("Nothing was saved: this response has changed")
    expect(changed).to_contain_text("plans: Book a visit")
    expect(changed).to_be_focused()
    expect(mine.page.locator("#reason")).to_have_value(WHY)
    expect(mine.page.locator("#urgency")).to_have_value("same_day")
    look_over(mine, wrong, least=24)
    mine.go_on(button="Keep my decision")
    expect(mine.page.locator("#decision")).to_contain_text(WHY)
    assert wrong == []
