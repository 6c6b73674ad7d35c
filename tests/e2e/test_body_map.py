"""The body map in a real browser: by finger, by keyboard, without a script; left stays left."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from intake.questionnaire import STEPS
from intake.questionnaire.body import PLACES
from intake.questionnaire.model import Kind
from tests.e2e.conftest import Visitor, VisitorMaker, begin, say_who

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
SMALLEST = 44
LEAST_GAP = 3
"""Pixels between two targets, at the least."""


def at_the_map(visit: VisitorMaker, **options: Any) -> Visitor:
    visitor = visit(**options)
    begin(visitor)
    say_who(visitor)
    visitor.open("/form/where")
    return visitor


def show_picture(visitor: Visitor) -> None:
    visitor.page.get_by_text("Show a picture").click()


def spot(visitor: Visitor, view: str, place: str) -> Locator:
    return visitor.page.locator(f".{view} .spot[data-place={place}]")


def box(visitor: Visitor, place: str) -> Locator:
    return visitor.page.locator(f"#places-{place}")


def said(visitor: Visitor) -> Locator:
    return visitor.page.locator(".place-said")


@pytest.mark.parametrize("options", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_targets_are_large_with_gaps_between(visit: VisitorMaker, options: dict[str, Any]) -> None:
    visitor = at_the_map(visit, **options)
    if options is PHONE:
        show_picture(visitor)
    for view in ("front", "back"):
        found = visitor.page.locator(f".{view} .spot")
        circles = [each.bounding_box() for each in found.all()]
        assert len(circles) == len([p for p in PLACES if p.front if view == "front" or p.back])
        for one, other in itertools.combinations(circles, 2):
            assert one
            assert other
            assert min(one["width"], one["height"]) >= SMALLEST
            # Round targets: the distance of the centres less one width.
            apart = math.dist((one["x"], one["y"]), (other["x"], other["y"])) - one["width"]
            assert apart >= LEAST_GAP
    assert visitor.overflow() <= 0
    assert visitor.axe() == []


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_left_is_the_persons_left_in_both_views(visit: VisitorMaker, scripts: bool) -> None:
    visitor = at_the_map(visit, java_script_enabled=scripts, **DESKTOP)
    for view, viewers_left in (("front", "right"), ("back", "left")):
        figure = visitor.page.locator(f".{view} .figure")
        frame = figure.bounding_box()
        assert frame
        caption = visitor.page.locator(f".{view} .view-title span").first
        expect(caption).to_have_text(f"your {viewers_left}")
        # Where the viewer sees the left knee of the picture.
        figure.click(position={"x": frame["width"] * 0.4, "y": frame["height"] * 0.7})
        ticked = visitor.page.locator("[name=places]:checked")
        expect(ticked).to_have_count(1)
        expect(ticked).to_have_value(f"{viewers_left}_knee")
        figure.click(position={"x": frame["width"] * 0.4, "y": frame["height"] * 0.7})
        expect(ticked).to_have_count(0)


def test_every_target_lies_at_the_drawing_of_its_place(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit, **DESKTOP)
    for view in ("front", "back"):
        for shape in visitor.page.locator(f".{view} .body-place").all():
            drawn, code = shape.bounding_box(), shape.get_attribute("data-place")
            assert code
            target = spot(visitor, view, code).bounding_box()
            assert drawn
            assert target
            x, y = target["x"] + target["width"] / 2, target["y"] + target["height"] / 2
            assert drawn["x"] - 5 < x < drawn["x"] + drawn["width"] + 5, (view, code)
            assert drawn["y"] - 5 < y < drawn["y"] + drawn["height"] + 5, (view, code)


def test_the_line_names_the_place_and_takes_the_tap_back(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit, **DESKTOP)
    undo = visitor.page.get_by_role("button", name="Undo")
    expect(undo).to_be_hidden()
    height = visitor.page.evaluate("document.documentElement.scrollHeight")
    spot(visitor, "front", "left_wrist").hover()
    expect(visitor.page.locator(".place-here")).to_have_text("Left wrist")
    spot(visitor, "front", "left_wrist").click()
    expect(said(visitor)).to_have_text("Left wrist: marked")
    expect(visitor.page.locator(".place-here")).to_have_text("")
    # Nothing jumped.
    assert visitor.page.evaluate("document.documentElement.scrollHeight") == height
    undo.click()
    expect(box(visitor, "left_wrist")).not_to_be_checked()
    expect(said(visitor)).to_have_text("Left wrist: not marked")


def test_a_tick_in_the_list_moves_no_box(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit)
    visitor.page.locator("summary", has_text="Left arm").click()
    where = "document.getElementById('places-left_fingers').getBoundingClientRect().top + scrollY"
    before = visitor.page.evaluate(where)
    visitor.tick("places-left_elbow")
    expect(said(visitor)).to_have_text("Left elbow: marked")
    expect(visitor.page.locator(".part[open] .marked")).to_have_text("Marked: 1")
    assert visitor.page.evaluate(where) == before


def test_undo_brings_back_what_no_place_took_away(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit)
    visitor.tick("places-left_elbow", "places-neck", "places-all_over", "places-none")
    expect(visitor.page.locator("[name=places]:checked")).to_have_count(1)
    visitor.page.get_by_role("button", name="Undo").click()
    expect(visitor.page.locator("[name=places]:checked")).to_have_count(3)
    expect(box(visitor, "none")).not_to_be_checked()
    expect(visitor.page.locator(".part .marked:not(:empty)")).to_have_text(["Marked: 1"] * 2)
    # Marks of an earlier visit to the page are known as well.
    visitor.go_on("/form/left-arm")
    visitor.open("/form/where")
    visitor.tick("places-none")
    visitor.page.get_by_role("button", name="Undo").click()
    expect(visitor.page.locator("[name=places]:checked")).to_have_count(3)


def test_a_finger_that_taps_twice_at_once_marks_once(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit, **DESKTOP)
    spot(visitor, "front", "right_thumb").dblclick()
    expect(box(visitor, "right_thumb")).to_be_checked()


def test_the_whole_shape_takes_a_tap(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit, **DESKTOP)
    frame = visitor.page.locator(".front .figure").bounding_box()
    assert frame
    # On the chest, far from the round target in its middle.
    chest = {"x": frame["width"] * 0.45, "y": frame["height"] * 0.25}
    visitor.page.locator(".front .figure").click(position={"x": chest["x"], "y": chest["y"]})
    expect(box(visitor, "trunk")).to_be_checked()


def test_the_keyboard_passes_the_question_in_few_stops(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit, **DESKTOP)
    expect(visitor.page.locator("h1")).to_be_focused()
    stops = []
    while (at := visitor.focused()) != "Continue":
        visitor.page.keyboard.press("Tab")
        stops.append(at)
    assert len(stops) - 1 <= 8, stops
    visitor.page.locator("summary", has_text="Left leg").focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Tab")
    assert visitor.focused() == "places-left_hip"
    visitor.page.keyboard.press("Space")
    expect(box(visitor, "left_hip")).to_be_checked()


def test_the_picture_adds_no_stop_for_the_keyboard(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit, **DESKTOP)
    stops = visitor.page.locator(".map :is(a, button, input, [tabindex])")
    expect(stops).to_have_count(0)
    question = next(q for step in STEPS for q in step.questions if q.kind is Kind.PLACES)
    expect(visitor.page.locator("input[name=places]")).to_have_count(len(question.options))


def test_a_phone_without_a_script_marks_in_list_and_picture(visit: VisitorMaker) -> None:
    visitor = at_the_map(visit, java_script_enabled=False, **PHONE)
    expect(visitor.page.locator(".figure").first).to_be_hidden()
    expect(visitor.page.locator(".place-line")).to_be_hidden()
    show_picture(visitor)
    spot(visitor, "back", "left_elbow").tap()
    visitor.tick("places-right_toes")
    visitor.go_on("/form/left-arm")
    visitor.open("/form/where")
    # What holds a mark comes open; the rest stays closed.
    opened = visitor.page.locator("details.part[open] > summary")
    expect(opened).to_have_text([re.compile("^\\s*Left arm"), re.compile("^\\s*Right leg")])
    expect(box(visitor, "left_elbow")).to_be_checked()
    expect(box(visitor, "right_toes")).to_be_checked()


@pytest.mark.parametrize("text", ["large", "largest"])
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_large_text_leaves_room_for_the_words(visit: VisitorMaker, width: int, text: str) -> None:
    visitor = at_the_map(visit, viewport={"width": width, "height": 900})
    visitor.page.evaluate(f"document.documentElement.dataset.text = '{text}'")
    assert visitor.overflow() <= 0
    narrow = visitor.page.evaluate(
        """() => [...document.querySelectorAll(".part summary, .part-others label")]
          .filter((each) => each.clientWidth < 7 * parseFloat(getComputedStyle(each).fontSize))
          .map((each) => each.textContent.trim())"""
    )
    assert narrow == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_and_marks_stand_out(visit: VisitorMaker, scheme: str) -> None:
    visitor = at_the_map(visit, color_scheme=scheme, **DESKTOP)
    at = ".front .spot[data-place=left_knee]"
    tick = f"getComputedStyle(document.querySelector('{at}'), '::after').opacity"
    assert visitor.page.evaluate(tick) == "0"
    spot(visitor, "front", "left_knee").click()
    assert visitor.page.evaluate(tick) == "1"
    colours = visitor.page.evaluate(
        """() => Object.fromEntries([
          ["skin", ".body-skin", "fill"],
          ["dashes", ".body-place", "stroke"],
          ["edge", ".body-edge", "stroke"],
          ["mark", ".body-place[data-place=left_knee]", "fill"],
        ].map(([name, at, what]) => [name, getComputedStyle(document.querySelector(at))[what]]))"""
    )
    for name in ("dashes", "edge", "mark"):
        assert contrast(colours[name], colours["skin"]) >= 3, (name, colours)


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it, of two colours as the browser computes them."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    whole = 255 if colour.startswith("rgb") else 1
    parts = [float(part) / whole for part in re.findall(r"[\d.]+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
