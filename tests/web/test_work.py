"""Jobs with the real application: PDFs drawn ahead, mail sent, faults without words."""

from __future__ import annotations

import pytest

from intake.store import jobs, renderings, responses
from intake.web import work
from tests.unit.whole_patient import WHOLE
from tests.web.clinic_side import clinic_of, logged_in, sent, store_of


def drawn(app, reference, rev=0):
    clinic = clinic_of(app).id
    found = responses.sent(store_of(app), clinic, reference)
    assert found is not None
    return renderings.kept(store_of(app), clinic, found.id, renderings.SUMMARY, rev)


def test_what_was_sent_is_drawn_before_the_doctor_opens_it(app, monkeypatch):
    reference = sent(app, WHOLE)
    assert work.run_due(app) == 1
    pdf = drawn(app, reference)
    assert pdf is not None
    assert pdf.startswith(b"%PDF")
    assert work.run_due(app) == 0

    def fail(*_):
        raise AssertionError("drawn again")

    monkeypatch.setattr("intake.report.renderer.render_safely", fail)
    doctor = logged_in(app, "doctor")
    reply = doctor.client.get(f"/clinic/responses/{reference}/summary.pdf")
    assert reply.data == pdf


def test_a_job_nobody_knows_and_one_that_breaks(app, monkeypatch):
    def broken(job):
        raise ValueError("canary answer")

    monkeypatch.setitem(work.HANDLERS, "broken", broken)
    with store_of(app).write() as conn:
        for kind in ("broken", "unheard"):
            jobs.add(store_of(app), conn, clinic_of(app).id, kind, "s")
    assert work.run_due(app) == 2
    with store_of(app).read() as conn:
        rows = conn.exec_driver_sql("SELECT kind, status, fault FROM jobs ORDER BY kind").all()
    assert [tuple(row) for row in rows] == [
        ("broken", "due", "ValueError"),
        ("unheard", "failed", "unknown"),
    ]


@pytest.fixture
def worker(app):
    found = work.Worker(app, poll_seconds=0.01)
    found.start()
    yield found
    found.stop()


def test_a_worker_draws_by_itself(app, worker):
    reference = sent(app, WHOLE)
    for _ in range(1000):
        if jobs.count(store_of(app), clinic_of(app).id)["due"] == 0:
            break
        worker._thread.join(0.05)
    assert drawn(app, reference) is not None
