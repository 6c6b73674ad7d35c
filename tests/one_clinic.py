"""Every statement that the store sends is about one clinic, or stands in a short list.

A hook on the engine looks at each statement as SQLAlchemy built it: whatever table with a
`clinic_id` it reads, changes or deletes from must be narrowed down by that column.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, FromClause, event
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BooleanClauseList,
    ColumnElement,
    Grouping,
    Tuple,
)
from sqlalchemy.sql.selectable import Join, Select, Subquery

STORE = Path(__file__).resolve().parents[1] / "intake"
CLINIC_ID = "clinic_id"

ABOUT_ALL = {
    "sessions.py:read": "found by the hash of 256 random bits; the clinic is compared afterwards",
    "sessions.py:close": "found by the hash of 256 random bits",
    "sessions.py:unlock": "found by the hash of 256 random bits",
    "sessions.py:_touch": "found by the hash of 256 random bits",
    "sessions.py:open": "deletes what has ended, of all clinics",
    "steps.py:close": "found by the hash of 256 random bits",
    "steps.py:open": "deletes what has ended, of all clinics",
    "attempts.py:_forget_yesterday": "deletes what has ended, of all clinics",
    "clocks.py:problems": "looks at the time of the newest event alone",
    "dump.py:parts": "a backup holds everything",
    "dump.py:go_on_counting": "a backup holds everything",
    "rotating.py:left": "keys are the whole deployment's",
    "rotating.py:used": "keys are the whole deployment's",
    "rotating.py:retire": "keys are the whole deployment's",
    "rotating.py:_sealed": "keys are the whole deployment's",
    "rotating.py:_next": "keys are the whole deployment's",
    "sealed.py:opened": "a drill opens everything",
    "jobs.py:take": "whoever works takes what is due next, of all clinics",
    "store.py:open_canaries": "the keys of the whole deployment",
}
"""By file and function: why a statement there names no clinic."""


class CrossesClinics(BaseException):
    """A statement could read or change what is another clinic's.

    No `Exception`: an error page must not hide it from the test.
    """


def watch(engine: Engine) -> None:
    """Have every statement of an engine looked at; one that could cross fails."""
    seen: set[str] = set()

    def look(
        _conn: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        if statement in seen:
            return
        seen.add(statement)
        place = _place()
        built = getattr(getattr(context, "compiled", None), "statement", None)
        if place is None or built is None:
            return
        loose = sorted({each.name for each in loose_tables(built)})
        if not loose:
            return
        # Another place may send the same words.
        seen.discard(statement)
        if place not in ABOUT_ALL:
            raise CrossesClinics(f"{place} asks {', '.join(loose)} without a clinic: {statement}")

    event.listen(engine, "before_cursor_execute", look)


def _place() -> str | None:
    """Which function of the program sent it; None for a test's own statement."""
    frame = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        is_named = not frame.f_code.co_name.startswith("<")
        if path.is_relative_to(STORE) and is_named:
            return f"{path.name}:{frame.f_code.co_name}"
        if is_named and not {"sqlalchemy", "contextlib.py"} & set(path.parts):
            return None
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return None


def loose_tables(statement: Any) -> Iterator[Any]:
    """The tables of a statement, and of those within it, that no condition binds to a clinic."""
    for part in visitors.iterate(statement):
        if isinstance(part, Select):
            conditions = [part.whereclause, *_joined_on(part)]
            yield from _loose(_tables(part.get_final_froms()), conditions)
        elif isinstance(part, Update | Delete):
            yield from _loose(_tables([part.table]), [part.whereclause])
        elif isinstance(part, Insert):
            continue


def _tables(froms: Sequence[Any]) -> Iterator[FromClause]:
    for each in froms:
        if isinstance(each, Join):
            yield from _tables([each.left, each.right])
        elif not isinstance(each, Subquery) and CLINIC_ID in getattr(each, "c", ()):
            yield each


def _joined_on(select: Select[Any]) -> Iterator[ColumnElement[Any]]:
    waiting = list(select.get_final_froms())
    while waiting:
        each = waiting.pop()
        if isinstance(each, Join):
            yield each.onclause  # type: ignore[misc] # typed as perhaps None
            waiting += [each.left, each.right]


def _loose(tables: Iterator[FromClause], conditions: Iterable[Any]) -> Iterator[FromClause]:
    bound = set[Any]().union(*map(_bound, conditions))
    return (table for table in tables if table not in bound)


def _bound(condition: Any) -> set[Any]:
    """The tables whose `clinic_id` must equal something, or be one of some, for this to hold."""
    if isinstance(condition, BinaryExpression):
        is_equal = condition.operator in {operators.eq, operators.in_op}
        return _clinics_of(condition.left) | _clinics_of(condition.right) if is_equal else set()
    if isinstance(condition, Grouping):
        return _bound(condition.element)
    if not isinstance(condition, BooleanClauseList):
        return set()
    parts = [_bound(part) for part in condition.clauses]
    either = condition.operator is operators.or_
    return set.intersection(*parts) if either else set[Any]().union(*parts)


def _clinics_of(side: Any) -> set[Any]:
    """The tables whose `clinic_id` stands here, by itself or in a row of values."""
    columns = side.clauses if isinstance(side, Tuple) else [side]
    return {column.table for column in columns if getattr(column, "name", "") == CLINIC_ID}
