"""What was done, by whom and when: rows that are only ever added, each tied to the one before it.

Ids and fixed words only, so that a row says nothing about a person once the response is gone.
Each clinic has a chain: a row's hash is keyed and covers the row and the hash before it, so that
whoever has the database but not the keys changes, removes or adds no row unseen. Who cuts off
the end and puts an older end in its place is found by the last number that a digest named.
"""

import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from intake.store import schema
from intake.store.errors import BadValue

if TYPE_CHECKING:
    from intake.store.store import Store

FIXED_WORD = re.compile(r"[a-z0-9_.:-]{1,64}")

_PENDING = "intake_audit"
_INSERT = insert(schema.audit_events)
_A, _H = schema.audit_events.c, schema.audit_heads.c
# Built once: every change of anything runs both.
_HOLD_HEAD = (
    select(_H.number, _H.chain_hash).where(_H.clinic_id == bindparam("of_clinic")).with_for_update()
)
_MOVE_HEAD = (
    update(schema.audit_heads)
    .where(_H.clinic_id == bindparam("of_clinic"))
    .values(number=bindparam("number"), chain_hash=bindparam("chain_hash"))
)

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """What verifying a clinic's chain found: its end, and the first row that is broken."""

    number: int
    last_hash: str
    broken_number: int | None = None
    why: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, removed or added."""
        return not self.why


def record(
    conn: Connection,
    clinic_id: int,
    actor: str,
    action: str,
    response_id: str | None = None,
    detail: str | None = None,
    *,
    at: datetime,
) -> None:
    """Add one event to the transaction of what it tells; written as the last thing before commit.

    `actor` is "patient", "system", "staff:<id>" or "token:<id>"; raises `BadValue` for free text.
    """
    for word in (actor, action, response_id, detail):
        if word is not None and not FIXED_WORD.fullmatch(word):
            raise BadValue("An audit event takes ids and fixed words only.")
    event = {
        "clinic_id": clinic_id,
        "at": at,
        "actor": actor,
        "action": action,
        "response_id": response_id,
        "detail": detail,
    }
    pending: list[Event] = conn.info[_PENDING]
    pending.append(event)


def open_list(conn: Connection) -> None:
    """Begin to collect the events of a write transaction."""
    conn.info[_PENDING] = []


def close_list(conn: Connection) -> None:
    """Forget them, whether they were written or not."""
    # What a broken connection held is gone with it, and asking for it fails.
    if not conn.invalidated:
        conn.info.pop(_PENDING, None)


def write_list(store: "Store", conn: Connection) -> None:
    """Tie the events of this transaction to their chains.

    Last of all, because whoever holds the end of a chain keeps every other writer of the clinic
    waiting, and because transactions that lock it last never wait for each other in a circle.
    """
    pending: list[Event] = conn.info[_PENDING]
    for clinic_id in sorted({event["clinic_id"] for event in pending}):
        _write(store, conn, clinic_id, [e for e in pending if e["clinic_id"] == clinic_id])


def _write(store: "Store", conn: Connection, clinic_id: int, events: list[Event]) -> None:
    head = _held_head(conn, clinic_id)
    if head is None:
        head = _begin(store, conn, clinic_id)
    number, last = head
    rows = []
    for event in events:
        number += 1
        last = _link(store, last, event | {"number": number})
        rows.append(event | {"number": number, "chain_hash": last})
    conn.execute(_INSERT, rows)
    conn.execute(_MOVE_HEAD, {"of_clinic": clinic_id, "number": number, "chain_hash": last})


def _held_head(conn: Connection, clinic_id: int) -> tuple[int, bytes] | None:
    row = conn.execute(_HOLD_HEAD, {"of_clinic": clinic_id}).first()
    return None if row is None else (row.number, bytes(row.chain_hash))


def _begin(store: "Store", conn: Connection, clinic_id: int) -> tuple[int, bytes]:
    """Begin a chain; of two who do so at the same moment the second goes on with the first's."""
    before = _hash_before(store, conn, clinic_id)
    start = {"clinic_id": clinic_id, "number": 0, "chain_hash": before}
    conn.execute(_new_head(conn.dialect.name).values(start))
    return _held_head(conn, clinic_id) or (0, before)


def _new_head(dialect: str) -> Any:
    adding = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return adding(schema.audit_heads).on_conflict_do_nothing()


def _hash_before(store: "Store", conn: Connection, clinic_id: int) -> bytes:
    """What a chain begins with: it covers the rows from before there was one."""
    last = b""
    rows = conn.execute(
        select(schema.audit_events)
        .where(_A.clinic_id == clinic_id, _A.number.is_(None))
        .order_by(_A.id)
    )
    for row in rows:
        last = _link(store, last, dict(row._mapping))
    return last


def _link(store: "Store", before: bytes, event: Event) -> bytes:
    told = [
        event["clinic_id"],
        event["number"],
        event["at"].astimezone(UTC).isoformat(),
        event["actor"],
        event["action"],
        event["response_id"],
        event["detail"],
    ]
    return store.vault.chain_hash(before, json.dumps(told).encode())


def verify(store: "Store", clinic_id: int) -> Chain:
    """Go through a clinic's chain from its first row; stops at the first that is broken."""
    with store.read() as conn:
        head = conn.execute(
            select(_H.number, _H.chain_hash).where(_H.clinic_id == clinic_id)
        ).first()
        if head is None:
            return _without_head(conn, clinic_id)
        number, last, broken = _walk(store, conn, clinic_id)
        if broken:
            return Chain(number, last.hex(), number + 1, broken)
        if (number, last) != (head.number, bytes(head.chain_hash)):
            return Chain(number, last.hex(), number + 1, "the end is missing")
    return Chain(number, last.hex())


def _without_head(conn: Connection, clinic_id: int) -> Chain:
    chained = conn.execute(
        select(func.count()).where(_A.clinic_id == clinic_id, _A.number.is_not(None))
    ).scalar_one()
    return Chain(0, "", 1, "the end is missing") if chained else Chain(0, "")


def _walk(store: "Store", conn: Connection, clinic_id: int) -> tuple[int, bytes, str]:
    """The last good number and hash, and what is wrong with the row after it, or ""."""
    number, last = 0, _hash_before(store, conn, clinic_id)
    statement = (
        select(schema.audit_events)
        .where(_A.clinic_id == clinic_id, _A.number.is_not(None))
        .order_by(_A.number)
    )
    with conn.execution_options(yield_per=1000).execute(statement) as rows:
        for row in rows:
            if row.number != number + 1:
                return number, last, "a row is missing"
            linked = _link(store, last, dict(row._mapping))
            if not hmac.compare_digest(linked, bytes(row.chain_hash)):
                return number, last, "a row was changed"
            number, last = row.number, linked
    return number, last, ""


def note(
    store: "Store",
    clinic_id: int,
    actor: str,
    action: str,
    response_id: str | None = None,
    detail: str | None = None,
) -> None:
    """Add one event by itself, such as a reading; on disk before the call returns."""
    with store.write() as conn:
        record(conn, clinic_id, actor, action, response_id, detail, at=store.clock())
