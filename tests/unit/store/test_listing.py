"""What changed is read in order from an index: a page costs the same at 100 and at 100,000."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from intake.store import listing, responses
from intake.store.listing import Period
from tests.unit.store.given import CLINIC, correction, send, sent_once

INDEX = "ix_response_versions_at"


@contextmanager
def statements(store):
    """The (SQL, parameters) that the store sends meanwhile."""
    sent = []

    def note(_conn, _cursor, statement, parameters, _context, _many):
        sent.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def plan_of(store, statement, parameters):
    """How the engine would find it; on few rows PostgreSQL has to be told not to sort them all."""
    is_sqlite = store.engine.dialect.name == "sqlite"
    with store.engine.connect() as conn:
        if not is_sqlite:
            for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
                conn.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        rows = conn.exec_driver_sql(explain + statement, parameters).all()
    return "\n".join(str(row[-1]) for row in rows)


def periods(clock):
    month = Period(clock() - timedelta(days=30), clock() + timedelta(days=1))
    return {"all": listing.ALWAYS, "month": month}


@pytest.mark.parametrize("of", ["all", "month"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_page_comes_from_the_index_in_order(store, clock, of, is_first):
    for _ in range(4):
        clock.advance(minutes=1)
        send(store, responses.start(store, CLINIC))
    mark = None if is_first else listing.page(store, CLINIC, limit=2)[-1].mark
    with statements(store) as sent:
        rows = listing.page(store, CLINIC, periods(clock)[of], after=mark)
    assert len(rows) == (4 if is_first else 2)
    ((statement, parameters),) = [each for each in sent if "SELECT" in each[0]]
    plan = plan_of(store, statement, parameters)
    assert INDEX in plan, plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
    if not is_first and of == "all":
        # It begins behind the mark, and does not read up to it.
        assert "(at,response_id)>(?,?)" in plan or "AND (ROW(at, (response_id)::text) >" in plan


def test_an_older_version_is_not_listed_and_a_new_one_comes_last(store, clock):
    first = sent_once(store)
    clock.advance(minutes=1)
    second = sent_once(store)
    clock.advance(minutes=1)
    responses.amend(store, CLINIC, first, correction({"reference": first.reference}))
    rows = listing.page(store, CLINIC)
    assert [(row.id, row.version) for row in rows] == [(second.id, 1), (first.id, 2)]
    assert listing.count(store, CLINIC) == 2
    drafts = responses.start(store, CLINIC)
    assert drafts.id not in {row.id for row in listing.page(store, CLINIC)}
