"""Accounts of staff: invitation, set-up, second proof, recovery, and what administrators do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from flask import Flask

from intake import create_app
from intake.store import accounts, factors, jobs, staff
from intake.web import work
from tests.web.browser import Patient
from tests.web.clinic_side import (
    PASSWORD,
    digits,
    enter,
    fresh_digits,
    hired,
    logged_in,
    store_of,
)
from tests.web.conftest import Clock
from tests.web.test_staff import actions, staff_token

OWN = "nine tall green herons"


def invitation(app: Flask, role: str = "doctor") -> tuple[staff.Staff, str]:
    person = staff.create(store_of(app), 1, "new.one", "New One", role, by="system")
    return person, accounts.invite(store_of(app), person, by="system")


def started(app: Flask, code: str) -> Patient:
    """A browser that opened an invitation and pressed Start."""
    browser = Patient(app)
    browser.open("/clinic/invited")
    browser.send({"code": code}, form="invited")
    return browser


def shown_code(app: Flask, browser: Patient) -> str:
    """What an app shows now that took the secret on the page."""
    found = re.search(r'<p class="secret">([A-Z2-7 ]+)</p>', browser.html)
    assert found, browser.html
    now = int(store_of(app).clock().timestamp())
    return pyotp.TOTP(found.group(1).replace(" ", "")).at(now)


def finish(app: Flask, browser: Patient, **more: str) -> str:
    return browser.send({"code": shown_code(app, browser)} | more, form="set-up")


# --- Invitation and set-up ---------------------------------------------------------------------


def test_from_the_invitation_to_the_list(app: Flask) -> None:
    _, code = invitation(app)
    browser = started(app, code)
    assert browser.page == "/clinic/set-up"
    assert browser.has("new.one")
    # Nothing else opens before it is done.
    assert browser.open("/clinic") == "/clinic/log-in"
    browser.open("/clinic/set-up")
    assert finish(app, browser, password=OWN) == "/clinic/recovery-codes"
    codes = re.findall(r"<code>([\w-]{19})</code>", browser.html)
    assert len(set(codes)) == 10
    # Loading the page again loses none; afterwards they are gone.
    browser.open("/clinic/recovery-codes")
    assert codes[0] in browser.html
    assert browser.send(form="recovery-codes") == "/clinic"
    assert browser.open("/clinic/recovery-codes") == "/clinic/me"
    assert codes[0] not in browser.html
    assert "invitation_opened" in actions(app)


def test_opening_the_page_of_an_invitation_changes_nothing(app: Flask) -> None:
    _, code = invitation(app)
    before = actions(app)
    for _ in range(3):
        Patient(app).open("/clinic/invited")
    assert actions(app) == before
    assert started(app, code).page == "/clinic/set-up"


def test_a_used_replaced_or_old_invitation_is_refused_alike(app: Flask, clock: Clock) -> None:
    person, first = invitation(app)
    second = accounts.invite(store_of(app), person, by="system")
    told = [started(app, first).text]
    finish(app, browser := started(app, second), password=OWN)
    assert browser.page == "/clinic/recovery-codes"
    told.append(started(app, second).text)
    told.append(started(app, "no code").text)
    assert len(set(told)) == 1
    assert "This invitation is not valid." in told[0]


def test_what_is_wrong_in_the_set_up_is_named_and_nothing_is_kept(app: Flask) -> None:
    person, code = invitation(app)
    browser = started(app, code)
    browser.send({"password": "", "code": ""}, form="set-up")
    assert browser.status == 422
    assert browser.has("Choose a password.")
    assert browser.has("Type the 6 digits that the app shows.")
    finish(app, browser, password="AlderLane2026")
    assert browser.has("easy to guess")
    browser.send({"password": OWN, "code": "000000"}, form="set-up")
    assert browser.has("This code does not fit.")
    assert OWN not in browser.html
    assert not factors.factors(store_of(app), person).are_enough


def test_a_lone_password_opens_the_set_up_and_nothing_else(app: Flask) -> None:
    staff.add(store_of(app), 1, "old.one", "Old One", "doctor", PASSWORD)
    browser = Patient(app)
    browser.open("/clinic")
    assert enter(browser, "old.one") == "/clinic/set-up"
    for address in ("/clinic", "/clinic/me", "/clinic/responses/C7K-4MX"):
        assert browser.open(address) == "/clinic/log-in"
    browser.open("/clinic/set-up")
    assert "password" not in [name for name in ("password",) if browser.field(name)]
    assert finish(app, browser) == "/clinic/recovery-codes"
    assert browser.open("/clinic") == "/clinic"


def test_two_who_set_up_with_one_password_do_not_both_get_in(app: Flask) -> None:
    staff.add(store_of(app), 1, "old.one", "Old One", "doctor", PASSWORD)
    browsers = [Patient(app), Patient(app)]
    for browser in browsers:
        browser.open("/clinic")
        enter(browser, "old.one")
    assert finish(app, browsers[0]) == "/clinic/recovery-codes"
    finish(app, browsers[1])
    assert browsers[1].status == 422
    assert browsers[1].open("/clinic") == "/clinic/log-in"


def test_the_set_up_has_its_time(app: Flask, clock: Clock) -> None:
    _, code = invitation(app)
    browser = started(app, code)
    clock.forward(minutes=30)
    assert browser.open("/clinic/set-up") == "/clinic/log-in"
    assert browser.has("That took too long")


# --- The second proof --------------------------------------------------------------------------


def second_page(app: Flask) -> Patient:
    hired(app, "doctor")
    browser = Patient(app)
    browser.open("/clinic")
    browser.send({"username": "doctor", "password": PASSWORD}, form="log-in")
    return browser


def test_a_password_alone_opens_nothing(app: Flask) -> None:
    browser = second_page(app)
    assert browser.page == "/clinic/log-in/code"
    assert browser.open("/clinic") == "/clinic/log-in"
    assert "logged_in" not in actions(app)


def test_a_code_opens_once_and_no_other_does(app: Flask, clock: Clock) -> None:
    browser = second_page(app)
    for code in ("", "000000", digits(app), digits(app, later=90)):
        browser.send({"code": code}, form="log-in/code")
        assert browser.status == 422
    clock.forward(seconds=30)
    code = digits(app)
    assert browser.send({"code": code}, form="log-in/code") == "/clinic"
    other = Patient(app)
    other.open("/clinic")
    other.send({"username": "doctor", "password": PASSWORD}, form="log-in")
    other.send({"code": code}, form="log-in/code")
    assert other.status == 422
    assert other.has("Each code works once")


def test_the_second_step_has_its_time_and_belongs_to_its_browser(app: Flask, clock: Clock) -> None:
    browser = second_page(app)
    stranger = Patient(app)
    assert stranger.open("/clinic/log-in/code") == "/clinic/log-in"
    clock.forward(minutes=10)
    assert browser.open("/clinic/log-in/code") == "/clinic/log-in"


def test_a_recovery_code_opens_and_the_rest_is_counted(app: Flask) -> None:
    person = hired(app, "doctor")
    codes = factors.new_codes(store_of(app), person)
    browser = Patient(app)
    browser.open("/clinic")
    browser.send({"username": "doctor", "password": PASSWORD}, form="log-in")
    assert browser.send({"recovery": codes[0].lower()}, form="log-in/code") == "/clinic/me"
    assert browser.has("9 recovery codes are left.")


# --- One's own log-in --------------------------------------------------------------------------


def test_another_app_takes_the_place_of_the_first(app: Flask, clock: Clock) -> None:
    browser = logged_in(app, "doctor")
    token = staff_token(browser)
    browser.open("/clinic/me")
    browser.send(form="/me/app")
    assert browser.page == "/clinic/me/app"
    code = shown_code(app, browser)
    assert browser.send({"code": code}, form="/me/app/code") == "/clinic/recovery-codes"
    assert staff_token(browser) != token
    clock.forward(seconds=60)
    person = staff.find(store_of(app), 1, "doctor")
    assert person is not None
    assert factors.check(store_of(app), person, digits(app)) == ""


def test_a_new_password_and_new_codes(app: Flask) -> None:
    browser = logged_in(app, "doctor")
    browser.open("/clinic/me")
    browser.send({"password": "Password2026"}, form="me/password")
    assert browser.has("easy to guess")
    other, token = Patient(app), staff_token(browser)
    other.open("/clinic")
    enter(other, "doctor")
    browser.open("/clinic/me")
    assert browser.text.count("Logged in Mon, ") + browser.text.count("Logged in Mar ") == 2
    browser.send({"password": OWN}, form="me/password")
    assert browser.has("The new password is stored")
    assert staff_token(browser) != token
    assert other.open("/clinic") == "/clinic/log-in"
    assert browser.send(form="me/codes") == "/clinic/recovery-codes"
    assert len(re.findall(r"<code>", browser.html)) == 10
    browser.send(form="log-out")
    assert enter(browser, "doctor") == "/clinic/log-in"
    assert enter(browser, "doctor", OWN) == "/clinic"


def test_confirming_leads_back_and_takes_both_proofs(app: Flask, clock: Clock) -> None:
    browser = logged_in(app, "doctor")
    token = staff_token(browser)
    for _ in range(2):
        clock.forward(minutes=8)
        browser.open("/clinic")
    assert browser.open("/clinic/me") == "/clinic/confirm"
    for password, code in (("wrong", digits(app)), (PASSWORD, "000000"), ("", ""), (PASSWORD, "")):
        browser.send({"password": password, "code": code}, form="confirm")
        assert browser.status == 422
    given = {"password": PASSWORD, "code": fresh_digits(app)}
    assert browser.send(given, form="confirm") == "/clinic/me"
    assert staff_token(browser) != token


def test_logging_out_everywhere(app: Flask) -> None:
    first = logged_in(app, "doctor")
    second = Patient(app)
    second.open("/clinic")
    assert enter(second, "doctor") == "/clinic"
    second.open("/clinic/me")
    second.send(form="log-out-everywhere")
    assert second.has("here and on every other device")
    assert first.open("/clinic") == "/clinic/log-in"


# --- What administrators do --------------------------------------------------------------------


def test_an_administrator_adds_a_person_and_hands_the_link_on(app: Flask) -> None:
    boss = logged_in(app, "admin")
    boss.open("/clinic/accounts")
    new = {"name": "Dana Hill", "username": "d.hill", "role": "front_desk", "email": ""}
    boss.send(new, form="/accounts")
    link = re.search(r"http://localhost/clinic/invited#([\w-]{19})", boss.html)
    assert link
    browser = started(app, link.group(1))
    assert finish(app, browser, password=OWN) == "/clinic/recovery-codes"
    # Neither the list nor the account's page show it later.
    boss.open("/clinic/accounts")
    assert link.group(1) not in boss.html
    assert boss.has("Can log in")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "Type the person's name."),
        ({"username": ""}, "Type a username."),
        ({"role": ""}, "Choose a role."),
        ({"username": "admin"}, "already"),
        ({"username": "a b"}, "A username has"),
        ({"email": "x@"}, "An e-mail address looks like"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_named(
    app: Flask, typed: dict[str, str], says: str
) -> None:
    boss = logged_in(app, "admin")
    boss.open("/clinic/accounts")
    new = {"name": "Dana Hill", "username": "d.hill", "role": "doctor", "email": ""}
    boss.send(new | typed, form="/accounts")
    assert boss.status == 422
    assert boss.has(says)


def test_disabling_ends_sessions_at_once_and_enabling_gives_back(app: Flask) -> None:
    doctor, boss = logged_in(app, "doctor"), logged_in(app, "admin")
    person = staff.find(store_of(app), 1, "doctor")
    assert person is not None
    boss.open(f"/clinic/accounts/{person.id}")
    boss.send(form="/disable")
    assert boss.has("The account is disabled.")
    assert doctor.open("/clinic") == "/clinic/log-in"
    assert enter(doctor, "doctor") == "/clinic/log-in"
    boss.send(form="/enable")
    assert enter(doctor, "doctor") == "/clinic"


def test_a_new_role_counts_from_a_new_log_in_on(app: Flask) -> None:
    doctor, boss = logged_in(app, "doctor"), logged_in(app, "admin")
    person = staff.find(store_of(app), 1, "doctor")
    assert person is not None
    boss.open(f"/clinic/accounts/{person.id}")
    boss.send({"role": "admin"}, form="/role")
    assert doctor.open("/clinic") == "/clinic/log-in"
    enter(doctor, "doctor")
    assert doctor.open("/clinic/accounts") == "/clinic/accounts"
    assert doctor.status == 200


def test_a_reset_makes_a_link_and_ends_the_old_log_in(app: Flask) -> None:
    doctor, boss = logged_in(app, "doctor"), logged_in(app, "admin")
    person = staff.find(store_of(app), 1, "doctor")
    assert person is not None
    boss.open(f"/clinic/accounts/{person.id}")
    boss.send(form="/reset")
    assert boss.has("Hand this link on")
    assert doctor.open("/clinic") == "/clinic/log-in"
    assert enter(doctor, "doctor") == "/clinic/log-in"


def test_the_last_administrator_cannot_leave(app: Flask) -> None:
    boss = logged_in(app, "admin")
    person = staff.find(store_of(app), 1, "admin")
    assert person is not None
    for form, given in (("/disable", {}), ("/role", {"role": "doctor"})):
        boss.open(f"/clinic/accounts/{person.id}")
        boss.send(given, form=form)
        assert boss.status == 409
        assert boss.has("No other administrator can log in.")
    assert boss.open("/clinic/accounts") == "/clinic/accounts"


@pytest.mark.parametrize("id", ["x", "0" * 32, "%00"])
def test_an_account_that_is_none_is_a_404(app: Flask, id: str) -> None:
    boss = logged_in(app, "admin")
    boss.open(f"/clinic/accounts/{id}")
    assert boss.status == 404


# --- The mail of an invitation -------------------------------------------------------------------


@pytest.fixture
def posting(instance: Path, clock: Clock) -> Iterator[Flask]:
    """As every application here, but it writes mail into a folder."""
    app = create_app(instance, environ={"INTAKE_MAIL": "folder"}, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


NEW = {"name": "New One", "username": "new.one", "role": "doctor", "email": "new@clinic.example"}
FAILED = "The e-mail could not be sent."


def at_accounts(app: Flask, browser: Patient) -> Patient:
    browser.open("/clinic/log-in")
    enter(browser, "admin", then="/clinic/accounts")
    assert browser.page == "/clinic/accounts"
    return browser


def test_a_mail_that_failed_stands_at_its_account_and_is_sent_again(
    posting: Flask, clock: Clock
) -> None:
    folder = Path(posting.instance_path) / "mail"
    folder.write_text("in the way")
    boss = logged_in(posting, "admin")
    boss.open("/clinic/accounts")
    boss.send(NEW, form="/accounts")
    boss.open("/clinic/accounts")
    assert boss.has("The e-mail waits to be sent.")
    for _ in range(len(jobs.PAUSES)):
        assert work.run_due(posting) == 1
        assert not at_accounts(posting, boss).has(FAILED)
        clock.forward(hours=13)
    assert work.run_due(posting) == 1
    at_accounts(posting, boss)
    assert boss.has(FAILED)
    person = staff.find(store_of(posting), 1, "new.one")
    assert person
    boss.open(f"/clinic/accounts/{person.id}")
    assert boss.has(FAILED)
    assert boss.has("Check the address, or hand a link on yourself.")
    folder.unlink()
    boss.open("/clinic/accounts")
    boss.send(form="/invitation")
    assert boss.has("It will be sent within a minute by e-mail to new@clinic.example.")
    assert boss.has("It is tried again if the mail server does not take it.")
    work.run_due(posting)
    assert len(list(folder.iterdir())) == 1
    boss.open("/clinic/accounts")
    assert not boss.has(FAILED)
    assert not boss.has("waits to be sent")
    assert jobs.count(store_of(posting), 1) == {"due": 0, "failed": 0}


def test_a_mail_that_failed_is_no_matter_any_more_once_its_person_logs_in(
    posting: Flask, clock: Clock
) -> None:
    boss = logged_in(posting, "admin")
    boss.open("/clinic/accounts")
    # The clinic's server does not take every address that looks like one.
    boss.send(NEW | {"email": "new..one@clinic.example"}, form="/accounts")
    code = re.search(r"/clinic/invited#([\w-]+)", boss.html)
    assert code
    work.run_due(posting)
    boss.open("/clinic/accounts")
    assert boss.has(FAILED)
    finish(posting, started(posting, code.group(1)), password=OWN)
    boss.open("/clinic/accounts")
    assert not boss.has(FAILED)
