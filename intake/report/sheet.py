"""Reading a sealed document, and the pieces that a page is written with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from intake.questionnaire.model import NOT_SURE
from intake.questionnaire.rows import ANSWERED, BLANK, NOT_ASKED, UNSURE, date_in_words
from intake.report.document import is_unsafe_at_home
from intake.scoring.model import Assessment, Effect, Finding, Unknown

NOT_ANSWERED = "not answered"
SHORT_FORM = "not asked: short form"
"""Why an answer is not known, beside "not sure"."""


@dataclass(frozen=True, slots=True)
class Bit:
    """A few words on the page; a quote holds the patient's own words and nothing else."""

    text: str
    strong: bool = False
    quote: bool = False
    lead: str = ""
    """Words before a quote, never shortened."""


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line of bits, most important first."""

    label: str
    bits: tuple[Bit, ...]
    strong: bool = False


def line(label: str, bits: Iterable[Bit | None], *, strong: bool = False) -> Line | None:
    """A line of the bits that say something; None if none does."""
    said = tuple(bit for bit in bits if bit and bit.text)
    return Line(label, said, strong) if said else None


def plain(text: str, lead: str = "") -> Bit | None:
    return Bit(f"{lead} {text}".strip()) if text else None


def strong(text: str) -> Bit | None:
    return Bit(text, strong=True) if text else None


def quoted(text: str, lead: str = "") -> Bit | None:
    """The patient's own words on one line, to be set in quotes."""
    said = " ".join(text.split())
    return Bit(said, quote=True, lead=lead) if said else None


class Sheet:
    """A sealed document, read by key."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.rows: list[dict[str, Any]] = document["rows"]
        self.zone = ZoneInfo(document["clinic"]["time_zone"])
        self._by_key = {row["key"]: row for row in self.rows}
        self.by: Mapping[str, str] = document.get("by", {})
        """Who gave each answer, "patient" or "carer"; {} where it was not noted."""
        self.assessment = self._with_reasons(Assessment.from_dict(document["assessment"]))

    def _with_reasons(self, found: Assessment) -> Assessment:
        return replace(found, unknown=tuple(map(self._with_reason, found.unknown)))

    def _with_reason(self, unknown: Unknown) -> Unknown:
        """The rules know that an answer is missing; only the form knows that it was not asked."""
        return replace(unknown, said=SHORT_FORM) if self.is_left_out(unknown.key) else unknown

    @property
    def is_unsafe_at_home(self) -> bool:
        """Whether no way to reach the person may be used but the one left as safe."""
        return is_unsafe_at_home(self.document)

    def row(self, key: str) -> dict[str, Any] | None:
        return self._by_key.get(key)

    def value(self, key: str) -> Any:
        return self.document["answers"].get(key)

    def status(self, key: str) -> str:
        """ANSWERED, UNSURE, BLANK, NOT_ASKED, or "" if the question was not on the path."""
        row = self.row(key)
        return row["status"] if row else ""

    def is_asked(self, key: str) -> bool:
        return key in self._by_key

    def is_left_out(self, key: str) -> bool:
        """Whether the short form did not ask it."""
        return self.status(key) == NOT_ASKED

    @property
    def left_out(self) -> tuple[str, ...]:
        """The labels of all that the short form did not ask."""
        return tuple(row["label"] for row in self.rows if row["status"] == NOT_ASKED)

    def absence(self, key: str) -> str:
        """Why there is no answer, in words."""
        return SHORT_FORM if self.is_left_out(key) else NOT_ANSWERED

    def short(self, key: str) -> str:
        """The answer in the doctor's words; "" if blank, "not sure" as such."""
        row = self.row(key)
        return row["short"] if row else ""

    def known(self, key: str) -> str:
        """The answer in the doctor's words; "" unless it says something."""
        return self.short(key) if self.status(key) == ANSWERED else ""

    def words(self, key: str) -> str:
        row = self.row(key)
        return row["words"] if row and row["status"] == ANSWERED else ""

    def codes(self, key: str) -> tuple[str, ...]:
        """The codes of a known answer, "not sure" left out."""
        row = self.row(key)
        return tuple(c["code"] for c in row["chosen"] if c["code"] != NOT_SURE) if row else ()

    def is_unsure(self, key: str) -> bool:
        row = self.row(key)
        if row is None:
            return False
        return row["status"] == UNSURE or any(c["code"] == NOT_SURE for c in row["chosen"])

    def listed(self, key: str) -> str:
        """Every known choice and a "not sure" beside it; "" if blank."""
        return self.short(key) if self.status(key) in (ANSWERED, UNSURE) else ""

    def said(self, key: str, lead: str) -> Bit | None:
        """A labelled answer: known plain, "not sure" so, blank not at all."""
        if self.status(key) in ("", BLANK, NOT_ASKED):
            return None
        return plain(self.short(key), lead)

    def gap(self, key: str, lead: str = "") -> Bit | None:
        """Bold "NOT ANSWERED" or "NOT SURE" for a question on the path; None once it is known.

        What the short form left out stands together in one line of its own (`cautions`).
        Nothing about the limbs is missed in somebody who comes for looks alone.
        """
        if not self.is_asked(key) or self.holds("cosmetic_only"):
            return None
        said = {BLANK: "NOT ANSWERED", UNSURE: "NOT SURE"}.get(self.status(key), "")
        return strong(f"{lead} {said}".strip()) if said else None

    def holding(self, *effects: Effect) -> list[Finding]:
        return list(self.assessment.holding(*effects))

    def finding(self, name: str) -> Finding | None:
        return next((f for f in self.assessment.findings if f.name == name), None)

    def holds(self, name: str) -> bool:
        found = self.finding(name)
        return bool(found and found.holds)

    def moment(self, iso: str) -> datetime:
        """A sealed time in the clinic's time zone."""
        at = datetime.fromisoformat(iso)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(self.zone)

    @property
    def by_carer(self) -> bool:
        """Whether a carer had the form last, and the words are not the patient's own."""
        return bool(self.value("respondent") == "carer")

    @property
    def is_mixed(self) -> bool:
        """Whether patient and carer both gave answers."""
        return {"patient", "carer"} <= set(self.by.values())

    def is_by_carer(self, key: str) -> bool:
        """Whether the carer gave this answer."""
        return self.by[key] == "carer" if key in self.by else self.by_carer

    @property
    def is_from_paper(self) -> bool:
        """Whether staff typed it all from the paper form."""
        return set(self.by.values()) == {"staff"}

    @property
    def relation(self) -> str:
        """Who the carer is, such as "daughter"."""
        return "carer" if self.value("carer_relation") == "other" else self.known("carer_relation")

    @property
    def today(self) -> date:
        return date.fromisoformat(self.document["today"])

    @property
    def sent_at(self) -> datetime:
        return self.moment(self.document["sent_at"])

    def day(self, iso: str) -> str:
        """ "June 15, 2026", in the clinic's time zone."""
        return date_in_words(self.moment(iso).date().isoformat())

    def clock(self, iso: str) -> str:
        """ "2:15 PM", with the day where it is not the day of sending."""
        at = self.moment(iso)
        time = f"{at.hour % 12 or 12}:{at.minute:02} {'AM' if at.hour < 12 else 'PM'}"
        same_day = at.date() == self.sent_at.date()
        return time if same_day else f"{date_in_words(at.date().isoformat())}, {time}"


def as_told(text: str, lead: str = "") -> Bit | None:
    """A dose or another figure that is the patient's word and nobody else's."""
    return quoted(text, lead)


def lower_first(text: str) -> str:
    """Lower the first letter, unless the word is an abbreviation such as MS."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
