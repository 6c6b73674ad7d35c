"""Nothing is lost: what is saved while it is typed, and what waits behind the lock."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake.questionnaire import STEPS
from intake.store import schema
from tests.web.browser import (
    ANA,
    BORN,
    IN_PRIVATE,
    NO_SIGNS,
    SELF,
    Patient,
    Values,
    begun,
    known,
    ready,
    unlock,
)
from tests.web.conftest import Clock
from tests.web.test_returning import code_of
from tests.web.test_walk import BOTH, document

STORY = "/form/anything-else"
CHEST = {"now_breath_heart": "chest"}


class Form:
    """A page that stays open in a window while it saves itself."""

    def __init__(self, patient: Patient, url: str) -> None:
        patient.open(url)
        self.patient, self.url = patient, url
        self.at, self.pairs = patient._form("")
        self.seq = 0

    def save(self, answers: Values, *, seq: int | None = None, **more: str) -> int:
        """Save by itself, as the script does; the status."""
        self.seq += 1
        data = self._data(answers, seq or self.seq) | more
        path, _, _query = self.at.partition("?")
        return self.patient.client.post(f"{path}/save", data=data | {"_end": "1"}).status_code

    def press(self, answers: Values, action: str = "continue") -> str:
        """Press a button; where that leads."""
        self.seq += 1
        data = self._data(answers, self.seq)
        pairs = [(name, each) for name, values in data.items() for each in _list(values)]
        return self.patient.post(self.at, [*pairs, ("_end", "1"), ("action", action)])

    def _data(self, answers: Values, seq: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for name, value in self.pairs:
            if name != "_end" and name not in answers:
                data.setdefault(name, []).append(value)
        return data | dict(answers) | {"seq": str(seq)}


def _list(values: Any) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def story(patient: Patient, app: Flask) -> object:
    return document(patient, app)["answers"].get("anything_else")


def told(words: str) -> dict[str, str]:
    return {"anything_else": words}


# --- Writer, count and what was seen -----------------------------------------------------------


def test_what_is_typed_is_stored_and_nothing_else_happens(app: Flask) -> None:
    patient = known(app)
    before = document(patient, app)
    assert Form(patient, STORY).save(told("half a sent")) == 204
    after = document(patient, app)
    assert after["answers"]["anything_else"] == "half a sent"
    for key in ("visited", "shown", "care", "screened_at", "earlier_screens", "typed"):
        assert after[key] == before[key], key


def test_what_is_malformed_waits_as_it_was_typed(app: Flask) -> None:
    patient = begun(app)
    form = Form(patient, "/form/about-you")
    assert form.save({"name": "Zoë", "born_on-year": "75"}) == 204
    patient.open("/form/about-you")
    assert patient.field("name") == ["Zoë"]
    assert patient.field("born_on-year") == ["75"]


@pytest.mark.parametrize("late", [1, 2])
def test_late_and_repeated_saves_of_a_form_change_nothing(app: Flask, late: int) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    form.save(told("one"), seq=1)
    form.save(told("one two"), seq=2)
    assert form.save(told("late"), seq=late) == 204
    assert story(patient, app) == "one two"
    assert form.save(told("one two three"), seq=3) == 204
    assert story(patient, app) == "one two three"


def test_a_save_that_comes_after_its_button_changes_nothing(app: Flask) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    form.seq = 5
    form.press(told("said with the button"))
    assert form.save(told("typed before it"), seq=4) == 204
    assert story(patient, app) == "said with the button"


@pytest.mark.parametrize("action", ["continue", "back", "later"])
def test_ones_own_saves_are_no_other_window(app: Flask, action: str) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    form.save(told("one"))
    form.press(told("two"), action)
    assert patient.status == 200
    assert story(patient, app) == "two"


def test_another_window_is_not_overwritten_until_somebody_says_so(app: Flask) -> None:
    patient = known(app)
    first, second = Form(patient, STORY), Form(patient, STORY)
    assert first.save(told("first")) == 204
    assert second.save(told("second")) == 409
    assert story(patient, app) == "first"
    # Two windows that say the same are no matter.
    assert second.save(told("first")) == 204
    assert first.save(told("first, more")) == 409
    second.press(told("second"))
    assert first.press(told("first, more")) == STORY
    assert patient.status == 409
    assert patient.field("anything_else") == ["first, more"]
    assert patient.go_on() == "/form/check"
    assert story(patient, app) == "first, more"


def test_a_page_that_saw_what_is_stored_may_go_on(app: Flask) -> None:
    patient = known(app)
    Form(patient, STORY).save(told("before the break"))
    assert Form(patient, STORY).save(told("after it")) == 204
    assert story(patient, app) == "after it"


@pytest.mark.parametrize("writer", ["", "x", "é" * 16, "a" * 17])
def test_a_form_without_a_name_of_ours_is_an_unknown_window(app: Flask, writer: str) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    assert form.save(told("one"), writer=writer) == 204
    assert form.save(told("two"), writer=writer) == 409
    assert document(patient, app)["writers"].get("anything-else") is None


@pytest.mark.parametrize("seq", ["", "-1", "x", "9" * 7])
def test_a_count_that_is_none_is_no_count(app: Flask, seq: str) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    assert form.patient.client.post(
        f"{STORY}/save", data=form._data(told("one"), 1) | {"seq": seq, "_end": "1"}
    ).status_code in {204}
    assert "anything-else" not in document(patient, app)["writers"]


def test_errors_give_the_same_form_back(app: Flask) -> None:
    patient = begun(app, htmx=True)
    form = Form(patient, "/form/about-you")
    form.press({"name": "Zoë"})
    assert patient.status == 422
    assert patient.field("writer") == [value for name, value in form.pairs if name == "writer"]
    # What was still on its way then is no other window.
    assert form.save({"name": "Zoë"}) == 204
    assert patient.go_on(ANA) == "/form/support"


@BOTH
def test_a_second_press_skips_no_page(app: Flask, htmx: bool) -> None:
    patient = known(app, htmx=htmx)
    while patient.page != "/form/check":
        patient.go_on()
    form = Form(patient, "/form/where?check=1")
    for _ in range(2):
        assert form.press({"places": ["left_elbow"]}) == "/form/left-arm"


def test_saving_hides_no_page_that_opens(app: Flask) -> None:
    patient = known(app)
    while patient.page != "/form/check":
        patient.go_on()
    form = Form(patient, "/form/where?check=1")
    assert form.save({"places": ["left_elbow"]}) == 204
    assert form.press({"places": ["left_elbow"]}) == "/form/left-arm"


def test_no_line_of_the_audit_trail_for_keystrokes(app: Flask) -> None:
    patient = known(app)
    form = Form(patient, STORY)

    def lines() -> int:
        with app.extensions["store"].read() as conn:
            return len(conn.execute(select(schema.audit_events.c.id)).all())

    before = lines()
    form.save(told("one"))
    assert lines() == before
    form.press(told("two"))
    assert lines() == before + 1


# --- Where nothing saves itself ----------------------------------------------------------------

PRIVATE = [
    step.slug
    for step in STEPS
    if step.private or any(question.private for question in step.questions)
]


@pytest.mark.parametrize("slug", [*PRIVATE, "start", "nothing"])
def test_private_pages_and_the_first_one_do_not_save_themselves(app: Flask, slug: str) -> None:
    patient = begun(app, start=IN_PRIVATE)
    token = patient.field("csrf_token")[0]
    data = {"csrf_token": token, "now_unsafe": "yes", "respondent": "carer", "_end": "1"}
    before = document(patient, app)
    assert patient.client.post(f"/form/{slug}/save", data=data).status_code == 404
    assert document(patient, app) == before
    if slug != "nothing":
        patient.open(f"/form/{slug}")
        assert "data-save=" not in patient.html


def test_without_a_session_or_token_nothing_is_stored(app: Flask) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    assert form.save(told("one"), csrf_token="old") == 403
    assert story(patient, app) is None
    patient.client.delete_cookie("intake")
    assert form.save(told("one")) == 403


def test_a_page_off_the_path_takes_nothing(app: Flask) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    form.at = "/form/pump"
    assert form.save({"pump": "yes"}) == 204
    assert document(patient, app)["writers"].keys().isdisjoint({"pump"})


# --- Danger signs ------------------------------------------------------------------------------


def old_screen(app: Flask, clock: Clock) -> Patient:
    patient = ready(app)
    clock.forward(hours=13)
    unlock(patient)
    return patient


def test_old_danger_signs_are_set_aside_once(app: Flask, clock: Clock) -> None:
    patient = old_screen(app, clock)
    form = Form(patient, "/form/right-now")
    assert form.save({}) == 204
    assert document(patient, app)["earlier_screens"] == []
    assert document(patient, app)["answers"]["now_skin"] == ["none"]
    assert form.save({"now_skin": "sore"}) == 204
    assert form.save({"now_skin": "sore", "now_skin_signs": "none"}) == 204
    form.press(NO_SIGNS)
    stored = document(patient, app)
    (earlier,) = stored["earlier_screens"]
    assert earlier["answers"]["now_skin"] == ["none"]
    assert stored["answers"]["now_skin"] == ["none"]
    assert stored["screened_at"] == clock().isoformat()


def test_danger_signs_that_were_only_typed_do_not_open_what_follows(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    form = Form(patient, "/form/right-now")
    assert form.save(NO_SIGNS | CHEST | {"now_breath_heart_signs": "none"}) == 204
    for page in ("about-you", "check"):
        assert patient.open(f"/form/{page}") == "/form/right-now"
    assert form.press(NO_SIGNS | CHEST) == "/form/care"


def changed_after_screening(app: Flask) -> Patient:
    patient = known(app)
    form = Form(patient, "/form/right-now")
    assert form.save(NO_SIGNS | CHEST) == 204
    stored = document(patient, app)
    assert stored["care"] is None
    assert stored["shown"] == []
    return patient


def test_unseen_advice_comes_first_with_the_code(app: Flask) -> None:
    patient = known(app)
    code = code_of(patient)
    Form(patient, "/form/right-now").save(NO_SIGNS | CHEST)
    other = Patient(app)
    other.open("/return")
    assert other.send({"code": code, **BORN}, form="/return") == "/form/care"
    assert other.has("Chest pain")
    assert not other.has("You told us this before.")
    assert [each["card"] for each in document(other, app)["shown"]] == ["E8"]


def test_unseen_advice_comes_first_from_the_first_page(app: Flask) -> None:
    patient = changed_after_screening(app)
    patient.open("/")
    assert patient.send(form="/return/here") == "/form/care"
    assert patient.send(action="go") == "/form/support"


def test_unseen_advice_comes_first_behind_the_lock(app: Flask, clock: Clock) -> None:
    patient = changed_after_screening(app)
    clock.forward(hours=1)
    assert unlock(patient) == "/form/care"
    assert patient.has("Chest pain")


# --- The lock ----------------------------------------------------------------------------------


@pytest.fixture
def lying(app: Flask, clock: Clock) -> Patient:
    """Somebody's form an hour after its last touch, on the page for a long story."""
    patient = known(app)
    patient.open(STORY)
    clock.forward(hours=1)
    return patient


