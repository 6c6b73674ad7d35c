"""A session lasts as long as it should and its token is nowhere but with its holder."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from intake.store import BadValue, StoreUnavailable, schema, sessions
from tests.unit.store.given import CLINIC, note_work

SUBJECT = "a" * 32


def rows(store):
    with store.read() as conn:
        return conn.execute(select(schema.sessions)).all()


def test_a_token_finds_its_session(store, clock):
    session = sessions.read(store, sessions.open(store, CLINIC, "patient", SUBJECT))
    assert session is not None
    assert (session.clinic_id, session.kind, session.subject) == (CLINIC, "patient", SUBJECT)
    assert session.created_at == session.seen_at == clock()


def test_tokens_have_256_bits_and_only_their_hash_is_kept(store):
    tokens = {sessions.open(store, CLINIC, "staff", SUBJECT) for _ in range(3)}
    assert {len(token) for token in tokens} == {43}
    assert len(tokens) == 3
    stored = repr(rows(store))
    assert not any(token in stored for token in tokens)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 42 + "\x00", "é" * 43, "9" * 999])
def test_an_unknown_token_finds_nothing(store, token):
    sessions.open(store, CLINIC, "staff", SUBJECT)
    assert sessions.read(store, token) is None
    sessions.close(store, token)
    assert len(rows(store)) == 1


def test_a_closed_session_is_over(store):
    token, other = (sessions.open(store, CLINIC, "staff", SUBJECT) for _ in range(2))
    sessions.close(store, token)
    assert sessions.read(store, token) is None
    assert sessions.read(store, other)


def test_an_idle_session_ends(store, clock):
    idle = timedelta(minutes=10)
    token = sessions.open(store, CLINIC, "staff", SUBJECT)
    for _ in range(3):
        clock.now += idle - timedelta(seconds=1)
        assert sessions.read(store, token)
    clock.now += idle
    assert sessions.read(store, token) is None


def test_what_a_page_asks_by_itself_keeps_no_session_alive(store, clock):
    token = sessions.open(store, CLINIC, "staff", SUBJECT)
    clock.now += timedelta(minutes=9)
    row = sessions.read(store, token, touch=False)
    assert row is not None
    assert row.idles_out_at == clock.now + timedelta(minutes=1)
    clock.now += timedelta(minutes=1)
    assert sessions.read(store, token, touch=False) is None


@pytest.mark.parametrize(
    ("kind", "life", "pause"),
    [
        ("staff", timedelta(hours=12), timedelta(minutes=9)),
        ("patient", timedelta(days=14), timedelta(hours=19)),
    ],
)
def test_a_busy_session_ends_too(store, clock, kind, life, pause):
    token = sessions.open(store, CLINIC, kind, SUBJECT)
    end = clock.now + life
    while clock.now + pause < end:
        clock.now += pause
        assert sessions.read(store, token)
    clock.now = end
    assert sessions.read(store, token) is None


def test_the_idle_time_can_be_shorter(store, clock):
    token = sessions.open(store, CLINIC, "patient", SUBJECT, idle=timedelta(minutes=20))
    clock.advance(minutes=20)
    assert sessions.read(store, token) is None


def is_locked(store, token):
    row = sessions.read(store, token, lock_after=timedelta(hours=1))
    assert row
    return row.locked


def test_a_session_left_lying_is_locked_until_it_is_unlocked(store, clock):
    token = sessions.open(store, CLINIC, "patient", SUBJECT)
    clock.advance(minutes=59)
    assert not is_locked(store, token)
    clock.advance(minutes=59)
    assert not is_locked(store, token)
    clock.advance(minutes=60)
    for _ in range(2):
        clock.advance(minutes=5)
        assert is_locked(store, token)
    sessions.unlock(store, token)
    assert not is_locked(store, token)


def test_no_unlocking_wakes_an_ended_session(store, clock):
    token = sessions.open(store, CLINIC, "patient", SUBJECT)
    clock.advance(days=14)
    sessions.unlock(store, token)
    assert sessions.read(store, token) is None


def test_reading_writes_once_a_minute_at_most(store, clock, monkeypatch):
    token = sessions.open(store, CLINIC, "staff", SUBJECT)
    work = note_work(monkeypatch, store)
    for _ in range(4):
        clock.advance(seconds=30)
        assert sessions.read(store, token)
    assert work == ["write"] * 2


def test_a_database_that_takes_no_changes_still_knows_the_session(store, clock, monkeypatch):
    token = sessions.open(store, CLINIC, "staff", SUBJECT)
    clock.advance(minutes=2)

    def refuse():
        raise StoreUnavailable

    monkeypatch.setattr(store, "write", refuse)
    assert sessions.read(store, token)


def test_ended_sessions_are_swept_out(store, clock):
    sessions.open(store, CLINIC, "staff", SUBJECT)
    clock.advance(hours=12)
    sessions.open(store, CLINIC, "patient", SUBJECT)
    assert [row.kind for row in rows(store)] == ["patient"]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("guest", SUBJECT), ("staff", ""), ("staff", "a\x00"), ("staff", "x" * 65)],
)
def test_what_is_no_session_is_refused(store, kind, subject):
    with pytest.raises(BadValue):
        sessions.open(store, CLINIC, kind, subject)
