"""Staff see who needs them first at the top, page after page."""

from datetime import date

import pytest
from sqlalchemy import event, update

from intake.store import responses, schema
from tests.unit.store.given import CLINIC, OTHER_CLINIC, send

ORDER = ("emergency", "same_day", "soon", "routine")


@pytest.fixture
def waiting(store, clock):
    """Twelve responses, sent a minute apart, urgencies mixed; their references as sent."""
    sent = []
    for number in range(12):
        clock.advance(minutes=1)
        sent.append(send(store, responses.start(store, CLINIC), ORDER[(number * 7) % 4]))
    return sent


def read_pages(store, limit):
    """All pages up to the first empty one; gives up after 20."""
    pages, after = [], None
    for _ in range(20):
        page = responses.queue(store, CLINIC, limit=limit, after=after)
        pages.append(page)
        if not page:
            break
        after = page[-1].reference
    return pages


def test_most_urgent_first_then_longest_waiting(store, waiting):
    rows = responses.queue(store, CLINIC)
    assert len(rows) == 12
    assert rows == sorted(rows, key=lambda row: (ORDER.index(row.urgency), row.sent_at))
    assert {row.urgency for row in rows} == set(ORDER)
    assert all(row.document == {"reference": row.reference} for row in rows)


def test_who_began_early_and_sent_late_has_waited_less(store, clock):
    early = responses.start(store, CLINIC)
    clock.advance(days=1)
    first = send(store, responses.start(store, CLINIC))
    clock.advance(days=1)
    second = send(store, early)
    assert [row.reference for row in responses.queue(store, CLINIC)] == [
        first.reference,
        second.reference,
    ]


def test_pages_join_without_gap_or_repeat(store, waiting):
    whole = responses.queue(store, CLINIC)
    pages = read_pages(store, 5)
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    assert [row for page in pages for row in page] == whole


def test_rows_of_one_moment_are_paged_too(store):
    sent = {send(store, responses.start(store, CLINIC)).reference for _ in range(5)}
    pages = read_pages(store, 1)
    assert [len(page) for page in pages] == [1, 1, 1, 1, 1, 0]
    assert {row.reference for page in pages for row in page} == sent


def test_a_sooner_appointment_goes_first_within_an_urgency(store, waiting):
    last = responses.queue(store, CLINIC)[-1]
    with store.write() as conn:
        conn.execute(
            update(schema.responses)
            .where(schema.responses.c.reference == last.reference)
            .values(appointment_on=date(2026, 3, 3))
        )
    routine = [row for row in responses.queue(store, CLINIC) if row.urgency == "routine"]
    assert routine[0].reference == last.reference
    rest = responses.queue(store, CLINIC, after=last.reference)
    assert rest == routine[1:]


@pytest.mark.parametrize("after", ["", "junk", "CCC-CCC", "x\x00", "9" * 999])
def test_a_cursor_that_is_none_gives_the_first_page(store, waiting, after):
    assert responses.queue(store, CLINIC, after=after) == responses.queue(store, CLINIC)


@pytest.mark.parametrize(("limit", "rows"), [(-1, 1), (0, 1), (3, 3), (2**70, 12)])
def test_the_size_of_a_page_is_bounded(store, waiting, limit, rows):
    assert len(responses.queue(store, CLINIC, limit=limit)) == rows


def test_drafts_and_other_clinics_are_not_in_it(store, waiting):
    responses.start(store, CLINIC)
    send(store, responses.start(store, OTHER_CLINIC), "emergency")
    assert len(responses.queue(store, CLINIC)) == 12


def test_a_page_is_read_in_the_order_of_the_index(queue_plans):
    assert len(queue_plans) == 2
    for plan in queue_plans:
        assert "ix_responses_queue" in plan
        assert "TEMP B-TREE" not in plan
        assert "SCAN" not in plan


@pytest.fixture
def queue_plans(sqlite_store):
    """SQLite's plans for the first page and the one after it."""
    reference = send(sqlite_store, responses.start(sqlite_store, CLINIC)).reference
    asked = []

    def note(_conn, _cursor, statement, parameters, _context, _many):
        if "ORDER BY" in statement and "EXPLAIN" not in statement:
            asked.append((statement, parameters))

    event.listen(sqlite_store.engine, "before_cursor_execute", note)
    responses.queue(sqlite_store, CLINIC)
    responses.queue(sqlite_store, CLINIC, after=reference)
    event.remove(sqlite_store.engine, "before_cursor_execute", note)
    with sqlite_store.read() as conn:
        return [
            " ".join(row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))
            for sql, values in asked
        ]
