"""Notes for the doctor (K11) and the filler box (K.6): seen, and without effect on the band."""

from typing import Any

import pytest

from intake.scoring import RULES, Band
from intake.scoring.model import Effect
from tests.unit.rule_case import Cases, check, days_ago, listed, no, unclear, yes
from tests.unit.whole_patient import BLANK, CARER, LIMB_TOXIN, assessed, finding

UNSURE = ["not_sure"]


def toxin(**given) -> dict[str, Any]:
    return {**LIMB_TOXIN, **given}


def filler(kind: str = "natural", **given) -> dict[str, Any]:
    return {
        "filler_preference": kind,
        "filler_purpose": ["lines"],
        "filler_allergies": ["none"],
        "filler_skin": ["none"],
        "filler_lately": ["none"],
        **given,
    }


THINNERS = ("warfarin", "doac", "heparin", "aspirin", "antiplatelet")
WATCHED = (
    "ocrelizumab",
    "ofatumumab",
    "ublituximab",
    "rituximab",
    "fingolimod",
    "siponimod",
    "ozanimod",
    "ponesimod",
    "cladribine",
    "alemtuzumab",
    "natalizumab",
    "mitoxantrone",
)

FLAGS: Cases = {
    "thinner": (
        *(yes(blood_thinner=[drug]) for drug in THINNERS),
        no(blood_thinner=["none"]),
        unclear(blood_thinner=UNSURE),
        unclear(blood_thinner=BLANK),
    ),
    "anticholinergic": (
        yes(bladder_drugs=["oxybutynin"], note="oxybutynin"),
        yes(bladder_drugs=["tolterodine"]),
        yes(bladder_drugs=["solifenacin"]),
        no(bladder_drugs=["cyclobenzaprine"]),
        no(bladder_drugs=["none"]),
        unclear(bladder_drugs=UNSURE),
        unclear(bladder_drugs=BLANK),
    ),
    "muscle_relaxant": (
        yes(baclofen_use="now", note="baclofen"),
        yes(spasm_drugs=["tizanidine"], tizanidine_use="now", note="tizanidine"),
        yes(spasm_drugs=["dantrolene"], dantrolene_use="now"),
        yes(spasm_drugs=["diazepam"], diazepam_use="now"),
        yes(bladder_drugs=["cyclobenzaprine"], note="cyclobenzaprine"),
        yes(baclofen_use=BLANK),
        no(baclofen_use="stopped"),
        no(spasm_drugs=["cannabis", "gabapentin"]),
        no(spasm_drugs=["none"]),
        unclear(spasm_drugs=UNSURE),
        unclear(spasm_drugs=BLANK),
    ),
    "other_blocker": (
        yes(antibiotics=["magnesium"]),
        yes(antibiotics=["quinidine"]),
        no(antibiotics=["other"]),
        unclear(antibiotics=BLANK),
    ),
    "older": (
        yes(born_on="1961-06-15", note="age 65"),
        no(born_on="1961-06-16"),
        unclear(born_on=BLANK),
    ),
    "cow_milk": (
        yes(allergies=["cow_milk"]),
        no(allergies=["latex"]),
        unclear(allergies=UNSURE),
        unclear(allergies=BLANK),
    ),
    "objects_to_albumin": (
        yes(blood_product="yes"),
        no(blood_product="no"),
        unclear(blood_product="not_sure"),
        unclear(blood_product=BLANK),
    ),
    "lung_note": (
        *(yes(swallow_breathing=[code]) for code in ("asthma", "cpap", "past")),
        no(swallow_breathing=["none"]),
        unclear(swallow_breathing=BLANK),
    ),
    "heart_or_seizures": (
        *(yes(conditions=[code]) for code in ("heart", "pressure", "seizures")),
        no(conditions=["catheter"]),
        unclear(conditions=BLANK),
    ),
    "catheter": (
        yes(conditions=["catheter"]),
        no(conditions=["none"]),
        unclear(conditions=UNSURE),
    ),
    "toxin_elsewhere": (
        *(yes(toxin(toxin_uses=["limb", use])) for use in ("bladder", "migraine", "cosmetic")),
        no(toxin()),
        no(prior_toxin="never"),
        unclear(toxin(toxin_uses=BLANK)),
    ),
    "booster_wish": (
        yes(toxin(toxin_hope=["top_up"])),
        no(toxin(toxin_hope=["same"])),
        no(prior_toxin="never"),
        unclear(toxin(toxin_hope=BLANK)),
    ),
    "short_gap": (
        yes(toxin(toxin_gap="yes")),
        no(toxin(toxin_gap="no")),
        unclear(toxin(toxin_gap="not_sure")),
    ),
    "too_weak_before": (
        yes(toxin(toxin_problems=["weak"])),
        no(toxin(toxin_problems=["pain"])),
        unclear(toxin(toxin_problems=BLANK)),
    ),
    "needs_interpreter": (
        yes(interpreter="yes"),
        no(interpreter="no"),
        unclear(interpreter=BLANK),
    ),
    # PHQ-2: 3 or more of 6
    "low_mood": (
        yes(mood_interest="1", mood_down="2", note="3 of 6"),
        no(mood_interest="1", mood_down="1"),
        yes(mood_interest="3", mood_down="3", note="6 of 6"),
        no(CARER),
        no(private="no"),
        unclear(mood_down=BLANK),
        unclear(mood_interest="not_sure"),
    ),
    "fell": (
        yes(falls=1, note="1"),
        yes(falls=99),
        no(falls=0),
        unclear(falls="not_sure"),
        unclear(falls=BLANK),
    ),
    "ataxia": (
        yes(symptoms=["coordination"], coordination_since="long"),
        no(symptoms=["pain"]),
        unclear(symptoms=BLANK),
    ),
    "large_muscles": (
        yes(places=["left_knee"], left_knee_patterns=["stays_bent"], note="knee bent"),
        yes(places=["left_ankle_foot"], left_ankle_foot_patterns=["points_down"]),
        no(),
        no(places=["left_elbow"], left_elbow_patterns=["stays_bent"]),
    ),
    "off_label_muscles": (
        yes(places=["left_inner_thigh"], left_inner_thigh_patterns=["knees_together"]),
        yes(places=["left_elbow"], left_elbow_patterns=["stuck_straight"]),
        no(),
        no(places=["left_ankle_foot"], left_ankle_foot_patterns=["points_down"]),
    ),
    "immune_drug": (
        *(yes(ms_drug=[drug], note=drug) for drug in WATCHED),
        yes(steroid="now", note="steroid now"),
        no(ms_drug=["interferon"]),
        no(ms_drug=["none"]),
        unclear(ms_drug=UNSURE),
        unclear(ms_drug=BLANK),
    ),
    "pump_not_discussed": (
        yes(places=["all_over"], pump_talked="no"),
        no(places=["all_over"], pump_talked="yes"),
        no(pump_talked="no"),
    ),
    "other_triggers": (
        yes(triggers=["nail"], note="ingrown nail"),
        yes(triggers_around=["stress", "tight"], note="stress"),
        yes(triggers=["nail"], triggers_around=BLANK),
        no(triggers=["sore"]),
        no(),
        unclear(triggers_around=BLANK),
        unclear(triggers=UNSURE),
    ),
    "useful_elsewhere": (
        yes(legs_help="yes", note="leg"),
        no(arms_help="yes"),
        no(legs_help="no"),
    ),
    "stopped_without_signs": (
        yes(now_medicine=["stopped"], now_stopped_signs=["none"]),
        no(now_medicine=["stopped"], now_stopped_signs=["rebound"]),
        no(now_medicine=["none"]),
    ),
    "not_private": (
        yes(private="no"),
        yes(private=BLANK),
        yes(CARER),
        no(private="yes"),
    ),
    "alone": (
        yes(lives_alone="yes"),
        no(lives_alone="no"),
        unclear(lives_alone=BLANK),
    ),
    "impossible_date": (
        yes(toxin(toxin_last_on="2026-06-16")),
        yes(toxin(toxin_last_on="2026-07")),
        yes(toxin(toxin_last_on="2027")),
        no(toxin(toxin_last_on="2026-06-15")),
        no(toxin(toxin_last_on="2026-06")),
        no(toxin(toxin_last_on="2026")),
        no(prior_toxin="never"),
        no(toxin(toxin_last_on=BLANK)),
        no(toxin(toxin_last_on="not_sure")),
    ),
}

