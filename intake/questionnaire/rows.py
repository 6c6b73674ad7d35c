"""Every question on the path with its answer in words: the one list for review, page and PDF."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from intake.questionnaire.model import (
    CHOOSING,
    NOT_SURE,
    WRITING,
    Answers,
    Choice,
    Kind,
    Question,
    Step,
    Value,
    codes_in,
    is_known,
)
from intake.questionnaire.path import asked, prune

ANSWERED, UNSURE, BLANK = "answered", "not_sure", "blank"
NOT_ASKED = "not_asked"
"""Of a sealed row: the short form left the question out. Its answer is not known, as a blank's."""
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


SCALE_WORDS = "{value} of {high}"


@dataclass(frozen=True, slots=True)
class Speech:
    """The language rows speak: how a text of the questionnaire is said there, and a date."""

    say: Callable[[str], str]
    date: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One question and its answer.

    `text` and `words` are what the patient read and chose, in the patient's language; `label`
    and `short` are the doctor's. `status` is ANSWERED, UNSURE or BLANK.
    """

    step: Step
    question: Question
    text: str
    words: str
    short: str
    status: str

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def label(self) -> str:
        return self.question.label


def rows(
    answers: Answers,
    steps: Sequence[Step],
    speech: Speech | None = None,
    by: Mapping[str, str] | None = None,
) -> tuple[Row, ...]:
    """A row for every question on the path, in order, blanks included; English by default.

    `by` says "patient" or "carer" of answers, so that each stands beside the words it was asked
    in; without it all were asked in the words for whoever has the form now.
    """
    kept = prune(answers, steps).answers
    now = "carer" if kept.get("respondent") == "carer" else "patient"
    givers = by or {}
    return tuple(
        _row(
            step,
            question,
            kept.get(question.key),
            givers.get(question.key, now) == "carer",
            speech or ENGLISH,
        )
        for step, question in asked(kept, steps)
    )


def _row(
    step: Step, question: Question, value: Value | None, by_carer: bool, speech: Speech
) -> Row:
    return Row(
        step=step,
        question=question,
        text=speech.say((by_carer and question.carer_text) or question.text),
        words=in_words(question, value, speech),
        short=in_short(question, value),
        status=_status(value),
    )


def _status(value: Value | None) -> str:
    if value is None:
        return BLANK
    return ANSWERED if is_known(value) else UNSURE


def in_words(question: Question, value: Value | None, speech: Speech | None = None) -> str:
    """The answer as the patient gave it; "" if blank. Several choices stand on lines."""
    speech = speech or ENGLISH
    if value is None:
        return ""
    if question.kind in CHOOSING:
        return "\n".join(speech.say(choice.text) for choice in _chosen(question, value))
    if value == NOT_SURE:
        return speech.say(question.not_sure_text)
    return _written(question, value, speech)


def in_short(question: Question, value: Value | None) -> str:
    """The answer in the doctor's short words; "" if blank."""
    if value is None:
        return ""
    if question.kind in CHOOSING:
        return ", ".join(choice.short for choice in _chosen(question, value))
    return "not sure" if value == NOT_SURE else _written(question, value, ENGLISH)


def _chosen(question: Question, value: Value) -> list[Choice]:
    return [choice for code in codes_in(value) if (choice := question.choice(code))]


def _written(question: Question, value: Value, speech: Speech) -> str:
    if question.kind in WRITING:
        return str(value)
    if question.kind in (Kind.DATE, Kind.PARTIAL_DATE):
        return speech.date(str(value))
    if question.kind is Kind.SCALE:
        return speech.say(SCALE_WORDS).format(value=value, high=question.high)
    return f"{value} {question.unit and speech.say(question.unit)}".strip()


def date_in_words(partial: str) -> str:
    """ "2026" as it is, "2026-03" as "March 2026", "2026-03-09" as "March 9, 2026"."""
    parts = partial.split("-")
    if len(parts) == 1:
        return partial
    month = _MONTHS[int(parts[1]) - 1]
    return f"{month} {parts[0]}" if len(parts) == 2 else f"{month} {int(parts[2])}, {parts[0]}"


def day_in_words(day: date) -> str:
    return date_in_words(day.isoformat())


ENGLISH = Speech(say=str, date=date_in_words)
