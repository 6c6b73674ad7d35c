"""The own checker names each way in which a response does not fit, with where it stands."""

from copy import deepcopy
from datetime import UTC, date, datetime

import pytest

from intake.questionnaire import BY_KEY
from intake.questionnaire.handed_in import AnswersFileError
from intake.report.document import sent_document
from intake.report.fhir import questionnaire_response
from intake.report.fhir.check import check, read_response
from intake.report.fhir.names import absent
from intake.web.language import translators
from tests.unit.report.given import (
    CLINIC,
    blank,
    document,
    everything,
    of_both,
    short,
    unsure,
    walked,
    whole,
)
from tests.unit.report.test_report_fhir import items
from tests.vignettes import load_all


def response():
    return deepcopy(questionnaire_response(document(whole(goal_1_place="left_wrist"))))


def told(broken):
    return [str(problem) for problem in check(broken)]


def page(made, slug):
    (found,) = (each for each in made["item"] if each["linkId"] == f"page.{slug}")
    return found


@pytest.mark.parametrize("vignette", load_all(), ids=lambda each: each["id"])
def test_every_vignette_fits(vignette):
    today = date.fromisoformat(vignette["today"])
    at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    sealed = sent_document(vignette["answers"], today=today, sent_at=at, clinic=CLINIC)
    assert told(questionnaire_response(sealed)) == []
    assert read_response(questionnaire_response(sealed)) == sealed["answers"]


@pytest.mark.parametrize(
    "sealed",
    [
        document(walked(unsure) | {"phone": "(555) 555-0142"}),
        document(walked(everything("Größe "))),
        short(),
        of_both("name"),
    ],
    ids=["unsure", "everything", "short", "both"],
)
def test_what_we_make_ourselves_fits(sealed):
    made = questionnaire_response(sealed)
    assert told(made) == []
    assert read_response(made) == sealed["answers"]


def test_another_language_fits_where_it_is_known():
    spanish = response()
    for key, item in items(spanish).items():
        item["text"] = translators()["es"](BY_KEY[key].text)
    assert check(spanish, translators()) == []
    assert "another text" in told(spanish)[0]


def no_response(made):
    made["resourceType"] = "Patient"


def other_version(made):
    made["questionnaire"] = "urn:x-ms-intake:questionnaire|0.0.1"


def not_sent(made):
    made["status"] = "in-progress"


def no_time(made):
    del made["authored"]


def unknown_link(made):
    made["item"][0]["item"].append({"linkId": "shoe_size", "answer": [{"valueInteger": 9}]})


def twice(made):
    made["item"][0]["item"].append(made["item"][0]["item"][0])


def order(made):
    about = page(made, "about-you")["item"]
    about.reverse()


def elsewhere(made):
    made["item"][0]["item"].append(page(made, "moving")["item"].pop(0))


def no_answer(made):
    items(made)["falls"]["answer"] = []


def wrong_type(made):
    items(made)["falls"]["answer"] = [{"valueString": "two"}]


def no_option(made):
    items(made)["prior_toxin"]["answer"][0]["valueCoding"]["code"] = "perhaps"


def other_system(made):
    items(made)["prior_toxin"]["answer"][0]["valueCoding"]["system"] = "urn:other"


def exclusive(made):
    codes = items(made)["places"]["answer"]
    codes.append({"valueCoding": codes[0]["valueCoding"] | {"code": "none"}})


def repeated(made):
    items(made)["falls"]["answer"] *= 2


def too_high(made):
    items(made)["falls"]["answer"] = [{"valueInteger": 100}]


def too_long(made):
    items(made)["name"]["answer"] = [{"valueString": "x" * 5000}]


def no_date(made):
    items(made)["born_on"]["answer"] = [{"valueDate": "1976"}]


def other_text(made):
    items(made)["falls"]["text"] = "How tall are you?"


def no_value(made):
    items(made)["falls"]["answer"] = [{"_valueInteger": {"extension": [absent("error")]}}]


def disabled(made):
    coding = {"system": "urn:x-ms-intake:places", "code": "none"}
    items(made)["places"]["answer"] = [{"valueCoding": coding}]


def not_offered(made):
    items(made)["main_place"]["answer"][0]["valueCoding"]["code"] = "right_wrist"


def required(made):
    about = page(made, "about-you")
    about["item"] = [each for each in about["item"] if each["linkId"] != "name"]


BROKEN = [
    (no_response, "is no QuestionnaireResponse"),
    (other_version, "answers another questionnaire or version"),
    (not_sent, "is neither completed nor amended"),
    (no_time, "does not say when it was authored"),
    (unknown_link, "shoe_size: is no linkId"),
    (twice, "respondent: stands twice"),
    (order, "stands after an item"),
    (elsewhere, "mobility: stands in another group"),
    (no_answer, "falls: has no answer"),
    (wrong_type, "falls: is no valueInteger"),
    (no_option, "prior_toxin: is no option"),
    (other_system, "prior_toxin: is no option"),
    (exclusive, "places: mixes an option that excludes"),
    (repeated, "falls: does not repeat"),
    (too_high, "falls: lies outside of minValue and maxValue"),
    (too_long, "name: is longer than maxLength"),
    (no_date, "born_on: is no date"),
    (other_text, "falls: has another text"),
    (no_value, "falls: has no value and does not say why"),
    (disabled, "left_wrist_strength: is answered and was not to be asked"),
    (not_offered, "main_place: is answered and was not to be asked"),
    (required, "name: is required and missing"),
]


@pytest.mark.parametrize(
    ("break_it", "what"), BROKEN, ids=lambda each: getattr(each, "__name__", "")
)
def test_each_problem_is_named(break_it, what):
    broken = response()
    assert told(broken) == []
    break_it(broken)
    assert any(what in each for each in told(broken)), told(broken)
    with pytest.raises(AnswersFileError):
        read_response(broken)


@pytest.mark.parametrize("odd", [None, [], {}, {"resourceType": "QuestionnaireResponse"}])
def test_odd_input_is_a_problem_and_no_crash(odd):
    assert told(odd)


def test_odd_items_are_problems_and_no_crash():
    for odd in (7, [7], [{"linkId": 7}], [{"linkId": "falls", "answer": [7]}], [{"item": "x"}]):
        made = response()
        made["item"] = odd
        assert told(made)


def test_an_answer_is_never_repeated_in_what_is_said():
    broken = response()
    items(broken)["name"]["answer"] = [{"valueString": "canary" * 1000}]
    broken["item"][0]["item"].append({"linkId": "my canary hurts", "text": "canary"})
    assert told(broken)
    assert "canary" not in " ".join(told(broken))


def test_blank_answers_stay_blank():
    sealed = document(walked(blank))
    assert "is required and missing" in " ".join(told(questionnaire_response(sealed)))
