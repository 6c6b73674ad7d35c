"""The red-flag rows E1-E15: there, "not sure" (E18), denied, unanswered; and said later (E17)."""

from typing import Any

import pytest

from intake.questionnaire.cards import CARDS, Urgency
from intake.scoring import RULES, Band, red_flags, urgency_of
from tests.unit.rule_case import (
    EMERGENCY,
    SAME_DAY,
    SOON,
    Case,
    Cases,
    check,
    days_ago,
    listed,
    no,
    unclear,
    yes,
)
from tests.unit.whole_patient import BLANK, CARER, LIMB_TOXIN, TODAY, assessed, changed, finding

UNSURE = ["not_sure"]


def group(key: str, code: str, level: Urgency, other: str) -> tuple[Case, ...]:
    """The cases that every row of a page 1 group has."""
    return (
        yes({key: [code]}, level=level),
        yes({key: UNSURE}, level=SOON if level is SOON else SAME_DAY, unsure=True),
        yes({key: [other, "not_sure"]}, level=SOON if level is SOON else SAME_DAY, unsure=True),
        yes({key: [code, "not_sure"]}, level=level),
        no({key: ["none"]}),
        no({key: [other]}),
        unclear({key: BLANK}),
    )


def later(symptom: str, since: str) -> dict[str, Any]:
    return {"symptoms": [symptom], f"{symptom}_since": since}


