"""A character that no font has prints as its code point."""

import pytest

from intake.report.fonts import breakable, drawable


@pytest.mark.parametrize("text", ["Anne O’Brien", "Nguyễn", "Łukasz", "李", "שרה", "مريم", "a\nb"])
def test_names_of_the_world_are_drawn(text):
    assert drawable(text) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("\U0001f9ff", "[U+1F9FF]"),
        ("a\U0010fffdb", "a[U+10FFFD]b"),
        ("\u0378", "[U+0378]"),
        ("\x07", "[U+0007]"),
        ("\u202eabc", "[U+202E]abc"),
    ],
)
def test_what_no_font_has_is_named(text, printed):
    assert drawable(text) == printed


def test_only_long_words_are_broken():
    assert breakable("incobotulinumtoxinA and more") == "incobotulinumtoxinA and more"
    broken = breakable("W" * 60)
    assert broken.replace("\u200b", "") == "W" * 60
    assert max(map(len, broken.split("\u200b"))) <= 16
