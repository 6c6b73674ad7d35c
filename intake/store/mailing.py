"""How often a link is mailed: counted by draft, so that nobody repeats it without end, and by
address, so that nobody floods a stranger from many drafts. The address itself is not kept.
"""

from intake.store import attempts, audit
from intake.store.drafts import Draft
from intake.store.store import Store

MOST_A_DAY = 3


def take(store: Store, draft: Draft, address: str) -> bool:
    """Count one mail of this draft to this address; False when that would be too many a day."""
    to = store.vault.address_hash(draft.clinic_id, address)
    clinic, now = draft.clinic_id, store.clock()
    with store.write() as conn:
        if not attempts.take_of_day(
            conn, clinic, attempts.MAILED_BY, draft.id, now, most=MOST_A_DAY
        ):
            return False
        if attempts.take_of_day(conn, clinic, attempts.MAILED_TO, to, now, most=MOST_A_DAY):
            return True
        attempts.give_back(conn, clinic, attempts.MAILED_BY, draft.id)
        return False


def give_back(store: Store, draft: Draft, address: str) -> None:
    """The mail could not be sent: it does not count."""
    to = store.vault.address_hash(draft.clinic_id, address)
    with store.write() as conn:
        attempts.give_back(conn, draft.clinic_id, attempts.MAILED_BY, draft.id)
        attempts.give_back(conn, draft.clinic_id, attempts.MAILED_TO, to)


def sent(store: Store, draft: Draft) -> None:
    """Record that a link was mailed, not where to."""
    audit.note(store, draft.clinic_id, "patient", "link_mailed", draft.id)
