"""The week's audit in figures: by act and actor, and no name of a patient."""

from __future__ import annotations

from flask import Flask

from intake.store import audit, trail
from intake.web.digest import digest
from tests.web.clinic_side import clinic_of, hired, sent, store_of
from tests.web.conftest import Clock


def told(app: Flask) -> str:
    with app.test_request_context():
        return digest(store_of(app), clinic_of(app))


def test_a_week_is_counted_by_act_and_actor(app: Flask, clock: Clock) -> None:
    audit.note(store_of(app), 1, "system", "staff_reset")
    clock.forward(days=8)
    person = hired(app, "doctor")
    sent(app, name="Marked Person")
    for _ in range(3):
        audit.note(store_of(app), 1, person.actor, "response_read")
        audit.note(store_of(app), 1, "system", "log_in_refused")
    text = told(app)
    assert "Refused log-ins: 3\n" in text
    assert "Pat Doctor\n" in text
    assert "       3  Opened a response\n" in text
    assert "Reset a log-in" not in text
    assert "Marked" not in text


def test_the_end_of_the_chain_is_told(app: Flask) -> None:
    sent(app)
    head = trail.head(store_of(app), 1)
    expected = "No event is chained yet." if head is None else head.chain_hash.hex()
    assert expected in told(app)


def test_it_is_printed_and_mailed_only_where_wanted(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    assert "Refused log-ins: 0" in run(args=["intake", "audit-digest"]).output
    refused = run(args=["intake", "audit-digest", "--mail"])
    assert refused.exit_code == 2
    assert "notice_email" in refused.output