CASES: Cases = {
    # E1
    "breathing": (
        *group("now_breath_heart", "breathing", EMERGENCY, "chest"),
        yes(later("swallow_voice", "week"), level=EMERGENCY, note="said later"),
        yes(later("breathing", "today"), level=EMERGENCY, note="said later"),
        no(later("breathing", "months")),
        no(later("swallow_voice", "long")),
    ),
    # E2a
    "new_nerve_signs": (
        *group("now_nerves", "days", SAME_DAY, "headache"),
        *(
            yes(later(symptom, since), level=SAME_DAY, note="said later")
            for symptom in ("vision_loss", "double_vision", "coordination", "weakness")
            for since in ("week", "today")
        ),
        no(later("weakness", "months")),
        no(later("vision_loss", "long")),
    ),
    # E2b
    "sudden_nerve_signs": group("now_nerves", "sudden", EMERGENCY, "days"),
    # E3a
    "infection": (
        *group("now_infection", "fever_spasms", SAME_DAY, "urine"),
        yes(now_infection=["urine_fever"], level=SAME_DAY),
    ),
    # E3b
    "sepsis": (
        yes(now_infection=["fever_spasms"], now_infection_signs="yes", level=EMERGENCY),
        yes(now_infection=["urine_fever"], now_infection_signs="yes", level=EMERGENCY),
        yes(now_skin=["sore"], now_skin_signs=["very_ill"], level=EMERGENCY),
        yes(now_skin=["wound"], now_skin_signs=["pus", "very_ill"], level=EMERGENCY),
        yes(
            now_infection=["fever_spasms"],
            now_infection_signs="not_sure",
            level=SAME_DAY,
            unsure=True,
        ),
        yes(now_skin=["sore"], now_skin_signs=UNSURE, level=SAME_DAY, unsure=True),
        no(now_infection=["urine_fever"], now_infection_signs="no"),
        no(now_skin=["sore"], now_skin_signs=["fever"]),
        no(now_infection=["urine"], now_infection_signs="yes"),
        no(),
        unclear(now_infection=BLANK),
        unclear(now_skin=BLANK),
        unclear(now_infection=["fever_spasms"]),
        unclear(now_skin=["wound"]),
    ),
    # E3c
    "urine_without_fever": (
        *group("now_infection", "urine", SOON, "belly"),
        yes(triggers=["urine"], level=SOON, note="said later"),
        no(now_infection=["urine_fever"], now_infection_signs="no", triggers=["urine"]),
    ),
    # E4a
    "pump_with_signs": (
        yes(now_medicine=["pump"], now_pump_signs="yes", level=EMERGENCY),
        yes(now_medicine=["pump"], now_pump_signs="not_sure", level=SAME_DAY, unsure=True),
        no(now_medicine=["pump"], now_pump_signs="no"),
        no(now_medicine=["none"], now_pump_signs="yes"),
        unclear(now_medicine=["pump"]),
        unclear(now_medicine=BLANK),
    ),
    # E4b
    "stopped_with_rebound": (
        yes(now_medicine=["stopped"], now_stopped_signs=["rebound"], level=SAME_DAY),
        yes(now_medicine=["stopped"], now_stopped_signs=["danger", "rebound"], level=SAME_DAY),
        yes(now_medicine=["stopped"], now_stopped_signs=UNSURE, level=SAME_DAY, unsure=True),
        yes(now_medicine=UNSURE, level=SAME_DAY, unsure=True),
        yes(baclofen_use="stopped_week", level=SAME_DAY, note="said later"),
        yes(
            spasm_drugs=["diazepam"],
            diazepam_use="stopped_week",
            level=SAME_DAY,
            note="said later",
        ),
        no(now_medicine=["stopped"], now_stopped_signs=["none"]),
        no(now_medicine=["stopped"], now_stopped_signs=["none"], baclofen_use="stopped_week"),
        no(now_medicine=["none"], now_stopped_signs=["rebound"]),
        no(baclofen_use="stopped"),
        no(baclofen_use="now"),
        unclear(now_medicine=["stopped"]),
        unclear(now_medicine=BLANK),
    ),
    # E4c
    "pump_without_signs": (
        yes(now_medicine=["pump"], now_pump_signs="no", level=SAME_DAY),
        yes(now_medicine=UNSURE, level=SAME_DAY, unsure=True),
        no(now_medicine=["pump"], now_pump_signs="yes"),
        no(now_medicine=["none"]),
        unclear(now_medicine=["pump"]),
        unclear(now_medicine=BLANK),
    ),
    # E4d
    "stopped_with_danger": (
        yes(now_medicine=["stopped"], now_stopped_signs=["danger"], level=EMERGENCY),
        yes(now_medicine=["stopped"], now_stopped_signs=["danger", "rebound"], level=EMERGENCY),
        yes(now_medicine=["stopped"], now_stopped_signs=UNSURE, level=SAME_DAY, unsure=True),
        no(now_medicine=["stopped"], now_stopped_signs=["rebound"]),
        no(now_medicine=["none"]),
        unclear(now_medicine=["stopped"]),
        unclear(now_medicine=BLANK),
    ),
    # E5
    "cord_signs": (
        *group("now_nerves", "cord", EMERGENCY, "days"),
        yes(later("bladder_bowel", "week"), level=EMERGENCY, note="said later"),
        yes(later("bladder_bowel", "today"), level=EMERGENCY, note="said later"),
        no(later("bladder_bowel", "months")),
    ),
    # E5b
    "belly": group("now_infection", "belly", EMERGENCY, "urine"),
    # E6
    "leg_clot": group("now_leg_head", "leg", SAME_DAY, "head"),
    # E6b
    "lung_clot": (
        yes(now_leg_head=["leg"], now_leg_signs="yes", level=EMERGENCY),
        yes(now_leg_head=["leg"], now_leg_signs="not_sure", level=SAME_DAY, unsure=True),
        no(now_leg_head=["leg"], now_leg_signs="no"),
        no(now_leg_head=["none"], now_leg_signs="yes"),
        unclear(now_leg_head=["leg"]),
        unclear(now_leg_head=BLANK),
    ),
    # E7a
    "suicidal_plan": (
        yes(now_self_harm="plan", level=EMERGENCY),
        yes(now_self_harm="not_sure", level=EMERGENCY, unsure=True),
        no(now_self_harm="thoughts"),
        no(now_self_harm="no"),
        no(private="no", now_self_harm="plan"),
        no(CARER),
        unclear(now_self_harm=BLANK),
    ),
    # E7b
    "suicidal_thoughts": (
        yes(now_self_harm="thoughts", level=SAME_DAY),
        no(now_self_harm="plan"),
        no(now_self_harm="not_sure"),
        no(now_self_harm="no"),
        no(private="no", now_self_harm="thoughts"),
        no(respondent="self_helped", now_self_harm="thoughts"),
        unclear(now_self_harm=BLANK),
    ),
    # E8
    "chest": group("now_breath_heart", "chest", EMERGENCY, "swelling"),
    # E9a
    "sore": (
        yes(now_skin=["sore"], now_skin_signs=["none"], level=SOON),
        yes(now_skin=UNSURE, level=SOON, unsure=True),
        yes(now_skin=["sore"], now_skin_signs=UNSURE, level=SOON),
        yes(triggers=["sore"], level=SOON, note="said later"),
        *(
            no(now_skin=["sore"], now_skin_signs=[sign])
            for sign in ("fever", "spreading", "pus", "very_ill")
        ),
        no(now_skin=["wound"], now_skin_signs=["none"]),
        no(now_skin=["none"]),
        unclear(now_skin=BLANK),
    ),
    # E9b
    "infected_sore": (
        yes(now_skin=["sore"], now_skin_signs=["fever"], level=SAME_DAY),
        yes(now_skin=["sore"], now_skin_signs=["spreading"], level=SAME_DAY),
        yes(now_skin=["sore"], now_skin_signs=["pus"], level=SAME_DAY),
        yes(now_skin=["wound"], now_skin_signs=["fever"], level=SAME_DAY),
        yes(now_skin=["wound"], now_skin_signs=["pus", "spreading"], level=SAME_DAY),
        yes(now_skin=["wound"], now_skin_signs=UNSURE, level=SAME_DAY, unsure=True),
        no(now_skin=["wound"], now_skin_signs=["pus"]),
        no(now_skin=["sore"], now_skin_signs=["none"]),
        no(now_skin=["none"], now_skin_signs=["fever"]),
        unclear(now_skin=["sore"]),
        unclear(now_skin=BLANK),
    ),
    # E9c
    "wound": (
        yes(now_skin=["wound"], now_skin_signs=["none"], level=SOON),
        yes(now_skin=["wound"], now_skin_signs=["pus"], level=SOON),
        yes(now_skin=UNSURE, level=SOON, unsure=True),
        yes(site_infection="yes", level=SOON, note="said later"),
        *(
            no(now_skin=["wound"], now_skin_signs=[sign])
            for sign in ("fever", "spreading", "very_ill")
        ),
        no(now_skin=["sore"], now_skin_signs=["none"]),
        no(now_skin=["none"]),
        unclear(now_skin=BLANK),
    ),
    # E10
    "head_danger": (
        yes(now_leg_head=["head"], now_head_signs=["signs"], level=EMERGENCY),
        yes(now_leg_head=["head"], now_head_signs=["thinner"], level=EMERGENCY),
        yes(now_leg_head=["head"], now_head_signs=UNSURE, level=SAME_DAY, unsure=True),
        *(
            yes(
                now_leg_head=["head"],
                now_head_signs=["none"],
                blood_thinner=[drug],
                level=EMERGENCY,
                note="said later",
            )
            for drug in ("warfarin", "doac", "heparin")
        ),
        yes(
            now_leg_head=["head"],
            now_head_signs=["none"],
            bleeding_disorder="yes",
            level=EMERGENCY,
            note="said later",
        ),
        no(now_leg_head=["head"], now_head_signs=["none"]),
        no(blood_thinner=["warfarin"]),
        no(bleeding_disorder="yes"),
        no(now_leg_head=["leg"], now_head_signs=["signs"]),
        unclear(now_leg_head=["head"]),
        unclear(now_leg_head=BLANK),
    ),
    # E10b
    "head_hit": (
        yes(now_leg_head=["head"], now_head_signs=["none"], level=SAME_DAY),
        yes(now_leg_head=["head"], level=SAME_DAY),
        yes(now_leg_head=UNSURE, level=SAME_DAY, unsure=True),
        no(now_leg_head=["head"], now_head_signs=["signs"]),
        no(now_leg_head=["head"], now_head_signs=["thinner"]),
        no(now_leg_head=["head"], now_head_signs=["none"], blood_thinner=["warfarin"]),
        no(now_leg_head=["leg"]),
        unclear(now_leg_head=BLANK),
    ),
    # E11
    "toxin_spread": (
        yes(now_medicine=["toxin"], now_toxin_signs=["breath_swallow_speech"], level=EMERGENCY),
        yes(now_medicine=["toxin"], now_toxin_signs=["spread"], level=SAME_DAY),
        yes(now_medicine=["toxin"], now_toxin_signs=UNSURE, level=SAME_DAY, unsure=True),
        yes(now_medicine=UNSURE, level=SAME_DAY, unsure=True),
        # Said later: the problem is there now, and the injection was less than 12 weeks ago.
        yes(
            LIMB_TOXIN,
            toxin_last_on=days_ago(83),
            toxin_problems=["swallow_breath"],
            toxin_problems_now="yes",
            level=EMERGENCY,
            note="said later",
        ),
        yes(
            LIMB_TOXIN,
            toxin_last_on=days_ago(83),
            toxin_problems=["spread"],
            toxin_problems_now="yes",
            level=SAME_DAY,
            note="said later",
        ),
        yes(
            LIMB_TOXIN,
            toxin_last_on=BLANK,
            toxin_problems=["spread"],
            toxin_problems_now="yes",
            level=SAME_DAY,
        ),
        yes(
            LIMB_TOXIN,
            toxin_last_on=days_ago(20),
            toxin_problems=["spread"],
            toxin_problems_now="not_sure",
            level=SAME_DAY,
            unsure=True,
        ),
        # Said later on the symptoms page, within 12 weeks of an injection.
        yes(
            LIMB_TOXIN,
            later("swallow_voice", "months"),
            toxin_last_on=days_ago(20),
            level=EMERGENCY,
        ),
        yes(
            LIMB_TOXIN,
            later("double_vision", "months"),
            toxin_last_on=days_ago(20),
            level=SAME_DAY,
        ),
        no(LIMB_TOXIN, later("double_vision", "months"), toxin_last_on=days_ago(84)),
        no(LIMB_TOXIN, later("double_vision", "long"), toxin_last_on=days_ago(20)),
        no(
            LIMB_TOXIN,
            toxin_last_on=days_ago(84),
            toxin_problems=["spread"],
            toxin_problems_now="yes",
        ),
        no(
            LIMB_TOXIN,
            toxin_last_on=days_ago(20),
            toxin_problems=["spread"],
            toxin_problems_now="no",
        ),
        no(now_medicine=["toxin"], now_toxin_signs=["none"]),
        no(now_medicine=["none"], now_toxin_signs=["spread"]),
        unclear(now_medicine=["toxin"]),
        unclear(now_medicine=BLANK),
    ),
    # E12
    "allergic_reaction": group("now_breath_heart", "swelling", EMERGENCY, "chest"),
    # E13
    "infusion": group("now_infection", "infusion", SAME_DAY, "urine"),
    # E14
    "dysreflexia": group("now_nerves", "headache", EMERGENCY, "days"),
    # E15
    "unsafe_at_home": (
        yes(now_unsafe="yes", level=SAME_DAY),
        yes(now_unsafe="not_sure", level=SAME_DAY, unsure=True),
        no(now_unsafe="no"),
        no(private="no", now_unsafe="yes"),
        no(CARER),
        unclear(now_unsafe=BLANK),
    ),
}


