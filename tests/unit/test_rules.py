"""Every rule has its cases; the order of the bands; what an assessment carries."""

import json

import pytest

from intake.questionnaire import VERSION
from intake.questionnaire.cards import CARDS, Urgency
from intake.scoring import RULES, RULES_VERSION, Assessment, Band
from intake.scoring.model import Effect
from intake.scoring.sources import FACTS
from tests.unit import (
    test_rules_caps,
    test_rules_defers,
    test_rules_flags,
    test_rules_points,
    test_rules_urgency,
)
from tests.unit.rule_case import Cases
from tests.unit.whole_patient import BLANK, CARER, LIMB_TOXIN, TODAY, assessed, changed, finding

ALL_CASES: Cases = (
    test_rules_urgency.CASES
    | test_rules_defers.CASES
    | test_rules_caps.CASES
    | test_rules_points.CASES
    | test_rules_flags.CASES
)

NEVER_UNKNOWN = {
    "generalized_pattern": "counts what is marked; nothing marked is K-U1",
    "contradicted": "two known answers contradict each other, or they do not",
    "ms_uncertain": "not known is what it says",
    "only_middle": "counts what is marked",
    "large_muscles": "names what is known",
    "off_label_muscles": "names what is known",
    "pump_not_discussed": "a reminder",
    "useful_elsewhere": "a reminder",
    "stopped_without_signs": "a reminder",
    "not_private": "the path is always known",
    "impossible_date": "a date is in the future, or it is not",
    "filler_always": "always stands in the box",
    "filler_kind": "a kind was chosen, or it was not",
    "filler_for_spasms": "the wish was ticked, or it was not",
    "filler_nothing": "a kind was chosen, or it was not",
}
"""Rules that always know, and why."""

NEVER_DENIED = {
    "filler_always": "always stands in the box",
    "goal": "any goal earns a point, and no goal is not known",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.name}")
def test_every_rule_has_cases_for_every_verdict(rule):
    verdicts = {case.holds for case in ALL_CASES.get(rule.name, ())}
    wanted: set[bool | None] = {True}
    if rule.name not in NEVER_DENIED:
        wanted.add(False)
    if rule.name not in NEVER_UNKNOWN:
        wanted.add(None)
    assert verdicts == wanted


def test_no_cases_without_a_rule():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    assert set(ALL_CASES) <= set(names)
    assert set(NEVER_UNKNOWN) <= set(names)


WANTED = {
    Effect.URGENCY: "E1 E2a E2b E3a E3b E3c E4a E4b E4c E4d E5 E5b E6 E6b E7a E7b E8 E9a E9b E9c "
    "E10 E10b E11 E12 E13 E14 E15",
    Effect.PATHWAY: "K-P1 K-P2 K-P3",
    Effect.DEFER: "K-D1 K-D2 K-D3 K-D4 K-D5 K-D6 K-D7 K-D8",
    Effect.CAP: "K-C1 K-C2 K-C3 K-C4 K-C5 K-C6 K-C7 K-C8 K-C9 K-C10 K-C11",
    Effect.POINTS: "K1 K2 K3 K4 K5 K6 K7 K8 K9 K10",
    Effect.FILLER: "K-F0 K-F1 K-F2 K-F3 K-F4 K-F5",
}


@pytest.mark.parametrize(("effect", "ids"), WANTED.items())
def test_the_whole_checklist_is_there(effect, ids):
    assert list(dict.fromkeys(r.id for r in RULES if r.effect is effect)) == ids.split()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.name}")
def test_every_rule_has_a_source_and_words(rule):
    assert rule.facts
    assert set(rule.facts) <= set(FACTS)
    assert rule.says
    assert rule.says[0].isupper()
    assert not rule.says.endswith(".")


def test_every_red_flag_row_has_a_card_and_every_card_a_row():
    rows = {rule.id: rule for rule in RULES if rule.effect is Effect.URGENCY}
    assert set(rows) == set(CARDS)
    for row, card in CARDS.items():
        assert rows[row].level is card.level
        assert rows[row].private is card.private


