"""The answers as a FHIR R4 QuestionnaireResponse, from the sealed document alone."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from intake.questionnaire.model import NOT_SURE
from intake.questionnaire.rows import BLANK, NOT_ASKED

Json = dict[str, Any]

SYSTEM = "urn:x-ms-intake"
"""Names of our own: questionnaire, reference and answer codes."""

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_AUTHOR = "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-author"
_VALUE = {
    "choice": "valueCoding",
    "choices": "valueCoding",
    "places": "valueCoding",
    "scale": "valueInteger",
    "number": "valueInteger",
    "date": "valueDate",
    "partial_date": "valueDate",
    "line": "valueString",
    "text": "valueString",
}


def questionnaire_response(document: Mapping[str, Any]) -> Json:
    """A completed QuestionnaireResponse: a group for each page, an item for each answer.

    linkId is the question's permanent key. Unanswered questions are absent; "not sure" is a
    value that is absent because it was asked and is unknown, and what the short form left out
    one that is absent because it was not asked. Where both patient and carer gave answers, each
    item names its author.
    """
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": f"{SYSTEM}:reference", "value": document["reference"]},
        "questionnaire": f"{SYSTEM}:questionnaire|{document['questionnaire_version']}",
        "status": "completed",
        # Of its labels; the patient's own writing stays as it is.
        "language": "en",
        "subject": {"type": "Patient", "display": _said(document, "name") or "not given"},
        "authored": document["sent_at"],
        "source": _source(document),
        "item": [
            {"linkId": step, "text": page, "item": [_item(row, document) for row in rows]}
            for (step, page), rows in _pages(document)
        ],
    }


def _said(document: Mapping[str, Any], key: str) -> str:
    return str(document["answers"].get(key) or "")


def _source(document: Mapping[str, Any]) -> Json:
    return _person(document, is_carer=document["answers"].get("respondent") == "carer")


def _person(document: Mapping[str, Any], *, is_carer: bool) -> Json:
    if is_carer:
        return {"type": "RelatedPerson", "display": _said(document, "carer_name") or "Carer"}
    return {"type": "Patient", "display": _said(document, "name") or "not given"}


def _pages(document: Mapping[str, Any]) -> list[tuple[tuple[str, str], list[Json]]]:
    answered = [row for row in document["rows"] if row["status"] != BLANK]
    grouped = groupby(answered, lambda row: (row["step"], row["page"]))
    return [(page, list(rows)) for page, rows in grouped]


def _item(row: Json, document: Mapping[str, Any]) -> Json:
    item = {"linkId": row["key"], "text": row["text"], "answer": _answers(row, document)}
    by = document.get("by", {})
    if row["key"] not in by or len(set(by.values())) == 1:
        return item
    author = _person(document, is_carer=by[row["key"]] == "carer")
    return {"extension": [{"url": _AUTHOR, "valueReference": author}], **item}


def _answers(row: Json, document: Mapping[str, Any]) -> list[Json]:
    name = _VALUE[row["kind"]]
    if row["status"] == NOT_ASKED:
        return [_absent(name, "not-asked")]
    if name == "valueCoding":
        return [_coded(row["key"], choice) for choice in row["chosen"]]
    value = document["answers"][row["key"]]
    return [_absent(name, "asked-unknown") if value == NOT_SURE else {name: value}]


def _coded(key: str, choice: Json) -> Json:
    if choice["code"] == NOT_SURE:
        return _absent("valueCoding", "asked-unknown")
    return {
        "valueCoding": {
            "system": f"{SYSTEM}:{key}",
            "code": choice["code"],
            "display": choice["text"],
        }
    }


def _absent(name: str, reason: str) -> Json:
    """An answer without a value; primitive values have theirs beside them, under "_"."""
    said = {"extension": [{"url": _ABSENT, "valueCode": reason}]}
    return {name if name == "valueCoding" else f"_{name}": said}
