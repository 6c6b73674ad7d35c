"""Finding a draft for somebody who lost their code: by name and birth date, without reading it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from intake.store import attempts, audit, schema
from intake.store.drafts import is_response
from intake.store.store import Store

MOST_FOUND = 10

_R = schema.responses.c
_W = schema.name_words.c


class Kept(Protocol):
    """A response of one clinic: a draft, or one that was sent."""

    @property
    def clinic_id(self) -> int: ...
    @property
    def id(self) -> str: ...


class Owner(NamedTuple):
    """Whom a draft is about, as far as it says so: blank and None where it does not."""

    name: str
    born_on: date | None


class Owners(NamedTuple):
    """By whom a draft was found until now, and by whom from now on."""

    was: Owner
    now: Owner


@dataclass(frozen=True, slots=True)
class Found:
    """A draft as staff may see it: no answer, only when it was written."""

    id: str
    reference: str
    begun_at: datetime
    saved_at: datetime


def find(
    store: Store, clinic_id: int, name: str, born_on: date, *, by: str
) -> tuple[Found, ...] | None:
    """Unsent responses of a person, the last saved first; None during a pause.

    Every word of `name` must be a word of theirs, accents aside. A look-up by the actor `by` is
    counted like a guess and recorded: nobody goes through a list of names unseen.
    """
    now = store.clock()
    with store.write() as conn:
        if attempts.take(conn, clinic_id, attempts.LOST_CODE, by, now) is None:
            audit.record(conn, clinic_id, by, "draft_looked_up", detail="paused", at=now)
            return None
        found = _matching(store, conn, clinic_id, name, born_on)
        only = found[0].id if len(found) == 1 else None
        detail = "one" if only else "several" if found else "none"
        audit.record(conn, clinic_id, by, "draft_looked_up", only, detail, at=now)
    return found


def found_again(store: Store, clinic_id: int, name: str, born_on: date) -> tuple[Found, ...]:
    """The same for the next page of a look-up, which is counted and recorded already."""
    with store.read() as conn:
        return _matching(store, conn, clinic_id, name, born_on)


def settled(store: Store, clinic_id: int, *, by: str) -> None:
    """Start counting anew: the look-ups led to a form and a new code."""
    with store.write() as conn:
        attempts.forgive(conn, clinic_id, attempts.LOST_CODE, by)


def _matching(
    store: Store, conn: Connection, clinic_id: int, name: str, born_on: date
) -> tuple[Found, ...]:
    """The drafts of this birth date whose owner has all these words in the name."""
    words = store.vault.heard_hashes(clinic_id, name)
    if not words:
        return ()
    statement = (
        select(_R.id, _R.reference, _R.created_at, schema.drafts.c.updated_at)
        .join_from(schema.responses, schema.drafts, _same(schema.drafts))
        .join(schema.name_words, _same(schema.name_words))
        .where(
            _R.clinic_id == clinic_id,
            _R.born_on_hash == store.vault.date_hash(clinic_id, born_on),
            _W.word_hash.in_(words),
        )
        .group_by(_R.id, _R.reference, _R.created_at, schema.drafts.c.updated_at)
        .having(func.count() == len(words))
        .order_by(schema.drafts.c.updated_at.desc(), _R.id)
        .limit(MOST_FOUND)
    )
    rows = conn.execute(statement).all()
    return tuple(Found(row.id, row.reference, row.created_at, row.updated_at) for row in rows)


def keep_findable(store: Store, conn: Connection, kept: Kept, owner: Owners) -> None:
    """Have the hashes follow a name or birth date that changed."""
    was, now = (store.vault.name_hashes(kept.clinic_id, each.name) for each in owner)
    born_on = owner.now.born_on
    hashed = store.vault.date_hash(kept.clinic_id, born_on) if born_on else None
    conn.execute(
        update(schema.responses)
        .where(is_response(kept.clinic_id, kept.id))
        .values(born_on_hash=hashed)
    )
    if was - now:
        conn.execute(delete(schema.name_words).where(_words(kept, was - now)))
    add_words(conn, kept, now)


def add_words(conn: Connection, kept: Kept, words: frozenset[bytes]) -> None:
    """Have a response found by these words too."""
    there = conn.execute(select(_W.word_hash).where(_words(kept, words))).scalars()
    rows = [
        {"clinic_id": kept.clinic_id, "response_id": kept.id, "word_hash": word}
        for word in words - {bytes(each) for each in there}
    ]
    if rows:
        conn.execute(insert(schema.name_words), rows)


def _words(kept: Kept, words: Iterable[bytes]) -> ColumnElement[bool]:
    return and_(
        _W.clinic_id == kept.clinic_id,
        _W.word_hash.in_(list(words)),
        _W.response_id == kept.id,
    )


def _same(table: Table) -> ColumnElement[bool]:
    return and_(table.c.clinic_id == _R.clinic_id, table.c.response_id == _R.id)


def _subject(by: str) -> str:
    return by.removeprefix("staff:")
