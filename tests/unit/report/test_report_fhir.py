"""The attached QuestionnaireResponse is R4 and says what was answered, and no more."""

from typing import Any

from intake.questionnaire.rows import Speech
from intake.report.amended import amended_document
from intake.report.fhir import questionnaire_response
from tests.unit.report.given import CLINIC, TODAY, document, unsure, walked, whole

VALUES = {"valueCoding", "valueInteger", "valueDate", "valueString"}
UNKNOWN = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "asked-unknown",
        }
    ]
}


def items(response):
    """The answered items by key, wherever the groups put them."""
    found: dict[str, Any] = {}
    for item in response["item"]:
        found |= items(item) if "item" in item else {item["linkId"]: item}
    return found


def test_it_names_questionnaire_version_and_time():
    response = questionnaire_response(document())
    assert response["resourceType"] == "QuestionnaireResponse"
    assert response["status"] == "completed"
    assert response["questionnaire"].endswith(
        "questionnaire|" + document()["questionnaire_version"]
    )
    assert response["authored"] == document()["sent_at"]


def test_every_answer_has_one_typed_value():
    for item in items(questionnaire_response(document())).values():
        for answer in item["answer"]:
            (name,) = answer
            assert name in VALUES
    assert len(items(questionnaire_response(document()))) > 50


def test_types_follow_the_kind_of_question():
    answered = items(questionnaire_response(document(whole(ms_since="2004", falls=2))))
    assert answered["left_fingers_strength"]["answer"] == [{"valueInteger": 7}]
    assert answered["ms_since"]["answer"] == [{"valueDate": "2004"}]
    assert answered["born_on"]["answer"] == [{"valueDate": "1976-08-30"}]
    assert answered["falls"]["answer"] == [{"valueInteger": 2}]
    assert answered["name"]["answer"] == [{"valueString": "Iris Example"}]
    coded = [answer["valueCoding"]["code"] for answer in answered["places"]["answer"]]
    assert coded == ["left_wrist", "left_fingers"]


def test_not_sure_is_a_value_absent_for_a_reason():
    answered = items(questionnaire_response(document(walked(unsure))))
    assert answered["falls"]["answer"] == [{"_valueInteger": UNKNOWN}]
    (prior,) = answered["prior_toxin"]["answer"]
    code = {"system": "urn:x-ms-intake:prior_toxin", "code": "not_sure", "display": "Not sure"}
    assert prior["valueCoding"] == {**UNKNOWN, **code}


def test_unanswered_questions_are_absent():
    assert "falls" not in items(questionnaire_response(document(whole(falls=None))))


def test_a_carer_is_the_source():
    by_carer = whole(respondent="carer", private=None, carer_name="Angela Example")
    source = questionnaire_response(document(by_carer))["source"]
    assert source == {"type": "RelatedPerson", "display": "Angela Example"}


def spanish():
    loud = Speech(say=lambda text: f"«{text}»", date=lambda partial: f"el {partial}")
    return document(language="es", speech=loud)


def test_texts_and_choices_stand_as_they_were_read():
    response = questionnaire_response(spanish())
    assert response["language"] == "es"
    assert all(item["text"].startswith("«") for item in items(response).values())
    # What pages were called is sealed in English alone, and so left out.
    assert not any("text" in page for page in response["item"])
    chosen = items(response)["places"]["answer"]
    assert [each["valueCoding"]["display"] for each in chosen] == [
        "«Left wrist»",
        "«Left hand or fingers»",
    ]


def test_choices_keep_their_words_when_ticked_in_another_order():
    turned = document(whole(places=["left_fingers", "left_wrist"]))
    said = {
        each["valueCoding"]["code"]: each["valueCoding"]["display"]
        for each in items(questionnaire_response(turned))["places"]["answer"]
    }
    assert said == {"left_wrist": "Left wrist", "left_fingers": "Left hand or fingers"}


def test_groups_around_a_question_are_those_of_the_questionnaire():
    both = whole(goal_1_place="left_wrist")
    response = questionnaire_response(document(both))
    (goals,) = (page for page in response["item"] if page["linkId"] == "page.goals")
    (group,) = (item for item in goals["item"] if item["linkId"] == "goal_1_place.if.1")
    assert [item["linkId"] for item in group["item"]] == ["goal_1_place"]


def test_a_later_version_is_amended_and_names_who_corrected():
    first = document()
    again = amended_document(
        first, whole(falls=3), by="staff", today=TODAY, clinic=CLINIC, screened_at=None
    )
    again["corrections"] = [
        {
            "at": "2026-06-16T09:00:00+00:00",
            "by_name": "Pat Desk",
            "why": "typing error",
            "changes": [{"key": "falls", "label": "Falls", "old": "2", "new": "3"}],
        }
    ]
    response = questionnaire_response(again, version=2)
    assert response["status"] == "amended"
    assert response["authored"] == "2026-06-16T09:00:00+00:00"
    (author,) = items(response)["falls"]["extension"]
    assert author["valueReference"] == {"type": "Practitioner", "display": "Pat Desk"}
    (other,) = items(response)["places"]["extension"]
    assert other["valueReference"]["type"] == "Patient"


def test_answers_typed_in_from_paper_are_entered_by_staff_and_said_by_the_patient():
    paper = document(by=dict.fromkeys(whole(), "staff"))
    response = questionnaire_response(paper)
    assert response["author"] == {"type": "Practitioner", "display": "Staff of the clinic"}
    assert response["source"] == {"type": "Patient", "display": "Iris Example"}