# The order of the bands (K-U, K.0 to K.5)

URGENT = {"now_nerves": ["days"]}
OTHER = {"ms_diagnosis": "no"}
NOT_NOW = {"pregnancy": "pregnant"}
CAP = {"swallow_breathing": ["tube"]}
UNKNOWN = {"nerve_muscle": BLANK}


@pytest.mark.parametrize(
    ("changes", "band"),
    [
        ((URGENT, OTHER, NOT_NOW, CAP, UNKNOWN), Band.URGENT),
        ((OTHER, NOT_NOW, CAP, UNKNOWN), Band.OTHER),
        ((NOT_NOW, CAP, UNKNOWN), Band.NOTNOW),
        ((CAP, UNKNOWN), Band.ASSESS),
        ((UNKNOWN,), Band.ASSESS),
        ((), Band.LIKELY),
    ],
)
def test_the_first_match_decides(changes, band):
    assert assessed(*changes).band is band


def test_every_rule_that_fired_is_listed_whatever_decided():
    assessment = assessed(URGENT, OTHER, NOT_NOW, CAP)
    held = {f.rule for f in assessment.findings if f.holds}
    assert {"E2a", "K-P3", "K-D4", "K-C5", "K1"} <= held
    on_hold = {f.rule for f in assessment.findings if f.on_hold}
    assert {"K-P3", "K-D4", "K-C5", "K1"} <= on_hold
    assert "E2a" not in on_hold


def test_bands_rank_from_urgent_to_likely():
    assert [band.value for band in sorted(Band, key=lambda band: band.rank)] == (
        "URGENT OTHER NOTNOW ASSESS POSSIBLE LIKELY".split()
    )


@pytest.mark.parametrize(
    ("band", "text"),
    [
        (Band.URGENT, "Urgent: contact now"),
        (Band.OTHER, "Different pathway"),
        (Band.NOTNOW, "Not now - resolve first"),
        (Band.ASSESS, "Needs assessment"),
        (Band.POSSIBLE, "Possible candidate"),
        (Band.LIKELY, "Likely candidate"),
    ],
)
def test_the_bands_words(band, text):
    assert band.text == text


def test_urgency_levels_rank_from_emergency_to_routine():
    assert [level.value for level in sorted(Urgency, key=lambda level: level.rank)] == (
        "emergency same_day soon routine".split()
    )


# What an assessment carries


def test_an_assessment_names_its_day_and_versions():
    assessment = assessed()
    assert assessment.on == TODAY.isoformat()
    assert (assessment.questionnaire_version, assessment.rules_version) == (VERSION, RULES_VERSION)


@pytest.mark.parametrize(
    "changes", [{}, URGENT, OTHER, NOT_NOW, CAP, UNKNOWN, LIMB_TOXIN, CARER, {"places": BLANK}]
)
def test_an_assessment_survives_its_json(changes):
    assessment = assessed(changes)
    assert Assessment.from_dict(json.loads(json.dumps(assessment.to_dict()))) == assessment


def test_every_finding_shows_the_answers_it_read():
    assessment = assessed(LIMB_TOXIN)
    short = finding(assessment, "K-D3")
    assert {read.key: read.words for read in short.reads} == {
        "prior_toxin": "yes",
        "toxin_last_on": "January 10, 2026",
    }
    strength = finding(assessment, "K4")
    assert ("left_fingers_strength", "7 of 10") in [(r.key, r.words) for r in strength.reads]


def test_every_finding_cites_where_it_stands():
    for found in assessed(LIMB_TOXIN).findings:
        assert found.source
        assert found.facts


def test_answers_off_the_path_are_ignored_and_named():
    with_leftovers = assessed(toxin_problems=["hospital"], left_knee_strength=9)
    assert set(with_leftovers.ignored) == {"toxin_problems", "left_knee_strength"}
    plain = assessed()
    assert with_leftovers.findings == plain.findings
    assert "toxin_problems" not in changed()