@pytest.mark.parametrize("page", ["about-you", "check", "later", "care?again=1", "stop", "locked"])
def test_a_locked_form_shows_nothing(lying: Patient, page: str) -> None:
    assert lying.open(f"/form/{page}") == "/form/locked"
    assert ANA["name"] not in lying.html
    assert lying.has("Your form is locked")


def test_the_right_date_leads_back_to_the_page(lying: Patient) -> None:
    lying.open("/form/where?check=1")
    lying.send(BORN, form="/locked")
    assert lying.url == "/form/where?check=1"


def test_a_touch_puts_the_lock_off(app: Flask, clock: Clock) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    for minutes in (59, 59):
        clock.forward(minutes=minutes)
        assert form.save(told(str(minutes))) == 204
    clock.forward(minutes=59)
    at, pairs = patient._form("stay")
    reply = patient.client.post(at, data=dict(pairs))
    assert (reply.status_code, reply.headers["Locks-In"]) == (204, "3600")
    clock.forward(minutes=59)
    assert patient.open(STORY) == STORY
    clock.forward(minutes=60)
    reply = patient.client.post(at, data=dict(pairs))
    assert reply.headers["Location"] == "/form/locked"


def test_looking_at_the_lock_does_not_open_it(lying: Patient, clock: Clock) -> None:
    for _ in range(3):
        clock.forward(minutes=5)
        assert lying.open("/form/locked") == "/form/locked"
        assert lying.open(STORY) == "/form/locked"


