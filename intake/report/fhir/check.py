"""Whether a QuestionnaireResponse fits the questionnaire of today, told problem by problem.

Fitting a schema is not enough: an answer to a question that was not asked, or a code that is no
choice, is valid FHIR and still wrong.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from intake.questionnaire import BY_KEY, STEPS, VERSION
from intake.questionnaire.handed_in import MAX_BYTES, AnswersFileError, HandedIn
from intake.questionnaire.model import (
    CHOOSING,
    CHOOSING_MANY,
    NOT_SURE,
    Question,
    Value,
    codes_in,
)
from intake.questionnaire.path import missing, prune
from intake.questionnaire.values import Fault, fault
from intake.report.fhir import names
from intake.report.fhir.names import Json, answer_codes
from intake.report.fhir.questionnaire import TYPES, Translators, questionnaire

DEEPEST = 10
_VALUES = {
    "choice": "valueCoding",
    "integer": "valueInteger",
    "date": "valueDate",
    "string": "valueString",
    "text": "valueString",
}
_SAID = {
    Fault.KIND: "is not of the question's kind",
    Fault.CHOICE: "is no option of the question",
    Fault.ALONE: "mixes an option that excludes all others with others",
    Fault.RANGE: "lies outside of minValue and maxValue",
    Fault.DATE: "is no date of the fineness that was asked",
    Fault.FUTURE: "lies after the response itself",
    Fault.TOO_EARLY: "lies before 1900",
    Fault.TOO_LONG: "is longer than maxLength",
    Fault.LINES: "has too many lines",
    Fault.CHARACTERS: "holds characters that cannot be shown",
    Fault.PHONE: "is no phone number",
    Fault.EMAIL: "is no e-mail address",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `link_id` is "" where it is the response as a whole.

    Names what is wrong and never the answer itself.
    """

    link_id: str
    what: str

    def __str__(self) -> str:
        return f"{self.link_id}: {self.what}" if self.link_id else self.what


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a linkId stands in the questionnaire: its turn, and the group around it."""

    turn: int
    group: str


@dataclass(frozen=True, slots=True)
class _Read:
    """Answers by key, and the keys whose answer is masked or was not asked for."""

    answers: dict[str, Value]
    withheld: frozenset[str]


def check(response: Any, said: Translators | None = None) -> list[Problem]:
    """Everything that is wrong with a response, in its own order; `said` knows other languages."""
    if not isinstance(response, dict) or response.get("resourceType") != "QuestionnaireResponse":
        return [Problem("", "is no QuestionnaireResponse")]
    items = list(_items(response))
    problems = [*_head(response), *_structure(items)]
    known = {item["linkId"]: item for item, _, _ in items if item.get("linkId") in BY_KEY}
    for key, item in known.items():
        problems += _item(BY_KEY[key], item, _day(response), said or {})
    if problems:
        return problems
    return _path(_read(known))


def read_response(response: Any, said: Translators | None = None) -> dict[str, Value]:
    """The answers by key; raises `AnswersFileError` that names each problem."""
    problems = check(response, said)
    if problems:
        raise AnswersFileError("\n".join(map(str, problems)))
    known = {item["linkId"]: item for item, _, _ in _items(response) if item["linkId"] in BY_KEY}
    return _read(known).answers


def handed_in(text: str, said: Translators | None = None) -> HandedIn | None:
    """The answers of a file that holds a QuestionnaireResponse; None for another kind of file."""
    if len(text) > MAX_BYTES:
        return None
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(plain, dict) or "resourceType" not in plain:
        return None
    return HandedIn(read_response(plain, said), ())


# --- The response as a whole --------------------------------------------------------------------


def _head(response: Json) -> Iterator[Problem]:
    wanted = f"{names.QUESTIONNAIRE}|{VERSION}"
    if response.get("questionnaire") != wanted:
        yield Problem("", f"answers another questionnaire or version than {wanted}")
    if response.get("status") not in ("completed", "amended"):
        yield Problem("", "is neither completed nor amended")
    if _day(response) is None:
        yield Problem("", "does not say when it was authored")


def _day(response: Json) -> date | None:
    try:
        return datetime.fromisoformat(response["authored"]).date()
    except (KeyError, TypeError, ValueError):
        return None


def _items(parent: Json, group: str = "", depth: int = 0) -> Iterator[tuple[Json, str, int]]:
    """Every item with the linkId of the group around it and its number there."""
    inside = parent.get("item", [])
    if not isinstance(inside, list) or depth > DEEPEST:
        return
    for number, item in enumerate(inside):
        if not isinstance(item, dict):
            continue
        yield item, group, number
        yield from _items(item, str(item.get("linkId")), depth + 1)


@cache
def _places() -> Mapping[str, _Place]:
    found = enumerate(_items(questionnaire()))
    return {item["linkId"]: _Place(turn, group) for turn, (item, group, _) in found}


def _structure(items: Sequence[tuple[Json, str, int]]) -> Iterator[Problem]:
    met: set[str] = set()
    last = {"": -1}
    for item, group, _ in items:
        link_id = item.get("linkId")
        place = _places().get(link_id) if isinstance(link_id, str) else None
        if place is None or not isinstance(link_id, str):
            yield Problem(_short(link_id), "is no linkId of the questionnaire")
            continue
        if link_id in met:
            yield Problem(link_id, "stands twice")
            continue
        met.add(link_id)
        if place.group != group:
            yield Problem(link_id, "stands in another group than in the questionnaire")
        elif place.turn < last.get(group, -1):
            yield Problem(link_id, "stands after an item that the questionnaire has later")
        last[group] = max(last.get(group, -1), place.turn)


def _short(link_id: object) -> str:
    """An unknown linkId, unless it may be somebody's words."""
    text = str(link_id)
    return text if text.replace("_", "").replace(".", "").isalnum() and len(text) < 65 else "?"


