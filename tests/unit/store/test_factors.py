"""One-time codes and recovery codes: each opens once, guesses are counted, secrets are sealed."""

import pyotp
import pytest
from sqlalchemy import select, update

from intake.store import BadValue, BrokenSeal, factors, passkeys, schema, staff
from intake.store.passkeys import Credential
from tests.unit.store.given import CLINIC

PASSWORD = "four small brown owls"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CREDENTIAL = Credential(b"credential", b"public key", 5)


def shows(clock, steps=0):
    """What the app shows now, or some steps later."""
    return pyotp.TOTP(SECRET).at(int(clock().timestamp()) + 30 * steps)


@pytest.fixture
def new(store):
    """A person who has nothing but a password."""
    return staff.add(store, CLINIC, "ann.doe", "Dr Ann Doe", "doctor", PASSWORD)


@pytest.fixture
def codes(store, new, clock):
    """The recovery codes of that person, set up with an app at the step before."""
    return factors.set_app(store, new, SECRET, shows(clock, -1), first=True)


def events(store):
    table = schema.audit_events
    with store.read() as conn:
        return conn.execute(select(table.c.action).order_by(table.c.id)).scalars().all()


def test_the_code_of_the_moment_opens_once(store, new, codes, clock):
    assert factors.check(store, new, shows(clock)) == "code"
    assert factors.check(store, new, shows(clock)) == ""
    # Nor does one from before it, which was never used.
    assert factors.check(store, new, shows(clock, -1)) == ""
    clock.advance(seconds=30)
    assert factors.check(store, new, shows(clock)) == "code"


def test_the_code_that_set_the_app_up_opens_nothing(store, new, codes, clock):
    assert factors.check(store, new, shows(clock, -1)) == ""


@pytest.mark.parametrize(("steps", "opens"), [(-2, ""), (0, "code"), (1, "code"), (2, "")])
def test_a_clock_may_be_wrong_by_one_step(store, new, codes, clock, steps, opens):
    assert factors.check(store, new, shows(clock, steps)) == opens


def test_one_step_behind_is_right_too(store, new, codes, clock):
    clock.advance(seconds=60)
    assert factors.check(store, new, shows(clock, -1)) == "code"


def test_blanks_in_a_code_do_not_matter(store, new, codes, clock):
    code = shows(clock)
    assert factors.check(store, new, f" {code[:3]} {code[3:]} ") == "code"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "٣" * 6, "²" * 6, "0" * 9999])
def test_what_is_no_code_opens_nothing(store, new, codes, typed):
    assert factors.check(store, new, typed) == ""


def test_five_wrong_codes_bring_a_pause_for_right_ones_too(store, new, codes, clock):
    wrong = f"{(int(shows(clock)) + 1) % 10**6:06}"
    for _ in range(5):
        assert factors.check(store, new, wrong) == ""
    assert factors.check(store, new, codes[0]) == ""
    clock.advance(minutes=1)
    assert factors.check(store, new, shows(clock)) == "code"
    assert "code_of_app_refused" in events(store)


def test_a_recovery_code_opens_once_however_it_is_typed(store, new, codes):
    assert len(set(codes)) == 10
    assert factors.check(store, new, codes[3].lower().replace("-", " ")) == "recovery"
    assert factors.check(store, new, codes[3]) == ""
    assert factors.factors(store, new).codes_left == 9
    assert factors.check(store, new, codes[4]) == "recovery"
    assert events(store).count("recovery_code_used") == 2


def test_new_recovery_codes_void_the_old(store, new, codes):
    again = factors.new_codes(store, new)
    assert not set(again) & set(codes)
    assert factors.check(store, new, codes[0]) == ""
    assert factors.check(store, new, again[0]) == "recovery"
    assert factors.factors(store, new).codes_left == 9


def test_recovery_codes_are_nobody_elses(store, new, codes, clock):
    bob = staff.add(store, CLINIC, "bob", "Bob", "doctor", PASSWORD)
    other = factors.new_secret()
    assert factors.set_app(store, bob, other, pyotp.TOTP(other).at(clock()), first=True)
    assert factors.check(store, bob, codes[0]) == ""
    assert factors.check(store, bob, shows(clock)) == ""


def test_neither_secret_nor_codes_stand_in_the_database(store, new, codes):
    with store.read() as conn:
        row = conn.execute(select(schema.staff)).one()
        hashes = conn.execute(select(schema.recovery_codes.c.code_hash)).scalars().all()
    assert SECRET.encode() not in row.totp_sealed
    assert all(code.encode() not in kept for code in codes for kept in hashes)


def test_a_secret_moved_to_another_person_opens_nothing(store, new, codes, clock):
    bob = staff.create(store, CLINIC, "bob", "Bob", "doctor", by="system")
    table = schema.staff
    with store.write() as conn:
        row = conn.execute(select(table).where(table.c.id == new.id)).one()
        moved = {"totp_kid": row.totp_kid, "totp_sealed": row.totp_sealed}
        conn.execute(update(table).where(table.c.id == bob.id).values(**moved))
    with pytest.raises(BrokenSeal):
        factors.check(store, bob, shows(clock))


