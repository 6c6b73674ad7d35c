"""The work list as staff read it: lanes a page at a time, how many wait in each, and a search.

Rows are found and put in order by plain columns alone, in the order of `ix_responses_lane`; only
the rows of a page are opened. One that does not open stays a row, without its document.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import merge
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from intake.store import codes, schema
from intake.store.crypto import Place, Sealed
from intake.store.entries import Entry, opened
from intake.store.errors import BrokenSeal
from intake.store.schema import AnyRow
from intake.store.store import Store

PAGE_LIMIT = 200
COUNTED = 1000
"""More than this are not counted: it takes longer, and nobody reads the figure."""

_R = schema.responses.c
_V = schema.response_versions.c
_W = schema.name_words.c
_E = schema.response_entries.c
_ORDER = (_R.urgency_rank, _R.appointment_on, _R.sent_at, _R.id)
_HEAD = (*_ORDER, _R.reference, _R.lane, _R.assigned_to, _R.due_on, _R.version)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which responses; whatever is None does not narrow them down."""

    lane: str
    today: date
    """At the clinic: what was put off until this day counts as new again."""
    assigned_to: str | None = None
    """A member of staff's id, or "" for those that nobody has."""
    urgency: str | None = None
    visit_until: date | None = None
    """Only those with an appointment from `today` up to and with this day."""
    sent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A response in the list; its reference is the cursor for the page after it."""

    id: str
    reference: str
    lane: str
    urgency: str
    """Its place: for one with a private danger sign always "emergency"."""
    appointment_on: date | None
    sent_at: datetime
    assigned_to: str | None
    due_on: date | None
    document: dict[str, Any] | None = field(repr=False)
    """Without the long rows of what was answered; None where it does not open."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom to find; what is given must all fit, and one of them must be given.

    Only name and reference stand for each other: either fits.
    """

    name: str = field(default="", repr=False)
    """Some words of it, as heard."""
    born_on: date | None = field(default=None, repr=False)
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A draft that a search met: no more than that it is there, and since when."""

    id: str
    reference: str
    begun_at: datetime
    saved_at: datetime


def rows(
    store: Store, clinic_id: int, wanted: Wanted, *, limit: int = 50, after: str | None = None
) -> list[Row]:
    """A page of a lane: most urgent first, then soonest appointment, then longest waiting.

    `after` is the reference of the last row of the page before; an unknown one gives the first
    page.
    """
    limit = max(1, min(limit, PAGE_LIMIT))
    with store.read() as conn:
        heads = _heads(conn, clinic_id, wanted, limit, after)
        sealed = _sealed(conn, clinic_id, heads)
    return [_row(store, clinic_id, head, sealed) for head in heads]


def references(
    store: Store, clinic_id: int, wanted: Wanted, *, limit: int = 50, after: str | None = None
) -> list[str]:
    """The same page without opening anything."""
    with store.read() as conn:
        heads = _heads(conn, clinic_id, wanted, max(1, min(limit, PAGE_LIMIT)), after)
    return [head.reference for head in heads]


def states(store: Store, clinic_id: int, references: Iterable[str]) -> list[Row]:
    """How these responses stand now, without opening them; unknown ones are left out."""
    known = [parsed for each in references if (parsed := codes.parse_reference(each))]
    statement = select(*_HEAD).where(
        _R.clinic_id == clinic_id, _R.status == "sent", _R.reference.in_(known[:PAGE_LIMIT])
    )
    with store.read() as conn:
        heads = conn.execute(statement).all()
    return [_row(store, clinic_id, head, {}) for head in heads]


def counts(store: Store, clinic_id: int, wanted: Wanted) -> dict[str, int]:
    """How many stand in each lane, narrowed down as `wanted` says; `COUNTED` at most."""
    parts = [
        _counted(lane, clinic_id, wanted, part)
        for lane in schema.LANES
        for part in _parts(lane, wanted.today)
    ]
    found = dict.fromkeys(schema.LANES, 0)
    with store.read() as conn:
        for lane, count in conn.execute(union_all(*parts)):
            found[lane] = min(COUNTED, found[lane] + count)
    return found


def entries_of(
    store: Store, clinic_id: int, ids: Sequence[str], kinds: Sequence[str]
) -> dict[str, list[Entry]]:
    """The entries of these kinds, oldest first, by response."""
    statement = (
        select(schema.response_entries)
        .where(_E.clinic_id == clinic_id, _E.response_id.in_(ids), _E.kind.in_(kinds))
        .order_by(_E.at, _E.id)
    )
    with store.read() as conn:
        found = conn.execute(statement).all()
    every: dict[str, list[Entry]] = {}
    for row in found:
        try:
            entry = opened(store, row)
        except (BrokenSeal, ValueError):
            continue
        every.setdefault(row.response_id, []).append(entry)
    return every


def search(
    store: Store, clinic_id: int, sought: Sought, *, limit: int = 50
) -> tuple[list[Row], list[Unsent]]:
    """The responses that fit, the last sent first, and the drafts that do."""
    fits = _fits(store, clinic_id, sought)
    if fits is None:
        return [], []
    newest = select(*_HEAD).where(fits, _R.status == "sent").order_by(_R.sent_at.desc(), _R.id)
    drafts = (
        select(_R.id, _R.reference, _R.created_at, schema.drafts.c.updated_at)
        .join_from(
            schema.responses,
            schema.drafts,
            and_(
                schema.drafts.c.clinic_id == _R.clinic_id,
                schema.drafts.c.response_id == _R.id,
            ),
        )
        .where(fits)
        .order_by(schema.drafts.c.updated_at.desc(), _R.id)
    )
    limit = max(1, min(limit, PAGE_LIMIT))
    with store.read() as conn:
        heads = conn.execute(newest.limit(limit)).all()
        sealed = _sealed(conn, clinic_id, heads)
        unsent = conn.execute(drafts.limit(limit)).all()
    return (
        [_row(store, clinic_id, head, sealed) for head in heads],
        [Unsent(row.id, row.reference, row.created_at, row.updated_at) for row in unsent],
    )


