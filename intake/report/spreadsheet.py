"""Responses as lines of a CSV file for a clinic's own spreadsheet: codes and words beside them."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from intake.questionnaire import BY_KEY
from intake.questionnaire.model import codes_in

MARK = "\ufeff"
"""At the start of the file: without it Excel reads UTF-8 as something else."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DECIDED = ("decided_urgency", "decided_band", "decided_at", "decided_version")
_REASON = "decided_reason"
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


@dataclass(frozen=True, slots=True)
class Decided:
    """A doctor's urgency and band, when they were decided (ISO), and about which version."""

    urgency: str
    band: str
    at: str
    version: int | str
    reason: str = field(default="", repr=False)


def header(*, private: bool) -> str:
    """The names of the columns; `private` says whether there are private questions among them."""
    keys = _keys(private=private)
    decided = (*_DECIDED, _REASON) if private else _DECIDED
    return _line([*_HEAD, *decided, *(name for key in keys for name in (key, f"{key}_words"))])


def line(
    document: Mapping[str, Any],
    decision: Decided | None = None,
    *,
    version: int,
    changed_at: str,
    private: bool,
) -> str:
    """One response. Words are the doctor's short ones; several codes are joined by ";".

    `decision` is what this reader may know of a doctor's newest; its reason, in the doctor's own
    words, is as private as an answer.
    """
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
        *_decided(decision, private=private),
    ]
    rows = {row["key"]: row for row in document["rows"]}
    for key in _keys(private=private):
        value = document["answers"].get(key) if key in rows else None
        cells += ["" if value is None else ";".join(codes_in(value))]
        cells += [rows[key]["short"] if value is not None else ""]
    return _line(cells)


def _decided(decision: Decided | None, *, private: bool) -> list[object]:
    made = decision or Decided("", "", "", "")
    told: list[object] = [made.urgency, made.band, made.at, made.version]
    return [*told, made.reason] if private else told


def _keys(*, private: bool) -> list[str]:
    return [key for key, question in BY_KEY.items() if private or not question.private]


def harmless(cell: object) -> str:
    """What stands in a cell: with an apostrophe before what a spreadsheet would reckon out."""
    text = "" if cell is None else str(cell)
    begins = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if begins else text


def _line(cells: Iterable[object]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue()
