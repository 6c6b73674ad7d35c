"""What other programs are told of a sent response: the document and the doctor's decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intake.report.fhir import Contents, Decision
from intake.store import Store, entries
from intake.store.entries import Entry
from intake.store.responses import SentResponse


def contents(
    store: Store,
    clinic_id: int,
    found: SentResponse,
    *,
    document: Mapping[str, Any] | None = None,
    pdf: bytes | None = None,
) -> Contents:
    """The contents of a bundle of the newest version.

    `document` is what is left of the sealed one for its reader; all of it without.
    """
    return Contents(
        document=found.document if document is None else document,
        version=found.versions[-1].version,
        decision=decision(entries.of(store, clinic_id, found.id)),
        pdf=pdf,
    )


def decision(record: Iterable[Entry]) -> Decision | None:
    """The doctor's newest decision."""
    decided = [entry for entry in record if entry.kind == "decided"]
    if not decided:
        return None
    newest = decided[-1]
    said = newest.document
    return Decision(
        at=newest.at.isoformat(),
        by_name=str(said["by_name"]),
        urgency=str(said["decided_urgency"]),
        band=str(said["decided_band"]),
        agrees=bool(said["agrees"]),
        reason=str(said["reason"]),
    )
