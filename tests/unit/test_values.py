"""Values: what fits a question and what is refused, with the reason."""

from datetime import date

import pytest

from intake.questionnaire import BY_KEY
from intake.questionnaire.model import Choice, Kind, Question
from intake.questionnaire.values import Fault, fault, first_day, normalise, printable

TODAY = date(2026, 6, 15)


def question(kind: Kind, **given) -> Question:
    return Question(key="q", kind=kind, text="", label="", **given)


def found(asked: Question, value) -> Fault | None:
    return fault(asked, value, asked.options, TODAY)


ONE = question(Kind.CHOICE, choices=(Choice("yes", "Yes"), Choice("no", "No")))
MANY = question(
    Kind.CHOICES,
    choices=(Choice("a", "A"), Choice("b", "B"), Choice("none", "None", alone=True)),
)
SCALE = question(Kind.SCALE)
NUMBER = question(Kind.NUMBER, low=1, high=200)
DATE = question(Kind.DATE, clinical=False)
PARTIAL = question(Kind.PARTIAL_DATE)
MONTH = question(Kind.PARTIAL_DATE, finest="month")
YEAR = question(Kind.PARTIAL_DATE, finest="year")
LATER = question(Kind.PARTIAL_DATE, future=True)
LINE = question(Kind.LINE, max_characters=20, clinical=False)
TEXT = question(Kind.TEXT, clinical=False)
PHONE = question(Kind.LINE, input="tel", max_characters=40, clinical=False)
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
EMAIL = question(Kind.LINE, input="email", max_characters=200, clinical=False)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (ONE, "yes"),
        (ONE, "not_sure"),
        (MANY, ["a"]),
        (MANY, ["a", "b", "not_sure"]),
        (MANY, ["none"]),
        (MANY, ["not_sure"]),
        (MANY, ("a",)),
        (SCALE, 0),
        (SCALE, 10),
        (SCALE, "not_sure"),
        (NUMBER, 1),
        (NUMBER, 200),
        (DATE, "2026-06-15"),
        (DATE, "1900-01-01"),
        (DATE, "2024-02-29"),
        (PARTIAL, "2026"),
        (PARTIAL, "2026-06"),
        (PARTIAL, "2026-06-15"),
        (PARTIAL, "not_sure"),
        (MONTH, "2026-06"),
        (YEAR, "1999"),
        (LATER, "2027-01"),
        (LINE, "Nguyễn 李 O’Neill"),
        (LINE, "x" * 20),
        (TEXT, "x" * 2000),
        (TEXT, "\n".join("x" * 40)),
        (TEXT, "one\n\ttwo"),
        (TEXT, "नमस्ते שָׁלוֹם мир 👍🏽"),
        (PHONE, "(315) 555-0100"),
        (PHONE, "+1 315.555.0100 x12"),
        (PHONE, "5550100"),
        (EMAIL, "iris.example+ms@mail.example.com"),
    ],
)
def test_what_fits(asked, value):
    assert found(asked, value) is None


