"""Passkeys: public keys whose private half stays on a person's device."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from intake.store import attempts, audit, factors, schema, sessions
from intake.store.errors import BadValue
from intake.store.schema import AnyRow
from intake.store.staff import ID, Staff, staff_of
from intake.store.store import Store

MOST = 10
CREDENTIAL_BYTES = 1023

_P, _S = schema.passkeys.c, schema.staff.c


@dataclass(frozen=True, slots=True)
class Credential:
    """What a device gave when its passkey was made."""

    id: bytes
    public_key: bytes
    sign_count: int


Proof = Callable[[str, Credential], int | None]
"""The counter of the device of a person, by their id, if what it signed fits the key."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a person, under the name they gave it."""

    id: str
    name: str
    credential: Credential
    created_at: datetime
    used_at: datetime | None


def of(store: Store, person: Staff) -> list[Passkey]:
    """A person's passkeys, oldest first."""
    with store.read() as conn:
        rows = conn.execute(
            select(schema.passkeys)
            .where(_P.clinic_id == person.clinic_id, _P.staff_id == person.id)
            .order_by(_P.created_at, _P.id)
        )
        return [_passkey(row) for row in rows]


def find(store: Store, clinic_id: int, credential_id: bytes) -> tuple[Staff, Passkey] | None:
    """Whose passkey this is, unless their log-in was taken away."""
    if not 0 < len(credential_id) <= CREDENTIAL_BYTES:
        return None
    with store.read() as conn:
        row = conn.execute(
            select(schema.passkeys).where(
                _P.clinic_id == clinic_id, _P.credential_id == credential_id
            )
        ).first()
        owner = (
            row
            and conn.execute(
                select(schema.staff).where(
                    _S.clinic_id == clinic_id, _S.id == row.staff_id, _S.disabled_at.is_(None)
                )
            ).first()
        )
    return (staff_of(owner), _passkey(row)) if row is not None and owner is not None else None


def add(
    store: Store, person: Staff, credential: Credential, name: str, *, first: bool = False
) -> None:
    """Keep a new passkey; raises `BadValue` with a line for the person.

    `first` as in `factors.let_set_up`: then the account is set up with it, and a password that
    never got its second proof is gone.
    """
    id = secrets.token_hex(16)
    if not 0 < len(credential.id) <= CREDENTIAL_BYTES:
        raise BadValue("This passkey cannot be kept: its device gave it an odd number.")
    row = {
        "clinic_id": person.clinic_id,
        "id": id,
        "staff_id": person.id,
        "name": _name(name),
        "credential_id": credential.id,
        "public_key": credential.public_key,
        "sign_count": credential.sign_count,
        "created_at": store.clock(),
    }
    try:
        with store.write() as conn:
            had = factors.let_set_up(conn, person, first=first)
            if had.passkeys >= MOST:
                raise BadValue(f"A person has at most {MOST} passkeys: remove one first.")
            if not had.app:
                factors.forget(conn, person)
            conn.execute(insert(schema.passkeys), row)
            factors.drop_invitation(conn, person)
            audit.record(
                conn,
                person.clinic_id,
                person.actor,
                "passkey_added",
                at=store.clock(),
                detail=id,
            )
    except IntegrityError:
        raise BadValue("This passkey is kept already.") from None


def check(
    store: Store,
    clinic_id: int,
    credential_id: bytes,
    proof: Proof,
    *,
    nobody: Credential,
    address: str = "",
) -> Staff | None:
    """The person who just proved to hold this passkey; each proof is counted.

    `proof` is asked of `nobody` where the passkey is unknown, so that the work is the same. None
    alike for an unknown passkey, a wrong proof, a copied device, a pause, and a log-in that was
    taken away.
    """
    now = store.clock()
    around = attempts.of_address(store.vault, address)
    with store.write() as conn:
        near = attempts.take(conn, clinic_id, attempts.ADDRESS, around, now)
    found = find(store, clinic_id, credential_id)
    whose = found[0].id if found else ""
    count = proof(whose, found[1].credential if found else nobody)
    if found is None or near is None or count is None or not use(store, *found, count):
        audit.note(store, clinic_id, "system", "passkey_refused", detail=whose or None)
        return None
    with store.write() as conn:
        attempts.give_back(conn, clinic_id, attempts.ADDRESS, around)
    return found[0]


def use(store: Store, person: Staff, passkey: Passkey, sign_count: int) -> bool:
    """Note that a passkey was used; False when its counter says that there is a copy of it.

    Devices without a counter always say 0.
    """
    now = store.clock()
    newer = or_(_P.sign_count < sign_count, (_P.sign_count == 0) & (sign_count == 0))
    with store.write() as conn:
        used = conn.execute(
            update(schema.passkeys)
            .where(_P.clinic_id == person.clinic_id, _P.id == passkey.id, newer)
            .values(sign_count=sign_count, used_at=now)
        )
        if used.rowcount != 1:
            audit.record(
                conn, person.clinic_id, person.actor, "passkey_copied", at=now, detail=passkey.id
            )
            return False
    return True


def remove(store: Store, person: Staff, id: str) -> bool:
    """Take a passkey away; False when nothing would be left to log in by.

    All sessions end: one of them may be on the device that was lost.
    """
    if not ID.fullmatch(id):
        return True
    with store.write() as conn:
        had = factors.let_set_up(conn, person, first=False)
        if had.passkeys < 2 and not had.app:
            return False
        gone = conn.execute(
            delete(schema.passkeys).where(
                _P.clinic_id == person.clinic_id, _P.staff_id == person.id, _P.id == id
            )
        )
        if gone.rowcount:
            sessions.end_all(conn, person.clinic_id, "staff", person.id)
            audit.record(
                conn,
                person.clinic_id,
                person.actor,
                "passkey_removed",
                at=store.clock(),
                detail=id,
            )
    return True


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or len(name) > schema.WORD_LENGTH or not name.isprintable():
        raise BadValue(f"A passkey's name has 1 to {schema.WORD_LENGTH} characters.")
    return name


def _passkey(row: AnyRow) -> Passkey:
    credential = Credential(row.credential_id, row.public_key, row.sign_count)
    return Passkey(row.id, row.name, credential, row.created_at, row.used_at)
