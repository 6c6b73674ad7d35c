"""A further version of a sent response, as its pages make it: the document, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import force_locale

from intake.questionnaire.model import Answers
from intake.questionnaire.values import first_day
from intake.report.amended import amended_document
from intake.report.document import ClinicHead, has_private_sign
from intake.store.finding import Owner, Owners
from intake.store.responses import SentResponse
from intake.web.language import speech
from intake.web.questionnaire import BORN_ON, NAME
from intake.web.visit import clinic

Plain = dict[str, Any]
CALL, NEW = "call", "new"


def next_document(
    found: SentResponse,
    answers: Answers,
    *,
    by: str,
    today: date,
    shown: Sequence[Mapping[str, str]] = (),
    screened_at: str | None = None,
    earlier_screens: Sequence[Mapping[str, Any]] = (),
) -> Plain:
    """The document with these answers, its rows in the language of the first one."""
    here, old = clinic(), found.document
    with force_locale(str(old["language"]).replace("-", "_")):
        return amended_document(
            old,
            answers,
            by=by,
            today=today,
            clinic=ClinicHead(here.name, here.phone, here.paper, here.time_zone),
            speech=speech(),
            shown=shown,
            screened_at=screened_at,
            earlier_screens=earlier_screens,
        )


def changed_urgency(old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """The new urgency; None where the rules find the same, so that a doctor's own stays."""
    urgency: str = new["assessment"]["urgency"]
    is_same = urgency == old["assessment"]["urgency"]
    return None if is_same and has_private_sign(old) == has_private_sign(new) else urgency


def needs_call(document: Mapping[str, Any]) -> bool:
    """Whether somebody must be called today: urgent signs, or a private one."""
    urgency = document["assessment"]["urgency"]
    return urgency in {"emergency", "same_day"} or has_private_sign(document)


def lane_after_correction(old: Mapping[str, Any], new: Mapping[str, Any]) -> Callable[[str], str]:
    """Where a corrected response goes: it stays, unless the call for today came or went."""
    was, now = needs_call(old), needs_call(new)

    def moved(lane: str) -> str:
        if now and not was:
            return CALL
        return NEW if was and not now and lane == CALL else lane

    return moved


def lane_after_answer(new: Mapping[str, Any]) -> Callable[[str], str]:
    """A response that was answered again is there to be read anew, or to be called."""
    return lambda _lane: CALL if needs_call(new) else NEW


def owners(old: Mapping[str, Any], new: Mapping[str, Any]) -> Owners | None:
    """By whom the response is found, if that changed."""
    was, now = _owner(old["answers"]), _owner(new["answers"])
    return None if was == now else Owners(was, now)


def _owner(answers: Answers) -> Owner:
    return Owner(str(answers.get(NAME) or ""), first_day(str(answers.get(BORN_ON) or "")))
