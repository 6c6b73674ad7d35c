"""Three-valued logic: True, False, and None for "not known" (Kleene)."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from intake.questionnaire.model import NOT_SURE
from intake.questionnaire.values import first_day


def ticked(codes: frozenset[str] | None, *wanted: str) -> bool | None:
    """Whether one of `wanted` was ticked; unknown if blank or if "not sure" was ticked."""
    if codes is None:
        return None
    if codes & set(wanted):
        return True
    return None if NOT_SURE in codes else False


def chosen(code: str | None, *wanted: str) -> bool | None:
    """Whether the one choice is among `wanted`; unknown if blank or "not sure"."""
    return None if code is None else code in wanted


def any_of(values: Iterable[bool | None]) -> bool | None:
    """True if one is true; else unknown if one is unknown."""
    seen = list(values)
    if True in seen:
        return True
    return None if None in seen else False


def all_of(values: Iterable[bool | None]) -> bool | None:
    """False if one is false; else unknown if one is unknown."""
    seen = list(values)
    if False in seen:
        return False
    return None if None in seen else True


def negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def last_day(partial: str) -> date | None:
    """The latest day that "2026", "2026-03" or "2026-03-09" can mean; None if malformed."""
    first = first_day(partial)
    if first is None or len(partial) == len("2026-03-09"):
        return first
    if len(partial) == len("2026"):
        return date(first.year, 12, 31)
    return first.replace(day=monthrange(first.year, first.month)[1])


def less_than_days_ago(partial: str | None, today: date, days: int) -> bool | None:
    """Whether a day lies 0 to `days` - 1 days before `today`.

    Known to the month: True or False only if it holds for the whole month. A year alone and a
    future date are not known (K-D3).
    """
    if partial is None or len(partial) == len("2026"):
        return None
    first, last = first_day(partial), last_day(partial)
    if first is None or last is None or first > today:
        return None
    if (today - first).days < days:
        return True
    return False if (today - min(last, today)).days >= days else None
