"""Inviting patients: a link that opens one form, with the date of birth.

The code is as short as the one to come back, as it is read out and typed as well, and as safe: its
hash is keyed, the date of birth is asked, wrong tries are counted. It is kept sealed, so that the
clinic can show it again and remind of it.
"""

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from intake.store import attempts, audit, codes, drafts, finding, jobs, schema
from intake.store.crypto import Place, Sealed
from intake.store.drafts import ID, Draft, drawn
from intake.store.errors import BadValue
from intake.store.finding import Owner, Owners
from intake.store.resuming import TRIES_BEFORE_VOID
from intake.store.schema import AnyRow
from intake.store.store import Store

LIFE = timedelta(days=60)
"""Of a link for nobody knows which day; otherwise it ends with the day after the appointment."""
LIVE = ("made", "opened", "started")
OPEN, EXPIRED, SENT, VOID = "open", "expired", "sent", "void"
FILTERS = (OPEN, *LIVE, SENT, EXPIRED, VOID)
"""What a list can be narrowed to; "open" is whatever can still be used."""
NAME_LENGTH = 120
PAGE = 50
MOST_REMINDERS = 2

_I = schema.invitations.c
_R = schema.responses.c


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is invited, as the clinic knows them."""

    name: str
    born_on: date
    email: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link and what became of it; `state` is one of `FILTERS` but "open"."""

    id: str
    clinic_id: int
    state: str
    guest: Guest = field(repr=False)
    code: str = field(repr=False)
    home: str = field(repr=False)
    """The address that every link of this invitation begins with."""
    appointment_on: date | None
    response_id: str | None
    created_at: datetime
    opened_at: datetime | None
    expires_at: datetime
    reminders: int
    reminded_at: datetime | None
    stopped_at: datetime | None

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def link(self) -> str:
        return self._address(self.code)

    @property
    def stop_link(self) -> str:
        """Where its owner stops the reminders."""
        return self._address(f"{self.code}/stop")

    @property
    def one_click_link(self) -> str:
        """Where a mail program stops them for its owner, without a page in between."""
        return self._address(f"{self.code}/stop/at-once")

    def _address(self, path: str) -> str:
        spoken = self.guest.language
        return f"{self.home}/{path}" + ("" if spoken == "en" else f"?language={spoken}")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link led to: "open" with its draft, or "sent", or "over"."""

    state: str
    draft: Draft | None = None
    language: str = ""


# --- By the clinic -----------------------------------------------------------------------------


def make(
    store: Store,
    clinic_id: int,
    guest: Guest,
    *,
    home: str,
    by: str,
    appointment_on: date | None = None,
) -> Invitation:
    """A new invitation; `home` is the address to type a code at."""
    if not guest.name.strip() or len(guest.name) > NAME_LENGTH:
        raise BadValue("An invitation needs a name of reasonable length.")

    def draw() -> str:
        with store.write() as conn:
            row = _fresh(store, clinic_id, guest, home, appointment_on)
            conn.execute(insert(schema.invitations), row)
            now = store.clock()
            audit.record(conn, clinic_id, by, "invitation_made", at=now, detail=row["id"])
        return str(row["id"])

    return _found(store, clinic_id, drawn(draw))


def reissue(store: Store, clinic_id: int, id: str, *, by: str) -> Invitation | None:
    """A new link in place of one that was not sent; what was begun by the old one goes on.

    None when there is none, or it is sent, or another one took its place already.
    """
    old = get(store, clinic_id, id)
    if old is None:
        return None
    replaced: Invitation = old

    def draw() -> str | None:
        now = store.clock()
        with store.write() as conn:
            row = _locked(conn, _is(clinic_id, id))
            if row is None or row.status not in LIVE:
                return None
            fresh = _fresh(store, clinic_id, replaced.guest, replaced.home, replaced.appointment_on)
            # Who wanted no more reminders wants none by a new link either.
            for column in ("response_id", "status", "opened_at", "stopped_at"):
                fresh[column] = getattr(row, column)
            conn.execute(insert(schema.invitations), fresh)
            conn.execute(_void(clinic_id, id))
            audit.record(conn, clinic_id, by, "invitation_void", at=now, detail=id)
            audit.record(conn, clinic_id, by, "invitation_made", at=now, detail=fresh["id"])
        return str(fresh["id"])

    made = drawn(draw)
    return None if made is None else get(store, clinic_id, made)


def withdraw(store: Store, clinic_id: int, id: str, *, by: str) -> bool:
    """Have a link open nothing any more; what was begun by it stays with whoever has it open."""
    with store.write() as conn:
        gone = conn.execute(_void(clinic_id, id)).rowcount == 1
        if gone:
            audit.record(conn, clinic_id, by, "invitation_void", at=store.clock(), detail=id)
    return gone


def get(store: Store, clinic_id: int, id: str) -> Invitation | None:
    """One invitation."""
    if not ID.fullmatch(id):
        return None
    with store.read() as conn:
        row = conn.execute(select(schema.invitations).where(_is(clinic_id, id))).first()
    return None if row is None else _invitation(store, row)


def listed(
    store: Store,
    clinic_id: int,
    state: str = OPEN,
    *,
    born_on: date | None = None,
    appointment_on: date | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> list[Invitation]:
    """A page of invitations by appointment, those without one last; `after` as by `cursor`."""
    if state not in FILTERS:
        raise BadValue("There is no such state of an invitation.")
    which = and_(_I.clinic_id == clinic_id, _in_state(state, store.clock()))
    if born_on is not None:
        which &= _I.born_on_hash == store.vault.date_hash(clinic_id, born_on)
    if appointment_on is not None:
        which &= _I.appointment_on == appointment_on
    if after:
        which &= _behind(after)
    statement = (
        select(schema.invitations).where(which).order_by(_I.appointment_on, _I.id).limit(limit)
    )
    with store.read() as conn:
        rows = conn.execute(statement).all()
    return [_invitation(store, row) for row in rows]


def cursor(last: Invitation) -> str:
    """Where the page after this invitation begins."""
    return f"{last.appointment_on or schema.NO_APPOINTMENT}.{last.id}"


def counts(store: Store, clinic_id: int) -> dict[str, int]:
    """How many invitations there are in each of `FILTERS`."""
    now = store.clock()
    over = (_I.expires_at <= now).label("over")
    statement = (
        select(_I.status, over, func.count().label("number"))
        .where(_I.clinic_id == clinic_id)
        .group_by(_I.status, over)
    )
    found = dict.fromkeys(FILTERS, 0)
    with store.read() as conn:
        for row in conn.execute(statement):
            state = EXPIRED if row.over and row.status in LIVE else row.status
            found[state] += row.number
            found[OPEN] += row.number if state in LIVE else 0
    return found


def contact_of(store: Store, clinic_id: int, response_id: str) -> Guest | None:
    """Whom the newest invitation of a response is for; None where nobody was invited."""
    statement = (
        select(schema.invitations)
        .where(_I.clinic_id == clinic_id, _I.response_id == response_id)
        .order_by(_I.created_at.desc(), _I.id)
        .limit(1)
    )
    with store.read() as conn:
        row = conn.execute(statement).first()
    return None if row is None else _invitation(store, row).guest


def have_mailed(
    store: Store, invitation: Invitation, letter: Mapping[str, str], *, by: str
) -> None:
    """Have the link mailed soon; the audit holds that it is, not where to."""
    now, clinic_id = store.clock(), invitation.clinic_id
    with store.write() as conn:
        conn.execute(
            update(schema.invitations).where(_is(clinic_id, invitation.id)).values(reminded_at=now)
        )
        jobs.add(store, conn, clinic_id, "mail", invitation.id, letter)
        audit.record(conn, clinic_id, by, "invitation_mailed", at=now, detail=invitation.id)


def type_in(
    store: Store,
    clinic_id: int,
    id: str,
    filled_in: Callable[[Guest], Mapping[str, Any]],
    *,
    by: str,
) -> Draft | None:
    """The draft into which staff type the paper of an invitation, begun or gone on with.

    None where there is no such invitation, it is void or sent, or the person began themselves:
    their answers stay their own. With the first typing reminders end.
    """

    def open_it() -> str | None:
        now = store.clock()
        with store.write() as conn:
            row = _locked(conn, _is(clinic_id, id))
            if row is None or row.status not in LIVE:
                return None
            if row.response_id:
                return str(row.response_id)
            guest = _invitation(store, row).guest
            response_id = _begin(store, conn, row, guest, filled_in(guest), by=by)
            conn.execute(
                update(schema.invitations)
                .where(_is(clinic_id, id))
                .values(status="started", stopped_at=now)
            )
            audit.record(conn, clinic_id, by, "paper_begun", response_id, id, at=now)
        return response_id

    response_id = drawn(open_it)
    found = drafts.draft(store, clinic_id, response_id) if response_id else None
    return found if found and not found.sent and is_typed(found.document) else None


def is_typed(document: Mapping[str, Any]) -> bool:
    """Whether staff type this draft in from paper."""
    return bool(document.get("typist"))


# --- Reminders ---------------------------------------------------------------------------------


def to_remind(store: Store, clinic_id: int) -> Iterator[Invitation]:
    """All that may still get a reminder, whenever that is due."""
    may = and_(
        _in_state(OPEN, store.clock()), _I.stopped_at.is_(None), _I.reminders < MOST_REMINDERS
    )
    after = ""
    while True:
        statement = (
            select(schema.invitations)
            .where(_I.clinic_id == clinic_id, may, _I.id > after)
            .order_by(_I.id)
            .limit(PAGE)
        )
        with store.read() as conn:
            rows = conn.execute(statement).all()
        if not rows:
            return
        after = rows[-1].id
        yield from (_invitation(store, row) for row in rows)


def claim_reminder(store: Store, invitation: Invitation, letter: Mapping[str, str]) -> bool:
    """Count a reminder and have it mailed; False when another process did, or it is not wanted."""
    now, clinic_id = store.clock(), invitation.clinic_id
    claim = (
        update(schema.invitations)
        .where(
            _is(clinic_id, invitation.id),
            _I.status.in_(LIVE),
            _I.stopped_at.is_(None),
            _I.reminders == invitation.reminders,
            _I.reminded_at.is_not_distinct_from(invitation.reminded_at),
        )
        .values(reminders=_I.reminders + 1, reminded_at=now)
    )
    with store.write() as conn:
        if conn.execute(claim).rowcount != 1:
            return False
        jobs.add(store, conn, clinic_id, "mail", invitation.id, letter)
        audit.record(conn, clinic_id, "system", "invitation_reminded", at=now, detail=invitation.id)
    return True


def stop_reminders(store: Store, clinic_id: int, typed: str) -> None:
    """Its owner wants no more mails; nothing happens for an unknown code."""
    now = store.clock()
    code = codes.parse_code(typed) or ""
    stop = (
        update(schema.invitations)
        .where(
            _I.clinic_id == clinic_id,
            _I.code_hash == _hash(store, clinic_id, code),
            _I.stopped_at.is_(None),
        )
        .values(stopped_at=now)
        .returning(_I.id)
    )
    with store.write() as conn:
        id = conn.execute(stop).scalar()
        if id is not None:
            audit.record(conn, clinic_id, "patient", "reminders_stopped", at=now, detail=id)


# --- By the person who was invited -------------------------------------------------------------


def exchange(
    store: Store,
    clinic_id: int,
    typed: str,
    born_on: date,
    filled_in: Callable[[Guest], Mapping[str, Any]],
) -> Opened | None:
    """The form that a code and a date of birth open, begun with the first right try.

    `filled_in` makes the document that it begins with. None alike, after the same work, for a
    code that is unknown, a wrong date, and during a pause.
    """
    now = store.clock()
    code = codes.parse_code(typed) or ""
    by_code = and_(_I.clinic_id == clinic_id, _I.code_hash == _hash(store, clinic_id, code))
    with store.write() as conn:
        row = conn.execute(_with_birth_date(by_code)).first()
        subject = attempts.UNKNOWN if row is None else row.id
        tries = attempts.take(conn, clinic_id, attempts.INVITED, subject, now)
    expected = b"" if row is None else row.response_born or row.born_on_hash
    is_right = hmac.compare_digest(expected, store.vault.date_hash(clinic_id, born_on))
    if row is None or tries is None or not is_right:
        with store.write() as conn:
            _refuse(conn, clinic_id, row, tries, now)
        return None
    return drawn(lambda: _open(store, clinic_id, row.id, filled_in))


def started(conn: Connection, clinic_id: int, response_id: str) -> None:
    """Somebody saved something of their own, in the transaction that saves it."""
    _move(conn, clinic_id, response_id, ("opened",), "started")


def sent(conn: Connection, clinic_id: int, response_id: str) -> None:
    """The form was sent, in the transaction that sends it: the link is used up."""
    _move(conn, clinic_id, response_id, LIVE, SENT)


def _open(
    store: Store,
    clinic_id: int,
    id: str,
    filled_in: Callable[[Guest], Mapping[str, Any]],
) -> Opened:
    now = store.clock()
    with store.write() as conn:
        # Of two devices at the same moment the second one waits here, and finds the first's form.
        row = _locked(conn, _is(clinic_id, id))
        attempts.forgive(conn, clinic_id, attempts.INVITED, id)
        if row is None or row.status == VOID or (row.status != SENT and row.expires_at <= now):
            return Opened("over")
        if row.status == SENT:
            return Opened(SENT)
        guest = _invitation(store, row).guest
        audit.record(conn, clinic_id, "patient", "invitation_opened", row.response_id, id, at=now)
        response_id = row.response_id or _begin(store, conn, row, guest, filled_in(guest))
    found = drafts.draft(store, clinic_id, response_id)
    # What is on paper with the clinic is as good as sent, and not for the person to go on with.
    if found is None or found.sent or is_typed(found.document):
        return Opened(SENT)
    return Opened(OPEN, found, guest.language)


def _begin(
    store: Store,
    conn: Connection,
    row: AnyRow,
    guest: Guest,
    document: Mapping[str, Any],
    *,
    by: str = "patient",
) -> str:
    draft = drafts.begin(
        store, conn, row.clinic_id, document, appointment_on=row.appointment_on, by=by
    )
    finding.keep_findable(
        store, conn, draft, Owners(Owner("", None), Owner(guest.name, guest.born_on))
    )
    conn.execute(
        update(schema.invitations)
        .where(_is(row.clinic_id, row.id))
        .values(response_id=draft.id, status="opened", opened_at=store.clock())
    )
    return draft.id


def _refuse(
    conn: Connection, clinic_id: int, row: AnyRow | None, tries: int | None, now: datetime
) -> None:
    id = None if row is None else row.id
    audit.record(conn, clinic_id, "patient", "invitation_refused", at=now, detail=id)
    if id is not None and tries is not None and tries >= TRIES_BEFORE_VOID:
        conn.execute(_void(clinic_id, id))
        audit.record(conn, clinic_id, "system", "invitation_void", at=now, detail=id)


# --- Rows --------------------------------------------------------------------------------------


def _fresh(
    store: Store, clinic_id: int, guest: Guest, home: str, appointment_on: date | None
) -> dict[str, Any]:
    now, id, code = store.clock(), token_hex(16), codes.new_code()
    document = {
        "name": guest.name,
        "born_on": guest.born_on.isoformat(),
        "email": guest.email,
        "language": guest.language,
        "code": codes.show_code(code),
        "home": home,
    }
    sealed = store.vault.seal_document(document, _place(clinic_id, id))
    return {
        "clinic_id": clinic_id,
        "id": id,
        "status": "made",
        "code_hash": _hash(store, clinic_id, code),
        "born_on_hash": store.vault.date_hash(clinic_id, guest.born_on),
        "appointment_on": appointment_on or schema.NO_APPOINTMENT,
        "kid": sealed.kid,
        "sealed": sealed.data,
        "created_at": now,
        "expires_at": _until(now, appointment_on),
    }


def _until(now: datetime, appointment_on: date | None) -> datetime:
    if appointment_on is None:
        return now + LIFE
    # Two days on, by UTC: in no time zone before the day after is over.
    return datetime.combine(appointment_on + timedelta(days=2), time(12), UTC)


def _invitation(store: Store, row: AnyRow) -> Invitation:
    document = store.vault.open_document(Sealed(row.kid, row.sealed), _place(row.clinic_id, row.id))
    is_over = row.status in LIVE and row.expires_at <= store.clock()
    on = row.appointment_on
    return Invitation(
        id=row.id,
        clinic_id=row.clinic_id,
        state=EXPIRED if is_over else row.status,
        guest=Guest(
            document["name"],
            date.fromisoformat(document["born_on"]),
            document["email"],
            document["language"],
        ),
        code=document["code"],
        home=document["home"],
        appointment_on=None if on == schema.NO_APPOINTMENT else on,
        response_id=row.response_id,
        created_at=row.created_at,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        reminders=row.reminders,
        reminded_at=row.reminded_at,
        stopped_at=row.stopped_at,
    )


def _found(store: Store, clinic_id: int, id: str) -> Invitation:
    found = get(store, clinic_id, id)
    if found is None:
        raise BadValue("The invitation is gone.")
    return found


def _is(clinic_id: int, id: str) -> ColumnElement[bool]:
    return and_(_I.clinic_id == clinic_id, _I.id == id)


def _locked(conn: Connection, which: ColumnElement[bool]) -> AnyRow | None:
    return conn.execute(select(schema.invitations).where(which).with_for_update()).first()


def _with_birth_date(which: ColumnElement[bool]) -> Any:
    """An invitation by its code; with the birth date that its owner may have corrected since."""
    own = and_(_R.clinic_id == _I.clinic_id, _R.id == _I.response_id)
    return (
        select(_I.id, _I.born_on_hash, _R.born_on_hash.label("response_born"))
        .select_from(schema.invitations.outerjoin(schema.responses, own))
        .where(which)
    )


def _void(clinic_id: int, id: str) -> Any:
    return (
        update(schema.invitations)
        .where(_is(clinic_id, id), _I.status.in_(LIVE))
        .values(status=VOID)
    )


def _move(
    conn: Connection, clinic_id: int, response_id: str, states: tuple[str, ...], to: str
) -> None:
    conn.execute(
        update(schema.invitations)
        .where(_I.clinic_id == clinic_id, _I.response_id == response_id, _I.status.in_(states))
        .values(status=to)
    )


def _behind(cursor: str) -> ColumnElement[bool]:
    on, _, id = cursor.partition(".")
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise BadValue("There is no such place in the list.") from None
    return or_(_I.appointment_on > day, and_(_I.appointment_on == day, _I.id > id))


def _in_state(state: str, now: datetime) -> ColumnElement[bool]:
    if state in (SENT, VOID):
        return _I.status == state
    if state == EXPIRED:
        return and_(_I.status.in_(LIVE), _I.expires_at <= now)
    return and_(_I.status.in_(LIVE if state == OPEN else (state,)), _I.expires_at > now)


def _hash(store: Store, clinic_id: int, code: str) -> bytes:
    return store.vault.long_code_hash(clinic_id, "patient invitation", code)


def _place(clinic_id: int, id: str) -> Place:
    return Place(clinic_id, "invitations", "sealed", id, 1)
