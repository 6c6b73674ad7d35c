"""What holds for every response: bounds, unknowns, order, fairness, hidden answers, the path."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.model import CHOOSING_MANY, NOT_SURE, Kind, Question, is_known
from intake.questionnaire.path import (
    asked,
    blank,
    missing,
    next_step,
    path,
    previous_step,
    prune,
    questions_shown,
)
from intake.questionnaire.rows import rows
from intake.questionnaire.values import fault
from intake.scoring import Assessment, Band, assess
from intake.scoring.model import Effect
from tests.unit.whole_patient import BLANK, CARER, LIMB_TOXIN, TODAY, WHOLE, changed

many = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
few = settings(many, max_examples=50)

# Answers


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


DATES = [ago(0), ago(30), ago(31), ago(83), ago(84), ago(85), ago(400), "2026-06", "2026-04"]
DATES += ["2026-03", "2026-02", "2025-11", "2026", "2019"]
BIRTHDAYS = ["1940-01-01", "1961-06-15", "1961-06-16", "1990-02-28", "2004-06-16", "2008-06-15"]
CHILDREN = ["2008-06-16", "2015-01-01"]


def of_many(question: Question) -> st.SearchStrategy[list[str]]:
    alone = [option.code for option in question.options if option.alone]
    others = [option.code for option in question.options if not option.alone]
    several = st.lists(st.sampled_from(others), min_size=1, max_size=8, unique=True).map(
        lambda codes: sorted(codes, key=others.index)
    )
    return st.one_of(several, *(st.just([code]) for code in alone))


def values(key: str) -> st.SearchStrategy[Any]:
    """Valid answers to a question, "not sure" among them."""
    question = BY_KEY[key]
    if question.kind is Kind.CHOICE:
        return st.sampled_from([option.code for option in question.options])
    if question.kind in CHOOSING_MANY:
        return of_many(question)
    if question.kind is Kind.DATE:
        return st.sampled_from(BIRTHDAYS + CHILDREN)
    if question.kind is Kind.PARTIAL_DATE:
        length = {"year": 4, "month": 7, "day": 10}[question.finest]
        return st.sampled_from([*dict.fromkeys(day[:length] for day in DATES), NOT_SURE])
    if question.kind in (Kind.LINE, Kind.TEXT):
        return st.sampled_from(_texts(question))
    bounds = st.integers(question.low, min(question.high, question.low + 12))
    return st.one_of(bounds, st.just(NOT_SURE))


def _texts(question: Question) -> list[str]:
    fits = {"tel": "315-555-0142", "email": "iris@example.com"}.get(question.input, "in my words")
    return [fits, NOT_SURE] if question.offers_not_sure else [fits]


def known_values(key: str) -> list[Any]:
    """Answers to a question that say something: every code, every number, telling dates."""
    question = BY_KEY[key]
    codes = [option.code for option in question.options if option.code != NOT_SURE]
    if question.kind is Kind.CHOICE:
        return codes
    if question.kind is Kind.PLACES:
        return [[code] for code in codes] + [codes[:2], codes[:3], ["left_wrist", "left_fingers"]]
    if question.kind in CHOOSING_MANY:
        return [[code] for code in codes]
    if question.kind is Kind.DATE:
        return BIRTHDAYS + CHILDREN
    if question.kind is Kind.PARTIAL_DATE:
        length = {"year": 4, "month": 7, "day": 10}[question.finest]
        return list(dict.fromkeys(day[:length] for day in DATES))
    if question.kind in (Kind.LINE, Kind.TEXT):
        return _texts(question)[:1]
    return list(range(question.low, min(question.high, question.low + 12) + 1))


BASES = (
    WHOLE,
    WHOLE | LIMB_TOXIN,
    changed(CARER),
    changed(CARER, LIMB_TOXIN, person_decides="no", proxy="me"),
    changed(
        places=["left_wrist", "left_fingers", "left_knee"],
        left_knee_patterns=["stays_bent"],
        left_knee_strength=4,
        goal_more="yes",
        goal_2="own",
        goal_2_words="hold my brush",
        goal_2_place="left_wrist",
    ),
    changed(
        goal_1="looser",
        therapy=["none"],
        can_review="no",
        triggers_around=["stress"],
        filler_preference="natural",
    ),
    changed(pregnancy="not_sure", tried_result=["enough"], baclofen_problems=["none"]),
)
COMMON_KEYS = sorted(
    {q.key for base in BASES for _, q in asked(base, STEPS)}, key=list(BY_KEY).index
)


def change(key: str) -> st.SearchStrategy[tuple[str, Any]]:
    return st.tuples(st.just(key), st.one_of(values(key), st.just(BLANK)))


def changes(keys: list[str] = COMMON_KEYS, most: int = 8) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(st.sampled_from(keys).flatmap(change), max_size=most).map(dict)


@st.composite
def responses(draw: Any, keys: list[str] = COMMON_KEYS) -> dict[str, Any]:
    """A whole patient with a few answers changed, "not sure" or blank."""
    answers = {**draw(st.sampled_from(BASES)), **draw(changes(keys))}
    return {key: value for key, value in answers.items() if value is not BLANK}


@st.composite
def wild(draw: Any) -> dict[str, Any]:
    """Any answers to any questions, also to those that are not asked."""
    keys = draw(st.lists(st.sampled_from(list(BY_KEY)), max_size=60, unique=True))
    return {key: draw(values(key)) for key in keys}


def judged(answers: dict[str, Any]) -> Assessment:
    return assess(answers, TODAY)


def points(assessment: Assessment) -> int:
    return sum(f.points or 0 for f in assessment.findings if f.effect is Effect.POINTS)


def answered(answers: dict[str, Any]) -> list[str]:
    kept = prune(answers, STEPS).answers
    return [key for key, value in kept.items() if is_known(value)]


def unknown_forms(key: str) -> list[Any]:
    question = BY_KEY[key]
    if not question.offers_not_sure:
        return [BLANK]
    return [BLANK, [NOT_SURE] if question.kind in CHOOSING_MANY else NOT_SURE]


def with_answer(answers: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    other = {k: v for k, v in answers.items() if k != key}
    return other if value is BLANK else {**other, key: value}


@given(wild())
@many
def test_generated_values_fit_their_questions(answers):
    for key, value in answers.items():
        assert fault(BY_KEY[key], value, BY_KEY[key].options, TODAY) is None


# Bounds and unknowns


@given(st.one_of(responses(), wild()))
@many
def test_lowest_band_highest(answers):
    found = judged(answers)
    assert found.lowest.rank <= found.band.rank <= found.highest.rank
    assert (found.total is None) == (found.band in (Band.URGENT, Band.OTHER, Band.NOTNOW))


@given(responses(), st.data())
@few
def test_not_knowing_is_never_better_than_the_best_that_could_be_known(answers, data):
    key = data.draw(st.sampled_from(answered(answers)))
    before = judged(answers)
    known = [judged(with_answer(answers, key, value)) for value in known_values(key)]
    best = max(known, key=lambda each: each.band.rank)
    for form in unknown_forms(key):
        unknown = judged(with_answer(answers, key, form))
        assert unknown.band.rank <= max(best.band.rank, before.band.rank)
        assert unknown.highest.rank >= best.band.rank
        if before.band is not Band.OTHER:
            assert points(unknown) <= points(before)


@pytest.mark.parametrize("base", BASES[:3], ids=["whole", "toxin", "carer"])
def test_every_single_unknown_on_a_whole_patient(base):
    plain = judged(base)
    for key in answered(base):
        known = [judged(with_answer(base, key, value)) for value in known_values(key)]
        best = max(each.band.rank for each in known)
        for form in unknown_forms(key):
            unknown = judged(with_answer(base, key, form))
            assert unknown.band.rank <= max(best, plain.band.rank), key
            assert unknown.highest.rank >= best, key
            assert points(unknown) <= points(plain), key


FOR_LOWEST = """
reasons ms_diagnosis relapse steroid ms_drug_change legs_help arms_help main_moves nerve_muscle
swallow_breathing site_infection triggers toxin_allergy allergies pregnancy breastfeeding
bleeding_disorder antibiotics prior_toxin now_breath_heart now_nerves now_infection now_skin
now_medicine now_leg_head now_self_harm now_unsafe
""".split()
"""What the rules of urgency, pathway, defer and cap read first."""


@pytest.mark.parametrize("key", FOR_LOWEST)
@pytest.mark.parametrize("base", [WHOLE, BASES[3], BASES[4]], ids=["whole", "carer", "leg"])
def test_lowest_is_as_low_as_an_unknown_answer_can_bring_it(base, key):
    worst = min(judged(with_answer(base, key, v)).band.rank for v in known_values(key))
    assert judged(with_answer(base, key, BLANK)).lowest.rank <= worst


# Order, repetition, JSON


@given(st.one_of(responses(), wild()), st.randoms(use_true_random=False), st.booleans())
@few
def test_the_order_of_the_answers_does_not_matter(answers, random, handed_in):
    items = list(answers.items())
    random.shuffle(items)
    one = assess(answers, TODAY, handed_in=handed_in)
    other = assess(dict(items), TODAY, handed_in=handed_in)
    assert one == other


@given(st.one_of(responses(), wild()), st.booleans())
@few
def test_same_input_same_output_and_json(answers, handed_in):
    found = assess(answers, TODAY, handed_in=handed_in)
    assert assess(dict(answers), TODAY, handed_in=handed_in) == found
    assert Assessment.from_dict(found.to_dict()) == found


# Fairness (K-L2)

ABOUT_THE_PERSON = {
    "respondent",
    "private",
    "now_self_harm",
    "now_unsafe",
    "safe_contact",
    "mood_interest",
    "mood_down",
    "proxy",
    "born_on",
    *(key for key in BY_KEY if key.startswith(("person_", "carer_"))),
}
CLINICAL_KEYS = [key for key in COMMON_KEYS if key not in ABOUT_THE_PERSON]


def band_and_points(answers: dict[str, Any]) -> tuple[Any, ...]:
    found = judged(answers)
    return found.band, found.total, found.urgency, found.lowest, found.highest


@given(changes(CLINICAL_KEYS))
@many
def test_carer_entry_with_a_yes_moves_nothing(different):
    assert band_and_points(changed(different)) == band_and_points(changed(different, CARER))


@given(changes(CLINICAL_KEYS))
@many
def test_language_moves_nothing(different):
    spanish = {"spoken_language": "es", "interpreter": "yes", "pronouns": "ella"}
    assert band_and_points(changed(different)) == band_and_points(changed(different, spanish))


@given(changes(CLINICAL_KEYS), st.sampled_from(["1931-01-01", "1961-06-15", "2004-06-16"]))
@many
def test_age_of_an_adult_moves_nothing(different, born_on):
    assert band_and_points(changed(different)) == band_and_points(
        changed(different, born_on=born_on)
    )


@given(changes(CLINICAL_KEYS), st.sampled_from([["cane"], ["power_chair", "lift"], ["none"]]))
@few
def test_aids_move_nothing(different, aids):
    assert band_and_points(changed(different)) == band_and_points(changed(different, aids=aids))


def test_sex_is_not_asked():
    assert not {"sex", "gender"} & set(BY_KEY)


# Hidden answers


@given(responses(), wild())
@many
def test_hidden_answers_never_matter(answers, others):
    kept = prune(answers, STEPS).answers
    on_path = {question.key for _, question in asked(kept, STEPS)}
    hidden = {key: value for key, value in others.items() if key not in on_path}
    with_hidden = judged({**hidden, **kept})
    assert set(with_hidden.ignored) == set(hidden)
    assert replace(with_hidden, ignored=()) == judged(kept)
    assert [r.key for r in rows({**hidden, **kept}, STEPS)] == [r.key for r in rows(kept, STEPS)]


# The path


@given(st.one_of(responses(), wild()))
@many
def test_pruning_twice_is_pruning_once(answers):
    once = prune(answers, STEPS)
    twice = prune(once.answers, STEPS)
    assert twice.answers == once.answers
    assert twice.ignored == ()
    assert set(once.answers) | set(once.ignored) == set(answers)
    assert not set(once.answers) & set(once.ignored)
    order = list(BY_KEY)
    assert list(once.answers) == sorted(once.answers, key=order.index)


@given(st.one_of(responses(), wild()))
@many
def test_the_path_depends_on_kept_answers_alone(answers):
    kept = prune(answers, STEPS).answers
    assert path(answers, STEPS) == path(kept, STEPS)
    assert asked(answers, STEPS) == asked(kept, STEPS)
    assert missing(answers, STEPS) == missing(kept, STEPS)
    keys = {question.key for _, question in asked(kept, STEPS)}
    assert set(kept) <= keys
    assert {q.key for _, q in blank(kept, STEPS)} == keys - set(kept)


def along(answers: dict[str, Any]) -> Iterator[str]:
    step = STEPS[0]
    while True:
        yield step.slug
        following = next_step(step.slug, answers, STEPS)
        if following is None:
            return
        step = following


@given(st.one_of(responses(), wild()))
@few
def test_continue_walks_the_whole_path_and_back_walks_it_back(answers):
    way = [step.slug for step in path(answers, STEPS)]
    assert list(along(answers)) == way
    back = [previous_step(slug, answers, STEPS) for slug in way]
    assert [step.slug if step else None for step in back] == [None, *way[:-1]]


@given(st.one_of(responses(), wild()))
@few
def test_a_page_shows_what_is_asked_on_it(answers):
    on_path = asked(answers, STEPS)
    for step in path(answers, STEPS):
        shown = [question.key for question in questions_shown(step, answers)]
        assert shown == [question.key for page, question in on_path if page is step]


LOOKS_OR_NOT = [
    {"reasons": reasons, "symptoms": symptoms, "places": places}
    for reasons in (BLANK, ["looks"], ["looks", NOT_SURE], [NOT_SURE], ["looks", "pain"], ["limb"])
    for symptoms in (BLANK, ["none"], ["fatigue"], ["fatigue", NOT_SURE], ["spasms"])
    for places in (BLANK, ["none"], [NOT_SURE], ["left_knee"], ["all_over"])
]


def is_asked(key: str, answers: dict[str, Any]) -> bool:
    return any(question.key == key for _, question in asked(answers, STEPS))


@pytest.mark.parametrize("given", LOOKS_OR_NOT)
def test_only_the_pathway_for_looks_leaves_questions_on_spasms_out(given):
    answers = changed(given)
    found = judged(answers)
    cosmetic = any(finding.rule == "K-P2" and finding.holds for finding in found.findings)
    if is_asked("spasm_frequency", answers):
        # A blank or "not sure" among the three: more is asked than the rule needs.
        known = all(is_known(given[key]) and NOT_SURE not in given[key] for key in given)
        assert not (cosmetic and known)
        return
    assert cosmetic
    asked_keys = {question.key for _, question in asked(answers, STEPS)}
    assert {unknown.key for unknown in found.unknown} <= asked_keys


@pytest.mark.parametrize("given", LOOKS_OR_NOT)
@pytest.mark.parametrize("key", ["reasons", "symptoms", "places"])
def test_an_answer_left_out_hides_no_question_on_spasms(given, key):
    assert is_asked("spasm_frequency", changed(given, {key: BLANK}))
    assert is_asked("spasm_drugs", changed(given, {key: [NOT_SURE]}))
