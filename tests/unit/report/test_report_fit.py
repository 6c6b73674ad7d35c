"""Shortening keeps the beginning and says that something is missing."""

from hypothesis import given
from hypothesis import strategies as st

from intake.report.fit import ELLIPSIS, shortened, width

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=400)


@given(TEXTS, st.integers(min_value=2, max_value=400))
def test_a_shortened_text_has_room_and_is_a_beginning(text, room):
    short = shortened(text, room)
    assert width(short) <= room
    assert short == text or (short.endswith(ELLIPSIS) and text.startswith(short[:-1].rstrip()))


def test_it_is_cut_between_words():
    assert shortened("one two three four", 13) == "one two…"


def test_wide_characters_count_two():
    assert width("李a") == 3
    assert shortened("李李李李", 5) == "李李…"


def test_a_character_without_font_counts_as_its_code_point():
    assert width("\U0010fffd") == len("[U+10FFFD]")
