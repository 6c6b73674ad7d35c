"""One page of the questionnaire as a form: what was posted, what it means, what is wrong with it.

The macros in `templates/macros/fields.html` draw it. The token against foreign forms is checked
for every route in `security`, so these forms carry none of their own.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms.fields.core import Field, UnboundField
from wtforms.form import BaseForm
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from intake.questionnaire.model import (
    CHOOSING_MANY,
    NOT_SURE,
    WRITING,
    Answers,
    Choice,
    Kind,
    Question,
    Step,
    Value,
    all_hold,
    codes_in,
    could_hold,
)
from intake.questionnaire.path import keys_of, offered
from intake.questionnaire.values import MAX_COMBINING, Fault, fault, normalise, printable
from intake.web.followups import asks, numbers_of
from intake.web.language import translated
from intake.web.questionnaire import RESPONDENT

DIGITS = re.compile(r"[0-9]{1,6}")
DATES = frozenset({Kind.DATE, Kind.PARTIAL_DATE})
NUMBERS = frozenset({Kind.SCALE, Kind.NUMBER})
DATE_PARTS = ("year", "month", "day")
UNSURE = "not_sure"
LACKING = "lacking:"
MONTHS = 12
MOST_DAYS = 31

TICK_ALL = "Tick all that fit."
"""Said once: by the page's own words or else at each question."""

MOST_NAMED = 3
"""With more answers than this, a follow-up question does not name those it follows."""

Raw = Mapping[str, Sequence[str]]
"""What stands in the inputs of one question, by the end of their names ("" or "year" …)."""


