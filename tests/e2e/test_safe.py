"""Nothing is lost: words saved while they are typed, failures, two windows, and the lock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, Route, expect

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate
from tests.e2e.conftest import NO_SIGNS, Visitor, VisitorMaker, begin, say_who, serving
from tests.e2e.test_leaving import with_code

STORY = "/form/anything-else"
LONG_AGO = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)


def typing(visitor: Visitor) -> Page:
    """On the last page, which has one box for a long story."""
    begin(visitor)
    say_who(visitor)
    visitor.open(STORY)
    return visitor.page


def is_save(reply: Response) -> bool:
    return reply.url.endswith("/save") and reply.status == 204


def forget_failures(visitor: Visitor) -> None:
    """What the browser and htmx log of a failure that is meant; never a broken policy."""
    visitor.complaints[:] = [each for each in visitor.complaints if "policy" in each]


def type_and_save(page: Page, words: str) -> None:
    with page.expect_response(is_save):
        page.fill("textarea", words)


# --- Saved while typed -------------------------------------------------------------------------


def test_what_was_typed_survives_a_crash(visit: VisitorMaker) -> None:
    visitor, other = visit(), visit()
    code = with_code(visitor)
    visitor.open(STORY)
    type_and_save(visitor.page, "a long story")
    expect(visitor.page.locator("#save-status")).to_have_text("Saved")
    # Gone without a goodbye: what was saved by then must be enough.
    visitor.page.evaluate("void (navigator.sendBeacon = () => true)")
    visitor.context.close()
    other.open("/return")
    other.page.fill("#code", code)
    for part, value in (("month", "3"), ("day", "9"), ("year", "1975")):
        other.page.fill(f"#born_on-{part}", value)
    other.go_on(button="Open my form")
    expect(other.page.locator("h1")).not_to_have_text("Come back to your form")
    other.open(STORY)
    expect(other.page.locator("textarea")).to_have_value("a long story")


def test_a_tick_is_saved_at_once_and_said_once(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    with visitor.page.expect_response(is_save):
        visitor.tick("now_skin-sore")
    expect(visitor.page.locator("#save-status")).to_have_text("Saved")
    visitor.open("/form/right-now")
    expect(visitor.page.locator("#now_skin-sore")).to_be_checked()
    expect(visitor.page.locator("#errors")).to_have_count(0)


def test_words_typed_a_moment_ago_go_along_when_the_page_is_left(visit: VisitorMaker) -> None:
    visitor = visit()
    page = typing(visitor)
    page.fill("textarea", "the last word")
    visitor.open("/accessibility")
    visitor.open(STORY)
    expect(page.locator("textarea")).to_have_value("the last word")


def test_words_go_along_when_the_phone_is_put_away(visit: VisitorMaker) -> None:
    visitor = visit()
    page = typing(visitor)
    page.evaluate("void Object.defineProperty(document, 'hidden', {get: () => true})")
    # Nothing is saved by the clock here: only the beacon is left.
    page.evaluate("void (window.fetch = () => new Promise(() => {}))")
    page.fill("textarea", "before the call came")
    with page.expect_response(is_save) as sent:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert sent.value.request.resource_type == "ping"


def test_ones_own_saving_never_looks_like_another_window(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    visitor.open("/form/reason")
    with visitor.page.expect_response(is_save):
        visitor.page.locator("input[type=radio], input[type=checkbox]").first.check()
    visitor.go_on("/form/support", button="Back")
    visitor.open(STORY)
    type_and_save(visitor.page, "one")
    type_and_save(visitor.page, "one two")
    visitor.go_on("/form/check")
    expect(visitor.page.get_by_text("one two", exact=True)).to_be_visible()


def test_two_windows_never_overwrite_each_other_in_silence(visit: VisitorMaker) -> None:
    visitor = visit()
    first = typing(visitor)
    second = visitor.context.new_page()
    second.goto(visitor.site + STORY)
    type_and_save(first, "from the first window")
    with second.expect_response(lambda reply: reply.status == 409):
        second.fill("textarea", "from the second window")
    expect(second.locator("#save-status")).to_contain_text("changed in another window")
    expect(second.locator("textarea")).to_have_value("from the second window")
    first.reload()
    expect(first.locator("textarea")).to_have_value("from the first window")
    second.get_by_role("button", name="Continue", exact=True).click()
    expect(second.locator("#notice")).to_be_focused()
    second.get_by_role("button", name="Continue", exact=True).click()
    expect(second.get_by_text("from the second window", exact=True)).to_be_visible()


def test_private_pages_save_nothing_by_themselves(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor, private="yes")
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/private")
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.tick("now_unsafe-yes")
    visitor.open("/form/private")
    assert not [url for url in asked if url.endswith("/save")]


# --- When something fails ----------------------------------------------------------------------


def test_unsaved_words_are_saved_when_the_net_is_back(visit: VisitorMaker) -> None:
    visitor = visit()
    page = typing(visitor)
    visitor.context.set_offline(True)
    page.fill("textarea", "in the tunnel")
    expect(page.locator("#save-status")).to_have_text("Not saved yet. We try again.")
    with page.expect_response(is_save):
        visitor.context.set_offline(False)
    expect(page.locator("#save-status")).to_have_text("Saved")
    forget_failures(visitor)


def lose_the_reply(route: Route) -> None:
    route.fetch(max_redirects=0)
    route.abort("connectionreset")


FAILURES = {
    "500": lambda route: route.fulfill(status=500, body="broken"),
    "503": lambda route: route.fulfill(status=503, body="later"),
    "cut off": lambda route: route.abort("connectionreset"),
    "the reply is lost": lose_the_reply,
    "no answer": lambda route: None,
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(
    ("button", "leads_to"),
    [("Continue", "/form/check"), ("Save and take a break", "/form/later")],
)
def test_a_failed_press_can_be_repeated(
    visit: VisitorMaker, failure: str, button: str, leads_to: str
) -> None:
    visitor = visit()
    page = typing(visitor)
    # As the page sets it, only sooner.
    page.evaluate("htmx.config.timeout = 300")
    type_and_save(page, "a long story")
    page.route(f"**{STORY}", FAILURES[failure], times=1)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#net")).to_contain_text("Your words are still here.")
    expect(page.locator("textarea")).to_have_value("a long story")
    page.unroute_all()
    # A busy machine may need longer for the page that follows.
    page.evaluate("htmx.config.timeout = 15000")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url(f"**{leads_to}")
    expect(page.locator("#net")).to_be_empty()
    visitor.open("/form/check")
    expect(page.get_by_text("a long story", exact=True)).to_be_visible()
    forget_failures(visitor)


def test_offline_without_htmx_the_words_stay(visit: VisitorMaker) -> None:
    visitor = visit()
    visitor.context.route("**/htmx*.js*", lambda route: route.abort())
    page = typing(visitor)
    page.fill("textarea", "a long story")
    visitor.context.set_offline(True)
    visitor.go_on()
    expect(page.locator("#net")).to_contain_text("Your words are still here.")
    expect(page.locator("textarea")).to_have_value("a long story")
    visitor.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url("**/form/check")
    forget_failures(visitor)


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_a_double_click_skips_no_page(visit: VisitorMaker, scripts: bool) -> None:
    visitor = visit(java_script_enabled=scripts)
    begin(visitor)
    say_who(visitor)
    posts: list[str] = []
    visitor.page.on("request", lambda sent: posts.append(sent.method))
    visitor.page.get_by_role("button", name="Continue", exact=True).dblclick()
    visitor.page.wait_for_url("**/form/reason")
    expect(visitor.page.locator("h1")).to_be_visible()
    if scripts:
        assert posts.count("POST") == 1


# --- Back and forward --------------------------------------------------------------------------


def test_back_and_forward_set_title_and_focus(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    page = visitor.page
    there = page.title()
    visitor.go_on("/form/reason")
    expect(page.locator("h1")).to_be_focused()
    here = page.title()
    assert here != there
    page.evaluate("history.back()")
    page.wait_for_url("**/form/support")
    expect(page).to_have_title(there)
    expect(page.locator("h1")).to_be_focused()
    page.evaluate("history.forward()")
    page.wait_for_url("**/form/reason")
    expect(page).to_have_title(here)
    expect(page.locator("h1")).to_be_focused()


# --- The lock ----------------------------------------------------------------------------------


class Clock:
    """The server's time, which only tests move."""

    def __init__(self) -> None:
        self.time = LONG_AGO

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(clock: Clock, visit: VisitorMaker, tmp_path: Path) -> Iterator[Visitor]:
    """A visitor typing, whose clock and whose server's clock stand still."""
    folder = tmp_path / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={}, clock=clock)
    with serving(app) as address:
        visitor = visit()
        visitor.site = address
        visitor.page.clock.install(time=LONG_AGO)
        typing(visitor)
        yield visitor
        visitor.page.close()
    app.extensions["store"].engine.dispose()


