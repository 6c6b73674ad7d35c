"""The patients: the whole vignettes, and the edges that a summary must survive."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, NamedTuple

from intake.questionnaire.body import BY_CODE
from intake.report.document import ClinicHead, sent_document
from intake.report.record import RecordView, view
from tests.unit.report.given import (
    CLINIC,
    blank,
    document,
    everything,
    of_both,
    short,
    unsure,
    walked,
    whole,
)
from tests.unit.report.test_report_page import HOSTILE
from tests.unit.report.test_report_record import CORRECTED, DECIDED, EARLIER, PLANNED, RAISED
from tests.unit.whole_patient import CARER, LIMB_TOXIN
from tests.vignettes import load_all

Plain = dict[str, Any]

_AGAIN = {"at": CORRECTED["at"], "step": "spasms", "title": "Your spasms", "question": "Which leg?"}
_LOOKS = {"reasons": ["looks"], "symptoms": ["none"], "places": ["none"], "main_place": None}
_BEFORE = [{"at": "2026-06-15T02:00:00+00:00", "answers": {"now_skin": ["sore"]}}]


class Patient(NamedTuple):
    document: Plain
    record: RecordView | None = None


def _vignette(patient: Plain) -> Patient:
    today = date.fromisoformat(patient["today"])
    return Patient(
        sent_document(
            patient["answers"],
            today=today,
            sent_at=datetime.combine(today, time(18), UTC),
            clinic=CLINIC,
            shown=patient["shown"],
            screened_at=datetime.combine(today, time(12), UTC).isoformat(),
            reference="R7K2-9MQF",
            handed_in=True,
        )
    )


def _all_places() -> Plain:
    marked = {f"{code}_strength": number % 11 for number, code in enumerate(BY_CODE)}
    return document(whole(places=list(BY_CODE), **marked))


def _paper() -> Plain:
    return document(whole(), by=dict.fromkeys(whole(), "staff"))


def _spanish() -> Plain:
    return document(
        whole(main_problem="No puedo abrir la mano", spoken_language="es"), language="es"
    )


EDGES: dict[str, Callable[[], Patient]] = {
    "nothing_known": lambda: Patient(document(walked(blank))),
    "all_not_sure": lambda: Patient(document(walked(unsure))),
    "everything_known": lambda: Patient(document(whole(**LIMB_TOXIN))),
    "everything_marked": lambda: Patient(document(walked(everything("long words here ")))),
    "one_endless_word": lambda: Patient(document(walked(everything("W")))),
    "chinese": lambda: Patient(document(walked(everything("李明")))),
    "hostile": lambda: Patient(document(walked(everything(HOSTILE)))),
    "all_places": lambda: Patient(_all_places()),
    "spanish": lambda: Patient(_spanish()),
    "carer": lambda: Patient(document(whole(**CARER))),
    "patient_and_carer": lambda: Patient(of_both("main_problem", "goal_1")),
    "staff_from_paper": lambda: Patient(_paper()),
    "short_form": lambda: Patient(short()),
    "short_form_with_gaps": lambda: Patient(short(pregnancy=None, toxin_allergy="not_sure")),
    "corrected": lambda: Patient({**document(), "corrections": [CORRECTED]}),
    "answered_again": lambda: Patient({**document(), "re_answers": [_AGAIN]}),
    "agreed": lambda: Patient(document(), view([DECIDED])),
    "overridden": lambda: Patient(document(), view([RAISED])),
    "decided_on_earlier_answers": lambda: Patient(
        document(whole(toxin_allergy=None)), view([DECIDED])
    ),
    "not_now_until": lambda: Patient(document(), view([DECIDED, PLANNED])),
    "earlier_response": lambda: Patient(document(), view([], EARLIER)),
    "all_that_can_follow": lambda: Patient(
        {**document(walked(everything("words "))), "corrections": [CORRECTED] * 9},
        view([RAISED, PLANNED], EARLIER),
    ),
    "unsafe_at_home": lambda: Patient(
        document(whole(now_unsafe="yes", safe_contact="noon, 555-0123"))
    ),
    "toxin_in_time": lambda: Patient(document(whole(**LIMB_TOXIN))),
    "toxin_too_early": lambda: Patient(
        document(whole(**LIMB_TOXIN | {"toxin_last_on": "2026-05-01"}))
    ),
    "toxin_date_unknown": lambda: Patient(
        document(whole(**LIMB_TOXIN | {"toxin_last_on": "not_sure"}))
    ),
    "looks_only": lambda: Patient(document(whole(**_LOOKS))),
    "contradicting": lambda: Patient(
        document(whole(prior_toxin="never", limb_benefit=9), handed_in=True)
    ),
    "danger_answered_twice": lambda: Patient(document(whole(), earlier_screens=_BEFORE)),
    "on_a4": lambda: Patient(document(clinic=ClinicHead(CLINIC.name, CLINIC.phone, paper="a4"))),
}

NAMES = (*(patient["id"].lower() for patient in load_all()), *EDGES)


@cache
def patient(name: str) -> Patient:
    if name in EDGES:
        return EDGES[name]()
    (found,) = [each for each in load_all() if each["id"].lower() == name]
    return _vignette(found)
