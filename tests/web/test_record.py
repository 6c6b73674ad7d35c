"""What staff do with a response from its page, and who reads which words of it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from intake.store import calls, entries, record, responses, schema
from intake.store.record import Decision, Plan
from tests.unit.report.given import on_one_line, text_of
from tests.unit.store.given import correction
from tests.web.browser import HTML, Patient, strict
from tests.web.clinic_side import ROLES, clinic_of, hired, logged_in, sent, store_of
from tests.web.conftest import Clock
from tests.web.test_staff_list import rows

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
    assert browser.page == f"/clinic/list/{reference}"
    assert browser.has("Where it stands Needs a call today")
    browser.send({"outcome": "reached", "note": CALLED}, form="/call")
    browser.open(f"/clinic/responses/{reference}")
    assert browser.has("Where it stands New")
    assert browser.has(CALLED)
    assert done(app, reference)[0].kind == "called"


@pytest.mark.parametrize(("role", "form"), [("admin", "/assignment"), ("front_desk", "/assign")])
def test_it_is_given_to_somebody(app: Flask, role: str, form: str) -> None:
    reference, doctor = sent(app), hired(app, "doctor", username="other")
    browser = opened(app, role, reference)
    browser.send({"to": doctor.id}, form=form)
    browser.open(f"/clinic/responses/{reference}")
    assert browser.has("Who has it Pat Doctor")
    assert browser.has(f"Pat {role.title()} gave it to Pat Doctor")
    browser.send({"to": "nobody"}, form=form)
    assert browser.status == 422
    assert browser.text.count("This person cannot log in any more.") == 2
    browser.send({"to": ""}, form=form)
    browser.open(f"/clinic/responses/{reference}")
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


@pytest.mark.parametrize("kind", ["thoughts", "home", "draft", "asked"])
@pytest.mark.parametrize("role", ROLES)
def test_nobody_but_a_doctor_calls_about_a_private_sign(app: Flask, role: str, kind: str) -> None:
    key, number = private_row(app, kind)
    is_doctor = role == "doctor"
    browser = logged_in(app, role)
    browser.open(f"/clinic/list/{key}")
    assert browser.has("the doctor has it") is not is_doctor
    assert (number in browser.html) is (is_doctor and kind != "home")
    assert browser.has("Log a call") is is_doctor
    assert browser.has("Done without a call") is (is_doctor and kind in {"draft", "asked"})
    for act, typed in (
        ("call", [("outcome", "reached")]),
        ("move", [("to", "done"), ("from", "call")]),
    ):
        token = ("csrf_token", browser.field("csrf_token")[0])
        browser.post(f"/clinic/list/{key}/{act}", [token, *typed, ("_end", "1")])
        if not is_doctor:
            assert browser.status == (403 if act == "call" else 400 if kind in PRIVATE else 409)
            browser.open("/clinic")
            assert len(rows(browser)) == 1
        elif act == "call":
            assert browser.has("The call is logged: reached.")
    if kind in PRIVATE:
        token = ("csrf_token", browser.field("csrf_token")[0])
        browser.post(f"/clinic/responses/{key}/calls", [token, ("outcome", "other"), ("_end", "1")])
        assert len(done(app, key)) == (2 if is_doctor else 0)


def private_row(app: Flask, kind: str) -> tuple[str, str]:
    """A row about a private sign, and the number at which its person could be called."""
    number = "315-555-0142"
    if kind in PRIVATE:
        return sent(app, PRIVATE[kind], phone=number), number
    store, here = store_of(app), clinic_of(app).id
    if kind == "asked":
        calls.request(
            store, here, None, name="Lea", phone=number, urgency="same_day", cards=["E15"]
        )
    else:
        answers = {"respondent": "self", "name": "Lea Unsent", "phone": number}
        responses.save(
            store,
            responses.start(store, here),
            {"answers": answers},
            urgency="emergency",
            cards=["E7b"],
            reachable=True,
        )
    return calls.open(store, here)[0].id, number


SAFE_AT = "Not safe at home. Use only the number and time left as safe: “315-555-0177”"
OUTPUTS = {"": "do not use", "/print": "DO NOT USE", "/summary.pdf": "DO NOT USE"}


@pytest.mark.parametrize("path", OUTPUTS)
def test_every_output_warns_of_the_number_of_who_is_not_safe_at_home(app: Flask, path: str) -> None:
    reference = sent(app, PRIVATE["home"], phone="315-555-0142")
    doctor = logged_in(app, "doctor")
    reply = doctor.client.get(f"/clinic/responses/{reference}{path}")
    if path.endswith("pdf"):
        words = on_one_line(text_of(reply.data))
    else:
        words = on_one_line(unescape(re.sub("<[^>]+>", "", reply.get_data(as_text=True))))
    assert SAFE_AT in words
    assert words.count("315-555-0142") == 1
    (before,) = re.findall(r"(.{160})315-555-0142", words)
    assert f"({OUTPUTS[path]}: not safe at home)" in before


def test_an_administrator_learns_of_no_sign_of_a_version_before(app: Flask) -> None:
    reference = sent(app)
    was = responses.sent(store_of(app), clinic_of(app).id, reference)
    assert was
    made = correction(was.document | {"earlier_private": ["E15"]}, private=True)
    responses.amend(store_of(app), clinic_of(app).id, was, made)
    admin = logged_in(app, "admin")
    admin.open(f"/clinic/responses/{reference}")
    assert admin.status == 200
    assert "afe at home" not in admin.html
    assert "315-555" not in admin.html


def test_what_does_not_open_is_for_a_doctor_to_call_about(app: Flask) -> None:
    reference = sent(app)
    with store_of(app).write() as conn:
        # There is no such version.
        conn.execute(update(schema.responses).values(version=2))
    browser = logged_in(app, "front_desk")
    browser.open(f"/clinic/list/{reference}")
    assert browser.has("Cannot be opened")
    assert not browser.has("Log a call")


def test_a_button_pressed_twice_keeps_one_note_and_one_call(app: Flask, clock: Clock) -> None:
    reference = sent(app, SOON)
    browser = opened(app, "doctor", reference)
    at, token = f"/clinic/responses/{reference}", ("csrf_token", browser.field("csrf_token")[0])
    acts = {
        "noted": (f"{at}/notes", [token, ("note", NOTE), ("_end", "1")]),
        "called": (f"{at}/calls", [token, ("outcome", "other"), ("call-note", ""), ("_end", "1")]),
    }
    for kind, (address, typed) in acts.items():
        for _twice in range(2):
            browser.post(address, typed)
            assert browser.has("is kept.")
        assert [each.kind for each in done(app, reference)].count(kind) == 1
    for address, typed in acts.values():
        browser.post(address, typed)
    clock.forward(minutes=1.5)
    browser.post(*acts["called"])
    assert [each.kind for each in done(app, reference)] == [*acts, *acts, "called"]


def test_a_call_about_who_did_not_send_is_kept_once(app: Flask) -> None:
    store, here = store_of(app), clinic_of(app).id
    draft = responses.start(store, here)
    told = {"answers": {"respondent": "self", "name": "Lea", "phone": "315-555-0142"}}
    responses.save(store, draft, told, urgency="same_day", cards=["E3a"], reachable=True)
    key = calls.open(store, here)[0].id
    browser = logged_in(app, "front_desk")
    browser.open(f"/clinic/list/{key}")
    token = ("csrf_token", browser.field("csrf_token")[0])
    for outcome, kept in (("no_answer", 1), ("no_answer", 1), ("reached", 2), ("reached", 2)):
        browser.post(f"/clinic/list/{key}/call", [token, ("outcome", outcome), ("_end", "1")])
        assert len(entries.of(store, here, draft.id)) == kept
    assert calls.open(store, here) == []
    calls.reopen(store, here, key, by="system")
    browser.post(f"/clinic/list/{key}/call", [token, ("outcome", "reached"), ("_end", "1")])
    assert calls.open(store, here) == []


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
