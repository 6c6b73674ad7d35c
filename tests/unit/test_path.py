"""The path: which pages and questions a person is asked, from the answers alone."""

import pytest

from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.model import Choice, Kind, Question, Step, any_of, is_known, when
from intake.questionnaire.path import (
    asked,
    blank,
    missing,
    next_step,
    offered,
    path,
    previous_step,
    prune,
    questions_shown,
)
from intake.questionnaire.rows import rows
from tests.unit.whole_patient import CARER, LIMB_TOXIN, changed


def slugs(answers) -> list[str]:
    return [step.slug for step in path(answers, STEPS)]


def keys_asked(answers) -> set[str]:
    return {question.key for _, question in asked(answers, STEPS)}


# A questionnaire small enough to see through


def choice(key: str, *codes: str, **given) -> Question:
    choices = tuple(Choice(code, code) for code in codes)
    return Question(key=key, kind=Kind.CHOICE, text=key, label=key, choices=choices, **given)


SMALL = (
    Step(slug="pets", title="", section="", questions=(choice("pet", "dog", "cat", "none"),)),
    Step(
        slug="dog",
        title="",
        section="",
        when=(when("pet", "dog"),),
        questions=(
            choice("walks", "yes", "no", required=True),
            choice("where", "park", "street", when=(when("walks", "yes"),)),
        ),
    ),
    Step(
        slug="park",
        title="",
        section="",
        when=(when("where", "park"),),
        questions=(choice("how_often", "daily", "weekly"),),
    ),
    Step(slug="end", title="", section="", questions=(choice("happy", "yes", "no"),)),
)


def test_a_hidden_answer_opens_nothing():
    answers = {"pet": "cat", "walks": "yes", "where": "park", "how_often": "daily"}
    assert [step.slug for step in path(answers, SMALL)] == ["pets", "end"]
    pruned = prune(answers, SMALL)
    assert pruned.answers == {"pet": "cat"}
    assert set(pruned.ignored) == {"walks", "where", "how_often"}


def test_an_answer_off_the_path_comes_back_with_the_answer_that_opens_it():
    answers = {"pet": "dog", "walks": "yes", "where": "park", "how_often": "daily"}
    assert prune(answers, SMALL).answers == answers


def test_a_page_stays_on_the_path_if_a_tick_on_it_can_open_its_questions():
    hidden_first = Step(
        slug="walks",
        title="",
        section="",
        questions=(
            choice("walks", "yes", "no"),
            choice("where", "park", when=(when("walks", "yes"),)),
        ),
    )
    assert path({}, (hidden_first,)) == (hidden_first,)


# Conditions that silence keeps open

LIKES = when("pet", "dog", or_unknown=True)


@pytest.mark.parametrize("value", ["dog", "not_sure", ["cat", "not_sure"], [], ["dog", "cat"]])
def test_what_is_not_known_keeps_a_question(value):
    assert LIKES.holds({"pet": value})
    assert LIKES.holds({})


@pytest.mark.parametrize("value", ["cat", ["cat"], ["none"]])
def test_only_another_answer_takes_a_question_away(value):
    assert not LIKES.holds({"pet": value})


def test_without_it_silence_opens_nothing():
    assert not when("pet", "dog").holds({})
    assert not when("pet", "dog").holds({"pet": "not_sure"})


def test_one_of_several_conditions_is_enough():
    either = any_of(when("pet", "dog"), when("walks", "yes", or_unknown=True))
    assert either.holds({"pet": "dog", "walks": "no"})
    assert either.holds({"pet": "cat"})
    assert not either.holds({"pet": "cat", "walks": "no"})


def test_next_and_previous_go_along_the_path():
    dog = {"pet": "dog", "walks": "no"}
    assert next_step("pets", {"pet": "cat"}, SMALL) == SMALL[3]
    assert next_step("pets", dog, SMALL) == SMALL[1]
    assert next_step("end", dog, SMALL) is None
    assert previous_step("end", dog, SMALL) == SMALL[1]
    assert previous_step("end", {"pet": "cat"}, SMALL) == SMALL[0]
    assert previous_step("pets", dog, SMALL) is None
    assert next_step("nowhere", dog, SMALL) is None
    assert previous_step("nowhere", dog, SMALL) is None


def test_from_a_page_that_left_the_path_one_goes_on_from_its_place():
    assert next_step("dog", {"pet": "cat"}, SMALL) == SMALL[3]
    assert previous_step("park", {"pet": "cat"}, SMALL) == SMALL[0]


def test_missing_names_required_questions_on_the_path_only():
    assert missing({"pet": "cat"}, SMALL) == ()
    assert missing({"pet": "dog"}, SMALL) == ((SMALL[1], "walks"),)
    assert missing({"pet": "dog", "walks": "no"}, SMALL) == ()


def test_blank_names_what_was_asked_and_left():
    left = blank({"pet": "dog", "walks": "yes"}, SMALL)
    assert [question.key for _, question in left] == ["where", "happy"]