# --- Which rows ----------------------------------------------------------------------------------


def _heads(
    conn: Connection, clinic_id: int, wanted: Wanted, limit: int, after: str | None
) -> list[AnyRow]:
    """The page without its documents, each part of the lane by the index that is made for it."""
    mark = _mark(conn, clinic_id, after)
    walks = []
    for number, part in enumerate(_parts(wanted.lane, wanted.today)):
        statement = select(*_HEAD).where(part, *_narrowed(clinic_id, wanted))
        if mark is not None:
            statement = statement.where(_comes_after(mark, seeks=number == 0))
        walks.append(conn.execute(statement.order_by(*_ORDER).limit(limit)).all())
    return list(merge(*walks, key=lambda head: tuple(head[:4])))[:limit]


def _parts(lane: str, today: date) -> list[ColumnElement[bool]]:
    """A lane as what stands in it, less or more what was put off until a day that has come."""
    in_lane = _R.lane == lane
    is_back = and_(_R.lane == "waiting", _R.due_on <= today)
    if lane == "new":
        return [in_lane, is_back]
    if lane == "waiting":
        return [and_(in_lane, or_(_R.due_on.is_(None), _R.due_on > today))]
    return [in_lane]


def _narrowed(clinic_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    terms = [_R.clinic_id == clinic_id, _R.status == "sent"]
    if wanted.assigned_to is not None:
        nobody = _R.assigned_to.is_(None)
        terms.append(_R.assigned_to == wanted.assigned_to if wanted.assigned_to else nobody)
    if wanted.urgency is not None:
        terms.append(_R.urgency_rank == schema.urgency_rank(wanted.urgency))
    if wanted.visit_until is not None:
        terms.append(_R.appointment_on.between(wanted.today, wanted.visit_until))
    if wanted.sent_since is not None:
        terms.append(_R.sent_at >= wanted.sent_since)
    return terms


def _mark(conn: Connection, clinic_id: int, after: str | None) -> AnyRow | None:
    reference = codes.parse_reference(after) if after else None
    if reference is None:
        return None
    return conn.execute(
        select(*_ORDER).where(
            _R.clinic_id == clinic_id, _R.reference == reference, _R.status == "sent"
        )
    ).first()


def _comes_after(mark: AnyRow, *, seeks: bool) -> ColumnElement[bool]:
    """One comparison of rows, by which both engines seek in the index of the list (`seeks`).

    What is due is sought by its day instead: a sum is in no index, so SQLite is not led away to
    read everybody who waits.
    """
    values = [literal(value, column.type) for column, value in zip(_ORDER, mark, strict=True)]
    rank, *others = _ORDER
    return tuple_(rank if seeks else rank + 0, *others) > tuple_(*values)


def _counted(
    lane: str, clinic_id: int, wanted: Wanted, part: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    some = select(_R.id).where(part, *_narrowed(clinic_id, wanted)).limit(COUNTED).subquery()
    return select(literal(lane), func.count()).select_from(some)


def _fits(store: Store, clinic_id: int, sought: Sought) -> ColumnElement[bool] | None:
    terms = [_R.clinic_id == clinic_id]
    called: list[ColumnElement[bool]] = []
    words = store.vault.heard_hashes(clinic_id, sought.name)
    if words:
        with_all = (
            select(_W.response_id)
            .where(_W.clinic_id == clinic_id, _W.word_hash.in_(words))
            .group_by(_W.response_id)
            .having(func.count() == len(words))
        )
        called = [_R.id.in_(with_all)]
    if sought.reference:
        called.append(_R.reference == sought.reference)
    if called:
        terms.append(or_(*called))
    if sought.born_on is not None:
        terms.append(_R.born_on_hash == store.vault.date_hash(clinic_id, sought.born_on))
    return and_(*terms) if len(terms) > 1 else None


# --- What stands in them -------------------------------------------------------------------------

Seals = dict[str, tuple[int, Sealed]]
"""By response: its newest version, sealed."""


def _sealed(conn: Connection, clinic_id: int, heads: Sequence[AnyRow]) -> Seals:
    newest = {(head.id, head.version) for head in heads}
    statement = select(_V.response_id, _V.version, _V.kid, _V.sealed).where(
        _V.clinic_id == clinic_id, tuple_(_V.response_id, _V.version).in_(newest)
    )
    rows = conn.execute(statement) if newest else ()
    return {row.response_id: (row.version, Sealed(row.kid, row.sealed)) for row in rows}


def _row(store: Store, clinic_id: int, head: AnyRow, seals: Seals) -> Row:
    on = head.appointment_on
    return Row(
        id=head.id,
        reference=head.reference,
        lane=head.lane,
        urgency=schema.URGENCIES[head.urgency_rank],
        appointment_on=None if on == schema.NO_APPOINTMENT else on,
        sent_at=head.sent_at,
        assigned_to=head.assigned_to,
        due_on=head.due_on,
        document=_document(store, clinic_id, head.id, seals),
    )


def _document(store: Store, clinic_id: int, id: str, seals: Seals) -> dict[str, Any] | None:
    if id not in seals:
        return None
    version, sealed = seals[id]
    place = Place(clinic_id, "response_versions", "sealed", id, version)
    try:
        part = store.vault.open_part(sealed, place, before="rows")
        # Older documents have the rows first.
        is_whole = "assessment" in part
        return part if is_whole else store.vault.open_document(sealed, place)
    except (BrokenSeal, ValueError):
        return None
