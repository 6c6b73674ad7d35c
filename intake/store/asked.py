"""One page of a sent response, asked again of its patient by a link of its own.

A response has one open question at most: a new one takes the place of the one before. The code
is kept as a keyed hash; the date of birth is asked as well, and tries are counted as for the code
to come back.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from intake.store import amending, attempts, audit, codes, entries, jobs, schema
from intake.store.amending import Amendment
from intake.store.crypto import Place, Sealed
from intake.store.drafts import ID, drawn, is_response
from intake.store.errors import QuestionClosed, StaleResponse
from intake.store.resuming import TRIES_BEFORE_VOID
from intake.store.schema import AnyRow
from intake.store.store import Store
from intake.store.versions import SentResponse

LIFE = timedelta(days=14)
OPEN, ANSWERED, VOID, EXPIRED = "open", "answered", "void", "expired"

_Q = schema.questions_asked.c
_R = schema.responses.c


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a patient; `document` holds {"step", "text", "by_name"}.

    `state` is OPEN, ANSWERED, VOID or EXPIRED.
    """

    id: str
    response_id: str
    reference: str
    state: str
    asked_at: datetime
    until: datetime
    document: dict[str, Any] = field(repr=False)

    @property
    def step(self) -> str:
        """The page's slug."""
        return str(self.document["step"])

    @property
    def text(self) -> str:
        """The doctor's words."""
        return str(self.document["text"])


def ask(
    store: Store,
    clinic_id: int,
    response: SentResponse,
    *,
    step: str,
    text: str,
    by: str,
    by_name: str,
) -> str:
    """Ask a page of a response again; the code of its link, in groups, which is kept nowhere.

    The response waits for its patient from now on, and an earlier link stops working. Raises
    `StaleResponse` when there is no such response.
    """
    document = {"step": step, "text": text, "by_name": by_name}
    return drawn(lambda: _ask(store, clinic_id, response, document, by))


def current(store: Store, clinic_id: int, response_id: str) -> Asked | None:
    """The question that a response was asked last, whatever became of it."""
    if not ID.fullmatch(response_id):
        return None
    statement = (
        _select().where(_Q.clinic_id == clinic_id, _Q.response_id == response_id).limit(1)
    ).order_by(_Q.created_at.desc(), (_Q.status == OPEN).desc())
    with store.read() as conn:
        row = conn.execute(statement).first()
    return _asked(store, row) if row else None


def get(store: Store, clinic_id: int, id: str) -> Asked | None:
    """A question as it stands now, for who opened it."""
    if not ID.fullmatch(id):
        return None
    with store.read() as conn:
        row = conn.execute(_select().where(_is_question(clinic_id, id))).first()
    return _asked(store, row) if row else None


def renew(store: Store, clinic_id: int, asked: Asked, *, by: str) -> str:
    """A new code and 14 more days for a question that waits; raises `QuestionClosed` else."""
    return drawn(lambda: _renew(store, clinic_id, asked, by))


def mail(
    store: Store, clinic_id: int, asked: Asked, *, to: str, subject: str, body: str, by: str
) -> None:
    """Have the link mailed soon, and again where the clinic's server does not take it at once."""
    document = {"to": to, "subject": subject, "body": body}
    with store.write() as conn:
        jobs.add(store, conn, clinic_id, "mail", asked.id, document)
        audit.record(conn, clinic_id, by, "question_mailed", asked.response_id, at=store.clock())


def withdraw(store: Store, clinic_id: int, asked: Asked, *, by: str, by_name: str) -> None:
    """Take a question back; raises `QuestionClosed` when it does not wait any more."""
    with store.write() as conn:
        _close(conn, clinic_id, asked.id, VOID)
        _withdrawn(store, conn, clinic_id, asked, by, by_name)


def open_question(store: Store, clinic_id: int, code: str, born_on: date) -> Asked | None:
    """The question that a code and a date of birth open, also one that is over.

    None alike, after the same work, for a code that is unknown, a wrong date and a pause.
    """
    now = store.clock()
    hashed = _hash(store, clinic_id, codes.parse_code(code) or "")
    typed = store.vault.date_hash(clinic_id, born_on)
    with store.write() as conn:
        row = conn.execute(
            _select().where(_Q.clinic_id == clinic_id, _Q.code_hash == hashed)
        ).first()
        subject = row.id if row else attempts.UNKNOWN
        tries = attempts.take(conn, clinic_id, attempts.QUESTION, subject, now)
        known = bytes(row.born_on_hash or b"") if row else b""
        fits = hmac.compare_digest(known, typed) and tries is not None
        response_id = row.response_id if row else None
        done = "question_opened" if fits else "question_refused"
        audit.record(conn, clinic_id, "patient", done, response_id, at=now)
        if fits:
            attempts.forgive(conn, clinic_id, attempts.QUESTION, subject)
        elif row and tries is not None and tries >= TRIES_BEFORE_VOID and row.status == OPEN:
            _close(conn, clinic_id, row.id, VOID)
            audit.record(conn, clinic_id, "system", "question_void", response_id, at=now)
    return _asked(store, row) if row and fits else None


