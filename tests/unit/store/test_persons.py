"""Responses of one person are joined by staff, undone by staff, and never by themselves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from intake.store import entries, persons, responses
from tests.unit.store.given import BORN_ON, CLINIC, OTHER_CLINIC, STAFF

THREADS = 6


def send(store, name="Ann Example", born_on=BORN_ON, clinic=CLINIC):
    draft = responses.start(store, clinic)
    responses.send(store, draft, {}, urgency="routine", private=False, name=name, born_on=born_on)
    found = responses.sent(store, clinic, draft.reference)
    assert found
    return found


def likely(store, found):
    return [each.reference for each in persons.candidates(store, CLINIC, found)]


def same(store, found):
    return [each.reference for each in persons.of_same_person(store, CLINIC, found)]


def match(store, one, other):
    persons.match(store, CLINIC, one, other, by=STAFF, by_name="Pat")


def part(store, one, other):
    persons.part(store, CLINIC, one, other, by=STAFF, by_name="Pat")


@pytest.fixture
def pair(store, clock):
    first = send(store)
    clock.advance(days=90)
    return first, send(store, "Ann Miller-Example")


def test_birth_date_and_a_word_of_the_name_make_it_likely_and_no_more(store, pair):
    first, second = pair
    assert likely(store, second) == [first.reference]
    assert same(store, second) == []
    assert persons.last_before(store, CLINIC, second) is None


def test_another_date_name_or_clinic_is_not_likely(store, pair):
    first, _ = pair
    send(store, born_on=date(1971, 4, 6))
    send(store, "Zoe Miller", BORN_ON)
    send(store, clinic=OTHER_CLINIC)
    responses.start(store, CLINIC)
    assert likely(store, first) == [pair[1].reference]


def test_staff_join_them_and_both_records_say_so(store, pair):
    first, second = pair
    match(store, second, first)
    assert same(store, second) == [first.reference]
    assert same(store, first) == [second.reference]
    assert likely(store, second) == []
    before = persons.last_before(store, CLINIC, second)
    assert before is not None
    assert before.reference == first.reference
    assert persons.last_before(store, CLINIC, first) is None
    for one, other in ((first, second), (second, first)):
        (entry,) = entries.of(store, CLINIC, one.id)
        assert (entry.kind, entry.by) == ("matched", STAFF)
        assert entry.document == {"with": other.reference, "by_name": "Pat"}


def test_undone_it_is_not_offered_again_until_somebody_joins_it_anew(store, pair):
    first, second = pair
    match(store, second, first)
    part(store, second, first)
    assert same(store, second) == same(store, first) == []
    assert likely(store, second) == likely(store, first) == []
    match(store, first, second)
    assert same(store, second) == [first.reference]


def test_not_the_same_person_is_kept_without_a_match_before(store, pair):
    first, second = pair
    part(store, second, first)
    assert likely(store, second) == []
    assert [each.kind for each in entries.of(store, CLINIC, first.id)] == ["parted"]


def test_two_groups_become_one(store, pair, clock):
    first, second = pair
    clock.advance(days=1)
    third, fourth = send(store), send(store)
    match(store, first, second)
    match(store, third, fourth)
    match(store, second, third)
    assert set(same(store, first)) == {second.reference, third.reference, fourth.reference}
    part(store, first, fourth)
    assert set(same(store, first)) == {second.reference, third.reference}


def test_of_many_who_join_at_once_one_is_recorded(store, pair):
    gate = Barrier(THREADS)

    def join(number):
        gate.wait(timeout=30)
        match(store, *(pair if number % 2 else pair[::-1]))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(join, range(THREADS)))
    assert same(store, pair[0]) == [pair[1].reference]
    assert len(entries.of(store, CLINIC, pair[0].id)) == 1


def test_another_clinic_s_response_is_not_joined(store, pair):
    other = send(store, clinic=OTHER_CLINIC)
    match(store, pair[0], other)
    match(store, pair[0], pair[0])
    assert same(store, pair[0]) == []
    assert entries.of(store, CLINIC, pair[0].id) == []
