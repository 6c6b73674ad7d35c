"""What of a sealed document leaves the clinic's own pages: never a private answer.

Fewer than what a doctor reads: other programs have readers whom this one does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from intake.questionnaire import BY_KEY
from intake.report.fhir import Contents
from intake.report.fhir.response import MASKED
from intake.web.auth import ADMIN
from intake.web.clinic import reasons
from intake.web.clinic.privacy import without_private

Plain = dict[str, Any]


def masked(document: Mapping[str, Any]) -> Plain:
    """The document as administrators read it; private questions that were asked are marked so."""
    open_part = without_private(document)
    known = {row["key"] for row in open_part["rows"]}
    private = {row["key"] for row in document["rows"]} - known
    rows = [_row(row, known, private) for row in document["rows"]]
    signs = reasons.of_document(document)
    urgency = reasons.shown_urgency(signs, document["assessment"]["urgency"], ADMIN)
    return {
        **open_part,
        "rows": [row for row in rows if row is not None],
        "assessment": open_part["assessment"] | {"urgency": urgency},
    }


def reduced(contents: Contents) -> Contents:
    """The contents for who may not read private answers: masked, and without the PDF.

    A decision about a private danger sign is as private as the sign; of any other, the doctor's
    own words stay behind.
    """
    hides_all = reasons.of_document(contents.document).closed_to(ADMIN)
    decision = None if hides_all else contents.decision
    return replace(
        contents,
        document=masked(contents.document),
        decision=decision and replace(decision, reason=""),
        pdf=None,
    )


def _row(row: Plain, known: Set[str], private: Set[str]) -> Plain | None:
    if row["key"] in known:
        return row
    question = BY_KEY.get(row["key"])
    if question is None or not question.private or _tells(row["key"], private):
        return None
    return {**row, "status": MASKED}


def _tells(key: str, private: Set[str]) -> bool:
    """Whether a question is asked only after a private answer, and so gives it away."""
    return any(part.key in private for each in BY_KEY[key].when for part in each.parts)
