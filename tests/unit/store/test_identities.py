"""Who a person is to the single sign-on: bound once, to an account that is there and open."""

import pytest

from intake.store import (
    LastAdministrator,
    accounts,
    attempts,
    factors,
    identities,
    schema,
    sessions,
    staff,
)
from tests.unit.store.given import CLINIC, OTHER_CLINIC
from tests.unit.store.test_accounts import BY, events, ready
from tests.unit.store.test_factors import SECRET, shows

ISSUER, SUBJECT = "https://login.example", "248289761001"
EMAIL = "bob@clinic.example"


@pytest.fixture
def bob(store):
    return staff.create(store, CLINIC, "bob", "Bob", "doctor", EMAIL, by=BY)


@pytest.fixture
def ann(store):
    return staff.create(store, CLINIC, "ann", "Ann", "doctor", "ann@clinic.example", by=BY)


def found(store, subject=SUBJECT, email=EMAIL, *, issuer=ISSUER, clinic=CLINIC):
    return identities.find(store, clinic, issuer, subject, email)


def test_the_first_time_the_address_finds_and_later_the_subject(store, bob, ann, clock):
    assert found(store) == bob
    assert found(store, email="") is None
    assert identities.link(store, bob, ISSUER, SUBJECT)
    assert found(store, email="") == bob
    assert found(store, email=ann.email) == bob
    assert identities.of(store, bob) == [identities.Known(ISSUER, clock())]


def test_finding_binds_nothing(store, bob):
    found(store)
    assert identities.of(store, bob) == []


def test_an_account_without_an_address_is_found_by_none(store):
    staff.create(store, CLINIC, "eve", "Eve", "doctor", by=BY)
    assert found(store, email="") is None


def test_another_subject_does_not_take_an_account_over(store, bob):
    identities.link(store, bob, ISSUER, SUBJECT)
    assert found(store, "666") is None
    assert not identities.link(store, bob, ISSUER, "666")
    assert found(store, "666", "") is None


def test_a_subject_does_not_get_a_second_account(store, bob, ann):
    identities.link(store, bob, ISSUER, SUBJECT)
    assert not identities.link(store, ann, ISSUER, SUBJECT)
    assert identities.of(store, ann) == []
    assert found(store, email=ann.email) == bob


def test_linking_again_changes_nothing(store, bob, clock):
    identities.link(store, bob, ISSUER, SUBJECT)
    clock.advance(days=1)
    assert identities.link(store, bob, ISSUER, SUBJECT)
    (known,) = identities.of(store, bob)
    assert known.created_at < clock()


def test_each_provider_names_people_anew(store, bob, ann):
    identities.link(store, bob, ISSUER, SUBJECT)
    other = "https://other.example"
    assert found(store, email="", issuer=other) is None
    assert identities.link(store, ann, other, SUBJECT)
    assert found(store, email="", issuer=other) == ann
    assert identities.link(store, bob, other, "7")
    assert len(identities.of(store, bob)) == 2


def test_each_clinic_is_apart(store, bob):
    identities.link(store, bob, ISSUER, SUBJECT)
    assert found(store, clinic=OTHER_CLINIC) is None
    there = staff.create(store, OTHER_CLINIC, "bob", "Bob", "doctor", EMAIL, by=BY)
    assert found(store, clinic=OTHER_CLINIC) == there
    assert identities.link(store, there, ISSUER, SUBJECT)
    assert found(store, email="") == bob


@pytest.mark.parametrize("linked", [True, False])
def test_a_disabled_account_is_nobodys(store, bob, linked):
    if linked:
        identities.link(store, bob, ISSUER, SUBJECT)
    accounts.disable(store, bob, by=BY)
    assert found(store) is None
    accounts.enable(store, bob, by=BY)
    assert found(store) == bob


def test_the_link_ends_an_invitation(store, bob):
    code = accounts.invite(store, bob, by=BY)
    identities.link(store, bob, ISSUER, SUBJECT)
    assert accounts.invited(store, CLINIC, code) is None


def test_removing_it_ends_the_sessions(store, bob, ann):
    identities.link(store, bob, ISSUER, SUBJECT)
    identities.link(store, ann, ISSUER, "7")
    mine, theirs = (sessions.open(store, CLINIC, "staff", each.id) for each in (bob, ann))
    assert identities.unlink(store, bob, by=BY)
    assert identities.of(store, bob) == []
    assert sessions.read(store, mine) is None
    assert sessions.read(store, theirs)
    assert len(identities.of(store, ann)) == 1
    assert not identities.unlink(store, bob, by=BY)
    assert events(store, bob) == [(BY, "staff_added"), (BY, "sign_on_unlinked")]


def test_a_reset_removes_it(store, bob, clock):
    ready(store, clock, "boss", "admin")
    identities.link(store, bob, ISSUER, SUBJECT)
    accounts.reset(store, bob, by=BY)
    assert identities.of(store, bob) == []


def test_administrators_see_it(store, bob, ann):
    identities.link(store, bob, ISSUER, SUBJECT)
    (first, second) = accounts.everybody(store, CLINIC)
    assert (first.person, first.has_sign_on, first.state) == (ann, False, "waiting")
    assert (second.person, second.has_sign_on, second.state) == (bob, True, "ready")


def test_no_clinic_is_left_to_a_provider_alone(store, clock):
    """The last administrator who can log in here stays, whoever signs on elsewhere."""
    boss = ready(store, clock, "boss", "admin")
    other = staff.create(store, CLINIC, "other", "Other", "admin", EMAIL, by=BY)
    identities.link(store, other, ISSUER, SUBJECT)
    with pytest.raises(LastAdministrator):
        accounts.disable(store, boss, by=BY)
    factors.set_app(store, other, SECRET, shows(clock), password="nine tall green herons")
    accounts.disable(store, boss, by=BY)


def test_tries_count_against_their_neighbourhood(store, clock):
    here, there = "203.0.113.9", "198.51.100.9"
    limit = attempts.LIMITS[attempts.ADDRESS].tries
    for _ in range(limit - 1):
        assert identities.may_try(store, CLINIC, address=here)
    for _ in range(3):
        # One that was right takes itself off the count.
        identities.forgive(store, CLINIC, address=here)
        assert identities.may_try(store, CLINIC, address=here)
    assert identities.may_try(store, CLINIC, address=here)
    assert not identities.may_try(store, CLINIC, address=here)
    assert identities.may_try(store, CLINIC, address=there)
    clock.advance(minutes=1)
    assert identities.may_try(store, CLINIC, address=here)


def test_a_refusal_is_recorded(store, bob):
    identities.refuse(store, CLINIC, bob)
    identities.refuse(store, CLINIC)
    with store.read() as conn:
        table = schema.audit_events
        rows = conn.execute(table.select().where(table.c.action == "sign_on_refused")).all()
    assert [(row.actor, row.detail) for row in rows] == [("system", bob.id), ("system", None)]
