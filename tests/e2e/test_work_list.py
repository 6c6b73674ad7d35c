"""The work list in a real browser: worked through by keyboard, and fresh without moving."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import calls, migrate, responses, work_list
from intake.store.work_list import Wanted
from tests.e2e.conftest import Visitor, VisitorMaker, serving
from tests.e2e.test_staff import APPS, SCREENS, log_in, look_over
from tests.web.clinic_side import ROLES, hired, sent, store_of


@pytest.fixture
def clinic_app(tmp_path: Path) -> Iterator[Flask]:
    folder = tmp_path / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={}, clock=lambda: datetime.now(UTC))
    yield app
    app.extensions["store"].engine.dispose()


@pytest.fixture
def site(clinic_app: Flask) -> Iterator[str]:
    for role in ROLES:
        hired(clinic_app, role)
    unsent(clinic_app, "Lea Unsent")
    for number in range(12):
        sent(clinic_app, now_breath_heart=["chest"], name=f"Person {number:02}")
    with serving(clinic_app) as address:
        APPS[address] = clinic_app
        yield address


def unsent(app: Flask, name: str) -> None:
    """Somebody who met a danger sign, can be reached, and has not sent."""
    store = store_of(app)
    answers = {"respondent": "self", "name": name, "phone": "315-555-0131"}
    responses.save(
        store,
        responses.start(store, 1),
        {"answers": answers},
        urgency="same_day",
        cards=["E3a"],
        reachable=True,
    )


def tab_to(visitor: Visitor, words: str) -> None:
    """Press Tab until the focus is on what says this."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        text = visitor.page.evaluate(
            "document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent"
        )
        if words in " ".join(text.split()):
            return
    raise AssertionError(words)


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_the_front_desk_works_by_keyboard(
    visit: VisitorMaker, clinic_app: Flask, scripts: bool
) -> None:
    visitor = visit(viewport={"width": 1280, "height": 800}, java_script_enabled=scripts)
    log_in(visitor, "front_desk")
    keys = visitor.page.keyboard
    if not scripts:
        # Where the focus is cannot be asked; the same links and buttons by name.
        visitor.page.get_by_role("link", name="Lea Unsent").press("Enter")
        visitor.page.get_by_label("Reached").press("Space")
        visitor.page.get_by_role("button", name="Log the call").press("Enter")
    else:
        tab_to(visitor, "Lea Unsent")
        keys.press("Enter")
        visitor.page.wait_for_url("**/clinic/list/*")
        tab_to(visitor, "Reached")
        keys.press("Space")
        tab_to(visitor, "Note (optional)")
        keys.type("Will send it tonight.")
        tab_to(visitor, "Log the call")
        keys.press("Enter")
    visitor.page.wait_for_url("**/clinic?*did=reached*")
    expect(visitor.page.get_by_text("The call is logged: reached.")).to_be_visible()
    assert calls.open(store_of(clinic_app), 1) == []
    if scripts:
        tab_to(visitor, "Undo")
        keys.press("Enter")
    else:
        visitor.page.get_by_role("button", name="Undo").press("Enter")
    visitor.page.wait_for_url("**/clinic?*did=undone*")
    expect(visitor.page.get_by_role("link", name="Lea Unsent")).to_be_visible()
    assert len(calls.open(store_of(clinic_app), 1)) == 1


def test_what_is_new_moves_nothing_that_is_read(visit: VisitorMaker, clinic_app: Flask) -> None:
    visitor = visit(viewport={"width": 1280, "height": 700})
    visitor.page.clock.install()
    log_in(visitor, "front_desk")
    here = visitor.page.get_by_role("link", name="Person 07")
    here.focus()
    here.scroll_into_view_if_needed()
    before = here.bounding_box()
    said = visitor.page.locator("#news")
    expect(said).to_be_empty()
    sent(clinic_app, now_breath_heart=["chest"], name="Somebody New")
    taken = work_list.references(store_of(clinic_app), 1, Wanted("call", datetime.now(UTC).date()))
    with visitor.page.expect_response("**/clinic/changes?*") as reply:
        visitor.page.clock.run_for(31_000)
    assert reply.value.status == 200
    expect(said).to_have_text("1 new here. Show them")
    expect(visitor.page.locator("#count-call")).to_have_text("14")
    assert visitor.page.get_by_text("Somebody New").count() == 0
    assert here.bounding_box() == before
    expect(here).to_be_focused()
    assert len(taken) == 13
    # While somebody types nothing is asked.
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.focus("#words")
    visitor.page.clock.run_for(61_000)
    assert asked == []
    here.focus()
    with visitor.page.expect_response("**/clinic/changes?*"):
        visitor.page.clock.run_for(31_000)
    said.get_by_role("link", name="Show them").click()
    expect(visitor.page.get_by_role("link", name="Somebody New")).to_be_visible()


def test_a_log_in_that_ended_is_said(visit: VisitorMaker, clinic_app: Flask) -> None:
    visitor = visit(viewport={"width": 1280, "height": 700})
    visitor.page.clock.install()
    log_in(visitor, "front_desk")
    visitor.page.context.clear_cookies()
    visitor.page.clock.run_for(31_000)
    expect(visitor.page.locator("#news")).to_have_text("You are logged out. Log in again")


@pytest.mark.parametrize(("role", "screen"), [("doctor", "phone"), ("front_desk", "dark desk")])
def test_every_page_of_the_list_is_accessible_and_fits(
    visit: VisitorMaker, clinic_app: Flask, role: str, screen: str
) -> None:
    options: dict[str, Any] = SCREENS[screen]
    visitor = visit(**options)
    wrong: list[str] = []
    log_in(visitor, role)
    visitor.page.locator(".filters summary").click()
    look_over(visitor, wrong, least=24)
    visitor.page.fill("#words", "person")
    visitor.page.get_by_role("button", name="Find").click()
    visitor.page.wait_for_url("**/clinic/search")
    expect(visitor.page.get_by_text("Person 03").first).to_be_visible()
    look_over(visitor, wrong, least=24)
    visitor.page.fill("#words", " ")
    visitor.page.get_by_role("button", name="Find").click()
    expect(visitor.page.locator("#errors")).to_be_visible()
    look_over(visitor, wrong, least=24)
    for lane in ("new", "read", "waiting", "done"):
        visitor.open(f"/clinic?lane={lane}&who=mine")
        look_over(visitor, wrong, least=24)
    reference = work_list.references(
        store_of(clinic_app), 1, Wanted("call", datetime.now(UTC).date())
    )[0]
    visitor.open(f"/clinic/list/{reference}")
    look_over(visitor, wrong, least=24)
    visitor.page.get_by_role("button", name="Log the call").click()
    expect(visitor.page.locator("#errors")).to_be_visible()
    look_over(visitor, wrong, least=24)
    visitor.page.get_by_label("No answer").check()
    visitor.page.get_by_role("button", name="Log the call").click()
    visitor.page.wait_for_url("**did=called**")
    look_over(visitor, wrong, least=24)
    assert wrong == []