def test_the_app_is_taken_only_with_a_right_code(store, new, clock):
    assert factors.set_app(store, new, SECRET, "000000", first=True) is None
    assert not factors.factors(store, new).app


def test_an_account_without_password_needs_one_with_the_app(store, clock):
    bob = staff.create(store, CLINIC, "bob", "Bob", "doctor", by="system")
    with pytest.raises(BadValue, match="goes with a password"):
        factors.set_app(store, bob, SECRET, shows(clock), first=True)
    with pytest.raises(BadValue, match="easy to guess"):
        factors.set_app(store, bob, SECRET, shows(clock), password="Welcome123456", first=True)
    assert factors.set_app(store, bob, SECRET, shows(clock), password=PASSWORD, first=True)
    assert staff.check(store, CLINIC, "bob", PASSWORD) == bob


def test_what_is_set_up_is_not_set_up_again_by_a_password_alone(store, new, codes, clock):
    other = factors.new_secret()
    code = pyotp.TOTP(other).at(clock())
    with pytest.raises(BadValue, match="set up already"):
        factors.set_app(store, new, other, code, first=True)
    with pytest.raises(BadValue, match="set up already"):
        passkeys.add(store, new, CREDENTIAL, "Thief's phone", first=True)
    assert factors.check(store, new, shows(clock)) == "code"


def test_a_new_password_works_in_place_of_the_old(store, new, codes):
    factors.change_password(store, new, "nine tall green herons")
    assert staff.check(store, CLINIC, "ann.doe", PASSWORD) is None
    assert staff.check(store, CLINIC, "ann.doe", "nine tall green herons") == new
    with pytest.raises(BadValue, match="easy to guess"):
        factors.change_password(store, new, "AlderLane2026", ["Alder Lane"])


def test_the_only_way_in_cannot_be_removed(store, new, codes, clock):
    assert not factors.remove_app(store, new)
    passkeys.add(store, new, CREDENTIAL, "Phone")
    assert factors.remove_app(store, new)
    assert factors.factors(store, new) == factors.Factors(False, False, 1, 0)
    assert staff.check(store, CLINIC, "ann.doe", PASSWORD) is None
    (key,) = passkeys.of(store, new)
    assert not passkeys.remove(store, new, key.id)


def test_a_passkey_as_the_first_proof_ends_the_lone_password(store, new):
    passkeys.add(store, new, CREDENTIAL, "  My   phone ", first=True)
    assert factors.factors(store, new) == factors.Factors(False, False, 1, 0)
    assert staff.check(store, CLINIC, "ann.doe", PASSWORD) is None
    assert [key.name for key in passkeys.of(store, new)] == ["My phone"]


def test_a_counter_that_does_not_grow_means_a_copy(store, new, codes):
    passkeys.add(store, new, CREDENTIAL, "Phone")
    (key,) = passkeys.of(store, new)
    assert passkeys.use(store, new, key, 6)
    for count in (6, 5, 0):
        assert not passkeys.use(store, new, key, count)
    assert passkeys.use(store, new, key, 7)
    assert events(store).count("passkey_copied") == 3


def test_a_device_without_a_counter_says_nought(store, new, codes):
    passkeys.add(store, new, Credential(b"other", b"key", 0), "Phone")
    (key,) = passkeys.of(store, new)
    assert passkeys.use(store, new, key, 0)
    assert passkeys.use(store, new, key, 0)


def test_a_passkey_is_kept_once_and_found_by_its_id(store, new, codes, clock):
    passkeys.add(store, new, CREDENTIAL, "Phone")
    with pytest.raises(BadValue, match="already"):
        passkeys.add(store, new, CREDENTIAL, "Phone again")
    found = passkeys.find(store, CLINIC, CREDENTIAL.id)
    assert found is not None
    assert found[0] == new
    assert passkeys.find(store, CLINIC + 1, CREDENTIAL.id) is None
    assert passkeys.find(store, CLINIC, b"") is None
    with store.write() as conn:
        conn.execute(update(schema.staff).values(disabled_at=clock()))
    assert passkeys.find(store, CLINIC, CREDENTIAL.id) is None
    assert factors.check(store, new, codes[0]) == ""


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\x00b"])
def test_a_passkey_needs_a_name(store, new, name):
    with pytest.raises(BadValue, match="name"):
        passkeys.add(store, new, CREDENTIAL, name, first=True)


def test_there_is_an_end_to_passkeys(store, new, codes):
    for number in range(passkeys.MOST):
        passkeys.add(store, new, Credential(b"%d" % number, b"key", 0), "Phone")
    with pytest.raises(BadValue, match="at most"):
        passkeys.add(store, new, CREDENTIAL, "Phone")
