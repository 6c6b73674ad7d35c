"""Who gave each answer, and private answers that a change of hands takes off the path."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from intake.questionnaire.model import Answers
from intake.web.questionnaire import PRIVATE, RESPONDENT, questionnaire

PATIENT, CARER, STAFF = "patient", "carer", "staff"


def note(document: dict[str, Any], before: Answers, at: datetime) -> None:
    """Note in a draft who gave the answers that are new, and keep what must not be lost."""
    _note_givers(document, before)
    _set_private_aside(document, before, at)


def confirm(document: dict[str, Any], keys: Iterable[str]) -> None:
    """What staff had filled in is whose who left it so, after reading it over."""
    by, giver = document["by"], _giver(document)
    by.update({key: giver for key in keys if by.get(key) == STAFF})


def _giver(document: dict[str, Any]) -> str:
    if document.get("typist"):
        return STAFF
    return CARER if document["answers"].get(RESPONDENT) == "carer" else PATIENT


def _note_givers(document: dict[str, Any], before: Answers) -> None:
    answers, by = document["answers"], document["by"]
    giver = _giver(document)
    by.update({key: giver for key, value in answers.items() if before.get(key) != value})
    for key in set(by) - set(answers):
        del by[key]


def _set_private_aside(document: dict[str, Any], before: Answers, at: datetime) -> None:
    """Keep private danger signs for the doctor when somebody else takes over.

    Their questions are asked only of a person who is alone, so they leave the path with them.
    """
    answers: Answers = document["answers"]
    if all(answers.get(key) == before.get(key) for key in (RESPONDENT, PRIVATE)):
        return
    asked = questionnaire()
    counted, counts = asked.on_path(before), asked.on_path(answers)
    gone = {key: counted[key] for key in asked.private_screen_keys & (counted.keys() - counts)}
    if gone:
        said_at = document["screened_at"] or at.isoformat()
        document["earlier_screens"].append({"at": said_at, "answers": gone})
