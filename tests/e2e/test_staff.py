"""Staff in a real browser: accessible, on a desk and a phone, without a script, and left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import expect

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import accounts, calls, migrate, staff
from tests.e2e.conftest import Visitor, VisitorMaker, begin, say_who, serving
from tests.web.clinic_side import PASSWORD, ROLES, fresh_digits, hired, sent, store_of

UNSAFE = "Anna At Home"
APPS: dict[str, Flask] = {}
"""The application behind each site: it shows what a person's code app would."""
LATER = [timedelta(0)]
"""By so much the server's clock is ahead."""


def clock() -> datetime:
    return datetime.now(UTC) + LATER[0]


@contextmanager
def later(**by: float) -> Iterator[None]:
    """The server's time moves on, for as long as this lasts."""
    LATER[0] = timedelta(**by)
    yield
    LATER[0] = timedelta(0)


LONG = "Wilhelmina-Konstantina Featherstonehaugh-Papadopoulos " * 2


@pytest.fixture(scope="module")
def clinic_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("staff") / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={}, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


@pytest.fixture(scope="module")
def site(clinic_app: Flask) -> Iterator[str]:
    for role in ROLES:
        hired(clinic_app, role)
    with serving(clinic_app) as address:
        APPS[address] = clinic_app
        yield address


@pytest.fixture(scope="module")
def full(clinic_app: Flask, site: str) -> str:
    """A list with every kind of row; the reference of a response with much in it."""
    for number in range(50):
        sent(clinic_app, name=f"Person {number}")
    sent(clinic_app, now_infection=["urine"], name=LONG.strip()[:100])
    sent(clinic_app, now_unsafe="yes", safe_contact="315-555-0177", name=UNSAFE)
    for urgency, cards in (("emergency", ["E8"]), ("same_day", ["E15"]), ("same_day", ["E7b"])):
        calls.request(
            store_of(clinic_app),
            1,
            None,
            name="Lea Waiting",
            phone="(212) 555-0131",
            urgency=urgency,
            cards=cards,
        )
    return sent(
        clinic_app,
        now_breath_heart=["chest"],
        now_self_harm="plan",
        toxin_allergy="not_sure",
        now_words="It began on Monday.\nIt is worse at night.",
        other_contact="Relay service 711, then ask for me",
    )


def enter(visitor: Visitor, role: str, password: str = PASSWORD) -> None:
    visitor.page.fill("#username", role)
    visitor.page.fill("#password", password)
    visitor.page.get_by_role("button", name="Log in", exact=True).click()


def log_in(visitor: Visitor, role: str) -> None:
    visitor.open("/clinic")
    enter(visitor, role)
    visitor.page.wait_for_url("**/clinic/log-in/code")
    visitor.page.fill("#code", fresh_digits(APPS[visitor.site]))
    visitor.page.get_by_role("button", name="Log in", exact=True).click()
    visitor.page.wait_for_url("**/clinic")