def test_questions_of_a_page_follow_ticks_on_the_page():
    assert [q.key for q in questions_shown(SMALL[1], {"pet": "dog"})] == ["walks"]
    shown = questions_shown(SMALL[1], {"pet": "dog", "walks": "yes"})
    assert [q.key for q in shown] == ["walks", "where"]


def test_one_of_several_ways_to_answer_is_enough():
    page = Step(
        slug="reach",
        title="",
        section="",
        one_of=("phone", "mail"),
        questions=(
            Question(key="phone", kind=Kind.LINE, text="", label=""),
            Question(key="mail", kind=Kind.LINE, text="", label=""),
        ),
    )
    assert missing({}, (page,)) == ((page, "phone"),)
    assert missing({"mail": "x@example.com"}, (page,)) == ()


# The real one


def test_the_shortest_path_leaves_every_branch_out():
    never = changed(prior_toxin="never", pump="no", filler_preference="none")
    assert not {"toxin-last", "toxin-effect", "toxin-problems", "pump", "filler-health"} & {
        *slugs(never)
    }


@pytest.mark.parametrize(
    ("answers", "on", "off"),
    [
        ({"prior_toxin": "yes", "toxin_uses": ["bladder"]}, "toxin-problems", "toxin-effect"),
        ({"prior_toxin": "yes", "toxin_uses": ["limb"]}, "toxin-effect", "pump"),
        ({"prior_toxin": "not_sure"}, "toxin", "toxin-last"),
        ({"pump": "yes"}, "pump", "toxin-last"),
        ({"pump": "not_sure"}, "treatments", "pump"),
        ({"filler_preference": "natural"}, "filler-health", "pump"),
        ({"filler_preference": "not_sure"}, "filler", "filler-health"),
        ({"filler_preference": "skip"}, "filler", "filler-health"),
        ({"ms_diagnosis": "no"}, "ms", "ms-lately"),
        ({"ms_diagnosis": "not_sure"}, "ms-lately", "carer"),
        ({"symptoms": ["none"]}, "symptoms", "symptoms-since"),
        ({"symptoms": ["not_sure"]}, "symptoms", "symptoms-since"),
        ({"places": ["left_knee"]}, "left-leg", "left-arm"),
        ({"places": ["neck"]}, "neck-trunk", "left-arm"),
        ({"places": ["all_over"]}, "all-over", "left-arm"),
        ({"places": ["none"]}, "where", "worst-place"),
        ({"places": ["not_sure"]}, "where", "useful-stiffness"),
        ({"spasm_drugs": ["tizanidine"]}, "drug-tizanidine", "drug-baclofen"),
        ({"goal_1": "not_sure"}, "goals", "second-goal"),
        ({"private": "no"}, "right-now", "private"),
        ({"private": "not_sure"}, "right-now", "mood"),
        ({"respondent": "self_helped"}, "right-now", "private"),
    ],
)
def test_branches(answers, on, off):
    way = slugs(changed(answers))
    assert on in way
    assert off not in way


LOOKS = {"reasons": ["looks"], "symptoms": ["none"], "places": ["none"]}
ON_SPASMS = {
    "spasm_frequency",
    "sleep_loss",
    "affects",
    "tried",
    "pump_talked",
    "spasm_drugs",
    "triggers_around",
    "therapy",
    "stretch_help",
}


def test_who_comes_for_looks_alone_is_asked_nothing_about_spasms():
    answers = changed(LOOKS)
    assert not {"spasms", "stiffness-drugs", "useful-stiffness"} & set(slugs(answers))
    assert not ON_SPASMS & keys_asked(answers)
    assert {"pump", "triggers", "site_infection", "prior_toxin", "goal_1"} <= keys_asked(answers)


@pytest.mark.parametrize(
    "doubt",
    [
        {"reasons": ["looks", "limb"]},
        {"reasons": ["looks", "not_sure"]},
        {"reasons": None},
        {"symptoms": ["stiffness"]},
        {"symptoms": ["fatigue", "not_sure"]},
        {"symptoms": None},
        {"places": ["left_wrist"]},
        {"places": ["not_sure"]},
        {"places": None},
    ],
)
def test_one_doubt_brings_the_questions_on_spasms_back(doubt):
    assert keys_asked(changed(LOOKS, doubt)) >= ON_SPASMS


def test_what_no_longer_can_be_asked_is_not_asked():
    assert "ms_doctor" not in keys_asked(changed(ms_diagnosis="no"))
    assert "helpers_often" not in keys_asked(changed(helpers=["none"]))
    assert "helpers_often" in keys_asked(changed(helpers=["paid"]))
    assert "ms_drug_last_on" not in keys_asked(changed(ms_drug=["fingolimod"]))
    assert "ms_drug_last_on" in keys_asked(changed(ms_drug=["fingolimod", "ocrelizumab"]))
    assert "ms_drug_last_on" in keys_asked(changed(ms_drug=["other"]))
    assert not {"work_words", "home_words"} & keys_asked(changed(affects=["none"]))
    assert "work_words" in keys_asked(changed(affects=["work"]))
    assert {"work_words", "home_words"} <= keys_asked(changed(affects=["not_sure"]))


