"""The front desk helps somebody who lost their code, and reads nothing on the way."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from intake.store import responses, schema
from tests.web.browser import ANA, Patient, begun, known
from tests.web.clinic_side import ROLES, clinic_of, enter, hired, logged_in, sent, store_of
from tests.web.conftest import Clock
from tests.web.test_returning import BORN, code_of
from tests.web.test_staff import events
from tests.web.test_walk import document

ANA_TOLD = {"name": "ana nguyen", **BORN}
ALL = "/clinic/lost-code"


def looked_up(app: Flask, told: dict[str, str], *, role: str = "front_desk") -> Patient:
    desk = logged_in(app, role)
    desk.open(ALL)
    desk.send(told)
    return desk


def codes_on(page: Patient) -> str:
    return "-".join(re.findall(r'class="code-part">([0-9A-Z]{3,4})<', page.html))


def resume(app: Flask, code: str) -> Patient:
    other = Patient(app)
    other.open("/return")
    other.send({"code": code, **BORN}, form="/return")
    return other


@pytest.mark.parametrize("role", ROLES)
def test_a_new_code_is_given_out_once_and_opens_the_form(app: Flask, role: str) -> None:
    patient = known(app)
    lost = code_of(patient)
    desk = looked_up(app, ANA_TOLD, role=role)
    assert desk.has("One form fits")
    assert "555-0111" not in desk.html
    assert "O’Brien" not in desk.html
    desk.send({"checked": "yes"})
    code = codes_on(desk)
    assert desk.has("It works until March 23, 2026, with the date of birth.")
    assert resume(app, lost).status == 422
    assert resume(app, code).page == "/form/support"
    desk.open("/clinic")
    assert code not in desk.html


def test_it_is_recorded_and_the_person_sees_it(app: Flask) -> None:
    patient = known(app)
    desk = looked_up(app, ANA_TOLD)
    desk.send({"checked": "yes"})
    looked, issued = events(app)[-2:]
    assert (looked.action, looked.detail) == ("draft_looked_up", "one")
    assert issued.action == "code_issued"
    assert looked.actor == issued.actor
    assert issued.actor.startswith("staff:")
    assert looked.response_id == issued.response_id is not None
    patient.open("/form/later")
    assert patient.has("The clinic gave out a new code for this form on March 9, 2026.")
    assert codes_on(patient) == codes_on(desk)


def test_the_person_s_own_code_is_not_called_the_clinic_s(app: Flask) -> None:
    patient = known(app)
    code_of(patient)
    assert not patient.has("The clinic gave out")


def test_without_the_tick_there_is_no_code(app: Flask) -> None:
    patient = known(app)
    desk = looked_up(app, ANA_TOLD)
    desk.send()
    assert desk.status == 422
    assert desk.has("First check who is calling, then tick this box.")
    assert document(patient, app)["resume_code"] is None


def test_the_second_page_needs_the_first_one(app: Flask) -> None:
    """It is not counted, so it must not answer who has a form here."""
    patient = known(app)
    desk = looked_up(app, ANA_TOLD)
    at, posted = desk._form("new")
    for name, value in (("seal", ""), ("name", "Nguyen"), ("born_on-day", "8")):
        pairs = [(key, value if key == name else each) for key, each in posted if key != "_end"]
        desk.post(at, [*pairs, ("checked", "yes"), ("_end", "1")])
        assert desk.status == 422
        assert not codes_on(desk)
    assert document(patient, app)["resume_code"] is None


@pytest.mark.parametrize(
    "told", [{"name": "Ana Miller"}, {"born_on-day": "8"}, {"name": "Iris Example"}]
)
def test_what_does_not_fit_finds_nothing(app: Flask, told: dict[str, str]) -> None:
    known(app)
    sent(app)
    desk = looked_up(app, ANA_TOLD | told)
    assert desk.status == 422
    assert desk.has("No unsent form fits this name and this date of birth.")
    assert desk.field("name") == [(ANA_TOLD | told)["name"]]


def test_before_the_page_about_you_there_is_nothing_to_find(app: Flask) -> None:
    begun(app)
    assert looked_up(app, ANA_TOLD).has("No unsent form fits")


def test_a_changed_name_is_found_at_once(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/about-you")
    patient.go_on({"name": "Maria Miller", "born_on-day": "10"})
    desk = looked_up(app, ANA_TOLD)
    assert desk.has("No unsent form fits")
    desk.send({"name": "maria", "born_on-day": "10"})
    assert desk.has("One form fits")


def test_after_sending_there_is_nothing_to_find(app: Flask) -> None:
    patient = known(app)
    desk = looked_up(app, ANA_TOLD)
    patient.open("/form/check")
    patient.send()
    assert patient.page == "/form/sent"
    desk.send({"checked": "yes"})
    assert desk.has("No unsent form fits")


def test_of_several_the_time_or_the_phone_number_tells(app: Flask, clock: Clock) -> None:
    first = known(app)
    clock.forward(hours=2)
    second = begun(app)
    second.go_on(ANA | {"phone": "(212) 555-0199"})
    desk = looked_up(app, ANA_TOLD)
    assert desk.has("2 forms fit")
    assert desk.has("Begun Mar 9, 11:00 AM, last saved Mar 9, 11:00 AM")
    assert desk.has("Begun Mar 9, 1:00 PM, last saved Mar 9, 1:00 PM")
    desk.send({"checked": "yes"})
    assert desk.has("Choose which form it is.")
    desk.open(ALL)
    desk.send(ANA_TOLD | {"last_digits": "0111"})
    assert desk.has("One form fits")
    desk.send({"checked": "yes"})
    assert document(first, app)["resume_code"] == codes_on(desk)
    assert document(second, app)["resume_code"] is None


def test_too_many_look_ups_have_to_wait(app: Flask, clock: Clock) -> None:
    known(app)
    desk = looked_up(app, ANA_TOLD | {"name": "Zoe"})
    for _ in range(4):
        desk.send()
    desk.send(ANA_TOLD)
    assert desk.has("Too many look-ups. Wait 15 minutes, then try again.")
    clock.forward(minutes=9)
    desk.open(ALL)
    clock.forward(minutes=6)
    desk.send(ANA_TOLD)
    assert desk.has("One form fits")


def test_staff_of_another_browser_cannot_use_the_seal(app: Flask) -> None:
    known(app)
    desk = looked_up(app, ANA_TOLD)
    hired(app, "doctor")
    _, posted = desk._form("new")
    other = Patient(app)
    other.open("/clinic")
    enter(other, "doctor")
    other.open(ALL)
    token = other.field("csrf_token")[0]
    pairs = [(k, token if k == "csrf_token" else v) for k, v in posted if k != "_end"]
    other.post("/clinic/lost-code/new", [*pairs, ("checked", "yes"), ("_end", "1")])
    assert other.status == 422
    assert not codes_on(other)


def test_a_draft_of_an_earlier_version_is_found_after_its_next_save(app: Flask) -> None:
    patient = known(app)
    _forget_owner(app)
    desk = looked_up(app, ANA_TOLD)
    assert desk.has("No unsent form fits")
    patient.open("/form/ms")
    patient.go_on({"ms_doctor": "Dr. Wren"})
    desk.send()
    assert desk.has("One form fits")


def _forget_owner(app: Flask) -> None:
    """As drafts were before they could be found."""
    store = store_of(app)
    with store.write() as conn:
        id = conn.execute(select(schema.drafts.c.response_id)).scalar_one()
        conn.execute(delete(schema.name_words))
        conn.execute(update(schema.responses).values(born_on_hash=None))
    draft = responses.draft(store, clinic_of(app).id, id)
    assert draft
    old = {key: value for key, value in draft.document.items() if key != "known_as"}
    responses.save(store, draft, old, urgency="routine")
