"""Responses of a period as a CSV file, a batch at a time: recorded first, then sent."""

from __future__ import annotations

from collections.abc import Iterator

from intake.report import spreadsheet
from intake.store import Store, listing
from intake.store.listing import Listed, Period
from intake.web.clinic.masking import masked

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
        yield "".join(_line(row, private=private) for row in rows)


def _line(row: Listed, *, private: bool) -> str:
    document = row.document if private else masked(row.document)
    return spreadsheet.line(
        document, version=row.version, changed_at=row.at.isoformat(), private=private
    )
