"""What keeps the band down (K.3), each cap alone on a patient who has every point."""

from typing import Any

import pytest

from intake.questionnaire.body import PLACES
from intake.scoring import Assessment, Band, assess
from tests.unit.rule_case import Cases, check, days_ago, listed, no, unclear, yes
from tests.unit.whole_patient import (
    BLANK,
    CARER,
    LIMB_TOXIN,
    TODAY,
    assessed,
    changed,
    finding,
)

UNSURE = ["not_sure"]
LEFT_ARM = ["left_shoulder", "left_elbow", "left_forearm", "left_wrist"]
LEG = {"places": ["left_wrist", "left_fingers", "left_knee"]}
LEG_ONLY = {
    "places": ["left_knee", "left_toes"],
    "left_knee_patterns": ["stays_bent"],
    "left_toes_patterns": ["curl"],
    "left_toes_strength": 6,
    "main_place": "left_toes",
    "goal_1_place": "left_toes",
}


def marked(*codes: str) -> dict[str, Any]:
    return {"places": list(codes), "main_place": codes[0], "goal_1_place": codes[0]}


def toxin(**given) -> dict[str, Any]:
    return {**LIMB_TOXIN, **given}


CASES: Cases = {
    # K-C1: six places in three limbs; five places, or two limbs, are not generalized.
    "generalized_pattern": (
        yes(marked(*LEFT_ARM, "right_wrist", "left_knee"), note="6 places"),
        no(marked(*LEFT_ARM[:3], "right_wrist", "left_knee")),
        no(marked(*LEFT_ARM, "left_knee", "left_toes")),
        # Neck and trunk count as places, not as limbs.
        yes(marked(*LEFT_ARM[:2], "right_wrist", "left_knee", "neck", "trunk")),
        no(marked(*LEFT_ARM, "left_knee", "neck", "trunk")),
        # The shoulder is arm, the hip is leg.
        yes(marked("left_shoulder", "right_shoulder", "left_hip", *LEFT_ARM[1:])),
        no(marked("left_shoulder", "left_hip", *LEFT_ARM[1:], "left_fingers")),
        yes(places=["all_over"], note="all over"),
        yes(marked(*(place.code for place in PLACES)), note="24 places"),
        no(marked("left_wrist")),
    ),
    # K-C2: less than 3 of 10 from the two latest limb sessions.
    "lost_response": (
        yes(toxin(limb_benefit=2, limb_before="yes", limb_before_benefit=2)),
        no(toxin(limb_benefit=3, limb_before="yes", limb_before_benefit=2)),
        no(toxin(limb_benefit=2, limb_before="yes", limb_before_benefit=3)),
        no(toxin(limb_benefit=2, limb_before="no")),
        yes(toxin(toxin_antibodies="yes")),
        no(toxin(toxin_uses=["bladder"], toxin_antibodies="yes")),
        no(prior_toxin="never"),
        # Antibodies count as not known only when the last session did not help (K10).
        no(toxin(toxin_antibodies="not_sure")),
        no(toxin(toxin_antibodies=BLANK)),
        unclear(toxin(toxin_antibodies="not_sure", limb_benefit=2)),
        unclear(toxin(toxin_antibodies="not_sure", limb_benefit_weeks=5)),
        unclear(toxin(toxin_antibodies=BLANK, toxin_problems=["hospital"])),
        unclear(toxin(limb_benefit=BLANK, limb_before="yes", limb_before_benefit=2)),
        unclear(toxin(limb_benefit=2, limb_before="yes", limb_before_benefit=BLANK)),
        unclear(toxin(limb_benefit=2, limb_before="not_sure")),
        unclear(toxin(toxin_uses=UNSURE)),
        unclear(prior_toxin="not_sure"),
    ),
    # K-C3, legs
    "leg_stiffness_useful": (
        yes(LEG, legs_help="yes"),
        yes(LEG_ONLY, legs_help="yes"),
        yes(marked("left_hip"), legs_help="yes"),
        yes(places=["all_over"], legs_help="yes"),
        no(LEG, legs_help="no"),
        no(legs_help="yes"),
        no(legs_help="not_sure"),
        no(marked("neck", "left_wrist"), legs_help="yes"),
        unclear(LEG, legs_help="not_sure"),
        unclear(LEG, legs_help=BLANK),
    ),
    # K-C3, grip
    "arm_stiffness_useful": (
        yes(arms_help="yes"),
        yes(marked("right_shoulder"), arms_help="yes"),
        no(arms_help="no"),
        no(LEG_ONLY, arms_help="yes"),
        no(LEG_ONLY, arms_help="not_sure"),
        unclear(arms_help="not_sure"),
        unclear(arms_help=BLANK),
    ),
    # K-C4
    "joint_fixed": (
        yes(main_moves="not_at_all"),
        yes(main_moves="fixed"),
        no(main_moves="partly"),
        no(main_moves="yes"),
        no(marked("left_wrist"), main_moves="yes"),
        yes(marked("left_wrist"), main_moves="fixed"),
        unclear(main_moves="not_sure"),
        unclear(main_moves=BLANK),
        # Which place is meant is not known.
        unclear(main_place=BLANK, main_moves="fixed"),
        unclear(main_place="not_sure", main_moves="yes"),
    ),
    # K-C5
    "swallow_or_breath": (
        *(
            yes(swallow_breathing=[code])
            for code in ("swallow", "aspiration", "tube", "breath", "oxygen", "stiff_lungs")
        ),
        yes(swallow_breathing=["asthma", "oxygen"]),
        yes(symptoms=["swallow_voice"], swallow_voice_since="long"),
        yes(symptoms=["breathing"], breathing_since="long", swallow_breathing=BLANK),
        yes(now_breath_heart=["breathing"]),
        yes(now_medicine=["toxin"], now_toxin_signs=["breath_swallow_speech"]),
        *(no(swallow_breathing=[code]) for code in ("asthma", "cpap", "past", "none")),
        unclear(swallow_breathing=UNSURE),
        unclear(swallow_breathing=["asthma", "not_sure"]),
        unclear(swallow_breathing=BLANK),
    ),
    # K-C6
    "feeding_or_bleeding": (
        yes(breastfeeding="yes"),
        yes(bleeding_disorder="yes"),
        no(breastfeeding="no"),
        no(breastfeeding="not_applicable"),
        no(pregnancy="not_applicable"),
        no(blood_thinner=["warfarin"]),
        unclear(breastfeeding="not_sure"),
        unclear(breastfeeding=BLANK),
        unclear(pregnancy=BLANK),
        unclear(bleeding_disorder="not_sure"),
        unclear(bleeding_disorder=BLANK),
    ),
    # K-C7
    "earlier_spread": (
        *(yes(toxin(toxin_problems=[code])) for code in ("swallow_breath", "spread", "hospital")),
        yes(now_medicine=["toxin"], now_toxin_signs=["spread"]),
        *(no(toxin(toxin_problems=[code])) for code in ("weak", "pain", "other", "none")),
        no(prior_toxin="never"),
        unclear(toxin(toxin_problems=UNSURE)),
        unclear(toxin(toxin_problems=["pain", "not_sure"])),
        unclear(toxin(toxin_problems=BLANK)),
        unclear(prior_toxin=BLANK),
    ),
    # K-C8
    "consent_unclear": (
        yes(CARER, person_agrees="no"),
        yes(CARER, person_agrees="not_sure"),
        yes(CARER, person_agrees=BLANK),
        yes(CARER, person_decides="no", proxy="no"),
        no(CARER),
        no(CARER, person_decides="no", proxy="me"),
        no(CARER, person_decides="no", proxy="other"),
        no(CARER, person_decides="helped"),
        no(CARER, person_decides="not_sure", proxy="me"),
        no(respondent="self"),
        no(respondent="self_helped"),
        unclear(CARER, person_decides="not_sure"),
        unclear(CARER, person_decides=BLANK),
        unclear(CARER, person_decides="no", proxy="not_sure"),
        unclear(CARER, person_decides="no", proxy=BLANK),
    ),
    # K-C9: each pair
    "contradicted": (
        yes(now_medicine=["toxin"], now_toxin_signs=["none"], note="never"),
        # Page 1 asks for about 12 weeks: two weeks more are a slip, not a contradiction.
        yes(
            LIMB_TOXIN,
            now_medicine=["toxin"],
            now_toxin_signs=["none"],
            toxin_last_on=days_ago(98),
            note="March 9, 2026",
        ),
        no(
            LIMB_TOXIN,
            now_medicine=["toxin"],
            now_toxin_signs=["none"],
            toxin_last_on=days_ago(97),
        ),
        yes(LIMB_TOXIN, toxin_last_on=days_ago(83)),
        no(LIMB_TOXIN, toxin_last_on=days_ago(84)),
        yes(left_fingers_strength=0, spasm_frequency="many", note="0 of 10"),
        yes(left_fingers_strength=0, spasm_frequency="hourly"),
        no(left_fingers_strength=1, spasm_frequency="many"),
        no(left_fingers_strength=0, spasm_frequency="rare"),
        no(left_wrist_strength=0, spasm_frequency="many"),
        yes(spasm_drugs=["none"], now_medicine=["stopped"], now_stopped_signs=["none"]),
        no(now_medicine=["stopped"], now_stopped_signs=["none"]),
        yes(now_medicine=["pump"], now_pump_signs="no"),
        no(pump="yes", now_medicine=["pump"], now_pump_signs="no"),
        yes(baclofen_use="stopped_week"),
        no(baclofen_use="stopped_week", now_medicine=["stopped"], now_stopped_signs=["none"]),
        *(
            yes({"symptoms": [symptom], f"{symptom}_since": "week"})
            for symptom in (
                "vision_loss",
                "double_vision",
                "coordination",
                "weakness",
                "bladder_bowel",
                "swallow_voice",
                "breathing",
            )
        ),
        no(symptoms=["weakness"], weakness_since="week", now_nerves=["days"]),
        no(symptoms=["weakness"], weakness_since="week", now_nerves=UNSURE),
        no(symptoms=["breathing"], breathing_since="today", now_breath_heart=["breathing"]),
        no(symptoms=["weakness"], weakness_since="months"),
        no(symptoms=["pain"], pain_since="today"),
        no(),
    ),
    # K-C10
    "ms_uncertain": (
        yes(ms_diagnosis="suspected"),
        yes(ms_diagnosis="not_sure"),
        yes(ms_diagnosis=BLANK),
        no(ms_diagnosis="confirmed"),
        no(ms_diagnosis="no"),
    ),
    # K-C11
    "only_middle": (
        yes(marked("neck")),
        yes(marked("trunk")),
        yes(marked("neck", "trunk")),
        no(marked("neck", "left_wrist")),
        no(places=["all_over"]),
        no(places=["none"]),
    ),
}