@pytest.mark.parametrize(
    ("asked", "value", "reason"),
    [
        (ONE, "maybe", Fault.CHOICE),
        (ONE, "", Fault.CHOICE),
        (ONE, ["yes"], Fault.KIND),
        (ONE, 1, Fault.KIND),
        (ONE, None, Fault.KIND),
        (MANY, "a", Fault.KIND),
        (MANY, ["a", 1], Fault.KIND),
        (MANY, [], Fault.CHOICE),
        (MANY, ["c"], Fault.CHOICE),
        (MANY, ["a", "a"], Fault.CHOICE),
        (MANY, ["none", "a"], Fault.ALONE),
        (MANY, ["none", "not_sure"], Fault.ALONE),
        (SCALE, -1, Fault.RANGE),
        (SCALE, 11, Fault.RANGE),
        (SCALE, "7", Fault.KIND),
        (SCALE, 7.0, Fault.KIND),
        (SCALE, True, Fault.KIND),
        (SCALE, None, Fault.KIND),
        (NUMBER, 0, Fault.RANGE),
        (NUMBER, 201, Fault.RANGE),
        (NUMBER, 10**30, Fault.RANGE),
        (DATE, "2026-06", Fault.DATE),
        (DATE, "2026-06-16", Fault.FUTURE),
        (DATE, "1899-12-31", Fault.TOO_EARLY),
        (DATE, "2026-02-29", Fault.DATE),
        (DATE, "2026-13-01", Fault.DATE),
        (DATE, "0000-01-01", Fault.DATE),
        (DATE, "26-06-15", Fault.DATE),
        (DATE, "2026-6-15", Fault.DATE),
        (DATE, "2026-06-15T00:00", Fault.DATE),
        (DATE, "2026-06-15\n", Fault.DATE),
        (DATE, "２０２６-06-15", Fault.DATE),
        (DATE, "٢٠٢٦-06-15", Fault.DATE),
        (DATE, "not_sure", Fault.DATE),
        (DATE, 20260615, Fault.KIND),
        (PARTIAL, "2026-07", Fault.FUTURE),
        (PARTIAL, "2027", Fault.FUTURE),
        (PARTIAL, "2026-00", Fault.DATE),
        (PARTIAL, "206", Fault.DATE),
        (MONTH, "2026-06-15", Fault.DATE),
        (YEAR, "2026-06", Fault.DATE),
        (LINE, "x" * 21, Fault.TOO_LONG),
        (LINE, "one\ntwo", Fault.LINES),
        (LINE, "", Fault.KIND),
        (LINE, "   ", Fault.KIND),
        (LINE, 7, Fault.KIND),
        (LINE, "one\u2028two", Fault.CHARACTERS),
        (TEXT, "x" * 2001, Fault.TOO_LONG),
        (TEXT, "\n".join("x" * 41), Fault.LINES),
        (TEXT, "a\x00b", Fault.CHARACTERS),
        (TEXT, "a\x1b[31mb", Fault.CHARACTERS),
        (TEXT, "a\rb", Fault.CHARACTERS),
        (TEXT, "a\x0bb", Fault.CHARACTERS),
        (TEXT, "a\x85b", Fault.CHARACTERS),
        (TEXT, "a\u2029b", Fault.CHARACTERS),
        (TEXT, "a\ud800b", Fault.CHARACTERS),
        (TEXT, "a\uffffb", Fault.CHARACTERS),
        (TEXT, "a\ue000b", Fault.CHARACTERS),
        *((TEXT, f"a{control}b", Fault.CHARACTERS) for control in BIDI),
        (PHONE, "five five five", Fault.PHONE),
        (PHONE, "555-010", Fault.PHONE),
        (PHONE, "1234567890123456", Fault.PHONE),
        (PHONE, "٣١٥-٥٥٥-٠١٠٠", Fault.PHONE),
        (PHONE, "３１５ ５５５ ０１００", Fault.PHONE),
        (PHONE, "²²²²²²²", Fault.PHONE),
        (EMAIL, "iris", Fault.EMAIL),
        (EMAIL, "iris@example", Fault.EMAIL),
        (EMAIL, "iris@example.", Fault.EMAIL),
        (EMAIL, "iris @example.com", Fault.EMAIL),
        (EMAIL, "iris@exa@mple.com", Fault.EMAIL),
        (EMAIL, "iris@example.com\tBcc:x", Fault.EMAIL),
    ],
)
def test_what_is_refused(asked, value, reason):
    assert found(asked, value) is reason


def test_four_marks_on_a_letter_are_enough_for_any_script():
    assert printable("a" + "\u0301" * 4 + "b" + "\u0301" * 4)
    assert not printable("a" + "\u0301" * 5)
    assert not printable("a" + "\u20dd" * 5)


def test_only_offered_choices_fit():
    main = BY_KEY["main_place"]
    two = tuple(c for c in main.options if c.code in ("left_wrist", "not_sure"))
    assert fault(main, "left_wrist", two, TODAY) is None
    assert fault(main, "left_knee", two, TODAY) is Fault.CHOICE


def test_not_sure_fits_only_where_it_is_offered():
    assert found(question(Kind.NUMBER), "not_sure") is None
    assert found(question(Kind.NUMBER, clinical=False), "not_sure") is Fault.KIND


def test_text_is_stored_composed_with_plain_newlines():
    assert normalise("  Jose\u0301\r\nb\rc \n") == "José\nb\nc"


@pytest.mark.parametrize(
    ("partial", "first"),
    [
        ("2026", date(2026, 1, 1)),
        ("2026-03", date(2026, 3, 1)),
        ("2026-03-09", date(2026, 3, 9)),
        ("2026-03-32", None),
        ("2026-", None),
        ("", None),
        ("not_sure", None),
    ],
)
def test_the_first_day_that_a_date_can_mean(partial, first):
    assert first_day(partial) == first
