"""Only people with a log-in get in, and guessing does not help."""

import re

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from intake.store import BadValue, StaffExists, attempts, passwords, schema, staff
from tests.unit.store.given import CLINIC, OTHER_CLINIC, note_work

PASSWORD = "four small brown owls"


@pytest.fixture
def ann(store):
    return staff.add(store, CLINIC, "Ann.Doe", "Dr Ann Doe", "doctor", PASSWORD)


def test_username_and_password_find_the_person(store, ann):
    assert staff.check(store, CLINIC, " ANN.doe ", PASSWORD) == ann
    assert (ann.username, ann.name, ann.role) == ("ann.doe", "Dr Ann Doe", "doctor")
    assert staff.get(store, CLINIC, ann.id) == ann


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ann.doe", PASSWORD + "x"),
        ("ann.doe", ""),
        ("ann.doe", PASSWORD + "\x00"),
        ("ann.doe", "x" * 100_000),
        ("ann.doe", "\ud800"),
        ("bob", PASSWORD),
        ("", PASSWORD),
        ("ann.doe\x00", PASSWORD),
        ("a" * 9999, PASSWORD),
    ],
)
def test_anything_else_finds_nobody(store, ann, username, password):
    assert staff.check(store, CLINIC, username, password) is None


def test_another_clinic_has_its_own_people(store, ann):
    assert staff.check(store, OTHER_CLINIC, "ann.doe", PASSWORD) is None
    assert staff.get(store, OTHER_CLINIC, ann.id) is None
    staff.add(store, OTHER_CLINIC, "ann.doe", "Another Ann", "admin", PASSWORD)


def test_a_username_is_given_once(store, ann):
    with pytest.raises(StaffExists, match=r"ann\.doe"):
        staff.add(store, CLINIC, "ANN.DOE", "Ann", "admin", PASSWORD)


@pytest.mark.parametrize(
    ("username", "name", "role", "password", "says"),
    [
        ("a b", "Ann", "doctor", PASSWORD, "username"),
        ("", "Ann", "doctor", PASSWORD, "username"),
        ("x" * 65, "Ann", "doctor", PASSWORD, "username"),
        ("a\x00", "Ann", "doctor", PASSWORD, "username"),
        ("ann", " ", "doctor", PASSWORD, "name"),
        ("ann", "A\x00", "doctor", PASSWORD, "name"),
        ("ann", "A\nB", "doctor", PASSWORD, "name"),
        ("ann", "x" * 201, "doctor", PASSWORD, "name"),
        ("ann", "Ann", "owner", PASSWORD, "role"),
        ("ann", "Ann", "doctor", PASSWORD[:11], "12 to 256"),
        ("ann", "Ann", "doctor", PASSWORD * 13, "12 to 256"),
        ("ann", "Ann", "doctor", "Password2026!", "easy to guess"),
        ("ann.doe", "Ann Doe", "doctor", "ann.doe.2026", "easy to guess"),
    ],
)
def test_what_is_no_log_in_is_refused(store, username, name, role, password, says):
    with pytest.raises(BadValue, match=says):
        staff.add(store, CLINIC, username, name, role, password)


def test_the_shortest_and_longest_password_work(store):
    for length in (12, 256):
        password = (PASSWORD * 13)[:length]
        staff.add(store, CLINIC, f"ann{length}", "Ann", "doctor", password)
        assert staff.check(store, CLINIC, f"ann{length}", password)
        assert staff.check(store, CLINIC, f"ann{length}", password + "x") is None


def fail(store, times=5, username="ann.doe", address=""):
    for _ in range(times):
        assert staff.check(store, CLINIC, username, "wrong", address=address) is None


def gets_in(store, address=""):
    return staff.check(store, CLINIC, "ann.doe", PASSWORD, address=address) is not None


def test_five_failures_pause_the_log_in_longer_each_time(store, ann, clock):
    for minutes in (1, 5, 15, 60, 60):
        fail(store)
        clock.advance(minutes=minutes, seconds=-1)
        assert not gets_in(store)
        clock.advance(seconds=1)
    assert gets_in(store)
    # The right password begins the count anew.
    fail(store)
    clock.advance(minutes=1)
    assert gets_in(store)


