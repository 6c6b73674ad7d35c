"""A draft is kept whole, by one writer at a time, for its own clinic alone."""

import re

import pytest
from sqlalchemy import select, update

from intake.store import BadValue, BrokenSeal, StaleDraft, audit, responses, schema
from tests.unit.store.given import CLINIC, OTHER_CLINIC, send

DOCUMENT = {"answers": {"main_wish": "Walk to the door", "pain_now": 7}, "visited": ["start"]}


def actions(store):
    with store.read() as conn:
        rows = conn.execute(select(schema.audit_events).order_by(schema.audit_events.c.id)).all()
    return [(row.actor, row.action, row.response_id) for row in rows]


def test_a_new_draft_is_empty(store, clock):
    draft = responses.start(store, CLINIC)
    assert (draft.document, draft.rev, draft.sent) == ({}, 1, False)
    assert draft.created_at == draft.updated_at == clock()
    assert re.fullmatch(r"[34679CDFGHJKMNPQRTWXY]{3}-[34679CDFGHJKMNPQRTWXY]{3}", draft.reference)
    assert responses.draft(store, CLINIC, draft.id) == draft


def test_a_saved_draft_reads_back(store, clock):
    draft = responses.start(store, CLINIC)
    clock.advance(minutes=5)
    saved = responses.save(store, draft, DOCUMENT, urgency="same_day")
    assert (saved.document, saved.rev, saved.updated_at) == (DOCUMENT, 2, clock())
    assert responses.draft(store, CLINIC, draft.id) == saved


def test_a_draft_outlives_the_process(store, database_url, open_store):
    saved = responses.save(store, responses.start(store, CLINIC), DOCUMENT, urgency="soon")
    assert responses.draft(open_store(database_url), CLINIC, saved.id) == saved


def test_of_two_writers_the_second_is_told(store):
    draft = responses.start(store, CLINIC)
    first = responses.save(store, draft, {"a": "first"}, urgency="routine")
    with pytest.raises(StaleDraft):
        responses.save(store, draft, {"a": "second"}, urgency="routine")
    assert responses.draft(store, CLINIC, draft.id) == first


def test_a_sent_draft_takes_no_more_answers(store):
    draft = responses.start(store, CLINIC)
    send(store, draft)
    with pytest.raises(StaleDraft):
        responses.save(store, draft, DOCUMENT, urgency="routine")


def test_after_sending_the_writer_sees_the_reference_and_no_answers(store, clock):
    draft = responses.save(store, responses.start(store, CLINIC), DOCUMENT, urgency="soon")
    receipt = send(store, draft)
    left = responses.draft(store, CLINIC, draft.id)
    assert left is not None
    assert (left.sent, left.document, left.reference) == (True, {}, receipt.reference)


@pytest.mark.parametrize(
    "id", ["", "x", "0" * 31, "0" * 32, "0" * 33, "A" * 32, "0" * 31 + "\x00", "9" * 400, "٣" * 32]
)
def test_an_id_that_is_none_finds_nothing(store, id):
    assert responses.draft(store, CLINIC, id) is None


def test_another_clinic_does_not_see_or_change_a_draft(store):
    draft = responses.start(store, CLINIC)
    assert responses.draft(store, OTHER_CLINIC, draft.id) is None
    with store.read() as conn:
        assert conn.execute(select(schema.drafts.c.clinic_id)).scalars().all() == [CLINIC]


def test_nul_is_refused_and_nothing_is_stored(store):
    draft = responses.start(store, CLINIC)
    with pytest.raises(BadValue):
        responses.save(store, draft, {"a": "x\x00"}, urgency="routine")
    assert responses.draft(store, CLINIC, draft.id) == draft


def test_an_unknown_urgency_is_refused(store):
    with pytest.raises(BadValue, match="urgency"):
        responses.save(store, responses.start(store, CLINIC), {}, urgency="red")


def test_the_documents_of_two_rows_cannot_be_swapped(store):
    first, second = responses.start(store, CLINIC), responses.start(store, CLINIC)
    table = schema.drafts.c
    with store.write() as conn:
        sealed = conn.execute(
            select(table.sealed).where(table.response_id == second.id)
        ).scalar_one()
        conn.execute(
            update(schema.drafts).where(table.response_id == first.id).values(sealed=sealed)
        )
    with pytest.raises(BrokenSeal):
        responses.draft(store, CLINIC, first.id)


def test_an_earlier_revision_cannot_be_put_back(store):
    draft = responses.save(store, responses.start(store, CLINIC), {"a": 1}, urgency="soon")
    table = schema.drafts.c
    with store.read() as conn:
        earlier = conn.execute(select(table.sealed)).scalar_one()
    responses.save(store, draft, {"a": 2}, urgency="soon")
    with store.write() as conn:
        conn.execute(update(schema.drafts).values(sealed=earlier))
    with pytest.raises(BrokenSeal):
        responses.draft(store, CLINIC, draft.id)


def test_each_step_leaves_one_event(store):
    draft = responses.start(store, CLINIC)
    send(store, responses.save(store, draft, DOCUMENT, urgency="soon"))
    assert actions(store) == [
        ("patient", "draft_started", draft.id),
        ("patient", "draft_saved", draft.id),
        ("patient", "response_sent", draft.id),
    ]


def test_without_its_event_nothing_is_saved(store, monkeypatch):
    draft = responses.start(store, CLINIC)

    def fail(*_args, **_more):
        raise LookupError

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(LookupError):
        responses.save(store, draft, DOCUMENT, urgency="soon")
    assert responses.draft(store, CLINIC, draft.id) == draft


def test_a_draft_does_not_print_its_answers(store):
    saved = responses.save(store, responses.start(store, CLINIC), DOCUMENT, urgency="soon")
    assert "door" not in repr(saved)


def test_a_reference_that_is_taken_is_drawn_again(store, monkeypatch):
    taken = responses.start(store, CLINIC).reference
    draws = iter([taken, taken, "CCC-DDD"])
    monkeypatch.setattr("intake.store.codes.new_reference", lambda: next(draws))
    assert responses.start(store, CLINIC).reference == "CCC-DDD"
