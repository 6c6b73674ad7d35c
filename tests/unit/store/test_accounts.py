"""Administrators invite, change and end accounts; the last of them cannot lock everybody out."""

import pytest
from sqlalchemy import select

from intake.store import (
    BadValue,
    LastAdministrator,
    StaffExists,
    accounts,
    factors,
    schema,
    sessions,
    staff,
    steps,
)
from tests.unit.store.given import CLINIC, OTHER_CLINIC
from tests.unit.store.test_factors import PASSWORD, SECRET, shows

BY = "staff:" + "f" * 32


@pytest.fixture
def bob(store):
    """Somebody who was added and not invited yet."""
    return staff.create(store, CLINIC, "bob", "Bob", "doctor", "Bob@Clinic.example", by=BY)


@pytest.fixture
def boss(store, clock):
    """An administrator who can log in."""
    return ready(store, clock, "boss", "admin")


def ready(store, clock, username, role):
    person = staff.create(store, CLINIC, username, username.title(), role, by=BY)
    factors.set_app(store, person, SECRET, shows(clock), password=PASSWORD, first=True)
    return person


def events(store, person):
    table = schema.audit_events
    with store.read() as conn:
        query = select(table.c.actor, table.c.action).where(table.c.detail == person.id)
        return [tuple(row) for row in conn.execute(query.order_by(table.c.id))]


def test_an_invitation_is_good_for_three_days(store, bob, clock):
    code = accounts.invite(store, bob, by=BY)
    clock.advance(days=3, seconds=-1)
    assert accounts.invited(store, CLINIC, code) == bob
    clock.advance(seconds=1)
    assert accounts.invited(store, CLINIC, code) is None
    assert events(store, bob) == [(BY, "staff_added"), (BY, "staff_invited")]


def test_a_new_invitation_voids_the_old_and_what_was_begun_with_it(store, bob):
    old = accounts.invite(store, bob, by=BY)
    begun = steps.open(store, CLINIC, "set_up", bob.id)
    new = accounts.invite(store, bob, by=BY)
    assert accounts.invited(store, CLINIC, old) is None
    assert steps.read(store, CLINIC, "set_up", begun) is None
    assert accounts.invited(store, CLINIC, new) == bob


def test_an_invitation_is_void_once_the_log_in_is_set_up(store, bob, clock):
    code = accounts.invite(store, bob, by=BY)
    factors.set_app(store, bob, SECRET, shows(clock), password=PASSWORD, first=True)
    assert accounts.invited(store, CLINIC, code) is None
    with pytest.raises(BadValue, match="reset"):
        accounts.invite(store, bob, by=BY)


@pytest.mark.parametrize(
    "typed", ["", "x", "AAAA-AAAA-AAAA-AAAA", "7K3M-4Q9X-CDFG-HJKM", "9" * 999]
)
def test_what_is_no_invitation_invites_nobody(store, bob, typed):
    accounts.invite(store, bob, by=BY)
    assert accounts.invited(store, CLINIC, typed) is None


def test_an_invitation_is_for_its_own_clinic(store, bob):
    code = accounts.invite(store, bob, by=BY)
    assert accounts.invited(store, OTHER_CLINIC, code) is None
    assert accounts.account(store, OTHER_CLINIC, bob.id) is None
    assert accounts.everybody(store, OTHER_CLINIC) == []


def test_guessing_invitations_brings_a_pause(store, bob):
    code = accounts.invite(store, bob, by=BY)
    for _ in range(50):
        accounts.invited(store, CLINIC, "7K3M-4Q9X-CDFG-HJKM", address="203.0.113.9")
    assert accounts.invited(store, CLINIC, code, address="203.0.113.9") is None
    assert accounts.invited(store, CLINIC, code, address="198.51.100.9") == bob


def test_who_is_invited_chooses_their_own_password(store, clock):
    ann = staff.add(store, CLINIC, "ann", "Ann", "doctor", PASSWORD)
    accounts.invite(store, ann, by=BY)
    assert staff.check(store, CLINIC, "ann", PASSWORD) is None


def test_disabling_ends_sessions_invitation_and_what_was_begun(store, bob, boss):
    code = accounts.invite(store, bob, by=BY)
    begun = steps.open(store, CLINIC, "set_up", bob.id)
    token = sessions.open(store, CLINIC, "staff", bob.id)
    accounts.disable(store, bob, by=BY)
    assert sessions.read(store, token) is None
    assert steps.read(store, CLINIC, "set_up", begun) is None
    assert accounts.invited(store, CLINIC, code) is None
    assert staff.get(store, CLINIC, bob.id) is None
    accounts.enable(store, bob, by=BY)
    assert staff.get(store, CLINIC, bob.id) == bob
    assert accounts.invited(store, CLINIC, code) is None
    assert [action for _, action in events(store, bob)][-2:] == ["staff_disabled", "staff_enabled"]


def test_a_reset_takes_every_way_in_away(store, boss, clock):
    ann = ready(store, clock, "ann", "doctor")
    (recovery, *_) = factors.new_codes(store, ann)
    token = sessions.open(store, CLINIC, "staff", ann.id)
    code = accounts.reset(store, ann, by=boss.actor)
    assert sessions.read(store, token) is None
    assert staff.check(store, CLINIC, "ann", PASSWORD) is None
    assert factors.check(store, ann, recovery) == ""
    assert factors.factors(store, ann) == factors.Factors(False, False, 0, 0)
    assert accounts.invited(store, CLINIC, code) == ann