def test_after_a_quiet_day_the_count_begins_anew(store, ann, clock):
    for minutes in (1, 5, 15):
        fail(store)
        clock.advance(minutes=minutes)
    clock.advance(days=1)
    fail(store)
    clock.advance(minutes=1)
    assert gets_in(store)


def test_nobody_can_shut_a_person_out_for_good(store, ann, clock):
    for _ in range(60):
        staff.check(store, CLINIC, "ann.doe", "wrong")
        clock.advance(minutes=4)
    clock.advance(minutes=60)
    assert gets_in(store)


def test_many_failures_from_near_addresses_pause_those_alone(store, ann, clock):
    for number in range(50):
        fail(store, 1, f"guess{number}", f"203.0.113.{number}")
    assert not gets_in(store, "203.0.113.250")
    assert gets_in(store, "198.51.100.7")
    clock.advance(minutes=1)
    assert gets_in(store, "203.0.113.250")


def test_right_log_ins_from_a_shared_address_cost_nothing(store, ann):
    fail(store, 4, address="2001:db8:1::1")
    for number in range(60):
        assert gets_in(store, f"2001:db8:1:{number:x}::7")


def test_addresses_are_kept_as_few_numbers_that_tell_nothing(store, ann):
    for number in range(3):
        fail(store, 1, address=f"203.0.{number}.9")
    fail(store, 1, address="no address")
    table = schema.attempts.c
    with store.read() as conn:
        query = select(table.subject).where(table.kind == attempts.ADDRESS)
        subjects = set(conn.execute(query).scalars())
    assert attempts.UNKNOWN in subjects
    assert len(subjects) == 4
    for subject in subjects - {attempts.UNKNOWN}:
        assert re.fullmatch("[0-9a-f]{4}", subject)


def test_one_persons_failures_do_not_count_for_another(store, ann):
    bob = staff.add(store, CLINIC, "bob", "Bob", "front_desk", PASSWORD)
    for _ in range(5):
        staff.check(store, CLINIC, "ann.doe", "wrong")
        staff.check(store, CLINIC, "nobody", "wrong")
    assert staff.check(store, CLINIC, "bob", PASSWORD) == bob


def test_a_log_in_that_was_taken_away_finds_nobody(store, ann, clock):
    with store.write() as conn:
        conn.execute(update(schema.staff).values(disabled_at=clock()))
    assert staff.check(store, CLINIC, "ann.doe", PASSWORD) is None
    assert staff.get(store, CLINIC, ann.id) is None


def test_an_unknown_name_takes_the_same_work(store, ann, monkeypatch):
    work = note_work(monkeypatch, store)
    done = []
    for username in ("ann.doe", "nobody", "\x00"):
        work.clear()
        staff.check(store, CLINIC, username, "wrong")
        done.append(list(work))
    assert done == [["write", "verify", "write"]] * 3


def test_without_a_hash_the_slow_check_runs_all_the_same(monkeypatch):
    seen = []

    class Noted(PasswordHasher):
        def verify(self, hash, password):
            seen.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Noted())
    assert not passwords.verify("nobody's password", None)
    assert len(seen) == 1
    assert seen[0].startswith("$argon2id$")


def test_a_password_is_stored_as_argon2id_and_events_name_ids_only(store, ann):
    staff.check(store, CLINIC, "ann.doe", "wrong")
    staff.check(store, CLINIC, "stranger", "wrong")
    staff.check(store, CLINIC, "ann.doe", PASSWORD)
    with store.read() as conn:
        hashed = conn.execute(select(schema.staff.c.password_hash)).scalar_one()
        events = conn.execute(select(schema.audit_events).order_by(schema.audit_events.c.id)).all()
    assert hashed.startswith("$argon2id$")
    assert [(event.actor, event.action, event.detail) for event in events] == [
        ("system", "staff_added", ann.id),
        ("system", "log_in_refused", ann.id),
        ("system", "log_in_refused", None),
        (ann.actor, "password_accepted", None),
    ]


@pytest.mark.parametrize("id", ["", "x", "0" * 32, "\x00", "9" * 400])
def test_an_id_that_is_none_finds_nobody(store, id):
    assert staff.get(store, CLINIC, id) is None
