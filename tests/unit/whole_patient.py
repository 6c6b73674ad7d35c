"""One whole patient whom no rule keeps back: the ground on which single answers are changed.

A woman of 49 with a clenched left hand, every question answered, 15 of 15 points.
"""

from datetime import date
from typing import Any

from intake.scoring import Assessment, assess
from intake.scoring.model import Finding

TODAY = date(2026, 6, 15)
BLANK = None
"""As the value of a changed answer: leave the question blank."""

DANGER_DENIED: dict[str, Any] = {
    "now_breath_heart": ["none"],
    "now_nerves": ["none"],
    "now_infection": ["none"],
    "now_skin": ["none"],
    "now_medicine": ["none"],
    "now_leg_head": ["none"],
    "now_self_harm": "no",
    "now_unsafe": "no",
}

WHOLE: dict[str, Any] = {
    "respondent": "self",
    "private": "yes",
    **DANGER_DENIED,
    "name": "Iris Example",
    "born_on": "1976-08-30",
    "phone": "315-555-0142",
    "interpreter": "no",
    "supports": ["none"],
    "proxy": "no",
    "reasons": ["stiffness", "limb"],
    "ms_diagnosis": "confirmed",
    "ms_type": "secondary",
    "ms_since": "2004",
    "relapse": "no",
    "steroid": "no",
    "ms_drug": ["none"],
    "ms_drug_change": "no",
    "symptoms": ["stiffness"],
    "stiffness_since": "long",
    "mobility": "4",
    "falls": 0,
    "aids": ["hand_splint"],
    "places": ["left_wrist", "left_fingers"],
    "left_wrist_patterns": ["bends_down"],
    "left_wrist_strength": 5,
    "left_fingers_patterns": ["fist"],
    "left_fingers_strength": 7,
    "main_place": "left_fingers",
    "main_times": ["always"],
    "main_pain": 3,
    "main_moves": "yes",
    "legs_help": "no",
    "arms_help": "no",
    "spasm_frequency": "set_off",
    "spasm_severity": "mild",
    "mood_interest": "0",
    "mood_down": "0",
    "goal_1": "wash_hand",
    "goal_1_place": "left_fingers",
    "goal_1_measure": "I wash my palm each day",
    "goal_1_now": 8,
    "goal_more": "no",
    "tried": ["stretching", "tablets"],
    "tried_result": ["not_tolerated"],
    "pump": "no",
    "pump_talked": "no",
    "spasm_drugs": ["baclofen"],
    "too_sleepy": "no",
    "baclofen_use": "stopped",
    "baclofen_problems": ["sleepy"],
    "prior_toxin": "never",
    "nerve_muscle": ["none"],
    "swallow_breathing": ["none"],
    "conditions": ["none"],
    "site_infection": "no",
    "triggers": ["none"],
    "triggers_around": ["none"],
    "toxin_allergy": "no",
    "allergies": ["none"],
    "blood_product": "no",
    "pregnancy": "no",
    "breastfeeding": "no",
    "blood_thinner": ["none"],
    "bleeding_disorder": "no",
    "antibiotics": ["none"],
    "bladder_drugs": ["none"],
    "filler_preference": "none",
    "therapy": ["ot", "splint"],
    "stretch_help": "alone",
    "can_review": "yes",
    "can_repeat": "yes",
}

LIMB_TOXIN: dict[str, Any] = {
    "prior_toxin": "yes",
    "toxin_uses": ["limb"],
    "toxin_last_on": "2026-01-10",
    "toxin_gap": "no",
    "limb_benefit": 7,
    "limb_benefit_weeks": 10,
    "limb_before": "no",
    "toxin_antibodies": "no",
    "toxin_hope": ["same"],
    "toxin_problems": ["none"],
}
"""Add it for a patient whose last toxin in a limb, 156 days ago, helped."""

CARER: dict[str, Any] = {
    "respondent": "carer",
    "private": BLANK,
    "now_self_harm": BLANK,
    "now_unsafe": BLANK,
    "mood_interest": BLANK,
    "mood_down": BLANK,
    "person_agrees": "yes",
    "person_decides": "yes",
}


def changed(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The whole patient with some answers changed; None leaves one blank."""
    answers = dict(WHOLE)
    for change in (*changes, more):
        answers |= change
    return {key: value for key, value in answers.items() if value is not BLANK}


def assessed(*changes: dict[str, Any], on: date = TODAY, **more: Any) -> Assessment:
    return assess(changed(*changes, **more), on)


def finding(assessment: Assessment, rule: str, name: str = "") -> Finding:
    """The one finding of a rule; `name` tells apart rules of one number."""
    found = [f for f in assessment.findings if f.rule == rule and name in ("", f.name)]
    assert len(found) == 1, f"{len(found)} findings of {rule} {name}"
    return found[0]
