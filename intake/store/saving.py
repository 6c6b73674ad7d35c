"""Keeping a changed draft, and the call request beside it in step with it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, update

from intake.store import audit, calls, finding, invitations, schema
from intake.store.drafts import Draft, actor, sealed
from intake.store.errors import StaleDraft
from intake.store.finding import Owners
from intake.store.store import Store


def save(
    store: Store,
    draft: Draft,
    document: Mapping[str, Any],
    *,
    urgency: str,
    cards: Iterable[str] = (),
    audited: bool = True,
    owner: Owners | None = None,
    reachable: bool = False,
) -> Draft:
    """Keep a changed document; raises `StaleDraft` unless `draft` is the newest revision.

    `cards` are those that hold now: the call request takes them on with the same commit, or
    begins, where the answers say how to reach the person (`reachable`).
    `owner`, where name or birth date changed: by these the draft is found from now on.
    """
    held = calls.checked_cards(cards)
    urgency = calls.place(urgency, held)
    now = store.clock()
    saved = replace(draft, rev=draft.rev + 1, document=dict(document), updated_at=now)
    values = {
        "of_clinic": draft.clinic_id,
        "of_id": draft.id,
        "of_rev": draft.rev,
        "updated_at": now,
    } | sealed(store, saved, urgency)
    with store.write() as conn:
        # The write comes first: a save that is too late changes nothing else.
        if conn.execute(_UPDATE, values).rowcount != 1:
            raise StaleDraft("The draft was changed or sent elsewhere.")
        calls.follow(
            store,
            conn,
            draft.clinic_id,
            draft.id,
            urgency=urgency,
            cards=held,
            reachable=reachable,
        )
        if owner is not None:
            finding.keep_findable(store, conn, draft, owner)
        if document.get("invited"):
            invitations.started(conn, draft.clinic_id, draft.id)
        if audited:
            audit.record(conn, draft.clinic_id, actor(document), "draft_saved", draft.id, at=now)
    return saved


_UPDATE = (
    update(schema.drafts)
    .where(
        schema.drafts.c.clinic_id == bindparam("of_clinic"),
        schema.drafts.c.response_id == bindparam("of_id"),
        schema.drafts.c.rev == bindparam("of_rev"),
    )
    .values({name: bindparam(name) for name in ("rev", "urgency_rank", "kid", "sealed")})
    .values(updated_at=bindparam("updated_at"))
)
