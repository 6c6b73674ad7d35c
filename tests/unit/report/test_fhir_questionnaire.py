"""The FHIR Questionnaire says what the declarations say: kinds, choices, bounds, conditions."""

import re
from random import Random
from typing import Any

import pytest

from intake.questionnaire import BY_KEY, STEPS, VERSION
from intake.questionnaire.model import CHOOSING, CHOOSING_MANY, NOT_SURE, codes_in
from intake.questionnaire.path import asked, prune
from intake.report.fhir import questionnaire

SPANISH = {"es": lambda text: f"«{text}»"}
ASKED = questionnaire(SPANISH)
AT_LEAST = re.compile(r"linkId='(\w+)'.*\$this in \(([^)]*)\)\)\.count\(\) >= (\d+)")


def walk(item, above=()):
    """Every item with those around it, outermost first."""
    for each in item.get("item", ()):
        yield each, above
        yield from walk(each, (*above, each))


ITEMS = {item["linkId"]: item for item, _ in walk(ASKED)}
AROUND = {item["linkId"]: above for item, above in walk(ASKED)}


def extension(item, ending):
    found = [each for each in item.get("extension", ()) if each["url"].endswith(ending)]
    return found[0] if found else None


def test_every_question_is_an_item_under_its_key_in_its_page():
    keys = [item["linkId"] for item, _ in walk(ASKED) if item["linkId"] in BY_KEY]
    assert keys == list(BY_KEY)
    for step in STEPS:
        for question in step.questions:
            assert AROUND[question.key][0]["linkId"] == f"page.{step.slug}"
    assert len(ITEMS) == sum(1 for _ in walk(ASKED))


def test_it_names_its_version():
    assert (ASKED["version"], ASKED["url"]) == (VERSION, "urn:x-ms-intake:questionnaire")


def test_types_choices_and_bounds():
    falls = ITEMS["falls"]
    assert falls["type"] == "integer"
    assert extension(falls, "minValue")["valueInteger"] == 0
    assert extension(falls, "maxValue")["valueInteger"] == 99
    assert extension(falls, "questionnaire-unit")["valueCoding"]["code"] == "falls"
    assert falls["code"] == [{"system": "http://snomed.info/sct", "code": "161898004"}]
    assert ITEMS["places"]["repeats"] is True
    assert ITEMS["name"]["required"] is True
    assert ITEMS["main_problem"]["type"] == "text"
    assert ITEMS["name"]["maxLength"] == BY_KEY["name"].max_characters
    for key, question in BY_KEY.items():
        codes = [each["valueCoding"]["code"] for each in ITEMS[key].get("answerOption", ())]
        assert codes == ([c.code for c in question.options] if question.kind in CHOOSING else [])


def test_a_choice_that_rules_others_out_is_exclusive():
    options = {each["valueCoding"]["code"]: each for each in ITEMS["places"]["answerOption"]}
    alone = {code for code, each in options.items() if extension(each, "optionExclusive")}
    assert alone == {c.code for c in BY_KEY["places"].options if c.alone}
    assert alone


def test_scales_of_choices_carry_their_number_and_not_sure_none():
    options = {
        e["valueCoding"]["code"]: e["valueCoding"] for e in ITEMS["mobility"]["answerOption"]
    }
    assert extension(options["6"], "ordinalValue")["valueDecimal"] == 6
    assert extension(options[NOT_SURE], "ordinalValue") is None
    assert extension(ITEMS["prior_toxin"]["answerOption"][0]["valueCoding"], "ordinal") is None


def test_translations_stand_beside_the_texts():
    def spanish_of(element):
        (said,) = element["extension"]
        return {each["url"]: each for each in said["extension"]}["content"]["valueString"]

    falls, pain = ITEMS["falls"], ITEMS["places"]["answerOption"][0]["valueCoding"]
    assert spanish_of(falls["_text"]) == f"«{falls['text']}»"
    assert spanish_of(pain["_display"]) == f"«{pain['display']}»"
    assert spanish_of(extension(falls, "carer-text")["_valueString"]).startswith(
        "«How often did the"
    )
    assert "_text" not in questionnaire()["item"][0]


@pytest.mark.parametrize("key", ["now_unsafe", "safe_contact", "mood_down"])
def test_private_questions_are_marked(key):
    assert extension(ITEMS[key], ":private")["valueBoolean"] is True
    assert extension(ITEMS["falls"], ":private") is None


def test_conditions_always_say_how_they_join():
    conditional = [item for item in ITEMS.values() if "enableWhen" in item]
    assert all(item["enableBehavior"] in ("any", "all") for item in conditional)
    assert len(conditional) > 100


# --- Conditions mean the same here and there ----------------------------------------------------


def holds(condition, answers):
    value = answers.get(condition["question"])
    if condition["operator"] == "exists":
        return (value is not None) == condition["answerBoolean"]
    return value is not None and condition["answerCoding"]["code"] in codes_in(value)


def is_enabled(item, answers):
    by_expression = extension(item, "enableWhenExpression")
    if by_expression:
        ((key, codes, least),) = AT_LEAST.findall(by_expression["valueExpression"]["expression"])
        chosen = set(codes_in(answers.get(key, ()))) & set(re.findall(r"'(\w+)'", codes))
        return len(chosen) >= int(least)
    if "enableWhen" not in item:
        return True
    each = [holds(condition, answers) for condition in item["enableWhen"]]
    return any(each) if item["enableBehavior"] == "any" else all(each)


def enabled_keys(answers):
    """The keys that a program which knows FHIR alone would ask, given these answers."""
    kept: dict[str, Any] = {}
    found = []
    for key in BY_KEY:
        if all(is_enabled(item, kept) for item in (*AROUND[key], ITEMS[key])):
            found.append(key)
            if key in answers:
                kept[key] = answers[key]
    return found


def value_of(key, chance):
    question = BY_KEY[key]
    codes = [choice.code for choice in question.options]
    if question.kind in CHOOSING_MANY:
        return chance.sample(codes, chance.randint(1, min(3, len(codes))))
    return chance.choice(codes) if question.kind in CHOOSING else NOT_SURE


READ = sorted(
    {
        part.key
        for step in STEPS
        for question in step.questions
        for condition in (*step.when, *question.when)
        for part in condition.parts
    }
)


@pytest.mark.parametrize("seed", range(60))
def test_conditions_open_the_same_questions_as_the_form(seed):
    chance = Random(seed)  # noqa: S311 - no secret
    given = {key: value_of(key, chance) for key in READ if chance.random() < 0.8}
    # What is offered among earlier choices is the form's own, not a condition.
    answers = prune(given | {"respondent": chance.choice(["self", "carer"])}, STEPS).answers
    assert enabled_keys(answers) == [question.key for _, question in asked(answers, STEPS)]
