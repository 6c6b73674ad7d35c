"""The doctor's PDF of a response: kept where it was drawn already, else drawn now and kept."""

from __future__ import annotations

from contextlib import suppress

from intake.report.changes import compare
from intake.report.record import Earlier, RecordView, view
from intake.store import StoreUnavailable, audit, entries, persons, record, renderings, responses
from intake.store.persons import Dated
from intake.store.responses import SentResponse
from intake.web import metrics
from intake.web.visit import clinic, store


def summary_of(found: SentResponse) -> bytes:
    """The PDF as of now; raises `RenderFailed`."""
    # Drawing needs much that no page does: a worker that draws nothing never loads it.
    from intake.report.renderer import render_safely

    # Read before drawing: what changes meanwhile makes this drawing an old one.
    state = record.state(store(), clinic().id, found.id)
    rev = state.seen.rev if state else 0
    kept = renderings.kept(store(), clinic().id, found.id, renderings.SUMMARY, rev)
    if kept is not None:
        return kept
    with metrics.drawing(renderings.SUMMARY):
        drawn = render_safely(found.document, record=record_of(found))
    if state is None or state.seen.version != found.version:
        # A newer version came in between: this drawing is not of that revision.
        return drawn
    with suppress(StoreUnavailable):
        # A database that takes nothing may still be read from.
        renderings.keep(store(), clinic().id, found.id, renderings.SUMMARY, rev, drawn)
    return drawn


def record_of(found: SentResponse) -> RecordView:
    """What staff did with the response, and what changed since the one before, for the page."""
    made = entries.of(store(), clinic().id, found.id)
    told = ({"kind": each.kind, "at": each.at.isoformat(), **each.document} for each in made)
    old = one_before(found)
    since = compare(old.document, found.document).to_dict() if old else None
    return view(told, Earlier.from_dict(since) if since else None)


def note_reading(found: Dated, actor: str, action: str, *, is_joined: bool = True) -> None:
    """Record that a summary is about to leave, and that the response before it is in it.

    `is_joined` is False where it is known that the person has no other response.
    """
    old = persons.last_before(store(), clinic().id, found) if is_joined else None
    if old is not None:
        audit.note(store(), clinic().id, actor, "response_compared", old.id)
    audit.note(store(), clinic().id, actor, action, found.id)


def one_before(found: SentResponse) -> SentResponse | None:
    """The person's response before this one, if staff found one."""
    before = persons.last_before(store(), clinic().id, found)
    return responses.sent(store(), clinic().id, before.reference) if before else None
