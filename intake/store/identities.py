"""Who a person of the staff is to the clinic's single sign-on.

A person is found by the provider's own name for them. Only the first time, before there is one,
the address decides that they share with an account; and no account is ever made by it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select
from sqlalchemy.exc import IntegrityError

from intake.store import attempts, audit, factors, schema, sessions
from intake.store.staff import Staff, staff_of
from intake.store.store import Store

_I, _S = schema.staff_identities.c, schema.staff.c


@dataclass(frozen=True, slots=True)
class Known:
    """That a person is known to a provider."""

    issuer: str
    created_at: datetime


def of(store: Store, person: Staff) -> list[Known]:
    """By which providers a person is known, oldest first."""
    with store.read() as conn:
        rows = conn.execute(
            select(_I.issuer, _I.created_at).where(_is_of(person)).order_by(_I.created_at)
        )
        return [Known(row.issuer, row.created_at) for row in rows]


def may_try(store: Store, clinic_id: int, *, address: str = "") -> bool:
    """Count a try from an address; False during a pause, and then it is recorded as refused."""
    now = store.clock()
    around = attempts.of_address(store.vault, address)
    with store.write() as conn:
        if attempts.take(conn, clinic_id, attempts.ADDRESS, around, now) is not None:
            return True
        audit.record(conn, clinic_id, "system", "sign_on_refused", at=now)
    return False


def refuse(store: Store, clinic_id: int, person: Staff | None = None) -> None:
    """Record that a try was not right; it stays counted."""
    detail = None if person is None else person.id
    audit.note(store, clinic_id, "system", "sign_on_refused", detail=detail)


def forgive(store: Store, clinic_id: int, *, address: str = "") -> None:
    """A try was right, or its person thought better of it: it does not count."""
    around = attempts.of_address(store.vault, address)
    with store.write() as conn:
        attempts.give_back(conn, clinic_id, attempts.ADDRESS, around)


def find(store: Store, clinic_id: int, issuer: str, subject: str, email: str) -> Staff | None:
    """Whose account this is, unless their log-in was taken away.

    `email` is one that the provider vouches for, or "". It counts only for a subject that is
    linked to nobody, and for an account that is linked to no other subject of this provider.
    """
    with store.read() as conn:
        linked = select(schema.staff).join(schema.staff_identities, _same_person())
        row = conn.execute(linked.where(*_named(clinic_id, issuer, subject))).first()
        if row is None and email:
            other = select(_I.subject).where(_same_person(), _I.issuer == issuer).exists()
            row = conn.execute(
                select(schema.staff).where(_S.clinic_id == clinic_id, _S.email == email, ~other)
            ).first()
    return None if row is None or row.disabled_at is not None else staff_of(row)


def link(store: Store, person: Staff, issuer: str, subject: str) -> bool:
    """Bind a subject to a person for good; False when either is bound elsewhere already."""
    now = store.clock()
    row = {
        "clinic_id": person.clinic_id,
        "issuer": issuer,
        "subject": subject,
        "staff_id": person.id,
        "created_at": now,
    }
    try:
        with store.write() as conn:
            # Holds the person's row: two subjects do not become the same person's at once.
            factors.let_set_up(conn, person, first=False)
            had = conn.execute(select(_I.subject).where(_is_of(person), _I.issuer == issuer))
            bound = had.scalars().all()
            if bound:
                return bound == [subject]
            conn.execute(insert(schema.staff_identities), row)
            factors.drop_invitation(conn, person)
            audit.record(conn, person.clinic_id, person.actor, "sign_on_linked", at=now)
    except IntegrityError:
        return False
    return True


def unlink(store: Store, person: Staff, *, by: str) -> bool:
    """Forget who a person is to any provider, and end all their sessions; False if there is none.

    One of the sessions may be of whoever had the provider's account.
    """
    with store.write() as conn:
        if not forget(conn, person):
            return False
        sessions.end_all(conn, person.clinic_id, "staff", person.id)
        audit.record(
            conn, person.clinic_id, by, "sign_on_unlinked", at=store.clock(), detail=person.id
        )
    return True


def forget(conn: Connection, person: Staff) -> int:
    """No provider knows this person; how many did."""
    return conn.execute(delete(schema.staff_identities).where(_is_of(person))).rowcount


def _is_of(person: Staff) -> ColumnElement[bool]:
    return and_(_I.clinic_id == person.clinic_id, _I.staff_id == person.id)


def _same_person() -> ColumnElement[bool]:
    return and_(_I.clinic_id == _S.clinic_id, _I.staff_id == _S.id)


def _named(clinic_id: int, issuer: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (_I.clinic_id == clinic_id, _I.issuer == issuer, _I.subject == subject)
