"""What the work list and a response show, and to whom."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from intake.questionnaire.cards import CARDS
from intake.store import calls, responses
from tests.web.browser import HTML, Patient, strict
from tests.web.clinic_side import ROLES, clinic_of, enter, logged_in, sent, store_of
from tests.web.conftest import Clock

SAFE = "My sister, 315-555-0177"
MOOD = {"now_self_harm": "thoughts", "mood_interest": "3", "mood_down": "3"}
AT_HOME = {"now_unsafe": "yes", "safe_contact": SAFE, "email": "ana@example.org"}
PRIVATE_WORDS = (
    "suicid",
    "ending life",
    "ending your life",
    "better off dead",
    "PHQ-2",
    "little interest",
    "hopeless",
    "unsafe at home",
    "Abuse",
    "hurt you",
    "E7",
    "E15",
    SAFE,
)


def rows(browser: Patient) -> list[str]:
    """The words of each row of the list."""
    return [
        " ".join(" ".join(row.itertext()).split())
        for row in strict(browser.html).iter(f"{HTML}tr")
        if row.find(f"{HTML}td") is not None
    ]


def at_lane(app: Flask, role: str, lane: str = "new") -> Patient:
    """A browser at a lane of the list."""
    browser = logged_in(app, role)
    browser.open(f"/clinic?lane={lane}")
    return browser


def asks_for_a_call(app: Flask, *cards: str, urgency: str = "same_day", name: str = "Lea") -> None:
    calls.request(
        store_of(app),
        clinic_of(app).id,
        None,
        name=name,
        phone="(212) 555-0131",
        urgency=urgency,
        cards=cards,
    )


# --- The list ----------------------------------------------------------------------------------


def test_most_urgent_first_then_oldest(app: Flask, clock: Clock) -> None:
    for name, answers in (
        ("Routine Old", {}),
        ("Same Day", {"now_infection": ["fever_spasms"], "now_infection_signs": "no"}),
        ("Routine New", {}),
        ("Soon", {"now_infection": ["urine"]}),
        ("Emergency", {"now_breath_heart": ["chest"]}),
    ):
        clock.forward(minutes=10)
        sent(app, answers, name=name)
    browser = at_lane(app, "front_desk", "call")
    listed = rows(browser)
    browser.open("/clinic?lane=new")
    listed += rows(browser)
    wanted = [
        "▲▲ Emergency Why call Emergency signs: call now Person Emergency",
        "▲ Same day Why call Same-day signs: call today Person Same Day",
        "◆ Soon Why call Call within 2 working days Person Soon",
        "○ Routine Why call No danger sign: in turn Person Routine Old",
        "○ Routine Why call No danger sign: in turn Person Routine New",
    ]
    for row, words in zip(listed, wanted, strict=True):
        assert words in row


def test_a_row_tells_who_it_is_and_how_to_reach_them(app: Flask, clock: Clock) -> None:
    clock.time = datetime(2026, 3, 10, 2, 5, tzinfo=UTC)
    reference = sent(app, email="iris@example.org", other_contact="Relay 711")
    browser = at_lane(app, "front_desk")
    (row,) = rows(browser)
    for words in ("Iris Example", "born August 30, 1976", "315-555-0142", "iris@example.org"):
        assert words in row
    assert "Relay 711" in row
    assert reference in row
    # In the clinic's time zone it is still the evening before.
    assert "Mar 9, 10:05" in row
    assert 'href="tel:3155550142"' in browser.html
    assert 'href="mailto:iris@example.org"' in browser.html


def test_another_year_is_named(app: Flask, clock: Clock) -> None:
    sent(app)
    clock.forward(days=300)
    assert "Mar 9, 2026, 11:00" in rows(at_lane(app, "front_desk"))[0]


@pytest.mark.parametrize(("role", "band", "link", "pdf"), [
    ("doctor", True, True, True),
    ("admin", True, True, False),
    ("front_desk", False, False, False),
])  # fmt: skip
def test_the_band_is_for_who_sees_answers(
    app: Flask, role: str, band: bool, link: bool, pdf: bool
) -> None:
    reference = sent(app)
    browser = at_lane(app, role)
    assert browser.has("Likely candidate") is band
    assert (f'href="/clinic/responses/{reference}"' in browser.html) is link
    assert (f"/clinic/responses/{reference}/summary.pdf" in browser.html) is pdf


def test_fifty_a_page(app: Flask, clock: Clock) -> None:
    for number in range(51):
        clock.forward(seconds=1)
        sent(app, name=f"Person {number:02}")
    browser = at_lane(app, "front_desk")
    assert [f"Person {n:02}" in row for n, row in enumerate(rows(browser))] == [True] * 50
    more = next(
        link.get("href") or ""
        for link in strict(browser.html).iter(f"{HTML}a")
        if link.get("rel") == "next"
    )
    browser.open(more)
    (last,) = rows(browser)
    assert "Person 50" in last
    assert browser.has("Back to the top")
    assert 'rel="next"' not in browser.html
    # After the log-in too.
    clock.forward(minutes=10)
    assert browser.open(more) == "/clinic/log-in"
    enter(browser, "front_desk")
    assert browser.url == more


def test_exactly_fifty_have_no_next_page(app: Flask) -> None:
    for number in range(50):
        sent(app, name=f"Person {number:02}")
    assert 'rel="next"' not in at_lane(app, "front_desk").html


# --- Who asked for a call and did not send -----------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_calls_stand_first_and_say_that_nothing_was_sent(app: Flask, role: str) -> None:
    sent(app, now_breath_heart=["chest"])
    asks_for_a_call(app, "E3a")
    browser = logged_in(app, role)
    first, second = rows(browser)
    for words in ("Lea", "(212) 555-0131", "Same-day signs: call today", "Not sent"):
        assert words in first
    assert "Iris Example" in second
    assert (CARDS["E3a"].title in first) is (role != "front_desk")


ASK = "Private reason: ask a doctor to call now"


def test_a_doctor_sees_what_a_call_is_about(app: Flask) -> None:
    asks_for_a_call(app, "E7a", "E3c", urgency="emergency")
    (row,) = rows(logged_in(app, "doctor"))
    assert "Private reason: a doctor calls" in row
    assert "Call within 2 working days" in row
    assert "You may not be safe" in row
    assert "(212) 555-0131" in row


def test_a_doctor_is_told_whether_the_number_is_safe(app: Flask, clock: Clock) -> None:
    asks_for_a_call(app, "E15", "E8", urgency="emergency")
    clock.forward(minutes=1)
    draft = responses.start(store_of(app), clinic_of(app).id)
    calls.request(
        store_of(app),
        clinic_of(app).id,
        draft.id,
        name="Kim",
        phone="(212) 555-0132",
        urgency="same_day",
        cards=["E3a"],
    )
    responses.save(store_of(app), draft, {}, urgency="same_day", cards=["E3a", "E15"])
    browser = logged_in(app, "doctor")
    left_then, left_before = rows(browser)
    assert "use only this number" in left_then
    assert "may not be safe" in left_before
    front_desk = logged_in(app, "front_desk")
    assert "555-013" not in front_desk.html
    assert [ASK in row for row in rows(front_desk)] == [True, True]


@pytest.mark.parametrize("role", ["admin", "front_desk"])
def test_all_private_calls_look_alike(app: Flask, role: str) -> None:
    for cards, urgency in (
        (["E7a"], "emergency"),
        (["E7b"], "same_day"),
        (["E15"], "same_day"),
        (["E15", "E8"], "emergency"),
        (["E7b", "E3c"], "same_day"),
    ):
        asks_for_a_call(app, *cards, urgency=urgency)
    browser = logged_in(app, role)
    assert len(rows(browser)) == 5
    (row,) = set(rows(browser))
    for words in ("Urgent", ASK, "the doctor has it"):
        assert words in row
    assert "555-0131" not in browser.html


# --- Private answers ---------------------------------------------------------------------------


def everything(app: Flask, role: str, answers: dict[str, Any]) -> tuple[Patient, str]:
    """All words of the list and, where it is open, of the response."""
    reference = sent(app, answers)
    browser = logged_in(app, role)
    listed = browser.text
    browser.open("/clinic?lane=new")
    listed += browser.text
    browser.open(f"/clinic/responses/{reference}")
    return browser, f"{listed}\n{browser.text}"


@pytest.mark.parametrize("role", ["admin", "front_desk"])
@pytest.mark.parametrize(
    "answers",
    [
        MOOD,
        MOOD | {"now_self_harm": "plan"},
        AT_HOME,
        MOOD | AT_HOME,
        {"now_self_harm": "not_sure"},
    ],
    ids=["thoughts", "plan", "home", "both", "not sure"],
)
def test_mood_and_safety_are_for_doctors_only(
    app: Flask, role: str, answers: dict[str, Any]
) -> None:
    _, seen = everything(app, role, answers)
    for words in PRIVATE_WORDS:
        assert words.lower() not in seen.lower(), words
    assert "ask a doctor to call now" in seen


@pytest.mark.parametrize("role", ["admin", "front_desk"])
def test_all_private_responses_look_alike_and_stand_alike(
    app: Flask, clock: Clock, role: str
) -> None:
    private: tuple[dict[str, Any], ...] = (
        {"now_self_harm": "thoughts"},
        {"now_unsafe": "yes", "now_infection": ["fever_spasms"], "now_infection_signs": "no"},
        {"now_self_harm": "plan"},
        {"now_unsafe": "not_sure"},
    )
    for answers in private:
        clock.forward(minutes=1)
        sent(app, answers)
    clock.forward(minutes=1)
    sent(app, now_breath_heart=["chest"])
    browser = logged_in(app, role)
    *listed, last = [
        re.sub(r"[A-Z0-9]{3}-[A-Z0-9]{3}|:[0-9]{2} |[0-9]+ min ago|just now", "", row)
        for row in rows(browser)
    ]
    (row,) = set(listed)
    for words in ("Urgent", ASK, "the doctor has it"):
        assert words in row
    # First come, first there, whatever the level: the place in the list tells nothing either.
    assert "Emergency signs" in last
    assert browser.html.count("315-555-0142") == 1


def test_private_responses_look_alike_to_an_administrator(app: Flask) -> None:
    references = [
        sent(app, answers)
        for answers in (
            {"now_self_harm": "plan"},
            {"now_unsafe": "yes"},
            {"now_self_harm": "thoughts"},
        )
    ]
    browser = logged_in(app, "admin")
    pages = set()
    for reference in references:
        browser.open(f"/clinic/responses/{reference}")
        pages.add(browser.text.replace(reference, ""))
        assert "315-555-0142" not in browser.html
    (page,) = pages
    assert ASK in page


def test_a_doctor_sees_them(app: Flask) -> None:
    _, seen = everything(app, "doctor", MOOD | AT_HOME)
    for words in ("suicid", "PHQ-2", "Abuse or unsafe at home", SAFE, "private: doctors only"):
        assert words in seen


def test_no_number_is_at_hand_that_must_not_be_called(app: Flask) -> None:
    reference = sent(app, AT_HOME)
    for role in ROLES:
        browser = logged_in(app, role)
        (row,) = rows(browser)
        assert "315-555-0142" not in browser.html
        assert "ana@example.org" not in browser.html
        assert ("use only the safe number" in row) is (role == "doctor")
        assert (ASK in row) is (role != "doctor")
        browser.open(f"/clinic/responses/{reference}")
        # A doctor finds it among the answers, below the warning.
        assert browser.html.count("315-555-0142") == (1 if role == "doctor" else 0)


def test_no_safe_number_left(app: Flask) -> None:
    browser, _ = everything(app, "doctor", {"now_unsafe": "yes"})
    assert browser.has("Not safe at home, and no safe number was left.")


def test_what_is_not_private_stays_for_administrators(app: Flask) -> None:
    browser, _ = everything(app, "admin", MOOD | {"now_breath_heart": ["chest"]})
    assert browser.has(
        "a danger sign E8 (above) before all else; private reason: ask a doctor to call now"
    )
    assert browser.has("Urgent: contact now")
    assert browser.has("Your full name")


# --- A response --------------------------------------------------------------------------------


def test_a_response_shows_band_reason_bounds_and_what_is_missing(app: Flask) -> None:
    browser, _ = everything(app, "doctor", {"toxin_allergy": "not_sure"})
    assert browser.has("Checklist band: Needs assessment")
    assert browser.has("1 safety answer, named above")
    assert browser.has("down to “Not now - resolve first”, up to “Likely candidate”")
    assert browser.has("Not known, and what it could move")
    assert browser.has("I wash my palm each day")


def test_a_response_shows_the_lines_of_page_one_in_their_order(app: Flask) -> None:
    browser, _ = everything(app, "doctor", {})
    said = ["".join(each.itertext()).strip() for each in strict(browser.html).iter(f"{HTML}dt")]
    lines = ["Stops", "Allergies", "Bleeding", "Not known", "Answers"]
    lines += ["Worst place", "Goal", "Last toxin", "Filler wish"]
    assert [each for each in said if each in lines] == lines


def test_contradictions_stand_with_both_answers(app: Flask) -> None:
    browser, _ = everything(app, "doctor", {"now_medicine": ["pump"], "now_pump_signs": ["none"]})
    assert browser.has("Answers that contradict each other")
    assert browser.has("against")


def test_what_holds_comes_first(app: Flask) -> None:
    browser, _ = everything(app, "doctor", {"can_review": "no", "therapy": "not_sure"})
    marks = [
        "".join(mark.itertext())
        for rules in strict(browser.html).iter(f"{HTML}ul")
        if rules.get("class") == "rules"
        for mark in rules.iter(f"{HTML}span")
        if mark.get("class") == "mark-sign"
    ]
    assert {"●", "?", "○"} <= set(marks)
    points = section_marks(browser, "Points")
    assert points == sorted(points, key="●?○".index)
    assert "○" in points


def section_marks(browser: Patient, title: str) -> list[str]:
    """The marks of the rules under a heading."""
    for part in strict(browser.html).iter():
        children = list(part)
        for at, child in enumerate(children):
            if child.tag == f"{HTML}h3" and "".join(child.itertext()).strip() == title:
                return [
                    "".join(mark.itertext())
                    for mark in children[at + 1].iter(f"{HTML}span")
                    if mark.get("class") == "mark-sign"
                ]
    raise AssertionError(title)


def test_a_reference_may_be_typed_as_people_do(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "doctor")
    browser.open(f"/clinic/responses/{reference.lower().replace('-', '')}")
    assert browser.status == 200
    assert browser.has("Iris Example")
