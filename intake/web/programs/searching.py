"""Parameters of a search, and where its next page begins."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, datetime, timedelta

from flask import request

from intake.store.drafts import ID
from intake.store.listing import BATCH, Mark, Period
from intake.web.programs.blueprint import Unfit
from intake.web.visit import clinic

COUNT, CHANGED, CURSOR = "_count", "_lastUpdated", "_cursor"
KNOWN = {COUNT, CHANGED, CURSOR, "_format"}

_BOUND = re.compile(r"(ge|gt|le|lt|)([0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+))?)")
_MOMENT = timedelta(microseconds=1)


def refuse_unknown() -> None:
    """A parameter that is not known would be a search for something else."""
    if set(request.args) - KNOWN:
        raise Unfit(f"The parameters are {', '.join(sorted(KNOWN))}.")


def limit() -> int:
    """How many resources a page has: what was asked for, 50 at most."""
    asked = request.args.get(COUNT, str(BATCH))
    if not asked.isascii() or not asked.isdigit() or not int(asked[:9]) > 0:
        raise Unfit(f"{COUNT} is a whole number from 1.")
    return min(int(asked[:9]), BATCH)


def period() -> Period:
    """What `_lastUpdated` allows; several are joined by AND."""
    since, until = None, None
    for value in request.args.getlist(CHANGED):
        first, last = _bounds(value.replace(" ", "+"))
        since = max(filter(None, (since, first)), default=None)
        until = min(filter(None, (until, last)), default=None)
    return Period(since, until)


def _bounds(value: str) -> tuple[datetime | None, datetime | None]:
    """From when, and before when."""
    match = _BOUND.fullmatch(value)
    try:
        at = datetime.fromisoformat(match[2]) if match else None
    except ValueError:
        at = None
    if match is None or at is None or not 1900 < at.year < 9000:
        raise Unfit(f"{CHANGED} is a day or a time with its zone, after ge, gt, le or lt.")
    # A day is the clinic's own.
    begin = (at if at.tzinfo else at.replace(tzinfo=clinic().zone)).astimezone(UTC)
    end = begin + (_MOMENT if match[3] else timedelta(days=1))
    return {
        "ge": (begin, None),
        "gt": (end, None),
        "le": (None, end),
        "lt": (None, begin),
        "": (begin, end),
    }[match[1]]


def cursor(mark: Mark) -> str:
    """Where the page after a mark begins, in letters that mean nothing to a program."""
    told = json.dumps([mark.at.isoformat(), mark.id]).encode()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def after() -> Mark | None:
    """The mark of the page before; raises `Unfit` for letters that no page gave out."""
    given = request.args.get(CURSOR)
    if given is None:
        return None
    try:
        at, id = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        mark = Mark(datetime.fromisoformat(at), str(id))
    except (ValueError, TypeError, binascii.Error):
        raise Unfit(f"{CURSOR} is none that a page gave out.") from None
    if not ID.fullmatch(mark.id) or mark.at.tzinfo is None:
        raise Unfit(f"{CURSOR} is none that a page gave out.")
    return mark
