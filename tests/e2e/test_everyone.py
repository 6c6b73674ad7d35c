"""Every page of the longest way, in every display setting, as people need it who see, move or
read otherwise: axe, targets for a shaking hand, 320 px (400 % of 1280), wide text spacing, forced
colours, less motion, keys alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import expect

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate, responses, sessions
from intake.web.patient.advice import leave_quickly
from tests.e2e.conftest import RULES, Visitor, VisitorMaker, begin, say_who, serving
from tests.longest import longest

PLAIN = "00000"
# Digits as in the cookie: text, space, contrast, layout, theme. Every value and the hard pairs.
LOOKS = (PLAIN, "20000", "01010", "00101", "00102", "10002", "21112")

# Whatever is pressed is as large as a fingertip (WCAG 2.5.5), but for links inside sentences.
SMALL = """() => {
  const own = (each) => {
    const boxes = [each, ...(each.labels || [])].map((one) => one.getBoundingClientRect());
    return [
      Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left)),
      Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top)),
    ];
  };
  const inSentence = (each) => each.matches("a") &&
    [...each.parentElement.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll("a[href], button, summary, select, textarea, input")]
    .filter((each) => each.type !== "hidden" && each.checkVisibility())
    .filter((each) => !each.matches(".unseen") && !inSentence(each))
    .filter((each) => own(each).some((side) => side < 43.9))
    .map((each) => `small ${own(each).map(Math.round)} ${each.outerHTML.slice(0, 90)}`);
}"""
# WCAG 1.4.12, as a person's own style sheet would set it.
SPACED = """(on) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = on ? [sheet] : [];
}"""
CLIPPED = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const style = getComputedStyle(each);
  return each.checkVisibility() && !each.closest(".unseen, svg") && each.textContent.trim()
    && [style.overflowX, style.overflowY].some((flow) => flow === "hidden" || flow === "clip")
    && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1);
}).map((each) => `clipped ${each.outerHTML.slice(0, 90)}`)"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """An application of our own, whose drafts a test can fill, and its address."""
    folder: Path = tmp_path_factory.mktemp("everyone") / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={})
    with serving(app) as address:
        yield app, address
    app.extensions["store"].engine.dispose()


@pytest.fixture
def at(here: tuple[Flask, str], visit: VisitorMaker) -> Any:
    """Make visitors of that application."""

    def make(**options: Any) -> Visitor:
        visitor = visit(**options)
        visitor.site = here[1]
        return visitor

    return make


def set_look(visitor: Visitor, look: str) -> None:
    visitor.context.add_cookies([{"name": "display", "value": look, "url": visitor.site}])


def fill_all(app: Flask, visitor: Visitor, **fixed: str) -> list[str]:
    """Answer everything in the store; the addresses of all pages on that way."""
    asked = app.extensions["questionnaire"]
    answers = longest(asked.steps, **fixed)
    cookie = next(each for each in visitor.context.cookies() if each["name"] == "intake")
    # The types know only the general interface, which has no serializer.
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined] # of Flask's own sessions
    store = app.extensions["store"]
    row = sessions.read(store, serializer.loads(cookie["value"])["patient"])
    assert row
    draft = responses.draft(store, row.clinic_id, row.subject)
    assert draft
    document = draft.document | {
        "answers": answers,
        "visited": [step.slug for step in asked.steps],
        "screened_at": store.clock().isoformat(),
    }
    responses.save(store, draft, document, urgency="routine", cards=[])
    return [f"/form/{step.slug}" for step in asked.path(answers)[1:]]


def look_over(visitor: Visitor, look: str, wrong: list[str]) -> None:
    """Everything at once, since loading pages is what takes the time."""
    rules = {"color-contrast-enhanced": {"enabled": look[2] == "1"}}
    found = Axe().run(
        visitor.page, options={"runOnly": {"type": "tag", "values": RULES}, "rules": rules}
    )
    told = [
        f"{each['id']} {each['nodes'][0]['html'][:120]}" for each in found.response["violations"]
    ]
    told += visitor.page.evaluate(SMALL)
    if visitor.overflow() > 0:
        told.append(f"{visitor.overflow()} px too wide")
    visitor.page.evaluate(SPACED, True)
    told += visitor.page.evaluate(CLIPPED)
    if visitor.overflow() > 0:
        told.append(f"{visitor.overflow()} px too wide when spaced")
    visitor.page.evaluate(SPACED, False)
    wrong += [f"{visitor.path} [{look}] {each}" for each in told]


def test_every_page_of_the_longest_way_in_every_setting(
    here: tuple[Flask, str], at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, wrong = at(viewport={"width": 320, "height": 640}), list[str]()
    begin(visitor, private="yes")
    pages = fill_all(here[0], visitor)
    assert len(pages) > 45
    pages += ["/", "/form/check", "/form/later", "/form/stop", "/form/care?again=1"]
    pages += ["/return", "/display", "/accessibility", "/treatment", "/nothing", "/finished"]
    pages += ["/clinic/log-in", "/display?look=1"]
    for page, look in zip(pages, cycle(LOOKS), strict=False):
        set_look(visitor, look)
        visitor.open(page)
        look_over(visitor, look, wrong)
    assert wrong == [], "\n".join(wrong)


def test_pages_with_errors_in_every_setting(
    here: tuple[Flask, str], at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, wrong = at(viewport={"width": 320, "height": 640}), list[str]()

    def fail() -> str:
        raise ZeroDivisionError

    fail.__dict__.update(leave_quickly.__dict__)
    monkeypatch.setitem(here[0].view_functions, "patient.leave_quickly", fail)
    for look in LOOKS:
        visitor.context.clear_cookies()
        set_look(visitor, look)
        visitor.open("/")
        visitor.go_on()
        expect(visitor.page.locator("#errors")).to_be_focused()
        look_over(visitor, look, wrong)
        begin(visitor)
        visitor.go_on()
        expect(visitor.page.locator("#errors")).to_be_focused()
        look_over(visitor, look, wrong)
        # Half a body: 400. A fault of ours: 500.
        visitor.page.evaluate(
            """() => { const form = document.getElementById("main-form");
              form.querySelector("[name=_end]").remove();
              HTMLFormElement.prototype.submit.call(form); }"""
        )
        expect(visitor.page.locator("h1")).to_have_text("This page did not arrive whole")
        look_over(visitor, look, wrong)
        visitor.page.goto(visitor.site + "/kitchen-measures")
        expect(visitor.page.locator("h1")).to_have_text("Something went wrong on our side")
        look_over(visitor, look, wrong)
    visitor.complaints.clear()
    assert wrong == [], "\n".join(wrong)


def test_forced_colours_show_what_is_chosen_and_nothing_moves(at: Any) -> None:
    visitor = at(forced_colors="active", reduced_motion="reduce")
    begin(visitor)
    visitor.tick("now_nerves-none")
    marks = visitor.page.evaluate(
        """() => ["now_nerves-none", "now_skin-none"].map((id) =>
          getComputedStyle(document.querySelector(`label[for=${id}]`)).outlineStyle)"""
    )
    assert marks == ["solid", "none"]
    moving = visitor.page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("*")].filter((each) => {
          const s = getComputedStyle(each);
          return s.scrollBehavior === "smooth" || parseFloat(s.transitionDuration) > 0
            || s.animationName !== "none";
        }).length"""
    )
    assert moving == 0