def test_a_diagnosis_left_out_hides_no_page_about_ms():
    assert {"ms-lately", "ms-drug"} <= set(slugs(changed(ms_diagnosis=None)))
    assert not {"ms-lately", "ms-drug"} & set(slugs(changed(ms_diagnosis="no")))


def test_a_carer_is_asked_of_consent_and_never_of_private_things():
    way = slugs(changed(CARER, private="yes"))
    assert "carer" in way
    assert not {"private", "mood"} & set(way)
    assert not {"now_self_harm", "now_unsafe", "mood_down"} & keys_asked(changed(CARER))


def test_the_worst_place_is_asked_only_where_there_is_a_choice():
    assert "main_place" not in keys_asked(changed(places=["left_wrist"]))
    assert "main_place" in keys_asked(changed(places=["left_wrist", "all_over"]))
    assert "main_place" not in keys_asked(changed(places=["left_wrist", "not_sure"]))


def test_the_place_of_a_wish_is_asked_only_where_there_is_a_choice():
    assert "goal_1_place" not in keys_asked(changed(places=["left_wrist"]))
    assert "goal_1_place" in keys_asked(changed())


def test_only_marked_places_are_offered_as_the_worst():
    codes = [c.code for c in offered(BY_KEY["main_place"], changed())]
    assert codes == ["left_wrist", "left_fingers", "not_sure"]
    assert prune(changed(main_place="left_knee"), STEPS).answers.get("main_place") is None


def test_nothing_of_an_unmarked_place_is_asked():
    keys = keys_asked(changed())
    assert "left_wrist_patterns" in keys
    assert not {key for key in keys if key.startswith(("right_", "left_knee"))}


def test_page_one_follow_ups_open_with_their_tick():
    for key, codes, follow_up in (
        ("now_infection", ["fever_spasms"], "now_infection_signs"),
        ("now_infection", ["urine_fever"], "now_infection_signs"),
        ("now_skin", ["sore"], "now_skin_signs"),
        ("now_skin", ["wound"], "now_skin_signs"),
        ("now_medicine", ["pump"], "now_pump_signs"),
        ("now_medicine", ["stopped"], "now_stopped_signs"),
        ("now_medicine", ["toxin"], "now_toxin_signs"),
        ("now_leg_head", ["leg"], "now_leg_signs"),
        ("now_leg_head", ["head"], "now_head_signs"),
    ):
        assert follow_up in keys_asked(changed({key: codes}))
        assert follow_up in [key for _, key in missing(changed({key: codes}), STEPS)]
        assert follow_up not in keys_asked(changed())


def test_breastfeeding_is_not_asked_where_it_cannot_apply():
    assert "breastfeeding" not in keys_asked(changed(pregnancy="not_applicable"))
    assert "breastfeeding" in keys_asked(changed(pregnancy="not_sure"))


def test_spasms_that_never_come_are_not_measured():
    keys = keys_asked(changed(spasm_frequency="never"))
    assert not {"spasm_severity", "spasm_times", "spasm_set_off"} & keys


def test_the_form_goes_on_and_sends_for_a_person_under_18():
    assert missing(changed(born_on="2010-01-01"), STEPS) == ()


def test_a_whole_answer_sheet_lacks_nothing():
    assert missing(changed(), STEPS) == ()
    assert missing(changed(LIMB_TOXIN), STEPS) == ()
    assert missing(changed(CARER), STEPS) == ()


def test_what_an_empty_form_lacks():
    lacking = [key for _, key in missing({}, STEPS)]
    assert lacking == [
        "respondent",
        "now_breath_heart",
        "now_nerves",
        "now_infection",
        "now_skin",
        "now_medicine",
        "now_leg_head",
        "name",
        "born_on",
        "phone",
    ]


def test_one_way_to_reach_the_person_is_enough():
    for key, value in (
        ("phone", "315-555-0100"),
        ("email", "iris@example.com"),
        ("other_contact", "by my sister"),
    ):
        answers = {k: v for k, v in changed().items() if k != "phone"} | {key: value}
        assert missing(answers, STEPS) == ()


def test_rows_show_what_was_asked_and_nothing_that_is_hidden():
    answers = changed(toxin_product="ona", left_knee_strength=9)
    keys = [row.key for row in rows(answers, STEPS)]
    assert not {"toxin_product", "left_knee_strength"} & set(keys)
    assert len(keys) == len(set(keys)) == len(asked(answers, STEPS))


@pytest.mark.parametrize("value", [None, "", "not_sure", [], ["not_sure"]])
def test_what_says_nothing_is_not_known(value):
    assert not is_known(value)


@pytest.mark.parametrize("value", ["no", 0, ["none"], ["sore", "not_sure"], "2026"])
def test_what_says_something_is_known(value):
    assert is_known(value)
