"""A resume code brings its owner back, and nobody who guesses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from intake.store import StaleDraft, codes, passwords, responses, schema
from tests.unit.store.given import BORN_ON, CLINIC, OTHER_CLINIC, make_keys, note_work, send


@pytest.fixture
def draft(store):
    return responses.save(store, responses.start(store, CLINIC), {"a": "b"}, urgency="soon")


@pytest.fixture
def code(store, draft):
    return responses.issue_code(store, draft, BORN_ON)


def wrong_secret(code):
    """The same locator with another secret."""
    last = "3" if code[-1] != "3" else "4"
    return code[:-1] + last


def code_end(store, draft):
    found = responses.draft(store, CLINIC, draft.id)
    assert found
    return found.code_until


def fail(store, code, times):
    for _ in range(times):
        assert responses.resume(store, CLINIC, wrong_secret(code), BORN_ON) is None


def test_code_and_birth_date_open_the_draft_again_and_again(store, draft, code):
    for _ in range(2):
        assert responses.resume(store, CLINIC, code, BORN_ON) == draft


def test_a_code_is_grouped_as_a_phone_number_without_lookalikes(code):
    groups = code.split("-")
    assert [len(group) for group in groups] == [3, 3, 4]
    assert set("".join(groups)).isdisjoint("0O1IL2Z5S8BUVAE")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("7k3-md4-q9xc", "7K3MD4Q9XC"),
        (" 7K3 MD4\u2013Q9XC ", "7K3MD4Q9XC"),
        ("7K3-MD4-Q9X0", None),
        ("7K3-MD4-Q9X", None),
        ("7K3-MD4-Q9XCC", None),
        ("abcde-fghjk-mnpqr", "ABCDEFGHJKMNPQR"),
        ("  ABCDE FGHJK\u2013MNPQR ", "ABCDEFGHJKMNPQR"),
        ("oOiIl-LLLLL-00000", "001111111100000"),
        ("ABCDE-FGHJK-MNPQU", None),
        ("ABCDE-FGHJK-MNPQ", None),
        ("ABCDE-FGHJK-MNPQRS", None),
        ("٣BCDE-FGHJK-MNPQR", None),
        ("A" * 10_000, None),
        ("", None),
    ],
)
def test_a_code_is_read_as_people_type_it(typed, read):
    assert codes.parse_code(typed) == read


def test_a_typed_code_opens_the_draft(store, draft, code):
    typed = code.lower().replace("-", " ")
    assert responses.resume(store, CLINIC, typed, BORN_ON) == draft


@pytest.mark.parametrize("junk", ["", "x", "\x00" * 15, "00000-00000-00000", "9" * 999])
def test_an_unknown_code_opens_nothing(store, draft, code, junk):
    assert responses.resume(store, CLINIC, junk, BORN_ON) is None


def test_a_code_of_an_earlier_version_works_to_its_end(store, draft, code, clock):
    old = "0BCDEFGHJKMNPQR"
    row = {"code_locator": old[:5], "code_hash": passwords.hash_secret(f"{old} {BORN_ON}")}
    with store.write() as conn:
        conn.execute(update(schema.drafts).values(row))
    assert responses.resume(store, CLINIC, "obcde-fghjk-mnpqr", BORN_ON) == draft
    clock.advance(days=14)
    assert responses.resume(store, CLINIC, old, BORN_ON) is None


def test_the_database_alone_gives_nothing_to_guess_at(store, draft, code, open_store, database_url):
    # Another process with the database and a key ring, but another index key.
    thief = open_store(database_url, make_keys(index_key=b"t" * 32))
    assert responses.resume(thief, CLINIC, code, BORN_ON) is None
    with store.read() as conn:
        hashed = conn.execute(select(schema.drafts.c.code_hash)).scalar_one()
    plain = code.replace("-", "")
    assert not passwords.verify(f"{plain} {BORN_ON}", hashed)


def test_a_draft_tells_until_when_its_code_works(store, draft, code, clock):
    until = clock() + timedelta(days=14)
    assert code_end(store, draft) == until
    for _ in range(10):
        fail(store, code, 5)
        clock.advance(minutes=15)
    assert code_end(store, draft) is None


def test_both_parts_must_be_right(store, draft, code):
    assert responses.resume(store, CLINIC, wrong_secret(code), BORN_ON) is None
    assert responses.resume(store, CLINIC, code, date(1971, 4, 6)) is None
    assert responses.resume(store, OTHER_CLINIC, code, BORN_ON) is None


def test_a_new_code_ends_the_one_before(store, draft, code):
    newer = responses.issue_code(store, draft, BORN_ON)
    assert responses.resume(store, CLINIC, code, BORN_ON) is None
    assert responses.resume(store, CLINIC, newer, BORN_ON) == draft


def test_a_code_lives_for_14_days(store, draft, code, clock):
    clock.advance(days=14, seconds=-1)
    assert responses.resume(store, CLINIC, code, BORN_ON) == draft
    clock.advance(seconds=1)
    assert responses.resume(store, CLINIC, code, BORN_ON) is None


def test_five_failures_pause_the_code_for_15_minutes(store, draft, code, clock):
    fail(store, code, 5)
    assert responses.resume(store, CLINIC, code, BORN_ON) is None
    clock.advance(minutes=15, seconds=-1)
    assert responses.resume(store, CLINIC, code, BORN_ON) is None
    clock.advance(seconds=1)
    assert responses.resume(store, CLINIC, code, BORN_ON) == draft


def test_the_fifth_try_may_still_be_right_and_clears_the_count(store, draft, code):
    for _ in range(2):
        fail(store, code, 4)
        assert responses.resume(store, CLINIC, code, BORN_ON) == draft


def test_tries_in_a_pause_do_not_prolong_it(store, draft, code, clock):
    fail(store, code, 5)
    clock.advance(minutes=14)
    fail(store, code, 20)
    clock.advance(minutes=1)
    assert responses.resume(store, CLINIC, code, BORN_ON) == draft


def test_fifty_failures_end_the_code_and_keep_the_answers(store, draft, code, clock):
    for _ in range(10):
        fail(store, code, 5)
        clock.advance(minutes=15)
    assert responses.resume(store, CLINIC, code, BORN_ON) is None
    assert responses.draft(store, CLINIC, draft.id) == draft
    newer = responses.issue_code(store, draft, BORN_ON)
    assert responses.resume(store, CLINIC, newer, BORN_ON) == draft


def test_guesses_at_one_moment_are_counted_one_by_one(store, draft, code, monkeypatch):
    checked, gate = [], Barrier(20)
    verify = passwords.verify

    def note(secret, hashed):
        checked.append(hashed)
        return verify(secret, hashed)

    def guess(_number):
        gate.wait(timeout=30)
        return responses.resume(store, CLINIC, wrong_secret(code), BORN_ON)

    monkeypatch.setattr(passwords, "verify", note)
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(guess, range(20))) == {None}
    assert len(checked) == 20
    assert sum(hashed is not None for hashed in checked) == 5


def test_unknown_and_wrong_take_the_same_work(store, draft, code, monkeypatch):
    work = note_work(monkeypatch, store)
    done = []
    for typed in (wrong_secret(code), "00000-00000-00000", "junk"):
        work.clear()
        responses.resume(store, CLINIC, typed, BORN_ON)
        done.append(list(work))
    assert done == [["write", "verify", "write"]] * 3


def test_junk_adds_one_row_at_most(store):
    for number in range(7):
        responses.resume(store, CLINIC, f"0000{number}-00000-00000", BORN_ON)
    with store.read() as conn:
        assert len(conn.execute(select(schema.attempts)).all()) == 1


def test_a_sent_response_cannot_be_resumed_or_given_a_code(store, draft, code):
    send(store, draft)
    assert responses.resume(store, CLINIC, code, BORN_ON) is None
    with pytest.raises(StaleDraft):
        responses.issue_code(store, draft, BORN_ON)


def test_a_code_does_not_disturb_writing(store, draft, code):
    assert responses.save(store, draft, {"a": "c"}, urgency="soon").rev == draft.rev + 1


def test_a_locator_that_is_taken_is_drawn_again(store, draft, code, monkeypatch):
    other = responses.start(store, CLINIC)
    taken = code.replace("-", "")
    draws = iter([taken, "XXXX" + taken[4:]])
    monkeypatch.setattr(codes, "new_code", lambda: next(draws))
    assert responses.issue_code(store, other, BORN_ON).startswith("XXX-X")
    assert responses.resume(store, CLINIC, code, BORN_ON) == draft