@BOTH
@pytest.mark.parametrize("action", ["continue", "back", "later"])
def test_words_sent_to_a_locked_form_are_kept(
    app: Flask, clock: Clock, htmx: bool, action: str
) -> None:
    patient = known(app, htmx=htmx)
    patient.open(STORY)
    clock.forward(hours=2)
    assert patient.send(told("typed in bed"), action=action) == "/form/locked"
    assert not patient.has("typed in bed")
    assert story(patient, app) == "typed in bed"
    assert "anything-else" not in document(patient, app)["visited"]
    assert patient.send(BORN, form="/locked") == STORY
    assert patient.field("anything_else") == ["typed in bed"]


def test_words_saved_to_a_locked_form_are_kept_and_do_not_open_it(app: Flask, clock: Clock) -> None:
    patient = known(app)
    form = Form(patient, STORY)
    clock.forward(hours=1)
    assert form.save(told("typed in bed")) == 303
    assert patient.open(STORY) == "/form/locked"
    # Last, because looking into the store like this is a touch.
    assert story(patient, app) == "typed in bed"


@pytest.mark.parametrize("by", ["button", "itself"])
def test_words_of_two_windows_are_both_kept_behind_the_lock(
    app: Flask, clock: Clock, by: str
) -> None:
    patient = known(app)
    first, second = Form(patient, STORY), Form(patient, STORY)
    first.save(told("first"))
    clock.forward(hours=1)
    if by == "button":
        assert second.press(told("second")) == "/form/locked"
    else:
        assert second.save(told("second")) == 303
    assert story(patient, app) == "first"
    assert document(patient, app)["typed"]["anything-else"] == {"anything_else": ["second"]}


