"""Emergency access on the pages: who has it reads as a doctor, and administrators see it."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from intake.store import emergency, staff
from tests.web.clinic_side import clinic_of, enter, hired, logged_in, sent, store_of
from tests.web.conftest import Clock


def test_who_has_it_opens_what_doctors_open_until_it_ends(app: Flask, clock: Clock) -> None:
    reference = sent(app)
    desk = logged_in(app, "front_desk")
    page = f"/clinic/responses/{reference}"
    assert desk.client.get(f"{page}/summary.pdf").status_code == 403
    person = staff.find(store_of(app), clinic_of(app).id, "front_desk")
    assert person is not None
    emergency.grant(store_of(app), person, "The only doctor is ill", timedelta(hours=1))

    desk.open("/clinic")
    assert desk.page.endswith("/log-in")
    enter(desk, "front_desk")
    assert desk.has("You have emergency access as a doctor until")
    assert desk.client.get(f"{page}/summary.pdf").status_code == 200

    for _ in range(13):
        clock.forward(minutes=5)
        desk.client.get("/clinic")
    assert desk.client.get(f"{page}/summary.pdf").status_code == 403
    desk.open("/clinic")
    assert not desk.has("You have emergency access")


def test_administrators_see_who_has_it_and_why(app: Flask) -> None:
    boss, desk = logged_in(app, "admin"), hired(app, "front_desk")
    boss.open("/clinic/settings")
    assert boss.has("Emergency access as a doctor")
    assert not boss.has("The only doctor is ill")
    emergency.grant(store_of(app), desk, "The only doctor is ill", timedelta(hours=1))
    boss.open("/clinic/settings")
    assert boss.has("The only doctor is ill")
    assert boss.has(desk.name)
    boss.open("/clinic/accounts")
    assert boss.has("Doctor by emergency access until")
