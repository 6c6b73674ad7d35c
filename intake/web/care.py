"""Which safety advice is due, and the record of what was shown when.

The advice is fixed text on care cards. A card is due when its red flag holds and the person has
not been shown it at that level; the record is stored before the page leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from intake.questionnaire.model import NOT_SURE, Choice, Question
from intake.web.questionnaire import Card, RedFlag, questionnaire
from intake.web.screening import EARLIER

LEVELS = ("emergency", "same_day", "soon")
ROUTINE = "routine"
CRISIS = ("E7a", "E7b")
ABUSE = "E15"


@dataclass(frozen=True, slots=True)
class Flag:
    """A care card at the level at which its red flag holds."""

    card: Card
    level: str
    unsure: bool

    @property
    def is_crisis(self) -> bool:
        """Whether it is about the wish to die."""
        return self.card.id in CRISIS

    @property
    def is_open(self) -> bool:
        """Whether "not sure" calls for a line among others rather than for the whole card."""
        return self.unsure and self.level != "emergency" and not self.is_crisis

    @property
    def is_abuse(self) -> bool:
        """Whether it is about not being safe at home."""
        return self.card.id == ABUSE


def holding(red_flags: Iterable[RedFlag]) -> tuple[Flag, ...]:
    """Red flags with their cards, most urgent first, each card once."""
    cards = questionnaire().cards
    found: dict[str, Flag] = {}
    for flag in red_flags:
        if flag.level in LEVELS and flag.card not in found:
            found[flag.card] = Flag(cards[flag.card], flag.level, flag.unsure)
    return tuple(sorted(found.values(), key=lambda flag: LEVELS.index(flag.level)))


def urgency(flags: Sequence[Flag]) -> str:
    """The highest level that holds."""
    return flags[0].level if flags else ROUTINE


def due(document: dict[str, Any], flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """The cards that were not yet shown at their level since the red-flag pages were answered."""
    shown = {
        (record["card"], record["level"])
        for record in document["shown"]
        if record["page"] != EARLIER
    }
    return tuple(flag for flag in flags if (flag.card.id, flag.level) not in shown)


def make_due(
    document: dict[str, Any], flags: Sequence[Flag], at: datetime, way: dict[str, Any]
) -> None:
    """Note the advice that stands on the next page, if any, with the way that leads on from it.

    Cards shown before stand beside new ones, but a private card is shown once only.
    """
    new = due(document, flags)
    document["care"] = None
    if not new:
        return
    cards = [flag for flag in flags if flag in new or not flag.card.private]
    record(document, cards, "care", at)
    document["care"] = way | {"cards": [flag.card.id for flag in cards]}


def has_private(document: Mapping[str, Any], today: date) -> bool:
    """Whether a draft holds a private danger sign, or ever did.

    What was taken back may have been taken back by whoever must not know of it.
    """
    asked = questionnaire()
    answers = asked.on_path(document.get("answers", {}))
    held = {flag.card.id for flag in holding(asked.red_flags(answers, today))}
    shown = {record["card"] for record in document.get("shown", ())}
    return any(asked.cards[id].private for id in held | shown if id in asked.cards)


def drop_private(document: dict[str, Any]) -> None:
    """Take private cards off the advice page: whoever opens it next may be somebody else.

    They were shown and noted; what else is due there stays.
    """
    way = document["care"]
    if not way:
        return
    cards = questionnaire().cards
    left = [id for id in way["cards"] if not cards[id].private]
    document["care"] = way | {"cards": left} if left else None


def record(document: dict[str, Any], flags: Iterable[Flag], page: str, at: datetime) -> bool:
    """Note in the document what a page shows; False if it was noted for that page before."""
    noted = {(was["card"], was["level"], was["page"]) for was in document["shown"]}
    new = [flag for flag in flags if (flag.card.id, flag.level, page) not in noted]
    # Advice on the screen of who types in a paper did not reach the person it is about.
    to = {"to": "staff"} if document.get("typist") else {}
    document["shown"] += [
        {"card": flag.card.id, "level": flag.level, "page": page, "at": at.isoformat()} | to
        for flag in new
    ]
    return bool(new)


def by_level(flags: Iterable[Flag]) -> list[tuple[str, list[Flag]]]:
    """Flags grouped under their level, most urgent level first."""
    every = list(flags)
    groups = [(level, [flag for flag in every if flag.level == level]) for level in LEVELS]
    return [(level, group) for level, group in groups if group]


def card_of(question: Question, choice: Choice) -> Card | None:
    """The card whose one line stands under a choice when it is ticked."""
    return questionnaire().cards.get(_card_id(question, choice))


def _card_id(question: Question, choice: Choice) -> str:
    if choice.code != NOT_SURE:
        return choice.card
    if question.not_sure_card:
        return question.not_sure_card
    calling = {option.card for option in question.choices if option.card}
    return calling.pop() if len(calling) == 1 else ""


def unsure_level(question: Question) -> str:
    """How urgent "not sure" is where the choices have several cards: never more than today."""
    cards = questionnaire().cards
    levels = {str(cards[option.card].level) for option in question.choices if option.card}
    if not levels:
        return ""
    return "soon" if levels == {"soon"} else "same_day"