@pytest.mark.parametrize(("name", "case"), listed(CASES))
def test_red_flag_row(name, case):
    check(name, case)


ROW_OF = {rule.name: rule.id for rule in RULES}

POSITIVE = [
    pytest.param(ROW_OF[name], first.level, first.answers, id=ROW_OF[name])
    for name, (first, *_) in CASES.items()
]
"""The first case of every row is a clear yes."""


@pytest.mark.parametrize(("row", "level", "answers"), POSITIVE)
def test_a_positive_row_sets_urgency_band_and_card(row, level, answers):
    assessment = assessed(answers)
    shown = {flag.card: flag for flag in red_flags(changed(answers), TODAY)}
    assert shown[row].level is level
    assert not shown[row].unsure
    assert row in CARDS
    assert assessment.urgency.rank <= level.rank
    assert urgency_of(changed(answers), TODAY) is assessment.urgency
    if level is not SOON:
        assert assessment.band is Band.URGENT
        assert assessment.total is None


def test_soon_rows_leave_the_band_to_the_other_rules():
    # A wound elsewhere defers through K-D8; only the row itself must not make it urgent.
    sore = assessed(now_skin=["sore"], now_skin_signs=["none"])
    assert (sore.urgency, sore.band) == (SOON, Band.NOTNOW)


