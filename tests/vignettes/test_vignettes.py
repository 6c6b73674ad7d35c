"""Whole patients: the rules find what they must, and the doctor's PDF says it."""

import json
import re
import subprocess
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

import pytest

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.handed_in import read_answers
from intake.questionnaire.path import missing
from intake.report.document import ClinicHead, sent_document
from intake.report.pdf import render
from intake.scoring import Assessment, assess, red_flags
from tests.vignettes import load_all

# WeasyPrint leaves its colour profile to the garbage collector to close.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*sRGB2014.icc:pytest.PytestUnraisableExceptionWarning"
)

PATIENTS = {patient["id"]: patient for patient in load_all()}
EVERY_ID = tuple(PATIENTS)

A_DOSE = re.compile(r"\b\d+(\.\d+)?\s?(U|IU|units?)\b")
CLAIMS = ("eligible", "safe for Botox", "artificial intelligence", "we recommend", "inject into")
"""Words that no page may say of any patient: no claim, no advice on what to inject."""


def day(patient: dict[str, Any]) -> date:
    return date.fromisoformat(patient["today"])


@cache
def assessment(patient_id: str) -> Assessment:
    patient = PATIENTS[patient_id]
    return assess(patient["answers"], day(patient), handed_in=True)


@cache
def pdf_words(patient_id: str, pages: str = "all") -> str:
    """The text of the PDF in reading order, on one line; `pages` is "all" or "first".

    Hyphens are left out: at the end of a line pdftotext takes them away.
    """
    last = ("-l", "1") if pages == "first" else ()
    text = subprocess.run(
        ["pdftotext", "-raw", *last, "-", "-"],
        input=drawn(patient_id),
        capture_output=True,
        check=True,
    ).stdout.decode()
    return unbroken(text)


def unbroken(text: str) -> str:
    return " ".join(re.sub(r"-\s*", "", text).split())


def not_in(text: str, words: list[str]) -> list[str]:
    return [said for said in words if unbroken(said) not in text]


@cache
def drawn(patient_id: str) -> bytes:
    patient = PATIENTS[patient_id]
    today = day(patient)
    document = sent_document(
        patient["answers"],
        today=today,
        sent_at=datetime.combine(today, time(18), UTC),
        clinic=ClinicHead("Example Spasticity Clinic", "(315) 555-0100"),
        shown=patient["shown"],
        screened_at=datetime.combine(today, time(12), UTC).isoformat(),
        reference="EXAMPLE",
        handed_in=True,
    )
    return render(document)


def test_there_are_fourteen_patients():
    assert len(PATIENTS) == 14


@pytest.mark.parametrize("patient_id", EVERY_ID)
def test_the_answers_could_be_handed_in_and_sent(patient_id):
    patient = PATIENTS[patient_id]
    plain = json.dumps({"answers": patient["answers"], "shown": patient["shown"]})
    handed_in = read_answers(plain, day(patient))
    assert missing(handed_in.answers, STEPS) == ()
    assert assessment(patient_id).ignored == ()
    order = list(BY_KEY)
    assert list(patient["answers"]) == sorted(patient["answers"], key=order.index)


@pytest.mark.parametrize("patient_id", EVERY_ID)
def test_phones_are_fictional(patient_id):
    answers = PATIENTS[patient_id]["answers"]
    phones = [value for key, value in answers.items() if key.endswith("phone")]
    assert phones
    assert all(re.fullmatch(r"\(\d{3}\) 555-01\d\d", phone) for phone in phones)


@pytest.mark.parametrize("patient_id", EVERY_ID)
def test_every_card_that_is_due_was_shown(patient_id):
    patient = PATIENTS[patient_id]
    due = {flag.card for flag in red_flags(patient["answers"], day(patient))}
    assert {shown["card"] for shown in patient["shown"]} == due


@pytest.mark.parametrize("patient_id", EVERY_ID)
def test_urgency_band_and_key_rules(patient_id):
    expected, found = PATIENTS[patient_id]["expected"], assessment(patient_id)
    assert found.urgency.value == expected["urgency"]
    assert found.band.text == expected["band"]
    held = {finding.rule for finding in found.findings if finding.holds}
    assert set(expected["key_rules"]) <= held
    assert found.contradictions == ()


def facts(*, page_one: bool) -> list[Any]:
    return [
        pytest.param(patient["id"], said["words"], id=f"{patient['id']}-{said['fact']}")
        for patient in PATIENTS.values()
        for said in patient["expected"]["must_mention"]
        if said.get("page_one", False) or not page_one
    ]


@pytest.mark.parametrize(("patient_id", "words"), facts(page_one=False))
def test_the_pdf_mentions(patient_id, words):
    assert not_in(pdf_words(patient_id), words) == []


@pytest.mark.parametrize(("patient_id", "words"), facts(page_one=True))
def test_page_one_mentions(patient_id, words):
    assert not_in(pdf_words(patient_id, "first"), words) == []


@pytest.mark.parametrize("patient_id", EVERY_ID)
def test_the_pdf_never_says(patient_id):
    text = pdf_words(patient_id)
    forbidden = [*PATIENTS[patient_id]["expected"]["must_not"], *CLAIMS]
    assert [said for said in forbidden if unbroken(said) in text] == []
    assert A_DOSE.findall(text) == []


@pytest.mark.parametrize("patient_id", EVERY_ID)
def test_the_band_stands_on_page_one(patient_id):
    assert not_in(pdf_words(patient_id, "first"), [assessment(patient_id).band.text]) == []


# What single patients must never become


@pytest.mark.parametrize("patient_id", ["V28", "V30"])
def test_another_pathway_is_not_scored(patient_id):
    found = assessment(patient_id)
    assert (found.total, found.max_total) == (None, None)
    assert not any(finding.points for finding in found.findings)


@pytest.mark.parametrize("patient_id", ["V01", "V03", "V05", "V08", "V09"])
def test_an_urgent_patient_has_no_other_band_in_reach(patient_id):
    found = assessment(patient_id)
    assert (found.lowest, found.highest) == (found.band, found.band)
    assert found.total is None


def test_standing_on_stiff_legs_outweighs_every_point():
    found = assessment("V24")
    assert (found.total or 0) >= 11
    assert found.highest is found.band


def test_blanks_are_never_read_as_no():
    found = assessment("V26")
    blank = {entry.key for entry in found.unknown if entry.said == "not answered"}
    assert {"toxin_allergy", "prior_toxin", "nerve_muscle", "site_infection"} <= blank
    assert not any(f.holds for f in found.findings if f.rule in ("K6", "K8", "K9"))


def test_not_sure_about_fillers_costs_no_point():
    found = assessment("V20")
    assert found.total == found.max_total == 15
