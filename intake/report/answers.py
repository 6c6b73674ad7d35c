"""All answers by page, in the patient's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from intake.questionnaire.rows import ANSWERED, BLANK, NOT_ASKED, UNSURE
from intake.report.document import CARERS_CONTACTS, CONTACTS
from intake.report.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    words: str
    is_unsure: bool
    is_private: bool
    is_written: bool
    """In the patient's own writing, not ticked."""
    is_carers: bool = False
    """Given by the carer, where the patient gave others."""
    key: str = ""
    is_unsafe: bool = False
    """A way to reach somebody who could be put in danger by its use."""


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one section, and the labels of what was left blank or not asked."""

    title: str
    pages: tuple[Page, ...]
    blank: tuple[str, ...]
    not_asked: tuple[str, ...]
    """Left out by the short form."""


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
        _section(sheet, title, list(rows))
        for title, rows in groupby(sheet.rows, lambda r: r["section"])
    )


def _section(sheet: Sheet, title: str, rows: list[dict[str, Any]]) -> Section:
    answered = [row for row in rows if row["status"] in (ANSWERED, UNSURE)]
    pages = [
        Page(page, tuple(_answer(sheet, row) for row in each))
        for page, each in groupby(answered, lambda r: r["page"])
    ]
    return Section(title, tuple(pages), _labels(rows, BLANK), _labels(rows, NOT_ASKED))


def _labels(rows: list[dict[str, Any]], status: str) -> tuple[str, ...]:
    return tuple(row["label"] for row in rows if row["status"] == status)


def _answer(sheet: Sheet, row: dict[str, Any]) -> Answer:
    written = row["kind"] in ("line", "text")
    return Answer(
        question=row["text"],
        words=row["words"] if written else row["words"].replace("\n", "; "),
        is_unsure=row["status"] == UNSURE,
        is_private=row["private"],
        is_written=written,
        is_carers=sheet.is_mixed and sheet.is_by_carer(row["key"]),
        key=row["key"],
        is_unsafe=sheet.is_unsafe_at_home and row["key"] in (*CONTACTS, *CARERS_CONTACTS),
    )


def advice(sheet: Sheet) -> tuple[Advice, ...]:
    """One entry a card, in the order in which they were first shown."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for record in sorted(sheet.document["shown"], key=lambda each: str(each["at"])):
        shown.setdefault(record["card"], []).append(record)
    return tuple(
        Advice(
            card,
            tuple(dict.fromkeys(_shown_at(sheet, record) for record in records)),
            " ".join(records[0]["advice"]),
        )
        for card, records in shown.items()
    )


def _shown_at(sheet: Sheet, record: dict[str, Any]) -> str:
    at = sheet.clock(record["at"])
    return f"{at} (to staff who typed the paper in, not to the patient)" if "to" in record else at


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
