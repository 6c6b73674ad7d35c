"""What staff do with a response from its page, and who reads which words of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from intake.store import entries, record, responses
from intake.store.record import Decision, Plan
from tests.web.browser import HTML, Patient, strict
from tests.web.clinic_side import ROLES, clinic_of, hired, logged_in, sent, store_of

NOTE, WHY, CALLED, PLANNED = "Zyznote", "Zyzreason", "Zyzcall", "Zyzplan"
SOON = {"now_infection": ["urine"]}
OTHERWISE = {"urgency": "same_day", "band": "ASSESS", "reason": WHY, "action": "decide"}


def opened(app: Flask, role: str, reference: str) -> Patient:
    browser = logged_in(app, role)
    browser.open(f"/clinic/responses/{reference}")
    return browser


def done(app: Flask, reference: str) -> list[entries.Entry]:
    found = responses.sent(store_of(app), clinic_of(app).id, reference)
    assert found is not None
    return entries.of(store_of(app), clinic_of(app).id, found.id)


def everything_done(app: Flask, reference: str) -> None:
    """A doctor reads, decides, notes, calls and plans."""
    store, here = store_of(app), clinic_of(app).id
    doctor = hired(app, "doctor", username="other")
    found = responses.sent(store, here, reference)
    assert found is not None
    record.mark_read(store, here, found.id, 1, by=doctor, today=store.clock().date())
    record.add_note(store, here, found.id, NOTE, by=doctor)
    record.log_call(store, here, found.id, "no_answer", CALLED, by=doctor)
    for act in ("decide", "plan"):
        state = record.state(store, here, found.id)
        assert state is not None
        if act == "decide":
            decision = Decision("same_day", "ASSESS", WHY)
            record.decide(store, here, found, decision, state.seen, by=doctor)
        else:
            planned = Plan("book", note=PLANNED)
            today = store.clock().date()
            record.plan(store, here, found.id, planned, state.seen, by=doctor, today=today)


def is_open(browser: Patient, action: str) -> bool:
    """Whether the form with this end of its address stands open."""
    return any(
        part.get("open") is not None
        for part in strict(browser.html).iter(f"{HTML}details")
        for form in part.iter(f"{HTML}form")
        if (form.get("action") or "").endswith(action)
    )


# --- A doctor -----------------------------------------------------------------------------------


def test_a_doctor_reads_decides_plans_and_takes_it_back(app: Flask) -> None:
    reference = sent(app, SOON)
    browser = opened(app, "doctor", reference)
    assert browser.has("Where it stands New")
    browser.send(form="/read")
    assert browser.has("Marked as read.")
    assert browser.has("Where it stands Read")
    browser.send(OTHERWISE, form="/decision")
    assert browser.has("A doctor decided otherwise: Same day; Needs assessment")
    assert browser.has("The checklist says: Soon.")
    assert browser.has("Checklist band: Not now - resolve first")
    assert browser.has("Where it stands Needs a call today")
    browser.send({"plan": "not_now", "until": "2026-04-01", "plan-note": PLANNED}, form="/plan")
    assert browser.has("Where it stands Put off until April 1, 2026")
    browser.send(form="/back")
    assert browser.has("Where it stands Read")
    assert [each.kind for each in done(app, reference)] == ["read", "decided", "planned", "moved"]
    for words in (WHY, PLANNED, "Pat Doctor marked it as read", "moved it back to “Read”"):
        assert browser.has(words)
    assert "Mark as read" not in browser.text


def test_agreeing_is_one_press(app: Flask) -> None:
    reference = sent(app, SOON)
    browser = opened(app, "doctor", reference)
    browser.post(
        f"/clinic/responses/{reference}/decision",
        [
            ("csrf_token", browser.field("csrf_token")[0]),
            ("seen", browser.field("seen")[0]),
            ("action", "agree"),
            ("_end", "1"),
        ],
    )
    assert browser.has("A doctor agrees with the checklist.")
    assert browser.has("agrees with the checklist: Soon; Not now - resolve first")


@pytest.mark.parametrize(("form", "typed", "said"), [
    ("/decision", OTHERWISE | {"reason": " "}, "Give the reason, as this differs"),
    ("/decision", OTHERWISE | {"band": "GREAT"}, "Choose a band."),
    ("/notes", {"note": " "}, "Type the note."),
    ("/notes", {"note": "x" * 4001}, "This is too long"),
    ("/notes", {"note": "a\u202eb"}, "Some characters cannot be kept."),
    ("/calls", {"outcome": "", "call-note": CALLED}, "Choose how the call went."),
    ("/plan", {"plan": "", "plan-note": PLANNED}, "Choose what happens next."),
    ("/plan", {"plan": "not_now", "until": "2026-03-09"}, "Enter a day that is still to come."),
    ("/plan", {"plan": "not_now", "until": "soon"}, "Enter a day that is still to come."),
])  # fmt: skip
def test_what_is_wrong_is_said_and_no_word_is_lost(
    app: Flask, form: str, typed: dict[str, str], said: str
) -> None:
    reference = sent(app, SOON)
    browser = opened(app, "doctor", reference)
    browser.send(typed, form=form)
    assert browser.status == 422
    assert browser.text.count(said) == 2
    assert is_open(browser, form)
    assert done(app, reference) == []
    for words in (CALLED, PLANNED):
        assert (words in browser.text) is (words in typed.values())


def test_a_page_that_is_old_changes_nothing_and_keeps_the_words(app: Flask) -> None:
    reference = sent(app, SOON)
    browser = opened(app, "doctor", reference)
    everything_done(app, reference)
    for form, typed in (
        ("/decision", OTHERWISE | {"reason": "My own view"}),
        ("/plan", {"plan": "refer", "plan-note": "My own plan"}),
    ):
        browser.open(f"/clinic/responses/{reference}")
        stale = [("seen", "1.0.0"), ("csrf_token", browser.field("csrf_token")[0])]
        browser.post(
            f"/clinic/responses/{reference}{form}", [*stale, *typed.items(), ("_end", "1")]
        )
        assert browser.status == 409
        assert browser.has("Nothing was saved: this response has changed")
        assert browser.has("Pat Doctor plans: Book a visit")
        assert browser.has("My own")
        assert is_open(browser, form)
    assert len(done(app, reference)) == 5


def test_a_decision_says_on_which_version_it_was_made(app: Flask) -> None:
    reference = sent(app, SOON)
    everything_done(app, reference)
    found = responses.sent(store_of(app), 1, reference)
    assert found is not None
    amendment = responses.Amendment(
        "corrected", "staff", "staff:" + "a" * 32, found.document, {"changes": [], "why": "typed"}
    )
    responses.amend(store_of(app), 1, found, amendment)
    browser = opened(app, "doctor", reference)
    assert browser.has("decided on version 1; this is version 2")
    assert browser.has(WHY)


def test_every_rule_opens_its_sources(app: Flask) -> None:
    browser = opened(app, "doctor", sent(app, toxin_allergy="not_sure"))
    assert browser.has("A23 contraindications: allergy to a component")
    assert browser.has("S1 BOTOX (onabotulinumtoxinA) US prescribing information")


# --- Who reads what -----------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "read"), [
    ("doctor", {NOTE, WHY, CALLED, PLANNED, "noted", "Needs assessment"}),
    ("admin", {"noted", "Needs assessment"}),
    ("front_desk", set()),
])  # fmt: skip
def test_what_doctors_wrote_is_for_doctors(app: Flask, role: str, read: set[str]) -> None:
    reference = sent(app, SOON)
    everything_done(app, reference)
    browser = opened(app, role, reference)
    for words in (NOTE, WHY, CALLED, PLANNED, "noted", "Needs assessment"):
        assert (words in browser.html) is (words in read), words
    assert browser.has("called: no answer")
    assert browser.has("plans: Book a visit")
    assert browser.has("Same day")


def test_the_front_desk_has_no_answer_and_no_band(app: Flask) -> None:
    reference = sent(app, SOON | {"now_words": NOTE, "other_contact": "Relay 711"})
    browser = opened(app, "front_desk", reference)
    for words in ("Iris Example", "315-555-0142", "Relay 711", "Call within 2 working days"):
        assert browser.has(words)
    for words in (NOTE, "urine", "Not now", "band", "K-D", "points", "wrist", "finger", "MS"):
        assert words not in browser.text, words


def test_the_front_desk_logs_a_call_and_reads_its_own_note(app: Flask) -> None:
    reference = sent(app, {"now_breath_heart": ["chest"]})
    browser = opened(app, "front_desk", reference)
    assert browser.has("Where it stands Needs a call today")
    browser.send({"outcome": "reached", "call-note": CALLED}, form="/calls")
    assert browser.has("Where it stands New")
    assert browser.has(CALLED)
    assert done(app, reference)[0].kind == "called"


def test_it_is_given_to_somebody(app: Flask) -> None:
    reference, doctor = sent(app), hired(app, "doctor", username="other")
    browser = opened(app, "front_desk", reference)
    browser.send({"to": doctor.id}, form="/assignment")
    assert browser.has("Who has it Pat Doctor")
    assert browser.has("Pat Front_Desk gave it to Pat Doctor")
    browser.send({"to": "nobody"}, form="/assignment")
    assert browser.status == 422
    browser.send({"to": ""}, form="/assignment")
    assert browser.has("Who has it nobody")


PRIVATE: dict[str, dict[str, Any]] = {
    "thoughts": {"now_self_harm": "thoughts"},
    "home": {"now_unsafe": "yes", "safe_contact": "315-555-0177"},
}


@pytest.mark.parametrize("role", ["admin", "front_desk"])
def test_a_decision_on_a_private_sign_tells_nothing(app: Flask, role: str) -> None:
    told = set()
    browser, doctor = logged_in(app, role), hired(app, "doctor", username="other")
    for answers, urgency in ((PRIVATE["thoughts"], "emergency"), (PRIVATE["home"], "soon")):
        reference = sent(app, answers)
        found = responses.sent(store_of(app), 1, reference)
        assert found is not None
        state = record.state(store_of(app), 1, found.id)
        assert state is not None
        decision = Decision(urgency, "URGENT", WHY)
        record.decide(store_of(app), 1, found, decision, state.seen, by=doctor)
        browser.open(f"/clinic/responses/{reference}")
        assert browser.has("looked at the result and decided")
        assert WHY not in browser.html
        assert "315-555" not in browser.html
        told.add(browser.text.replace(reference, ""))
    assert len(told) == 1


def test_nobody_but_a_doctor_logs_a_call_about_a_private_sign(app: Flask) -> None:
    reference = sent(app, PRIVATE["home"])
    browser = opened(app, "front_desk", reference)
    assert browser.has("the doctor has it")
    assert "Log a call" not in browser.text
    token = ("csrf_token", browser.field("csrf_token")[0])
    browser.post(
        f"/clinic/responses/{reference}/calls", [token, ("outcome", "reached"), ("_end", "1")]
    )
    assert browser.status == 403
    assert done(app, reference) == []


@pytest.mark.parametrize("role", ROLES)
def test_words_are_escaped(app: Flask, role: str) -> None:
    script = '"><script>alert(1)</script>'
    reference = sent(app, SOON, name=script)
    store, by = store_of(app), hired(app, "front_desk", username="other")
    found = responses.sent(store, 1, reference)
    assert found is not None
    record.add_note(store, 1, found.id, script, by=by)
    record.log_call(store, 1, found.id, "other", script, by=by)
    state = record.state(store, 1, found.id)
    assert state is not None
    decision = Decision("emergency", "ASSESS", script)
    record.decide(store, 1, found, decision, state.seen, by=by)
    browser = opened(app, role, reference)
    assert script not in browser.html
    assert browser.text.count(script) == {"doctor": 6, "admin": 2, "front_desk": 2}[role]
