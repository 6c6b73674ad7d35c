"""The people of a clinic who may log in."""

import re
import secrets
import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from intake.store import attempts, audit, passwords, schema
from intake.store.errors import BadValue, StaffExists
from intake.store.schema import AnyRow
from intake.store.store import Store

USERNAME = re.compile(r"[\w.@+-]{1,64}")
ID = re.compile(r"[0-9a-f]{32}")
NAME_LENGTH = 200
PASSWORD_LENGTHS = range(12, 257)

_S = schema.staff.c


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff; role is "doctor", "admin" or "front_desk"."""

    id: str
    clinic_id: int
    username: str
    name: str
    role: str

    @property
    def actor(self) -> str:
        """How audit events name this person."""
        return f"staff:{self.id}"


def add(store: Store, clinic_id: int, username: str, name: str, role: str, password: str) -> Staff:
    """Give a person a log-in; raises `BadValue` or `StaffExists` with a line for the admin."""
    known_as = _username(username)
    _check(known_as, name, role, password)
    now = store.clock()
    person = Staff(secrets.token_hex(16), clinic_id, known_as or "", name.strip(), role)
    row = {
        "clinic_id": clinic_id,
        "id": person.id,
        "username": person.username,
        "name": person.name,
        "role": role,
        "password_hash": passwords.hash_secret(password),
        "created_at": now,
    }
    try:
        with store.write() as conn:
            conn.execute(insert(schema.staff), row)
            audit.record(conn, clinic_id, "system", "staff_added", at=now, detail=person.id)
    except IntegrityError:
        raise StaffExists(f"There is a log-in {person.username!r} already.") from None
    return person


def check(store: Store, clinic_id: int, username: str, password: str) -> Staff | None:
    """The person whose username and password these are.

    None alike, after the same work, for an unknown name, a wrong password, a pause of 15
    minutes after 5 wrong ones, and a log-in that was taken away.
    """
    now = store.clock()
    with store.write() as conn:
        row = _find(conn, clinic_id, _username(username))
        subject = attempts.UNKNOWN if row is None else row.id
        tries = attempts.take(conn, clinic_id, attempts.LOG_IN, subject, now)
    live = row is not None and tries is not None and row.disabled_at is None
    hashed = row.password_hash if row is not None and live else None
    fits = passwords.verify(password[: PASSWORD_LENGTHS.stop], hashed)
    with store.write() as conn:
        if row is None or not fits:
            detail = None if row is None else row.id
            audit.record(conn, clinic_id, "system", "log_in_refused", at=now, detail=detail)
            return None
        person = _staff(row)
        attempts.forgive(conn, clinic_id, attempts.LOG_IN, person.id)
        audit.record(conn, clinic_id, person.actor, "logged_in", at=now)
    return person


def get(store: Store, clinic_id: int, id: str) -> Staff | None:
    """The person with this id, unless their log-in was taken away."""
    if not ID.fullmatch(id):
        return None
    with store.read() as conn:
        row = conn.execute(
            select(schema.staff).where(
                _S.clinic_id == clinic_id, _S.id == id, _S.disabled_at.is_(None)
            )
        ).first()
    return None if row is None else _staff(row)


def _check(username: str | None, name: str, role: str, password: str) -> None:
    if username is None:
        raise BadValue("A username has up to 64 letters, digits or . @ + - _ and no spaces.")
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        raise BadValue(f"A name has 1 to {NAME_LENGTH} characters on one line.")
    if role not in schema.ROLES:
        raise BadValue(f"A role is one of {', '.join(schema.ROLES)}.")
    if len(password) not in PASSWORD_LENGTHS:
        shortest, longest = PASSWORD_LENGTHS[0], PASSWORD_LENGTHS[-1]
        raise BadValue(f"A password has {shortest} to {longest} characters.")


def _username(typed: str) -> str | None:
    if len(typed) > schema.WORD_LENGTH:
        return None
    folded = unicodedata.normalize("NFKC", typed).strip().casefold()
    return folded if USERNAME.fullmatch(folded) else None


def _find(conn: Connection, clinic_id: int, username: str | None) -> AnyRow | None:
    return conn.execute(
        select(schema.staff).where(_S.clinic_id == clinic_id, _S.username == (username or ""))
    ).first()


def _staff(row: AnyRow) -> Staff:
    return Staff(row.id, row.clinic_id, row.username, row.name, row.role)
