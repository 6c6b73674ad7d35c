"""Words sent after a log-in had ended come back to their writer, and to nobody else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from intake.store import schema, staff
from intake.web.kept import filled
from tests.web.browser import HTMX, Patient
from tests.web.clinic_side import PASSWORD, enter, fresh_digits, hired, logged_in, store_of
from tests.web.conftest import Clock

LONG = "Some <b>long</b> name & “words” 李 "
NEW = {"name": LONG * 3, "username": "d.hallow", "role": "doctor", "email": "d@clinic.example"}


def sent_late(app: Flask, clock: Clock, *, minutes: int = 10) -> Patient:
    """A browser whose form arrived when its log-in was over."""
    boss = logged_in(app, "admin")
    boss.open("/clinic/accounts")
    clock.forward(minutes=minutes)
    boss.client.environ_base["HTTP_REFERER"] = "http://localhost/clinic/accounts"
    boss.send(NEW, form="/accounts")
    assert boss.page == "/clinic/log-in"
    return boss


def test_the_words_are_back_in_their_form_and_nothing_was_done(app: Flask, clock: Clock) -> None:
    boss = sent_late(app, clock)
    assert enter(boss, "admin") == "/clinic/accounts"
    assert boss.has("Your words are back in their form.")
    assert {name: boss.field(name)[0] for name in NEW} == NEW
    assert staff.find(store_of(app), 1, "d.hallow") is None
    # Also when the page is loaded again; then it is sent, and they are gone.
    boss.open("/clinic/accounts")
    assert boss.field("username") == ["d.hallow"]
    boss.send({"name": "Dana Hill"}, form="/accounts")
    assert staff.find(store_of(app), 1, "d.hallow")
    boss.open("/clinic/accounts")
    assert boss.field("username") == [""]
    assert not boss.has("Your words are back")


def test_another_person_never_sees_them(app: Flask, clock: Clock) -> None:
    boss = sent_late(app, clock)
    hired(app, "admin", username="other")
    assert enter(boss, "other") == "/clinic/accounts"
    assert "d.hallow" not in boss.html
    # Nor does the first one after that, in this browser.
    boss.send(form="log-out")
    boss.open("/clinic/accounts")
    enter(boss, "admin")
    assert "d.hallow" not in boss.html


def test_they_have_their_time_and_are_sealed(app: Flask, clock: Clock) -> None:
    boss = sent_late(app, clock)
    with store_of(app).read() as conn:
        (row,) = conn.execute(
            select(schema.sign_in_steps).where(schema.sign_in_steps.c.purpose == "words")
        )
    assert b"d.hallow" not in row.sealed
    clock.forward(minutes=30)
    boss.open("/clinic/accounts")
    enter(boss, "admin")
    assert "d.hallow" not in boss.html


def test_who_has_to_confirm_first_finds_them_too(app: Flask, clock: Clock) -> None:
    boss = logged_in(app, "admin")
    boss.open("/clinic/accounts")
    for _ in range(2):
        clock.forward(minutes=8)
        boss.client.get("/clinic")
    boss.client.environ_base["HTTP_REFERER"] = "http://localhost/clinic/accounts"
    boss.send(NEW, form="/accounts")
    assert boss.page == "/clinic/confirm"
    boss.send({"password": PASSWORD, "code": fresh_digits(app)}, form="confirm")
    assert boss.page == "/clinic/accounts"
    assert boss.field("username") == ["d.hallow"]


def test_a_stranger_keeps_nothing_here(app: Flask, clock: Clock) -> None:
    boss = logged_in(app, "admin")
    boss.open("/clinic/accounts")
    token = boss.field("csrf_token")[0]
    boss.send(form="log-out")
    stranger = Patient(app)
    stranger.open("/clinic/log-in")
    stranger.client.environ_base["HTTP_REFERER"] = "http://localhost/clinic/accounts"
    token = stranger.field("csrf_token")[0]
    stranger.post("/clinic/accounts", [("csrf_token", token), ("name", "x"), ("_end", "1")])
    with store_of(app).read() as conn:
        rows = conn.execute(select(schema.sign_in_steps.c.purpose)).scalars().all()
    assert "words" not in rows


def test_a_secret_is_never_kept(app: Flask, clock: Clock) -> None:
    browser = logged_in(app, "doctor")
    browser.open("/clinic/me")
    clock.forward(minutes=10)
    browser.client.environ_base["HTTP_REFERER"] = "http://localhost/clinic/me"
    browser.send({"password": "nine tall green herons"}, form="/me/password")
    enter(browser, "doctor")
    assert "herons" not in browser.html


FORM = """<!DOCTYPE html><form action="/b"><input name="t" value="other"></form>
<details><summary>More &amp; &lt;more&gt;</summary><form method="post" action="/a">
<input type="hidden" name="rev" value="2"><input name="t" value="old"><textarea name="w">was
</textarea><input type="checkbox" name="c" value="1" checked><input type="checkbox" name="c"
value="2"><input type="radio" name="r" value="x"><select name="s"><option value="">-</option>
<option value="y">Y</option></select><details><p>x</p></details></form></details><!-- end -->"""


@pytest.mark.parametrize("words", ["two\nlines", "</textarea><script>alert(1)</script>", '"&amp;'])
def test_every_kind_of_field_is_filled_and_the_rest_stays(words: str) -> None:
    given = [["t", words], ["w", words], ["c", "2"], ["r", "x"], ["s", "y"], ["rev", "1"]]
    page = filled(FORM, "/a", given)
    assert "<script>" not in page
    assert page.count("<details open") == 2
    assert 'value="other"' in page
    assert 'name="rev" value="2"' in page
    for part in ('name="c" value="2" checked', 'value="x" checked', 'value="y" selected'):
        assert part in page
    assert 'value="1" checked' not in page
    assert "More &amp; &lt;more&gt;" in page
    assert page.endswith("<!-- end -->")
    assert filled(FORM, "/none", given) == FORM


# --- A form of an earlier log-in, its token no longer valid ---------------------------------------


def open_since_before(app: Flask) -> tuple[Patient, str]:
    """A browser whose person logged in once more, and the token of a page from before."""
    boss = logged_in(app, "admin")
    boss.open("/clinic/accounts")
    token = boss.field("csrf_token")[0]
    boss.open("/clinic/log-in")
    assert enter(boss, "admin") == "/clinic"
    return boss, token


def send_old(boss: Patient, token: str, page: str = "/clinic/accounts") -> None:
    """Send the form of that page."""
    boss.client.environ_base["HTTP_REFERER"] = f"http://localhost{page}"
    boss.post("/clinic/accounts", [("csrf_token", token), *NEW.items(), ("_end", "1")])


@pytest.mark.parametrize("htmx", [False, True])
def test_a_form_from_before_the_last_log_in_loses_no_word(app: Flask, htmx: bool) -> None:
    boss, token = open_since_before(app)
    boss.headers = HTMX if htmx else {}
    send_old(boss, token)
    assert boss.page == "/clinic/accounts"
    assert boss.has("Your words are back in their form.")
    assert {name: boss.field(name)[0] for name in NEW} == NEW
    assert staff.find(store_of(app), 1, "d.hallow") is None
    boss.headers = {}
    boss.send({"name": "Dana Hill"}, form="/accounts")
    assert staff.find(store_of(app), 1, "d.hallow")


def test_it_waits_until_its_person_logs_in_again(app: Flask, clock: Clock) -> None:
    boss, token = open_since_before(app)
    clock.forward(minutes=10)
    send_old(boss, token)
    assert boss.page == "/clinic/log-in"
    assert enter(boss, "admin") == "/clinic/accounts"
    assert boss.field("username") == ["d.hallow"]


def test_whoever_logged_in_afterwards_never_sees_it(app: Flask) -> None:
    boss = logged_in(app, "admin")
    boss.open("/clinic/accounts")
    token = boss.field("csrf_token")[0]
    hired(app, "admin", username="other")
    boss.open("/clinic/log-in")
    enter(boss, "other")
    send_old(boss, token)
    assert (boss.page, boss.status) == ("/clinic/accounts", 200)
    assert "d.hallow" not in boss.html
    boss.open("/clinic/accounts")
    assert "d.hallow" not in boss.html


def kept_rows(app: Flask) -> int:
    with store_of(app).read() as conn:
        return conn.execute(select(schema.sign_in_steps.c.purpose)).scalars().all().count("words")


def test_nothing_is_kept_of_a_form_that_nobody_was_given(app: Flask) -> None:
    boss, _token = open_since_before(app)
    stranger = logged_in_elsewhere(app)
    for token in (stranger, "", "forged", "forged.forged.forged"):
        send_old(boss, token)
        assert boss.status == 400
        assert boss.has("This page was open for a long time")
    assert kept_rows(app) == 0


def logged_in_elsewhere(app: Flask) -> str:
    """The token of a page in another browser."""
    hired(app, "admin", username="other")
    other = Patient(app)
    other.open("/clinic/log-in")
    enter(other, "other")
    return other.field("csrf_token")[0]


def test_who_logged_out_left_nothing_behind(app: Flask) -> None:
    boss, token = open_since_before(app)
    boss.send(form="log-out")
    send_old(boss, token)
    assert boss.status == 400
    assert kept_rows(app) == 0


@pytest.mark.parametrize("page", ["//evil.example/x", "/form/check", "/clinic/nothing"])
def test_it_leads_to_no_other_page(app: Flask, page: str) -> None:
    boss, token = open_since_before(app)
    send_old(boss, token, page)
    assert boss.page == "/clinic"
