"""Staff correct a typing error: who may, what follows, and what stays."""

from __future__ import annotations

from io import StringIO

import pytest
from flask import Flask

from intake.store import responses
from intake.store.responses import SentResponse
from tests.web.browser import Patient
from tests.web.clinic_side import clinic_of, enter, hired, logged_in, sent, store_of
from tests.web.test_staff import events

CANARY = "Quillfeather"


def found(app: Flask, reference: str) -> SentResponse:
    again = responses.sent(store_of(app), clinic_of(app).id, reference)
    assert again
    return again


def at(reference: str, key: str = "") -> str:
    return f"/clinic/responses/{reference}/correct" + (f"/{key}" if key else "")


def correct(staff: Patient, reference: str, key: str, **answers: str) -> Patient:
    """Fill in a correction, look it over and save it."""
    staff.open(at(reference, key))
    staff.send({"why": "told us on the phone"} | answers, action="preview")
    if staff.status == 200:
        staff.send(action="save")
    return staff


def test_the_front_desk_corrects_a_name_and_sees_old_and_new(app: Flask) -> None:
    reference = sent(app)
    desk = logged_in(app, "front_desk")
    desk.open(at(reference, "name"))
    assert desk.has("Stands there now Iris Example")
    desk.send({"name": f"Iris {CANARY}", "why": "misspelt"}, action="preview")
    assert desk.has(f"Name: from Iris Example → to Iris {CANARY}")
    assert desk.has("Urgency and checklist result stay as they are.")
    assert found(app, reference).version == 1
    desk.send(action="save")
    assert desk.page == at(reference)
    assert desk.has("The correction is saved.")
    assert desk.has(f"Iris {CANARY}")
    again = found(app, reference)
    assert [(each.kind, each.by) for each in again.versions] == [
        ("sent", "patient"),
        ("corrected", "staff"),
    ]
    (told,) = again.document["corrections"]
    assert told["by_name"] == "Pat Front_Desk"
    assert told["why"] == "misspelt"
    assert told["changes"] == [
        {"key": "name", "label": "Name", "old": "Iris Example", "new": f"Iris {CANARY}"}
    ]
    assert again.document["by"]["name"] == "staff"
    assert events(app)[-2].action == "response_corrected"


def test_the_doctor_reads_the_correction_on_the_page(app: Flask) -> None:
    reference = sent(app)
    doctor = correct(logged_in(app, "doctor"), reference, "main_pain", main_pain="9")
    doctor.open(f"/clinic/responses/{reference}")
    assert doctor.has("Corrected by staff")
    assert doctor.has("from 3 of 10 → to 9 of 10")
    assert doctor.has("Pat Doctor: “told us on the phone”")
    correct(doctor, reference, "main_pain", main_pain="4")
    doctor.open(f"/clinic/responses/{reference}")
    assert doctor.has("from 3 of 10 → to 9 of 10")
    assert doctor.has("from 9 of 10 → to 4 of 10")


def test_a_wrong_value_and_a_missing_reason_are_told_together(app: Flask) -> None:
    reference = sent(app)
    desk = logged_in(app, "front_desk")
    desk.open(at(reference, "phone"))
    desk.send({"phone": "12"}, action="preview")
    assert desk.status == 422
    assert desk.has("Write the phone number with digits")
    assert desk.has("Say why")
    assert desk.field("phone") == ["12"]
    desk.send({"phone": "", "why": "wrong"}, action="preview")
    assert desk.status == 422
    assert desk.has("Give us one way to reach you")
    desk.send({"phone": "315-555-0142", "why": "x"}, action="preview")
    assert desk.has("This is what stands there already.")
    assert found(app, reference).version == 1


def test_a_correction_that_changes_the_urgency_says_so_first(app: Flask) -> None:
    reference = sent(app)
    doctor = logged_in(app, "doctor")
    doctor.open(at(reference, "now_breath_heart"))
    doctor.send({"now_breath_heart": "breathing", "why": "ticked wrongly"}, action="preview")
    assert doctor.has("The urgency changes: Routine → to Emergency.")
    assert doctor.has("The checklist band changes:")
    doctor.send(action="save")
    assert found(app, reference).urgency == "emergency"


def test_the_front_desk_never_sees_a_band(app: Flask) -> None:
    reference = sent(app)
    desk = logged_in(app, "front_desk")
    desk.open(at(reference, "born_on"))
    year = {"born_on-month": "8", "born_on-day": "30", "born_on-year": "2012"}
    desk.send({"why": "wrong year"} | year, action="preview")
    assert desk.has("This changes what the checklist found. The doctor sees how.")
    assert not desk.has("band")
    desk.send(action="save")
    assert found(app, reference).document["answers"]["born_on"] == "2012-08-30"


