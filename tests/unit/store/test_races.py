"""Many who use one secret at the same moment: one of them gets in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pyotp
import pytest
from sqlalchemy import select

from intake.store import BadValue, Store, accounts, factors, passwords, schema, staff, steps
from intake.store.staff import Staff
from tests.unit.store.given import CLINIC

MANY = 8
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "eleven green bottles"

Result = TypeVar("Result")


def at_once(act: Callable[[], Result]) -> list[Result]:
    """What comes of it when so many do it at the same moment."""
    together = Barrier(MANY)

    def wait_and_act(_: int) -> Result:
        together.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(wait_and_act, range(MANY)))


@pytest.fixture
def person(store: Store) -> Staff:
    return staff.add(store, CLINIC, "dora", "Dora Example", "doctor", PASSWORD)


def code(store: Store, *, later: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(int(store.clock().timestamp()) + later)


def test_of_many_who_type_one_code_one_gets_in(store: Store, person: Staff) -> None:
    factors.set_app(store, person, SECRET, code(store), first=True)
    typed = code(store, later=30)
    kinds = at_once(lambda: factors.check(store, person, typed))
    assert kinds.count("code") == 1


def test_of_many_who_type_one_recovery_code_one_gets_in(store: Store, person: Staff) -> None:
    codes = factors.set_app(store, person, SECRET, code(store), first=True)
    assert codes
    kinds = at_once(lambda: factors.check(store, person, codes[0]))
    assert kinds.count("recovery") == 1
    assert factors.factors(store, person).codes_left == factors.RECOVERY_CODES - 1


def test_of_many_who_take_a_step_one_gets_it(store: Store, person: Staff) -> None:
    token = steps.open(store, CLINIC, "key_enter", person.id, {})
    taken = at_once(lambda: steps.take(store, CLINIC, "key_enter", token))
    assert len([each for each in taken if each is not None]) == 1


def test_of_many_who_set_one_log_in_up_one_does(store: Store, person: Staff) -> None:
    """By one invitation: whoever comes second does not share the account."""
    accounts.invite(store, person, by="system")

    def set_up() -> list[str] | None:
        secret = factors.new_secret()
        now = pyotp.TOTP(secret).at(int(store.clock().timestamp()))
        try:
            return factors.set_app(store, person, secret, now, password=PASSWORD, first=True)
        except BadValue:
            return None

    kept = [codes for codes in at_once(set_up) if codes]
    assert len(kept) == 1
    assert factors.check(store, person, kept[0][0]) == "recovery"


def test_wrong_codes_at_the_same_moment_are_all_counted(store: Store, person: Staff) -> None:
    """No number of tries at once gets past the limit: the right code comes too late for them."""
    factors.set_app(store, person, SECRET, code(store), first=True)
    assert at_once(lambda: factors.check(store, person, "000000")) == [""] * MANY
    assert factors.check(store, person, code(store, later=30)) == ""


def test_passwords_are_kept_under_a_slow_hash(store: Store, person: Staff) -> None:
    with store.read() as conn:
        (hashed,) = conn.execute(select(schema.staff.c.password_hash)).scalars()
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify(PASSWORD, hashed)
    assert person.clinic_id == CLINIC
