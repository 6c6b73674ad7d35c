"""Another pathway (K.1) and not now (K.2), on both sides of every threshold."""

from datetime import date
from typing import Any

import pytest

from intake.scoring import Band
from tests.unit.rule_case import Cases, check, days_ago, listed, no, unclear, yes
from tests.unit.whole_patient import BLANK, CARER, LIMB_TOXIN, TODAY, assessed, finding

UNSURE = ["not_sure"]


def last_toxin(on: str | None, **given) -> dict[str, Any]:
    return {**LIMB_TOXIN, "toxin_last_on": on, **given}


PATHWAY: Cases = {
    # K-P1. TODAY is June 15, 2026.
    "under_age": (
        yes(born_on="2008-06-16", note="age 17"),
        no(born_on="2008-06-15"),
        yes(born_on="2024-01-01", note="age 2"),
        yes(born_on="2008-02-29", on=date(2026, 2, 28)),
        no(born_on="2008-02-29", on=date(2026, 3, 1)),
        unclear(born_on=BLANK),
    ),
    # K-P2
    "cosmetic_only": (
        yes(reasons=["looks"], places=["none"], symptoms=["none"]),
        yes(reasons=["looks"], places=BLANK, symptoms=["fatigue"], fatigue_since="long"),
        no(reasons=["looks"], places=["left_wrist"]),
        no(reasons=["looks"], places=["all_over"]),
        no(reasons=["looks", "spasms"], places=["none"]),
        no(reasons=["pain"], places=["none"]),
        no(reasons=["looks"], places=["none"], symptoms=["stiffness"]),
        no(reasons=["looks"], places=["none"], symptoms=["spasms"]),
        unclear(reasons=["looks", "not_sure"], places=["none"], symptoms=["none"]),
        unclear(reasons=UNSURE, places=["none"], symptoms=["none"]),
        unclear(reasons=BLANK, places=["none"], symptoms=["none"]),
        no(reasons=BLANK),
    ),
    # K-P3
    "no_ms": (
        yes(ms_diagnosis="no"),
        no(ms_diagnosis="confirmed"),
        no(ms_diagnosis="suspected"),
        unclear(ms_diagnosis="not_sure"),
        unclear(ms_diagnosis=BLANK),
    ),
}

DEFERS: Cases = {
    # K-D1
    "allergy": (
        yes(toxin_allergy="yes"),
        yes(allergies=["albumin"]),
        yes(allergies=["albumin", "latex"], toxin_allergy=BLANK),
        no(allergies=["cow_milk"]),
        no(allergies=["latex", "other"]),
        unclear(toxin_allergy="not_sure"),
        unclear(toxin_allergy=BLANK),
        unclear(allergies=UNSURE),
        unclear(allergies=BLANK),
    ),
    # K-D2
    "site_infected": (
        yes(site_infection="yes"),
        no(site_infection="no"),
        unclear(site_infection="not_sure"),
        unclear(site_infection=BLANK),
    ),
    # K-D3: 84 days pass, 83 defer, whatever the toxin was for.
    "interval_too_short": (
        yes(last_toxin(days_ago(83)), note="83 days ago, 1 days short of 84"),
        no(last_toxin(days_ago(84))),
        yes(last_toxin(days_ago(0))),
        *(
            yes(last_toxin(days_ago(83), toxin_uses=[use]))
            for use in ("bladder", "migraine", "cosmetic", "other")
        ),
        # Known to the month: March 2026 lies wholly, partly, not at all within 84 days.
        yes(last_toxin("2026-03"), on=date(2026, 5, 23), note="not before June 23, 2026"),
        unclear(last_toxin("2026-03"), on=date(2026, 5, 24)),
        unclear(last_toxin("2026-03"), on=date(2026, 6, 22)),
        no(last_toxin("2026-03"), on=date(2026, 6, 23)),
        # The month in which the form is sent.
        yes(last_toxin("2026-06")),
        # A leap year's February.
        unclear(last_toxin("2028-02"), on=date(2028, 5, 22)),
        no(last_toxin("2028-02"), on=date(2028, 5, 23)),
        # A year alone and a future date are not known.
        unclear(last_toxin("2026")),
        unclear(last_toxin("2019")),
        unclear(last_toxin("2026-06-16")),
        unclear(last_toxin("2026-07")),
        unclear(last_toxin("2027")),
        unclear(last_toxin("9999-12")),
        unclear(last_toxin("9999-12-31")),
        unclear(last_toxin("not_sure")),
        unclear(last_toxin(BLANK)),
        unclear(prior_toxin="not_sure"),
        unclear(prior_toxin=BLANK),
        no(prior_toxin="never"),
    ),
    # K-D4
    "pregnant": (
        yes(pregnancy="pregnant"),
        yes(pregnancy="possible"),
        yes(pregnancy="trying"),
        no(pregnancy="no"),
        no(pregnancy="not_applicable"),
        unclear(pregnancy="not_sure"),
        unclear(pregnancy=BLANK),
    ),
    # K-D5
    "nerve_muscle_disorder": (
        *(yes(nerve_muscle=[code]) for code in ("mg", "lems", "als", "motor")),
        yes(nerve_muscle=["mg", "not_sure"]),
        no(nerve_muscle=["none"]),
        unclear(nerve_muscle=UNSURE),
        unclear(nerve_muscle=BLANK),
    ),
    # K-D6
    "blocking_antibiotic": (
        *(yes(antibiotics=[code]) for code in ("aminoglycoside", "polymyxin", "lincosamide")),
        no(antibiotics=["other"]),
        no(antibiotics=["magnesium"]),
        no(antibiotics=["none"]),
        unclear(antibiotics=UNSURE),
        unclear(antibiotics=["other", "not_sure"]),
        unclear(antibiotics=BLANK),
    ),
    # K-D7: 30 days defer, 31 pass.
    "unsettled": (
        yes(relapse="yes", relapse_on=days_ago(30), note="relapse"),
        no(relapse="yes", relapse_on=days_ago(31)),
        yes(relapse="yes", relapse_on=days_ago(0)),
        yes(steroid="yes", steroid_ended_on=days_ago(30), note="steroid"),
        no(steroid="yes", steroid_ended_on=days_ago(31)),
        yes(steroid="now", note="steroid"),
        yes(ms_drug_change="yes", ms_drug_changed_on=days_ago(30), note="MS drug change"),
        no(ms_drug_change="yes", ms_drug_changed_on=days_ago(31)),
        # Known to the month: May 2026 lies wholly, partly, not at all within 30 days.
        yes(relapse="yes", relapse_on="2026-05", on=date(2026, 5, 31)),
        unclear(relapse="yes", relapse_on="2026-05", on=date(2026, 6, 1)),
        unclear(relapse="yes", relapse_on="2026-05", on=date(2026, 6, 30)),
        no(relapse="yes", relapse_on="2026-05", on=date(2026, 7, 1)),
        yes(relapse="yes", relapse_on=days_ago(5), steroid=BLANK),
        unclear(relapse="yes", relapse_on="2026"),
        unclear(relapse="yes", relapse_on=BLANK),
        unclear(relapse="yes", relapse_on="not_sure"),
        unclear(relapse="not_sure"),
        unclear(relapse=BLANK),
        unclear(steroid="yes", steroid_ended_on="2026"),
        unclear(steroid="not_sure"),
        unclear(ms_drug_change=BLANK),
        unclear(ms_drug_change="yes", ms_drug_changed_on="2026-06-16"),
        no(),
    ),
    # K-D8
    "treatable_trigger": (
        *(yes(triggers=[code]) for code in ("urine", "sore", "wound", "constipation")),
        yes(now_infection=["urine"], note="urinary"),
        yes(now_infection=["urine_fever"], now_infection_signs="no", note="urinary"),
        yes(now_skin=["sore"], now_skin_signs=["none"], note="pressure sore"),
        yes(now_skin=["wound"], now_skin_signs=["none"], note="wound"),
        yes(triggers=["urine", "not_sure"]),
        *(no(triggers=[code]) for code in ("nail", "bladder", "infection", "fracture")),
        no(triggers_around=["tight", "stress", "medicine"]),
        no(triggers=["none"]),
        unclear(triggers=UNSURE),
        unclear(triggers=["nail", "not_sure"]),
        unclear(triggers=BLANK),
    ),
}

