"""Jobs with the real application: PDFs drawn ahead, mail sent, faults without words."""

from __future__ import annotations

import pytest

from intake.report.renderer import render_safely
from intake.store import jobs, persons, record, renderings, responses, trail
from intake.store.record import Decision
from intake.store.responses import SentResponse
from intake.web import work
from intake.web.drawing import summary_of
from tests.unit.report.given import on_one_line, text_of
from tests.unit.store.given import correction
from tests.unit.whole_patient import WHOLE
from tests.web.clinic_side import clinic_of, hired, logged_in, sent, store_of

NEW = "Plumfrost"


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


def test_a_ready_pdf_is_handed_out_without_opening_an_answer(app, monkeypatch):
    reference = sent(app, WHOLE)
    work.run_due(app)
    doctor = logged_in(app, "doctor")

    def fail(*_):
        raise AssertionError("opened")

    monkeypatch.setattr(responses, "sent", fail)
    reply = doctor.client.get(f"/clinic/responses/{reference}/summary.pdf")
    assert reply.data == drawn_of(app, reference)
    newest = trail.events(store_of(app), clinic_of(app).id, trail.Wanted())[0]
    assert newest.action == "summary_read"
    assert f"intake-{reference}.pdf" in reply.headers["Content-Disposition"]


def drawn_of(app, reference):
    found = renderings.ready(store_of(app), clinic_of(app).id, reference, renderings.SUMMARY)
    return found and found.drawn


@pytest.mark.parametrize("reference", ["", "ABC", "C7K-4MX"])
def test_no_pdf_is_ready_of_what_is_not_there(app, reference):
    assert drawn_of(app, reference) is None


def test_no_pdf_of_another_clinic_is_ready(app):
    reference = sent(app, WHOLE)
    work.run_due(app)
    assert drawn_of(app, reference)
    other = clinic_of(app).id + 1
    assert renderings.ready(store_of(app), other, reference, renderings.SUMMARY) is None


def found(app, reference) -> SentResponse:
    again = responses.sent(store_of(app), clinic_of(app).id, reference)
    assert again is not None
    return again


def decide(app, reference, clock):
    """A doctor's decision, as it is made on the page."""
    store, here, doctor = store_of(app), clinic_of(app).id, hired(app, "doctor", username="other")
    response = found(app, reference)
    state = record.state(store, here, response.id)
    assert state is not None
    record.decide(store, here, response, Decision("soon", "ASSESS", NEW), state.seen, by=doctor)


def correct(app, reference, clock):
    """A correction: the next version."""
    was = found(app, reference)
    rows = [row | ({"words": NEW} if row["key"] == "name" else {}) for row in was.document["rows"]]
    made = correction(was.document | {"rows": rows})
    responses.amend(store_of(app), clinic_of(app).id, was, made)


def join(app, reference, clock):
    """An earlier response of the same person, found by staff; its reference."""
    clock.forward(days=-100)
    earlier = sent(app, WHOLE)
    clock.forward(days=100)
    one, other = found(app, reference), found(app, earlier)
    persons.match(store_of(app), clinic_of(app).id, one, other, by="staff:x", by_name="Pat")
    return earlier


CHANGES = {"decided": decide, "corrected": correct, "matched": join}


def summary(doctor, reference):
    reply = doctor.client.get(f"/clinic/responses/{reference}/summary.pdf")
    assert reply.status_code == 200
    return on_one_line(text_of(reply.data))


@pytest.mark.parametrize("change", CHANGES)
def test_a_pdf_of_before_a_change_is_never_given_out_after_it(app, clock, change):
    reference, doctor = sent(app, WHOLE), logged_in(app, "doctor")
    work.run_due(app)
    assert drawn(app, reference) is not None
    before = summary(doctor, reference)
    new = CHANGES[change](app, reference, clock) or NEW
    assert new not in before
    assert new in summary(doctor, reference)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_while_it_is_drawn_makes_the_drawing_an_old_one(app, clock, monkeypatch, change):
    reference, doctor = sent(app, WHOLE), logged_in(app, "doctor")
    new: list[str] = []

    def slow(document, record):
        page = render_safely(document, record=record)
        if not new:
            new.append(CHANGES[change](app, reference, clock) or NEW)
        return page

    monkeypatch.setattr("intake.report.renderer.render_safely", slow)
    assert "Iris" in summary(doctor, reference)
    assert new[0] in summary(doctor, reference)


def test_a_version_that_came_between_reading_and_drawing_is_not_kept_as_the_newest(app, clock):
    old = found(app, sent(app, WHOLE))
    correct(app, old.reference, clock)
    with app.test_request_context():
        assert NEW not in on_one_line(text_of(summary_of(old)))
    assert NEW in summary(logged_in(app, "doctor"), old.reference)


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
