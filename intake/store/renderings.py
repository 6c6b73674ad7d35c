"""PDFs that are drawn already, sealed: whoever opens one only reads it."""

from sqlalchemy import ColumnElement, delete, insert, select

from intake.store import schema
from intake.store.crypto import Place, Sealed
from intake.store.store import Store

SUMMARY = "summary"

_P = schema.renderings.c


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
