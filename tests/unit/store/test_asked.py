"""A page is asked again by a link of its own: opened with the date of birth, answered once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import select

from intake.store import QuestionClosed, StaleResponse, asked, entries, responses, schema
from intake.store.responses import Amendment
from tests.unit.store.given import (
    BORN_ON,
    CLINIC,
    OTHER_CLINIC,
    STAFF,
    correction,
    note_work,
    sent_once,
)

ANSWER = Amendment(
    "re-answered", "patient", "patient", {"a": 2}, {"step": "ms"}, lane=lambda _: "new"
)
THREADS = 8


def ask(store, found, text="Since when?"):
    return asked.ask(store, CLINIC, found, step="ms", text=text, by=STAFF, by_name="Dr. Hill")


def opened(store, code, born_on=BORN_ON, clinic=CLINIC):
    return asked.open_question(store, clinic, code, born_on)


def newest(store, found):
    again = responses.sent(store, CLINIC, found.reference)
    assert again
    return again


def latest(store, found):
    question = asked.current(store, CLINIC, found.id)
    assert question
    return question


def row_of(store, found):
    with store.read() as conn:
        table = schema.responses
        return conn.execute(select(table).where(table.c.id == found.id)).one()


def actions(store):
    with store.read() as conn:
        table = schema.audit_events.c
        return list(conn.execute(select(table.action).order_by(table.id)).scalars())


@pytest.fixture
def found(store):
    return sent_once(store)


def test_code_and_birth_date_open_the_question(store, found, clock):
    code = ask(store, found)
    question = opened(store, code.lower().replace("-", " "))
    assert question == latest(store, found)
    assert (question.step, question.text, question.state) == ("ms", "Since when?", asked.OPEN)
    assert question.reference == found.reference
    assert question.until == clock() + asked.LIFE
    assert asked.get(store, CLINIC, question.id) == question
    assert asked.get(store, OTHER_CLINIC, question.id) is None
    assert row_of(store, found).lane == "waiting"
    (entry,) = entries.of(store, CLINIC, found.id)
    assert entry.kind == "asked"
    assert entry.document["question_id"] == question.id
    assert actions(store)[-2:] == ["question_asked", "question_opened"]


def test_the_code_stands_nowhere(store, found):
    code = ask(store, found)
    with store.read() as conn:
        row = conn.execute(select(schema.questions_asked)).one()
    kept = b"".join(bytes(each) for each in row if isinstance(each, bytes))
    assert code.replace("-", "").encode() not in kept
    assert b"Since when" not in kept


def test_a_wrong_date_code_or_clinic_opens_nothing_after_the_same_work(store, found, monkeypatch):
    code = ask(store, found)
    work = note_work(monkeypatch, store)
    for tried in (
        (code, date(1971, 4, 6)),
        ("7K3-MD4-Q9XC", BORN_ON),
        ("nothing", BORN_ON),
        (code, BORN_ON, OTHER_CLINIC),
    ):
        work.clear()
        assert opened(store, *tried) is None
        assert work == ["write"]
    assert actions(store)[-1] == "question_refused"


def test_five_wrong_tries_bring_a_pause_that_ends(store, found, clock):
    code = ask(store, found)
    for _ in range(5):
        assert opened(store, code, date(1971, 4, 6)) is None
    assert opened(store, code) is None
    clock.advance(minutes=16)
    assert opened(store, code) is not None


def test_after_very_many_wrong_tries_the_link_is_void(store, found, clock):
    code = ask(store, found)
    for _ in range(50):
        assert opened(store, code, date(1971, 4, 6)) is None
        clock.advance(minutes=16)
    assert opened(store, code).state == asked.VOID


def test_it_is_answered_once(store, found):
    code = ask(store, found)
    question = opened(store, code)
    assert asked.answer(store, CLINIC, question, found, ANSWER) == 2
    again = newest(store, found)
    assert again.document == {"a": 2}
    assert row_of(store, found).lane == "new"
    assert opened(store, code).state == asked.ANSWERED
    with pytest.raises(QuestionClosed):
        asked.answer(store, CLINIC, question, again, ANSWER)
    assert newest(store, found).version == 2


def test_of_many_answers_at_once_one_counts(store, found):
    question = opened(store, ask(store, found))
    gate = Barrier(THREADS)

    def send(_):
        gate.wait(timeout=30)
        try:
            return asked.answer(store, CLINIC, question, found, ANSWER)
        except QuestionClosed:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(send, range(THREADS)))
    assert sorted(each for each in made if each) == [2]


def test_an_answer_to_an_old_version_leaves_the_question_open(store, found):
    question = opened(store, ask(store, found))
    responses.amend(store, CLINIC, found, correction({}))
    with pytest.raises(StaleResponse):
        asked.answer(store, CLINIC, question, found, ANSWER)
    assert latest(store, found).state == asked.OPEN


def test_it_is_over_after_14_days(store, found, clock):
    code = ask(store, found)
    question = opened(store, code)
    clock.advance(days=14)
    assert opened(store, code).state == asked.EXPIRED
    with pytest.raises(QuestionClosed):
        asked.answer(store, CLINIC, question, found, ANSWER)


def test_a_new_link_voids_the_old_one_and_lives_longer(store, found, clock):
    code = ask(store, found)
    clock.advance(days=13)
    again = asked.renew(store, CLINIC, latest(store, found), by=STAFF)
    assert opened(store, code) is None
    clock.advance(days=13)
    assert opened(store, again).state == asked.OPEN


def test_a_withdrawn_question_is_told_as_such(store, found):
    code = ask(store, found)
    question = opened(store, code)
    asked.withdraw(store, CLINIC, question, by=STAFF, by_name="Dr. Hill")
    assert opened(store, code).state == asked.VOID
    assert row_of(store, found).lane == "read"
    assert [each.kind for each in entries.of(store, CLINIC, found.id)] == ["asked", "moved"]
    for act in (
        lambda: asked.answer(store, CLINIC, question, found, ANSWER),
        lambda: asked.renew(store, CLINIC, question, by=STAFF),
        lambda: asked.withdraw(store, CLINIC, question, by=STAFF, by_name=""),
    ):
        with pytest.raises(QuestionClosed):
            act()


def test_another_question_takes_the_place_of_the_first(store, found, clock):
    first = ask(store, found)
    clock.advance(minutes=1)
    second = ask(store, found, "And now?")
    assert opened(store, first).state == asked.VOID
    assert opened(store, second).text == "And now?"
    assert latest(store, found).text == "And now?"


def test_a_draft_or_another_clinic_s_response_is_not_asked(store, found):
    with pytest.raises(StaleResponse):
        asked.ask(store, OTHER_CLINIC, found, step="ms", text="x", by=STAFF, by_name="")
