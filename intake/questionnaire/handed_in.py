"""Answers that come as a file instead of through the form.

The file is ``{"answers": {key: value}, "shown": [{"card": "E1", "at": "2026-11-22T09:00Z"}]}``;
``shown`` may be left out. Values look as `Kind` says.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from intake.questionnaire import BY_KEY
from intake.questionnaire.cards import CARDS
from intake.questionnaire.model import CHOOSING, NOT_SURE, Kind, Question, Value
from intake.questionnaire.values import Fault, fault, normalise

MAX_BYTES = 1_000_000


class AnswersFileError(ValueError):
    """The file cannot be used; the message names each fault and where it stands."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The answers by key, and the care cards that were shown, each with "card" and "at"."""

    answers: dict[str, Value]
    shown: tuple[dict[str, str], ...]


def read_answers(text: str, today: date) -> HandedIn:
    """Read an answers file; raises `AnswersFileError`. Dates may be in the future."""
    plain = _parsed(text)
    faults = [f"{name}: not known here; a file has answers and shown" for name in _extra(plain)]
    answers = plain.get("answers")
    if not isinstance(answers, dict):
        raise AnswersFileError("answers: must be an object of key and value")
    kept = {key: _cleaned(value) for key, value in answers.items() if value is not None}
    faults += [said for key, value in kept.items() if (said := _answer_fault(key, value, today))]
    shown = plain.get("shown", [])
    faults += _shown_faults(shown)
    if faults:
        raise AnswersFileError("\n".join(faults))
    return HandedIn(kept, tuple(shown))


def _parsed(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise AnswersFileError(f"the file is larger than {MAX_BYTES:,} bytes")
    try:
        plain = json.loads(text, object_pairs_hook=_without_doubles)
    except RecursionError:
        raise AnswersFileError("the file is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise AnswersFileError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    if not isinstance(plain, dict):
        raise AnswersFileError("the file must hold one object with answers")
    return plain


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise AnswersFileError(f"{doubled}: stands twice")
    return seen


def _extra(plain: dict[str, Any]) -> Iterable[str]:
    return sorted(set(plain) - {"answers", "shown"})


def _cleaned(value: Any) -> Any:
    return normalise(value) if isinstance(value, str) else value


def _answer_fault(key: str, value: Any, today: date) -> str | None:
    question = BY_KEY.get(key)
    if question is None:
        near = get_close_matches(key, BY_KEY, 1)
        return f"answers.{key}: no such question" + (f"; is it {near[0]}?" if near else "")
    found = fault(question, value, question.options, today)
    if found is None or found is Fault.FUTURE:
        return None
    return f"answers.{key}: {_wanted(question, found)}"


def _wanted(question: Question, found: Fault) -> str:
    if question.kind in CHOOSING and found is not Fault.ALONE:
        many = "a list out of" if question.kind is not Kind.CHOICE else "one of"
        return f"must be {many} {', '.join(option.code for option in question.options)}"
    tail = f', or "{NOT_SURE}"' if question.offers_not_sure else ""
    return f"{_FORMS[found].format(question=question)}{tail}"


_FORMS = {
    Fault.KIND: "must be a {question.kind.value}",
    Fault.CHOICE: "is no choice of this question",
    Fault.ALONE: "holds a choice that excludes all others",
    Fault.RANGE: "must be a whole number from {question.low} to {question.high}",
    Fault.DATE: 'must be a date such as "2026-03-09", as fine as {question.finest} at most',
    Fault.TOO_EARLY: "lies before 1900",
    Fault.TOO_LONG: "is longer than {question.max_characters} characters",
    Fault.LINES: "has too many lines",
    Fault.CHARACTERS: "holds characters that cannot be shown",
    Fault.PHONE: "is no phone number",
    Fault.EMAIL: "is no e-mail address",
}


def _shown_faults(shown: Any) -> list[str]:
    if not isinstance(shown, list):
        return ["shown: must be a list"]
    return [said for number, each in enumerate(shown) if (said := _shown_fault(number, each))]


def _shown_fault(number: int, each: Any) -> str | None:
    if not isinstance(each, dict) or not {"card", "at"} <= set(each) <= {"card", "at", "level"}:
        return f"shown[{number}]: must have card and at"
    if each["card"] not in CARDS:
        return f"shown[{number}].card: must be one of {', '.join(CARDS)}"
    try:
        at = datetime.fromisoformat(each["at"])
    except (TypeError, ValueError):
        return f"shown[{number}].at: must be a time such as 2026-03-09T14:30:00Z"
    return None if at.tzinfo else f"shown[{number}].at: must name its time zone, such as Z"
