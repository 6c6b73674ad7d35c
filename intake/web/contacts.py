"""How answers say that a person can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intake.report.document import CARERS_CONTACTS, CONTACTS

__all__ = ["CARERS_CONTACTS", "CONTACTS", "contacts", "text"]


def contacts(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(key, value) of the person's own; the carer's number where a carer is to be called."""
    own = [(key, said) for key in CONTACTS if (said := text(answers, key))]
    wanted, number = text(answers, "contact_person"), text(answers, "carer_phone")
    carers = [("carer_phone", number)] if number and wanted in {"me", "either"} else []
    return [*carers, *own] if wanted == "me" else [*own, *carers]


def text(answers: Mapping[str, Any], key: str) -> str:
    """What was written; "" where nothing was, or "not sure"."""
    value = answers.get(key)
    return value if isinstance(value, str) and value != "not_sure" else ""