def test_a_new_role_needs_a_new_log_in(store, boss, bob):
    token = sessions.open(store, CLINIC, "staff", bob.id)
    others = sessions.open(store, CLINIC, "staff", boss.id)
    accounts.set_role(store, bob, "front_desk", by=boss.actor)
    assert sessions.read(store, token) is None
    assert sessions.read(store, others) is not None
    found = staff.get(store, CLINIC, bob.id)
    assert found is not None
    assert found.role == "front_desk"
    with pytest.raises(BadValue, match="role"):
        accounts.set_role(store, bob, "owner", by=boss.actor)


def test_the_last_administrator_stays(store, boss, clock):
    # Another one who cannot log in yet helps nobody; nor does one of another clinic.
    waiting = staff.create(store, CLINIC, "eve", "Eve", "admin", by=BY)
    for ends in (
        lambda: accounts.disable(store, boss, by=BY),
        lambda: accounts.set_role(store, boss, "doctor", by=BY),
        lambda: accounts.reset(store, boss, by=BY),
    ):
        with pytest.raises(LastAdministrator):
            ends()
    assert staff.get(store, CLINIC, boss.id) == boss
    assert factors.factors(store, boss).are_enough
    factors.set_app(store, waiting, SECRET, shows(clock), password=PASSWORD, first=True)
    accounts.disable(store, boss, by=waiting.actor)
    with pytest.raises(LastAdministrator):
        accounts.disable(store, waiting, by=waiting.actor)


def test_who_runs_the_machine_can_rescue_the_last_administrator(store, boss):
    code = accounts.rescue(store, boss, by="system")
    assert not factors.factors(store, boss).are_enough
    assert accounts.invited(store, CLINIC, code) == boss


def test_an_administrator_who_is_not_set_up_may_be_disabled(store, boss):
    waiting = staff.create(store, CLINIC, "eve", "Eve", "admin", by=BY)
    accounts.disable(store, waiting, by=BY)
    assert staff.get(store, CLINIC, waiting.id) is None


def test_the_list_says_how_far_each_one_is(store, boss, bob, clock):
    assert {each.person.username: each.state for each in accounts.everybody(store, CLINIC)} == {
        "bob": "waiting",
        "boss": "ready",
    }
    accounts.invite(store, bob, by=BY)
    sessions.open(store, CLINIC, "staff", boss.id)
    states = {each.person.username: each for each in accounts.everybody(store, CLINIC)}
    assert states["bob"].state == "invited"
    assert states["bob"].person.email == "bob@clinic.example"
    assert states["boss"].seen_at == clock()
    assert states["bob"].seen_at is None
    clock.advance(days=3)
    accounts.disable(store, bob, by=BY)
    assert [each.state for each in accounts.everybody(store, CLINIC)] == ["disabled", "ready"]
    assert accounts.everybody(store, CLINIC)[1].seen_at is None


def test_names_and_addresses_are_given_once(store, bob):
    with pytest.raises(StaffExists, match="'bob'"):
        staff.create(store, CLINIC, "BOB", "Bob", "doctor", by=BY)
    with pytest.raises(StaffExists, match="e-mail"):
        staff.create(store, CLINIC, "rob", "Rob", "doctor", "bob@clinic.example", by=BY)
    with pytest.raises(BadValue, match="e-mail"):
        staff.create(store, CLINIC, "rob", "Rob", "doctor", "bob@", by=BY)
    for name in ("rob", "tim"):
        staff.create(store, CLINIC, name, name, "doctor", by=BY)


def test_logging_out_everywhere_ends_ones_own_sessions(store, bob, boss):
    mine = [sessions.open(store, CLINIC, "staff", bob.id) for _ in range(3)]
    other = sessions.open(store, CLINIC, "staff", boss.id)
    draft = sessions.open(store, CLINIC, "patient", bob.id)
    assert accounts.log_out_everywhere(store, bob) == 3
    assert [sessions.read(store, token) for token in mine] == [None] * 3
    assert sessions.read(store, other)
    assert sessions.read(store, draft)


def test_a_step_is_for_its_purpose_its_clinic_and_its_time(store, bob, clock):
    token = steps.open(store, CLINIC, "second", bob.id, {"next": "/clinic"})
    assert steps.read(store, CLINIC, "set_up", token) is None
    assert steps.read(store, OTHER_CLINIC, "second", token) is None
    assert steps.read(store, CLINIC, "second", token + "x") is None
    found = steps.read(store, CLINIC, "second", token)
    assert found is not None
    assert (found.staff_id, found.document) == (bob.id, {"next": "/clinic"})
    clock.advance(minutes=10)
    assert steps.read(store, CLINIC, "second", token) is None


def test_a_step_is_taken_once(store, bob):
    token = steps.open(store, CLINIC, "passkey", document={"challenge": "x"})
    assert steps.take(store, CLINIC, "other", token) is None
    found = steps.take(store, CLINIC, "passkey", token)
    assert found is not None
    assert found.document == {"challenge": "x"}
    assert steps.take(store, CLINIC, "passkey", token) is None