@pytest.mark.parametrize(("name", "case"), listed(CASES))
def test_verdict(name, case):
    check(name, case)


CAP_OF = dict.fromkeys(CASES, Band.ASSESS) | {"arm_stiffness_useful": Band.POSSIBLE}


@pytest.mark.parametrize(
    ("name", "case"),
    [each for each in listed(CASES) if each.values[1].holds],
)
def test_a_cap_only_lowers(name, case):
    assessment = assessed(case.answers)
    assert assessment.band.rank <= CAP_OF[name].rank
    found = next(f for f in assessment.findings if f.name == name)
    assert found.cap is CAP_OF[name]


@pytest.mark.parametrize(
    ("alone", "band"),
    [
        (marked(*LEFT_ARM, "right_wrist", "left_knee"), Band.ASSESS),
        (toxin(toxin_antibodies="yes"), Band.ASSESS),
        ({**LEG_ONLY, "legs_help": "yes"}, Band.ASSESS),
        ({"arms_help": "yes"}, Band.POSSIBLE),
        ({"main_moves": "fixed"}, Band.ASSESS),
        ({"swallow_breathing": ["aspiration"]}, Band.ASSESS),
        ({"breastfeeding": "yes"}, Band.ASSESS),
        (toxin(toxin_problems=["hospital"]), Band.ASSESS),
        ({**CARER, "person_agrees": "no"}, Band.ASSESS),
        ({"left_fingers_strength": 0, "spasm_frequency": "many"}, Band.ASSESS),
        ({"ms_diagnosis": "suspected"}, Band.ASSESS),
        (marked("neck"), Band.ASSESS),
    ],
)
def test_one_cap_decides_a_band_that_points_would_raise(alone, band):
    assessment = assessed(alone)
    assert assessment.band is band
    assert assessment.highest is band
    assert assessment.total is not None
    assert assessment.total >= 6


