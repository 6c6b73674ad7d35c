"""The document of a further version: new answers, and what the one before must hand on.

It is made by `sent_document` as the first one was, with the questionnaire and the rules of today,
which it names. Reference, time of sending, advice shown and earlier danger signs stay those of the
first sending; the corrections and answers given again so far grow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from intake.questionnaire import BY_KEY
from intake.questionnaire.model import Answers, Value
from intake.questionnaire.rows import NOT_ASKED, Speech, in_short
from intake.report.document import ClinicHead, Plain, held_signs, sent_document

STAFF = "staff"
GONE = "no longer asked"
"""What stands for an answer whose question another answer took away."""


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that another version gives otherwise, in the doctor's words; "" is blank."""

    key: str
    label: str
    old: str
    new: str

    def to_dict(self) -> dict[str, str]:
        return {"key": self.key, "label": self.label, "old": self.old, "new": self.new}


def amended_document(
    old: Mapping[str, Any],
    answers: Answers,
    *,
    by: str,
    today: date,
    clinic: ClinicHead,
    speech: Speech | None = None,
    shown: Sequence[Mapping[str, str]] = (),
    screened_at: str | None = None,
    earlier_screens: Sequence[Mapping[str, Any]] = (),
) -> Plain:
    """The document of the next version.

    `by` gave the answers that differ: "patient", "carer" or STAFF. `today` is the day on which
    the answers count: the first one for a typing error, the present one for who answered again.
    `shown` is advice shown since, `screened_at` is None unless the danger signs were asked again,
    and `earlier_screens` are those answers that this sets aside.
    """
    made = sent_document(
        answers,
        today=today,
        sent_at=datetime.fromisoformat(old["sent_at"]),
        clinic=clinic,
        language=old["language"],
        speech=speech,
        # A card may be gone from the program, but what was shown stays as it is sealed.
        shown=shown,
        screened_at=screened_at or old["screened_at"],
        earlier_screens=earlier_screens,
        reference=old["reference"],
        path=old["path"],
        not_asked=_not_asked(old),
        by=_givers(old, answers, by),
        typed_by=old.get("typed_by", ""),
    )
    kept = {
        "shown": [*old["shown"], *made["shown"]],
        "earlier_screens": [*old["earlier_screens"], *made["earlier_screens"]],
        "ignored": old["ignored"],
        "corrections": list(old.get("corrections", ())),
        "re_answers": list(old.get("re_answers", ())),
    }
    signs = _earlier_private(old, by)
    return made | kept | ({"earlier_private": signs} if signs else {})


def _earlier_private(old: Mapping[str, Any], by: str) -> list[str]:
    """Private danger signs of earlier versions: whoever answers again frees no number by that.

    The link may be in the hands of the very person who must not know. Staff who correct a private
    answer are doctors, and decide themselves.
    """
    known = set(old.get("earlier_private", ()))
    if by != STAFF:
        known |= {each["rule"] for each in held_signs(old) if each["private"]}
    return sorted(known)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """What differs between two versions' answers, in the newer one's order, then what is gone."""
    was, now = old["answers"], new["answers"]
    differing = [key for key in now if now[key] != was.get(key)]
    emptied = [key for key in was if key not in now]
    asked = {row["key"] for row in new["rows"]}
    return tuple(
        Change(
            key,
            label_of(key, new, old),
            _short(key, was.get(key)),
            _short(key, now.get(key)) or ("" if key in asked else GONE),
        )
        for key in [*differing, *emptied]
    )


def label_of(key: str, *documents: Mapping[str, Any]) -> str:
    """The doctor's label of a question, as the first of the documents that has it says it."""
    sealed = (row["label"] for each in documents for row in each["rows"] if row["key"] == key)
    known = BY_KEY[key].label if key in BY_KEY else key
    return str(next(sealed, known))


def _short(key: str, value: Value | None) -> str:
    return in_short(BY_KEY[key], value) if key in BY_KEY else str(value or "")


def _not_asked(old: Mapping[str, Any]) -> list[str]:
    return [row["key"] for row in old["rows"] if row["status"] == NOT_ASKED]


def _givers(old: Mapping[str, Any], answers: Answers, by: str) -> dict[str, str]:
    was: Mapping[str, Any] = old["answers"]
    first = "carer" if was.get("respondent") == "carer" else "patient"
    known: Mapping[str, str] = old.get("by") or dict.fromkeys(was, first)
    return {
        key: known.get(key, first) if was.get(key) == value else by
        for key, value in answers.items()
    }
