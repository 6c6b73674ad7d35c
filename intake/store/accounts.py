"""What administrators do with accounts: invite, change the role, take away and give back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select
from sqlalchemy import update as sql_update

from intake.store import attempts, audit, factors, identities, long_codes, schema, sessions
from intake.store.errors import BadValue, LastAdministrator
from intake.store.schema import AnyRow
from intake.store.staff import ID, Staff, emergency_until, staff_of
from intake.store.store import Store

INVITATION_LIFE = timedelta(days=3)
ADMIN = "admin"

_S, _I, _P = schema.staff.c, schema.staff_invitations.c, schema.passkeys.c
_O = schema.staff_identities.c


@dataclass(frozen=True, slots=True)
class Account:
    """A person as administrators see them: no secret, and no more than they need."""

    person: Staff
    disabled_at: datetime | None
    has_app: bool
    has_password: bool
    passkeys: int
    has_sign_on: bool
    """Whether they are linked to the single sign-on. No administrator counts on that alone."""
    invited_until: datetime | None
    seen_at: datetime | None
    """When they last did something, if they are logged in."""
    emergency_until: datetime | None = None
    """Until when they are a doctor by emergency access."""

    @property
    def state(self) -> str:
        """One of "disabled", "ready", "invited" and "waiting"."""
        if self.disabled_at is not None:
            return "disabled"
        if self.passkeys or self.has_app or self.has_sign_on:
            return "ready"
        return "invited" if self.invited_until is not None else "waiting"


def everybody(store: Store, clinic_id: int) -> list[Account]:
    """All accounts of a clinic, by name."""
    return _accounts(store, clinic_id, _S.clinic_id == clinic_id)


def account(store: Store, clinic_id: int, id: str) -> Account | None:
    """One account, also one that was taken away."""
    if not ID.fullmatch(id):
        return None
    found = _accounts(store, clinic_id, and_(_S.clinic_id == clinic_id, _S.id == id))
    return found[0] if found else None


def invite(store: Store, person: Staff, *, by: str) -> str:
    """A one-time code with which a person sets their log-in up; the one before it is void."""
    now = store.clock()
    with store.write() as conn:
        if _is_ready(conn, person):
            raise BadValue("This person can log in; reset the log-in first.")
        # A first password that was never completed: who is invited chooses their own.
        _forget_factors(conn, person)
        return _invite(store, conn, person, by, now)


def invited(store: Store, clinic_id: int, typed: str, *, address: str = "") -> Staff | None:
    """Whom an invitation is for; None alike for an unknown, used or old one, or during a pause.

    It stays good until the set-up is done: who is interrupted begins again with the same one.
    """
    now = store.clock()
    code = long_codes.parse(typed) or ""
    around = attempts.of_address(store.vault, address)
    with store.write() as conn:
        near = attempts.take(conn, clinic_id, attempts.ADDRESS, around, now)
        row = conn.execute(
            select(schema.staff)
            .join(schema.staff_invitations, _same_person(_I))
            .where(
                _I.clinic_id == clinic_id,
                _I.code_hash == _hash(store, clinic_id, code),
                _I.expires_at > now,
                _S.disabled_at.is_(None),
            )
        ).first()
        if row is None or near is None:
            audit.record(conn, clinic_id, "system", "invitation_refused", at=now)
            return None
        attempts.give_back(conn, clinic_id, attempts.ADDRESS, around)
        person = staff_of(row)
        audit.record(conn, clinic_id, person.actor, "invitation_opened", at=now)
    return person


def reset(store: Store, person: Staff, *, by: str) -> str:
    """Take every way to log in away, end every session, and invite anew; the new code."""
    return _reset(store, person, by, keep_one=True)


def rescue(store: Store, person: Staff, *, by: str) -> str:
    """As `reset`, for the last administrator too: by whoever runs the machine."""
    return _reset(store, person, by, keep_one=False)


def _reset(store: Store, person: Staff, by: str, *, keep_one: bool) -> str:
    now = store.clock()
    with store.write() as conn:
        if keep_one:
            _keep_an_administrator(conn, person)
        _forget_factors(conn, person)
        sessions.end_all(conn, person.clinic_id, "staff", person.id)
        audit.record(conn, person.clinic_id, by, "staff_reset", at=now, detail=person.id)
        return _invite(store, conn, person, by, now)


def set_role(store: Store, person: Staff, role: str, *, by: str) -> None:
    """Give another role; sessions end, so that none goes on with the rights of the old one."""
    if role not in schema.ROLES:
        raise BadValue(f"A role is one of {', '.join(schema.ROLES)}.")
    if role == person.role:
        return
    with store.write() as conn:
        if role != ADMIN:
            _keep_an_administrator(conn, person)
        _update(conn, person, role=role)
        sessions.end_all(conn, person.clinic_id, "staff", person.id)
        done = f"staff_role_{role}"
        audit.record(conn, person.clinic_id, by, done, at=store.clock(), detail=person.id)


def disable(store: Store, person: Staff, *, by: str) -> None:
    """Take the log-in away: sessions, an invitation and steps under way end at once."""
    now = store.clock()
    with store.write() as conn:
        _keep_an_administrator(conn, person)
        _update(conn, person, disabled_at=now)
        factors.drop_invitation(conn, person)
        _end_steps(conn, person)
        sessions.end_all(conn, person.clinic_id, "staff", person.id)
        audit.record(conn, person.clinic_id, by, "staff_disabled", at=now, detail=person.id)


def enable(store: Store, person: Staff, *, by: str) -> None:
    """Give the log-in back, as it was."""
    with store.write() as conn:
        _update(conn, person, disabled_at=None)
        audit.record(
            conn, person.clinic_id, by, "staff_enabled", at=store.clock(), detail=person.id
        )


def log_out_everywhere(store: Store, person: Staff) -> int:
    """End all sessions of a person; how many there were."""
    with store.write() as conn:
        ended = sessions.end_all(conn, person.clinic_id, "staff", person.id)
        audit.record(
            conn, person.clinic_id, person.actor, "logged_out_everywhere", at=store.clock()
        )
    return ended


def _invite(store: Store, conn: Connection, person: Staff, by: str, now: datetime) -> str:
    code = long_codes.new()
    factors.drop_invitation(conn, person)
    # Who has begun with the old link does not go on with it.
    _end_steps(conn, person)
    row = {
        "clinic_id": person.clinic_id,
        "staff_id": person.id,
        "code_hash": _hash(store, person.clinic_id, code),
        "created_at": now,
        "expires_at": now + INVITATION_LIFE,
    }
    conn.execute(insert(schema.staff_invitations), row)
    audit.record(conn, person.clinic_id, by, "staff_invited", at=now, detail=person.id)
    return code


def _keep_an_administrator(conn: Connection, person: Staff) -> None:
    """Raises `LastAdministrator` when no other administrator is left who can log in.

    The rows are locked, so that two administrators cannot remove each other at once.
    """
    rows = conn.execute(
        select(_S.id)
        .where(_S.clinic_id == person.clinic_id, _S.role == ADMIN, _S.disabled_at.is_(None))
        .order_by(_S.id)
        .with_for_update()
    ).scalars()
    administrators = set(rows)
    others = administrators - {person.id}
    if person.id not in administrators:
        return
    ready = conn.execute(
        select(_S.id).where(_S.clinic_id == person.clinic_id, _S.id.in_(others), _ready())
    ).first()
    if ready is None:
        raise LastAdministrator("No other administrator can log in.")


def _ready() -> ColumnElement[bool]:
    has_passkey = exists().where(_same_person(_P))
    return or_(_S.totp_sealed.is_not(None), has_passkey)


def _is_ready(conn: Connection, person: Staff) -> bool:
    found = conn.execute(
        select(_S.id).where(_S.clinic_id == person.clinic_id, _S.id == person.id, _ready())
    ).first()
    return found is not None


def _forget_factors(conn: Connection, person: Staff) -> None:
    factors.forget(conn, person)
    identities.forget(conn, person)
    conn.execute(
        delete(schema.passkeys).where(_P.clinic_id == person.clinic_id, _P.staff_id == person.id)
    )


def _end_steps(conn: Connection, person: Staff) -> None:
    table = schema.sign_in_steps
    conn.execute(
        delete(table).where(table.c.clinic_id == person.clinic_id, table.c.staff_id == person.id)
    )


def _update(conn: Connection, person: Staff, **values: object) -> None:
    conn.execute(
        sql_update(schema.staff)
        .where(_S.clinic_id == person.clinic_id, _S.id == person.id)
        .values(**values)
    )


def _accounts(store: Store, clinic_id: int, which: ColumnElement[bool]) -> list[Account]:
    now = store.clock()
    keys = select(func.count()).where(_same_person(_P)).scalar_subquery()
    until = select(_I.expires_at).where(_same_person(_I), _I.expires_at > now).scalar_subquery()
    seen = (
        select(func.max(schema.sessions.c.seen_at))
        .where(
            schema.sessions.c.clinic_id == _S.clinic_id,
            schema.sessions.c.subject == _S.id,
            schema.sessions.c.kind == "staff",
            schema.sessions.c.expires_at > now,
            schema.sessions.c.seen_at > now - sessions.IDLE["staff"],
        )
        .scalar_subquery()
    )
    linked = exists().where(_same_person(_O))
    query = (
        select(
            schema.staff,
            linked.label("linked"),
            keys.label("keys"),
            until.label("until"),
            seen.label("seen"),
            emergency_until(now),
        )
        .where(which)
        .order_by(_S.name, _S.id)
    )
    with store.read() as conn:
        return [_account(row) for row in conn.execute(query)]


def _account(row: AnyRow) -> Account:
    return Account(
        person=staff_of(row),
        disabled_at=row.disabled_at,
        has_app=row.totp_sealed is not None,
        has_password=bool(row.password_hash),
        passkeys=row.keys,
        has_sign_on=bool(row.linked),
        invited_until=row.until,
        seen_at=row.seen,
        emergency_until=row.emergency_until,
    )


def _same_person(columns: Any) -> ColumnElement[bool]:
    return and_(columns.clinic_id == _S.clinic_id, columns.staff_id == _S.id)


def _hash(store: Store, clinic_id: int, code: str) -> bytes:
    return store.vault.long_code_hash(clinic_id, "invitation", code)