def test_a_person_who_may_have_ms_is_not_told_another_pathway():
    assert assessed(ms_diagnosis="suspected").band is Band.ASSESS
    unsure = assessed(ms_diagnosis="not_sure")
    assert (unsure.band, unsure.lowest, unsure.highest) == (
        Band.ASSESS,
        Band.OTHER,
        Band.LIKELY,
    )


def test_reliance_on_a_limb_without_a_marked_place_is_a_note_only():
    assessment = assessed(LEG_ONLY, arms_help="yes")
    assert finding(assessment, "K11", "useful_elsewhere").note == "arm or hand"
    assert assessed(legs_help="yes").band is Band.LIKELY


# K-C9: both answers, in words


def pairs(assessment: Assessment) -> list[tuple[str, str]]:
    return [(c.first.key, c.second.key) for c in assessment.contradictions]


def test_both_answers_stand_beside_each_other():
    (found,) = assessed(now_medicine=["toxin"], now_toxin_signs=["none"]).contradictions
    assert (found.first.key, found.first.words) == ("prior_toxin", "never")
    assert found.second.key == "now_medicine"
    assert "botulinum toxin in the last 12 weeks" in found.second.words


def test_every_contradiction_is_listed():
    assessment = assessed(
        now_medicine=["pump", "stopped", "toxin"],
        now_pump_signs="no",
        now_stopped_signs=["none"],
        now_toxin_signs=["none"],
        spasm_drugs=["none"],
    )
    assert {first for first, _ in pairs(assessment)} == {"prior_toxin", "spasm_drugs", "pump"}


