"""A doctor asks one page again; the patient answers it by a link, and nothing else opens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake.store import asked, responses, schema
from intake.store.responses import SentResponse
from tests.web.browser import NO_SIGNS, Patient, strict
from tests.web.clinic_side import clinic_of, logged_in, sent, store_of
from tests.web.conftest import Clock
from tests.web.test_corrections import correct
from tests.web.test_staff import events

CANARY = "Quillfeather"
BORN = {"born_on-month": "8", "born_on-day": "30", "born_on-year": "1976"}


def at(reference: str) -> str:
    return f"/clinic/responses/{reference}/ask"


def ask(doctor: Patient, reference: str, step: str = "pain-sleep", text: str = "") -> str:
    """Ask a page again; the address of the link."""
    doctor.open(at(reference))
    doctor.send({"step": step, "text": text or f"How bad is it, {CANARY}?"})
    return link_on(doctor)


def link_on(page: Patient) -> str:
    found = re.search(r'href="http://localhost(/[^"]*/?q/[^"]+)"', page.html)
    assert found, page.text
    return found[1]


def opened(app: Flask, link: str, born: dict[str, str] | None = None) -> Patient:
    patient = Patient(app)
    patient.open(link)
    patient.send(born or BORN)
    return patient


def found(app: Flask, reference: str) -> SentResponse:
    again = responses.sent(store_of(app), clinic_of(app).id, reference)
    assert again
    return again


def column(app: Flask, name: str) -> Any:
    with store_of(app).read() as conn:
        return conn.execute(select(schema.responses.c[name])).scalar_one()


@pytest.fixture
def reference(app: Flask) -> str:
    return sent(app)


@pytest.fixture
def doctor(app: Flask, reference: str) -> Patient:
    return logged_in(app, "doctor")


def test_the_doctor_asks_the_patient_answers_and_version_2_is_there(
    app: Flask, doctor: Patient, reference: str
) -> None:
    link = ask(doctor, reference, "worst-place", "Did it get worse?")
    assert doctor.has("waits for the patient")
    assert column(app, "lane") == "waiting"
    patient = Patient(app)
    assert patient.open(link) == "/q"
    assert patient.has("A question for you")
    assert not patient.has("worse")
    assert patient.send(BORN) == "/q/page"
    assert patient.has("“Did it get worse?”")
    assert patient.field("main_pain") == ["3"]
    assert patient.go_on({"main_pain": "8"}) == "/q/check"
    assert patient.has("8 of 10")
    assert patient.send() == "/q/sent"
    assert patient.has("Thank you. Your answer is with the clinic.")
    again = found(app, reference)
    assert [each.kind for each in again.versions] == ["sent", "re-answered"]
    assert again.document["answers"]["main_pain"] == 8
    (told,) = again.document["re_answers"]
    assert told["question"] == "Did it get worse?"
    assert [each["key"] for each in told["changes"]] == ["main_pain"]
    assert column(app, "lane") == "new"
    doctor.open(f"/clinic/responses/{reference}")
    assert doctor.has("Answered again by the patient")
    assert doctor.has("from 3 of 10 → to 8 of 10")


def test_looking_at_the_link_changes_nothing(app: Flask, doctor: Patient, reference: str) -> None:
    link = ask(doctor, reference)
    before = events(app)
    Patient(app).open(link)
    assert events(app) == before


def test_no_other_page_opens(app: Flask, doctor: Patient, reference: str) -> None:
    patient = opened(app, ask(doctor, reference))
    for address in ("/form/check", "/form/ms", "/form/sent", "/form/copy"):
        patient.open(address)
        assert "Iris Example" not in patient.html
        assert patient.page not in {"/form/check", "/form/ms", "/form/sent"}


def test_without_the_birth_date_nothing_opens_and_five_tries_bring_a_pause(
    app: Flask, doctor: Patient, reference: str, clock: Clock
) -> None:
    link = ask(doctor, reference)
    wrong = BORN | {"born_on-day": "29"}
    said = set()
    for _ in range(5):
        patient = opened(app, link, wrong)
        assert patient.status == 422
        said.add(patient.text)
    # A right date in a pause, and a code that nobody made, are told in the same words.
    said.add(opened(app, link).text)
    assert len({each.replace("30", "29") for each in said}) == 1
    other = Patient(app)
    other.open("/q/7K3-MD4-Q9XC")
    other.send(BORN)
    assert other.text in {each.replace("29", "30") for each in said} | said
    assert other.open("/q/page") == "/q"
    clock.forward(minutes=16)
    assert opened(app, link).page == "/q/page"


def test_who_was_never_let_in_sees_no_page(app: Flask) -> None:
    for address in ("/q/page", "/q/check", "/q/care"):
        assert Patient(app).open(address) == "/q"


def test_the_code_can_be_typed(app: Flask, doctor: Patient, reference: str) -> None:
    code = ask(doctor, reference).rpartition("/")[2]
    patient = Patient(app)
    patient.open("/q")
    patient.send({"code": code.lower().replace("-", " ")} | BORN)
    assert patient.page == "/q/page"


def test_required_answers_are_asked_for(app: Flask, doctor: Patient, reference: str) -> None:
    patient = opened(app, ask(doctor, reference, "about-you"))
    patient.go_on({"name": ""})
    assert patient.status == 422
    assert patient.has("Enter your full name.")
    assert patient.open("/q/check") == "/q/page"


def test_danger_signs_show_their_cards_at_once_and_raise_the_urgency(
    app: Flask, doctor: Patient, reference: str
) -> None:
    patient = opened(app, ask(doctor, reference, "right-now"))
    assert patient.go_on(NO_SIGNS | {"now_breath_heart": "chest"}) == "/q/care"
    assert patient.has("Get help now")
    patient.open("/q/check")
    assert patient.has("Get help now")
    assert patient.send() == "/q/sent"
    again = found(app, reference)
    assert again.urgency == "emergency"
    assert column(app, "lane") == "call"
    assert {each["card"] for each in again.document["shown"]} == {"E8"}
    (screen,) = again.document["earlier_screens"]
    assert "now_breath_heart" in {row["key"] for row in screen["rows"]}
    assert again.document["screened_at"] == store_of(app).clock().isoformat()


def test_private_answers_are_never_shown_and_a_blank_keeps_them(app: Flask) -> None:
    reference = sent(app, mood_down="3", mood_interest="3")
    patient = opened(app, ask(logged_in(app, "doctor"), reference, "mood"))
    assert patient.field("mood_down") == []
    assert patient.has("What you told us before is not shown here.")
    patient.go_on({"mood_interest": "1"})
    assert patient.page == "/q/check"
    assert patient.has("Answered, not shown")
    assert not patient.has("Several days")
    patient.send()
    answers = found(app, reference).document["answers"]
    assert (answers["mood_down"], answers["mood_interest"]) == ("3", "1")


def test_follow_ups_of_the_page_work(app: Flask, doctor: Patient, reference: str) -> None:
    patient = opened(app, ask(doctor, reference, "support"))
    patient.go_on({"spoken_language": "other", "spoken_language_name": "Wolof"})
    assert patient.has("Wolof")
    patient.send()
    assert found(app, reference).document["answers"]["spoken_language_name"] == "Wolof"


def test_a_second_answer_and_a_second_tab_find_it_answered(
    app: Flask, doctor: Patient, reference: str
) -> None:
    link = ask(doctor, reference, "worst-place")
    first, second = opened(app, link), opened(app, link)
    for each in (first, second):
        each.go_on({"main_pain": "8"})
    first.send()
    second.send()
    assert second.status == 409
    assert second.has("We have your answer")
    third = opened(app, link)
    assert third.has("We have your answer")
    assert found(app, reference).version == 2


def test_of_two_tabs_the_review_shows_what_is_sent(
    app: Flask, doctor: Patient, reference: str
) -> None:
    patient = opened(app, ask(doctor, reference, "worst-place"))
    patient.go_on({"main_pain": "8"})
    review = patient.html
    patient.open("/q/page")
    patient.go_on({"main_pain": "2"})
    patient.html = review
    patient.send()
    assert patient.status == 409
    assert patient.has("An answer was changed in another window.")
    assert patient.has("2 of 10")
    assert found(app, reference).version == 1


def test_a_withdrawn_a_renewed_and_an_old_link_say_so(
    app: Flask, doctor: Patient, reference: str, clock: Clock
) -> None:
    first = ask(doctor, reference)
    waiting = opened(app, first)
    doctor.open(at(reference))
    doctor.send(form="/ask/link")
    second = link_on(doctor)
    assert opened(app, first).status == 422
    doctor.send(form="/ask/withdraw")
    assert doctor.has("taken back")
    assert column(app, "lane") == "read"
    waiting.go_on()
    assert waiting.has("This question is closed")
    assert opened(app, second).has("This question is closed")
    third = ask(doctor, reference)
    clock.forward(days=14)
    assert opened(app, third).has("This link is too old")


def test_a_correction_meanwhile_is_kept(app: Flask, doctor: Patient, reference: str) -> None:
    patient = opened(app, ask(doctor, reference, "worst-place"))
    patient.go_on({"main_pain": "8"})
    correct(doctor, reference, "phone", phone="315-555-0199")
    assert patient.send() == "/q/sent"
    again = found(app, reference)
    assert again.version == 3
    assert again.document["answers"]["phone"] == "315-555-0199"
    assert again.document["answers"]["main_pain"] == 8
    assert len(again.document["corrections"]) == 1


def test_a_question_needs_a_page_and_words(app: Flask, doctor: Patient, reference: str) -> None:
    doctor.open(at(reference))
    doctor.send({"step": "nothing", "text": " "})
    assert doctor.status == 422
    assert doctor.has("Choose the page to ask again.")
    assert doctor.has("Type the question, in plain words.")
    assert asked.current(store_of(app), clinic_of(app).id, found(app, reference).id) is None


def test_the_link_is_shown_once(app: Flask, doctor: Patient, reference: str) -> None:
    code = ask(doctor, reference).rpartition("/")[2]
    doctor.open("/clinic")
    assert code not in doctor.html
    doctor.open(f"/clinic/responses/{reference}")
    assert code not in doctor.html


def test_in_spanish(app: Flask) -> None:
    reference = sent(app, sealed={"language": "es"})
    patient = opened(app, ask(logged_in(app, "doctor"), reference, "worst-place"))
    assert 'lang="es"' in patient.html
    patient.go_on({"main_pain": "8"})
    assert patient.has("8 de 10")
    patient.send()
    row = next(
        each for each in found(app, reference).document["rows"] if each["key"] == "main_pain"
    )
    assert row["words_said"] == "8 de 10"


def test_no_word_of_it_is_logged_or_in_an_address(
    app: Flask, doctor: Patient, reference: str, logs: Any
) -> None:
    link = ask(doctor, reference, "anything-else", f"Tell us about {CANARY}")
    code = link.rpartition("/")[2]
    patient = opened(app, link)
    assert CANARY in patient.html
    patient.go_on({"anything": f"{CANARY} it is"})
    assert CANARY not in patient.url
    patient.send()
    written = logs.getvalue()
    assert written
    assert CANARY not in written
    assert code not in written
    assert all(CANARY not in str(tuple(each)) for each in events(app))


def mailed(app: Flask) -> list[Any]:
    with store_of(app).read() as conn:
        return list(conn.execute(select(schema.jobs.c.id).where(schema.jobs.c.kind == "mail")))


def allow_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the deployment can send; the mail itself is another part's work."""
    monkeypatch.setattr("intake.web.clinic.ask.sends_mail", lambda: True)


