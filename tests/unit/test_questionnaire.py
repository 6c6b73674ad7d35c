"""The questionnaire as declared: keys, conditions, choices, sources, cards, and plain words."""

import re
from collections.abc import Iterator

import pytest

from intake.questionnaire import BY_KEY, STEP_OF, STEPS
from intake.questionnaire.body import PLACES
from intake.questionnaire.cards import CARDS
from intake.questionnaire.model import (
    CHOOSING,
    CHOOSING_MANY,
    NOT_SURE,
    AnyOf,
    Choice,
    Kind,
    Question,
    Step,
    When,
)
from intake.questionnaire.patterns import PATTERNS
from intake.scoring import RULES
from tests.unit.reading import grade, minutes_to_read, syllables, words_in

QUESTIONS = [question for step in STEPS for question in step.questions]
CHOOSING_ONES = [question for question in QUESTIONS if question.kind in CHOOSING]
by_key = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
by_slug = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.slug)

# Keys, kinds, choices


def test_keys_and_slugs_are_unique():
    assert len(BY_KEY) == len(QUESTIONS)
    assert len({step.slug for step in STEPS}) == len(STEPS)
    assert set(STEP_OF) == set(BY_KEY)


@by_key
def test_a_key_is_snake_case_and_never_looks_like_a_part_of_another(question):
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", question.key)
    assert not question.key.endswith(("_year", "_month", "_day", "_not_sure"))


@by_slug
def test_a_slug_fits_an_address(step):
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", step.slug)
    assert step.title
    assert step.section


@by_key
def test_a_question_has_words_a_label_and_its_source(question):
    assert question.text
    assert question.label
    assert question.facts


@by_key
def test_choices_stand_only_where_one_chooses(question):
    assert bool(question.choices) == (question.kind in CHOOSING)
    codes = [option.code for option in question.options]
    assert len(codes) == len(set(codes))
    texts = [option.text for option in question.options]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("question", CHOOSING_ONES, ids=lambda question: question.key)
def test_a_clinical_choice_offers_not_sure_last(question):
    assert (question.options[-1].code == NOT_SURE) == question.clinical
    assert NOT_SURE not in [choice.code for choice in question.choices]


NOT_CLINICAL = {
    "privacy_notice",
    "respondent",
    "carer_relation",
    "contact_person",
    "person_present",
    "spoken_language",
    "goal_more",
    "transport",
}
"""Choices about the form, the people and the way here: nothing to be unsure of."""


def test_only_choices_about_the_form_lack_not_sure():
    assert {q.key for q in CHOOSING_ONES if not q.clinical} == NOT_CLINICAL


MEASURES = [q for q in QUESTIONS if q.kind in (Kind.SCALE, Kind.NUMBER, Kind.PARTIAL_DATE)]


@pytest.mark.parametrize("question", MEASURES, ids=lambda question: question.key)
def test_a_measure_can_be_not_sure_too(question):
    assert question.offers_not_sure


def test_nothing_has_a_default():
    assert not {"default", "initial", "value", "checked"} & set(Question.__dataclass_fields__)
    assert not {"default", "checked", "selected"} & set(Choice.__dataclass_fields__)


@pytest.mark.parametrize("question", CHOOSING_ONES, ids=lambda question: question.key)
def test_none_of_these_stands_alone(question):
    for option in question.options:
        if option.code in ("none", "nothing") and question.kind in CHOOSING_MANY:
            assert option.alone
        if question.kind is Kind.CHOICE:
            assert not option.alone


WITHOUT_NONE = {
    "privacy_notice",
    "reasons",
    "main_times",
    "spasm_times",
    "tried_result",
    "toxin_uses",
    "toxin_guidance",
    "toxin_hope",
    "filler_purpose",
    *(f"{place.code}_patterns" for place in PLACES),
}
"""Lists that follow from an earlier yes, or that describe: "none" would contradict it."""


