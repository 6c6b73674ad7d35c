"""Sent responses in the order in which they last changed: for programs, files and re-scoring."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, select, tuple_

from intake.store import audit, schema
from intake.store.crypto import Place, Sealed
from intake.store.schema import AnyRow, UtcDateTime
from intake.store.store import Store

BATCH = 50

_R = schema.responses.c
_V = schema.response_versions.c


@dataclass(frozen=True, slots=True)
class Listed:
    """The newest version of a sent response; `mark` is where the page after it begins."""

    id: str
    reference: str
    sent_at: datetime
    version: int
    at: datetime
    document: dict[str, Any] = field(repr=False)

    @property
    def mark(self) -> "Mark":
        return Mark(self.at, self.id)


@dataclass(frozen=True, slots=True)
class Mark:
    """The last response of a page."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Period:
    """Changed at `since` or later, and before `until`."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Period()


def page(
    store: Store,
    clinic_id: int,
    period: Period = ALWAYS,
    *,
    limit: int = BATCH,
    after: Mark | None = None,
) -> list[Listed]:
    """The next responses after a mark."""
    statement = _select(
        clinic_id, period, _R.id, _R.reference, _R.sent_at, _V.version, _V.at, _V.kid, _V.sealed
    )
    statement = statement.order_by(_V.at, _V.response_id).limit(max(1, min(limit, BATCH)))
    if after is not None:
        mark = (literal(after.at, UtcDateTime()), literal(after.id))
        statement = statement.where(tuple_(_V.at, _V.response_id) > tuple_(*mark))
    with store.read() as conn:
        rows = conn.execute(statement).all()
    return [_listed(store, clinic_id, row) for row in rows]


def every(store: Store, clinic_id: int, period: Period = ALWAYS) -> Iterator[list[Listed]]:
    """All of them, a page at a time; none holds the database while it is used."""
    rows = page(store, clinic_id, period)
    while rows:
        yield rows
        rows = page(store, clinic_id, period, after=rows[-1].mark)


def count(store: Store, clinic_id: int, period: Period = ALWAYS) -> int:
    with store.read() as conn:
        return int(conn.execute(_select(clinic_id, period, func.count())).scalar_one())


def _select(clinic_id: int, period: Period, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Everything but the version's number is asked of the versions: an index has it in order."""
    statement = (
        select(*columns)
        .select_from(schema.response_versions)
        .join(
            schema.responses,
            and_(
                _R.clinic_id == _V.clinic_id,
                _R.id == _V.response_id,
                _R.version == _V.version,
            ),
        )
        .where(_V.clinic_id == clinic_id, _R.status == "sent")
    )
    if period.since is not None:
        statement = statement.where(_V.at >= period.since)
    if period.until is not None:
        statement = statement.where(_V.at < period.until)
    return statement


def _listed(store: Store, clinic_id: int, row: AnyRow) -> Listed:
    place = Place(clinic_id, "response_versions", "sealed", row.id, row.version)
    document = store.vault.open_document(Sealed(row.kid, row.sealed), place)
    return Listed(row.id, row.reference, row.sent_at, row.version, row.at, document)


def note_export(
    store: Store, clinic_id: int, actor: str, action: str, rows: Iterable[Listed]
) -> None:
    """Record that responses are about to leave, each by itself; on disk when it returns."""
    now = store.clock()
    with store.write() as conn:
        for row in rows:
            audit.record(conn, clinic_id, actor, action, row.id, at=now)
