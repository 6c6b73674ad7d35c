"""The document that is sealed when a response is sent: everything a later reader needs.

It holds words, not only codes, so that a summary drawn years later does not depend on the
questionnaire or the rules of that day.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire import VERSION as QUESTIONNAIRE_VERSION
from intake.questionnaire.body import BY_CODE as PLACE_BY_CODE
from intake.questionnaire.cards import CARDS
from intake.questionnaire.model import CHOOSING, CHOOSING_MANY, Answers, Choice, Value, codes_in
from intake.questionnaire.path import offered, prune
from intake.questionnaire.patterns import PATTERNS
from intake.questionnaire.rows import BLANK, NOT_ASKED, Row, Speech, in_short, rows
from intake.questionnaire.walk import FULL
from intake.scoring import RULES_VERSION, assess
from intake.scoring.facts import Facts
from intake.scoring.model import Assessment, Effect
from intake.scoring.rules.defers import earliest_next
from intake.scoring.sources import FACTS, SOURCES

Plain = dict[str, Any]

UNSAFE_AT_HOME = "E15"
CONTACTS = ("phone", "email", "other_contact")
"""Keys of the ways to reach a person; none of them counts for who is not safe at home."""
CARERS_CONTACTS = ("contact_person", "carer_phone")
"""Whom the clinic should call, asked of a carer, and the carer's own number."""

_SOURCE = re.compile(r"\bS[0-9]+\b")


@dataclass(frozen=True, slots=True)
class ClinicHead:
    """What the page prints of the clinic. `paper` is "letter" or "a4"."""

    name: str
    phone: str
    paper: str = "letter"
    time_zone: str = "America/New_York"


def sent_document(
    answers: Answers,
    *,
    today: date,
    sent_at: datetime,
    clinic: ClinicHead,
    language: str = "en",
    speech: Speech | None = None,
    shown: Sequence[Mapping[str, str]] = (),
    screened_at: str | None = None,
    earlier_screens: Sequence[Mapping[str, Any]] = (),
    reference: str = "",
    handed_in: bool = False,
    path: str = FULL,
    not_asked: Collection[str] = (),
    by: Mapping[str, str] | None = None,
    typed_by: str = "",
) -> Plain:
    """Build the document to seal; JSON values only.

    `speech` says questions and answers as the patient read them, in `language`; English without.
    `today` is the clinic's date at sending, `sent_at` an aware time. `shown` are
    {"card", "at", "level"}, `earlier_screens` {"at", "answers"}. With `handed_in` (files, paper)
    answers off the path are listed as left out and count as contradictions; without it they are
    a draft's leftovers and nothing of them is kept. `path` is the walk that was chosen, and
    `not_asked` are the keys that it left out; `by` says "patient", "carer" or "staff" of each
    answer. `typed_by` names the staff who typed it in from paper.
    """
    kept = prune(answers, STEPS)
    assessment = assess(answers if handed_in else kept.answers, today, handed_in=handed_in)
    facts = Facts(kept.answers, today)
    return {
        "reference": reference,
        "language": language,
        "path": path,
        **({"typed_by": typed_by} if typed_by else {}),
        "by": {key: giver for key, giver in (by or {}).items() if key in kept.answers},
        "today": today.isoformat(),
        "sent_at": sent_at.isoformat(),
        "clinic": asdict(clinic),
        "questionnaire_version": QUESTIONNAIRE_VERSION,
        "rules_version": RULES_VERSION,
        "answers": {key: _plain(value) for key, value in kept.answers.items()},
        "places": _places(facts),
        "age": facts["age"],
        "toxin_earliest_on": _earliest(kept.answers),
        "assessment": assessment.to_dict(),
        # After all that the work list shows: it reads no further.
        "rows": [
            _row(row, said, kept.answers, not_asked)
            for row, said in zip(
                rows(kept.answers, STEPS, by=by),
                rows(kept.answers, STEPS, speech, by),
                strict=True,
            )
        ],
        "sources": _cited(assessment),
        "facts": _gists(assessment),
        "shown": [_shown(each) for each in shown],
        "screened_at": screened_at,
        "earlier_screens": [_screen(each) for each in earlier_screens],
        "ignored": [_ignored(key, answers[key]) for key in kept.ignored if handed_in],
    }


def held_signs(document: Mapping[str, Any]) -> list[Plain]:
    """The danger signs of a sealed document that hold, as its assessment lists them."""
    return [
        each
        for each in document["assessment"]["findings"]
        if each["effect"] == Effect.URGENCY.value and each["holds"] and each["level"]
    ]


