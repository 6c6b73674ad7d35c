"""Invitations: handed over by staff, opened by patients with the date of birth, silent in logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from intake import create_app
from intake.store import invitations, jobs, responses, schema
from intake.store.invitations import Invitation
from intake.web import work
from tests.web.browser import IN_PRIVATE, NO_SIGNS, SELF, Patient, strict, text_of
from tests.web.clinic_side import IRIS, clinic_of, hired, invited, logged_in, store_of
from tests.web.conftest import Clock
from tests.web.test_mailing import mails
from tests.web.test_staff import actions, events

BORN = {"born_on-month": "4", "born_on-day": "5", "born_on-year": "1971"}
WRONG = BORN | {"born_on-day": "6"}
REFUSED = "This code and this date of birth open no form."


@pytest.fixture
def posting(instance: Path, clock: Clock, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """As every application here, but it writes mail into a folder."""
    app = create_app(instance, environ={"INTAKE_MAIL": "folder"}, clock=clock)
    app.jinja_env.bytecode_cache = compiled
    yield app
    app.extensions["store"].engine.dispose()


def at_the_door(app: Flask, invitation: Invitation) -> Patient:
    """Somebody who has opened the link."""
    patient = Patient(app)
    patient.open(f"/i/{invitation.code}")
    return patient


def come_in(app: Flask, invitation: Invitation) -> Patient:
    patient = at_the_door(app, invitation)
    patient.send(BORN, form="/i")
    return patient


def state(app: Flask, invitation: Invitation) -> str:
    found = invitations.get(store_of(app), invitation.clinic_id, invitation.id)
    assert found
    return found.state


def rows_of(app: Flask) -> str:
    """Everything that the database holds, to see that nothing changes."""
    with store_of(app).read() as conn:
        return str([conn.execute(table.select()).all() for table in schema.metadata.sorted_tables])


# --- The patient -------------------------------------------------------------------------------


def test_looking_changes_nothing_and_leaves_a_clean_address(app: Flask) -> None:
    invitation = invited(app)
    before = rows_of(app)
    patient = at_the_door(app, invitation)
    assert patient.url == "/i"
    assert patient.field("code") == [invitation.code]
    assert patient.has("invites you to fill in a form before your visit")
    assert "Iris" not in patient.html
    patient.open("/i")
    assert rows_of(app) == before


def test_the_page_asks_for_nothing_from_elsewhere(app: Flask) -> None:
    patient = at_the_door(app, invited(app))
    for element in strict(patient.html).iter():
        for name in ("src", "href", "action"):
            target = element.get(name) or ""
            assert target.startswith(("/", "#", "tel:")) or not target, target


def test_the_date_of_birth_begins_the_form_with_what_the_clinic_knows(app: Flask) -> None:
    invitation = invited(app, appointment_on=date(2026, 4, 1))
    patient = come_in(app, invitation)
    assert patient.url == "/"
    assert state(app, invitation) == "opened"
    patient.go_on(SELF)
    assert state(app, invitation) == "started"
    patient.go_on(NO_SIGNS)
    assert patient.page == "/form/about-you"
    assert patient.has("The clinic filled in a part of this page for you.")
    assert patient.field("name") == ["Iris Example"]
    assert patient.field("born_on-year") == ["1971"]
    with store_of(app).read() as conn:
        row = conn.execute(schema.responses.select()).one()
    assert row.appointment_on == date(2026, 4, 1)


def test_what_staff_filled_in_is_theirs_until_it_is_read_over(app: Flask) -> None:
    invitation = invited(app)
    patient = come_in(app, invitation)
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS)
    assert document_of(app, invitation)["by"]["name"] == "staff"
    assert document_of(app, invitation)["by"]["respondent"] == "patient"
    patient.go_on({"phone": "(212) 555-0111"})
    by = document_of(app, invitation)["by"]
    assert {by["name"], by["born_on"], by["phone"]} == {"patient"}
    patient.open("/form/about-you")
    assert not patient.has("The clinic filled in a part")


def test_a_wrong_name_is_corrected(app: Flask) -> None:
    invitation = invited(app)
    patient = come_in(app, invitation)
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS)
    patient.go_on({"name": "Iris Sample", "phone": "(212) 555-0111"})
    document = document_of(app, invitation)
    assert (document["answers"]["name"], document["by"]["name"]) == ("Iris Sample", "patient")


def document_of(app: Flask, invitation: Invitation) -> dict[str, dict[str, str]]:
    found = invitations.get(store_of(app), invitation.clinic_id, invitation.id)
    assert found
    assert found.response_id
    draft = responses.draft(store_of(app), found.clinic_id, found.response_id)
    assert draft
    return draft.document


def test_the_same_link_goes_on_from_another_device(app: Flask) -> None:
    invitation = invited(app)
    first = come_in(app, invitation)
    first.go_on(SELF)
    first.go_on(NO_SIGNS)
    second = come_in(app, invitation)
    assert second.page == "/form/about-you"


def test_two_devices_that_start_at_once_have_one_form(app: Flask) -> None:
    invitation = invited(app)
    doors = [at_the_door(app, invitation) for _ in range(3)]
    together = Barrier(len(doors))

    def enter(patient: Patient) -> None:
        together.wait()
        patient.send(BORN, form="/i")

    threads = [Thread(target=enter, args=[patient]) for patient in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [patient.page for patient in doors] == ["/"] * 3
    with store_of(app).read() as conn:
        assert len(conn.execute(schema.responses.select()).all()) == 1


def test_wrong_unknown_and_paused_look_the_same(app: Flask, clock: Clock) -> None:
    invitation = invited(app)
    patient = at_the_door(app, invitation)
    told = []
    tries = [(invitation.code, WRONG)] * 5 + [(invitation.code, BORN), ("333-333-3333", BORN)]
    for code, born in tries:
        patient.open("/i")
        patient.send({"code": code, **born}, form="/i")
        assert patient.status == 422
        told.append(re.sub(r'value="[^"]*"', "", patient.html))
    assert len(set(told)) == 1
    assert REFUSED in text_of(patient.html)
    clock.forward(minutes=15)
    patient.open("/i")
    patient.send({"code": invitation.code, **BORN}, form="/i")
    assert patient.page == "/"


def test_a_blank_code_and_a_blank_date_are_named(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/i")
    patient.send({}, form="/i")
    assert patient.status == 422
    assert patient.has("Type the code from your card, letter or e-mail.")
    assert patient.has("Enter the date of birth with month, day and year.")


def test_after_sending_the_link_says_so_and_opens_nothing(app: Flask) -> None:
    invitation = invited(app)
    patient = come_in(app, invitation)
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS)
    patient.go_on({"phone": "(212) 555-0111"})
    patient.open("/form/check")
    patient.send(form="/form/check")
    assert patient.page == "/form/sent"
    assert state(app, invitation) == "sent"
    later = come_in(app, invitation)
    assert later.status == 409
    assert later.has("This form is sent already")
    assert later.open("/form/about-you") == "/return"


@pytest.mark.parametrize("why", ["expired", "void"])
def test_a_link_that_is_over_says_whom_to_call(app: Flask, clock: Clock, why: str) -> None:
    invitation = invited(app)
    if why == "void":
        invitations.withdraw(store_of(app), invitation.clinic_id, invitation.id, by="staff:x")
    else:
        clock.forward(days=61)
    patient = come_in(app, invitation)
    assert patient.status == 409
    assert patient.has("This link does not work any more")
    assert patient.has("Call us at (212) 555-0142")
    # Who does not know the birth date learns nothing of that.
    stranger = at_the_door(app, invitation)
    stranger.send(WRONG, form="/i")
    assert stranger.has(REFUSED)


def test_spanish_from_the_first_page_on(app: Flask) -> None:
    invitation = invited(app, replace(IRIS, language="es"))
    patient = Patient(app)
    patient.open(invitation.link.removeprefix("http://localhost"))
    assert patient.has("Su formulario antes de la visita")
    patient.send(BORN, form="/i")
    assert '<html lang="es"' in patient.html
    assert document_of(app, invitation)["answers"]["spoken_language"] == "es"


def test_display_buttons_keep_what_was_typed(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/i")
    patient.send({"code": "7K3MD", "born_on-year": "19"}, action="look-text-large")
    assert (patient.field("code"), patient.field("born_on-year")) == (["7K3MD"], ["19"])
    assert "error" not in patient.text.lower()


def test_the_code_stands_in_no_log(app: Flask, logs: StringIO) -> None:
    invitation = invited(app)
    come_in(app, invitation)
    wrong = at_the_door(app, invitation)
    wrong.send(WRONG, form="/i")
    assert "patient.by_link" in logs.getvalue()
    for word in (invitation.code, invitation.code.replace("-", ""), "Iris", "1971"):
        assert word not in logs.getvalue()


def test_another_clinic_does_not_know_the_code(two_clinics: Flask) -> None:
    invitation = invited(two_clinics, clinic="birch-road")
    patient = at_the_door(two_clinics, invitation)
    patient.send(BORN, form="/i")
    assert patient.has(REFUSED)
    there = Patient(two_clinics)
    there.open(f"/c/birch-road/i/{invitation.code}")
    there.send(BORN, form="/i")
    assert there.page == "/c/birch-road/"


# --- Staff -------------------------------------------------------------------------------------

NEW = {
    "name": "Iris Example",
    **BORN,
    "appointment_on-month": "4",
    "appointment_on-day": "1",
    "appointment_on-year": "2026",
    "email": "iris@example.com",
    "language": "es",
}


def made(app: Flask, **more: str) -> Patient:
    browser = logged_in(app, "front_desk")
    browser.open("/clinic/invitations/new")
    browser.send(NEW | more, form="/new")
    return browser


def only(app: Flask) -> Invitation:
    (found,) = invitations.listed(store_of(app), clinic_of(app).id)
    return found


def test_the_front_desk_makes_a_link_and_sees_three_ways(app: Flask) -> None:
    browser = made(app)
    invitation = only(app)
    assert browser.page == f"/clinic/invitations/{invitation.id}"
    assert invitation.guest == replace(IRIS, language="es")
    assert invitation.appointment_on == date(2026, 4, 1)
    assert invitation.home == "http://localhost/i"
    for words in ("This server sends no e-mail", "Card to print", "localhost/i", "Not opened yet"):
        assert browser.has(words)
    assert "invitation_made" in actions(app)
    assert "invitation_read" in actions(app)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": ""}, "Type the name."),
        ({"born_on-year": ""}, "year"),
        ({"appointment_on-year": "2025"}, "today or later"),
        ({"appointment_on-day": "31"}, "does not exist in that month"),
        ({"email": "iris@example"}, "name@example.com"),
        ({"language": ""}, "Choose the language."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_made(
    app: Flask, given: dict[str, str], told: str
) -> None:
    browser = made(app, **given)
    assert browser.status == 422
    assert browser.has(told)
    assert 'value="Iris Example"' in browser.html or given == {"name": ""}
    assert invitations.listed(store_of(app), clinic_of(app).id) == []


def test_without_appointment_and_mail(app: Flask) -> None:
    blank = {"appointment_on-month": "", "appointment_on-day": "", "appointment_on-year": ""}
    browser = made(app, email="", **blank)
    assert only(app).appointment_on is None
    assert browser.has("No e-mail address was given.")


def test_the_card_speaks_the_language_of_the_person_and_says_nothing_of_health(
    app: Flask,
) -> None:
    browser = made(app)
    invitation = only(app)
    browser.open(f"/clinic/invitations/{invitation.id}/card")
    assert '<html lang="es"' in browser.html
    card = text_of(browser.html, "page")
    for part in invitation.code.split("-"):
        assert part in card
    assert "Un formulario antes de su visita" in card
    assert "Alder Lane Clinic" in card
    assert 'class="qr"' in browser.html
    assert not re.search("(?i)spast|toxin|escleros|sclerosis|botul", card)
    # Staff pages stay English.
    browser.open("/clinic/invitations")
    assert '<html lang="en"' in browser.html


def test_a_new_link_and_withdrawing(app: Flask) -> None:
    browser = made(app)
    old = only(app)
    browser.send({}, form="/link")
    new = only(app)
    assert browser.page == f"/clinic/invitations/{new.id}"
    assert browser.has("The old one opens nothing any more.")
    assert state(app, old) == "void"
    browser.send({}, form="/withdraw")
    assert browser.has("The link is void and opens nothing.")
    assert state(app, new) == "void"
    browser.open(f"/clinic/invitations/{new.id}/card")
    assert browser.page == f"/clinic/invitations/{new.id}"


def test_the_list_by_state_and_by_birth_date(app: Flask) -> None:
    browser = made(app)
    assert browser.open("/clinic/invitations") == "/clinic/invitations"
    assert browser.has("Iris Example")
    browser.open("/clinic/invitations?state=sent")
    assert not browser.has("Iris Example")
    browser.send({"born_on": "1971-04-05"}, form="/find")
    assert browser.has("Iris Example")
    assert "1971" not in browser.url
    browser.open("/clinic/invitations")
    browser.send({"born_on": "1971-04-06"}, form="/find")
    assert browser.has("No invitation here.")
    assert "invitations_read" in actions(app)
    browser.open("/clinic/invitations?state=lost")
    assert browser.status == 404


def test_pages_of_the_list(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "PAGE", 2)
    for number in range(3):
        invited(app, replace(IRIS, name=f"Guest {number}"))
    browser = logged_in(app, "front_desk")
    browser.open("/clinic/invitations")
    first = {f"Guest {number}" for number in range(3) if browser.has(f"Guest {number}")}
    following = re.search(r'href="([^"]*after=[^"]*)"', browser.html)
    assert following
    browser.open(following[1].replace("&amp;", "&"))
    second = {f"Guest {number}" for number in range(3) if browser.has(f"Guest {number}")}
    assert (len(first), len(second)) == (2, 1)
    assert first | second == {"Guest 0", "Guest 1", "Guest 2"}


def test_a_neighbour_finds_nothing(two_clinics: Flask) -> None:
    invitation = invited(two_clinics)
    browser = logged_in(two_clinics, "doctor", clinic="birch-road")
    for tail in ("", "/card"):
        browser.open(f"/c/birch-road/clinic/invitations/{invitation.id}{tail}")
        assert browser.status == 404
    browser.open("/c/birch-road/clinic/invitations")
    assert not browser.has("Iris Example")
    browser.send({"born_on": "1971-04-05"}, form="/find")
    assert not browser.has("Iris Example")
    browser.open("/c/birch-road/clinic/invitations/new")
    browser.send({"name": "Bo", **BORN, "language": "en"}, form="/new")
    (own,) = invitations.listed(store_of(two_clinics), clinic_of(two_clinics, "birch-road").id)
    assert own.home == "http://localhost/c/birch-road/i"


# --- Mail --------------------------------------------------------------------------------------


def test_the_mail_holds_the_link_and_nothing_of_the_person(posting: Flask) -> None:
    browser = made(posting)
    invitation = only(posting)
    browser.send({}, form="/mail")
    assert browser.has("The e-mail will be sent within a minute.")
    assert mails(posting) == []
    work.run_due(posting)
    (mail,) = mails(posting)
    body = mail.get_content()
    assert invitation.link in body
    assert invitation.stop_link in body
    assert invitation.code in body
    assert mail["Subject"] == "Un formulario antes de su visita"
    assert mail["From"].addresses[0].display_name == "Alder Lane Clinic"
    assert mail["List-Unsubscribe"] == f"<{invitation.one_click_link}>"
    whole = mail.as_string() + body
    assert not re.search("(?i)iris|1971|spast|toxin|escleros|botul", whole.replace(IRIS.email, ""))
    assert "invitation_mailed" in actions(posting)


def test_the_page_tells_of_a_mail_that_waits_and_of_one_that_failed(posting: Flask) -> None:
    browser = made(posting)
    folder = Path(posting.instance_path) / "mail"
    folder.write_text("in the way")
    browser.send({}, form="/mail")
    assert browser.has("It waits to be sent.")
    job = jobs.take(store_of(posting))
    assert job
    jobs.fail(store_of(posting), job, "address", for_good=True)
    browser.open(f"/clinic/invitations/{only(posting).id}")
    assert browser.has("It could not be sent: give the card or read it aloud.")
    folder.unlink()
    browser.send({}, form="/mail")
    work.run_due(posting)
    assert len(mails(posting)) == 1


def test_three_mails_a_day(posting: Flask) -> None:
    browser = made(posting)
    for _ in range(3):
        browser.send({}, form="/mail")
    work.run_due(posting)
    assert len(mails(posting)) == 3
    browser.send({}, form="/mail")
    assert browser.status == 422
    assert browser.has("No more e-mails to this address today.")


def test_audit_rows_hold_ids_and_fixed_words(app: Flask) -> None:
    invitation = invited(app)
    come_in(app, invitation)
    hired(app, "doctor")
    told = str([tuple(event) for event in events(app)])
    for word in ("Iris", "1971", "example", invitation.code):
        assert word not in told


def test_private_answers_are_asked_as_ever(app: Flask) -> None:
    patient = come_in(app, invited(app))
    patient.go_on(IN_PRIVATE)
    assert patient.page == "/form/right-now"


def test_who_began_the_form_alone_holds_its_link(app: Flask) -> None:
    """The clinic knows the birth date too: with the code it could read the answers."""
    made = invited(app)
    come_in(app, made)
    desk = logged_in(app, "front_desk")
    desk.open(f"/clinic/invitations/{made.id}")
    assert desk.has("the link is theirs alone")
    for page in ("", "/card"):
        assert made.code not in desk.client.get(f"/clinic/invitations/{made.id}{page}").text
    token = desk.field("csrf_token")[0]
    desk.post(f"/clinic/invitations/{made.id}/link", [("csrf_token", token), ("_end", "1")])
    assert state(app, made) == "opened"