FILLER: Cases = {
    "filler_always": (yes(), yes(filler()), yes(filler_preference=BLANK)),
    "filler_review": (
        yes(filler(filler_allergies=["severe"]), note="anaphylaxis"),
        yes(filler(filler_allergies=["bacteria"]), note="gram-positive"),
        yes(filler(filler_allergies=["lidocaine"]), note="lidocaine"),
        yes(filler(filler_allergies=["collagen"]), note="bovine collagen"),
        yes(filler(), bleeding_disorder="yes", note="bleeding disorder"),
        yes(filler(), born_on="2004-06-16", note="under 22"),
        no(filler(), born_on="2004-06-15"),
        *(yes(filler(), pregnancy=p, note="pregnant") for p in ("pregnant", "possible", "trying")),
        yes(filler(), breastfeeding="yes", note="breastfeeding"),
        yes(filler(filler_skin=["infection"]), note="active skin infection"),
        yes(filler(), site_infection="yes", note="active skin infection"),
        yes(filler(), now_skin=["wound"], now_skin_signs=["none"], note="active skin infection"),
        yes(filler(filler_skin=["keloid"]), note="keloid"),
        yes(filler("semi_permanent", filler_skin=["keloid"])),
        yes(filler("no_preference", filler_skin=["keloid"])),
        # Only if a filler is wished for, or wished for spasms (K-F4).
        *(no(filler(kind), born_on="2004-06-16") for kind in ("none", "skip")),
        no(filler("not_sure"), born_on="2004-06-16"),
        yes(filler("not_sure", filler_purpose=["spasms"]), born_on="2004-06-16"),
        no(filler()),
        unclear(filler(filler_allergies=UNSURE)),
        unclear(filler(filler_skin=BLANK)),
        unclear(filler(), bleeding_disorder=BLANK),
    ),
    "filler_discuss": (
        *(yes(filler(), ms_drug=[drug], note=drug) for drug in WATCHED),
        yes(filler(), steroid="now", note="steroids"),
        *(yes(filler(), blood_thinner=[drug], note="blood thinner") for drug in THINNERS),
        *(
            yes(filler(filler_lately=[lately]), note="recent")
            for lately in ("vaccine", "dental", "infection")
        ),
        yes(filler(filler_skin=["permanent"]), note="past permanent filler"),
        no(filler("none"), blood_thinner=["warfarin"]),
        no(filler("not_sure"), blood_thinner=["warfarin"]),
        yes(filler("not_sure", filler_purpose=["spasms"]), blood_thinner=["warfarin"]),
        no(filler(), ms_drug=["interferon"]),
        no(filler()),
        unclear(filler(filler_lately=UNSURE)),
        unclear(filler(), blood_thinner=BLANK),
    ),
    "filler_kind": (
        yes(filler("natural"), note="shorter life"),
        yes(filler("semi_permanent"), note="shift or lump risk"),
        no(filler("no_preference")),
        no(filler("not_sure")),
        no(filler("none")),
        no(filler_preference=BLANK),
    ),
    "filler_for_spasms": (
        yes(filler("natural", filler_purpose=["spasms"])),
        yes(filler("not_sure", filler_purpose=["lines", "spasms"])),
        no(filler("none", filler_purpose=["spasms"])),
        no(filler()),
        no(filler(filler_purpose=BLANK)),
    ),
    "filler_nothing": (
        yes(filler("not_sure")),
        yes(filler("skip")),
        yes(filler("none")),
        yes(filler_preference=BLANK),
        no(filler("natural")),
        no(filler("semi_permanent")),
        no(filler("no_preference")),
    ),
}