class AnswerField(Field):
    """The inputs of one question; `data` is the answer's value, None if blank or malformed."""

    def __init__(
        self, question: Question, options: tuple[Choice, ...], today: date, **kwargs: Any
    ) -> None:
        self.question = question
        self.options = options
        self.today = today
        self.raw: Raw = {}
        self.fault: str | None = None
        self.page: StepForm
        super().__init__(**kwargs)

    # What only a page that is drawn needs is worked out then: most forms are read and never shown.

    @property
    def only_if(self) -> str:
        """For browsers that cannot hide a follow-up question: when it matters."""
        return self.page.only_if(self.question)

    @property
    def says_tick_all(self) -> bool:
        """Whether this question must say so, as the page's words do not."""
        return not self.page.says_tick_all

    @property
    def recall(self) -> str:
        """Why we ask again what an earlier page was told."""
        return self.page.recall(self.question)

    @property
    def stands_on(self) -> str:
        """The numbers of what must be ticked on this page for the question to be asked."""
        return numbers_of(self.page.step, self.question)

    def asks(self, value: str) -> str:
        """The numbers of what a ticked value asks for on this page."""
        return asks(self.page.step, self.name, value)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take what was posted or, without a post, the stored answer."""
        self.process_errors = []
        stored = None if data is unset_value else data
        self.raw = _raw_value(self.question, stored) if formdata is None else self._posted(formdata)
        self.data, self.fault = self._read()

    def _posted(self, formdata: Any) -> Raw:
        ends = {"": self.name} | {end: f"{self.name}-{end}" for end in (UNSURE, *DATE_PARTS)}
        return {end: formdata.getlist(name) for end, name in ends.items()}

    def _read(self) -> tuple[Value | None, str | None]:
        value, problem = _read(self.question, self.raw, self.options)
        if problem or value is None:
            return None, problem
        wrong = fault(self.question, value, self.options, self.today)
        return (None, str(wrong)) if wrong else (value, None)

    def pre_validate(self, form: BaseForm) -> None:
        if self.fault:
            raise ValidationError(message(self.question, self.fault, len(normalise(self.text))))

    @property
    def is_blank(self) -> bool:
        """Whether nothing was filled in, as against something malformed."""
        return self.data is None and self.fault is None

    @property
    def text(self) -> str:
        """What stands in the one input of a text or number."""
        return self.part("")

    @property
    def unsure(self) -> bool:
        """Whether the box "Not sure" is ticked."""
        return bool(self.raw.get(UNSURE))

    def part(self, end: str) -> str:
        """What stands in one input, without signs that nobody sees."""
        return without_hidden((self.raw.get(end) or [""])[0])

    def is_wrong(self, part: str) -> bool:
        """Whether what is wrong concerns this box of a date; what names no box concerns all."""
        boxes = wrong_boxes(self.fault)
        return not part or not boxes or part in boxes

    def ticked(self, code: str) -> bool:
        """Whether a choice is ticked."""
        return code in self.raw.get("", ())


class StepForm(BaseForm):
    """A page's form. `accept()` gives all answers as they stand after this page."""

    def __init__(
        self,
        step: Step,
        stored: Answers,
        before: Answers,
        today: date,
        posted: MultiDict[str, str] | None = None,
        *,
        every_choice: bool = False,
    ) -> None:
        """`stored` are all answers so far, `before` those that count for what this page asks.

        `every_choice`: offer all choices where they would depend on answers that are out of reach.
        """
        self.step = step
        self.stored = stored
        self.before = {key: value for key, value in before.items() if key not in _keys(step)}
        super().__init__(
            [
                (question.key, self._field(question, today, every_choice))
                for question in _possible(step, self.before, every_choice)
            ]
        )
        self.by_carer = before.get(RESPONDENT) == "carer"
        for field in self.fields:
            field.page = self
        shown = {
            key: stored[key] for key in _keys(step) & stored.keys() if not _is_private(step, key)
        }
        self.process(posted, data=shown)

    @property
    def says_tick_all(self) -> bool:
        """Whether the page's own words say that all that fits may be ticked."""
        intro = (self.by_carer and self.step.carer_intro) or self.step.intro
        return any(TICK_ALL in text for text in intro)

    def _field(self, question: Question, today: date, every_choice: bool) -> UnboundField[Any]:
        options = question.options if every_choice else offered(question, self.before)
        return UnboundField(AnswerField, question, options, today)

    def recall(self, question: Question) -> str:
        """Why a question is asked again; "" where no earlier page was told as much."""
        told = any(when.holds(self.before) for when in question.recalls)
        return translated(question.recall_text) if told else ""

    def only_if(self, question: Question) -> str:
        """In words, what on this page opens a question; "" where nothing does."""
        asked = {each.key: each for each in self.step.questions}
        here = [part for each in question.when for part in each.parts if part.key in asked]
        if not here:
            return ""
        choices = (asked[here[-1].key].choice(code) for code in sorted(here[-1].values))
        texts = [translated(choice.text) for choice in choices if choice]
        if not texts or len(texts) > MOST_NAMED:
            return _("Only if you answered the question above.")
        return _("Only if you answered above: %(answers)s.", answers=", ".join(texts))

    @property
    def fields(self) -> list[AnswerField]:
        """The questions in the order they are asked."""
        return [field for field in self if isinstance(field, AnswerField)]

    def is_kept(self, key: str) -> bool:
        """Whether a private answer is stored that the page does not show."""
        return _is_private(self.step, key) and key in self.stored

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every question that is asked; the errors stand at the fields."""
        asked = dict(self.before)
        for field in self.fields:
            field.errors = []
            if not all_hold(field.question.when, asked):
                continue
            field.validate(self)
            value = self._value(field)
            if value is not None:
                asked[field.name] = value
            elif field.question.required and field.is_blank:
                field.errors = [*field.errors, message(field.question, "missing")]
        self._demand_one_of(asked)
        return not any(field.errors for field in self.fields)

    def accept(self) -> dict[str, Value]:
        """All answers, with what is well-formed on this page put in and what is blank taken out.

        What a question holds that is not asked just now stays: it counts for nothing, and is
        there again if the person goes back on the answer that hid it.
        """
        answers = dict(self.stored)
        for field in self.fields:
            value = self._value(field)
            if value is None:
                answers.pop(field.name, None)
            else:
                answers[field.name] = value
        return answers

    def errors_in_order(self) -> Iterator[tuple[str, str]]:
        """(id of an input, message) of everything that keeps the page from going on.

        Away from its question, a message that does not name it needs its name.
        """
        for field in self.fields:
            for error in field.errors:
                text = str(error)
                yield first_input(field), f"{self._name(field)}: {text}" if field.fault else text

    def _name(self, field: AnswerField) -> str:
        question = field.question
        text = (self.by_carer and question.carer_text) or question.text
        whole = translated(text)
        name = whole.strip("¿?.: ")
        # A question inside a text keeps both of its signs.
        return whole if "¿" in name else name

    def _value(self, field: AnswerField) -> Value | None:
        if field.is_blank and self.is_kept(field.name):
            return self.stored[field.name]
        value: Value | None = field.data
        return value

    def _demand_one_of(self, asked: Answers) -> None:
        """Say at the first of them that at least one of some questions needs an answer."""
        fields = [field for field in self.fields if field.name in self.step.one_of]
        # A malformed answer has its own message.
        if not fields or any(field.name in asked or field.errors for field in fields):
            return
        text = translated(self.step.one_of_error) or _("Fill in at least one of these.")
        fields[0].errors = [text]


def first_input(field: AnswerField) -> str:
    """The id of the input that a link to a question leads to."""
    question = field.question
    if boxes := wrong_boxes(field.fault):
        return f"{question.key}-{boxes[0]}"
    if question.kind is Kind.DATE:
        return f"{question.key}-month"
    if question.kind is Kind.PARTIAL_DATE:
        return f"{question.key}-year" if question.finest == "year" else f"{question.key}-month"
    if question.kind in WRITING or question.kind is Kind.NUMBER:
        return question.key
    if question.kind is Kind.SCALE:
        return f"{question.key}-{question.low}"
    return f"{question.key}-{field.options[0].code}" if field.options else f"q-{question.key}"


def field_names(step: Step) -> list[str]:
    """Every name under which the inputs of a page are posted, private ones left out."""
    ends = ("", *(f"-{end}" for end in (UNSURE, *DATE_PARTS)))
    return [
        question.key + end
        for question in step.questions
        for end in ends
        if not _is_private(step, question.key)
    ]


def as_posted(question: Question, value: Value | None) -> dict[str, Sequence[str]]:
    """What the inputs of one question would post for a stored answer, by their names."""
    raw = _raw_value(question, value)
    return {f"{question.key}-{end}" if end else question.key: raw[end] for end in raw}


def _keys(step: Step) -> frozenset[str]:
    return keys_of(step)


def _is_private(step: Step, key: str) -> bool:
    return any(
        question.key == key and (step.private or question.private) for question in step.questions
    )


def _possible(step: Step, before: Answers, every_choice: bool) -> Iterator[Question]:
    """The questions that are asked, or would be by an answer on this same page."""
    here = _keys(step)
    for question in step.questions:
        if every_choice or could_hold(question.when, before, here):
            yield question


# --- Inputs to values --------------------------------------------------------------------------


def _read(
    question: Question, raw: Raw, options: tuple[Choice, ...]
) -> tuple[Value | None, str | None]:
    """(value, problem): a value may still be out of bounds; a problem is about its form."""
    if question.kind in CHOOSING_MANY:
        return _read_codes(raw.get("", ()), options)
    if question.kind is Kind.CHOICE:
        return _read_code(raw.get("", ()))
    value, problem = _read_written(question, raw)
    unsure = bool(raw.get(UNSURE)) or list(raw.get("", ())) == [NOT_SURE]
    if not unsure or not question.offers_not_sure:
        return value, problem
    blank = value is None and problem is None
    return (NOT_SURE, None) if blank or raw.get("") == [NOT_SURE] else (None, "both")


def _read_codes(
    posted: Sequence[str], options: tuple[Choice, ...]
) -> tuple[Value | None, str | None]:
    known = [option.code for option in options if option.code in posted]
    if set(posted) - set(known):
        return None, str(Fault.CHOICE)
    return (known or None), None


def _read_code(posted: Sequence[str]) -> tuple[Value | None, str | None]:
    if len(posted) > 1:
        return None, str(Fault.KIND)
    return (posted[0], None) if posted else (None, None)


def _read_written(question: Question, raw: Raw) -> tuple[Value | None, str | None]:
    if question.kind in DATES:
        return _read_date(question, raw)
    text = normalise((raw.get("") or [""])[0])
    if not text:
        return None, None
    if question.kind is Kind.LINE:
        # Dictation and pasting break lines where a person would not.
        return " ".join(text.split("\n")), None
    if question.kind not in NUMBERS:
        return text, None
    text = _without_unit(text, question)
    return (int(text), None) if DIGITS.fullmatch(text) else (None, str(Fault.KIND))


def _without_unit(text: str, question: Question) -> str:
    """A number as it is dictated: "12 weeks." is 12; "3 months" stays as it is, and wrong."""
    units = {question.unit.casefold(), translated(question.unit).casefold()}
    number, _, word = text.removesuffix(".").partition(" ")
    return number if word.strip().casefold() in units | {""} else text


def _read_date(question: Question, raw: Raw) -> tuple[Value | None, str | None]:
    year, month, day = ((raw.get(part) or [""])[0].strip() for part in DATE_PARTS)
    if not (year or month or day):
        return None, None
    problem = _date_problem(question, year, month, day)
    if problem:
        return None, problem
    parts = [year, *(part.zfill(2) for part in (month, day) if part)]
    return "-".join(parts), None


def _date_problem(question: Question, year: str, month: str, day: str) -> str | None:
    """The first thing wrong with the boxes of a date, from left to right."""
    if not all(DIGITS.fullmatch(part) for part in (year, month, day) if part):
        return str(Fault.DATE)
    if month and not 1 <= int(month) <= MONTHS:
        return "month"
    if day and not 1 <= int(day) <= MOST_DAYS:
        return "day"
    if year and (len(year) != len("2026") or int(year) == 0):
        return "year"
    is_whole = question.kind is Kind.DATE
    boxes = {"month": month or not (is_whole or day), "day": day or not is_whole, "year": year}
    lacking = [name for name, filled in boxes.items() if not filled]
    if lacking:
        return LACKING + ",".join(lacking)
    if month and day and int(day) > monthrange(int(year), int(month))[1]:
        return "day_of_month"
    return None


def wrong_boxes(fault: str | None) -> list[str]:
    """The boxes of a date that a fault is about; empty if it names none."""
    if fault is None:
        return []
    if fault.startswith(LACKING):
        return fault.removeprefix(LACKING).split(",")
    return {"day_of_month": ["day"]}.get(fault, [fault] if fault in DATE_PARTS else [])


def without_hidden(text: str) -> str:
    """The text without what `printable` refuses, so that it can be sent as it is shown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if printable(text):
        return text
    kept: list[str] = []
    for character in text:
        if printable("".join(kept[-MAX_COMBINING:]) + character):
            kept.append(character)
    return "".join(kept)


