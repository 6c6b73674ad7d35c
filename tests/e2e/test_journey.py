"""The whole way, in a real browser: accessible, without a script, by keyboard, on small screens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from intake.questionnaire import STEPS
from tests.e2e.conftest import NO_SIGNS, Visitor, VisitorMaker, begin, fill_who, say_who

ANSWERS = {
    "/form/ms": ("ms_diagnosis-confirmed",),
    "/form/symptoms": ("symptoms-weakness", "symptoms-double_vision"),
    "/form/where": ("places-left_elbow", "places-left_fingers", "places-right_ankle_foot"),
    "/form/pain-sleep": ("pain-6",),
    "/form/treatments": (),
}


def answer_some(visitor: Visitor) -> None:
    visitor.tick(*ANSWERS.get(visitor.path, ()))


def look_over(visitor: Visitor, wrong: list[str]) -> None:
    """Note everything that is wrong with the page on the screen."""
    wrong += visitor.axe()
    if visitor.overflow() > 0:
        wrong.append(f"{visitor.path} is {visitor.overflow()} px too wide")
    small = visitor.page.evaluate(TOO_SMALL)
    wrong += [f"{visitor.path} has a small target: {each}" for each in small]


# Links inside a sentence are free in WCAG 2.5.8; all that stands alone is not.
TOO_SMALL = """() => {
  const small = [];
  const seen = document.querySelectorAll(
    "button, .button, .call, .choice > label, .tick > label, summary, .change a, .hurry-link, " +
    "#page input[type=text], #page input[type=tel], #page input[type=email], " +
    "select, textarea, .spot"
  );
  for (const each of seen) {
    const { width, height } = each.getBoundingClientRect();
    if (each.checkVisibility() && !each.matches(".unseen") && (width < 44 || height < 44))
      small.push(`${each.outerHTML.slice(0, 90)} ${Math.round(width)}x${Math.round(height)}`);
  }
  return small;
}"""


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    ],
    ids=["320 px", "wide and dark"],
)
def test_every_page_is_accessible_and_fits(visit: VisitorMaker, options: dict[str, Any]) -> None:
    visitor = visit(**options)
    wrong: list[str] = []
    visitor.open("/")
    look_over(visitor, wrong)
    visitor.go_on()
    expect(visitor.page.locator("#errors")).to_be_focused()
    look_over(visitor, wrong)
    begin(visitor, private="yes")
    look_over(visitor, wrong)
    visitor.tick(*(id for id in NO_SIGNS if "breath" not in id), "now_breath_heart-chest")
    look_over(visitor, wrong)
    visitor.go_on("/form/care")
    look_over(visitor, wrong)
    visitor.go_on("/form/private", button="Go on with the form")
    look_over(visitor, wrong)
    visitor.tick("now_self_harm-thoughts", "now_unsafe-yes")
    visitor.go_on("/form/care")
    look_over(visitor, wrong)
    visitor.go_on("/form/about-you", button="Go on with the form")
    visitor.go_on()
    expect(visitor.page.locator("#errors")).to_be_focused()
    look_over(visitor, wrong)
    fill_who(visitor)
    visitor.go_on("/form/support")
    pages = 0
    while visitor.path != "/form/check":
        look_over(visitor, wrong)
        answer_some(visitor)
        before = visitor.page.url
        visitor.go_on()
        expect(visitor.page).not_to_have_url(before)
        if visitor.path == "/form/care":
            visitor.go_on(button="Go on with the form")
            expect(visitor.page).not_to_have_url(re.compile("care"))
        pages += 1
    assert pages > 20
    look_over(visitor, wrong)
    visitor.go_on("/form/sent", button="Send to the clinic")
    look_over(visitor, wrong)
    for path in ("/return", "/nothing", "/kitchen-measures"):
        visitor.open(path)
        look_over(visitor, wrong)
    # 404 is meant here.
    assert wrong == []


# Doubled text, as a person sets it in their browser; the style rules then count doubled too.
DOUBLED = """addEventListener("DOMContentLoaded", () => {
  document.documentElement.style.fontSize = "32px";
})"""
SPILLS = """() => [...document.querySelectorAll(".question *")].filter((each) => {
  const card = each.closest(".question").getBoundingClientRect();
  const box = each.getBoundingClientRect();
  return each.checkVisibility() && !each.closest(".unseen") && box.right > card.right + 1;
}).map((each) => each.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize(
    ("width", "doubled"), [(320, False), (360, True)], ids=["320 px", "360 px, doubled text"]
)
def test_nothing_sticks_out(visit: VisitorMaker, width: int, doubled: bool) -> None:
    visitor = visit(viewport={"width": width, "height": 740})
    if doubled:
        visitor.context.add_init_script(DOUBLED)
    wrong: list[str] = []
    begin(visitor)
    say_who(visitor)
    for slug in ("where", "left-arm", "pain-sleep", "medicines", "filler", "check", "later"):
        visitor.open(f"/form/{slug}")
        if visitor.overflow() > 0:
            wrong.append(f"{slug} is {visitor.overflow()} px too wide")
        wrong += visitor.page.evaluate(SPILLS)
        if slug == "where":
            visitor.tick("places-left_elbow")
            visitor.go_on("/form/left-arm")
    assert wrong == []


@pytest.mark.parametrize("doubled", [False, True], ids=["plain", "doubled text"])
def test_leaving_fast_covers_nothing(visit: VisitorMaker, doubled: bool) -> None:
    visitor = visit()
    if doubled:
        visitor.context.add_init_script(DOUBLED)
    begin(visitor, private="yes")
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/private")
    expect(visitor.page.locator("h1")).to_be_focused()
    strip = visitor.page.locator(".hurry")
    for id in ("now_unsafe-no", "now_self_harm-no", "now_unsafe-yes"):
        visitor.page.focus(f"#{id}")
        visitor.page.wait_for_timeout(500)
        field, bar = visitor.page.locator(f"#{id}").bounding_box(), strip.bounding_box()
        assert field
        assert bar
        assert field["y"] >= bar["y"] + bar["height"]
    visitor.page.evaluate("scrollTo(0, 0)")
    heading = visitor.page.locator("h1").bounding_box()
    bar = strip.bounding_box()
    assert heading
    assert bar
    assert heading["y"] >= bar["y"] + bar["height"]


def test_reading_starts_at_the_heading(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    visitor.go_on("/form/later", button="Save and take a break")
    expect(visitor.page.locator("h1")).to_be_focused()
    visitor.go_on("/form/later", button="Show my code")
    expect(visitor.page.locator(".code-part")).to_have_count(3)
    expect(visitor.page.locator("h1")).to_be_focused()
    for path in ("/form/stop", "/return", "/form/check"):
        visitor.open(path)
        expect(visitor.page.locator("h1")).to_be_focused()
    visitor.open("/return")
    visitor.go_on(button="Open my form")
    expect(visitor.page.locator("#errors")).to_be_focused()


def test_the_count_of_characters_shows_near_the_limit(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/about-you")
    count = visitor.page.locator("[data-count=pronouns]")
    visitor.page.fill("#pronouns", "she")
    expect(count).to_be_hidden()
    visitor.page.fill("#pronouns", "x" * 81)
    expect(count).to_have_text("81 of 80 characters")
    visitor.go_on()
    expect(visitor.page.locator("#errors")).to_contain_text("81 characters. Keep it to 80.")


def test_later_and_stop_pages_are_accessible(visit: VisitorMaker) -> None:
    visitor = visit()
    wrong: list[str] = []
    begin(visitor)
    say_who(visitor)
    visitor.go_on("/form/later", button="Save and take a break")
    look_over(visitor, wrong)
    visitor.go_on("/form/later", button="Show my code")
    expect(visitor.page.locator(".code-part")).to_have_count(3)
    look_over(visitor, wrong)
    visitor.open("/form/stop")
    look_over(visitor, wrong)
    assert wrong == []


def test_the_whole_way_without_a_script(visit: VisitorMaker) -> None:
    visitor = visit(java_script_enabled=False)
    visitor.open("/")
    visitor.go_on()
    expect(visitor.page.locator("#errors a")).to_have_count(1)
    expect(visitor.page.locator("#errors")).to_be_focused()
    begin(visitor, private="yes")
    visitor.tick(*NO_SIGNS[1:], "now_breath_heart-chest")
    expect(visitor.page.get_by_text("Call 911 now.", exact=True).first).to_be_visible()
    visitor.go_on("/form/care")
    visitor.go_on("/form/private", button="Go on with the form")
    visitor.tick("now_self_harm-no", "now_unsafe-no")
    visitor.go_on("/form/about-you")
    visitor.page.fill("#name", "Zoë")
    visitor.go_on("/form/about-you")
    expect(visitor.page.locator("#name")).to_have_value("Zoë")
    expect(visitor.page.locator(".error")).to_have_count(2)
    fill_who(visitor)
    visitor.go_on("/form/support")
    while visitor.path != "/form/check":
        answer_some(visitor)
        before = visitor.page.url
        visitor.go_on()
        expect(visitor.page).not_to_have_url(before)
    expect(visitor.page.locator(".words", has_text="Left elbow").first).to_be_visible()
    visitor.go_on("/form/sent", button="Send to the clinic")
    expect(visitor.page.locator(".reference b")).to_have_text(re.compile("..."))


def test_a_page_by_keyboard_alone(visit: VisitorMaker) -> None:
    visitor = visit()
    visitor.open("/")
    keys = visitor.page.keyboard
    keys.press("Tab")
    assert visitor.focused() == "Skip to the page"
    keys.press("Enter")
    assert visitor.focused() == "page"
    reached = []
    for _ in range(12):
        keys.press("Tab")
        reached.append(visitor.focused())
        if reached[-1] == "privacy_notice-seen":
            keys.press("Space")
        if reached[-1] == "respondent-self":
            keys.press("Space")
            break
    keys.press("Tab")
    assert visitor.focused() == "private-yes"
    keys.press("ArrowDown")
    assert visitor.focused() == "private-no"
    keys.press("Tab")
    while visitor.focused() != "Continue":
        keys.press("Tab")
    keys.press("Enter")
    visitor.page.wait_for_url("**/form/right-now")
    expect(visitor.page.locator("h1")).to_be_focused()


def test_focus_is_always_seen(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    expect(visitor.page.locator("h1")).to_be_focused()
    for _ in range(25):
        visitor.page.keyboard.press("Tab")
        ring = visitor.page.evaluate(
            """() => {
              const on = document.activeElement;
              const boxed = on.matches(".choice > input, .tick > input");
              const style = getComputedStyle(boxed ? on.nextElementSibling : on);
              return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3;
            }"""
        )
        assert ring, visitor.focused()


# --- Errors, back and forward, change ----------------------------------------------------------


def test_errors_keep_the_words_and_lead_to_the_field(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/about-you")
    visitor.page.fill("#name", "Zoë")
    visitor.page.fill("#born_on-year", "75")
    visitor.go_on()
    expect(visitor.page.locator("#errors")).to_be_focused()
    expect(visitor.page).to_have_title(re.compile("^Error:"))
    expect(visitor.page.locator("#name")).to_have_value("Zoë")
    visitor.page.get_by_role("link", name="Write the year with four digits").click()
    expect(visitor.page.locator("#born_on-year")).to_be_focused()


def test_back_and_forward_show_the_page_of_the_address(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    visitor.go_on("/form/reason")
    visitor.go_on("/form/ms")
    titles = {step.slug: step.title for step in STEPS}
    for way in ("back", "back", "forward", "back", "back"):
        visitor.page.evaluate(f"history.{way}()")
        visitor.page.wait_for_timeout(50)
        visitor.page.wait_for_load_state("networkidle")
        slug = visitor.path.removeprefix("/form/")
        expect(visitor.page.locator("h1")).to_have_text(titles[slug])
    assert visitor.path == "/form/about-you"
    expect(visitor.page.locator("#name")).to_have_value("Ana O’Brien")


def test_two_fast_backs_never_mix_pages(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    visitor.go_on("/form/reason")
    visitor.go_on("/form/ms")
    titles = {step.slug: step.title for step in STEPS}
    client = visitor.context.new_cdp_session(visitor.page)
    client.send("Network.enable")
    client.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 400, "downloadThroughput": 50e3, "uploadThroughput": 50e3},
    )
    for _ in range(10):
        visitor.page.evaluate("history.back(); setTimeout(() => history.back(), 60)")
        visitor.page.wait_for_url("**/form/support")
        expect(visitor.page.locator("h1")).to_have_text(titles["support"])
        visitor.page.wait_for_load_state("networkidle")
        expect(visitor.page.locator("h1")).to_have_text(titles[visitor.path[6:]])
        visitor.page.evaluate("history.forward()")
        visitor.page.wait_for_url("**/form/reason")
        expect(visitor.page.locator("h1")).to_have_text(titles["reason"])
        visitor.page.evaluate("history.forward()")
        visitor.page.wait_for_url("**/form/ms")
        expect(visitor.page.locator("h1")).to_have_text(titles["ms"])


def test_a_change_from_the_check_page_returns_there(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    while visitor.path != "/form/check":
        before = visitor.page.url
        visitor.go_on()
        expect(visitor.page).not_to_have_url(before)
    visitor.page.get_by_role("link", name="Change Your full name").click()
    visitor.page.wait_for_url("**/form/about-you?check=1*")
    visitor.page.fill("#name", "Bea")
    visitor.go_on("/form/check")
    expect(visitor.page.get_by_text("Bea", exact=True)).to_be_visible()


# --- Follow-up questions, choices that rule each other out, the picture of the body --------------


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_follow_ups_open_and_close_at_once(visit: VisitorMaker, scripts: bool) -> None:
    visitor = visit(java_script_enabled=scripts)
    begin(visitor)
    follow_up = visitor.page.locator("#q-now_infection_signs")
    expect(follow_up).to_be_hidden()
    visitor.tick("now_infection-urine_fever")
    expect(follow_up).to_be_visible()
    visitor.page.uncheck("#now_infection-urine_fever")
    expect(follow_up).to_be_hidden()


def test_none_unticks_the_rest_and_the_other_way_round(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    visitor.tick("now_skin-sore", "now_skin-none")
    expect(visitor.page.locator("#now_skin-sore")).not_to_be_checked()
    visitor.tick("now_skin-wound")
    expect(visitor.page.locator("#now_skin-none")).not_to_be_checked()


def test_the_advice_is_said_aloud_when_its_answer_is_ticked(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    visitor.tick("now_breath_heart-chest")
    expect(visitor.page.locator("#said")).to_have_text("Call 911 now.")


# --- When the net fails, and when somebody leaves ------------------------------------------------


def test_offline_the_words_stay_and_can_be_sent_again(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    visitor.open("/form/anything-else")
    visitor.page.fill("textarea", "a long story")
    visitor.context.set_offline(True)
    visitor.go_on()
    expect(visitor.page.locator("#net")).to_contain_text("Your words are still here.")
    expect(visitor.page.locator("textarea")).to_have_value("a long story")
    visitor.context.set_offline(False)
    visitor.page.get_by_role("button", name="Try again").click()
    visitor.page.wait_for_url("**/form/check")
    expect(visitor.page.get_by_text("a long story", exact=True)).to_be_visible()
    # The browser and htmx log the failure itself.
    visitor.complaints[:] = [each for each in visitor.complaints if "policy" in each]


def test_two_quick_taps_send_once(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    visitor.open("/form/check")
    visitor.page.get_by_role("button", name="Send to the clinic").dblclick()
    visitor.page.wait_for_url("**/form/sent")
    expect(visitor.page.locator(".reference b")).to_be_visible()


def test_leaving_in_a_hurry_leaves_no_way_back(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor, private="yes")
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/private")
    visitor.page.get_by_role("link", name="Leave this page fast").click()
    visitor.page.wait_for_url("**/kitchen-measures")
    expect(visitor.page).to_have_title("Kitchen measures")
    visitor.page.go_back(wait_until="commit")
    expect(visitor.page.get_by_text("Do you have thoughts")).to_have_count(0)
    visitor.open("/form/private")
    expect(visitor.page.locator("h1")).to_have_text("Come back to your form")


def test_nothing_is_left_after_finish_and_clear(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    visitor.open("/form/check")
    expect(visitor.page.get_by_text("Ana O’Brien")).to_be_visible()
    visitor.go_on("/form/sent", button="Send to the clinic")
    visitor.go_on("/finished", button="Finish and clear")
    for _ in range(3):
        visitor.page.go_back(wait_until="commit")
        expect(visitor.page.locator("h1")).to_be_visible()
        expect(visitor.page.get_by_text("Ana O’Brien")).to_have_count(0)
    assert visitor.context.cookies() == [] or "patient" not in str(visitor.context.cookies())


def test_no_answer_is_kept_in_the_browser(visit: VisitorMaker) -> None:
    visitor = visit()
    begin(visitor)
    say_who(visitor)
    visitor.go_on("/form/reason")
    visitor.open("/form/anything-else")
    with visitor.page.expect_response("**/save"):
        visitor.page.fill("textarea", "a long story")
    visitor.go_on("/form/check")
    visitor.go_on("/form/sent", button="Send to the clinic")
    kept = visitor.page.evaluate("[{...localStorage}, {...sessionStorage}]")
    # Where the reader is, for htmx: an address, and no addresses say what was answered.
    assert kept == [{}, {"htmx-current-path-for-history": "/form/sent"}]
    assert visitor.page.evaluate("indexedDB.databases()") == []
    assert visitor.page.evaluate("caches.keys()") == []


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_enter_in_a_field_goes_on(visit: VisitorMaker, scripts: bool) -> None:
    visitor = visit(java_script_enabled=scripts)
    begin(visitor)
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/about-you")
    fill_who(visitor)
    visitor.page.press("#name", "Enter")
    visitor.page.wait_for_url("**/form/support")
    visitor.open("/return")
    visitor.page.press("#code", "Enter")
    expect(visitor.page.locator("#errors")).to_be_visible()