CASES: Cases = FLAGS | FILLER


@pytest.mark.parametrize(("name", "case"), listed(CASES))
def test_verdict(name, case):
    check(name, case)


BY_NAME = {rule.name: rule for rule in RULES}


@pytest.mark.parametrize("name", [*FLAGS, *FILLER])
def test_a_note_has_no_points_no_cap_and_no_level(name):
    rule = BY_NAME[name]
    assert rule.effect in (Effect.FLAG, Effect.EXCLUDE, Effect.FILLER)
    assert (rule.cap, rule.max_points, rule.level) == (None, 0, None)
    # A blood thinner that is not known is named by K-U2; no other note is.
    assert (rule.unknown_cap is Band.POSSIBLE) == (name == "thinner")


@pytest.mark.parametrize(
    "answers",
    [
        {"blood_thinner": ["warfarin", "aspirin"]},
        {"bladder_drugs": ["oxybutynin"]},
        {"baclofen_use": "now"},
        {"born_on": "1940-01-01"},
        {"allergies": ["cow_milk"]},
        {"blood_product": "yes"},
        {"swallow_breathing": ["asthma", "cpap", "past"]},
        {"conditions": ["heart", "pressure", "seizures"]},
        toxin(toxin_uses=["limb", "bladder", "migraine", "cosmetic"]),
        {"interpreter": "yes", "spoken_language": "es"},
        {"mood_interest": "3", "mood_down": "3"},
        {"falls": 12},
        {"symptoms": ["coordination"], "coordination_since": "long"},
        {"ms_drug": ["ocrelizumab"]},
        {"lives_alone": "yes"},
        filler("semi_permanent", filler_allergies=["severe"], filler_skin=["keloid"]),
        filler("natural", filler_purpose=["spasms"], filler_lately=["vaccine"]),
        {"filler_preference": "not_sure"},
        {"filler_preference": BLANK},
        filler("natural", filler_allergies=UNSURE, filler_skin=BLANK),
    ],
)
def test_notes_and_fillers_move_neither_band_nor_points(answers):
    plain = assessed(LIMB_TOXIN if "toxin_uses" in answers else {})
    noted = assessed(answers)
    assert (noted.band, noted.total, noted.urgency) == (plain.band, plain.total, plain.urgency)
    assert (noted.lowest, noted.highest) == (plain.lowest, plain.highest)


