"""Points (K.4), on both sides of every threshold, and the bands they lead to."""

from typing import Any

import pytest

from intake.scoring import Band
from tests.unit.rule_case import Cases, check, listed, no, unclear, yes
from tests.unit.whole_patient import BLANK, LIMB_TOXIN, assessed, finding

UNSURE = ["not_sure"]


def toxin(**given) -> dict[str, Any]:
    return {**LIMB_TOXIN, **given}


NO_DRUG_TROUBLE = {"too_sleepy": "no", "baclofen_problems": ["none"]}
"""Nothing about the drug itself earns K7."""

SECOND = {"goal_more": "yes", "goal_2": "dress", "goal_2_place": "left_wrist"}

CASES: Cases = {
    "focal": (
        yes(places=["left_fingers"], points=3),
        yes(places=["left_wrist", "left_fingers"], points=3),
        yes(places=["left_wrist", "left_fingers", "left_thumb"], points=2),
        yes(places=["left_wrist", "neck", "trunk"], points=2),
        yes(
            places=["left_wrist", "left_fingers", "left_thumb", "left_knee", "left_toes"], points=2
        ),
        no(places=["all_over"], points=0),
        no(places=["all_over", "left_wrist"], points=0),
        no(
            places=[
                "left_wrist",
                "left_fingers",
                "left_thumb",
                "right_wrist",
                "left_knee",
                "left_toes",
            ],
            points=0,
        ),
        unclear(places=["none"], points=0),
        unclear(places=UNSURE, points=0),
        unclear(places=BLANK, points=0),
    ),
    "small_target": (
        yes(points=1),
        yes(places=["left_knee", "left_fingers"], left_knee_patterns=["stays_bent"], points=1),
        yes(places=["left_forearm"], left_forearm_patterns=["palm_down"], points=1),
        yes(places=["left_toes"], left_toes_patterns=["curl"], points=1),
        yes(places=["left_knee", "left_fingers"], left_knee_patterns=BLANK, points=1),
        no(places=["left_elbow"], left_elbow_patterns=["stays_bent"], points=0),
        no(places=["left_ankle_foot"], left_ankle_foot_patterns=["points_down"], points=0),
        no(places=["left_knee"], left_knee_patterns=["stays_bent"], points=0),
        unclear(places=["left_knee", "left_elbow"], left_knee_patterns=["stays_bent"], points=0),
        unclear(places=["left_fingers"], left_fingers_patterns=UNSURE, points=0),
        unclear(places=["left_fingers"], left_fingers_patterns=["other"], points=0),
        unclear(places=BLANK, points=0),
        unclear(places=UNSURE, points=0),
    ),
    "goal": (
        yes(points=3, note="specific"),
        yes(goal_1="own", goal_1_words="hold my brush", points=3),
        yes(goal_1="own", points=1, note="vague"),
        yes(goal_1="own", goal_1_words="hold my brush", goal_1_measure=BLANK, points=1),
        yes(goal_1="looser", points=1, note="vague"),
        yes(goal_1_place=BLANK, points=1),
        yes(goal_1_place="not_sure", points=1),
        yes(goal_1_measure=BLANK, points=1),
        yes(goal_1_measure="not_sure", points=1),
        yes(places=["none"], points=1),
        # Never judged from the wording.
        yes(goal_1_words="x", goal_1_measure="y", points=3),
        yes(goal_1="looser", goal_1_words="wash my palm every day", points=1),
        # With one place marked there is nothing to choose, so nothing is asked.
        yes(places=["left_fingers"], goal_1_place=BLANK, points=3),
        # Of two goals the better counts, once.
        yes(SECOND, goal_1="looser", goal_2_measure="my sleeve is on", points=3),
        yes(SECOND, goal_2_measure="my sleeve is on", points=3),
        yes(SECOND, goal_1="looser", points=1),
        unclear(goal_1="not_sure", points=0),
        unclear(goal_1=BLANK, points=0),
    ),
    "strong_enough": (
        yes(left_fingers_strength=4, points=2),
        no(left_fingers_strength=3, points=0),
        yes(left_fingers_strength=10, points=2),
        no(left_fingers_strength=0, points=0),
        # Only the worst place counts.
        no(left_fingers_strength=3, left_wrist_strength=9, points=0),
        yes(places=["left_wrist"], left_wrist_strength=4, points=2),
        yes(places=["all_over"], all_over_strength=9, points=2),
        unclear(left_fingers_strength="not_sure", points=0),
        unclear(left_fingers_strength=BLANK, points=0),
        unclear(main_place=BLANK, points=0),
        unclear(main_place="not_sure", points=0),
        unclear(places=BLANK, points=0),
    ),
    "joint_moves": (
        yes(main_moves="yes", points=2),
        yes(main_moves="partly", points=2),
        no(main_moves="not_at_all", points=0),
        no(main_moves="fixed", points=0),
        unclear(main_moves="not_sure", points=0),
        unclear(main_moves=BLANK, points=0),
        unclear(main_place=BLANK, points=0),
        unclear(places=BLANK, points=0),
    ),
    "no_trigger": (
        yes(points=1),
        no(triggers=["nail"], points=0),
        no(triggers_around=["stress"], points=0),
        no(triggers=["sore"], points=0),
        no(triggers=["nail", "not_sure"], points=0),
        no(triggers=["nail"], triggers_around=BLANK, points=0),
        # Red-flag answers do not count here.
        yes(now_infection=["urine"], points=1),
        yes(now_skin=["wound"], now_skin_signs=["none"], points=1),
        unclear(triggers=UNSURE, points=0),
        unclear(triggers=BLANK, points=0),
        unclear(triggers_around=UNSURE, points=0),
        unclear(triggers_around=BLANK, points=0),
    ),
    "tried_and_not_enough": (
        yes(points=1),
        *(
            yes(NO_DRUG_TROUBLE, tried_result=[result], points=1)
            for result in ("not_enough", "not_tolerated", "sleepy")
        ),
        yes(NO_DRUG_TROUBLE, tried=["stretching"], tried_result=["not_enough"], points=1),
        yes(NO_DRUG_TROUBLE, tried_result=["enough"], too_sleepy="yes", points=1),
        *(
            yes(tried_result=["enough"], baclofen_problems=[problem], points=1)
            for problem in ("sleepy", "weak", "too_little")
        ),
        no(NO_DRUG_TROUBLE, tried_result=["enough"], points=0),
        no(NO_DRUG_TROUBLE, tried_result=["enough"], baclofen_problems=["ran_out"], points=0),
        no(tried=["none"], spasm_drugs=["none"], points=0),
        no(NO_DRUG_TROUBLE, tried=["pump"], points=0),
        unclear(NO_DRUG_TROUBLE, tried=BLANK, points=0),
        unclear(NO_DRUG_TROUBLE, tried=UNSURE, points=0),
        unclear(NO_DRUG_TROUBLE, tried_result=UNSURE, points=0),
        unclear(NO_DRUG_TROUBLE, tried_result=BLANK, points=0),
        # What was tried is answered; only the bound stays open.
        no(NO_DRUG_TROUBLE, tried_result=["enough"], too_sleepy="not_sure", points=0),
        no(NO_DRUG_TROUBLE, tried_result=["enough"], baclofen_problems=UNSURE, points=0),
    ),
    "therapy_support": (
        *(yes(therapy=[code], points=1) for code in ("pt", "ot", "stretches", "splint", "wants")),
        yes(stretch_help="helped", points=1),
        no(therapy=["none"], points=0),
        no(stretch_help="no_help", points=0),
        no(therapy=["none"], stretch_help=BLANK, points=0),
        unclear(therapy=UNSURE, points=0),
        unclear(therapy=BLANK, points=0),
        unclear(stretch_help="not_sure", points=0),
        unclear(stretch_help=BLANK, points=0),
    ),
    "can_follow_up": (
        yes(points=1),
        no(can_review="no", points=0),
        no(can_repeat="no", points=0),
        no(can_review="no", can_repeat=BLANK, points=0),
        unclear(can_review="not_sure", points=0),
        unclear(can_review=BLANK, points=0),
        unclear(can_repeat="not_sure", points=0),
        unclear(can_repeat=BLANK, points=0),
    ),
    # K10: 3 of 10 or more, for 6 weeks or more.
    "earlier_benefit": (
        yes(toxin(limb_benefit=3, limb_benefit_weeks=6), points=2),
        no(toxin(limb_benefit=2, limb_benefit_weeks=6), points=0),
        no(toxin(limb_benefit=3, limb_benefit_weeks=5), points=0),
        yes(toxin(limb_benefit=10, limb_benefit_weeks=104), points=2),
        no(toxin(toxin_problems=["hospital"]), points=0),
        no(toxin(toxin_problems=["spread"]), points=0),
        no(toxin(), now_medicine=["toxin"], now_toxin_signs=["spread"], points=0),
        # Bladder, migraine and cosmetic benefit does not count.
        *(no(toxin(toxin_uses=[use]), points=0) for use in ("bladder", "migraine", "cosmetic")),
        no(prior_toxin="never", points=0),
        unclear(toxin(limb_benefit="not_sure"), points=0),
        unclear(toxin(limb_benefit=BLANK), points=0),
        unclear(toxin(limb_benefit_weeks=BLANK), points=0),
        unclear(toxin(toxin_problems=UNSURE), points=0),
        unclear(toxin(toxin_uses=UNSURE), points=0),
        unclear(prior_toxin=BLANK, points=0),
    ),
}


