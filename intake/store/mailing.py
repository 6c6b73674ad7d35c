"""How often a link is mailed: counted by draft or invitation, so that nobody repeats it without
end, by mailbox, so that nobody floods a stranger from many of them, and in all, so that nobody
makes the clinic a source of unwanted mail. The address itself is not kept.
"""

from typing import Protocol

from intake.store import attempts, audit
from intake.store.drafts import Draft
from intake.store.store import Store

MOST_A_DAY = 3
MOST_OF_CLINIC = 300
"""A day; a clinic that has so many new patients sends more letters than anybody can read."""
ALL = "all"


class Source(Protocol):
    """What a mail is about: a draft or an invitation."""

    @property
    def id(self) -> str: ...
    @property
    def clinic_id(self) -> int: ...


def take(store: Store, source: Source, address: str) -> bool:
    """Count one mail about this source to this address; False beyond what a day allows."""
    clinic, now = source.clinic_id, store.clock()
    taken: list[tuple[str, str]] = []
    with store.write() as conn:
        for kind, subject, most in _counts(store, source, address):
            if not attempts.take_of_day(conn, clinic, kind, subject, now, most=most):
                for earlier in taken:
                    attempts.give_back(conn, clinic, *earlier)
                return False
            taken.append((kind, subject))
    return True


def give_back(store: Store, source: Source, address: str) -> None:
    """The mail could not be sent: it does not count."""
    with store.write() as conn:
        for kind, subject, _most in _counts(store, source, address):
            attempts.give_back(conn, source.clinic_id, kind, subject)


def _counts(store: Store, source: Source, address: str) -> tuple[tuple[str, str, int], ...]:
    """(kind, subject, most a day) of each count that a mail goes by."""
    to = store.vault.address_hash(source.clinic_id, _mailbox(address))
    return (
        (attempts.MAILED_BY, source.id, MOST_A_DAY),
        (attempts.MAILED_TO, to, MOST_A_DAY),
        (attempts.MAILED, ALL, MOST_OF_CLINIC),
    )


def _mailbox(address: str) -> str:
    """Where a mail arrives: at many services ann+1@ and a.nn@ are both ann@."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def sent(store: Store, draft: Draft) -> None:
    """Record that a link was mailed, not where to."""
    audit.note(store, draft.clinic_id, "patient", "link_mailed", draft.id)