@pytest.mark.parametrize("key", ["main_pain", "mood_down", "now_unsafe", "ms_type", "respondent"])
def test_the_front_desk_corrects_no_clinical_answer(app: Flask, key: str) -> None:
    reference = sent(app)
    desk = logged_in(app, "front_desk")
    desk.open(at(reference, key))
    assert desk.status == 404
    desk.open(at(reference))
    assert desk.has("Phone")
    assert not desk.has("Mood")
    assert not desk.has("MS")


def test_administrators_and_strangers_correct_nothing(app: Flask) -> None:
    reference = sent(app)
    admin = logged_in(app, "admin")
    admin.open(at(reference))
    assert admin.status == 403
    assert Patient(app).open(at(reference)) == "/clinic/log-in"


def test_an_unknown_response_or_key_is_not_found(app: Flask) -> None:
    doctor = logged_in(app, "doctor")
    doctor.open(at("CCC-CCC"))
    assert doctor.status == 404
    doctor.open(at(sent(app), "nothing"))
    assert doctor.status == 404


def test_a_private_correction_is_for_doctors_only(app: Flask) -> None:
    reference = sent(app)
    doctor = correct(logged_in(app, "doctor"), reference, "mood_down", mood_down="3")
    assert found(app, reference).document["answers"]["mood_down"] == "3"
    correct(doctor, reference, "phone", phone="315-555-0199")
    hired(app, "admin")
    admin = Patient(app)
    admin.open("/clinic")
    enter(admin, "admin")
    admin.open(f"/clinic/responses/{reference}")
    assert admin.has("315-555-0199")
    assert admin.html.count('class="changed"') == 1
    doctor.open(f"/clinic/responses/{reference}")
    assert doctor.html.count('class="changed"') == 2
    hired(app, "front_desk")
    desk = Patient(app)
    desk.open("/clinic")
    enter(desk, "front_desk")
    desk.open(at(reference))
    assert desk.has("Phone: from 315-555-0142 → to 315-555-0199")
    assert desk.html.count('class="changed"') == 1


def test_contacts_of_somebody_who_is_not_safe_are_not_shown_to_the_front_desk(app: Flask) -> None:
    reference = sent(app, now_unsafe="yes", safe_contact="sister")
    desk = logged_in(app, "front_desk")
    desk.open(at(reference))
    assert not desk.has("315-555-0142")
    assert desk.has("Date of birth")
    desk.open(at(reference, "phone"))
    assert desk.status == 404


def test_of_two_who_correct_at_once_the_second_is_told_and_keeps_the_words(app: Flask) -> None:
    reference = sent(app)
    desk = logged_in(app, "front_desk")
    desk.open(at(reference, "name"))
    desk.send({"name": f"Iris {CANARY}", "why": "misspelt"}, action="preview")
    hired(app, "doctor")
    doctor = Patient(app)
    doctor.open("/clinic")
    enter(doctor, "doctor")
    correct(doctor, reference, "phone", phone="315-555-0199")
    desk.send(action="save")
    assert desk.status == 409
    assert desk.field("name") == [f"Iris {CANARY}"]
    assert desk.field("why") == ["misspelt"]
    assert found(app, reference).version == 2
    desk.send(action="preview")
    desk.send(action="save")
    again = found(app, reference)
    assert again.version == 3
    assert again.document["answers"]["phone"] == "315-555-0199"
    assert len(again.document["corrections"]) == 2


def test_an_appointment_is_set_changed_and_taken_away(app: Flask) -> None:
    reference = sent(app)
    desk = logged_in(app, "front_desk")
    day = {f"appointment_on-{part}": value for part, value in (("month", "4"), ("day", "1"))}
    correct(desk, reference, "appointment_on", **day, **{"appointment_on-year": "2026"})
    assert str(found(app, reference).appointment_on) == "2026-04-01"
    assert desk.has("Appointment April 1, 2026")
    empty = dict.fromkeys((*day, "appointment_on-year"), "")
    correct(desk, reference, "appointment_on", **empty)
    assert found(app, reference).appointment_on is None
    assert desk.has("from April 1, 2026 → to blank")


def test_the_other_clinic_s_response_cannot_be_corrected(app: Flask) -> None:
    reference = sent(app)
    doctor = logged_in(app, "doctor")
    newest = found(app, reference)
    doctor.open(at(reference, "name").replace(reference, reference[::-1]))
    assert doctor.status == 404
    assert found(app, reference) == newest


def test_no_corrected_word_is_logged(app: Flask, logs: StringIO) -> None:
    reference = sent(app)
    correct(logged_in(app, "front_desk"), reference, "name", name=f"Iris {CANARY}")
    assert CANARY not in logs.getvalue()
    assert all(CANARY not in str(tuple(each)) for each in events(app))
