"""What this interface can do, as FHIR states it."""

from __future__ import annotations

from typing import Any

from intake.report.fhir.checklist import PROGRAM
from intake.report.fhir.names import MEDIA_TYPE

_READ, _SEARCH = {"code": "read"}, {"code": "search-type"}


def capability_statement(base: str, since: str) -> dict[str, Any]:
    """The CapabilityStatement of the interface at the address `base`."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": since,
        "kind": "instance",
        "software": {"name": PROGRAM},
        "implementation": {"description": "Sent intakes of one clinic, to read", "url": base},
        "fhirVersion": "4.0.1",
        "format": [MEDIA_TYPE, "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Private answers are masked, and no summary is given out.",
                "security": {
                    "description": "A token that an administrator of the clinic makes, in the"
                    " header: Authorization: Bearer …"
                },
                "resource": [
                    {"type": "Questionnaire", "interaction": [_READ, _SEARCH]},
                    {
                        "type": "QuestionnaireResponse",
                        "interaction": [_READ, _SEARCH],
                        "searchParam": [{"name": "_lastUpdated", "type": "date"}],
                    },
                    {
                        "type": "Bundle",
                        "interaction": [_READ],
                        "documentation": "The id is the reference of a response: patient, answers,"
                        " checklist and where they came from, as a collection.",
                    },
                ],
            }
        ],
    }