def test_not_sure_is_same_day_and_makes_the_band_urgent():
    assessment = assessed(now_nerves=UNSURE)
    assert (assessment.urgency, assessment.band) == (SAME_DAY, Band.URGENT)
    assert {f.rule for f in assessment.findings if f.unsure} == {"E2a", "E2b", "E5", "E14"}


def test_not_sure_of_a_soon_row_is_soon():
    assert assessed(now_skin=UNSURE).urgency is SOON


def test_the_most_urgent_level_is_shown_first():
    answers = changed(now_breath_heart=["chest"], now_nerves=["days"], now_skin=UNSURE)
    levels = [flag.level for flag in red_flags(answers, TODAY)]
    assert levels == sorted(levels, key=lambda level: level.rank)
    assert (levels[0], levels[-1]) == (EMERGENCY, SOON)


@pytest.mark.parametrize(
    "key",
    [
        "now_breath_heart",
        "now_nerves",
        "now_infection",
        "now_skin",
        "now_medicine",
        "now_leg_head",
        "now_self_harm",
        "now_unsafe",
    ],
)
def test_an_unanswered_row_leaves_the_screen_incomplete(key):
    assessment = assessed({key: BLANK})
    assert not assessment.screen_complete
    assert assessment.band is Band.ASSESS
    assert (assessment.lowest, assessment.highest) == (Band.URGENT, Band.LIKELY)
    assert "page 1 incomplete" in assessment.band_text
    assert "E18" in assessment.reason


def test_a_complete_screen_says_so():
    assert assessed().screen_complete


def test_private_rows_are_marked_private_and_no_others():
    private = {f.rule for f in assessed().findings if f.private}
    assert {"E7a", "E7b", "E15"} <= private
    assert not {"E1", "E4b", "E11"} & private


@pytest.mark.parametrize("shown", [{"private": "no"}, {"private": BLANK}, CARER])
def test_private_rows_that_were_not_asked_are_named(shown):
    assessment = assessed(shown)
    assert finding(assessment, "E19").holds
    assert assessment.screen_complete
    assert assessment.band is Band.LIKELY


def test_private_rows_that_were_asked_are_not_named_as_left_out():
    assert finding(assessed(), "E19").holds is False