@pytest.mark.parametrize(("name", "case"), listed(CASES))
def test_verdict_and_points(name, case):
    check(name, case)


@pytest.mark.parametrize(("name", "case"), listed(CASES))
def test_points_are_a_part_of_the_total(name, case):
    assessment = assessed(case.answers)
    points = [f for f in assessment.findings if f.effect == "points"]
    assert [f.rule for f in points] == [f"K{number}" for number in range(1, 11)]
    assert all(0 <= (f.points or 0) <= (f.best or 0) <= (f.max_points or 0) for f in points)
    if assessment.total is not None:
        assert assessment.total == sum(f.points or 0 for f in points)
        assert assessment.total <= (assessment.max_total or 0)


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        ("K1", 3),
        ("K2", 1),
        ("K3", 3),
        ("K4", 2),
        ("K5", 2),
        ("K6", 1),
        ("K7", 1),
        ("K8", 1),
        ("K9", 1),
        ("K10", 2),
    ],
)
def test_what_a_rule_can_earn(rule, most):
    assert finding(assessed(LIMB_TOXIN), rule).max_points == most
    assert finding(assessed(LIMB_TOXIN), rule).points == most


def test_everything_earned():
    assert (assessed().total, assessed().max_total) == (15, 15)
    before = assessed(LIMB_TOXIN)
    assert (before.total, before.max_total) == (17, 17)
    assert assessed(prior_toxin=BLANK).max_total == 17