def answer(
    store: Store, clinic_id: int, asked: Asked, response: SentResponse, amendment: Amendment
) -> int:
    """Make the answer the response's next version, once; its number.

    Raises `QuestionClosed` when it was answered or withdrawn or is over, and `StaleResponse` when
    `response` is not the newest version any more.
    """
    with store.write() as conn:
        _close(conn, clinic_id, asked.id, ANSWERED, _Q.expires_at > store.clock())
        return amending.put(store, conn, clinic_id, response, amendment)


def _ask(
    store: Store, clinic_id: int, response: SentResponse, document: Mapping[str, Any], by: str
) -> str:
    now, code, id = store.clock(), codes.new_code(), secrets.token_hex(16)
    sealed = store.vault.seal_document(document, _place(clinic_id, id))
    row = {
        "clinic_id": clinic_id,
        "id": id,
        "response_id": response.id,
        "status": OPEN,
        "code_hash": _hash(store, clinic_id, code),
        "kid": sealed.kid,
        "sealed": sealed.data,
        "created_at": now,
        "expires_at": now + LIFE,
    }
    with store.write() as conn:
        _to_lane(conn, clinic_id, response.id, "waiting")
        conn.execute(
            update(schema.questions_asked)
            .where(_Q.clinic_id == clinic_id, _Q.response_id == response.id, _Q.status == OPEN)
            .values(status=VOID)
        )
        conn.execute(insert(schema.questions_asked), row)
        told = {"question_id": id, **document}
        entries.add(
            store, conn, clinic_id, response.id, "asked", by, told, version=response.version
        )
        audit.record(conn, clinic_id, by, "question_asked", response.id, at=now)
    return codes.show_code(code)


def _renew(store: Store, clinic_id: int, asked: Asked, by: str) -> str:
    now, code = store.clock(), codes.new_code()
    values = {"code_hash": _hash(store, clinic_id, code), "expires_at": now + LIFE}
    with store.write() as conn:
        _change(conn, clinic_id, asked.id, values)
        attempts.forgive(conn, clinic_id, attempts.QUESTION, asked.id)
        audit.record(conn, clinic_id, by, "question_link_renewed", asked.response_id, at=now)
    return codes.show_code(code)


def _withdrawn(
    store: Store, conn: Connection, clinic_id: int, asked: Asked, by: str, by_name: str
) -> None:
    row = conn.execute(
        select(_R.version, _R.lane).where(is_response(clinic_id, asked.response_id))
    ).one()
    if row.lane == "waiting":
        _to_lane(conn, clinic_id, asked.response_id, "read")
        told = {"lane": "read", "by_name": by_name}
        entries.add(
            store, conn, clinic_id, asked.response_id, "moved", by, told, version=row.version
        )
    audit.record(conn, clinic_id, by, "question_withdrawn", asked.response_id, at=store.clock())


def _to_lane(conn: Connection, clinic_id: int, response_id: str, lane: str) -> None:
    which = is_response(clinic_id, response_id) & (_R.status == "sent")
    moved = conn.execute(update(schema.responses).where(which).values(lane=lane, due_on=None))
    if moved.rowcount != 1:
        raise StaleResponse("There is no such response.")


def _close(
    conn: Connection, clinic_id: int, id: str, status: str, *also: ColumnElement[bool]
) -> None:
    _change(conn, clinic_id, id, {"status": status}, *also)


def _change(
    conn: Connection, clinic_id: int, id: str, values: dict[str, Any], *also: ColumnElement[bool]
) -> None:
    is_waiting = and_(_is_question(clinic_id, id), _Q.status == OPEN, *also)
    changed = conn.execute(update(schema.questions_asked).where(is_waiting).values(values))
    if changed.rowcount != 1:
        raise QuestionClosed("The question does not wait for an answer any more.")


def _is_question(clinic_id: int, id: str) -> ColumnElement[bool]:
    return and_(_Q.clinic_id == clinic_id, _Q.id == id)


def _select() -> Any:
    return select(schema.questions_asked, _R.reference, _R.born_on_hash).join_from(
        schema.questions_asked,
        schema.responses,
        and_(_R.clinic_id == _Q.clinic_id, _R.id == _Q.response_id),
    )


def _asked(store: Store, row: AnyRow) -> Asked:
    document = store.vault.open_document(Sealed(row.kid, row.sealed), _place(row.clinic_id, row.id))
    is_over = row.status == OPEN and row.expires_at <= store.clock()
    return Asked(
        row.id,
        row.response_id,
        row.reference,
        EXPIRED if is_over else row.status,
        row.created_at,
        row.expires_at,
        document,
    )


def _hash(store: Store, clinic_id: int, code: str) -> bytes:
    return store.vault.long_code_hash(clinic_id, "question", code)


def _place(clinic_id: int, id: str) -> Place:
    return Place(clinic_id, "questions_asked", "sealed", id, 1)
