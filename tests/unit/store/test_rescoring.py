"""Later rules' assessments stand beside the sealed ones, once each."""

from intake.store import listing, rescoring, responses
from tests.unit.store.given import CLINIC, send


def listed(store):
    return listing.page(store, CLINIC)


def given(store):
    """Two sent responses, of which the second was judged by rules "2" when it was sent."""
    for rules in ("1", "2"):
        store.clock.advance(minutes=1)
        send(store, responses.start(store, CLINIC), rules_version=rules)
    return listed(store)


def test_a_version_is_judged_once_by_each_rules(store):
    first, second = given(store)
    assert [row.id for row in rescoring.without(store, CLINIC, "2", [first, second])] == [first.id]
    rescoring.add(store, CLINIC, "2", [(first, {"band": "LIKELY"})])
    assert rescoring.without(store, CLINIC, "2", [first, second]) == []
    assert len(rescoring.without(store, CLINIC, "3", [first, second])) == 2


def test_the_sealed_document_stays_and_the_newest_assessment_is_found(store, clock):
    first, second = given(store)
    rescoring.add(store, CLINIC, "2", [(first, {"band": "LIKELY"})])
    clock.advance(days=1)
    rescoring.add(store, CLINIC, "3", [(first, {"band": "POSSIBLE"})])
    newest = rescoring.newest(store, CLINIC, first.id, 1)
    assert newest is not None
    assert (newest.rules_version, newest.assessment) == ("3", {"band": "POSSIBLE"})
    assert newest.at == clock()
    assert rescoring.newest(store, CLINIC, second.id, 1) is None
    assert rescoring.newest(store, CLINIC + 1, first.id, 1) is None
    assert rescoring.newest(store, CLINIC, "x", 1) is None
    assert listed(store)[0].document == first.document


def test_pages_follow_the_order_of_change(store, clock):
    for _ in range(5):
        clock.advance(minutes=1)
        send(store, responses.start(store, CLINIC))
    wanted = [row.id for row in listed(store)]
    found = [row.id for row in listing.page(store, CLINIC, limit=2)]
    mark = listing.page(store, CLINIC, limit=2)[-1].mark
    found += [row.id for row in listing.page(store, CLINIC, limit=3, after=mark)]
    assert found == wanted
    assert listing.count(store, CLINIC) == 5
    late = listing.Period(since=listed(store)[3].at)
    assert listing.count(store, CLINIC, late) == len(listing.page(store, CLINIC, late)) == 2
    assert listing.page(store, CLINIC + 1) == []
