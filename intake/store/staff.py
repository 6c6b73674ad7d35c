"""The people of a clinic who may log in, and the first thing that they prove: a password.

A password alone opens nothing. It goes with a one-time code (`factors`), or instead of both a
passkey is used (`passkeys`).
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Label, func, insert, select
from sqlalchemy.exc import IntegrityError

from intake.store import attempts, audit, password_rules, passwords, schema
from intake.store.errors import BadValue, StaffExists
from intake.store.schema import AnyRow
from intake.store.store import Store

USERNAME = re.compile(r"[\w.@+-]{1,64}")
EMAIL = re.compile(r"[^\s@<>\"]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
ID = re.compile(r"[0-9a-f]{32}")
NAME_LENGTH = 200

_S = schema.staff.c
_E = schema.emergency_access.c


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff; role is "doctor", "admin" or "front_desk"."""

    id: str
    clinic_id: int
    username: str
    name: str
    role: str
    email: str = ""
    emergency_until: datetime | None = None
    """Until when they are a doctor by emergency access, whatever their own role is."""

    @property
    def is_doctor(self) -> bool:
        return self.role == "doctor"

    @property
    def actor(self) -> str:
        """How audit events name this person."""
        return f"staff:{self.id}"


def add(
    store: Store,
    clinic_id: int,
    username: str,
    name: str,
    role: str,
    password: str,
    *,
    own: Iterable[str] = (),
) -> Staff:
    """An account with a password, which has to get a second factor at the first log-in.

    Raises `BadValue` or `StaffExists` with a line for the administrator.
    """
    person = _checked(clinic_id, username, name, role, "")
    refused = password_rules.why_not(password, (*own, person.name, person.username))
    if refused:
        raise BadValue(refused)
    return _insert(store, person, "system", passwords.hash_secret(password_rules.tidy(password)))


def create(
    store: Store, clinic_id: int, username: str, name: str, role: str, email: str = "", *, by: str
) -> Staff:
    """An account that nobody can log in to until its person is invited and sets it up."""
    return _insert(store, _checked(clinic_id, username, name, role, email), by, None)


def check(
    store: Store, clinic_id: int, username: str, password: str, *, address: str = ""
) -> Staff | None:
    """The person whose username and password these are; a second proof has to follow.

    None alike, after the same work, for an unknown name, a wrong password, a pause after wrong
    ones (of this person or from this address), and a log-in that was taken away.
    """
    now = store.clock()
    around = attempts.of_address(store.vault, address)
    with store.write() as conn:
        row = _find(conn, clinic_id, _username(username))
        subject = attempts.UNKNOWN if row is None else row.id
        tries = attempts.take(conn, clinic_id, attempts.LOG_IN, subject, now)
        near = attempts.take(conn, clinic_id, attempts.ADDRESS, around, now)
    live = row is not None and tries is not None and near is not None and row.disabled_at is None
    hashed = row.password_hash if row is not None and live else None
    typed = password_rules.tidy(password[: password_rules.LENGTHS.stop])
    fits = passwords.verify(typed, hashed)
    with store.write() as conn:
        if row is None or not fits:
            detail = None if row is None else row.id
            audit.record(conn, clinic_id, "system", "log_in_refused", at=now, detail=detail)
            return None
        person = staff_of(row)
        attempts.forgive(conn, clinic_id, attempts.LOG_IN, person.id)
        attempts.give_back(conn, clinic_id, attempts.ADDRESS, around)
        audit.record(conn, clinic_id, person.actor, "password_accepted", at=now)
    return person


def get(store: Store, clinic_id: int, id: str) -> Staff | None:
    """The person with this id as they are now, unless their log-in was taken away."""
    if not ID.fullmatch(id):
        return None
    with store.read() as conn:
        row = conn.execute(
            select(schema.staff, emergency_until(store.clock())).where(
                _S.clinic_id == clinic_id, _S.id == id, _S.disabled_at.is_(None)
            )
        ).first()
    if row is None or row.emergency_until is None:
        return None if row is None else staff_of(row)
    return replace(staff_of(row), role="doctor", emergency_until=row.emergency_until)


def emergency_until(now: datetime) -> Label[datetime | None]:
    """The column that says until when the person of a row has emergency access."""
    return (
        select(func.max(_E.ends_at))
        .where(_E.clinic_id == _S.clinic_id, _E.staff_id == _S.id, _E.ends_at > now)
        .scalar_subquery()
        .label("emergency_until")
    )


def find(store: Store, clinic_id: int, username: str) -> Staff | None:
    """The person with this username, unless their log-in was taken away."""
    with store.read() as conn:
        row = _find(conn, clinic_id, _username(username))
    return None if row is None or row.disabled_at is not None else staff_of(row)


def _insert(store: Store, person: Staff, by: str, password_hash: str | None) -> Staff:
    now = store.clock()
    row = {
        "clinic_id": person.clinic_id,
        "id": person.id,
        "username": person.username,
        "name": person.name,
        "role": person.role,
        "email": person.email or None,
        "password_hash": password_hash,
        "created_at": now,
    }
    try:
        with store.write() as conn:
            conn.execute(insert(schema.staff), row)
            audit.record(conn, person.clinic_id, by, "staff_added", at=now, detail=person.id)
    except IntegrityError:
        raise StaffExists(_taken(store, person)) from None
    return person


def _taken(store: Store, person: Staff) -> str:
    with store.read() as conn:
        if _find(conn, person.clinic_id, person.username) is not None:
            return f"There is a log-in {person.username!r} already."
    return "There is a log-in with this e-mail address already."


def _checked(clinic_id: int, username: str, name: str, role: str, email: str) -> Staff:
    known_as = _username(username)
    if known_as is None:
        raise BadValue("A username has up to 64 letters, digits or . @ + - _ and no spaces.")
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        raise BadValue(f"A name has 1 to {NAME_LENGTH} characters on one line.")
    if role not in schema.ROLES:
        raise BadValue(f"A role is one of {', '.join(schema.ROLES)}.")
    return Staff(secrets.token_hex(16), clinic_id, known_as, name.strip(), role, _email(email))


def _email(typed: str) -> str:
    email = typed.strip().casefold()
    if email and (len(email) > schema.EMAIL_LENGTH or not EMAIL.fullmatch(email)):
        raise BadValue("An e-mail address looks like name@clinic.org.")
    return email


def _username(typed: str) -> str | None:
    if len(typed) > schema.WORD_LENGTH:
        return None
    folded = unicodedata.normalize("NFKC", typed).strip().casefold()
    return folded if USERNAME.fullmatch(folded) else None


def _find(conn: Connection, clinic_id: int, username: str | None) -> AnyRow | None:
    return conn.execute(
        select(schema.staff).where(_S.clinic_id == clinic_id, _S.username == (username or ""))
    ).first()


def staff_of(row: AnyRow) -> Staff:
    """The person of a row."""
    return Staff(row.id, row.clinic_id, row.username, row.name, row.role, row.email or "")
