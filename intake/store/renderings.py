"""PDFs that are drawn already, sealed: whoever opens one only reads it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, select

from intake.store import codes, schema
from intake.store.crypto import Place, Sealed
from intake.store.store import Store

SUMMARY = "summary"

_P = schema.renderings.c
_R = schema.responses.c


@dataclass(frozen=True, slots=True)
class Ready:
    """A PDF that shows the response as it is now, and what handing it out needs to know."""

    id: str
    reference: str
    sent_at: datetime
    is_joined: bool
    """Whether staff found other responses of the same person."""
    drawn: bytes = field(repr=False)


_READY = (
    select(_R.id, _R.reference, _R.sent_at, _R.person_id, _R.record_rev, _P.kid, _P.sealed)
    .join_from(
        schema.responses,
        schema.renderings,
        and_(
            _P.clinic_id == _R.clinic_id,
            _P.response_id == _R.id,
            _P.record_rev == _R.record_rev,
        ),
    )
    .where(
        _R.clinic_id == bindparam("of_clinic"),
        _R.reference == bindparam("of_reference"),
        _R.status == "sent",
        _P.kind == bindparam("of_kind"),
    )
)


def ready(store: Store, clinic_id: int, reference: str, kind: str) -> Ready | None:
    """The kept PDF of a response, by one look and without opening its answers.

    None where there is no such response, or none of its newest revision.
    """
    parsed = codes.parse_reference(reference)
    if parsed is None:
        return None
    of = {"of_clinic": clinic_id, "of_reference": parsed, "of_kind": kind}
    with store.read() as conn:
        row = conn.execute(_READY, of).first()
    if row is None:
        return None
    place = _place(clinic_id, row.id, kind, row.record_rev)
    drawn = store.vault.open(Sealed(row.kid, row.sealed), place)
    return Ready(row.id, row.reference, row.sent_at, row.person_id is not None, drawn)


def kept(store: Store, clinic_id: int, response_id: str, kind: str, rev: int) -> bytes | None:
    """The PDF of a response as of this revision of its record; None when there is none."""
    with store.read() as conn:
        row = conn.execute(
            select(schema.renderings).where(*_is(clinic_id, response_id, kind))
        ).first()
    if row is None or row.record_rev != rev:
        return None
    place = _place(clinic_id, response_id, kind, rev)
    return store.vault.open(Sealed(row.kid, row.sealed), place)


def keep(store: Store, clinic_id: int, response_id: str, kind: str, rev: int, drawn: bytes) -> None:
    """Keep a PDF in place of an older one; one of a newer revision stays."""
    sealed = store.vault.seal(drawn, _place(clinic_id, response_id, kind, rev))
    row = {
        "clinic_id": clinic_id,
        "response_id": response_id,
        "kind": kind,
        "record_rev": rev,
        "kid": sealed.kid,
        "sealed": sealed.data,
        "created_at": store.clock(),
    }
    which = _is(clinic_id, response_id, kind)
    with store.write() as conn:
        # Held by the response's row: two who draw the same one do not both insert.
        table = schema.responses.c
        conn.execute(
            select(table.id)
            .where(table.clinic_id == clinic_id, table.id == response_id)
            .with_for_update()
        )
        newest = conn.execute(select(_P.record_rev).where(*which)).scalar()
        if newest is not None and newest > rev:
            return
        conn.execute(delete(schema.renderings).where(*which))
        conn.execute(insert(schema.renderings), row)


def _is(clinic_id: int, response_id: str, kind: str) -> tuple[ColumnElement[bool], ...]:
    return (_P.clinic_id == clinic_id, _P.response_id == response_id, _P.kind == kind)


def _place(clinic_id: int, response_id: str, kind: str, rev: int) -> Place:
    return Place(clinic_id, "renderings", kind, response_id, rev)
