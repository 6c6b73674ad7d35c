"""Coming back to a draft from anywhere, with a resume code and the date of birth."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from intake.store import attempts, audit, codes, passwords, schema
from intake.store.drafts import Draft, draft, drawn, is_draft, resealed
from intake.store.errors import StaleDraft
from intake.store.schema import AnyRow
from intake.store.store import Store

LIFE = timedelta(days=14)
TRIES_BEFORE_VOID = 50

_NO_CODE = {"code_locator": None, "code_hash": None, "code_expires_at": None}


def issue_code(
    store: Store,
    draft: Draft,
    born_on: date,
    *,
    by: str = "patient",
    kept: Callable[[str], Mapping[str, Any]] | None = None,
) -> str:
    """A new resume code, in its groups; the one before it stops working.

    It works with this date of birth only: issue a new one when the date is corrected. `kept`
    turns it into the document to store with the same commit; `by` is the actor to record.
    Raises `StaleDraft` when the draft is gone or sent, or, with `kept`, was changed meanwhile.
    """
    return drawn(lambda: _issue(store, draft, born_on, by, kept))


def resume(store: Store, clinic_id: int, code: str, born_on: date) -> Draft | None:
    """The draft that a resume code and a date of birth open.

    None alike, after the same work, for a code that is unknown, wrong, expired, void or paused.
    """
    now = store.clock()
    typed = codes.parse_code(code) or ""
    with store.write() as conn:
        row = _find(conn, clinic_id, typed)
        subject = attempts.UNKNOWN if row is None else row.response_id
        tries = attempts.take(conn, clinic_id, attempts.RESUME, subject, now)
    live = row is not None and row.code_expires_at > now and tries is not None
    hashed = row.code_hash if row is not None and live else None
    fits = passwords.verify(_secret(store, clinic_id, typed, born_on), hashed)
    with store.write() as conn:
        if row is None or not fits:
            _refuse(conn, clinic_id, row, tries, now)
            return None
        attempts.forgive(conn, clinic_id, attempts.RESUME, row.response_id)
        audit.record(conn, clinic_id, "patient", "draft_resumed", row.response_id, at=now)
    return draft(store, clinic_id, row.response_id)


def _issue(
    store: Store,
    draft: Draft,
    born_on: date,
    by: str,
    kept: Callable[[str], Mapping[str, Any]] | None,
) -> str:
    now = store.clock()
    code = codes.new_code()
    shown = codes.show_code(code)
    which = is_draft(draft.clinic_id, draft.id)
    values: dict[str, Any] = {
        "code_locator": codes.locator(code),
        "code_hash": passwords.hash_secret(_secret(store, draft.clinic_id, code, born_on)),
        "code_expires_at": now + LIFE,
    }
    if kept is not None:
        which &= schema.drafts.c.rev == draft.rev
        values |= resealed(store, draft, kept(shown))
    with store.write() as conn:
        issued = conn.execute(update(schema.drafts).where(which).values(values))
        if issued.rowcount != 1:
            raise StaleDraft("The draft is gone, was changed or was sent.")
        attempts.forgive(conn, draft.clinic_id, attempts.RESUME, draft.id)
        audit.record(conn, draft.clinic_id, by, "code_issued", draft.id, at=now)
    return shown


def _secret(store: Store, clinic_id: int, code: str, born_on: date) -> str:
    if codes.is_old(code):
        return f"{code} {born_on.isoformat()}"
    return store.vault.code_secret(clinic_id, code, born_on)


def _find(conn: Connection, clinic_id: int, code: str) -> AnyRow | None:
    table = schema.drafts.c
    return conn.execute(
        select(table.response_id, table.code_hash, table.code_expires_at).where(
            table.clinic_id == clinic_id, table.code_locator == codes.locator(code)
        )
    ).first()


def _refuse(
    conn: Connection, clinic_id: int, row: AnyRow | None, tries: int | None, now: datetime
) -> None:
    response_id = None if row is None else row.response_id
    audit.record(conn, clinic_id, "patient", "code_refused", response_id, at=now)
    if response_id is not None and tries is not None and tries >= TRIES_BEFORE_VOID:
        conn.execute(update(schema.drafts).where(is_draft(clinic_id, response_id)).values(_NO_CODE))
        audit.record(conn, clinic_id, "system", "code_void", response_id, at=now)
