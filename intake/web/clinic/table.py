"""Responses of a period as a CSV file, a batch at a time: recorded first, then sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from intake.report import spreadsheet
from intake.report.spreadsheet import Decided
from intake.store import Store, listing, work_list
from intake.store.entries import Entry
from intake.store.listing import Listed, Period
from intake.web.clinic.masking import masked
from intake.web.clinic.reasons import of_document

ACTION = "csv_exported"


def csv_lines(
    store: Store, clinic_id: int, period: Period, *, actor: str, private: bool
) -> Iterator[str]:
    """The file in pieces; the first one is made, and its reading recorded, when it is asked for.

    `private` says whether private answers are in it.
    """
    yield spreadsheet.MARK + spreadsheet.header(private=private)
    for rows in listing.every(store, clinic_id, period):
        listing.note_export(store, clinic_id, actor, ACTION, rows)
        made = work_list.entries_of(store, clinic_id, [row.id for row in rows], ("decided",))
        yield "".join(_line(row, made.get(row.id, []), private=private) for row in rows)


def _line(row: Listed, decisions: Sequence[Entry], *, private: bool) -> str:
    document = row.document if private else masked(row.document)
    return spreadsheet.line(
        document,
        _decided(row, decisions, private=private),
        version=row.version,
        changed_at=row.at.isoformat(),
        private=private,
    )


def _decided(row: Listed, decisions: Sequence[Entry], *, private: bool) -> Decided | None:
    """The newest decision; about a private danger sign it is as private as the sign."""
    if not decisions or (not private and of_document(row.document).private):
        return None
    newest = decisions[-1]
    said = newest.document
    return Decided(
        urgency=str(said["decided_urgency"]),
        band=str(said["decided_band"]),
        at=newest.at.isoformat(),
        version=newest.version,
        reason=str(said["reason"]) if private else "",
    )
