"""What proves a person beside a password: one-time codes from an app, and codes on paper.

Password and app go together: either is set up with the other, and taken away with it. So there
is no account that a password alone opens, once it is set up.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from intake.store import attempts, audit, long_codes, password_rules, passwords, schema, sessions
from intake.store.crypto import Place, Sealed
from intake.store.errors import BadValue
from intake.store.schema import AnyRow
from intake.store.staff import Staff
from intake.store.store import Store

RECOVERY_CODES = 10
DIGITS, SECONDS = 6, 30
DRIFT = 1
"""By so many steps a phone's clock may be wrong."""

_S, _R, _P = schema.staff.c, schema.recovery_codes.c, schema.passkeys.c


@dataclass(frozen=True, slots=True)
class Factors:
    """By what a person can log in."""

    password: bool
    app: bool
    passkeys: int
    codes_left: int

    @property
    def are_enough(self) -> bool:
        """Whether the account is set up."""
        return self.passkeys > 0 or (self.password and self.app)


def new_secret() -> str:
    """A fresh secret to share with an app, 160 bits in base 32."""
    return pyotp.random_base32()


def address_for_app(secret: str, username: str, issuer: str) -> str:
    """What the picture for the app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The number of the step whose code was typed; None when it is no code of these minutes."""
    code = "".join(typed.split())
    if len(code) != DIGITS or not (code.isascii() and code.isdecimal()):
        return None
    step = int(now.timestamp()) // SECONDS
    found = None
    for near in range(step - DRIFT, step + DRIFT + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(near), code):
            found = near
    return found


def factors(store: Store, person: Staff) -> Factors:
    """By what a person can log in."""
    with store.read() as conn:
        return _factors(conn, person)


def set_app(
    store: Store,
    person: Staff,
    secret: str,
    typed: str,
    *,
    password: str | None = None,
    own: Iterable[str] = (),
    first: bool = False,
) -> list[str] | None:
    """Share a secret with a person's app, once a code shows that the app has it.

    With a password where there is none yet. Gives new recovery codes, or None for a wrong code;
    raises `BadValue` with a line for the person when the password will not do. `first` as in
    `let_set_up`.
    """
    now = store.clock()
    hashed = None if password is None else _hashed(person, password, own)
    step = step_of(secret, typed, now)
    if step is None:
        return None
    sealed = store.vault.seal(secret.encode(), _place(person))
    values = {"totp_kid": sealed.kid, "totp_sealed": sealed.data, "totp_step": step}
    if hashed is not None:
        values["password_hash"] = hashed
    with store.write() as conn:
        had = let_set_up(conn, person, first=first)
        if hashed is None and not had.password:
            raise BadValue("A code app goes with a password.")
        conn.execute(update(schema.staff).where(*_is(person)).values(**values))
        drop_invitation(conn, person)
        done = "app_replaced" if had.app else "app_added"
        audit.record(conn, person.clinic_id, person.actor, done, at=now)
        return _new_codes(store, conn, person)


def let_set_up(conn: Connection, person: Staff, *, first: bool) -> Factors:
    """By what a person can log in so far; the row is held until the change is done.

    `first`: who has shown no more than a password or an invitation may add nothing to an account
    that is set up already; raises `BadValue`.
    """
    conn.execute(select(_S.id).where(*_is(person), _S.disabled_at.is_(None)).with_for_update())
    had = _factors(conn, person)
    if first and had.are_enough:
        raise BadValue("This log-in is set up already.")
    return had


def drop_invitation(conn: Connection, person: Staff) -> None:
    """An invitation ends with what it was for: a way to log in."""
    table = schema.staff_invitations
    conn.execute(
        delete(table).where(table.c.clinic_id == person.clinic_id, table.c.staff_id == person.id)
    )


def change_password(store: Store, person: Staff, password: str, own: Iterable[str] = ()) -> None:
    """Take another password; raises `BadValue` with a line for the person when it will not do."""
    hashed = _hashed(person, password, own)
    with store.write() as conn:
        conn.execute(
            update(schema.staff)
            .where(*_is(person), _S.totp_sealed.is_not(None))
            .values(password_hash=hashed)
        )
        # Whoever knew the old one is out.
        sessions.end_all(conn, person.clinic_id, "staff", person.id)
        audit.record(conn, person.clinic_id, person.actor, "password_changed", at=store.clock())


def remove_app(store: Store, person: Staff) -> bool:
    """Take password, app and recovery codes away; False when nothing would be left to log in by."""
    with store.write() as conn:
        if not _factors(conn, person).passkeys:
            return False
        forget(conn, person)
        audit.record(conn, person.clinic_id, person.actor, "app_removed", at=store.clock())
    return True


def forget(conn: Connection, person: Staff) -> None:
    """No password, no app, no recovery codes."""
    nothing = {"password_hash": None, "totp_kid": None, "totp_sealed": None, "totp_step": None}
    conn.execute(update(schema.staff).where(*_is(person)).values(**nothing))
    conn.execute(delete(schema.recovery_codes).where(*_codes_of(person)))


