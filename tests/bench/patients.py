"""The patients of the benches, as their responses are sealed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from intake.report.document import ClinicHead, sent_document
from tests.vignettes import load_all

NOW = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
CLINIC = ClinicHead("Alder Lane", "555-0100")


def documents() -> dict[str, dict[str, Any]]:
    """Every whole patient's document, by the vignette's id."""
    return {
        each["id"]: sent_document(each["answers"], today=NOW.date(), sent_at=NOW, clinic=CLINIC)
        for each in load_all()
    }


def document() -> dict[str, Any]:
    """That of the first one: a danger sign, several places, all pages filled."""
    return next(iter(documents().values()))