def test_five_wrong_dates_and_then_a_pause(lying: Patient, clock: Clock) -> None:
    lying.open("/form/locked")
    said = set()
    for _ in range(5):
        lying.send(BORN | {"born_on-day": "10"}, form="/locked")
        assert lying.status == 422
        said.add(lying.text)
    # In the pause the right date is refused in the same words.
    lying.send(BORN | {"born_on-day": "10"}, form="/locked")
    said.add(lying.text)
    lying.send(BORN, form="/locked")
    assert lying.status == 422
    assert lying.has("That date does not open this form.")
    assert len(said) == 1
    clock.forward(minutes=15)
    lying.send(BORN, form="/locked")
    assert lying.page != "/form/locked"


def test_a_right_date_forgives_the_wrong_ones(lying: Patient, clock: Clock) -> None:
    for _ in range(2):
        lying.open("/form/locked")
        for _ in range(4):
            lying.send(BORN | {"born_on-day": "10"}, form="/locked")
        assert lying.send(BORN, form="/locked") != "/form/locked"
        clock.forward(hours=1)


def test_very_many_wrong_dates_close_the_form_here(lying: Patient, clock: Clock) -> None:
    lying.open("/form/locked")
    at, pairs = lying._form("/locked")
    data = dict(pairs) | BORN | {"born_on-day": "10"}
    for _ in range(10):
        for _ in range(5):
            lying.client.post(at, data=data)
        clock.forward(minutes=15)
    assert lying.open("/form/locked") == "/return"


def test_a_date_that_is_none_is_no_try(lying: Patient) -> None:
    lying.open("/form/locked")
    for _ in range(6):
        lying.send({"born_on-month": "13"}, form="/locked")
        assert lying.has("The month must be from 1 to 12.")
    assert lying.send(BORN, form="/locked") != "/form/locked"


def test_without_a_known_date_one_button_goes_on(app: Flask, clock: Clock) -> None:
    patient = begun(app)
    clock.forward(hours=1)
    assert patient.open("/form/about-you") == "/form/locked"
    assert "born_on" not in patient.html
    assert patient.send(form="/locked") == "/form/about-you"


def test_a_quick_leave_stays_one(lying: Patient) -> None:
    lying.open("/kitchen-measures")
    assert lying.open(STORY) == "/return"
    assert lying.send(form="/return/here") == "/form/locked"
    assert lying.send(BORN, form="/locked") == "/form/support"


def test_somebody_else_may_begin_beside_a_locked_form(app: Flask, lying: Patient) -> None:
    lying.open("/")
    assert lying.has("A form is open on this device.")
    assert lying.field("respondent") == []
    assert lying.go_on({**SELF, "respondent": "carer"}) == "/form/right-now"
    assert "name" not in document(lying, app)["answers"]


def test_a_sent_form_is_locked_too(app: Flask, clock: Clock) -> None:
    patient = ready(app)
    assert patient.send() == "/form/sent"
    clock.forward(hours=1)
    assert patient.open("/form/sent") == "/form/locked"
    assert patient.send(BORN, form="/locked") == "/form/sent"
    clock.forward(hours=1)
    patient.open("/form/sent")
    patient.send(form="/finish")
    assert patient.page == "/finished"


def test_a_number_left_at_a_locked_form_is_kept(app: Flask, clock: Clock) -> None:
    from intake.store import calls

    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    assert patient.go_on(NO_SIGNS | CHEST) == "/form/care"
    clock.forward(hours=1)
    given = {"call_name": "Zoë", "call_phone": "(212) 555-0111"}
    assert patient.send(given, form="call") == "/form/locked"
    assert len(calls.open(app.extensions["store"], app.extensions["default_clinic"].id)) == 1


def test_pages_say_when_they_lock(app: Flask, clock: Clock) -> None:
    patient = known(app)
    assert 'data-lock="3600"' in patient.html
    patient.open("/kitchen-measures")
    assert "data-lock" not in patient.html
    assert 'id="idle"' not in Patient(app).html
