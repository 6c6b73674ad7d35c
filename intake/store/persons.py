"""Responses of one person: found as likely, joined and parted by staff, never by themselves."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, and_, func, or_, select, update

from intake.store import audit, entries, schema
from intake.store.drafts import is_response
from intake.store.schema import AnyRow
from intake.store.store import Store
from intake.store.versions import SentResponse

MOST_FOUND = 10

_R = schema.responses.c
_W = schema.name_words.c


@dataclass(frozen=True, slots=True)
class Other:
    """Another response, by what finds it; its words are read apart."""

    id: str
    reference: str
    sent_at: datetime


class Dated(Protocol):
    """A sent response, with its answers or without."""

    @property
    def id(self) -> str: ...
    @property
    def sent_at(self) -> datetime: ...


def candidates(store: Store, clinic_id: int, response: SentResponse) -> list[Other]:
    """Responses with this birth date that share a word of the name, the newest first.

    Without those that staff joined with it, or said are somebody else's.
    """
    own = select(_W.word_hash).where(_W.clinic_id == clinic_id, _W.response_id == response.id)
    mine = select(_R.born_on_hash).where(is_response(clinic_id, response.id))
    statement = (
        select(_R.id, _R.reference, _R.sent_at, _R.person_id)
        .join(
            schema.name_words,
            and_(_W.clinic_id == _R.clinic_id, _W.response_id == _R.id),
        )
        .where(
            _R.clinic_id == clinic_id,
            _R.status == "sent",
            _R.id != response.id,
            _R.born_on_hash == mine.scalar_subquery(),
            _W.word_hash.in_(own),
        )
        .group_by(_R.id, _R.reference, _R.sent_at, _R.person_id)
        .order_by(func.max(_R.sent_at).desc(), _R.reference)
    )
    refused = _parted(store, clinic_id, response.id)
    with store.read() as conn:
        person = _person(conn, clinic_id, response.id)
        rows = conn.execute(statement).all()
    others = [
        Other(row.id, row.reference, row.sent_at)
        for row in rows
        if row.reference not in refused and (person is None or row.person_id != person)
    ]
    return others[:MOST_FOUND]


def of_same_person(store: Store, clinic_id: int, response: Dated) -> list[Other]:
    """The other responses that staff found to be this person's, the newest first."""
    with store.read() as conn:
        person = _person(conn, clinic_id, response.id)
        if person is None:
            return []
        rows = conn.execute(
            select(_R.id, _R.reference, _R.sent_at)
            .where(_R.clinic_id == clinic_id, _R.person_id == person, _R.id != response.id)
            .order_by(_R.sent_at.desc(), _R.reference)
        ).all()
    return [Other(row.id, row.reference, row.sent_at) for row in rows]


def last_before(store: Store, clinic_id: int, response: Dated) -> Other | None:
    """The person's response before this one, if staff found one."""
    every = of_same_person(store, clinic_id, response)
    return next((each for each in every if each.sent_at < response.sent_at), None)


def match(
    store: Store, clinic_id: int, one: SentResponse, other: SentResponse, *, by: str, by_name: str
) -> None:
    """Note that two responses are one person's; with them all that each was joined with."""

    def join(conn: Connection, first: AnyRow, second: AnyRow) -> bool:
        if first.person_id is not None and first.person_id == second.person_id:
            return False
        person = first.person_id or second.person_id or secrets.token_hex(16)
        joined = [each.person_id for each in (first, second) if each.person_id is not None]
        conn.execute(
            update(schema.responses)
            .where(
                _R.clinic_id == clinic_id,
                or_(_R.id.in_([one.id, other.id]), _R.person_id.in_(joined)),
            )
            .values(person_id=person)
        )
        return True

    _change(store, clinic_id, one, other, "matched", join, by, by_name)


def part(
    store: Store, clinic_id: int, one: SentResponse, other: SentResponse, *, by: str, by_name: str
) -> None:
    """Note that two responses are not one person's, whether they were joined or only alike."""

    def keep_apart(conn: Connection, first: AnyRow, second: AnyRow) -> bool:
        if first.person_id is not None and first.person_id == second.person_id:
            conn.execute(
                update(schema.responses)
                .where(is_response(clinic_id, other.id))
                .values(person_id=None)
            )
        return True

    _change(store, clinic_id, one, other, "parted", keep_apart, by, by_name)


def _change(
    store: Store,
    clinic_id: int,
    one: SentResponse,
    other: SentResponse,
    kind: str,
    change: Callable[[Connection, AnyRow, AnyRow], bool],
    by: str,
    by_name: str,
) -> None:
    if one.id == other.id:
        return
    with store.write() as conn:
        found = _locked(conn, clinic_id, one.id, other.id)
        if len(found) != 2 or not change(conn, found[one.id], found[other.id]):
            return
        for each, opposite in ((one, other), (other, one)):
            told: dict[str, Any] = {"with": opposite.reference, "by_name": by_name}
            version = found[each.id].version
            entries.add(store, conn, clinic_id, each.id, kind, by, told, version=version)
            entries.touch_joined(store, conn, clinic_id, each.id)
            audit.record(conn, clinic_id, by, f"response_{kind}", each.id, at=store.clock())


def _locked(conn: Connection, clinic_id: int, *ids: str) -> dict[str, AnyRow]:
    rows = conn.execute(
        select(_R.id, _R.person_id, _R.version)
        .where(_R.clinic_id == clinic_id, _R.id.in_(ids), _R.status == "sent")
        # In one order, so that two who join the same two do not wait for each other.
        .order_by(_R.id)
        .with_for_update()
    ).all()
    return {row.id: row for row in rows}


def _person(conn: Connection, clinic_id: int, id: str) -> str | None:
    found: str | None = conn.execute(
        select(_R.person_id).where(is_response(clinic_id, id))
    ).scalar()
    return found


def _parted(store: Store, clinic_id: int, id: str) -> set[str]:
    """References of responses that staff said last are somebody else's."""
    said = {
        str(each.document["with"]): each.kind
        for each in entries.of(store, clinic_id, id)
        if each.kind in ("matched", "parted")
    }
    return {reference for reference, kind in said.items() if kind == "parted"}
