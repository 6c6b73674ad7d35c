"""What the clinic's side has done with the synthetic patients, so that every lane shows something.

All of it is done by a "Demo Doctor" who cannot log in: no real person's name stands under it.
"""

from datetime import date, timedelta

from intake.store import Store, record, responses, staff, work_list
from intake.store.record import Plan
from intake.store.responses import Owner, Owners
from intake.store.staff import Staff
from intake.store.work_list import Sought, Wanted

DOCTOR = "demo-doctor"
UNSENT = "Ulla Unsent"
BORN_ON = date(1969, 5, 14)


def work_through(store: Store, clinic_id: int, today: date) -> None:
    """Assign, read, put off and finish some responses; once more changes nothing."""
    if staff.find(store, clinic_id, DOCTOR) is not None:
        return
    doctor = staff.create(store, clinic_id, DOCTOR, "Demo Doctor", "doctor", by="system")
    leave_unsent(store, clinic_id)
    urgent = work_list.rows(store, clinic_id, Wanted("call", today))
    for row in urgent[1:3]:
        record.assign(store, clinic_id, row.id, doctor.id, by=doctor)
    for row in urgent[2:3]:
        record.log_call(store, clinic_id, row.id, "no_answer", by=doctor)
    new = work_list.rows(store, clinic_id, Wanted("new", today))
    if new:
        record.assign(store, clinic_id, new[0].id, doctor.id, by=doctor)
    for row, plan in zip(new[1:], _plans(today), strict=False):
        _read(store, clinic_id, row.id, plan, doctor, today)


def _plans(today: date) -> list[Plan | None]:
    """Of the responses that were read: one without a plan, one put off, one done."""
    return [None, Plan("not_now", until=today + timedelta(days=30)), Plan("book")]


def _read(
    store: Store, clinic_id: int, id: str, plan: Plan | None, doctor: Staff, today: date
) -> None:
    state = record.state(store, clinic_id, id)
    if state is None:
        return
    record.mark_read(store, clinic_id, id, state.seen.version, by=doctor, today=today)
    if plan is not None:
        record.plan(store, clinic_id, id, plan, state.seen, by=doctor, today=today)


def leave_unsent(store: Store, clinic_id: int) -> None:
    """Somebody who met a danger sign, said how to reach them, and stopped."""
    if any(work_list.search(store, clinic_id, Sought(UNSENT))):
        return
    answers = {
        "respondent": "self",
        "now_breath_heart": ["chest"],
        "name": UNSENT,
        "born_on": BORN_ON.isoformat(),
        "phone": "315-555-0176",
    }
    responses.save(
        store,
        responses.start(store, clinic_id),
        {"answers": answers},
        urgency="emergency",
        cards=["E8"],
        owner=Owners(Owner("", None), Owner(UNSENT, BORN_ON)),
        reachable=True,
    )