def test_every_other_list_can_be_denied():
    lists = [q for q in QUESTIONS if q.kind in CHOOSING_MANY]
    assert {q.key for q in lists if not any(c.alone for c in q.choices)} == WITHOUT_NONE


def test_sex_race_and_the_like_are_not_asked():
    assert not {"sex", "gender", "race", "ethnicity", "insurance"} & set(BY_KEY)


@by_key
def test_bounds_fit_the_kind(question):
    if question.kind is Kind.SCALE:
        assert (question.low, question.high) == (0, 10)
        assert question.low_text
        assert question.high_text
    if question.kind is Kind.NUMBER:
        assert question.low < question.high
        assert question.unit
    assert question.finest in ("year", "month", "day")
    assert question.max_characters <= 2000
    if question.kind is not Kind.LINE:
        assert question.input == "text"


# Conditions


def conditions() -> Iterator[tuple[Step, Question | None, When]]:
    for step in STEPS:
        for each in step.when:
            yield from ((step, None, part) for part in each.parts)
        for question in step.questions:
            for each in question.when:
                yield from ((step, question, part) for part in each.parts)


ALL_CONDITIONS = [
    pytest.param(*each, id=f"{each[0].slug}-{each[1].key if each[1] else 'page'}-{each[2].key}")
    for each in conditions()
]
ORDER = {question.key: number for number, question in enumerate(QUESTIONS)}


@pytest.mark.parametrize(("step", "question", "condition"), ALL_CONDITIONS)
def test_a_condition_looks_backwards_at_choices_that_exist(step, question, condition):
    opener = BY_KEY[condition.key]
    here = ORDER[question.key] if question else ORDER[step.questions[0].key]
    assert ORDER[opener.key] < here
    assert opener.kind in CHOOSING
    assert condition.values <= {option.code for option in opener.options}
    assert condition.values
    assert 1 <= condition.at_least <= len(condition.values)


@by_key
def test_what_is_recalled_was_said_on_the_first_page_and_is_not_private(question):
    for each in question.recalls:
        assert STEP_OF[each.key] is PAGE_ONE
        assert each.values <= {option.code for option in BY_KEY[each.key].choices}
        assert not question.private


@by_slug
def test_what_a_tick_cannot_open_on_its_own_page_looks_at_earlier_pages(step):
    here = {question.key for question in step.questions}
    for each in (each for question in step.questions for each in question.when):
        if isinstance(each, AnyOf) or each.or_unknown:
            assert not here & {part.key for part in each.parts}


@by_key
def test_a_choice_among_earlier_ones_names_a_list_with_the_same_codes(question):
    if not question.among:
        return
    earlier = BY_KEY[question.among]
    assert ORDER[earlier.key] < ORDER[question.key]
    assert earlier.kind in CHOOSING_MANY
    assert {c.code for c in question.choices} <= {c.code for c in earlier.choices}
    # It is asked only where there is something to choose from.
    assert any(part.key == question.among for each in question.when for part in each.parts)


# Places and patterns (F19, F22)


def test_every_place_has_its_patterns_and_its_strength():
    assert len(PLACES) == 24
    for place in PLACES:
        offered = [choice.code for choice in BY_KEY[f"{place.code}_patterns"].choices]
        assert offered == [*(p.code for p in PATTERNS[place.region]), "other"]
        assert BY_KEY[f"{place.code}_strength"].kind is Kind.SCALE


PATTERN_FACTS = {
    "shoulder": {"F1"},
    "elbow": {"F2", "F3"},
    "forearm": {"F4"},
    "wrist": {"F5"},
    "fingers": {"F6", "F7"},
    "thumb": {"F8"},
    "hip": {"F9"},
    "inner_thigh": {"F10"},
    "knee": {"F11", "F12"},
    "ankle_foot": {"F13", "F14"},
    "toes": {"F15", "F16"},
    "neck": {"F17"},
    "trunk": {"F17"},
}

