"""What is not known is counted whole and named in one place, and so is what can move the band."""

import re
from datetime import date

import pytest

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.model import CHOOSING, CHOOSING_MANY, NOT_SURE, Kind
from intake.questionnaire.path import offered, prune
from intake.questionnaire.rows import BLANK, UNSURE
from intake.report.fit import FITS, page_one
from intake.report.pdf import marked_up
from intake.report.record import view
from intake.report.sheet import Sheet
from intake.report.summary import summarise
from intake.report.verdict import movers
from intake.scoring import assess
from tests.golden.patients import NAMES, patient
from tests.unit.report.given import CARER, document, short, unsure, walked, whole
from tests.unit.report.test_report_record import DECIDED, RAISED
from tests.unit.report.test_report_summary import said, summary_of
from tests.unit.whole_patient import LIMB_TOXIN


def not_known(summary):
    return said(summary.unknown, "Not known")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_to_be_known_that_is_not(name):
    """Of every golden patient: the counts are those of the sealed rows, however they are named."""
    sealed, record = patient(name)
    summary, sheet = summarise(sealed, record), Sheet(sealed)
    told = not_known(summary)
    clinical = [row for row in sealed["rows"] if row["clinical"]]
    blank = sum(row["status"] == BLANK for row in clinical)
    no_answer = blank + sum(
        row["status"] == UNSURE or any(c["code"] == NOT_SURE for c in row["chosen"])
        for row in clinical
    )
    counted = sum(
        int(n) for n in re.findall(r"(\d+) (?:NOT ANSWERED|NOT SURE|safety answer)", told)
    )
    assert no_answer <= counted <= no_answer + 1  # a date that is too coarse is not known either
    if no_answer or sheet.assessment.contradictions or sheet.holds("not_private"):
        assert "nothing" not in told


def test_an_unknown_product_is_never_nothing():
    assert "last toxin product" in not_known(summary_of(**LIMB_TOXIN))


def test_questions_that_were_not_private_are_not_known():
    told = not_known(summary_of(private="no", now_self_harm=None, now_unsafe=None))
    assert told.startswith("safety and mood: NOT ASKED, not private")
    assert "no missing answer can move" in not_known(summary_of())


def test_answers_in_conflict_are_not_known():
    summary = summarise(document(whole(prior_toxin="never", limb_benefit=9), handed_in=True))
    assert said(summary.unknown, "Conflicts") == (
        "says “Earlier botulinum toxin: never” and “Last limb session, benefit 0–10: 9 of 10”: ask"
    )
    assert not_known(summary).startswith("CONFLICTING: 1, above")
    assert "can move the band" not in not_known(summary)
    assert summary.verdict.moves == "either way, once the conflicting answers are settled"


def test_a_date_too_coarse_to_judge_is_not_known():
    told = not_known(summary_of(**LIMB_TOXIN | {"toxin_last_on": "2026"}))
    assert "(“2026” is too coarse)" in told or "safety answer, named above" in told


def test_nothing_is_said_only_where_every_question_has_its_answer():
    rows = document()["rows"]
    missing = {row["key"]: row["status"] for row in rows if row["clinical"]}
    sealed = document()
    for row in sealed["rows"]:
        row["status"] = "answered" if row["clinical"] else row["status"]
    assert BLANK in missing.values()
    assert not_known(summarise(sealed)) == "nothing: every question was answered"


def test_the_short_form_is_honest_about_what_it_did_not_ask():
    summary = summarise(short())
    assert not_known(summary) == "of what was asked, nothing"
    assert said(summary.unknown, "Not asked").startswith("short form: ")


# --- What can move the band --------------------------------------------------------------------

OPEN = {
    "mostly blank": lambda: patient("v26").document["answers"],
    "all not sure": lambda: walked(unsure),
    "some blank": lambda: whole(pregnancy=None, therapy=None, main_moves=None),
    "limited": lambda: whole(legs_help="not_sure", places=["left_calf"], main_place="left_calf"),
}


@pytest.mark.parametrize("who", OPEN)
def test_no_other_missing_answer_moves_the_band(who):
    """Every answer that is missing and not named is tried: none changes the band."""
    answers, today = OPEN[who](), date(2026, 6, 15)
    sealed = document(answers)
    sheet = Sheet(sealed)
    named = set(movers(sheet))
    band = sheet.assessment.band
    silent = [
        row["key"]
        for row in sealed["rows"]
        if row["status"] in (BLANK, UNSURE) and row["key"] not in named
    ]
    assert silent
    for key in silent:
        for value in _values(key, answers):
            changed = prune({**answers, key: value}, STEPS).answers
            assert assess(changed, today).band is band, (key, value)


