"""The audit, for administrators: who did what and when, and whether a row is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.store import audit, codes, trail
from intake.store.trail import Event, Wanted
from intake.web.access import staff
from intake.web.auth import ADMIN, person
from intake.web.clinic.audit_words import (
    ACTORS,
    GROUPS,
    action_words,
    actor_words,
    detail_words,
)
from intake.web.clinic.blueprint import pages
from intake.web.clinic.lines import at_the_clinic
from intake.web.spreadsheet import spreadsheet
from intake.web.visit import clinic, now, store

KEYS = ("since", "until", "actor", "action", "reference")
HEAD = ("time", "number", "actor", "actor_name", "action", "what", "reference", "detail", "hash")


@dataclass(frozen=True, slots=True)
class Line:
    """An event in words."""

    event: Event
    at: datetime
    who: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asked for, as typed; `errors` name the fields that are wrong."""

    typed: Mapping[str, str]
    wanted: Wanted
    errors: list[tuple[str, str]]

    @property
    def is_narrow(self) -> bool:
        return bool(self.typed)


@pages.get("/audit")
@staff(ADMIN)
def audit_trail() -> ResponseReturnValue:
    """Events, newest first; reading them is one more."""
    asked, before = _asked(), _before()
    rows: list[Event] = []
    if not asked.errors:
        limit = trail.PAGE + 1
        rows = trail.events(store(), clinic().id, asked.wanted, limit=limit, before=before)
    names = trail.names(store(), clinic().id)
    end = trail.head(store(), clinic().id)
    audit.note(store(), clinic().id, person().actor, "audit_read")
    shown = rows[: trail.PAGE]
    return render_template(
        "clinic/audit.html",
        lines=[_line(each, names) for each in shown],
        asked=asked,
        errors=asked.errors,
        actors=ACTORS | {f"staff:{id}": name for id, name in names.items()},
        groups=GROUPS,
        is_first=before is None,
        older=shown[-1].id if len(rows) > trail.PAGE else None,
        chain=end,
        most=trail.EXPORTED,
    )


@pages.get("/audit.csv")
@staff(ADMIN)
def audit_csv() -> ResponseReturnValue:
    """The same events as a table; that they were taken out is noted first."""
    asked = _asked()
    if asked.errors:
        abort(400)
    rows = trail.events(store(), clinic().id, asked.wanted, limit=trail.EXPORTED)
    names = trail.names(store(), clinic().id)
    audit.note(store(), clinic().id, person().actor, "audit_exported")
    day = at_the_clinic(now()).date()
    return spreadsheet(f"audit-{day}.csv", HEAD, (_cells(each, names) for each in rows))


def _cells(event: Event, names: Mapping[str, str]) -> tuple[object, ...]:
    return (
        event.at.isoformat(timespec="seconds"),
        "" if event.number is None else event.number,
        event.actor,
        actor_words(event.actor, names),
        event.action,
        action_words(event.action),
        event.reference,
        event.detail,
        event.chain_hash.hex() if event.chain_hash else "",
    )


def _line(event: Event, names: Mapping[str, str]) -> Line:
    return Line(
        event,
        at_the_clinic(event.at),
        actor_words(event.actor, names),
        action_words(event.action),
        detail_words(event.detail, names) if event.detail else "",
    )


def _asked() -> Asked:
    typed = {key: word for key in KEYS if (word := request.args.get(key, "").strip()[:80])}
    errors: list[tuple[str, str]] = []
    since, until = _day(typed, "since", errors), _day(typed, "until", errors)
    if since and until and since > until:
        errors.append(("until", _("The last day is before the first one.")))
    if "reference" in typed and codes.parse_reference(typed["reference"]) is None:
        errors.append(("reference", _("A reference looks like C7K-4MX.")))
    wanted = Wanted(
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
        actor=typed.get("actor"),
        action=typed.get("action"),
        reference=typed.get("reference"),
    )
    return Asked(typed, wanted, errors)


def _day(typed: Mapping[str, str], key: str, errors: list[tuple[str, str]]) -> date | None:
    if key not in typed:
        return None
    try:
        day = date.fromisoformat(typed[key])
    except ValueError:
        day = date.max
    if not 2000 <= day.year < 9999:
        errors.append((key, _("Write a day as 2026-03-09.")))
        return None
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clinic().zone)


def _before() -> int | None:
    typed = request.args.get("before", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