# The bands. Known denials that each cost a point, and no cap:
MINUS_ONE = (
    {"triggers_around": ["stress"]},
    {**NO_DRUG_TROUBLE, "tried_result": ["enough"]},
    {"therapy": ["none"]},
    {"can_review": "no"},
)


def test_eleven_points_with_the_core_are_likely_and_ten_are_not():
    eleven = assessed(*MINUS_ONE)
    assert (eleven.total, eleven.band) == (11, Band.LIKELY)
    ten = assessed(
        *MINUS_ONE,
        places=["left_elbow", "left_knee"],
        left_elbow_patterns=["stays_bent"],
        left_elbow_strength=5,
        left_knee_patterns=["stays_bent"],
        main_place="left_elbow",
        goal_1_place="left_elbow",
    )
    assert (ten.total, ten.band) == (10, Band.POSSIBLE)
    assert all(ten.core.values())


@pytest.mark.parametrize(
    ("missing", "core"),
    [
        ({"goal_1": "looser"}, "K3"),
        ({"left_fingers_strength": 3}, "K4"),
    ],
)
def test_eleven_points_without_a_core_item_are_possible(missing, core):
    assessment = assessed(LIMB_TOXIN, missing)
    assert (assessment.total or 0) >= 11
    assert [rule for rule, met in assessment.core.items() if not met] == [core]
    assert assessment.band is Band.POSSIBLE
    assert core in assessment.reason


def test_a_joint_that_does_not_move_is_capped_even_with_eleven_points():
    assessment = assessed(LIMB_TOXIN, main_moves="not_at_all")
    assert (assessment.total or 0) >= 11
    assert assessment.core["K5"] is False
    assert assessment.band is Band.ASSESS


SIX = {"goal_1": "looser", "left_fingers_strength": 3}


def test_six_points_are_possible_and_five_need_assessment():
    six = assessed(*MINUS_ONE, SIX, places=["left_wrist", "left_fingers", "left_knee"])
    assert six.total == 2 + 1 + 1 + 2
    assert six.band is Band.POSSIBLE
    five = assessed(
        *MINUS_ONE,
        SIX,
        places=["left_elbow", "left_ankle_foot", "left_knee"],
        left_elbow_patterns=["stays_bent"],
        left_elbow_strength=3,
        left_ankle_foot_patterns=["turns_in"],
        left_knee_patterns=["stays_bent"],
        main_place="left_elbow",
        goal_1_place="left_elbow",
    )
    assert five.total == 2 + 0 + 1 + 2
    assert five.band is Band.ASSESS
    assert "5 points" in five.reason


def test_three_places_still_meet_the_core():
    assessment = assessed(places=["left_wrist", "left_fingers", "left_thumb"])
    assert assessment.core["K1"]
    assert assessment.band is Band.LIKELY


def test_the_best_of_a_second_goal_can_still_become_specific():
    own = {**SECOND, "goal_2": "own", "goal_2_words": "hold my brush"}
    assessment = assessed(own, goal_1="looser")
    assert finding(assessment, "K3").best == 3
    assert assessment.highest is Band.LIKELY


@pytest.mark.parametrize(
    "open_drug", [{"too_sleepy": "not_sure"}, {"baclofen_problems": UNSURE}, {"too_sleepy": BLANK}]
)
def test_a_drugs_unknown_trouble_can_still_earn_its_point(open_drug):
    enough = {**NO_DRUG_TROUBLE, "tried_result": ["enough"]}
    known, open_ended = assessed(enough), assessed(enough, open_drug)
    assert (finding(known, "K7").best, finding(open_ended, "K7").best) == (0, 1)
    assert open_ended.unknown == ()


def test_nothing_known_of_the_places_leaves_every_point_of_theirs_open():
    assessment = assessed(*MINUS_ONE, places=BLANK)
    assert finding(assessment, "K2").best == 1
    assert assessment.highest is Band.LIKELY