def _values(key, answers):
    question = BY_KEY[key]
    if question.kind in CHOOSING:
        codes = [c.code for c in offered(question, answers) if c.code != NOT_SURE]
        return [[code] for code in codes] if question.kind in CHOOSING_MANY else codes
    if question.kind in (Kind.SCALE, Kind.NUMBER):
        return [question.low, question.high]
    return {Kind.PARTIAL_DATE: ["2026-05", "2009"], Kind.DATE: ["1957-03-09"]}.get(
        question.kind, ["words"]
    )


def test_the_answers_that_can_move_the_band_are_named():
    moves = summary_of(pregnancy=None).verdict.moves
    assert moves == "down to “Not now - resolve first”, up to “Likely candidate”; by these answers"
    assert summary_of().verdict.moves == ""


# --- Why, and what a doctor decided ------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "few places, a specific goal, stiffness of 4 or more, a joint that moves: all four"),
        ({"site_infection": "yes"}, "skin infection at or near the planned site (K-D2): a stop"),
        ({"now_breath_heart": ["chest"]}, "a danger sign E8 (above) before all else"),
        ({"main_moves": "not_at_all"}, "limited: "),
        ({"toxin_allergy": None}, "Cannot sort yet: 1 safety answer missing."),
    ],
)
def test_the_reason_is_not_the_band_again(changes, why):
    verdict = summary_of(**changes).verdict
    assert verdict.why.startswith(why)
    assert verdict.band.lower() not in verdict.why.lower()


def test_a_decided_band_stands_first_and_nothing_contradicts_it():
    open_one = whole(therapy="not_sure", spasm_drugs=None, tried=None)
    raised = {**RAISED, "band": Sheet(document(open_one)).assessment.band.value}
    summary = summarise(document(open_one), view([raised]))
    assert summary.since.band is not None
    assert summary.since.band.value == RAISED["decided_band"]
    assert summary.since.is_decided


def test_a_decision_on_earlier_answers_decides_nothing_now():
    summary = summarise(
        document(whole(toxin_allergy=None)), view([{**RAISED, "decided_band": "POSSIBLE"}])
    )
    assert (summary.since.band, summary.since.is_decided) == (None, False)
    assert summarise(document(), view([DECIDED])).since.is_decided


# --- What stands where on page one -------------------------------------------------------------

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


@pytest.mark.parametrize("name", ["everything_known", "everything_marked", "v13", "v26", "spanish"])
def test_what_a_doctor_looks_for_stands_on_page_one_however_full_it_is(name):
    summary = summarise(*patient(name))
    for fit in FITS:
        page = page_one(summary, fit)
        above, below = [[line.label for line in part] for part in (page.forbids, page.wanted)]
        assert {"Allergies", "Bleeding", "Not known", "Answers"} <= set(above)
        assert any(label in ("Stop", "Stops") for label in above)
        assert {"Last toxin", "Filler wish"} <= set(below)
        assert any(label.startswith("Goal") for label in below)
        if summary.places.rows:
            assert below[0] == "Worst place"


def test_the_next_toxin_date_is_never_cut_off():
    summary = summary_of(**LIMB_TOXIN | {"toxin_product": "inco"})
    for fit in FITS:
        assert "due since April 4, 2026" in said(page_one(summary, fit).wanted, "Last toxin")


def test_blanks_for_the_examiner_are_large_enough_or_on_page_two():
    heights = {(fit.exam_row, fit.exam_height) for fit in FITS if fit.exam}
    assert all(height >= (34 if in_a_row else 27) for in_a_row, height in heights)
    html = marked_up(summarise(document()), document(), FITS[0], with_inside=False)
    assert html.count('<td class="mas"></td>') == 2


@pytest.mark.parametrize("name", ["everything_known", "v13", "corrected", "not_now_until"])
def test_no_line_ends_within_a_date(name):
    sealed, record = patient(name)
    html = marked_up(summarise(sealed, record), sealed, FITS[0], with_inside=True)
    assert re.search(rf"({MONTHS})\N{{NO-BREAK SPACE}}\d", html)
    assert re.findall(rf"(?:{MONTHS}) \d+(?:, \d+)?", html) == []


def test_a_carer_and_a_blood_thinner_stand_above_the_wish():
    summary = summarise(document(whole(**CARER, person_agrees="no", blood_thinner=["warfarin"])))
    above = page_one(summary, FITS[0]).forbids
    assert "patient does NOT agree" in said(above, "Answers")
    assert said(above, "Bleeding").startswith("blood thinner: warfarin")


def test_typed_from_paper_names_who_typed_it():
    summary = summarise(document(typed_by="Dana Desk"))
    assert said(summary.identity.source, "Answers").startswith("typed from paper by Dana Desk")