CASES: Cases = PATHWAY | DEFERS


@pytest.mark.parametrize(("name", "case"), listed(CASES))
def test_verdict(name, case):
    check(name, case)


def bands_of(cases: Cases) -> list[Any]:
    return [
        pytest.param(case, id=f"{name}-{case.about}")
        for name, several in cases.items()
        for case in several
        if case.holds
    ]


@pytest.mark.parametrize("case", bands_of(PATHWAY))
def test_another_pathway_decides_the_band_and_computes_no_points(case):
    assessment = assessed(case.answers, on=case.on)
    assert assessment.band is Band.OTHER
    assert assessment.band_text.startswith("Different pathway")
    assert (assessment.total, assessment.max_total) == (None, None)
    assert not any(f.points for f in assessment.findings)


@pytest.mark.parametrize("case", bands_of(DEFERS))
def test_a_defer_decides_the_band_and_says_what_to_resolve(case):
    assessment = assessed(case.answers, on=case.on)
    held = [f for f in assessment.findings if f.holds and f.effect == "defer"]
    assert held
    assert all(f.resolve for f in held)
    assert (assessment.total, assessment.max_total) == (None, None)
    points = [f for f in assessment.findings if f.effect == "points"]
    assert points
    assert all(f.on_hold for f in points)
    urgent = assessment.urgency in ("emergency", "same_day")
    assert assessment.band is (Band.URGENT if urgent else Band.NOTNOW)


def test_the_earliest_next_date_counts_from_the_months_last_day():
    late = assessed(last_toxin("2026-04"))
    assert "not before July 23, 2026" in finding(late, "K-D3").note


def test_a_year_alone_is_named_as_what_is_not_known():
    assessment = assessed(relapse="yes", relapse_on="2026")
    assert [(u.key, u.said) for u in assessment.unknown] == [("relapse_on", "2026")]
    assert assessment.band is Band.POSSIBLE


def test_a_steroid_year_alone_is_named_as_what_is_not_known():
    assessment = assessed(steroid="yes", steroid_ended_on="2026")
    assert [u.key for u in assessment.unknown] == ["steroid_ended_on"]


def test_cows_milk_allergy_excludes_a_product_and_no_band():
    assessment = assessed(allergies=["cow_milk"])
    assert assessment.band is Band.LIKELY
    excluded = [f for f in assessment.findings if f.effect == "exclude" and f.holds]
    assert [f.says for f in excluded] == ["Not Dysport: cow's milk protein allergy"]


def test_lately_questions_do_not_arise_without_ms():
    assessment = assessed(ms_diagnosis="no")
    assert finding(assessment, "K-D7").holds is False


@pytest.mark.parametrize("base", [{}, CARER])
def test_the_day_decides_and_nothing_else(base):
    toxin = last_toxin("2026-03-24")
    before = assessed(base, toxin, on=TODAY)
    after = assessed(base, toxin, on=date(2026, 6, 16))
    assert (before.band, after.band) == (Band.NOTNOW, Band.LIKELY)
