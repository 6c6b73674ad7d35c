"""A doctor asks, the patient answers on a phone without scripts; a name is corrected; compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect

from intake.store import asked, persons, responses
from tests.e2e.conftest import Visitor, VisitorMaker, serving
from tests.e2e.test_staff import APPS, clinic_app, log_in
from tests.web.clinic_side import clinic_of, hired, sent, store_of

__all__ = ["clinic_app"]

WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}


@pytest.fixture(scope="module")
def site(clinic_app: Flask) -> Iterator[str]:
    for role in ("doctor", "front_desk"):
        hired(clinic_app, role)
    with serving(clinic_app) as address:
        APPS[address] = clinic_app
        yield address


def is_fine(visitor: Visitor) -> None:
    assert visitor.axe() == []
    assert visitor.overflow() == 0


def test_a_question_goes_to_a_phone_without_scripts_and_comes_back(
    clinic_app: Flask, visit: VisitorMaker
) -> None:
    reference = sent(clinic_app, name="Ada Asked")
    doctor = visit(**WIDE)
    log_in(doctor, "doctor")
    doctor.open(f"/clinic/responses/{reference}/ask")
    doctor.page.select_option("#step", "worst-place")
    doctor.page.fill("#text", "You told us of more pain. How strong is it now?")
    is_fine(doctor)
    doctor.go_on(button="Ask, and make the link")
    is_fine(doctor)
    link = doctor.page.locator(".link-box .link a").get_attribute("href")
    assert link
    patient = visit(**PHONE)
    patient.page.goto(link)
    assert patient.path == "/q"
    assert patient.overflow() == 0
    for part, value in (("month", "8"), ("day", "30"), ("year", "1976")):
        patient.page.fill(f"#born_on-{part}", value)
    patient.go_on("/q/page", button="Open the question")
    assert patient.overflow() == 0
    patient.page.check("#main_pain-8")
    patient.go_on("/q/check")
    expect(patient.page.get_by_text("8 of 10")).to_be_visible()
    assert patient.overflow() == 0
    patient.go_on("/q/sent", button="Send to the clinic")
    doctor.open(f"/clinic/responses/{reference}")
    expect(doctor.page.get_by_text("Answered again by the patient")).to_be_visible()
    expect(doctor.page.locator(".changed")).to_contain_text(re.compile("3 of 10.*8 of 10", re.S))


def test_the_patient_s_pages_are_accessible(clinic_app: Flask, visit: VisitorMaker) -> None:
    reference = sent(clinic_app, name="Bea Asked")
    found = responses.sent(store_of(clinic_app), clinic_of(clinic_app).id, reference)
    assert found
    code = asked.ask(
        store_of(clinic_app),
        clinic_of(clinic_app).id,
        found,
        step="right-now",
        text="How are you today?",
        by="system",
        by_name="Dr. Hill",
    )
    patient = visit(viewport=PHONE["viewport"])
    patient.open(f"/q/{code}")
    is_fine(patient)
    for part, value in (("month", "8"), ("day", "30"), ("year", "1976")):
        patient.page.fill(f"#born_on-{part}", value)
    patient.go_on("/q/page", button="Open the question")
    is_fine(patient)
    patient.page.uncheck("#now_breath_heart-none")
    patient.page.check("#now_breath_heart-chest")
    patient.go_on("/q/care")
    is_fine(patient)
    patient.page.get_by_role("link", name="Continue", exact=True).click()
    patient.page.wait_for_url("**/q/check")
    is_fine(patient)
    patient.go_on("/q/sent", button="Send to the clinic")
    is_fine(patient)
    patient.open(f"/q/{code}")
    for part, value in (("month", "8"), ("day", "30"), ("year", "1976")):
        patient.page.fill(f"#born_on-{part}", value)
    patient.go_on(button="Open the question")
    expect(patient.page.get_by_role("heading", name="We have your answer")).to_be_visible()
    is_fine(patient)


def test_a_corrected_name_is_found_and_the_old_one_is_not(
    clinic_app: Flask, visit: VisitorMaker
) -> None:
    reference = sent(clinic_app, name="Zelda Mistyped")
    desk = visit(**WIDE)
    log_in(desk, "front_desk")
    desk.open(f"/clinic/responses/{reference}/correct")
    is_fine(desk)
    desk.page.locator("a[href$='/correct/name']").click()
    is_fine(desk)
    desk.page.fill("#name", "Zelda Rightwell")
    desk.page.fill("#why", "misread the handwriting")
    desk.go_on(button="Go on")
    is_fine(desk)
    desk.go_on(button="Save the correction")
    expect(desk.page.get_by_text("The correction is saved.")).to_be_visible()
    is_fine(desk)
    for name, count in (("Rightwell", 1), ("Mistyped", 0)):
        desk.open("/clinic")
        desk.page.locator("form.find input[type=search]").fill(name)
        desk.page.locator("form.find button[type=submit]").first.click()
        expect(desk.page.locator("tr", has_text="Zelda")).to_have_count(count)


def test_then_and_now(clinic_app: Flask, visit: VisitorMaker) -> None:
    store, clinic = store_of(clinic_app), clinic_of(clinic_app)
    first = sent(clinic_app, name="Cora Twice", main_pain=3)
    second = sent(clinic_app, name="Cora Twice", main_pain=8, places=["left_fingers"])
    doctor = visit(**WIDE)
    log_in(doctor, "doctor")
    doctor.open(f"/clinic/responses/{second}/earlier")
    is_fine(doctor)
    one, other = (responses.sent(store, clinic.id, each) for each in (second, first))
    assert one
    assert other
    persons.match(store, clinic.id, one, other, by="system", by_name="Pat")
    doctor.open(f"/clinic/responses/{second}/earlier/{first}")
    is_fine(doctor)
    expect(doctor.page.get_by_text("3 → 8 of 10")).to_be_visible()
    doctor.page.set_viewport_size({"width": 390, "height": 844})
    is_fine(doctor)
