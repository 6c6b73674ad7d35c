"""Sealed documents for the tests of the report, and ways to read a PDF back."""

import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pikepdf

from intake.questionnaire import STEPS
from intake.questionnaire.model import CHOOSING, CHOOSING_MANY, NOT_SURE, Kind, Question
from intake.questionnaire.path import asked, offered
from intake.questionnaire.walk import SHORT, not_asked
from intake.report.document import ClinicHead, sent_document
from intake.scoring.needed import needed
from tests.unit.whole_patient import WHOLE

TODAY = date(2026, 6, 15)
SENT_AT = datetime(2026, 6, 15, 18, 30, tzinfo=UTC)
CLINIC = ClinicHead("Riverside Example Clinic", "(555) 555-0100")

Pick = Callable[[Question, list[str]], Any]


def document(answers: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A sealed document of `answers` (default: the whole patient)."""
    return sent_document(
        WHOLE if answers is None else answers,
        **{
            "today": TODAY,
            "sent_at": SENT_AT,
            "clinic": CLINIC,
            "reference": "R7K2-9MQF",
            "screened_at": "2026-06-15T18:02:00+00:00",
            **changes,
        },
    )


def whole(**changes: Any) -> dict[str, Any]:
    """The whole patient's answers with some changed; None leaves a question blank."""
    return {key: value for key, value in {**WHOLE, **changes}.items() if value is not None}


def short(**changes: Any) -> dict[str, Any]:
    """The sealed document of the whole patient on the short form."""
    answers = {key: value for key, value in whole(**changes).items() if key in needed()}
    draft: dict[str, Any] = {
        "answers": answers,
        "path": SHORT,
        "visited": [],
        "partly": {},
        "rest_after": None,
    }
    return document(answers, path=SHORT, not_asked=not_asked(draft, STEPS, needed()))


CARER = {
    "respondent": "carer",
    "private": None,
    "now_self_harm": None,
    "now_unsafe": None,
    "mood_interest": None,
    "mood_down": None,
    "carer_relation": "daughter",
    "carer_name": "Angela Example",
    "proxy": "me",
    "person_decides": "helped",
}


def of_both(*by_patient: str, **changes: Any) -> dict[str, Any]:
    """The sealed document of the whole patient, whose daughter gave all other answers."""
    answers = whole(**CARER, person_agrees="yes", **changes)
    return document(
        answers, by={key: "patient" if key in by_patient else "carer" for key in answers}
    )


def walked(pick: Pick) -> dict[str, Any]:
    """Answers of somebody who answers each question on the path with `pick(question, codes)`."""
    answers: dict[str, Any] = {}
    met: set[str] = set()
    while True:
        ahead = (question for _, question in asked(answers, STEPS) if question.key not in met)
        question = next(ahead, None)
        if question is None:
            return answers
        met.add(question.key)
        codes = [choice.code for choice in offered(question, answers)]
        value = pick(question, codes)
        if value is not None:
            answers[question.key] = value


def everything(words: str) -> Pick:
    """Every place, every danger sign, every list in full, and `words` to the last character."""

    def pick(question: Question, codes: list[str]) -> Any:
        if question.kind in CHOOSING:
            return _all_of(question, codes)
        if question.kind in (Kind.LINE, Kind.TEXT):
            return _written(question, words)
        return {
            Kind.DATE: "1957-03-09",
            Kind.PARTIAL_DATE: {"year": "2009"}.get(question.finest, "2026-05"),
        }.get(question.kind, question.high)

    return pick


def _all_of(question: Question, codes: list[str]) -> Any:
    if question.key == "respondent":
        return "carer"
    known = [code for code in codes if code != NOT_SURE]
    if question.kind in CHOOSING_MANY:
        together = [code for code in known if not (c := question.choice(code)) or not c.alone]
        return together or known
    return next((code for code in ("yes", "now", "confirmed") if code in known), known[-1])


def _written(question: Question, words: str) -> str:
    if question.input in ("tel", "email"):
        return {"tel": "(555) 555-0142", "email": "someone@example.com"}[question.input]
    longest = (words * question.max_characters)[: question.max_characters]
    return longest if question.kind is Kind.TEXT else longest.replace("\n", " ")


def unsure(question: Question, codes: list[str]) -> Any:
    """ "Not sure" wherever it is offered."""
    who = {"respondent": "self", "private": "yes", "name": "Una Sure", "born_on": "1970-01-01"}
    if question.key in who:
        return who[question.key]
    if not question.offers_not_sure:
        return None
    return [NOT_SURE] if question.kind in CHOOSING_MANY else NOT_SURE


def blank(question: Question, codes: list[str]) -> Any:
    """What must be answered, and nothing else."""
    who = {"respondent": "self", "name": "Blanche Example", "born_on": "1970-01-01"}
    return who.get(question.key)


def text_of(pdf: bytes, first: int = 1, last: int = 999, *, as_written: bool = False) -> str:
    """The text of some pages, ordered by where it stands, or `as_written` in the file."""
    order = ["-raw"] if as_written else []
    given = ["pdftotext", *order, "-f", str(first), "-l", str(last), "-", "-"]
    return subprocess.run(given, input=pdf, capture_output=True, check=True).stdout.decode()


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(pdf))