SIZE_AND_LABEL = {
    "F1": ("L", ""),
    "F2": ("M", "Botox, Dysport, Xeomin"),
    "F3": ("M", ""),
    "F4": ("S-M", "Botox, Dysport (pronator teres), Xeomin"),
    "F5": ("S-M", "Botox, Dysport, Xeomin"),
    "F6": ("S-M", "Botox, Dysport, Xeomin"),
    "F7": ("S", "Botox"),
    "F8": ("S", "Botox, Xeomin"),
    "F9": ("L", ""),
    "F10": ("L", ""),
    "F11": ("L", ""),
    "F12": ("L", ""),
    "F13": ("M-L", "Botox, Dysport"),
    "F14": ("M", "Botox, Dysport"),
    "F15": ("S", "Botox, Dysport"),
    "F16": ("S", ""),
    "F17": ("L", ""),
}


def test_patterns_have_the_size_and_label_of_their_row():
    assert {r: {p.fact for p in ps} for r, ps in PATTERNS.items()} == PATTERN_FACTS
    for patterns in PATTERNS.values():
        for pattern in patterns:
            assert (pattern.size, pattern.us_label) == SIZE_AND_LABEL[pattern.fact]


# Required, private, error texts

PAGE_ONE = STEPS[1]
REQUIRED_ELSEWHERE = {"respondent", "name", "born_on", "now_self_harm", "now_unsafe"}


def test_exactly_the_allowed_questions_are_required():
    page_one = {question.key for question in PAGE_ONE.questions} - {"now_words"}
    assert {q.key for q in QUESTIONS if q.required} == page_one | REQUIRED_ELSEWHERE
    reach = [step.one_of for step in STEPS if step.one_of]
    assert reach == [("phone", "email", "other_contact")]
    assert all(step.one_of_error for step in STEPS if step.one_of)


def test_page_one_comes_first_and_always():
    assert PAGE_ONE.slug == "right-now"
    assert PAGE_ONE.when == ()
    openers = {c.key for q in PAGE_ONE.questions for each in q.when for c in each.parts}
    assert openers <= {question.key for question in PAGE_ONE.questions}


def test_private_questions_stand_on_private_pages_and_open_only_in_private():
    private = [step for step in STEPS if step.private]
    assert {q.key for step in private for q in step.questions} == {
        q.key for q in QUESTIONS if q.private
    }
    for step in private:
        assert {(c.key, tuple(c.values)) for each in step.when for c in each.parts} == {
            ("respondent", ("self",)),
            ("private", ("yes",)),
        }


def test_no_answer_is_hidden_by_a_private_one_on_another_page():
    for step, _, condition in conditions():
        if BY_KEY[condition.key].private:
            assert step.private


@by_key
def test_an_error_text_exists_where_an_answer_can_be_missing_or_malformed(question):
    parsed = question.kind in (Kind.NUMBER, Kind.DATE, Kind.PARTIAL_DATE)
    if parsed or question.required or question.input in ("tel", "email"):
        assert question.error.endswith((".", "”."))
        assert "valid" not in question.error
        assert "!" not in question.error


def test_error_texts_are_each_questions_own():
    texts = [q.error for q in QUESTIONS if q.error and q.required]
    assert len(texts) == len(set(texts))


# Sources and cards