def let_pass(visitor: Visitor, clock: Clock, minutes: int) -> None:
    clock.time += timedelta(minutes=minutes)
    visitor.page.clock.fast_forward(minutes * 60_000)


@pytest.mark.parametrize("way", ["Escape", "Enter", "tap"])
def test_the_lock_is_announced_and_put_off(timed: Visitor, clock: Clock, way: str) -> None:
    page, bar = timed.page, timed.page.locator("#idle")
    page.focus("textarea")
    let_pass(timed, clock, 54)
    expect(bar).to_be_hidden()
    let_pass(timed, clock, 2)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    expect(page.get_by_role("button", name="Stay here")).to_be_focused()
    assert timed.axe() == []
    with page.expect_response("**/form/stay") as reply:
        page.locator("#idle button").click() if way == "tap" else page.keyboard.press(way)
    assert reply.value.status == 204
    expect(bar).to_be_hidden()
    expect(page.locator("textarea")).to_be_focused()
    let_pass(timed, clock, 50)
    timed.open(STORY)
    expect(page.locator("textarea")).to_be_visible()


def test_a_page_left_lying_hides_itself_and_loses_nothing(timed: Visitor, clock: Clock) -> None:
    page = timed.page
    type_and_save(page, "a long story")
    let_pass(timed, clock, 61)
    page.wait_for_url("**/form/locked")
    expect(page.locator("h1")).to_have_text("Your form is locked")
    expect(page.get_by_text("a long story")).to_have_count(0)
    page.go_back(wait_until="commit")
    expect(page.locator("h1")).to_have_text("Your form is locked")
    for part, value in (("month", "3"), ("day", "9"), ("year", "1975")):
        page.fill(f"#born_on-{part}", value)
    timed.go_on("/form/support", button="Go on")
    timed.open(STORY)
    expect(page.locator("textarea")).to_have_value("a long story")
