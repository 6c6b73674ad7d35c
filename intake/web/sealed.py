"""What is sealed when a response is sent: answers, rows, assessment, and what the page prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


from intake.questionnaire.rows import Row, rows
from intake.web import care
from intake.web.questionnaire import questionnaire
from intake.web.visit import clinic, flags, now, today

if TYPE_CHECKING:
    from intake.web.visit import Visit


def sealed_document(visit: Visit) -> dict[str, Any]:
    """The document of version 1; answers that are not on the path are left behind."""
    asked = questionnaire()
    answers, document = visit.answers, visit.document
    return {
        "answers": answers,
        "rows": [_row(row) for row in rows(answers, asked.steps)],
        "assessment": {"urgency": care.urgency(flags(document))},
        "shown": document["shown"],
        "screened_at": document["screened_at"],
        "earlier_screens": document["earlier_screens"],
        "questionnaire_version": asked.version,
        "rules_version": "",
        "language": document["language"],
        "sent_at": now().isoformat(),
        "today": today().isoformat(),
        "clinic": _printed_clinic(),
    }


def _row(row: Row) -> dict[str, str]:
    return {
        "key": row.key,
        "page": row.step.title,
        "text": row.text,
        "words": row.words,
        "label": row.label,
        "short": row.short,
        "status": row.status,
    }


def _printed_clinic() -> dict[str, Any]:
    here = clinic()
    return {
        "slug": here.slug,
        "name": here.name,
        "phone": here.phone,
        "address": here.address,
        "time_zone": here.time_zone,
        "paper": here.paper,
    }


