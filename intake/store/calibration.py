"""What doctors decided, beside what the checklist had said: decisions alone, no response."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from intake.store import schema
from intake.store.crypto import Sealed
from intake.store.entries import words_of
from intake.store.errors import BrokenSeal
from intake.store.store import Store

MOST = 20_000
"""Older decisions than so many are not counted."""

_E = schema.response_entries.c
_R = schema.responses.c


@dataclass(frozen=True, slots=True)
class Decided:
    """A response's last decision in a period; `rules` are the names of those that held."""

    response_id: str
    at: datetime
    urgency: str
    band: str
    decided_urgency: str
    decided_band: str
    rules: tuple[str, ...] = field(repr=False)
    reason: str = field(repr=False)
    by_name: str = field(repr=False)

    @property
    def agrees(self) -> bool:
        return (self.urgency, self.band) == (self.decided_urgency, self.decided_band)


def decisions(store: Store, clinic_id: int, since: datetime | None = None) -> list[Decided]:
    """The last decision on each version of a response, newest first; broken ones are left out."""
    statement = (
        select(_E.id, _E.response_id, _E.version, _E.at, _E.kid, _E.sealed)
        .where(_E.clinic_id == clinic_id, _E.kind == "decided")
        .order_by(_E.at.desc(), _E.id.desc())
        .limit(MOST)
    )
    if since is not None:
        statement = statement.where(_E.at >= since)
    with store.read() as conn:
        rows = conn.execute(statement).all()
    seen: set[tuple[str, int]] = set()
    found = []
    for id, response_id, version, at, kid, sealed in rows:
        if (response_id, version) in seen:
            continue
        seen.add((response_id, version))
        try:
            said = words_of(store, clinic_id, id, Sealed(kid, sealed))
        except BrokenSeal:
            continue
        found.append(
            Decided(
                response_id,
                at,
                said["urgency"],
                said["band"],
                said["decided_urgency"],
                said["decided_band"],
                tuple(said["rules"]),
                said["reason"],
                said["by_name"],
            )
        )
    return found


def references(store: Store, clinic_id: int, ids: Iterable[str]) -> dict[str, str]:
    """The reference number of each of some hundred responses, by id."""
    statement = select(_R.id, _R.reference).where(_R.clinic_id == clinic_id, _R.id.in_(list(ids)))
    with store.read() as conn:
        return {row.id: row.reference for row in conn.execute(statement)}