def test_answers_off_the_path_that_are_handed_in_contradict_what_hides_them():
    answers = changed(toxin_last_on="2026-06-01", toxin_product="ona")
    handed_in = assess(answers, TODAY, handed_in=True)
    assert set(handed_in.ignored) == {"toxin_last_on", "toxin_product"}
    assert set(pairs(handed_in)) == {
        ("prior_toxin", "toxin_last_on"),
        ("prior_toxin", "toxin_product"),
    }
    assert handed_in.band is Band.ASSESS


def test_a_drafts_leftovers_contradict_nothing():
    draft = assess(changed(toxin_last_on="2026-06-01"), TODAY)
    assert draft.ignored == ("toxin_last_on",)
    assert not draft.contradictions
    assert draft.band is Band.LIKELY


@pytest.mark.parametrize(
    ("answers", "first", "second"),
    [
        ({"main_place": "left_knee"}, "places", "main_place"),
        ({"goal_1_place": "left_knee"}, "places", "goal_1_place"),
        ({"left_knee_patterns": ["stays_bent"]}, "places", "left_knee_patterns"),
        ({"pump_clinic": "Hill Clinic"}, "pump", "pump_clinic"),
        ({"now_pump_signs": "yes"}, "now_medicine", "now_pump_signs"),
        ({"tizanidine_use": "now"}, "spasm_drugs", "tizanidine_use"),
    ],
)
def test_each_ignored_answer_is_set_against_the_answer_that_hides_it(answers, first, second):
    handed_in = assess(changed(answers), TODAY, handed_in=True)
    assert second in handed_in.ignored
    assert (first, second) in pairs(handed_in)
    assert handed_in.band is Band.ASSESS


@pytest.mark.parametrize(
    "answers",
    [
        {"toxin_problems": ["none"]},
        {"toxin_last_on": "not_sure"},
        {"toxin_problems_now": "no"},
        # Who fills in is no clinical answer, and a file may keep what another person gave.
        {"person_agrees": "no"},
        # What hides it is itself not known.
        {"prior_toxin": BLANK, "toxin_product": "ona"},
    ],
)
def test_ignored_answers_that_say_nothing_contradict_nothing(answers):
    handed_in = assess(changed(answers), TODAY, handed_in=True)
    assert handed_in.ignored
    assert not handed_in.contradictions


def test_private_answers_are_never_quoted_as_a_contradiction():
    handed_in = assess(changed(private="no", now_self_harm="plan"), TODAY, handed_in=True)
    assert "now_self_harm" in handed_in.ignored
    assert not handed_in.contradictions