def _raw_value(question: Question, value: Value | None) -> Raw:
    """What stands in the inputs for a stored answer."""
    if value is None:
        return {}
    if question.kind in DATES and value != NOT_SURE:
        return dict(zip(DATE_PARTS, ([part] for part in str(value).split("-")), strict=False))
    if value == NOT_SURE and question.kind in (DATES | WRITING | {Kind.NUMBER}):
        return {UNSURE: ["1"]}
    return {"": [str(code) for code in codes_in(value)]}


# --- Messages ----------------------------------------------------------------------------------

_MESSAGES = {
    Fault.ALONE: _l("You ticked “None” and something else too. Keep only what is right."),
    Fault.FUTURE: _l("This date is still to come. Check the date."),
    Fault.TOO_EARLY: _l("This date is too long ago. Check the year."),
    Fault.CHARACTERS: _l(
        "There were hidden signs in your words. We took them out. Look it over and press "
        "Continue. Or type it again with letters only."
    ),
    Fault.PHONE: _l("Write the phone number with digits, such as (212) 555-0100."),
    Fault.EMAIL: _l("Write the e-mail address like this: name@example.com."),
    "both": _l("You wrote an answer and ticked “Not sure”. Keep only one of the two."),
    "month": _l("The month must be from 1 to 12."),
    "day": _l("The day must be from 1 to 31."),
    "day_of_month": _l("That day does not exist in that month."),
    "year": _l("Write the year with four digits, such as 2019."),
}

_BOXES = {"month": _l("month"), "day": _l("day"), "year": _l("year")}


def message(question: Question, problem: str, count: int = 0) -> str:
    """What is wrong and what to do, in the patient's words; `count`: characters written."""
    own = translated(question.error)
    if problem == Fault.TOO_LONG:
        most = question.max_characters
        return _("%(count)s characters. Keep it to %(most)s.", count=count, most=most)
    if problem.startswith(LACKING):
        boxes = [str(_BOXES[box]) for box in problem.removeprefix(LACKING).split(",")]
        return _("Fill in what is missing: %(boxes)s.", boxes=", ".join(boxes))
    if problem == Fault.LINES:
        return _("Those are too many lines. Put some of them together.")
    if problem == Fault.RANGE:
        return _("Choose a number from %(low)s to %(high)s.", low=question.low, high=question.high)
    if problem in _MESSAGES:
        return str(_MESSAGES[problem])
    return own or _fallback(question)


def _fallback(question: Question) -> str:
    if question.kind in DATES:
        return _("Check the date. Use numbers only.")
    if question.kind in NUMBERS:
        return _("Write a whole number.")
    if question.kind in WRITING:
        return _("Fill this in.")
    return _("Choose one of the answers.")
