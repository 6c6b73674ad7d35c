"""A response as staff read it, with its versions."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from intake.store import codes, schema
from intake.store.crypto import Place, Sealed
from intake.store.schema import AnyRow
from intake.store.store import Store

_R = schema.responses.c
_V = schema.response_versions.c


@dataclass(frozen=True, slots=True)
class Version:
    """How, by whom and when a version came about."""

    version: int
    kind: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SentResponse:
    """A response as staff see it; `document` is that of the newest version."""

    id: str
    reference: str
    sent_at: datetime
    urgency: str
    versions: tuple[Version, ...]
    document: dict[str, Any] = field(repr=False)
    appointment_on: date | None = None

    @property
    def version(self) -> int:
        """The newest version's number."""
        return self.versions[-1].version


def sent(store: Store, clinic_id: int, reference: str) -> SentResponse | None:
    """A sent response by its reference number, as written or as typed."""
    parsed = codes.parse_reference(reference)
    if parsed is None:
        return None
    return _sent(store, clinic_id, _R.reference == parsed)


def sent_by_id(store: Store, clinic_id: int, id: str) -> SentResponse | None:
    """A sent response by its id."""
    return _sent(store, clinic_id, _R.id == id)


def _sent(store: Store, clinic_id: int, which: ColumnElement[bool]) -> SentResponse | None:
    with store.read() as conn:
        rows = conn.execute(_select_versions(clinic_id, which)).all()
    if not rows:
        return None
    newest = rows[-1]
    return SentResponse(
        id=newest.id,
        reference=newest.reference,
        sent_at=newest.sent_at,
        urgency=schema.URGENCIES[newest.urgency_rank],
        versions=tuple(Version(row.version, row.kind, row.by, row.at) for row in rows),
        document=_open(store, clinic_id, newest),
        appointment_on=_known(newest.appointment_on),
    )


def _known(appointment_on: date) -> date | None:
    return None if appointment_on == schema.NO_APPOINTMENT else appointment_on


def _select_versions(clinic_id: int, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            _R.id,
            _R.reference,
            _R.sent_at,
            _R.urgency_rank,
            _R.appointment_on,
            _V.version,
            _V.kind,
            _V.by,
            _V.at,
            _V.kid,
            _V.sealed,
        )
        .join_from(
            schema.responses,
            schema.response_versions,
            and_(_V.clinic_id == _R.clinic_id, _V.response_id == _R.id),
        )
        .where(_R.clinic_id == clinic_id, which, _R.status == "sent")
        .order_by(_V.version)
    )


def _open(store: Store, clinic_id: int, row: AnyRow) -> dict[str, Any]:
    place = Place(clinic_id, "response_versions", "sealed", row.id, row.version)
    return store.vault.open_document(Sealed(row.kid, row.sealed), place)
