"""Stopping for now and coming back, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pikepdf
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor, VisitorMaker, begin, say_who
from tests.e2e.test_journey import DOUBLED, SPILLS


def with_code(visitor: Visitor) -> str:
    """Get a code, and stay on the page that shows it."""
    begin(visitor)
    say_who(visitor)
    visitor.open("/form/later")
    visitor.go_on("/form/later", button="Show my code")
    parts = visitor.page.locator(".code-part")
    expect(parts).to_have_count(3)
    return "-".join(parts.all_inner_texts())


def type_birth_date(visitor: Visitor) -> None:
    for id, text in {"month": "3", "day": "9", "year": "1975"}.items():
        visitor.page.fill(f"#born_on-{id}", text)


def test_the_link_fills_the_field_and_leaves_the_address(visit: VisitorMaker) -> None:
    code = with_code(visit())
    other = visit()
    other.open(f"/return#{code.lower()}")
    expect(other.page.locator("#code")).to_have_value(code)
    assert other.page.url == other.site + "/return"
    type_birth_date(other)
    other.go_on("/form/support", button="Open my form")


def test_a_second_link_in_the_same_tab_works_too(visit: VisitorMaker) -> None:
    visitor = visit()
    visitor.page.clock.install()
    visitor.open("/return#333-444-6666")
    type_birth_date(visitor)
    visitor.open("/return#777-444-6666")
    expect(visitor.page.locator("#code")).to_have_value("777-444-6666")
    assert visitor.page.url == visitor.site + "/return"
    # Going to a part of the page is no going back, after which pages are loaded anew.
    visitor.page.clock.fast_forward(10_000)
    expect(visitor.page.locator("#born_on-year")).to_have_value("1975")


def test_what_is_no_code_stays_out_of_the_field(visit: VisitorMaker) -> None:
    visitor = visit()
    visitor.open("/return#page")
    expect(visitor.page.locator("#code")).to_have_value("")


def test_without_a_script_the_code_is_typed(visit: VisitorMaker) -> None:
    code = with_code(visit())
    other = visit(java_script_enabled=False)
    other.open(f"/return#{code}")
    other.page.fill("#code", code)
    type_birth_date(other)
    other.go_on("/form/support", button="Open my form")


def test_the_card_is_one_sheet_and_fits_a_phone(visit: VisitorMaker, tmp_path: Path) -> None:
    visitor = visit()
    code = with_code(visitor)
    wrong: list[str] = []
    for path in ("/form/later/card", "/form/later"):
        for scheme in ("light", "dark"):
            visitor.page.emulate_media(color_scheme=scheme)
            visitor.open(path)
            wrong += visitor.axe()
    visitor.page.emulate_media(color_scheme="no-preference")
    visitor.open("/form/later/card")
    assert visitor.overflow() <= 0
    for paper in ("Letter", "A4"):
        printed = visitor.page.pdf(path=tmp_path / "card.pdf", format=paper)
        assert printed
        with pikepdf.open(tmp_path / "card.pdf") as pdf:
            assert len(pdf.pages) == 1, paper
    visitor.context.add_init_script(DOUBLED)
    visitor.open("/form/later/card")
    assert visitor.overflow() <= 0
    wrong += visitor.page.evaluate(SPILLS)
    assert wrong == []
    assert code.split("-")[0] in visitor.page.inner_text(".code")
