"""What somebody typed to find a person: a name, a reference number, a date of birth, or some."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from intake.store import codes
from intake.store.work_list import Sought

LONGEST = 200

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_BETWEEN = r"\s*[/.\s-]\s*"
_DAY_NAMED = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_MONTH_NAMED = rf"(?P<month>(?:{'|'.join(_MONTHS)})[a-z]*)\.?"
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_DATES = tuple(
    re.compile(rf"(?<![\w/.-]){pattern}(?![\w/-])", re.IGNORECASE)
    for pattern in (
        rf"(?P<year>[0-9]{{4}}){_BETWEEN}(?P<month>[0-9]{{1,2}}){_BETWEEN}(?P<day>[0-9]{{1,2}})",
        rf"(?P<month>[0-9]{{1,2}}){_BETWEEN}(?P<day>[0-9]{{1,2}}){_BETWEEN}{_YEAR}",
        rf"{_MONTH_NAMED}\s*{_DAY_NAMED}(?:,\s*|\s+){_YEAR}",
        rf"{_DAY_NAMED}\s*{_MONTH_NAMED},?\s*{_YEAR}",
        r"(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<year>[0-9]{4})",
    )
)


def sought(typed: str, today: date) -> Sought | None:
    """The parts of what was typed; None where there is nothing to look for.

    A date is read as people write it in the US, month first, or with the year first. Of a year
    in two digits the last one is meant in which the person is not yet to be born.
    """
    typed = typed[:LONGEST].strip()
    born_on, rest = _date_in(typed, today)
    reference = "" if born_on else codes.parse_reference(rest) or ""
    # A name of six letters looks like a reference as it is spoken.
    name = "" if reference and re.search("[0-9]", reference) else rest
    if not (reference or born_on or re.search(r"\w", name)):
        return None
    return Sought(name, born_on, reference)


def _date_in(typed: str, today: date) -> tuple[date | None, str]:
    for pattern in _DATES:
        for match in pattern.finditer(typed):
            born_on = _date(match["year"], match["month"], match["day"], today)
            if born_on is not None:
                rest = f"{typed[: match.start()]} {typed[match.end() :]}"
                return born_on, rest.strip(" ,;")
    return None, typed


def _date(year: str, month: str, day: str, today: date) -> date | None:
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    with suppress(ValueError):
        born_on = date(
            _century(int(year), today) if len(year) == 2 else int(year), number, int(day)
        )
        if born_on <= today:
            return born_on
    return None


def _century(year: int, today: date) -> int:
    this = today.year // 100 * 100
    return this + year if this + year < today.year else this - 100 + year
