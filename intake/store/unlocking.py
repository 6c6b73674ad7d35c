"""Going on with a locked form, by the date of birth that it holds."""

import hmac
from datetime import date

from sqlalchemy import delete

from intake.store import attempts, audit, schema
from intake.store.resuming import TRIES_BEFORE_VOID
from intake.store.store import Store


def fits(store: Store, clinic_id: int, id: str, born_on: date, typed: date) -> bool:
    """Whether `typed` is the date of birth of a response that is locked on some device.

    False alike for a wrong date and, after a few of them, during a pause. After very many the
    response is open nowhere any more, and its code is needed.
    """
    now = store.clock()
    is_right = hmac.compare_digest(born_on.isoformat(), typed.isoformat())
    with store.write() as conn:
        tries = attempts.take(conn, clinic_id, attempts.UNLOCK, id, now)
        opens = is_right and tries is not None
        if opens:
            attempts.forgive(conn, clinic_id, attempts.UNLOCK, id)
        if tries is not None and tries >= TRIES_BEFORE_VOID and not opens:
            conn.execute(
                delete(schema.sessions).where(
                    schema.sessions.c.clinic_id == clinic_id,
                    schema.sessions.c.kind == "patient",
                    schema.sessions.c.subject == id,
                )
            )
        done = "session_unlocked" if opens else "unlock_refused"
        audit.record(conn, clinic_id, "patient", done, id, at=now)
    return opens
