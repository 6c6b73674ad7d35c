"""The words in which the questionnaire is declared.

Limits that keep this module small:

- nine kinds of answer (`Kind`), no tenth;
- a `When` is one key and a set of values; several are joined by AND;
- an `AnyOf` is a list of them joined by OR, and holds no second list;
- both look backwards only, at questions asked earlier; an `AnyOf`, and a `When` that holds for
  unknown answers too, at earlier pages only, because a page itself opens a question by a tick;
- nothing says "unless": what is left out is named by the values that keep a question, and
  `or_unknown` sees to it that silence does not leave it out;
- no expressions and no loops: repeated keys such as ``left_wrist_strength`` come from one function.

Anything cleverer is a named Python function.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | Sequence[str]
Answers: TypeAlias = Mapping[str, Value]

NOT_SURE = "not_sure"
MAX_CHARACTERS = 2000
MAX_LINES = 40


class Kind(StrEnum):
    """How a question is answered, and so what its value looks like."""

    CHOICE = "choice"
    """One code out of `choices`."""
    CHOICES = "choices"
    """A list of codes; "none" stands alone, "not_sure" may stand beside others."""
    PLACES = "places"
    """As CHOICES, drawn as a body map."""
    SCALE = "scale"
    """A whole number from 0 to 10."""
    NUMBER = "number"
    """A whole number from `low` to `high`, in `unit`."""
    DATE = "date"
    """A whole date, "2026-03-09"."""
    PARTIAL_DATE = "partial_date"
    """"2026", "2026-03" or "2026-03-09", down to `finest`."""
    LINE = "line"
    """One line of text."""
    TEXT = "text"
    """Several lines of text."""


CHOOSING = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.PLACES})
CHOOSING_MANY = frozenset({Kind.CHOICES, Kind.PLACES})
WRITING = frozenset({Kind.LINE, Kind.TEXT})


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a public terminology ("http://snomed.info/sct", "http://loinc.org")."""

    system: str
    code: str


def snomed(code: str) -> tuple[Code, ...]:
    return (Code("http://snomed.info/sct", code),)


def loinc(code: str) -> tuple[Code, ...]:
    return (Code("http://loinc.org", code),)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to tick: permanent code, the patient's words, the doctor's short label."""

    code: str
    text: str
    label: str = ""
    hint: str = ""
    alone: bool = False
    """Ticking it rules every other choice out ("none of these")."""
    beside: bool = False
    """Stands beside its neighbour on every screen, so that two kinds compare evenly."""
    card: str = ""
    """The care card (a row of the red-flag table) that this answer calls for."""
    codes: tuple[Code, ...] = ()

    @property
    def short(self) -> str:
        return self.label or self.text


NONE = Choice("none", "None of these", "none", alone=True)


@dataclass(frozen=True, slots=True)
class When:
    """Ask only if `key` was answered with at least `at_least` of `values`."""

    key: str
    values: frozenset[str]
    at_least: int = 1
    or_unknown: bool = False
    """It holds for a blank answer and for "not sure" too."""

    @property
    def parts(self) -> "tuple[When, ...]":
        return (self,)

    def holds(self, answers: Answers) -> bool:
        value = answers.get(self.key)
        if value is None:
            return self.or_unknown
        if isinstance(value, str) and self.at_least == 1:
            return value in self.values or (self.or_unknown and value == NOT_SURE)
        given = set(codes_in(value))
        if self.or_unknown and (not given or NOT_SURE in given):
            return True
        return len(given & self.values) >= self.at_least


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Ask if one or more of `parts` hold."""

    parts: tuple[When, ...]

    def holds(self, answers: Answers) -> bool:
        return any(part.holds(answers) for part in self.parts)


Condition: TypeAlias = When | AnyOf


def when(key: str, *values: str, at_least: int = 1, or_unknown: bool = False) -> When:
    return When(key, frozenset(values), at_least, or_unknown)


