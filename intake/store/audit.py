"""What was done, by whom and when: rows that are only ever added.

Ids and fixed words only, so that a row says nothing about a person once the response is gone.
"""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert

from intake.store import schema
from intake.store.errors import BadValue

if TYPE_CHECKING:
    from intake.store.store import Store

FIXED_WORD = re.compile(r"[a-z0-9_.:-]{1,64}")

_INSERT = insert(schema.audit_events)


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
    """Add one event to the transaction of what it tells.

    `actor` is "patient", "system", "staff:<id>" or "token:<id>"; raises `BadValue` for free text.
    """
    for word in (actor, action, response_id, detail):
        if word is not None and not FIXED_WORD.fullmatch(word):
            raise BadValue("An audit event takes ids and fixed words only.")
    conn.execute(
        _INSERT,
        {
            "clinic_id": clinic_id,
            "at": at,
            "actor": actor,
            "action": action,
            "response_id": response_id,
            "detail": detail,
        },
    )


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
