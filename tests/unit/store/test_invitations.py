"""Invitations of patients: one link, one form, and states that follow what happens to it."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from intake.store import BadValue, invitations, jobs, responses, schema
from intake.store.invitations import Guest, Invitation, Opened
from tests.unit.store.given import BORN_ON, CLINIC, OTHER_CLINIC, note_work, send

HOME = "https://intake.example/i"
GUEST = Guest("Ann Example", BORN_ON, "ann@example.com", "es")
WRONG = date(1971, 4, 6)
FRONT_DESK = "staff:" + "f" * 32


def made(store, guest: Guest = GUEST, clinic: int = CLINIC, **more) -> Invitation:
    return invitations.make(store, clinic, guest, home=HOME, by=FRONT_DESK, **more)


def opened(store, invitation: Invitation, born_on: date = BORN_ON) -> Opened | None:
    return invitations.exchange(
        store,
        invitation.clinic_id,
        invitation.code,
        born_on,
        lambda guest: {"answers": {"name": guest.name}, "invited": True},
    )


def state(store, invitation: Invitation) -> str:
    found = invitations.get(store, invitation.clinic_id, invitation.id)
    assert found
    return found.state


def drafts(store) -> int:
    with store.read() as conn:
        return len(conn.execute(select(schema.drafts.c.response_id)).all())


def audited(store) -> list[tuple[str, str]]:
    table = schema.audit_events.c
    with store.read() as conn:
        rows = conn.execute(select(table.action, table.actor).order_by(table.id)).all()
    return [(row.action, row.actor) for row in rows]


def test_an_invitation_comes_back_as_it_was_made(store, clock):
    appointment = date(2026, 4, 1)
    invitation = made(store, appointment_on=appointment)
    assert invitations.get(store, CLINIC, invitation.id) == invitation
    assert (invitation.state, invitation.guest) == ("made", GUEST)
    assert invitation.appointment_on == appointment
    assert invitation.link == f"{HOME}/{invitation.code}?language=es"
    assert invitation.stop_link == f"{HOME}/{invitation.code}/stop?language=es"
    assert invitation.expires_at > clock()
    assert ("invitation_made", FRONT_DESK) in audited(store)


def test_nothing_of_the_person_stands_in_plain_columns(store):
    made(store)
    with store.read() as conn:
        told = str(conn.execute(schema.invitations.select()).all())
    for word in ("Ann", "example", "1971", "es@"):
        assert word not in told


def test_states_follow_what_happens(store):
    invitation = made(store, appointment_on=date(2026, 4, 1))
    first = opened(store, invitation)
    assert first
    assert first.draft
    assert first.language == "es"
    assert state(store, invitation) == "opened"
    assert first.draft.document["answers"] == {"name": "Ann Example"}
    saved = responses.save(store, first.draft, first.draft.document, urgency="routine")
    assert state(store, invitation) == "started"
    send(store, saved)
    assert state(store, invitation) == "sent"
    assert opened(store, invitation) == Opened("sent")


def test_the_draft_has_the_appointment_and_is_found_by_name_and_birth_date(store):
    invitation = made(store, appointment_on=date(2026, 4, 1))
    found = opened(store, invitation)
    assert found
    assert found.draft
    with store.read() as conn:
        row = conn.execute(schema.responses.select()).one()
    assert row.appointment_on == date(2026, 4, 1)
    looked_up = responses.find(store, CLINIC, "example", BORN_ON, by="staff:x")
    assert looked_up
    assert [each.id for each in looked_up] == [found.draft.id]


def test_the_same_link_opens_the_same_draft(store):
    invitation = made(store)
    first, second = opened(store, invitation), opened(store, invitation)
    assert first
    assert first.draft
    assert second == first
    assert drafts(store) == 1


def test_a_corrected_birth_date_opens_it_then(store):
    invitation = made(store)
    first = opened(store, invitation)
    assert first
    assert first.draft
    owners = responses.Owners(
        responses.Owner(GUEST.name, BORN_ON), responses.Owner(GUEST.name, WRONG)
    )
    responses.save(store, first.draft, {"answers": {}}, urgency="routine", owner=owners)
    assert opened(store, invitation, BORN_ON) is None
    again = opened(store, invitation, WRONG)
    assert again
    assert again.draft


@pytest.mark.parametrize("how", ["unknown", "wrong", "neighbour", "no code"])
def test_wrong_and_unknown_are_alike_and_do_the_same_work(store, monkeypatch, how):
    invitation = made(store)
    code, clinic = invitation.code, CLINIC
    if how == "unknown":
        code = "333-333-3333"
    if how == "no code":
        code = "?"
    if how == "neighbour":
        clinic = OTHER_CLINIC
    born_on = WRONG if how == "wrong" else BORN_ON
    work = note_work(monkeypatch, store)
    assert invitations.exchange(store, clinic, code, born_on, lambda _: {}) is None
    assert work == ["write", "write"]
    assert drafts(store) == 0
    assert audited(store)[-1] == ("invitation_refused", "patient")


def test_five_wrong_tries_pause_it_and_fifty_end_it(store, clock):
    invitation = made(store)
    for _ in range(5):
        assert opened(store, invitation, WRONG) is None
    assert opened(store, invitation) is None
    clock.advance(minutes=15)
    assert opened(store, invitation)
    for _ in range(10):
        for _ in range(5):
            opened(store, invitation, WRONG)
        clock.advance(minutes=15)
    assert state(store, invitation) == "void"
    assert opened(store, invitation) == Opened("over")


def test_a_new_link_takes_the_place_of_the_old_one_and_goes_on_with_its_draft(store):
    old = made(store)
    first = opened(store, old)
    new = invitations.reissue(store, CLINIC, old.id, by=FRONT_DESK)
    assert first
    assert new
    assert new.code != old.code
    assert (state(store, old), state(store, new)) == ("void", "opened")
    assert opened(store, old) == Opened("over")
    assert opened(store, new) == first
    assert invitations.reissue(store, CLINIC, old.id, by=FRONT_DESK) is None
    assert invitations.reissue(store, OTHER_CLINIC, new.id, by=FRONT_DESK) is None


def test_a_link_that_was_withdrawn_opens_nothing(store):
    invitation = made(store)
    assert not invitations.withdraw(store, OTHER_CLINIC, invitation.id, by=FRONT_DESK)
    assert invitations.withdraw(store, CLINIC, invitation.id, by=FRONT_DESK)
    assert not invitations.withdraw(store, CLINIC, invitation.id, by=FRONT_DESK)
    assert opened(store, invitation) == Opened("over")
    assert drafts(store) == 0


def test_it_ends_after_the_appointment_or_after_sixty_days(store, clock):
    soon, some_day = made(store, appointment_on=clock().date()), made(store)
    clock.advance(days=1)
    assert state(store, soon) == "made"
    clock.advance(days=2)
    assert (state(store, soon), state(store, some_day)) == ("expired", "made")
    assert opened(store, soon) == Opened("over")
    clock.advance(days=60)
    assert state(store, some_day) == "expired"


def test_the_list_by_state_appointment_and_birth_date(store, clock):
    days = [date(2026, 4, 3), date(2026, 4, 1), None, date(2026, 4, 1)]
    every = [made(store, appointment_on=day) for day in days]
    other = made(store, Guest("Bo", WRONG), appointment_on=date(2026, 3, 2))
    made(store, clinic=OTHER_CLINIC)
    sent, void = made(store), made(store)
    invitations.withdraw(store, CLINIC, void.id, by=FRONT_DESK)
    found = opened(store, sent)
    assert found
    assert found.draft
    send(store, found.draft)

    def ids(*args, **more) -> list[str]:
        return [each.id for each in invitations.listed(store, CLINIC, *args, **more)]

    firsts = sorted([every[1].id, every[3].id])
    assert ids() == [other.id, *firsts, every[0].id, every[2].id]
    assert ids("sent") == [sent.id]
    assert ids("void") == [void.id]
    assert ids(born_on=WRONG) == [other.id]
    assert set(ids(appointment_on=date(2026, 4, 1))) == set(firsts)
    seen: list[str] = []
    after = None
    while page := invitations.listed(store, CLINIC, after=after, limit=2):
        seen += [each.id for each in page]
        after = invitations.cursor(page[-1])
    assert seen == ids()
    clock.advance(days=3)
    assert ids("expired") == [other.id]
    assert other.id not in ids("made")
    assert invitations.counts(store, CLINIC) == {
        "open": 4,
        "made": 4,
        "opened": 0,
        "started": 0,
        "sent": 1,
        "expired": 1,
        "void": 1,
    }


@pytest.mark.parametrize("wrong", [{"state": "lost"}, {"after": "2026-99-99.0"}])
def test_a_list_of_nothing_known_is_refused(store, wrong):
    with pytest.raises(BadValue):
        invitations.listed(store, CLINIC, **wrong)


def test_whom_to_reach_about_a_response(store):
    invitation = made(store)
    found = opened(store, invitation)
    assert found
    assert found.draft
    assert invitations.contact_of(store, CLINIC, found.draft.id) == GUEST
    assert invitations.contact_of(store, OTHER_CLINIC, found.draft.id) is None
    assert invitations.contact_of(store, CLINIC, responses.start(store, CLINIC).id) is None


def test_two_devices_at_the_same_moment_begin_one_draft(store):
    invitation = made(store)
    together, found = Barrier(4), []

    def open_it() -> None:
        together.wait()
        found.append(opened(store, invitation))

    threads = [Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drafts(store) == 1
    assert len({each.draft.id for each in found if each and each.draft}) == 1
    assert len(found) == 4


def test_another_clinic_sees_nothing(store):
    invitation = made(store)
    assert invitations.get(store, OTHER_CLINIC, invitation.id) is None
    assert invitations.listed(store, OTHER_CLINIC) == []
    assert invitations.counts(store, OTHER_CLINIC)["open"] == 0
    assert timedelta(days=59) < invitation.expires_at - invitation.created_at


def test_of_two_claims_of_one_reminder_one_holds(store, clock):
    invitation = made(store)
    (seen,) = invitations.to_remind(store, CLINIC)
    assert invitations.claim_reminder(store, seen, {"to": "x"})
    assert not invitations.claim_reminder(store, seen, {"to": "x"})
    assert jobs.count(store, CLINIC)["due"] == 1
    (again,) = invitations.to_remind(store, CLINIC)
    assert (again.reminders, again.reminded_at) == (1, clock())
    invitations.stop_reminders(store, OTHER_CLINIC, invitation.code)
    assert list(invitations.to_remind(store, CLINIC))
    invitations.stop_reminders(store, CLINIC, invitation.code)
    assert list(invitations.to_remind(store, CLINIC)) == []
    assert not invitations.claim_reminder(store, again, {"to": "x"})
    assert jobs.count(store, CLINIC)["due"] == 1
    assert audited(store)[-1] == ("reminders_stopped", "patient")
