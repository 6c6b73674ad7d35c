"""Staff see who needs them first at the top, page after page, lane by lane."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, insert, text, update

from intake.store import entries, responses, schema, work_list
from intake.store.work_list import Sought
from tests.unit.store.given import BORN_ON, CLINIC, OTHER_CLINIC, in_lane, send

ORDER = ("emergency", "same_day", "soon", "routine")
TODAY = date(2026, 3, 2)


def set_row(store, reference, **values):
    with store.write() as conn:
        conn.execute(
            update(schema.responses)
            .where(schema.responses.c.reference == reference)
            .values(**values)
        )


def sent_to(store, lane="new", urgency="routine", **values):
    """Send a response and put it into a lane; its reference."""
    reference = send(store, responses.start(store, CLINIC), urgency).reference
    set_row(store, reference, lane=lane, **values)
    return reference


def id_of(store, reference):
    (row,) = work_list.states(store, CLINIC, [reference])
    return row.id


def listed(store, lane="new", **more):
    limits = {key: more.pop(key) for key in ("limit", "after") if key in more}
    return [row.reference for row in work_list.rows(store, CLINIC, in_lane(lane, **more), **limits)]


@pytest.fixture
def waiting(store, clock):
    """Twelve responses of one lane, sent a minute apart, urgencies mixed; as sent."""
    sent = []
    for number in range(12):
        clock.advance(minutes=1)
        sent.append(sent_to(store, "read", ORDER[(number * 7) % 4]))
    return sent


def read_pages(store, limit):
    """All pages up to the first empty one; gives up after 20."""
    pages, after = [], None
    for _ in range(20):
        page = work_list.rows(store, CLINIC, in_lane("read"), limit=limit, after=after)
        pages.append(page)
        if not page:
            break
        after = page[-1].reference
    return pages


def test_most_urgent_first_then_longest_waiting(store, waiting):
    rows = work_list.rows(store, CLINIC, in_lane("read"))
    assert len(rows) == 12
    assert rows == sorted(rows, key=lambda row: (ORDER.index(row.urgency), row.sent_at))
    assert {row.urgency for row in rows} == set(ORDER)
    assert all(row.document == {"reference": row.reference} for row in rows)
    assert [row.reference for row in rows] == work_list.references(store, CLINIC, in_lane("read"))


def test_who_began_early_and_sent_late_has_waited_less(store, clock):
    early = responses.start(store, CLINIC)
    clock.advance(days=1)
    first = send(store, responses.start(store, CLINIC))
    clock.advance(days=1)
    second = send(store, early)
    assert listed(store) == [first.reference, second.reference]


def test_pages_join_without_gap_or_repeat(store, waiting):
    whole = work_list.rows(store, CLINIC, in_lane("read"))
    pages = read_pages(store, 5)
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    assert [row for page in pages for row in page] == whole


def test_rows_of_one_moment_are_paged_too(store):
    sent = {sent_to(store, "read") for _ in range(5)}
    pages = read_pages(store, 1)
    assert [len(page) for page in pages] == [1, 1, 1, 1, 1, 0]
    assert {row.reference for page in pages for row in page} == sent


def test_a_sooner_appointment_goes_first_within_an_urgency(store, waiting):
    last = listed(store, "read")[-1]
    set_row(store, last, appointment_on=date(2026, 3, 3))
    rows = work_list.rows(store, CLINIC, in_lane("read"))
    routine = [row for row in rows if row.urgency == "routine"]
    assert (routine[0].reference, routine[0].appointment_on) == (last, date(2026, 3, 3))
    assert routine[1].appointment_on is None
    assert work_list.rows(store, CLINIC, in_lane("read"), after=last) == routine[1:]


@pytest.mark.parametrize("after", ["", "junk", "CCC-CCC", "x\x00", "9" * 999])
def test_a_cursor_that_is_none_gives_the_first_page(store, waiting, after):
    assert listed(store, "read", after=after) == listed(store, "read")


@pytest.mark.parametrize(("limit", "rows"), [(-1, 1), (0, 1), (3, 3), (2**70, 12)])
def test_the_size_of_a_page_is_bounded(store, waiting, limit, rows):
    assert len(listed(store, "read", limit=limit)) == rows


def test_drafts_and_other_clinics_are_not_in_it(store, waiting):
    responses.start(store, CLINIC)
    other = send(store, responses.start(store, OTHER_CLINIC), "routine")
    assert len(listed(store, "read")) == 12
    assert listed(store, "new") == []
    assert work_list.states(store, CLINIC, [other.reference]) == []
    assert not any(work_list.search(store, CLINIC, Sought(reference=other.reference)))
    assert work_list.counts(store, CLINIC, in_lane("new"))["new"] == 0


@pytest.mark.parametrize(("urgency", "private", "lane", "place"), [
    ("emergency", False, "call", "emergency"),
    ("same_day", False, "call", "same_day"),
    ("same_day", True, "call", "emergency"),
    ("soon", True, "call", "emergency"),
    ("soon", False, "new", "soon"),
    ("routine", False, "new", "routine"),
])  # fmt: skip
def test_what_was_sent_stands_in_its_lane(store, urgency, private, lane, place):
    send(store, responses.start(store, CLINIC), urgency, private=private)
    (row,) = work_list.rows(store, CLINIC, in_lane(lane))
    assert (row.lane, row.urgency) == (lane, place)


def test_each_lane_holds_its_own_and_is_counted(store):
    there = {lane: {sent_to(store, lane) for _ in range(2)} for lane in schema.LANES}
    assert {lane: set(listed(store, lane)) for lane in schema.LANES} == there
    assert work_list.counts(store, CLINIC, in_lane("new")) == dict.fromkeys(schema.LANES, 2)


def test_nobody_counts_further_than_is_read(store, monkeypatch):
    monkeypatch.setattr(work_list, "COUNTED", 2)
    for _ in range(3):
        sent_to(store, "new")
        sent_to(store, "waiting", due_on=TODAY)
    assert work_list.counts(store, CLINIC, in_lane("new"))["new"] == 2


def test_what_was_put_off_is_new_again_on_its_day(store, clock):
    clock.advance(minutes=1)
    still, back, asked = (
        sent_to(store, "waiting", "soon", due_on=TODAY + timedelta(days=1)),
        sent_to(store, "waiting", "soon", due_on=TODAY),
        sent_to(store, "waiting"),
    )
    first, last = sent_to(store, "new", "emergency"), sent_to(store, "new", "routine")
    assert listed(store) == [first, back, last]
    assert [listed(store, limit=1, after=each) for each in (first, back, last)] == [
        [back],
        [last],
        [],
    ]
    assert listed(store, "waiting") == [still, asked]
    counted = work_list.counts(store, CLINIC, in_lane("new"))
    assert (counted["new"], counted["waiting"]) == (3, 2)


def test_a_lane_is_narrowed_down(store, clock):
    ann = "a" * 32
    old = sent_to(store, assigned_to=ann)
    clock.advance(days=10)
    soon = sent_to(store, urgency="soon", appointment_on=TODAY + timedelta(days=3))
    past = sent_to(store, appointment_on=TODAY - timedelta(days=1))
    assert listed(store, assigned_to=ann) == [old]
    assert listed(store, assigned_to="") == [soon, past]
    assert listed(store, urgency="soon") == [soon]
    assert listed(store, visit_until=TODAY + timedelta(days=3)) == [soon]
    assert listed(store, visit_until=TODAY + timedelta(days=2)) == []
    assert listed(store, sent_since=clock()) == [soon, past]
    assert listed(store, sent_since=clock(), urgency="routine") == [past]
    narrowed = in_lane("new", assigned_to=ann)
    assert work_list.counts(store, CLINIC, narrowed)["new"] == 1


@pytest.mark.parametrize("spoil", [b"", b"x" * 40])
def test_one_broken_row_leaves_the_others_readable(store, spoil):
    broken, whole = sent_to(store), sent_to(store)
    found = id_of(store, broken)
    table = schema.response_versions
    with store.write() as conn:
        row = dict(conn.execute(table.select().where(table.c.response_id == found)).one()._mapping)
        # A version is never changed; a newer one is what is read.
        conn.execute(table.insert(), row | {"version": 2, "kind": "corrected", "sealed": spoil})
    set_row(store, broken, version=2)
    documents = {
        row.reference: row.document for row in work_list.rows(store, CLINIC, in_lane("new"))
    }
    assert documents == {broken: None, whole: {"reference": whole}}
    assert work_list.search(store, CLINIC, Sought(reference=broken))[0][0].document is None


def test_states_are_told_without_opening(store):
    one, two = sent_to(store, "done"), sent_to(store, assigned_to="a" * 32)
    found = work_list.states(store, CLINIC, [one, two, "junk", "CCC-CCC"])
    told = {row.reference: (row.lane, row.assigned_to, row.document) for row in found}
    assert told == {one: ("done", None, None), two: ("new", "a" * 32, None)}
    assert work_list.states(store, CLINIC, []) == []


def test_entries_come_by_response_and_in_order(store, clock):
    one, two = sent_to(store), sent_to(store)
    ids = [id_of(store, each) for each in (one, two)]
    for id, kind, word in (
        (ids[0], "called", "a"),
        (ids[0], "noted", "b"),
        (ids[0], "called", "c"),
    ):
        clock.advance(minutes=1)
        with store.write() as conn:
            entries.add(store, conn, CLINIC, id, kind, "system", {"word": word}, version=1)
    found = work_list.entries_of(store, CLINIC, ids, ["called"])
    assert {id: [each.document["word"] for each in every] for id, every in found.items()} == {
        ids[0]: ["a", "c"]
    }
    assert work_list.entries_of(store, CLINIC, [], ["called"]) == {}


# --- Searching -----------------------------------------------------------------------------------


def named(store, name, born_on=BORN_ON, **more):
    draft = responses.start(store, CLINIC)
    responses.send(
        store, draft, {}, urgency="routine", private=False, name=name, born_on=born_on, **more
    )
    return draft.reference


def found(store, *given, **more):
    return {row.reference for row in work_list.search(store, CLINIC, Sought(*given, **more))[0]}


@pytest.mark.parametrize("typed", ["josé", "JOSE", "nunez jose", "Núñez", "O’Brien", "obrien"])
def test_a_name_is_found_as_it_is_heard(store, typed):
    reference = named(store, "José Núñez O'Brien")
    named(store, "Joseph Other")
    assert found(store, typed) == {reference}


@pytest.mark.parametrize("name", ["王小明", "Мария Иванова", "ანა", "ירון כהן"])
def test_a_name_is_found_in_any_script(store, name):
    reference = named(store, name)
    named(store, "Ann Example")
    assert found(store, name) == {reference}


def test_a_birth_date_or_a_reference_narrows_down(store):
    young = named(store, "Ann Example", date(1990, 1, 2))
    old = named(store, "Ann Example", date(1960, 1, 2))
    assert found(store, "ann") == {young, old}
    assert found(store, "ann", date(1990, 1, 2)) == {young}
    assert found(store, born_on=date(1960, 1, 2)) == {old}
    assert found(store, reference=old) == {old}
    assert found(store, "ben", reference=old) == {old}
    assert found(store, "ann", date(1990, 1, 2), old) == {young}


def test_nothing_asked_finds_nothing(store):
    named(store, "Ann Example")
    assert work_list.search(store, CLINIC, Sought(" -- ")) == ([], [])


def test_a_draft_is_found_without_what_stands_in_it(store, clock):
    draft = responses.start(store, CLINIC)
    begun_at = clock()
    clock.advance(hours=2)
    owner = responses.Owner("Ann Example", BORN_ON)
    responses.save(
        store,
        draft,
        {"answers": {"name": "Ann Example"}},
        urgency="routine",
        owner=responses.Owners(responses.Owner("", None), owner),
    )
    sent, unsent = work_list.search(store, CLINIC, Sought("Ann"))
    assert sent == []
    assert unsent == [work_list.Unsent(draft.id, draft.reference, begun_at, clock())]
    assert work_list.search(store, CLINIC, Sought("Ben")) == ([], [])


def test_a_search_is_bounded_and_newest_first(store, clock):
    references = []
    for _ in range(4):
        clock.advance(minutes=1)
        references.append(named(store, "Ann Example"))
    rows, _ = work_list.search(store, CLINIC, Sought("ann"), limit=3)
    assert [row.reference for row in rows] == references[:0:-1]


# --- The index -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lane", ["call", "new", "waiting"])
def test_a_page_is_read_in_the_order_of_the_index(store, lane):
    many_stand_in(store, lane)
    plans = page_plans(store, lane)
    assert len(plans) == 2 + 2 * (lane == "new")
    for sql, plan in plans:
        if "due_on <=" in sql:
            # The few that are due are put in order afterwards.
            continue
        assert "ix_responses_lane" in plan
        for slow in ("TEMP B-TREE", "SCAN responses", "Seq Scan", "Sort"):
            assert slow not in plan


def test_what_is_due_is_found_without_reading_all_who_wait(store):
    many_stand_in(store, "waiting")
    plans = [plan for sql, plan in page_plans(store, "new") if "due_on <=" in sql]
    assert len(plans) == 2
    for plan in plans:
        assert "ix_responses_due" in plan
        assert "ix_responses_lane" not in plan


def many_stand_in(store, lane):
    """So many that the engine's plan is one for a real clinic."""
    with store.write() as conn:
        conn.execute(insert(schema.responses), [one_in(lane, number) for number in range(500)])
        if store.engine.dialect.name == "postgresql":
            conn.execute(text("ANALYZE responses"))