def new_codes(store: Store, person: Staff) -> list[str]:
    """New recovery codes; all earlier ones are void."""
    with store.write() as conn:
        if not _factors(conn, person).app:
            raise BadValue("Recovery codes go with a code app.")
        return _new_codes(store, conn, person)


def check(store: Store, person: Staff, typed: str, *, address: str = "") -> str:
    """What was typed beside the password: "code" or "recovery" when it is right, else "".

    Each code of the app opens once: neither the last one again nor an older one. Each recovery
    code opens once. Wrong ones are counted, and during a pause none is right.
    """
    now = store.clock()
    around = attempts.of_address(store.vault, address)
    with store.write() as conn:
        tries = attempts.take(conn, person.clinic_id, attempts.SECOND, person.id, now)
        near = attempts.take(conn, person.clinic_id, attempts.ADDRESS, around, now)
        may = tries is not None and near is not None
        kind = _check(store, conn, person, typed, now) if may else ""
        if not kind:
            audit.record(
                conn, person.clinic_id, "system", "code_of_app_refused", at=now, detail=person.id
            )
            return ""
        attempts.forgive(conn, person.clinic_id, attempts.SECOND, person.id)
        attempts.give_back(conn, person.clinic_id, attempts.ADDRESS, around)
        if kind == "recovery":
            audit.record(conn, person.clinic_id, person.actor, "recovery_code_used", at=now)
    return kind


def _check(store: Store, conn: Connection, person: Staff, typed: str, now: datetime) -> str:
    row = conn.execute(select(schema.staff).where(*_is(person))).first()
    if row is None or row.disabled_at is not None or row.totp_sealed is None:
        return ""
    step = step_of(_secret(store, row, person), typed, now)
    if step is not None:
        return "code" if _use_step(conn, person, step) else ""
    return "recovery" if _use_recovery(store, conn, person, typed, now) else ""


def _use_step(conn: Connection, person: Staff, step: int) -> bool:
    """Take a step for good; of two who type the same code, one gets in."""
    newer = or_(_S.totp_step.is_(None), _S.totp_step < step)
    used = conn.execute(update(schema.staff).where(*_is(person), newer).values(totp_step=step))
    return used.rowcount == 1


def _use_recovery(store: Store, conn: Connection, person: Staff, typed: str, now: datetime) -> bool:
    code = long_codes.parse(typed)
    if code is None:
        return False
    used = conn.execute(
        update(schema.recovery_codes)
        .where(
            *_codes_of(person),
            _R.code_hash == _code_hash(store, person, code),
            _R.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return used.rowcount == 1


def _new_codes(store: Store, conn: Connection, person: Staff) -> list[str]:
    codes = [long_codes.new() for _ in range(RECOVERY_CODES)]
    conn.execute(delete(schema.recovery_codes).where(*_codes_of(person)))
    rows = [
        {
            "clinic_id": person.clinic_id,
            "staff_id": person.id,
            "code_hash": _code_hash(store, person, code),
        }
        for code in codes
    ]
    conn.execute(insert(schema.recovery_codes), rows)
    audit.record(conn, person.clinic_id, person.actor, "recovery_codes_issued", at=store.clock())
    return codes


def _factors(conn: Connection, person: Staff) -> Factors:
    row = conn.execute(select(_S.password_hash, _S.totp_sealed).where(*_is(person))).one()
    keys = select(func.count()).where(_P.clinic_id == person.clinic_id, _P.staff_id == person.id)
    codes = select(func.count()).where(*_codes_of(person), _R.used_at.is_(None))
    return Factors(
        password=bool(row.password_hash),
        app=row.totp_sealed is not None,
        passkeys=conn.execute(keys).scalar_one(),
        codes_left=conn.execute(codes).scalar_one(),
    )


def _hashed(person: Staff, password: str, own: Iterable[str]) -> str:
    refused = password_rules.why_not(password, (*own, person.name, person.username))
    if refused:
        raise BadValue(refused)
    return passwords.hash_secret(password_rules.tidy(password))


def _secret(store: Store, row: AnyRow, person: Staff) -> str:
    return store.vault.open(Sealed(row.totp_kid, row.totp_sealed), _place(person)).decode()


def _code_hash(store: Store, person: Staff, code: str) -> bytes:
    return store.vault.long_code_hash(person.clinic_id, "recovery", f"{person.id} {code}")


def _place(person: Staff) -> Place:
    return Place(person.clinic_id, "staff", "totp_sealed", person.id, 1)


def _is(person: Staff) -> tuple[ColumnElement[bool], ...]:
    return (_S.clinic_id == person.clinic_id, _S.id == person.id)


def _codes_of(person: Staff) -> tuple[ColumnElement[bool], ...]:
    return (_R.clinic_id == person.clinic_id, _R.staff_id == person.id)