# --- One item -----------------------------------------------------------------------------------


def _item(question: Question, item: Json, day: date | None, said: Translators) -> list[Problem]:
    problems = []
    if "text" in item and item["text"] not in _texts(question, said):
        problems.append("has another text than the questionnaire")
    answers = item.get("answer")
    if not isinstance(answers, list) or not answers:
        problems.append("has no answer; a blank one is left out")
    elif len(answers) > 1 and question.kind not in CHOOSING_MANY:
        problems.append("does not repeat and has several answers")
    else:
        problems += _answer_faults(question, answers, day)
    return [Problem(question.key, what) for what in problems]


def _texts(question: Question, said: Translators) -> set[str]:
    own = {question.text, question.carer_text or question.text}
    return own | {say(text) for say in said.values() for text in own}


def _answer_faults(question: Question, answers: list[Any], day: date | None) -> Iterable[str]:
    wanted = _VALUES[TYPES[question.kind]]
    for answer in answers:
        if not isinstance(answer, dict) or set(answer) - {wanted, f"_{wanted}"} or not answer:
            return [f"is no {wanted}"]
    if question.kind in CHOOSING and not all(_is_coding(question, each) for each in answers):
        return ["is no option of the question"]
    if any(reason in (names.NOT_ASKED, names.MASKED) for reason in map(_absent, answers)):
        return [] if len(answers) == 1 else ["has answers and says that it has none"]
    value = _value(question, answers)
    if value is None:
        return ["has no value and does not say why"]
    found = fault(question, value, question.options, day or date.max)
    return [_SAID[found]] if found else []


def _is_coding(question: Question, answer: Json) -> bool:
    coding = answer.get("valueCoding")
    if not isinstance(coding, dict):
        return False
    if "code" not in coding:
        return _absent(answer) is not None
    return coding.get("system") == answer_codes(question.key)


def _absent(answer: Json) -> str | None:
    """Why there is no value, as far as it is said."""
    for value in answer.values():
        if not isinstance(value, dict):
            continue
        for extension in value.get("extension", []):
            if isinstance(extension, dict) and extension.get("url") == names.ABSENT:
                return str(extension.get("valueCode"))
    return None


def _value(question: Question, answers: list[Json]) -> Any:
    values = [_single(each) for each in answers]
    if any(value is None for value in values):
        return None
    return values if question.kind in CHOOSING_MANY else values[0]


def _single(answer: Json) -> Any:
    """The value; "not sure" where the answer says that it was asked and is not known."""
    for name, value in answer.items():
        if name == "valueCoding" and "code" in value:
            return value["code"]
        if name != "valueCoding" and not name.startswith("_"):
            return value
    return NOT_SURE if _absent(answer) == names.NOT_KNOWN else None


# --- The path -----------------------------------------------------------------------------------


def _read(items: Mapping[str, Json]) -> _Read:
    withheld = {
        key
        for key, item in items.items()
        if _absent(item["answer"][0]) in (names.NOT_ASKED, names.MASKED)
    }
    answers = {
        key: _value(BY_KEY[key], item["answer"])
        for key, item in items.items()
        if key not in withheld
    }
    return _Read(answers, frozenset(withheld))


def _path(read: _Read) -> list[Problem]:
    """What the conditions forbid, and what is required and missing."""
    kept = prune(read.answers, STEPS)
    problems = [Problem(key, "is answered and was not to be asked") for key in kept.ignored]
    for key, value in kept.answers.items():
        if list(codes_in(value)) != list(codes_in(read.answers[key])):
            problems.append(Problem(key, "holds an option that was not on offer"))
    for _, key in missing(read.answers, STEPS):
        if key not in read.withheld:
            problems.append(Problem(key, "is required and missing"))
    return problems