def one_in(lane, number):
    at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=number)
    return {
        "clinic_id": CLINIC,
        "id": f"{number:032x}",
        "reference": f"many-{number}",
        "status": "sent",
        "urgency_rank": 3,
        "appointment_on": schema.NO_APPOINTMENT,
        "version": 1,
        "created_at": at,
        "sent_at": at,
        "lane": lane,
    }


def page_plans(store, lane):
    """(statement, the engine's plan) for the first page and the one after it."""
    reference = sent_to(store, lane)
    asked = []

    def note(_conn, _cursor, statement, parameters, _context, _many):
        if "ORDER BY" in statement and "EXPLAIN" not in statement:
            asked.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    work_list.references(store, CLINIC, in_lane(lane))
    work_list.references(store, CLINIC, in_lane(lane), after=reference)
    event.remove(store.engine, "before_cursor_execute", note)
    return [(sql, explained(store, sql, values)) for sql, values in asked]


def explained(store, sql, values):
    with store.read() as conn:
        if store.engine.dialect.name == "sqlite":
            return " ".join(
                row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
            )
        # An empty table is read whole, whatever indexes there are.
        conn.exec_driver_sql("SET enable_seqscan = off")
        conn.exec_driver_sql("SET enable_bitmapscan = off")
        return " ".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {sql}", values))


@pytest.mark.parametrize("order", [("answers", "assessment", "rows"), ("rows", "assessment")])
def test_a_row_shows_the_same_of_documents_in_either_order(store, order):
    whole = {"answers": {"name": "Una"}, "assessment": {"band": "LIKELY"}, "rows": [{"a": 1}]}
    draft = responses.start(store, CLINIC)
    document = {key: whole[key] for key in (*order, "answers")}
    responses.send(
        store,
        draft,
        document,
        urgency="routine",
        private=False,
        name="Una",
        born_on=BORN_ON,
    )
    (row,) = work_list.rows(store, CLINIC, in_lane("new"))
    assert row.document is not None
    assert row.document["assessment"] == {"band": "LIKELY"}
    assert row.document["answers"] == {"name": "Una"}
