"""From draft to version 1, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from intake.store import attempts, audit, finding, invitations, jobs, lanes, notices, schema
from intake.store.crypto import Place
from intake.store.drafts import Draft, actor, is_draft, is_response
from intake.store.errors import BadValue, StaleDraft
from intake.store.store import Store

NAME_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Sent:
    """The receipt of a response that was sent."""

    reference: str
    sent_at: datetime
    version: int


def send(
    store: Store,
    draft: Draft,
    document: Mapping[str, Any],
    *,
    urgency: str,
    private: bool,
    name: str,
    born_on: date,
    by: str = "patient",
) -> Sent:
    """Turn the draft into version 1; a second call gives the first one's receipt.

    `private` says whether a private danger sign holds. `by` is "patient", "carer", or "staff" who
    typed a paper in. Raises `StaleDraft` when the draft was changed, but not sent, since it was
    read.
    """
    if by not in schema.AUTHORS or len(name) > NAME_LENGTH:
        raise BadValue("The sender is not known or the name is too long.")
    now = store.clock()
    response = {
        "status": "sent",
        "sent_at": now,
        "version": 1,
        "urgency_rank": lanes.rank(urgency, private=private),
        "lane": lanes.lane(urgency, private=private),
        "born_on_hash": store.vault.date_hash(draft.clinic_id, born_on),
    }
    version = _first_version(store, draft, document) | {"by": by, "at": now}
    words = store.vault.name_hashes(draft.clinic_id, name)
    with store.write() as conn:
        # Of two sends at the same moment only one deletes the draft.
        if not _take_draft(conn, draft):
            return _receipt(conn, draft)
        conn.execute(
            update(schema.responses).where(is_response(draft.clinic_id, draft.id)).values(response)
        )
        conn.execute(insert(schema.response_versions), version)
        finding.add_words(conn, draft, words)
        _close_calls(conn, draft, now)
        invitations.sent(conn, draft.clinic_id, draft.id)
        attempts.forgive(conn, draft.clinic_id, attempts.RESUME, draft.id)
        jobs.add(store, conn, draft.clinic_id, "summary", draft.id)
        if response["lane"] == "call":
            notices.add(store, conn, draft.clinic_id, notices.RESPONSE, draft.id)
        who = actor(draft.document)
        audit.record(conn, draft.clinic_id, who, "response_sent", draft.id, at=now)
    return Sent(draft.reference, now, 1)


def _first_version(store: Store, draft: Draft, document: Mapping[str, Any]) -> dict[str, Any]:
    place = Place(draft.clinic_id, "response_versions", "sealed", draft.id, 1)
    sealed = store.vault.seal_document(document, place)
    return {
        "clinic_id": draft.clinic_id,
        "response_id": draft.id,
        "version": 1,
        "kind": "sent",
        "kid": sealed.kid,
        "sealed": sealed.data,
    }


def _take_draft(conn: Connection, draft: Draft) -> bool:
    taken = conn.execute(
        delete(schema.drafts).where(
            is_draft(draft.clinic_id, draft.id), schema.drafts.c.rev == draft.rev
        )
    )
    return taken.rowcount == 1


def _receipt(conn: Connection, draft: Draft) -> Sent:
    table = schema.responses.c
    row = conn.execute(
        select(table.reference, table.sent_at).where(
            is_response(draft.clinic_id, draft.id), table.status == "sent"
        )
    ).first()
    if row is None:
        raise StaleDraft("The draft was changed elsewhere.")
    return Sent(row.reference, row.sent_at, 1)


def _close_calls(conn: Connection, draft: Draft, now: datetime) -> None:
    table = schema.call_requests.c
    conn.execute(
        update(schema.call_requests)
        .where(table.clinic_id == draft.clinic_id, table.response_id == draft.id)
        .values(status="sent", updated_at=now)
    )