def any_of(*parts: When) -> AnyOf:
    return AnyOf(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: what the patient reads, what the doctor reads, and what may be answered."""

    key: str
    """Permanent; also the form field, the FHIR linkId and the rules' parameter."""
    kind: Kind
    text: str
    carer_text: str = ""
    """The same question to somebody who fills in for the patient; "" = `text` serves."""
    label: str
    """The doctor's short label."""
    facts: tuple[str, ...] = ()
    """The numbered facts of the clinical reference that the question rests on."""
    hint: str = ""
    why: str = ""
    """Why we ask; said where the question is sensitive."""
    error: str = ""
    """What to do when the answer is missing or malformed, in the patient's words."""
    choices: tuple[Choice, ...] = ()
    among: str = ""
    """Offer only those choices that were ticked in this earlier question."""
    when: tuple[Condition, ...] = ()
    recalls: tuple[When, ...] = ()
    """Answers of earlier pages that said as much; the page then says why it asks again."""
    recall_text: str = "You told us of this on the first page. We ask once more to be safe."
    clinical: bool = True
    """Clinical questions offer "Not sure"; facts about the form itself do not."""
    not_sure_text: str = "Not sure"
    not_sure_card: str = ""
    """The care card that "not sure" calls for where the choices have several."""
    required: bool = False
    private: bool = False
    """Never shown back; doctors only."""
    unit: str = ""
    low: int = 0
    high: int = 10
    low_text: str = ""
    high_text: str = ""
    finest: str = "day"
    """PARTIAL_DATE: "year", "month" or "day"."""
    future: bool = False
    """Dates: may lie after today."""
    max_characters: int = MAX_CHARACTERS
    input: str = "text"
    """LINE: "text", "tel", "email" or "name"."""
    autocomplete: str = "off"
    codes: tuple[Code, ...] = ()

    def __hash__(self) -> int:
        # Of all fields it would take longer than what is looked up by it saves.
        return hash(self.key)

    @property
    def options(self) -> tuple[Choice, ...]:
        """All choices on offer, "Not sure" last where the question has it."""
        if self.kind not in CHOOSING or not self.offers_not_sure:
            return self.choices
        return (*self.choices, Choice(NOT_SURE, self.not_sure_text, "not sure"))

    @property
    def offers_not_sure(self) -> bool:
        return self.clinical

    def choice(self, code: str) -> Choice | None:
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One page of the form."""

    slug: str
    title: str
    section: str
    questions: tuple[Question, ...]
    carer_title: str = ""
    intro: tuple[str, ...] = ()
    """Paragraphs before the first question."""
    carer_intro: tuple[str, ...] = ()
    """The same to somebody who fills in for the patient; () = `intro` serves."""
    when: tuple[Condition, ...] = ()
    one_of: tuple[str, ...] = ()
    """At least one of these keys must be answered."""
    one_of_error: str = ""
    private: bool = False
    """Answers are never shown back and the page can be left in a hurry."""
    facts: tuple[str, ...] = field(default=())

    def __hash__(self) -> int:
        # Of all fields it would take longer than what is looked up by it saves.
        return hash(self.slug)


def codes_in(value: Value) -> Sequence[str]:
    """The codes of a choosing answer, as a list whatever its kind."""
    if isinstance(value, int):
        return (str(value),)
    return (value,) if isinstance(value, str) else tuple(value)


def is_known(value: Value | None) -> bool:
    """Whether an answer says something: blank and "not sure" do not."""
    if value is None or value == "" or value == NOT_SURE:
        return False
    if isinstance(value, int | str):
        return True
    return len(value) > 0 and any(code != NOT_SURE for code in value)


def all_hold(conditions: Iterable[Condition], answers: Answers) -> bool:
    # A plain loop: this is asked some thousand times a page, and a generator takes twice as long.
    for condition in conditions:  # noqa: SIM110 - twice as fast
        if not condition.holds(answers):
            return False
    return True


def could_hold(conditions: Iterable[Condition], answers: Answers, here: Collection[str]) -> bool:
    """Whether all hold, or would by answers to the questions `here`, on the same page."""
    return all(
        condition.holds(answers) or any(part.key in here for part in condition.parts)
        for condition in conditions
    )
