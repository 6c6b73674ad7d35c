"""Several clinics on one site: each under its own address, each with its own drafts."""

from __future__ import annotations

from flask import Flask

from intake.store import work_list
from tests.web.browser import ANA, NO_SIGNS, SELF, Patient
from tests.web.clinic_side import logged_in


def test_a_whole_journey_stays_at_its_clinic(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/birch-road/")
    assert "Birch Road" in patient.html
    for answers in (SELF, NO_SIGNS, ANA):
        patient.go_on(answers)
        assert patient.page.startswith("/c/birch-road/form/")
    patient.open("/c/birch-road/form/check")
    assert patient.send() == "/c/birch-road/form/sent"
    store = two_clinics.extensions["store"]
    wanted = work_list.Wanted("new", store.clock().date())
    assert len(work_list.references(store, 2, wanted)) == 1
    assert work_list.references(store, 1, wanted) == []


def test_a_draft_of_one_clinic_is_not_open_at_another(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/birch-road/")
    patient.go_on(SELF)
    assert patient.open("/form/right-now") == "/return"
    assert patient.open("/c/birch-road/form/right-now") == "/c/birch-road/form/right-now"


def test_an_unknown_clinic_is_not_there(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/nowhere/")
    assert patient.status == 404


def test_the_way_back_leads_to_the_same_clinic(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/birch-road/")
    for answers in (SELF, NO_SIGNS, ANA):
        patient.go_on(answers)
    patient.open("/c/birch-road/form/later")
    patient.send()
    patient.open("/c/birch-road/form/later/card")
    assert patient.has("localhost/c/birch-road/return")
    for slug, told in (("", "No unsent form fits"), ("birch-road", "One form fits")):
        desk = logged_in(two_clinics, "front_desk", clinic=slug)
        desk.open(f"{f'/c/{slug}' if slug else ''}/clinic/lost-code")
        desk.send({key: ANA[key] for key in ANA if key != "phone"})
        assert desk.has(told)


def test_the_look_of_a_page_is_set_at_its_own_clinic(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/birch-road/")
    patient.go_on(SELF)
    assert patient.send(action="look-text-large") == "/c/birch-road/form/right-now"
    patient.open("/c/birch-road/finished")
    assert patient.send(action="look-theme-dark", form="/display") == "/c/birch-road/finished"
    assert 'data-text="large" data-theme="dark"' in patient.html
    patient.send(action="look-all", form="/display")
    assert patient.page == "/c/birch-road/display"
    assert patient.has("Display")
    assert 'href="/c/birch-road/accessibility"' in patient.html