REFERENCE = {
    *(f"L{n}" for n in range(1, 10)),
    *(f"A{n}" for n in range(1, 42)),
    *(f"B{n}" for n in range(1, 8)),
    *(f"C{n}" for n in range(1, 16)),
    *(f"D{n}" for n in range(1, 22)),
    *"E1 E2a E2b E3a E3b E3c E4a E4b E4c E4d E5 E5b E6 E6b E7a E7b E8 E9a E9b E9c".split(),
    *"E10 E10b E11 E12 E13 E14 E15 E16 E17 E18 E19 E20".split(),
    *(f"F{n}" for n in range(1, 23)),
    *(f"G{n}" for n in range(1, 15)),
    *(f"H{n}" for n in range(1, 16)),
    *(f"I{n}" for n in range(1, 8)),
    *(f"J{n}" for n in range(1, 11)),
    *(f"K{n}" for n in range(12)),
    *(f"K-P{n}" for n in range(1, 4)),
    *(f"K-D{n}" for n in range(1, 9)),
    *(f"K-C{n}" for n in range(1, 12)),
    *(f"K-U{n}" for n in range(1, 5)),
    *(f"K-F{n}" for n in range(6)),
    "K-L1",
    "K-L1b",
    "K-L2",
    "K-L3",
    *(f"S{n}" for n in range(1, 31)),
}
"""Every number of the clinical reference."""


@by_key
def test_a_question_cites_numbers_that_exist(question):
    assert set(question.facts) <= REFERENCE


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.name}")
def test_a_rule_cites_numbers_that_exist(rule):
    assert set(rule.facts) <= REFERENCE
    assert rule.id in REFERENCE


@by_slug
def test_a_page_cites_numbers_that_exist(step):
    assert set(step.facts) <= REFERENCE


ROWS = {row for row in REFERENCE if re.fullmatch(r"E([1-9]|1[0-5])[a-d]?", row)}


def test_every_red_flag_row_has_a_card_a_question_and_a_rule():
    assert set(CARDS) == ROWS
    assert {rule.id for rule in RULES if rule.id in ROWS} == ROWS
    asked = {fact for question in QUESTIONS for fact in question.facts}
    assert asked >= ROWS


def test_every_card_that_an_answer_calls_for_exists():
    called = {option.card for question in QUESTIONS for option in question.options if option.card}
    called |= {question.not_sure_card for question in QUESTIONS if question.not_sure_card}
    assert called == set(CARDS)


def test_cards_tell_where_to_call_and_never_promise_a_call():
    for card in CARDS.values():
        said = " ".join((card.line, *card.action))
        assert card.action
        if card.level == "emergency":
            assert re.search(r"911|988|emergency room", card.line)
        assert not re.search(r"we will call you|within \d+ minutes|stop taking", said, re.I)


# Plain words


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("hope", 1),
        ("ankles", 2),
        ("walked", 1),
        ("needed", 2),
        ("places", 2),
        ("muscle", 2),
        ("while", 1),
        ("breathing", 2),
        ("injection", 3),
        ("baclofen", 2),
        ("911", 1),
        ("MS", 1),
        ("e-mail", 2),
        ("1-800-799-7233", 1),
    ],
)
def test_syllables(word, count):
    assert syllables(word) == count


def test_grades_of_texts_whose_grade_is_known():
    assert grade(["The cat sat on the mat."]) < 1
    assert grade(["Aggravating comorbidities necessitate interdisciplinary evaluation."]) > 20


def seen_before_any_tick() -> list[str]:
    said = [PAGE_ONE.title, *PAGE_ONE.intro]
    for question in PAGE_ONE.questions:
        if not question.when:
            said += [question.text, question.hint]
            said += [option.text for option in question.options]
    return said


def test_page_one_is_read_in_under_a_minute():
    assert minutes_to_read(seen_before_any_tick()) < 1


@by_slug
def test_a_page_asks_little(step):
    always = [question for question in step.questions if not question.when]
    assert len(always) <= 8
    assert sum(len(words_in(sentence)) for sentence in step.intro) <= 60


@by_key
def test_words_are_plain_and_calm(question):
    said = " ".join(
        [question.text, question.carer_text, question.hint, question.why, question.error]
        + [option.text for option in question.options]
    )
    assert "!" not in said
    assert not re.search(r"please note|kindly|in order to|utiliz|prior to|e\.g\.|etc\.", said, re.I)
    assert not re.search(r"\bstop (taking|your)\b", said, re.I)
