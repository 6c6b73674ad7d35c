"""What is not known: which band it allows, how it is named, and how it could move the result."""

import pytest

from intake.scoring import Band, assess
from intake.scoring.model import Unknown
from tests.unit.whole_patient import BLANK, CARER, LIMB_TOXIN, TODAY, assessed, finding

UNSURE = ["not_sure"]

CRITICAL = {
    "toxin_allergy": "not_sure",
    "prior_toxin": "not_sure",
    "pregnancy": "not_sure",
    "nerve_muscle": UNSURE,
    "swallow_breathing": UNSURE,
    "site_infection": "not_sure",
    "places": UNSURE,
}
"""K-U1, with what "not sure" looks like."""

IMPORTANT = {
    "left_fingers_strength": "not_sure",
    "main_place": "not_sure",
    "goal_1": "not_sure",
    "main_moves": "not_sure",
    "arms_help": "not_sure",
    "tried": UNSURE,
    "therapy": UNSURE,
    "stretch_help": "not_sure",
    "can_review": "not_sure",
    "can_repeat": "not_sure",
    "blood_thinner": UNSURE,
    "triggers": UNSURE,
    "triggers_around": UNSURE,
    "breastfeeding": "not_sure",
    "bleeding_disorder": "not_sure",
    "antibiotics": UNSURE,
    "allergies": UNSURE,
    "relapse": "not_sure",
    "steroid": "not_sure",
    "ms_drug_change": "not_sure",
}
"""K-U2 for a person who never had toxin."""

NO_OTHER_K7 = {"too_sleepy": "no", "baclofen_problems": ["none"]}


def named(unknown: tuple[Unknown, ...]) -> dict[str, tuple[str, Band | None]]:
    return {entry.key: (entry.said, entry.cap) for entry in unknown}


@pytest.mark.parametrize(("key", "unsure"), CRITICAL.items())
@pytest.mark.parametrize("said", ["not answered", "not sure"])
def test_a_critical_unknown_allows_needs_assessment_at_most(key, unsure, said):
    assessment = assessed({key: BLANK if said == "not answered" else unsure})
    assert assessment.band is Band.ASSESS
    assert named(assessment.unknown)[key] == (said, Band.ASSESS)
    assert assessment.highest is Band.LIKELY
    label = next(entry.label for entry in assessment.unknown if entry.key == key)
    assert label.lower() in assessment.band_text
    summed = finding(assessment, "K-U1")
    assert summed.holds
    assert key in [read.key for read in summed.reads]
    assert "phone" in summed.resolve


@pytest.mark.parametrize("last", [BLANK, "not_sure", "2026", "2026-03"])
def test_a_missing_or_coarse_last_date_is_critical(last):
    assessment = assessed(LIMB_TOXIN, toxin_last_on=last)
    assert (assessment.band, assessment.lowest, assessment.highest) == (
        Band.ASSESS,
        Band.NOTNOW,
        Band.LIKELY,
    )
    assert list(named(assessment.unknown)) == ["toxin_last_on"]


@pytest.mark.parametrize(("key", "unsure"), IMPORTANT.items())
@pytest.mark.parametrize("said", ["not answered", "not sure"])
def test_an_important_unknown_allows_possible_at_most(key, unsure, said):
    base = NO_OTHER_K7 if key == "tried" else {}
    assessment = assessed(base, {key: BLANK if said == "not answered" else unsure})
    assert assessment.band is Band.POSSIBLE
    assert named(assessment.unknown)[key] == (said, Band.POSSIBLE)
    assert finding(assessment, "K-U2").holds
    assert finding(assessment, "K-U1").holds is False
    assert "not known: " in assessment.band_text
    assert assessment.highest is Band.LIKELY


TOXIN_IMPORTANT = {
    "limb_benefit": {"limb_before": "yes", "limb_before_benefit": 2},
    "limb_before": {"limb_benefit": 2},
    "limb_before_benefit": {"limb_benefit": 2, "limb_before": "yes"},
    "toxin_antibodies": {"limb_benefit": 2},
    "toxin_problems": {},
    "toxin_uses": {},
}


