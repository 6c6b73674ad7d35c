"""Why to call a person, in fixed words: the front desk acts on them and sees no answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from intake.questionnaire.cards import CARDS, Urgency, most_urgent
from intake.report.document import UNSAFE_AT_HOME, held_signs
from intake.store.calls import CallRequest
from intake.web.auth import DOCTOR


@dataclass(frozen=True, slots=True)
class Signs:
    """The danger signs of one person: the level of the open ones, and which are private."""

    level: Urgency
    private: frozenset[str]
    later: frozenset[str] = frozenset()
    """The private ones that came up after the person left a number."""

    def closed_to(self, role: str) -> bool:
        """Whether this reader learns only that a doctor calls: neither which sign nor how urgent.

        The same for every private sign, since what differs tells which one it is.
        """
        return bool(self.private) and role != DOCTOR

    @property
    def unsafe_at_home(self) -> bool:
        """Whether a call at another number or time could put the person in danger."""
        return UNSAFE_AT_HOME in self.private


def of_document(document: Mapping[str, Any]) -> Signs:
    """The danger signs of a sealed document; private ones also of the versions before it."""
    held = held_signs(document)
    private = {each["rule"] for each in held if each["private"]}
    return Signs(
        most_urgent([Urgency(each["level"]) for each in held if not each["private"]]),
        frozenset(private | set(document.get("earlier_private", ()))),
    )


def of_call(call: CallRequest) -> Signs:
    """The danger signs behind a request for a call.

    A card does not tell at which level it was shown, only the request's highest one is known;
    with a private card not even that, as it gives the request its place in the list.
    """
    known = [CARDS[card] for card in call.cards if card in CARDS]
    private = frozenset(card.id for card in known if card.private)
    level = Urgency(call.urgency)
    if private:
        level = most_urgent([card.level for card in known if not card.private])
    return Signs(level, private, private & frozenset(call.later))


def urgency_of_call(call: CallRequest) -> str:
    """The urgency of a request for a call, as a doctor sees it."""
    known = [CARDS[card] for card in call.cards if card in CARDS]
    if any(card.private for card in known):
        return most_urgent([card.level for card in known]).value
    return call.urgency


def reasons(signs: Signs, role: str) -> list[str]:
    """What to do about the signs; for who is no doctor a private one stands for all."""
    if signs.closed_to(role):
        return [_("Private reason: ask a doctor to call now")]
    said = [_by_level(signs.level)] if signs.level is not Urgency.ROUTINE else []
    if signs.unsafe_at_home:
        said.append(_("Private reason: use only the safe number in the answers"))
    elif signs.private:
        said.append(_("Private reason: a doctor calls"))
    return said or [_("No danger sign: in turn")]


def decided(level: str) -> list[str]:
    """Instead of `reasons` where a doctor decided how urgent it is."""
    said = {
        "emergency": _("A doctor decided: call now"),
        "same_day": _("A doctor decided: call today"),
        "soon": _("A doctor decided: call within 2 working days"),
    }
    return [said.get(level) or _("A doctor decided: in turn")]


PRIVATE = "private"
"""The urgency of every private sign to who is no doctor, whatever its level."""


def shown_urgency(signs: Signs, urgency: str, role: str) -> str:
    """The urgency that this reader sees."""
    return PRIVATE if signs.closed_to(role) else urgency


def _by_level(level: Urgency) -> str:
    if level is Urgency.EMERGENCY:
        return _("Emergency signs: call now")
    if level is Urgency.SAME_DAY:
        return _("Same-day signs: call today")
    return _("Call within 2 working days")
