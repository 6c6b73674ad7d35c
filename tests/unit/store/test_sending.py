"""A response is sent once, never changes after that, and says nothing to who reads the disk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from intake.store import BadValue, BrokenSeal, StaleDraft, calls, responses, schema, work_list
from tests.unit.store.given import BORN_ON, CLINIC, OTHER_CLINIC, in_lane, send

THREADS = 20


def versions(store):
    with store.read() as conn:
        return conn.execute(select(schema.response_versions)).all()


def test_what_was_sent_reads_back(store, clock):
    draft = responses.start(store, CLINIC)
    receipt = responses.send(
        store,
        draft,
        {"answers": {"a": "b"}},
        urgency="same_day",
        private=False,
        name="Ann Example",
        born_on=BORN_ON,
        by="carer",
    )
    assert (receipt.reference, receipt.sent_at, receipt.version) == (draft.reference, clock(), 1)
    found = responses.sent(store, CLINIC, receipt.reference)
    assert found is not None
    assert found.document == {"answers": {"a": "b"}}
    assert (found.id, found.urgency, found.sent_at) == (draft.id, "same_day", clock())
    assert found.versions == (responses.Version(1, "sent", "carer", clock()),)


def test_a_second_click_gets_the_first_receipt(store, clock):
    draft = responses.start(store, CLINIC)
    first = send(store, draft, "emergency")
    clock.advance(hours=1)
    assert send(store, draft, "routine", other=1) == first
    assert [row.version for row in versions(store)] == [1]
    found = responses.sent(store, CLINIC, first.reference)
    assert found is not None
    assert found.urgency == "emergency"


def test_of_many_sends_at_once_one_counts_and_all_get_its_receipt(store):
    draft = responses.start(store, CLINIC)
    gate = Barrier(THREADS)

    def click(number):
        gate.wait(timeout=30)
        return send(store, draft, number=number)

    with ThreadPoolExecutor(THREADS) as pool:
        receipts = set(pool.map(click, range(THREADS)))
    assert len(receipts) == 1
    assert len(versions(store)) == 1


def test_of_many_saves_at_once_one_wins(store):
    draft = responses.start(store, CLINIC)
    gate = Barrier(THREADS)

    def save(number):
        gate.wait(timeout=30)
        try:
            return responses.save(store, draft, {"a": number}, urgency="soon")
        except StaleDraft:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        saved = [draft for draft in pool.map(save, range(THREADS)) if draft]
    assert saved == [responses.draft(store, CLINIC, draft.id)]


def test_an_older_page_does_not_send_over_newer_answers(store):
    draft = responses.start(store, CLINIC)
    newer = responses.save(store, draft, {"a": "newer"}, urgency="soon")
    with pytest.raises(StaleDraft):
        send(store, draft)
    assert responses.draft(store, CLINIC, draft.id) == newer
    assert versions(store) == []


def test_a_draft_that_never_was_is_stale(store):
    draft = responses.start(store, CLINIC)
    with store.write() as conn:
        conn.execute(delete(schema.drafts))
    with pytest.raises(StaleDraft):
        send(store, draft)


@pytest.mark.parametrize("wrong", [{"by": "nobody"}, {"name": "x" * 501}, {"urgency": "red"}])
def test_what_cannot_be_sent_changes_nothing(store, wrong):
    draft = responses.start(store, CLINIC)
    good = {"urgency": "soon", "private": False, "name": "Ann", "born_on": BORN_ON}
    with pytest.raises(BadValue):
        responses.send(store, draft, {}, **(good | wrong))
    assert responses.draft(store, CLINIC, draft.id) == draft


@pytest.mark.parametrize("table", [schema.response_versions, schema.audit_events])
def test_versions_and_events_are_never_changed(store, table):
    send(store, responses.start(store, CLINIC))
    with store.read() as conn:
        before = conn.execute(select(table)).all()
    again = insert(table).values(dict(before[0]._mapping))
    if store.engine.dialect.name == "sqlite":
        again = again.prefix_with("OR REPLACE")
    for change in (update(table).values(clinic_id=OTHER_CLINIC), delete(table), again):
        with pytest.raises(DBAPIError), store.write() as conn:
            conn.execute(change)
    with store.read() as conn:
        assert conn.execute(select(table)).all() == before


def test_versions_cannot_be_emptied_at_one_stroke(postgresql_url, open_store):
    store = open_store(postgresql_url)
    store.check()
    send(store, responses.start(store, CLINIC))
    with pytest.raises(DBAPIError, match="never changed"), store.write() as conn:
        conn.exec_driver_sql("TRUNCATE response_versions")
    assert len(versions(store)) == 1


def test_a_version_of_another_response_does_not_open(store):
    good, bad = responses.start(store, CLINIC), responses.start(store, CLINIC)
    send(store, good)
    row = dict(versions(store)[0]._mapping) | {"response_id": bad.id}
    with store.write() as conn:
        conn.execute(insert(schema.response_versions), row)
        conn.execute(
            update(schema.responses)
            .where(schema.responses.c.id == bad.id)
            .values(status="sent", sent_at=row["at"], version=1)
        )
    with pytest.raises(BrokenSeal):
        responses.sent(store, CLINIC, bad.reference)


def test_names_and_birth_dates_are_found_by_their_hashes(store):
    draft = responses.start(store, CLINIC)
    responses.send(
        store,
        draft,
        {},
        urgency="soon",
        private=False,
        name="Ann O’Brien Ann",
        born_on=BORN_ON,
    )
    with store.read() as conn:
        words = conn.execute(select(schema.name_words.c.word_hash)).scalars().all()
        born = conn.execute(select(schema.responses.c.born_on_hash)).scalar_one()
    assert {bytes(word) for word in words} == store.vault.name_hashes(CLINIC, "o'brien ANN")
    assert born == store.vault.date_hash(CLINIC, date(1971, 4, 5))


@pytest.mark.parametrize(
    "typed", ["", "x", "CCC-CCC", "CCC CCC\x00", "9" * 500, "../../etc", "IIILLL", "李小龙李小龙"]
)
def test_a_reference_that_is_none_finds_nothing(store, typed):
    assert responses.sent(store, CLINIC, typed) is None


def test_a_reference_is_found_however_it_is_typed(store):
    reference = send(store, responses.start(store, CLINIC)).reference
    for typed in (
        reference.lower(),
        reference.replace("-", " "),
        f" {reference.replace('-', '')} ",
    ):
        found = responses.sent(store, CLINIC, typed)
        assert found is not None
        assert found.reference == reference


def test_a_draft_and_another_clinics_response_are_not_shown(store):
    draft = responses.start(store, CLINIC)
    assert responses.sent(store, CLINIC, draft.reference) is None
    send(store, draft)
    assert responses.sent(store, OTHER_CLINIC, draft.reference) is None
    assert work_list.references(store, OTHER_CLINIC, in_lane("new")) == []


def test_no_word_of_a_person_is_on_the_disk(sqlite_store, tmp_path):
    store, canary = sqlite_store, "Zyxcanary"
    draft = responses.start(store, CLINIC)
    draft = responses.save(store, draft, {"answers": {"name": canary}}, urgency="soon")
    calls.request(
        store, CLINIC, draft.id, name=canary, phone="555-0199", urgency="soon", cards=["E7"]
    )
    code = responses.issue_code(store, draft, BORN_ON)
    responses.send(
        store,
        draft,
        {"answers": {"name": canary}},
        urgency="soon",
        private=False,
        name=canary,
        born_on=BORN_ON,
    )
    files = list(tmp_path.iterdir())
    written = {file.name: file.read_bytes().lower() for file in files}
    # The test bites: the log was not folded into the database yet, and plain columns show.
    assert len(written["intake.sqlite-wal"]) > 0
    assert any(draft.reference.lower().encode() in content for content in written.values())
    secret = code.split("-", 1)[1]
    for word in (canary, "555-0199", str(BORN_ON), secret, secret.replace("-", "")):
        assert not any(word.lower().encode() in content for content in written.values())


def test_no_word_of_a_person_is_in_any_row(store):
    canary = "Zyxcanary"
    draft = responses.start(store, CLINIC)
    draft = responses.save(store, draft, {"answers": {"name": canary}}, urgency="soon")
    calls.request(
        store, CLINIC, draft.id, name=canary, phone="555-0199", urgency="soon", cards=["E7"]
    )
    responses.send(
        store,
        draft,
        {"answers": {"name": canary}},
        urgency="soon",
        private=False,
        name=canary,
        born_on=BORN_ON,
    )
    with store.read() as conn:
        rows = [
            repr(conn.execute(select(table)).all()) for table in schema.metadata.tables.values()
        ]
    stored = "".join(rows).lower()
    assert draft.reference.lower() in stored
    for word in (canary.lower(), "555-0199", "1971"):
        assert word not in stored
