"""Decisions as the calibration reads them: the last one on each version, of one clinic."""

from intake.store import calibration, entries, responses
from tests.unit.store.given import CLINIC, OTHER_CLINIC, STAFF, send


def decided(store, response_id, band, *, clinic=CLINIC, version=1):
    document = {
        "urgency": "routine",
        "band": "LIKELY",
        "decided_urgency": "routine",
        "decided_band": band,
        "agrees": band == "LIKELY",
        "reason": "",
        "rules": ["one"],
        "by_name": "Pat",
    }
    with store.write() as conn:
        entries.add(store, conn, clinic, response_id, "decided", STAFF, document, version=version)


def sent_id(store, clinic=CLINIC):
    draft = responses.start(store, clinic)
    send(store, draft)
    return draft.id


def bands(store, *since):
    return [each.decided_band for each in calibration.decisions(store, CLINIC, *since)]


def test_the_last_decision_on_a_version_counts(store, clock):
    first, second = sent_id(store), sent_id(store)
    decided(store, first, "OTHER")
    clock.advance(days=1)
    since = clock()
    decided(store, second, "ASSESS")
    clock.advance(days=1)
    decided(store, first, "LIKELY")
    assert bands(store) == ["LIKELY", "ASSESS"]
    decided(store, first, "POSSIBLE", version=2)
    assert sorted(bands(store)) == ["ASSESS", "LIKELY", "POSSIBLE"]
    assert len(bands(store, since)) == 3
    clock.advance(days=1)
    assert bands(store, clock()) == []


def test_other_clinics_and_other_entries_do_not_count(store):
    decided(store, sent_id(store, OTHER_CLINIC), "OTHER", clinic=OTHER_CLINIC)
    own = sent_id(store)
    with store.write() as conn:
        entries.add(store, conn, CLINIC, own, "read", STAFF, {}, version=1)
    assert bands(store) == []


def test_references_are_those_of_the_clinic(store):
    own, other = responses.start(store, CLINIC), responses.start(store, OTHER_CLINIC)
    assert calibration.references(store, CLINIC, [own.id, other.id]) == {own.id: own.reference}
