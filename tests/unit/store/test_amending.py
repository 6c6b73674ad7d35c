"""A sent response gets further versions, one at a time; those before stay as they were."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from intake.store import BadValue, StaleResponse, entries, responses, schema
from intake.store.finding import Owner, Owners
from intake.store.responses import Amendment
from tests.unit.store.given import BORN_ON, CLINIC, OTHER_CLINIC, STAFF, correction, sent_once

THREADS = 8
ANN = Owner("Ann Example", BORN_ON)


def reread(store, found):
    again = responses.sent(store, CLINIC, found.reference)
    assert again is not None
    return again


def columns(store, found):
    with store.read() as conn:
        return conn.execute(select(schema.responses).where(schema.responses.c.id == found.id)).one()


def words(store):
    with store.read() as conn:
        return set(conn.execute(select(schema.name_words.c.word_hash)).scalars())


def events(store):
    with store.read() as conn:
        table = schema.audit_events.c
        rows = conn.execute(select(table.actor, table.action).order_by(table.id)).all()
    return [tuple(row) for row in rows]


def test_the_next_version_is_what_staff_read_and_the_first_one_stays(store, clock):
    first = sent_once(store, answers={"phone": "1"})
    before = clock()
    clock.advance(days=1)
    assert responses.amend(store, CLINIC, first, correction({"answers": {"phone": "2"}})) == 2
    found = reread(store, first)
    assert found.document == {"answers": {"phone": "2"}}
    assert (found.version, found.sent_at, found.urgency) == (2, before, "routine")
    assert found.versions == (
        responses.Version(1, "sent", "patient", before),
        responses.Version(2, "corrected", "staff", clock()),
    )
    (entry,) = entries.of(store, CLINIC, first.id)
    assert (entry.kind, entry.by, entry.version) == ("corrected", STAFF, 2)
    assert entry.document["why"] == "typed wrongly"
    assert columns(store, first).record_rev == 1
    assert events(store)[-1] == (STAFF, "response_corrected")


@pytest.mark.parametrize("change", [update, delete])
def test_no_version_is_ever_changed(store, change):
    responses.amend(store, CLINIC, sent_once(store), correction({"a": 1}))
    statement = change(schema.response_versions)
    values = {} if change is delete else {"kind": "sent"}
    with pytest.raises(DBAPIError), store.write() as conn:
        conn.execute(statement, values) if values else conn.execute(statement)


def test_who_read_an_older_version_is_told_and_changes_nothing(store):
    first = sent_once(store)
    responses.amend(store, CLINIC, first, correction({"mine": 1}))
    counted = len(events(store))
    late = correction({"yours": 1}, urgency="emergency", owner=Owners(ANN, Owner("Zoe", BORN_ON)))
    with pytest.raises(StaleResponse):
        responses.amend(store, CLINIC, first, late)
    found = reread(store, first)
    assert (found.version, found.document, found.urgency) == (2, {"mine": 1}, "routine")
    assert len(events(store)) == counted
    assert len(entries.of(store, CLINIC, first.id)) == 1


def test_of_many_at_once_exactly_one_wins(store):
    first = sent_once(store)
    gate = Barrier(THREADS)

    def correct(number):
        gate.wait(timeout=30)
        try:
            return responses.amend(store, CLINIC, first, correction({"number": number}))
        except StaleResponse:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(correct, range(THREADS)))
    assert sorted(each for each in made if each) == [2]
    assert reread(store, first).document == {"number": made.index(2)}
    assert columns(store, first).version == 2


def test_another_clinic_or_a_draft_cannot_be_amended(store):
    first = sent_once(store)
    with pytest.raises(StaleResponse):
        responses.amend(store, OTHER_CLINIC, first, correction({}))
    assert reread(store, first).version == 1


def test_a_corrected_name_and_birth_date_are_found_and_the_old_ones_not(store):
    first = sent_once(store)
    zoe = Owner("Zoe Example", date(1972, 4, 5))
    responses.amend(store, CLINIC, first, correction({}, owner=Owners(ANN, zoe)))
    assert words(store) == store.vault.name_hashes(CLINIC, "Zoe Example")
    assert columns(store, first).born_on_hash == store.vault.date_hash(CLINIC, zoe.born_on)


def test_urgency_lane_and_appointment_follow_only_where_they_are_told(store):
    first = sent_once(store, "soon")
    responses.amend(store, CLINIC, first, correction({}))
    row = columns(store, first)
    assert (row.urgency_rank, row.lane, row.appointment_on) == (2, "new", schema.NO_APPOINTMENT)
    lanes = []

    def to_call(lane):
        lanes.append(lane)
        return "call"

    visit = date(2026, 4, 1)
    more = {"urgency": "emergency", "lane": to_call, "appointment_on": visit}
    responses.amend(store, CLINIC, reread(store, first), correction({}, **more))
    row = columns(store, first)
    assert (row.urgency_rank, row.lane, row.appointment_on) == (0, "call", visit)
    assert lanes == ["new"]


def test_a_patient_s_new_answer_is_another_kind(store):
    first = sent_once(store)
    answered = Amendment("re-answered", "patient", "patient", {"a": 1}, {"step": "ms"})
    responses.amend(store, CLINIC, first, answered)
    assert reread(store, first).versions[-1].kind == "re-answered"
    assert entries.of(store, CLINIC, first.id)[0].kind == "answered"
    assert events(store)[-1] == ("patient", "response_answered")


@pytest.mark.parametrize(("kind", "by"), [("sent", "staff"), ("corrected", "owner")])
def test_other_kinds_and_authors_are_refused(store, kind, by):
    first = sent_once(store)
    with pytest.raises(BadValue):
        responses.amend(store, CLINIC, first, Amendment(kind, by, STAFF, {}, {}))


@pytest.mark.parametrize(("private", "rank"), [(True, 0), (False, 1)])
def test_a_private_sign_gives_a_new_version_its_place(store, private, rank):
    first = sent_once(store)
    amendment = correction({}, urgency="same_day", private=private)
    responses.amend(store, CLINIC, first, amendment)
    with store.read() as conn:
        assert conn.execute(select(schema.responses.c.urgency_rank)).scalar_one() == rank


def notices_of(store):
    with store.read() as conn:
        kinds = conn.execute(select(schema.jobs.c.kind)).scalars()
        return list(kinds).count("notice")


def test_a_version_that_turns_urgent_sends_one_notice(store):
    first = sent_once(store)
    responses.amend(store, CLINIC, first, correction({"a": 1}))
    assert notices_of(store) == 0
    urgent = correction({"a": 2}, urgency="same_day", lane=lambda _: "call")
    responses.amend(store, CLINIC, reread(store, first), urgent)
    assert notices_of(store) == 1
    # It still waits for the same call.
    responses.amend(store, CLINIC, reread(store, first), urgent)
    assert notices_of(store) == 1
