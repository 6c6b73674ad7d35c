"""FHIR R4: what is asked, what was answered, and what the checklist made of it.

Built from the declarations and from sealed documents alone.
"""

from intake.report.fhir.bundle import COLLECTION, TRANSACTION, Contents, bundle, searchset
from intake.report.fhir.checklist import Decision
from intake.report.fhir.names import SYSTEM, Json
from intake.report.fhir.questionnaire import questionnaire
from intake.report.fhir.response import questionnaire_response

__all__ = [
    "COLLECTION",
    "SYSTEM",
    "TRANSACTION",
    "Contents",
    "Decision",
    "Json",
    "bundle",
    "questionnaire",
    "questionnaire_response",
    "searchset",
]
