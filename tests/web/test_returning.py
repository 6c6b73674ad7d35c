"""Coming back: the code, a lost session, and clearing the device."""

from __future__ import annotations

import re
from datetime import date

import pytest
import segno
from flask import Flask

from intake.store import codes, responses
from intake.web.spelling import LETTERS
from tests.web.browser import (
    ANA,
    IN_PRIVATE,
    NO_SIGNS,
    SELF,
    Patient,
    begun,
    known,
    ready,
    text_of,
    unlock,
)
from tests.web.clinic_side import store_of
from tests.web.conftest import Clock
from tests.web.test_staff import actions
from tests.web.test_walk import BOTH, document

BORN = {"born_on-month": "3", "born_on-day": "9", "born_on-year": "1975"}


def code_of(patient: Patient) -> str:
    patient.open("/form/later")
    token = patient.field("csrf_token")[0]
    patient.post("/form/later", [("csrf_token", token), ("_end", "1")])
    parts = re.findall(r'class="code-part">([0-9A-Z]{3,4})<', patient.html)
    assert len(parts) == 3
    return "-".join(parts)


@BOTH
def test_saving_for_later_keeps_the_page_and_offers_a_code(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/anything-else")
    patient.send({"anything_else": "half a sent"}, action="later")
    assert patient.page == "/form/later"
    assert document(patient, app)["answers"]["anything_else"] == "half a sent"
    assert patient.has("Get a code.")


def test_looking_at_the_page_makes_no_code(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/later")
    assert document(patient, app)["resume_code"] is None


@BOTH
def test_code_and_birth_date_open_the_form_elsewhere(app: Flask, htmx: bool) -> None:
    code = code_of(known(app))
    other = Patient(app, htmx=htmx)
    other.open("/return")
    other.send({"code": code.lower().replace("-", " "), **BORN}, form="/return")
    assert other.page == "/form/support"
    other.open("/form/check")
    assert other.has(ANA["name"])


def test_the_code_says_how_long_it_lasts(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    assert patient.has("It works until March 23, 2026.")
    patient.open("/form/later")
    assert all(part in patient.html for part in code.split("-"))


def test_an_ended_code_is_not_shown_any_more(app: Flask, clock: Clock) -> None:
    patient = known(app)
    code = code_of(patient)
    # Somebody guesses until the code ends.
    for _ in range(50):
        responses.resume(store_of(app), 1, code[:-1] + "3", date(1980, 1, 1))
        clock.forward(minutes=15)
    unlock(patient)
    patient.open("/form/later")
    assert patient.has("Your last code does not work any more.")
    assert code.split("-")[2] not in patient.html
    assert patient.open("/form/later/card") == "/form/later"


def test_the_code_can_be_read_out(app: Flask) -> None:
    patient = known(app)
    for group in code_of(patient).split("-"):
        assert patient.has(", ".join(str(LETTERS.get(sign, sign)) for sign in group))


def test_every_letter_of_a_code_has_a_word_that_begins_with_it() -> None:
    letters = {sign for sign in codes.ALPHABET + codes.OLD_ALPHABET if sign.isalpha()}
    assert letters == set(LETTERS)
    assert all(re.match(rf"{each} as in {each}[a-z-]", str(said)) for each, said in LETTERS.items())


# --- The card ----------------------------------------------------------------------------------


def test_the_card_holds_the_code_and_nothing_of_the_person(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    patient.open("/form/later/card")
    for words in (*code.split("-"), "March 23, 2026", "(212) 555-0142", "localhost/return"):
        assert patient.has(words)
    for word in ("Ana", "1975", "555-0111", "sclerosis", "toxin", "spasm"):
        assert word not in text_of(patient.html).replace("Alder Lane Spasticity Clinic", "")


def test_the_picture_on_the_card_is_the_link_with_the_code(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    patient.open("/form/later/card")
    expected = segno.make_qr(f"http://localhost/return#{code}", error="m")
    assert modules(patient.html) == [[bool(each) for each in row] for row in expected.matrix]


def test_the_picture_stays_black_on_white_with_its_margin(app: Flask) -> None:
    patient = known(app)
    code_of(patient)
    patient.open("/form/later/card")
    svg = re.search(r'<svg viewBox="0 0 (\d+) \1" class="qr">(.*?)</svg>', patient.html)
    assert svg
    side = int(svg[1])
    assert f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>' in svg[2]
    assert side == len(modules(patient.html)) + 8


def test_the_card_needs_a_code(app: Flask) -> None:
    assert known(app).open("/form/later/card") == "/form/later"


def modules(html: str) -> list[list[bool]]:
    """The dark squares of the QR code on a page, without its margin."""
    drawn = re.search(r'class="qr">.*?stroke="#000" d="([^"]+)"', html)
    assert drawn
    dark: set[tuple[int, int]] = set()
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]+)", drawn[1]):
        values = [float(each) for each in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            dark |= {(int(x) + step, int(y)) for step in range(int(values[0]))}
            x += values[0]
        elif command == "M":
            x, y = values
        else:
            x, y = x + values[0], y + values[1]
    low, high = min(x for x, _ in dark), max(x for x, _ in dark)
    side = range(low, high + 1)
    return [[(x, y) in dark for x in side] for y in side]


def test_after_two_weeks_the_code_is_void(app: Flask, clock: Clock) -> None:
    code = code_of(known(app))
    clock.forward(days=14, seconds=1)
    other = Patient(app)
    other.open("/return")
    other.send({"code": code, **BORN}, form="/return")
    assert other.status == 422


@pytest.mark.parametrize("wrong", ["code", "date"])
def test_wrong_code_and_wrong_date_get_the_same_answer(app: Flask, wrong: str) -> None:
    code = code_of(known(app))
    other = Patient(app)
    other.open("/return")
    typed = {"code": code, **BORN}
    typed |= {"born_on-day": "10"} if wrong == "date" else {"code": "3" * 10}
    other.send(typed, form="/return")
    assert other.status == 422
    assert other.has("This code and this date of birth open no form. Check both.")
    assert other.has("Call us at (212) 555-0142. We can give you a new one.")


def test_before_the_birth_date_there_is_no_code(app: Flask) -> None:
    patient = begun(app)
    patient.open("/form/later")
    assert patient.has("on this same device.")
    assert patient.has("Then you start anew.")
    assert not patient.has("Get a code")


def test_a_corrected_birth_date_needs_a_new_code(app: Flask) -> None:
    patient = known(app)
    code_of(patient)
    patient.open("/form/about-you")
    patient.go_on({"born_on-day": "10"})
    patient.open("/form/later")
    assert patient.has("Get a new one.")


def test_after_a_day_danger_signs_come_first(app: Flask, clock: Clock) -> None:
    code = code_of(known(app))
    clock.forward(days=1)
    other = Patient(app)
    other.open("/return")
    other.send({"code": code, **BORN}, form="/return")
    assert other.page == "/form/right-now"


def test_advice_that_still_holds_comes_first(app: Flask, clock: Clock) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS | {"now_breath_heart": "chest"})
    patient.send(action="go")
    patient.go_on(ANA)
    code = code_of(patient)
    for away, then in ((1, "/form/support"), (24, "/form/right-now")):
        clock.forward(hours=away)
        other = Patient(app)
        other.open("/return")
        other.send({"code": code, **BORN}, form="/return")
        assert other.page == "/form/care"
        assert other.has("You told us this before. If it is still so:")
        assert other.has("Call 911 now.")
        assert other.send(action="go") == then


def test_private_advice_is_not_shown_to_whoever_has_the_code(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(IN_PRIVATE)
    patient.go_on(NO_SIGNS)
    patient.go_on({"now_self_harm": "thoughts", "now_unsafe": "no"})
    patient.send(action="go")
    patient.go_on(ANA)
    other = Patient(app)
    other.open("/return")
    other.send({"code": code_of(patient), **BORN}, form="/return")
    assert other.page == "/form/support"


# --- A session that is gone --------------------------------------------------------------------


@BOTH
def test_a_lost_session_keeps_the_words_and_one_click_goes_on(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    patient.open("/form/about-you")
    patient.client.delete_cookie("intake")
    patient.go_on({"name": "Zoë Long"})
    assert patient.status == 409
    assert patient.field("name") == ["Zoë Long"]
    assert patient.has("I have a code to come back")
    patient.go_on()
    # The new draft begins at the beginning, with these words in it.
    assert patient.page == "/"
    assert document(patient, app)["answers"]["name"] == "Zoë Long"


def test_a_session_that_ended_on_the_server_keeps_the_words_too(app: Flask, clock: Clock) -> None:
    patient = known(app)
    patient.open("/form/about-you")
    clock.forward(days=14)
    patient.go_on({"name": "Zoë Long"})
    assert patient.status == 409
    assert patient.field("name") == ["Zoë Long"]


@BOTH
def test_with_a_code_the_words_go_where_they_belong(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    code = code_of(patient)
    patient.open("/form/ms")
    patient.client.delete_cookie("intake")
    patient.go_on({"ms_diagnosis": "confirmed", "ms_doctor": "Dr. Wren"})
    assert patient.send(action="return") == "/return"
    patient.send({"code": code, **BORN}, form="/return")
    stored = document(patient, app)["answers"]
    assert stored["ms_doctor"] == "Dr. Wren"
    assert stored["name"] == ANA["name"]


def test_an_expired_token_keeps_the_words(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/ms")
    patient.send({"csrf_token": "old", "ms_doctor": "Dr. Wren"}, action="continue")
    assert patient.status == 409
    assert patient.field("ms_doctor") == ["Dr. Wren"]
    assert patient.go_on() == "/form/ms-lately"
    assert document(patient, app)["answers"]["ms_doctor"] == "Dr. Wren"


def test_an_expired_token_at_sending_is_one_more_click(app: Flask) -> None:
    patient = ready(app)
    patient.send({"csrf_token": "old"})
    assert patient.status == 409
    assert patient.send() == "/form/sent"


# --- Clearing ----------------------------------------------------------------------------------


def test_finish_and_clear_leaves_nothing_here(app: Flask) -> None:
    patient = ready(app)
    patient.send()
    at, fields = patient._form("finish")
    reply = patient.client.post(at, data=dict(fields))
    assert reply.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert patient.open("/form/sent") == "/return"
    assert patient.has("not open on this device")


def test_a_new_session_has_a_new_id(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    with patient.client.session_transaction() as session:
        before = dict(session)
    patient.open("/return")
    patient.send({"code": code, **BORN}, form="/return")
    with patient.client.session_transaction() as session:
        assert session["patient"] != before["patient"]


def test_the_code_comes_with_the_address_to_type_it_at(app: Flask) -> None:
    patient = known(app)
    code_of(patient)
    patient.open("/form/later")
    assert patient.has("Type it at this address: localhost/return")


# --- A token that is no longer valid --------------------------------------------------------------

CODE = "7K3-MD4-Q9XC"


@pytest.mark.parametrize("address", ["/return", "/i", "/q"])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_page_that_was_open_too_long_keeps_code_and_date(
    app: Flask, address: str, htmx: bool
) -> None:
    patient = Patient(app, htmx=htmx)
    patient.open(address)
    patient.send({"csrf_token": "old", "code": CODE, **BORN}, form=address)
    assert patient.status == 409
    assert patient.has("Your words are here. Press the button again.")
    assert patient.field("code", address) == [CODE]
    assert {name: patient.field(name, address)[0] for name in BORN} == BORN
    # No try was counted, and the page is whole again.
    assert "code_refused" not in actions(app)
    patient.send(form=address)
    assert patient.status == 422
