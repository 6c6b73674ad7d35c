"""Responses as lines of a CSV file for a clinic's own spreadsheet: codes and words beside them."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from intake.questionnaire import BY_KEY
from intake.questionnaire.model import codes_in

MARK = "\ufeff"
"""At the start of the file: without it Excel reads UTF-8 as something else."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD = (
    "reference",
    "version",
    "sent_at",
    "changed_at",
    "questionnaire_version",
    "rules_version",
    "urgency",
    "band",
    "band_lowest",
    "band_highest",
    "points",
    "points_at_most",
)


def header(*, private: bool) -> str:
    """The names of the columns; `private` says whether there are private questions among them."""
    keys = _keys(private=private)
    return _line([*_HEAD, *(name for key in keys for name in (key, f"{key}_words"))])


def line(document: Mapping[str, Any], *, version: int, changed_at: str, private: bool) -> str:
    """One response. Words are the doctor's short ones; several codes are joined by ";"."""
    found = document["assessment"]
    cells: list[object] = [
        document["reference"],
        version,
        document["sent_at"],
        changed_at,
        document["questionnaire_version"],
        document["rules_version"],
        found["urgency"],
        found["band"],
        found["lowest"],
        found["highest"],
        found["total"],
        found["max_total"],
    ]
    rows = {row["key"]: row for row in document["rows"]}
    for key in _keys(private=private):
        value = document["answers"].get(key) if key in rows else None
        cells += ["" if value is None else ";".join(codes_in(value))]
        cells += [rows[key]["short"] if value is not None else ""]
    return _line(cells)


def _keys(*, private: bool) -> list[str]:
    return [key for key, question in BY_KEY.items() if private or not question.private]


def _line(cells: Iterable[object]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([_harmless(cell) for cell in cells])
    return written.getvalue()


def _harmless(cell: object) -> str:
    """The cell; one that a spreadsheet would run as a formula begins with an apostrophe."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