# The box


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("natural", "natural"),
        ("semi_permanent", "semi-permanent synthetic"),
        ("no_preference", "no preference"),
        ("not_sure", "not sure"),
        ("none", "no filler wanted"),
        ("skip", "skipped"),
        (BLANK, "not answered"),
    ],
)
def test_the_box_records_the_preference_as_chosen(kind, said):
    box = assessed(filler_preference=kind).filler
    assert box.preference == said
    assert box.lines[0].rule == "K-F0"
    assert "Fillers do not treat spasticity" in box.lines[0].says


def test_the_box_holds_only_rules_that_hold():
    box = assessed(filler("natural"), born_on="2005-01-01", blood_thinner=["aspirin"]).filler
    assert [line.rule for line in box.lines] == ["K-F0", "K-F1", "K-F2", "K-F3"]
    assert [line.rule for line in assessed(filler_preference="skip").filler.lines] == [
        "K-F0",
        "K-F5",
    ]


def test_a_wish_for_spasms_is_an_expectation_to_correct():
    box = assessed(filler("natural", filler_purpose=["spasms"])).filler
    (line,) = [line for line in box.lines if line.rule == "K-F4"]
    assert "Expectation to correct" in line.says
    assert "fillers do not treat spasms" in line.says


def test_a_future_date_is_named_and_not_believed():
    assessment = assessed(toxin(toxin_last_on=days_ago(-1)))
    assert finding(assessment, "K11", "impossible_date").holds
    assert assessment.band is Band.ASSESS
    assert [u.key for u in assessment.unknown] == ["toxin_last_on"]
