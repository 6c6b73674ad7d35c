"""The short form and the list of sections in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor, VisitorMaker, begin, say_who

ASKED = """() => [...new Set([...document.querySelectorAll("#main-form [id^='q-']")]
  .filter((each) => each.checkVisibility()).map((each) => each.id))]"""


def walk(visitor: Visitor) -> list[str]:
    """Go on, leaving all blank, up to the check page; every question that was put."""
    asked: list[str] = []
    while visitor.path != "/form/check":
        asked += visitor.page.evaluate(ASKED)
        before = visitor.page.url
        visitor.go_on()
        expect(visitor.page).not_to_have_url(before)
    return asked


def at_the_offer(visitor: Visitor) -> None:
    begin(visitor)
    say_who(visitor)
    visitor.go_on("/form/reason")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_short_first_and_then_the_rest(visit: VisitorMaker, scripts: bool) -> None:
    visitor = visit(java_script_enabled=scripts)
    at_the_offer(visitor)
    visitor.page.fill("#main_problem", "My hand")
    visitor.go_on(button="Only what the doctor needs most")
    expect(visitor.page.get_by_role("button", name="Answer everything")).to_be_visible()
    expect(visitor.page.locator("#main_problem")).to_have_value("My hand")
    first = walk(visitor)
    expect(visitor.page.get_by_text("This is the short form.")).to_be_visible()
    visitor.go_on(button="Answer more")
    rest = walk(visitor)
    assert first
    assert rest
    assert not set(first) & set(rest)


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    ],
    ids=["320 px", "wide and dark"],
)
def test_offer_and_sections_are_accessible(visit: VisitorMaker, options: dict[str, object]) -> None:
    visitor = visit(**options)
    at_the_offer(visitor)
    wrong = visitor.axe()
    visitor.go_on("/form/sections", button="Parts of the form")
    expect(visitor.page.locator("h1")).to_be_focused()
    assert wrong + visitor.axe() == []
    assert visitor.overflow() <= 0
