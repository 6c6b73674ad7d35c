"""Whether a value fits its question: the one check for the form, files and imports."""

import re
import unicodedata
from datetime import date
from enum import StrEnum

from intake.questionnaire.model import (
    CHOOSING,
    CHOOSING_MANY,
    MAX_LINES,
    NOT_SURE,
    WRITING,
    Choice,
    Kind,
    Question,
)

MAX_COMBINING = 4
"""More marks on one letter than any script needs are decoration that breaks lines."""

EARLIEST_YEAR = 1900

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_PHONE = re.compile(r"[0-9+()./ x#*-]*", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_DIGITS_IN_PHONE = range(7, 16)


class Fault(StrEnum):
    """What is wrong with a value; the form words each for the patient."""

    KIND = "kind"
    CHOICE = "choice"
    ALONE = "alone"
    RANGE = "range"
    DATE = "date"
    FUTURE = "future"
    TOO_EARLY = "too_early"
    TOO_LONG = "too_long"
    LINES = "lines"
    CHARACTERS = "characters"
    PHONE = "phone"
    EMAIL = "email"


def fault(
    question: Question, value: object, options: tuple[Choice, ...], today: date
) -> Fault | None:
    """The first thing wrong with `value` as an answer to `question`; None if it fits.

    `options` are the choices on offer (`path.offered`), `today` bounds dates.
    """
    if value == NOT_SURE and question.offers_not_sure and question.kind not in CHOOSING:
        return None
    if question.kind in CHOOSING_MANY:
        return _many_fault(value, options)
    if question.kind is Kind.CHOICE:
        return _one_fault(value, options)
    if question.kind in WRITING:
        return _text_fault(question, value)
    if question.kind in (Kind.DATE, Kind.PARTIAL_DATE):
        return _date_fault(question, value, today)
    return _number_fault(question, value)


def _many_fault(value: object, options: tuple[Choice, ...]) -> Fault | None:
    if not isinstance(value, list | tuple) or not all(isinstance(code, str) for code in value):
        return Fault.KIND
    by_code = {option.code: option for option in options}
    if not value or any(code not in by_code for code in value) or len(set(value)) != len(value):
        return Fault.CHOICE
    if len(value) > 1 and any(by_code[code].alone for code in value):
        return Fault.ALONE
    return None


def _one_fault(value: object, options: tuple[Choice, ...]) -> Fault | None:
    if not isinstance(value, str):
        return Fault.KIND
    return None if value in {option.code for option in options} else Fault.CHOICE


def _number_fault(question: Question, value: object) -> Fault | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return Fault.KIND
    return None if question.low <= value <= question.high else Fault.RANGE


def _text_fault(question: Question, value: object) -> Fault | None:
    if not isinstance(value, str) or not value.strip():
        return Fault.KIND
    if len(value) > question.max_characters:
        return Fault.TOO_LONG
    if value.count("\n") >= (MAX_LINES if question.kind is Kind.TEXT else 1):
        return Fault.LINES
    if not printable(value):
        return Fault.CHARACTERS
    if question.input == "tel":
        return None if is_phone(value) else Fault.PHONE
    if question.input == "email":
        return None if _EMAIL.fullmatch(value) else Fault.EMAIL
    return None


def is_phone(value: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    return bool(_PHONE.fullmatch(value)) and digits in _DIGITS_IN_PHONE


def printable(value: str) -> bool:
    """No control characters but newline and tab, no bidirectional controls, no letter stacks."""
    marks = 0
    for character in value:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MAX_COMBINING or character in _BIDI:
            return False
        if category in _UNPRINTABLE and character not in "\n\t":
            return False
    return True


def normalise(value: str) -> str:
    """Text as it is stored: NFC, plain newlines, no blanks at the ends."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text).strip()


def _date_fault(question: Question, value: object, today: date) -> Fault | None:
    if not isinstance(value, str):
        return Fault.KIND
    first = first_day(value)
    if first is None or (question.kind is Kind.DATE and len(value) != len("2026-03-09")):
        return Fault.DATE
    if len(value) > {"year": 4, "month": 7, "day": 10}[question.finest]:
        return Fault.DATE
    if first.year < EARLIEST_YEAR:
        return Fault.TOO_EARLY
    return Fault.FUTURE if first > today and not question.future else None


def first_day(partial: str) -> date | None:
    """The earliest day that "2026", "2026-03" or "2026-03-09" can mean; None if malformed."""
    match = _PARTIAL.fullmatch(partial)
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
