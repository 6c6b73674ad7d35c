"""What is read before the form and after it: on small and wide screens, in the dark, on paper."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from tests.e2e.conftest import Visitor, VisitorMaker, begin, fill_who, say_who
from tests.e2e.test_journey import look_over

SIGNS = (
    "now_breath_heart-chest",
    "now_nerves-none",
    "now_infection-none",
    "now_skin-not_sure",
    "now_medicine-none",
    "now_leg_head-none",
)
AROUND = ("/", "/treatment", "/form/sent", "/form/sent/copy")


def send(visitor: Visitor) -> None:
    visitor.open("/form/check")
    visitor.go_on("/form/sent", button="Send to the clinic")


def with_signs(visitor: Visitor) -> None:
    """Up to the page after "About you", with advice on the way."""
    begin(visitor)
    visitor.tick(*SIGNS)
    visitor.go_on("/form/care")
    visitor.go_on("/form/about-you", button="Go on with the form")
    fill_who(visitor)
    visitor.go_on("/form/support")


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 360, "height": 740}, "forced_colors": "active"},
        {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    ],
    ids=["320 px", "high contrast", "wide and dark"],
)
def test_pages_around_the_form_are_accessible(visit: VisitorMaker, options: dict[str, Any]) -> None:
    visitor, wrong = visit(**options), list[str]()
    visitor.open("/")
    look_over(visitor, wrong)
    with_signs(visitor)
    send(visitor)
    for path in AROUND[1:]:
        visitor.open(path)
        look_over(visitor, wrong)
    assert wrong == []


def test_the_first_question_comes_soon(visit: VisitorMaker) -> None:
    visitor = visit()
    visitor.open("/")
    top = visitor.page.locator("#main-form").bounding_box()
    assert top
    # Of these, one line is what honesty costs: that nobody can call who has not said how.
    assert top["y"] < 766


def test_the_print_button_needs_a_script_and_hides_without(visit: VisitorMaker) -> None:
    visitor = visit()
    visitor.page.add_init_script("window.print = () => { document.title = 'printed' }")
    begin(visitor)
    say_who(visitor)
    send(visitor)
    visitor.open("/form/sent/copy")
    visitor.page.get_by_role("button", name="Print").click()
    assert visitor.page.title() == "printed"
    bare = visit(java_script_enabled=False, storage_state=visitor.context.storage_state())
    bare.open("/form/sent/copy")
    assert bare.page.get_by_role("button", name="Print").count() == 0
    assert bare.page.locator("noscript p").is_visible()


def test_pages_print_black_on_white_without_buttons(visit: VisitorMaker) -> None:
    visitor = visit(color_scheme="dark")
    with_signs(visitor)
    send(visitor)
    for path in AROUND[1:]:
        visitor.open(path)
        visitor.page.emulate_media(media="print", color_scheme="dark")
        colors = visitor.page.evaluate(
            "['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name])"
        )
        assert colors == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert visitor.page.locator("button:visible, .button:visible").count() == 0


def test_the_printed_copy_keeps_each_card_whole(visit: VisitorMaker) -> None:
    visitor = visit()
    with_signs(visitor)
    send(visitor)
    visitor.open("/form/sent")
    # So short a paper that something must break, but no card.
    sheets = printed(visitor.page.pdf(width="16cm", height="14cm"))
    with_title = next(text for text in sheets if "Chest pain, pressure or fainting" in text)
    assert "Do not drive yourself." in with_title
    assert len(sheets) > 3


def printed(pdf: bytes) -> list[str]:
    """The words of each sheet."""
    run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return [" ".join(sheet.split()) for sheet in run.stdout.decode().split("\f") if sheet.strip()]
