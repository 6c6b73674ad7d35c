"""Going on with a locked form, by the date of birth that it holds."""

import hmac
from datetime import date

from sqlalchemy import delete

from intake.store import attempts, audit, schema
from intake.store.crypto import Place, Sealed
from intake.store.errors import BrokenSeal
from intake.store.resuming import TRIES_BEFORE_VOID
from intake.store.store import Store

LONGEST_ADDRESS = 240


def sealed_address(store: Store, clinic_id: int, id: str, address: str) -> tuple[str, bytes] | None:
    """Where a locked response was left, for the browser's cookie; None for a long address.

    Sealed and of one length: a page's name tells of answers, such as which drug is taken.
    """
    plain = address.encode().ljust(LONGEST_ADDRESS)
    if len(plain) > LONGEST_ADDRESS:
        return None
    sealed = store.vault.seal(plain, _cookie(clinic_id, id))
    return sealed.kid, sealed.data


def opened_address(store: Store, clinic_id: int, id: str, kept: object) -> str | None:
    """What `sealed_address` made for this very response; None for anything else."""
    match kept:
        case (str(kid), bytes(data)):
            pass
        case _:
            return None
    try:
        return store.vault.open(Sealed(kid, data), _cookie(clinic_id, id)).decode().rstrip()
    except BrokenSeal:
        return None


def _cookie(clinic_id: int, id: str) -> Place:
    return Place(clinic_id, "cookie", "left_at", id, 1)


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
