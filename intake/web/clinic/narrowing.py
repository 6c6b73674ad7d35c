"""What a reader of the work list asked for, as it stands in an address: fixed words only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask_babel import gettext as _

from intake.store import schema
from intake.store.staff import Staff
from intake.store.work_list import Wanted
from intake.web.visit import clinic, today

KEYS = ("lane", "who", "urgency", "visit", "sent")
DAYS = {"today": 0, "week": 6, "month": 29}

CHOICES = {
    "who": {
        "": lambda: _("Everybody"),
        "mine": lambda: _("Assigned to me"),
        "nobody": lambda: _("Not assigned"),
    },
    "urgency": {
        "": lambda: _("Any"),
        "emergency": lambda: _("Emergency or private"),
        "same_day": lambda: _("Same day"),
        "soon": lambda: _("Soon"),
        "routine": lambda: _("Routine"),
    },
    "visit": {
        "": lambda: _("Any or none"),
        "today": lambda: _("Today"),
        "week": lambda: _("Next 7 days"),
    },
    "sent": {
        "": lambda: _("Any day"),
        "today": lambda: _("Today"),
        "week": lambda: _("Last 7 days"),
        "month": lambda: _("Last 30 days"),
    },
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The lane and the filters; "" where a filter is not set."""

    lane: str
    who: str = ""
    urgency: str = ""
    visit: str = ""
    sent: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Narrowing:
        """As the address says; what is not one of the choices counts as not said."""
        lane = asked.get("lane", "")
        chosen = {key: asked.get(key, "") for key in CHOICES}
        known = {key: word for key, word in chosen.items() if word in CHOICES[key]}
        return cls(lane if lane in schema.LANES else schema.LANES[0], **known)

    @property
    def is_narrow(self) -> bool:
        """Whether any filter is set."""
        return any((self.who, self.urgency, self.visit, self.sent))

    def address(self, **other: str) -> dict[str, str]:
        """For `url_for`: what is set, with some of it changed."""
        every = {key: getattr(self, key) for key in KEYS} | other
        return {key: word for key, word in every.items() if word}

    def wanted(self, reader: Staff) -> Wanted:
        """For the store."""
        who = {"mine": reader.id, "nobody": ""}
        return Wanted(
            self.lane,
            today(),
            assigned_to=who.get(self.who),
            urgency=self.urgency or None,
            visit_until=today() + timedelta(DAYS[self.visit]) if self.visit else None,
            sent_since=_midnight(DAYS[self.sent]) if self.sent else None,
        )


def _midnight(days_ago: int) -> datetime:
    return datetime.combine(today() - timedelta(days_ago), time(), clinic().zone)
