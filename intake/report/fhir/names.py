"""Names that FHIR resources use: our own, and those of the standard's extensions."""

from typing import Any

Json = dict[str, Any]

SYSTEM = "urn:x-ms-intake"
"""Names of our own: questionnaire, reference, answer codes, bands, rules."""

QUESTIONNAIRE = f"{SYSTEM}:questionnaire"
MEDIA_TYPE = "application/fhir+json"

_HL7 = "http://hl7.org/fhir/StructureDefinition"
ABSENT = f"{_HL7}/data-absent-reason"
AUTHOR = f"{_HL7}/questionnaireresponse-author"
EXCLUSIVE = f"{_HL7}/questionnaire-optionExclusive"
LEAST, MOST = f"{_HL7}/minValue", f"{_HL7}/maxValue"
ORDINAL = f"{_HL7}/ordinalValue"
TRANSLATION = f"{_HL7}/translation"
UNIT = f"{_HL7}/questionnaire-unit"
CONTROL = f"{_HL7}/questionnaire-itemControl"
CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
ENABLE_BY = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"

PRIVATE = f"{SYSTEM}:private"
CARER_TEXT = f"{SYSTEM}:carer-text"
AMONG = f"{SYSTEM}:offered-if-chosen-in"
SAME_AS = f"{SYSTEM}:same-as"
SOURCE = f"{SYSTEM}:source"

NOT_KNOWN, NOT_ASKED, MASKED = "asked-unknown", "not-asked", "masked"
"""Why an answer has no value."""


def page_id(slug: str) -> str:
    """The linkId of a page; some pages are called as one of their questions."""
    return f"page.{slug}"


def answer_codes(key: str) -> str:
    """The system of the codes that answer one question."""
    return f"{SYSTEM}:{key}"


def absent(reason: str) -> Json:
    return {"url": ABSENT, "valueCode": reason}
