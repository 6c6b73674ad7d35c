"""Jobs: done at least once, by one at a time, after a crash too; and PDFs that are kept."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from intake.store import entries, jobs, record, renderings
from tests.unit.store.given import CLINIC, OTHER_CLINIC, sent_once

ROOT = Path(__file__).resolve().parents[3]


def add(store, kind="mail", subject="s", document=None, **more):
    with store.write() as conn:
        return jobs.add(store, conn, CLINIC, kind, subject, document, **more)


def taken(store):
    job = jobs.take(store)
    assert job is not None
    return job


def test_a_job_is_taken_with_its_words_and_is_gone_when_done(store):
    add(store, document={"to": "ann@example.org"})
    job = taken(store)
    assert (job.kind, job.subject, job.attempts) == ("mail", "s", 1)
    assert job.document == {"to": "ann@example.org"}
    assert "ann@" not in repr(job)
    assert jobs.take(store) is None
    jobs.finish(store, job)
    assert jobs.count(store, CLINIC) == {"due": 0, "failed": 0}


def test_a_job_goes_with_its_transaction(store):
    def fall_over():
        with store.write() as conn:
            jobs.add(store, conn, CLINIC, "mail", "s")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fall_over()
    assert jobs.take(store) is None


def test_jobs_come_in_their_order_and_not_before_their_time(store, clock):
    add(store, subject="late", due_at=clock() + timedelta(hours=1))
    add(store, subject="now")
    assert taken(store).subject == "now"
    assert jobs.take(store) is None
    clock.advance(hours=1)
    # The first one was never finished: it was held too long.
    assert [taken(store).subject, taken(store).subject] == ["now", "late"]


def test_what_goes_wrong_is_tried_again_later_and_not_for_ever(store, clock):
    add(store)
    for pause in jobs.PAUSES:
        assert not jobs.fail(store, taken(store), "offline")
        assert jobs.take(store) is None
        clock.advance(seconds=pause.total_seconds())
    assert jobs.fail(store, taken(store), "offline")
    clock.advance(days=2)
    assert jobs.take(store) is None
    assert jobs.count(store, CLINIC) == {"due": 0, "failed": 1}


def test_what_no_waiting_mends_is_not_tried_again(store, clock):
    add(store)
    assert jobs.fail(store, taken(store), "address", for_good=True)
    clock.advance(days=2)
    assert jobs.take(store) is None


def test_who_lost_a_job_does_not_put_it_off(store, clock):
    add(store)
    slow = taken(store)
    clock.advance(seconds=jobs.HELD.total_seconds())
    quick = taken(store)
    jobs.fail(store, slow, "too_slow")
    assert jobs.take(store) is None
    jobs.finish(store, quick)
    assert jobs.count(store, CLINIC)["due"] == 0


def test_many_who_take_get_each_job_once(store):
    for number in range(24):
        add(store, subject=str(number))

    def take_some(_):
        mine = []
        while job := jobs.take(store):
            mine.append(job.subject)
        return mine

    with ThreadPoolExecutor(6) as pool:
        every = [subject for some in pool.map(take_some, range(6)) for subject in some]
    assert sorted(every, key=int) == [str(number) for number in range(24)]


DIES = """
import os, signal, sys
from datetime import UTC, datetime
from intake.store import Store, engine, jobs
from tests.unit.store.given import make_keys
now = datetime.fromisoformat(sys.argv[2])
store = Store(engine.build(sys.argv[1]), make_keys(), lambda: now)
job = jobs.take(store)
print(job.subject, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_job_survives_who_was_doing_it(store, database_url, clock):
    add(store, subject="precious")
    store.engine.dispose()
    died = subprocess.run(
        [sys.executable, "-c", DIES, database_url, clock().isoformat()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (died.stdout, died.returncode) == ("precious\n", -9), died.stderr
    assert jobs.take(store) is None
    clock.advance(seconds=jobs.HELD.total_seconds())
    again = taken(store)
    assert (again.subject, again.attempts) == ("precious", 2)


def test_sending_and_what_changes_the_page_have_it_drawn(store):
    response = sent_once(store)
    first = taken(store)
    assert (first.kind, first.subject) == ("summary", response.id)
    jobs.finish(store, first)
    with store.write() as conn:
        entries.touch(store, conn, CLINIC, response.id)
        entries.touch(store, conn, CLINIC, response.id)
    assert jobs.count(store, CLINIC)["due"] == 1
    state = record.state(store, CLINIC, response.id)
    assert state is not None
    assert state.seen.rev == 2


def test_a_drawing_is_kept_for_its_revision(store):
    response = sent_once(store)

    def kept(rev, clinic=CLINIC):
        return renderings.kept(store, clinic, response.id, renderings.SUMMARY, rev)

    assert kept(0) is None
    renderings.keep(store, CLINIC, response.id, renderings.SUMMARY, 1, b"%PDF new")
    renderings.keep(store, CLINIC, response.id, renderings.SUMMARY, 0, b"%PDF old")
    assert (kept(0), kept(1), kept(2)) == (None, b"%PDF new", None)
    assert kept(1, OTHER_CLINIC) is None
    renderings.keep(store, CLINIC, response.id, renderings.SUMMARY, 2, b"%PDF newer")
    assert (kept(1), kept(2)) == (None, b"%PDF newer")


def test_a_drawing_lies_sealed(store):
    response = sent_once(store)
    renderings.keep(store, CLINIC, response.id, renderings.SUMMARY, 0, b"%PDF canary")
    with store.read() as conn:
        (row,) = conn.exec_driver_sql("SELECT sealed FROM renderings").all()
    assert b"canary" not in bytes(row[0])


def test_what_was_done_at_last_has_not_failed_any_more(store, clock):
    for subject in ("again", "other", jobs.NOBODY):
        with store.write() as conn:
            jobs.add(store, conn, CLINIC, "mail", subject)
        jobs.fail(store, taken(store), "off", for_good=True)
    clock.advance(minutes=1)
    with store.write() as conn:
        jobs.add(store, conn, CLINIC, "mail", "again")
        jobs.add(store, conn, OTHER_CLINIC, "mail", "other")
        jobs.add(store, conn, CLINIC, "notice", "other")
        jobs.add(store, conn, CLINIC, "mail", jobs.NOBODY)
    every = ("again", "other", jobs.NOBODY, "unheard")
    assert jobs.states(store, CLINIC, "mail", every) == {
        "again": "due",
        "other": "failed",
        jobs.NOBODY: "due",
    }
    for _ in range(4):
        jobs.finish(store, taken(store))
    assert jobs.states(store, CLINIC, "mail", every) == {"other": "failed", jobs.NOBODY: "failed"}
    assert jobs.state(store, CLINIC, "mail", "again") == ""