@pytest.mark.parametrize(("key", "base"), TOXIN_IMPORTANT.items())
def test_important_unknowns_of_earlier_toxin(key, base):
    assessment = assessed(LIMB_TOXIN, base, {key: BLANK})
    assert assessment.band is Band.POSSIBLE
    assert key in named(assessment.unknown)


def test_antibodies_are_asked_for_only_when_the_last_session_did_not_help():
    assert assessed(LIMB_TOXIN, toxin_antibodies=BLANK).band is Band.LIKELY
    assert assessed(LIMB_TOXIN, toxin_antibodies="not_sure").unknown == ()


def test_reliance_on_stiffness_matters_only_with_a_target_there():
    assert assessed(legs_help=BLANK).band is Band.LIKELY
    leg = assessed(legs_help=BLANK, places=["left_wrist", "left_fingers", "left_knee"])
    assert (leg.band, leg.lowest) == (Band.POSSIBLE, Band.ASSESS)
    assert list(named(leg.unknown)) == ["legs_help"]


@pytest.mark.parametrize(
    "answers",
    [
        {"person_decides": "not_sure"},
        {"person_decides": BLANK},
        {"person_decides": "no", "proxy": "not_sure"},
    ],
)
def test_doubt_about_who_decides_is_an_important_unknown(answers):
    assessment = assessed(CARER, answers)
    assert (assessment.band, assessment.lowest, assessment.highest) == (
        Band.POSSIBLE,
        Band.ASSESS,
        Band.LIKELY,
    )


def test_an_agreement_that_was_not_given_can_be_lifted_by_knowing():
    assessment = assessed(CARER, person_agrees=BLANK)
    assert (assessment.band, assessment.highest) == (Band.ASSESS, Band.LIKELY)
    assert "person_agrees" in named(assessment.unknown)


@pytest.mark.parametrize(
    "key",
    [
        "ms_type",
        "ms_since",
        "falls",
        "aids",
        "mobility",
        "main_times",
        "main_pain",
        "spasm_severity",
        "conditions",
        "blood_product",
        "bladder_drugs",
        "filler_preference",
        "pump",
        "lives_alone",
        "interpreter",
        "mood_down",
        "left_fingers_patterns",
    ],
)
def test_other_blanks_do_not_lower_the_band(key):
    assert assessed({key: BLANK}).band is Band.LIKELY


def test_nothing_unknown_says_nothing():
    assessment = assessed()
    assert assessment.unknown == ()
    assert assessment.band_text == "Likely candidate"
    assert finding(assessment, "K-U1").holds is False
    assert finding(assessment, "K-U2").holds is False
    assert (assessment.lowest, assessment.highest) == (Band.LIKELY, Band.LIKELY)


def test_blank_counts_as_not_known_and_never_as_no():
    nearly_blank = {
        "respondent": "self",
        "name": "Ira Example",
        "born_on": "1980-01-01",
        "phone": "315-555-0143",
        **{f"now_{g}": ["none"] for g in ("breath_heart", "nerves", "infection", "skin")},
        "now_medicine": ["none"],
        "now_leg_head": ["none"],
    }
    assessment = assess(nearly_blank, TODAY)
    assert (assessment.band, assessment.total) == (Band.ASSESS, 0)
    assert (assessment.lowest, assessment.highest) == (Band.OTHER, Band.LIKELY)
    keys = set(named(assessment.unknown))
    assert set(CRITICAL) <= keys
    assert {"ms_diagnosis", "goal_1", "therapy", "can_review", "blood_thinner"} <= keys


def test_urgency_and_pathway_keep_their_band_beside_unknowns():
    assert assessed(born_on="2015-01-01", toxin_allergy=BLANK).band is Band.OTHER
    assert assessed(now_nerves=["days"], toxin_allergy=BLANK).band is Band.URGENT
    assert assessed(site_infection="yes", toxin_allergy=BLANK).band is Band.NOTNOW


def test_a_ticked_answer_beside_not_sure_is_still_known_to_hold():
    assessment = assessed(nerve_muscle=["mg", "not_sure"])
    assert assessment.band is Band.NOTNOW


def test_each_unknown_is_named_once():
    assessment = assessed(pregnancy=BLANK, places=BLANK, ms_diagnosis=BLANK)
    keys = [entry.key for entry in assessment.unknown]
    assert len(keys) == len(set(keys))
