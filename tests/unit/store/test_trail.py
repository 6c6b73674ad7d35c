"""The audit as it is read: newest first, in pages, narrowed down, and of one clinic alone."""

from intake.store import audit, responses, trail
from intake.store.trail import Wanted
from tests.unit.store.given import CLINIC, OTHER_CLINIC, STAFF


def actions(store, wanted=None, **more):
    return [e.action for e in trail.events(store, CLINIC, wanted or Wanted(), **more)]


def test_pages_follow_each_other_newest_first(store):
    for number in range(5):
        audit.note(store, CLINIC, "system", f"step_{number}")
    audit.note(store, OTHER_CLINIC, "system", "elsewhere")
    first = trail.events(store, CLINIC, Wanted(), limit=3)
    assert [each.action for each in first] == ["step_4", "step_3", "step_2"]
    assert actions(store, limit=3, before=first[-1].id) == ["step_1", "step_0"]


def test_events_are_narrowed_down(store, clock):
    audit.note(store, CLINIC, STAFF, "opened")
    draft = responses.start(store, CLINIC)
    clock.advance(days=1)
    audit.note(store, CLINIC, "patient", "saved", draft.id)
    later = clock()
    clock.advance(hours=1)
    audit.note(store, CLINIC, "system", "ended")
    assert actions(store, Wanted(actor=STAFF)) == actions(store, Wanted(actor=trail.STAFF))
    assert actions(store, Wanted(actor=STAFF)) == ["opened"]
    assert actions(store, Wanted(action="saved")) == ["saved"]
    assert actions(store, Wanted(since=later, until=clock())) == ["saved"]
    of_draft = trail.events(store, CLINIC, Wanted(reference=draft.reference.lower()))
    assert [each.action for each in of_draft] == ["saved", "draft_started"]
    assert {each.reference for each in of_draft} == {draft.reference}
    assert actions(store, Wanted(reference="no such one")) == []


def test_events_are_counted_by_actor_and_action(store):
    for action in ("opened", "opened", "closed"):
        audit.note(store, CLINIC, STAFF, action)
    audit.note(store, OTHER_CLINIC, STAFF, "opened")
    assert trail.counts(store, CLINIC, Wanted()) == [(STAFF, "closed", 1), (STAFF, "opened", 2)]
