"""The attached QuestionnaireResponse is R4 and says what was answered, and no more."""

from intake.report.fhir import questionnaire_response
from tests.unit.report.given import document, unsure, walked, whole

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
    return {item["linkId"]: item for page in response["item"] for item in page["item"]}


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
    assert answered["prior_toxin"]["answer"] == [{"valueCoding": UNKNOWN}]


def test_unanswered_questions_are_absent():
    assert "falls" not in items(questionnaire_response(document(whole(falls=None))))


def test_a_carer_is_the_source():
    by_carer = whole(respondent="carer", private=None, carer_name="Angela Example")
    source = questionnaire_response(document(by_carer))["source"]
    assert source == {"type": "RelatedPerson", "display": "Angela Example"}
