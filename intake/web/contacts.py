"""How answers say that a person can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONTACTS = ("phone", "email", "other_contact")
"""Keys of the ways to reach a person; none of them counts for who is not safe at home."""
CARERS_CONTACTS = ("contact_person", "carer_phone")
"""Whom the clinic should call, asked of a carer, and the carer's own number."""


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