# What stands alone and is pressed; links in a list of work on a desk may be 24 px high.
SMALL = """(least) => [...document.querySelectorAll("button, .button, summary, #page a, input")]
  .filter((each) => each.type !== "hidden" && each.checkVisibility())
  .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([_, box]) => box.height < least || box.width < 24)
  .map(([html, box]) => `${html} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


def look_over(visitor: Visitor, wrong: list[str], *, least: int) -> None:
    """Note everything that is wrong with the page on the screen."""
    wrong += visitor.axe()
    if visitor.overflow() > 0:
        wrong.append(f"{visitor.path} is {visitor.overflow()} px too wide")
    wrong += [f"{visitor.path}: {each}" for each in visitor.page.evaluate(SMALL, least)]


SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 320, "height": 640}},
    "desk": {"viewport": {"width": 1280, "height": 800}},
    "dark desk": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}


@pytest.mark.parametrize("options", SCREENS.values(), ids=SCREENS)
def test_an_empty_list_is_accessible(visit: VisitorMaker, options: dict[str, Any]) -> None:
    visitor = visit(**options)
    wrong: list[str] = []
    visitor.open("/clinic/log-in")
    look_over(visitor, wrong, least=24)
    enter(visitor, "doctor", "wrong")
    expect(visitor.page.locator("#errors")).to_be_focused()
    expect(visitor.page).to_have_title(re.compile("^Error:"))
    look_over(visitor, wrong, least=24)
    log_in(visitor, "front_desk")
    expect(visitor.page.get_by_text("Nobody who sent the form needs a call today.")).to_be_visible()
    look_over(visitor, wrong, least=24)
    assert wrong == []


@pytest.mark.parametrize(
    ("role", "screen"),
    [("doctor", "phone"), ("doctor", "dark desk"), ("admin", "desk"), ("front_desk", "phone")],
)
def test_every_page_is_accessible_and_fits(
    visit: VisitorMaker, full: str, role: str, screen: str
) -> None:
    visitor = visit(**SCREENS[screen])
    wrong: list[str] = []
    log_in(visitor, role)
    look_over(visitor, wrong, least=24)
    visitor.open("/clinic?lane=new")
    look_over(visitor, wrong, least=24)
    visitor.page.get_by_role("link", name="Show the next ones").click()
    visitor.page.wait_for_url("**/clinic?after=*")
    look_over(visitor, wrong, least=24)
    visitor.open(f"/clinic/responses/{full}")
    look_over(visitor, wrong, least=24)
    if role != "front_desk":
        visitor.page.get_by_text("Rules that do not hold").click()
        look_over(visitor, wrong, least=24)
    visitor.open("/clinic/nothing")
    look_over(visitor, wrong, least=24)
    assert wrong == []


def test_on_a_phone_numbers_and_names_are_easy_to_tap(visit: VisitorMaker, full: str) -> None:
    visitor = visit()
    log_in(visitor, "doctor")
    visitor.open("/clinic?lane=new")
    links = visitor.page.locator("a.name, .reach[href], .pdf, .button, button")
    boxes = [link.bounding_box() for link in links.all()]
    assert len(boxes) > 100
    assert all(box is not None and box["height"] >= 44 for box in boxes)


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_a_doctor_finds_who_is_urgent_and_reads(
    visit: VisitorMaker, full: str, scripts: bool
) -> None:
    visitor = visit(viewport={"width": 1280, "height": 800}, java_script_enabled=scripts)
    log_in(visitor, "doctor")
    sections = visitor.page.locator("main section")
    expect(sections.nth(0).locator("tbody tr")).to_have_count(3)
    # A private sign stands among the emergencies, whatever its level.
    expect(sections.nth(1).locator("tbody tr").first).to_contain_text("Anna At Home")
    second = sections.nth(1).locator("tbody tr").nth(1)
    expect(second).to_contain_text("Emergency signs: call now")
    second.get_by_role("link", name="Iris Example").first.click()
    visitor.page.wait_for_url(f"**/clinic/responses/{full}")
    expect(visitor.page.locator("h1")).to_have_text("Iris Example")
    expect(visitor.page.get_by_text("It is worse at night.").first).to_be_visible()
    address = visitor.page.get_by_role("link", name="Open the PDF").get_attribute("href")
    reply = visitor.page.request.get(f"{visitor.site}{address}")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/pdf"


def test_by_keyboard_alone(visit: VisitorMaker, full: str) -> None:
    visitor = visit(viewport={"width": 1280, "height": 800})
    visitor.open("/clinic")
    keys = visitor.page.keyboard
    keys.press("Tab")
    assert visitor.focused() == "Skip to the page"
    keys.press("Enter")
    keys.press("Tab")
    assert visitor.focused() == "username"
    keys.type("doctor")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    visitor.page.wait_for_url("**/clinic/log-in/code")
    visitor.page.focus("#code")
    keys.type(fresh_digits(APPS[visitor.site]))
    keys.press("Enter")
    visitor.page.wait_for_url("**/clinic")
    reached = []
    for _ in range(30):
        keys.press("Tab")
        reached.append(visitor.focused())
    assert "Iris Example" in reached
    ring = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none"


def test_a_page_left_alone_hides_itself(visit: VisitorMaker, full: str) -> None:
    visitor = visit()
    wrong: list[str] = []
    visitor.page.clock.install()
    log_in(visitor, "doctor")
    visitor.open(f"/clinic/responses/{full}")
    visitor.page.clock.run_for(9 * 60_000)
    visitor.page.keyboard.press("Shift")
    visitor.page.clock.run_for(9 * 60_000)
    expect(visitor.page.locator("h1")).to_have_text("Iris Example")
    visitor.page.clock.run_for(61_000)
    expect(visitor.page.locator("h1")).to_have_text("This page is hidden")
    expect(visitor.page.get_by_text("Iris Example")).to_have_count(0)
    visitor.page.clock.resume()
    look_over(visitor, wrong, least=24)
    visitor.page.get_by_role("link", name="Show it again").click()
    expect(visitor.page.locator("h1")).to_have_text("Iris Example")
    assert visitor.path == f"/clinic/responses/{full}"
    assert wrong == []


def test_before_the_end_a_bar_says_so_and_one_press_goes_on(visit: VisitorMaker, full: str) -> None:
    visitor = visit()
    wrong: list[str] = []
    visitor.page.clock.install()
    log_in(visitor, "admin")
    visitor.open("/clinic/accounts")
    visitor.page.fill("#name", "Half a na")
    with later(minutes=8):
        visitor.page.clock.run_for(8 * 60_000 + 2000)
        bar = visitor.page.get_by_role("status")
        expect(bar).to_contain_text("In 2 minutes you are logged out")
        look_over(visitor, wrong, least=24)
        visitor.page.get_by_role("button", name="Stay logged in").click()
        expect(bar).to_be_empty()
        assert visitor.page.input_value("#name") == "Half a na"
    assert wrong == []


def test_what_was_typed_comes_back_after_the_log_in(visit: VisitorMaker, full: str) -> None:
    visitor = visit()
    visitor.page.clock.install()
    log_in(visitor, "admin")
    visitor.open("/clinic/accounts")
    visitor.page.fill("#name", "Half a na")
    with later(minutes=11):
        visitor.page.clock.run_for(11 * 60_000)
        expect(visitor.page.locator("h1")).to_have_text("This page is hidden")
        visitor.page.get_by_role("link", name="Show it again").click()
        visitor.page.wait_for_url(re.compile(r"/clinic/log-in\?"))
        enter(visitor, "admin")
        visitor.page.wait_for_url("**/clinic/log-in/code")
        visitor.page.fill("#code", fresh_digits(APPS[visitor.site]))
        visitor.page.get_by_role("button", name="Log in", exact=True).click()
        visitor.page.wait_for_url("**/clinic/accounts")
        expect(visitor.page.get_by_text("Your words are back")).to_be_visible()
        assert visitor.page.input_value("#name") == "Half a na"


def test_another_window_that_logged_in_is_found(visit: VisitorMaker, full: str) -> None:
    visitor = visit()
    visitor.page.clock.install()
    log_in(visitor, "admin")
    visitor.open("/clinic/accounts")
    visitor.page.fill("#name", "Half a na")
    visitor.page.clock.run_for(11 * 60_000)
    expect(visitor.page.locator("h1")).to_have_text("This page is hidden")
    visitor.page.get_by_role("link", name="Show it again").click()
    expect(visitor.page.locator("#name")).to_have_value("Half a na")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_after_the_log_out_back_shows_nothing(
    visit: VisitorMaker, full: str, scripts: bool
) -> None:
    visitor = visit(java_script_enabled=scripts)
    log_in(visitor, "doctor")
    visitor.open(f"/clinic/responses/{full}")
    expect(visitor.page.locator("h1")).to_have_text("Iris Example")
    visitor.page.get_by_role("button", name="Log out").click()
    visitor.page.wait_for_url("**/clinic/log-in?out=1")
    expect(visitor.page.get_by_text("You are logged out.")).to_be_visible()
    for _ in range(3):
        visitor.page.go_back(wait_until="commit")
        expect(visitor.page.locator("h1")).to_have_text("Log in")
        expect(visitor.page.get_by_text("Iris Example")).to_have_count(0)


def test_in_print_the_list_is_a_table_without_buttons(visit: VisitorMaker, full: str) -> None:
    visitor = visit(viewport={"width": 1100, "height": 800})
    log_in(visitor, "front_desk")
    expect(visitor.page.get_by_role("button", name="Find")).to_be_visible()
    visitor.page.emulate_media(media="print")
    expect(visitor.page.get_by_role("button", name="Find")).to_be_hidden()
    expect(visitor.page.get_by_role("button", name="Log out")).to_be_hidden()
    expect(visitor.page.get_by_role("link", name="Show the next ones")).to_be_hidden()
    expect(visitor.page.get_by_text("Emergency signs: call now").first).to_be_visible()


# --- A lost code -------------------------------------------------------------------------------


@pytest.mark.parametrize("scripted", [True, False])
def test_a_lost_code_is_replaced(visit: VisitorMaker, scripted: bool) -> None:
    patient = visit()
    begin(patient)
    say_who(patient)
    desk = visit(viewport={"width": 320, "height": 740}, java_script_enabled=scripted)
    wrong: list[str] = []

    def look_over() -> None:
        if scripted:
            wrong.extend(desk.axe())
        if desk.overflow() > 0:
            wrong.append(f"{desk.path} is too wide")

    log_in(desk, "front_desk")
    desk.page.get_by_role("link", name="Somebody lost their code").click()
    desk.page.wait_for_url("**/lost-code")
    look_over()
    desk.go_on(button="Look up")
    expect(desk.page.locator("#errors a")).to_have_count(2)
    look_over()
    desk.page.fill("#name", "obrien")
    for id, text in {"month": "3", "day": "9", "year": "1975"}.items():
        desk.page.fill(f"#born_on-{id}", text)
    desk.go_on(button="Look up")
    expect(desk.page.locator("#checked")).to_be_visible()
    # In the second run there are two.
    if desk.page.locator("[type=radio]").count():
        desk.page.locator("[type=radio]").first.check()
    look_over()
    desk.go_on(button="Give out a new code")
    expect(desk.page.locator("#errors")).to_be_visible()
    look_over()
    desk.tick("checked")
    desk.go_on(button="Give out a new code")
    expect(desk.page.locator(".code-part")).to_have_count(3)
    expect(desk.page.get_by_text(" as in ").first).to_be_visible()
    look_over()


@pytest.mark.parametrize("screen", ["phone", "dark desk"])
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_from_an_invitation_to_the_work_list(
    visit: VisitorMaker, clinic_app: Flask, site: str, screen: str, scripts: bool
) -> None:
    """Every page of it is accessible and fits; only the link's code needs a script to fill in."""
    username = f"new-{screen[:4]}-{scripts}".lower()
    store = store_of(clinic_app)
    person = staff.create(store, 1, username, "New Person", "front_desk", by="system")
    code = accounts.invite(store, person, by="system")
    visitor = visit(**SCREENS[screen], java_script_enabled=scripts)
    wrong: list[str] = []

    def look() -> None:
        if scripts:
            look_over(visitor, wrong, least=24)

    visitor.open(f"/clinic/invited#{code}")
    if scripts:
        expect(visitor.page.locator("#code")).to_have_value(code)
        assert code not in visitor.page.url
    else:
        visitor.page.fill("#code", code)
    look()
    visitor.page.get_by_role("button", name="Start").click()
    visitor.page.wait_for_url("**/clinic/set-up")
    look()
    secret = visitor.page.locator(".secret").inner_text().replace(" ", "")
    visitor.page.fill("#password", "four small brown owls")
    visitor.page.fill("#code", pyotp.TOTP(secret).now())
    visitor.page.get_by_role("button", name="Finish").click()
    visitor.page.wait_for_url("**/clinic/recovery-codes")
    expect(visitor.page.locator(".recovery li")).to_have_count(10)
    look()
    visitor.page.get_by_role("button", name="I have kept them").click()
    visitor.page.wait_for_url("**/clinic")
    visitor.open("/clinic/me")
    look()
    visitor.open("/clinic/confirm")
    look()
    assert wrong == []


@pytest.mark.parametrize("screen", ["phone", "dark desk"])
def test_the_pages_of_accounts_are_accessible(visit: VisitorMaker, full: str, screen: str) -> None:
    visitor = visit(**SCREENS[screen])
    wrong: list[str] = []
    log_in(visitor, "admin")
    visitor.page.get_by_role("link", name="Accounts").click()
    visitor.page.wait_for_url("**/clinic/accounts")
    look_over(visitor, wrong, least=24)
    visitor.page.get_by_role("button", name="Add and make a link").click()
    expect(visitor.page.locator("#errors")).to_be_focused()
    look_over(visitor, wrong, least=24)
    visitor.page.fill("#name", "Somebody New")
    visitor.page.fill("#username", f"somebody-{screen[:4]}")
    visitor.page.select_option("#role", "doctor")
    visitor.page.get_by_role("button", name="Add and make a link").click()
    expect(visitor.page.get_by_text("Hand this link on")).to_be_visible()
    look_over(visitor, wrong, least=24)
    visitor.open("/clinic/settings")
    look_over(visitor, wrong, least=24)
    assert wrong == []
