"""Emergency access: a doctor's role for some hours, seen by all and never prolonged in silence."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from intake.store import BadValue, accounts, audit, emergency, jobs, schema, sessions, staff
from tests.unit.store.given import CLINIC, OTHER_CLINIC

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(store):
    return staff.create(store, CLINIC, "fay", "Fay", "front_desk", by="system")


def test_it_makes_a_doctor_and_ends_by_itself(store, desk, clock):
    emergency.grant(store, desk, "No doctor in the house", HOUR)
    found = staff.get(store, CLINIC, desk.id)
    assert found is not None
    assert (found.role, found.emergency_until) == ("doctor", clock() + HOUR)
    clock.advance(minutes=59, seconds=59)
    still = staff.get(store, CLINIC, desk.id)
    assert still
    assert still.role == "doctor"
    clock.advance(seconds=1)
    assert staff.get(store, CLINIC, desk.id) == desk


def test_nobody_else_becomes_a_doctor(store, desk):
    other = staff.create(store, CLINIC, "gil", "Gil", "front_desk", by="system")
    emergency.grant(store, desk, "No doctor in the house", HOUR)
    assert staff.get(store, CLINIC, other.id) == other
    assert emergency.last(store, OTHER_CLINIC) == []


def test_their_log_ins_end_when_it_begins_and_when_it_is_ended(store, desk):
    for change in (
        lambda: emergency.grant(store, desk, "No doctor in the house", HOUR),
        lambda: emergency.end(store, desk),
    ):
        token = sessions.open(store, CLINIC, "staff", desk.id)
        assert change()
        assert sessions.read(store, token) is None
    assert staff.get(store, CLINIC, desk.id) == desk
    assert emergency.end(store, desk) is False


def test_it_is_not_prolonged(store, desk, clock):
    emergency.grant(store, desk, "No doctor in the house", HOUR)
    clock.advance(minutes=59)
    with pytest.raises(BadValue, match="not prolonged"):
        emergency.grant(store, desk, "Still none", HOUR)
    clock.advance(minutes=1)
    emergency.grant(store, desk, "Still none", HOUR)
    assert [each.reason for each in emergency.last(store, CLINIC)] == [
        "Still none",
        "No doctor in the house",
    ]


@pytest.mark.parametrize("life", [timedelta(0), timedelta(hours=-1), timedelta(hours=4, seconds=1)])
def test_it_lasts_four_hours_at_most(store, desk, life):
    with pytest.raises(BadValue, match="4 hours"):
        emergency.grant(store, desk, "No doctor in the house", life)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\x00b"])
def test_it_takes_a_reason(store, desk, reason):
    with pytest.raises(BadValue, match="reason"):
        emergency.grant(store, desk, reason, HOUR)


def test_doctors_and_disabled_people_get_none(store, desk):
    doctor = staff.create(store, CLINIC, "dan", "Dan", "doctor", by="system")
    with pytest.raises(BadValue, match="is a doctor"):
        emergency.grant(store, doctor, "No doctor in the house", HOUR)
    accounts.disable(store, desk, by="system")
    with pytest.raises(BadValue, match="taken away"):
        emergency.grant(store, desk, "No doctor in the house", HOUR)


def test_disabling_ends_it(store, desk):
    emergency.grant(store, desk, "No doctor in the house", HOUR)
    accounts.disable(store, desk, by="system")
    assert staff.get(store, CLINIC, desk.id) is None


def test_it_is_in_the_audit_and_the_reason_is_sealed(store, desk):
    emergency.grant(store, desk, "A reason of its own", HOUR)
    emergency.end(store, desk)
    table = schema.audit_events.c
    with store.read() as conn:
        rows = conn.execute(select(table.action, table.detail).order_by(table.id)).all()
        [kept] = conn.execute(select(schema.emergency_access)).all()
    assert rows[-2:] == [("emergency_begun", desk.id), ("emergency_ended", desk.id)]
    assert b"A reason of its own" not in bytes(kept.sealed)
    assert audit.verify(store, CLINIC).is_whole


def test_administrators_and_who_is_named_get_a_mail(store, desk):
    staff.create(store, CLINIC, "bea", "Bea", "admin", "bea@clinic.example", by="system")
    staff.create(store, OTHER_CLINIC, "eve", "Eve", "admin", "eve@clinic.example", by="system")
    emergency.grant(store, desk, "A reason", HOUR, tell=["on-call@clinic.example"])
    letters = [jobs.take(store), jobs.take(store)]
    assert {job.document["to"] for job in letters if job} == {
        "bea@clinic.example",
        "on-call@clinic.example",
    }
    assert jobs.take(store) is None
    assert all("A reason" not in job.document["body"] for job in letters if job)