def is_unsafe_at_home(document: Mapping[str, Any]) -> bool:
    """Whether a call or mail can put the person in danger, now or by a version before (E15)."""
    held = {each["rule"] for each in held_signs(document)}
    return UNSAFE_AT_HOME in held | set(document.get("earlier_private", ()))


def has_private_sign(document: Mapping[str, Any]) -> bool:
    """Whether one of them is private, now or in a version before: for doctors only."""
    now = any(each["private"] for each in held_signs(document))
    return now or bool(document.get("earlier_private"))


def _plain(value: Value) -> str | int | list[str]:
    return value if isinstance(value, str | int) else list(value)


def _row(row: Row, said: Row, kept: Answers, not_asked: Collection[str]) -> Plain:
    question = row.question
    value = kept.get(row.key)
    options = offered(question, kept) if question.kind in CHOOSING else ()
    chosen = set(codes_in(value)) if value is not None and options else set()
    return {
        "step": row.step.slug,
        "page": row.step.title,
        "section": row.step.section,
        "key": row.key,
        "kind": question.kind.value,
        "label": row.label,
        "text": row.text,
        "words": row.words,
        "text_said": said.text,
        "words_said": said.words,
        "short": row.short,
        "status": _status(row, not_asked),
        "private": question.private,
        "clinical": question.clinical,
        "chosen": [_choice(option) for option in options if option.code in chosen],
        "denied": _denied(options, chosen) if question.kind in CHOOSING_MANY else [],
    }


def _status(row: Row, not_asked: Collection[str]) -> str:
    return NOT_ASKED if row.status == BLANK and row.key in not_asked else row.status


def _choice(option: Choice) -> Plain:
    return {
        "code": option.code,
        "text": option.text,
        "short": option.short,
        "card": option.card,
        "codes": [asdict(code) for code in option.codes],
    }


def _denied(options: Iterable[Choice], chosen: set[str]) -> list[str]:
    """The choices that a known answer leaves unticked; "not sure" denies nothing."""
    if not chosen or "not_sure" in chosen:
        return []
    return [
        option.short
        for option in options
        if option.code not in chosen and not option.alone and option.code != "not_sure"
    ]


def _places(facts: Facts) -> list[Plain]:
    """Every marked place in the order of the questionnaire, with what happens there."""
    codes = [*facts["marked"], *(["all_over"] if facts["all_over"] else [])]
    return [_place(code, facts) for code in codes]


def _place(code: str, facts: Facts) -> Plain:
    place = PLACE_BY_CODE.get(code)
    ticked = facts[f"{code}_patterns"] or frozenset() if place else frozenset()
    patterns = [p for p in PATTERNS[place.region] if p.code in ticked] if place else []
    labels = [pattern.label for pattern in patterns]
    return {
        "code": code,
        "words": place.words if place else "All over",
        "side": place.side if place else "",
        "patterns": [*labels, *(["something else"] if "other" in ticked else [])],
        "sizes": list(dict.fromkeys(pattern.size for pattern in patterns)),
        "strength": facts[f"{code}_strength"],
        "worst": facts["worst_place"] == code,
    }


def _earliest(kept: Answers) -> str | None:
    given = kept.get("toxin_last_on")
    if not isinstance(given, str) or given == "not_sure":
        return None
    day = earliest_next(given)
    return day.isoformat() if day else None


def _cited(assessment: Assessment) -> dict[str, str]:
    """The books cited by any rule, by number."""
    cited = {s for finding in assessment.findings for s in _SOURCE.findall(finding.source)}
    return {number: SOURCES[number] for number in SOURCES if number in cited}


def _gists(assessment: Assessment) -> dict[str, str]:
    """What each cited fact says, by number."""
    cited = {fact for finding in assessment.findings for fact in finding.facts}
    return {number: fact.gist for number, fact in FACTS.items() if number in cited}


def _shown(record: Mapping[str, str]) -> Plain:
    card = CARDS[record["card"]]
    return {
        "card": card.id,
        "at": record["at"],
        "level": str(record.get("level") or card.level),
        **({"to": record["to"]} if "to" in record else {}),
        "line": card.line,
        "advice": list(card.action),
    }


def _screen(record: Mapping[str, Any]) -> Plain:
    given: Answers = record["answers"]
    return {
        "at": record["at"],
        "rows": [
            _ignored(key, value) | {"private": BY_KEY[key].private} for key, value in given.items()
        ],
    }


def _ignored(key: str, value: Value) -> Plain:
    question = BY_KEY[key]
    return {"key": key, "label": question.label, "short": in_short(question, value)}