def test_the_look_is_set_by_keys_alone_without_losing_a_word(at: Any) -> None:
    visitor = at(viewport={"width": 360, "height": 740})
    begin(visitor)
    visitor.page.check("#now_skin-none")
    keys = visitor.page.keyboard
    visitor.page.focus(".brand")
    keys.press("Tab")
    assert "Display" in visitor.focused()
    keys.press("Enter")
    for name in ("Normal text", "Large text", "Very large text"):
        keys.press("Tab")
        assert visitor.focused() == name
    keys.press("Enter")
    expect(visitor.page.locator("html")).to_have_attribute("data-text", "largest")
    expect(visitor.page.locator("#look")).to_have_attribute("open", "")
    expect(visitor.page.locator("#now_skin-none")).to_be_checked()
    assert visitor.path == "/form/right-now"
    # The top of the page, with the buttons just used, is in sight, and Tab goes on from there.
    assert visitor.page.evaluate("scrollY") < 60
    size = visitor.page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize")
    assert float(size.removesuffix("px")) > 40


@pytest.mark.parametrize("locale", ["en-US", "es-US"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_head_is_low_and_all_of_it_in_sight(at: Any, width: int, locale: str) -> None:
    visitor = at(viewport={"width": width, "height": 740}, locale=locale)
    visitor.open("/")
    height = visitor.page.evaluate("document.querySelector('.head').offsetHeight")
    assert height <= (96 if width >= 360 else 141)
    controls = visitor.page.locator(".head :is(.brand, .look > summary, .tongue, .head-phone)")
    expect(controls).to_have_count(4)
    for each in controls.all():
        box = each.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    call = "Call us" if locale == "en-US" else "Llámenos"
    phone = visitor.page.locator(".head-phone")
    expect(phone).to_have_accessible_name(re.compile(f"^{call} .*555-0142"))


def test_settings_close_before_the_next_page(at: Any) -> None:
    # Open, they fill a whole screen of very large text on each page.
    visitor = at()
    visitor.open("/")
    visitor.page.click("#look summary")
    visitor.go_on(button="Very large text")
    expect(visitor.page.locator("html[data-text=largest] #look[open]")).to_have_count(1)
    visitor.tick("privacy_notice-seen", "respondent-self", "private-no")
    visitor.go_on("/form/right-now")
    expect(visitor.page.locator("#look")).not_to_have_attribute("open", "")


def test_a_tired_thumb_gets_to_the_button_that_sends(at: Any) -> None:
    visitor = at()
    begin(visitor)
    say_who(visitor)
    visitor.open("/form/check")
    send = visitor.page.get_by_role("button", name="Send to the clinic")
    expect(send).not_to_be_in_viewport()
    visitor.page.get_by_role("link", name="Go straight to sending").click()
    expect(send).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_words_outside_a_draft_stay_too(at: Any, scripts: bool) -> None:
    visitor = at(java_script_enabled=scripts)
    visitor.open("/return")
    visitor.page.fill("#code", "7K3MD")
    visitor.page.locator("#look summary").click()
    visitor.page.get_by_role("button", name="High contrast").click()
    expect(visitor.page.locator("html")).to_have_attribute("data-contrast", "high")
    expect(visitor.page.locator("#code")).to_have_value("7K3MD")
    visitor.page.get_by_role("button", name="Español").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "es")
    expect(visitor.page.locator("#code")).to_have_value("7K3MD")
    expect(visitor.page.locator("html")).to_have_attribute("data-contrast", "high")
