"""The audit of a week in figures, with the end of its chain, to be kept outside the database."""

from __future__ import annotations

from datetime import datetime, timedelta

from intake.config import Clinic
from intake.store import Store, trail
from intake.store.trail import Wanted
from intake.web.clinic.audit_words import action_words, actor_words

WEEK = timedelta(days=7)
REFUSED = ("log_in_refused", "code_of_app_refused", "passkey_refused")


def digest(store: Store, clinic: Clinic) -> str:
    """Plain text: counts by act and actor, refused log-ins, and the last number and hash."""
    until = store.clock()
    counts = trail.counts(store, clinic.id, Wanted(since=until - WEEK))
    names = trail.names(store, clinic.id)
    refused = sum(count for _actor, action, count in counts if action in REFUSED)
    lines = [
        f"Audit of {clinic.outside_name}",
        f"{_day(until - WEEK, clinic)} to {_day(until, clinic)}",
        "",
        f"Refused log-ins: {refused}",
        "",
    ]
    for actor in dict.fromkeys(actor for actor, _action, _count in counts):
        lines.append(actor_words(actor, names))
        done = sorted((action_words(action), n) for who, action, n in counts if who == actor)
        lines += [f"{count:8}  {words}" for words, count in done]
    return "\n".join([*lines, "", _end(store, clinic), ""])


def _end(store: Store, clinic: Clinic) -> str:
    head = trail.head(store, clinic.id)
    if head is None:
        return "No event is chained yet."
    return (
        f"Last event: number {head.number}, hash {head.chain_hash.hex()}.\n"
        "Keep this. If the audit ever ends before this number, or has another hash there,\n"
        "events were taken out."
    )


def _day(moment: datetime, clinic: Clinic) -> str:
    return moment.astimezone(clinic.zone).strftime("%Y-%m-%d %H:%M")
