"""Emergency access: an account that exists reads as a doctor for some hours, and all can see it.

It is only ever asked whether one is running, so that it ends by itself.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from intake.store import audit, jobs, schema, sessions
from intake.store.crypto import Place, Sealed
from intake.store.errors import BadValue
from intake.store.schema import AnyRow
from intake.store.staff import Staff
from intake.store.store import Store

LONGEST = timedelta(hours=4)
REASON_LENGTH = 200
SHOWN = 10

_E, _S = schema.emergency_access.c, schema.staff.c


@dataclass(frozen=True, slots=True)
class Grant:
    """Who read as a doctor, from when to when, and why."""

    staff_id: str
    begun_at: datetime
    ends_at: datetime
    reason: str = field(repr=False)


def grant(
    store: Store, person: Staff, reason: str, life: timedelta, *, tell: Iterable[str] = ()
) -> Grant:
    """Give it, end the person's log-ins, and mail to administrators and to `tell`.

    Raises `BadValue` for who is a doctor, has it already or was disabled, and without a reason.
    """
    words = " ".join(reason.split())
    if not words or len(words) > REASON_LENGTH or not words.isprintable():
        raise BadValue(f"A reason has 1 to {REASON_LENGTH} characters.")
    if not timedelta(0) < life <= LONGEST:
        raise BadValue("Emergency access lasts 4 hours at most.")
    now, id = store.clock(), secrets.token_hex(16)
    sealed = store.vault.seal_document({"reason": words}, _place(person.clinic_id, id))
    row = {
        "clinic_id": person.clinic_id,
        "id": id,
        "staff_id": person.id,
        "kid": sealed.kid,
        "sealed": sealed.data,
        "begun_at": now,
        "ends_at": now + life,
    }
    with store.write() as conn:
        _refuse(conn, person, now)
        conn.execute(insert(schema.emergency_access), row)
        sessions.end_all(conn, person.clinic_id, "staff", person.id)
        for address in sorted({*tell, *_administrators(conn, person.clinic_id)}):
            jobs.add(store, conn, person.clinic_id, "mail", "none", _letter(address, person, life))
        audit.record(conn, person.clinic_id, "system", "emergency_begun", at=now, detail=person.id)
    return Grant(person.id, now, now + life, words)


def end(store: Store, person: Staff) -> bool:
    """End it before its time; whether there was one."""
    now = store.clock()
    with store.write() as conn:
        ended = conn.execute(
            update(schema.emergency_access)
            .where(_E.clinic_id == person.clinic_id, _E.staff_id == person.id, _E.ends_at > now)
            .values(ends_at=now)
        ).rowcount
        if not ended:
            return False
        sessions.end_all(conn, person.clinic_id, "staff", person.id)
        audit.record(conn, person.clinic_id, "system", "emergency_ended", at=now, detail=person.id)
    return True


def last(store: Store, clinic_id: int) -> list[Grant]:
    """The last ones of a clinic, newest first."""
    statement = (
        select(schema.emergency_access)
        .where(_E.clinic_id == clinic_id)
        .order_by(_E.begun_at.desc(), _E.id)
        .limit(SHOWN)
    )
    with store.read() as conn:
        rows = conn.execute(statement).all()
    return [_grant(store, row) for row in rows]


def _refuse(conn: Connection, person: Staff, now: datetime) -> None:
    """Under the lock of the person's row: of two who give it at once, one is refused."""
    row = conn.execute(
        select(_S.role, _S.disabled_at)
        .where(_S.clinic_id == person.clinic_id, _S.id == person.id)
        .with_for_update()
    ).first()
    if row is None or row.disabled_at is not None:
        raise BadValue("This log-in was taken away.")
    if row.role == "doctor":
        raise BadValue("This person is a doctor.")
    running = conn.execute(
        select(_E.id).where(
            _E.clinic_id == person.clinic_id, _E.staff_id == person.id, _E.ends_at > now
        )
    ).first()
    if running is not None:
        raise BadValue("This person has emergency access; it is not prolonged: end it first.")


def _administrators(conn: Connection, clinic_id: int) -> list[str]:
    statement = select(_S.email).where(
        _S.clinic_id == clinic_id,
        _S.role == "admin",
        _S.disabled_at.is_(None),
        _S.email.is_not(None),
    )
    return list(conn.execute(statement).scalars())


def _letter(address: str, person: Staff, life: timedelta) -> dict[str, str]:
    minutes = int(life.total_seconds() // 60)
    body = (
        f"The account {person.username} was given emergency access as a doctor for {minutes} "
        "minutes, from the command line of the machine.\n\n"
        "The reason stands on the Settings page, and the audit tells what was opened."
    )
    return {"to": address, "subject": "Emergency access was given", "body": body}


def _grant(store: Store, row: AnyRow) -> Grant:
    sealed = Sealed(row.kid, row.sealed)
    document = store.vault.open_document(sealed, _place(row.clinic_id, row.id))
    return Grant(row.staff_id, row.begun_at, row.ends_at, str(document["reason"]))


def _place(clinic_id: int, id: str) -> Place:
    return Place(clinic_id, "emergency_access", "sealed", id, 1)