def test_the_link_is_mailed_if_the_doctor_says_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_mail(monkeypatch)
    reference = sent(app, email="iris@example.com")
    doctor = logged_in(app, "doctor")
    ask(doctor, reference)
    assert mailed(app) == []
    doctor.open(at(reference))
    doctor.send({"mail": "yes"}, form="/ask/link")
    assert len(mailed(app)) == 1
    assert doctor.has("The link goes out by e-mail in a moment.")
    assert "question_mailed" in {each.action for each in events(app)}


def test_who_is_not_safe_at_home_is_never_mailed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_mail(monkeypatch)
    reference = sent(app, email="iris@example.com", now_unsafe="yes", safe_contact="sister")
    doctor = logged_in(app, "doctor")
    doctor.open(at(reference))
    assert doctor.has("Not safe at home: the link is not mailed.")
    doctor.send({"step": "worst-place", "text": "How is it?", "mail": "yes"})
    assert link_on(doctor)
    assert mailed(app) == []


# --- A token that is no longer valid --------------------------------------------------------------


def test_words_of_a_page_that_was_open_too_long_are_still_there(
    app: Flask, doctor: Patient, reference: str
) -> None:
    patient = opened(app, ask(doctor, reference, "goals"))
    name = next(
        each.get("name") or "" for each in strict(patient.html).iter() if each.tag.endswith("area")
    )
    patient.send({"csrf_token": "old", name: CANARY}, action="continue")
    assert patient.status == 409
    assert patient.has("Your words are here. Press Continue again.")
    assert patient.field(name) == [CANARY]
    assert found(app, reference).version == 1
    assert patient.send(action="continue") == "/q/check"
    assert patient.has(CANARY)


def test_private_words_stay_nowhere(app: Flask, doctor: Patient, reference: str) -> None:
    patient = opened(app, ask(doctor, reference, "private"))
    patient.send(
        {"csrf_token": "old", "now_unsafe": "yes", "safe_contact": CANARY}, action="continue"
    )
    assert patient.status == 400
    assert CANARY not in patient.html
    assert patient.has("This page was open for a long time")
