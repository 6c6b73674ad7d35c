"""All answers by page, in the patient's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from intake.questionnaire.rows import BLANK, UNSURE
from intake.report.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    words: str
    is_unsure: bool
    is_private: bool
    is_written: bool
    """In the patient's own writing, not ticked."""


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one section, and the labels of what was left blank."""

    title: str
    pages: tuple[Page, ...]
    blank: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """An earlier set of answers to the danger signs."""

    at: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """Fixed safety advice in full, and the local times at which it was shown."""

    row: str
    times: tuple[str, ...]
    words: str


def sections(sheet: Sheet) -> tuple[Section, ...]:
    return tuple(
        _section(title, list(rows)) for title, rows in groupby(sheet.rows, lambda r: r["section"])
    )


def _section(title: str, rows: list[dict[str, Any]]) -> Section:
    answered = [row for row in rows if row["status"] != BLANK]
    pages = [
        Page(page, tuple(map(_answer, each)))
        for page, each in groupby(answered, lambda r: r["page"])
    ]
    return Section(
        title, tuple(pages), tuple(row["label"] for row in rows if row["status"] == BLANK)
    )


def _answer(row: dict[str, Any]) -> Answer:
    written = row["kind"] in ("line", "text")
    return Answer(
        question=row["text"],
        words=row["words"] if written else row["words"].replace("\n", "; "),
        is_unsure=row["status"] == UNSURE,
        is_private=row["private"],
        is_written=written,
    )


def advice(sheet: Sheet) -> tuple[Advice, ...]:
    """One entry a card, in the order in which they were first shown."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for record in sorted(sheet.document["shown"], key=lambda each: str(each["at"])):
        shown.setdefault(record["card"], []).append(record)
    return tuple(
        Advice(
            card,
            tuple(dict.fromkeys(sheet.clock(record["at"]) for record in records)),
            " ".join(records[0]["advice"]),
        )
        for card, records in shown.items()
    )


def screens(sheet: Sheet) -> tuple[Screen, ...]:
    return tuple(
        Screen(sheet.clock(screen["at"]), tuple(_named(screen["rows"])))
        for screen in sheet.document["earlier_screens"]
    )


def left_out(sheet: Sheet) -> tuple[str, ...]:
    """Answers that were handed in although their question was not asked (K-C9)."""
    return tuple(_named(sheet.document["ignored"]))


def _named(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [f"{row['label']}: {row['short']}" for row in rows]
