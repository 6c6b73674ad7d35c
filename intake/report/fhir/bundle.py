"""Everything about one response in one Bundle: to file, or to post to a server in one go."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from intake.report.document import is_unsafe_at_home
from intake.report.fhir.checklist import PROGRAM, Decision, checklist, decided
from intake.report.fhir.names import SYSTEM, Json
from intake.report.fhir.response import CARER, PATIENT, People, questionnaire_response

COLLECTION, TRANSACTION = "collection", "transaction"

_NAMESPACE = uuid5(NAMESPACE_URL, SYSTEM)
_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a bundle tells of one version of a response.

    `document` is the sealed one, or what is left of it for its reader; `decision` the doctor's
    newest; `pdf` the drawn summary, if the reader may have it.
    """

    document: Mapping[str, Any]
    version: int = 1
    decision: Decision | None = None
    pdf: bytes | None = field(default=None, repr=False)


def bundle(contents: Contents, kind: str = COLLECTION) -> Json:
    """A Bundle of `kind` COLLECTION or TRANSACTION; the same contents give the same bundle.

    Entries point at each other by `urn:uuid:`, made of reference and version. A transaction
    creates what is not there yet, found by identifier.
    """
    document = contents.document
    entries = [_entry(contents, name, made) for name, made in _resources(contents).items()]
    if kind == TRANSACTION:
        entries = [entry | {"request": _request(entry["resource"])} for entry in entries]
    return {
        "resourceType": "Bundle",
        "identifier": _identifier("bundle", contents),
        "type": kind,
        # The times of a transaction are the receiving server's.
        **({"timestamp": document["sent_at"]} if kind == COLLECTION else {}),
        "entry": entries,
    }


def searchset(resources: Sequence[tuple[str, Json]], total: int, links: Mapping[str, str]) -> Json:
    """One page of what was found: (address, resource) each, and where the next page is."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
        "entry": [
            {"fullUrl": address, "resource": resource, "search": {"mode": "match"}}
            for address, resource in resources
        ],
    }


def full_url(contents: Contents, name: str) -> str:
    document = contents.document
    parts = (document["clinic"]["name"], document["reference"], str(contents.version), name)
    return f"urn:uuid:{uuid5(_NAMESPACE, '|'.join(parts))}"


def _resources(contents: Contents) -> dict[str, Json]:
    """The entries' resources by name, in an order in which none points ahead at a person."""
    document = contents.document
    made = {"organization": _organization(document), "patient": _patient(contents)}
    if document["answers"].get("respondent") == "carer":
        made["carer"] = _carer(contents)
    people = People({each: full_url(contents, each) for each in (PATIENT, CARER) if each in made})
    response = questionnaire_response(document, version=contents.version, people=people)
    made["response"] = response | {"identifier": _identifier("response", contents)}
    made["checklist"] = checklist(document, **_about(contents, "checklist"))
    if contents.decision is not None:
        made["decision"] = decided(contents.decision, **_about(contents, "decision"))
    if contents.pdf is not None:
        made["binary"] = _binary(contents, contents.pdf)
        made["file"] = _file(contents, contents.pdf)
    told = [name for name in ("response", "checklist", "decision", "file") if name in made]
    made["provenance"] = _provenance(contents, told, people)
    return made


def _entry(contents: Contents, name: str, resource: Json) -> Json:
    return {"fullUrl": full_url(contents, name), "resource": resource}


def _request(resource: Json) -> Json:
    kind = resource["resourceType"]
    request = {"method": "POST", "url": kind}
    known = resource.get("identifier")
    if not known:
        return request
    first = known[0] if isinstance(known, list) else known
    return request | {"ifNoneExist": f"identifier={first['system']}|{first['value']}"}


def _identifier(name: str, contents: Contents) -> Json:
    value = f"{contents.document['reference']}.{contents.version}"
    return {"system": f"{SYSTEM}:{name}", "value": value}


def _reference(contents: Contents, name: str) -> Json:
    return {"reference": full_url(contents, name)}


def _about(contents: Contents, name: str) -> Json:
    """What an Observation hangs on."""
    on = ("response", "checklist") if name == "decision" else ("response",)
    return {
        "identifier": [_identifier(name, contents)],
        "subject": _reference(contents, PATIENT),
        "derivedFrom": [_reference(contents, each) for each in on],
    }


# --- People ------------------------------------------------------------------------------------


def _organization(document: Mapping[str, Any]) -> Json:
    clinic = document["clinic"]
    return {
        "resourceType": "Organization",
        "identifier": [{"system": f"{SYSTEM}:clinic", "value": clinic["name"]}],
        "name": clinic["name"],
        **_telecom(phone=clinic["phone"]),
    }


def _patient(contents: Contents) -> Json:
    said = _said_by(contents.document)
    born_on = {"birthDate": said("born_on")} if said("born_on") else {}
    return {
        "resourceType": "Patient",
        "identifier": [_identifier(PATIENT, contents)],
        "name": [{"text": said("name") or "not given"}],
        **_safe_telecom(contents.document, said("phone"), said("email")),
        **born_on,
        "managingOrganization": _reference(contents, "organization"),
    }


def _carer(contents: Contents) -> Json:
    said = _said_by(contents.document)
    row = (r for r in contents.document["rows"] if r["key"] == "carer_relation")
    relation = next((str(each["short"]) for each in row if each["short"]), "carer")
    return {
        "resourceType": "RelatedPerson",
        "identifier": [_identifier(CARER, contents)],
        "patient": _reference(contents, PATIENT),
        "relationship": [{"text": relation}],
        "name": [{"text": said("carer_name") or "Carer"}],
        **_safe_telecom(contents.document, said("carer_phone")),
    }


def _said_by(document: Mapping[str, Any]) -> Callable[[str], str]:
    return lambda key: str(document["answers"].get(key) or "")


def _safe_telecom(document: Mapping[str, Any], phone: str, email: str = "") -> Json:
    """Nothing for who is not safe at home: somebody who found a number would call it."""
    return {} if is_unsafe_at_home(document) else _telecom(phone, email)


def _telecom(phone: str = "", email: str = "") -> Json:
    known = [
        {"system": system, "value": value}
        for system, value in (("phone", phone), ("email", email))
        if value
    ]
    return {"telecom": known} if known else {}


# --- The PDF and where all of it came from ------------------------------------------------------


def _binary(contents: Contents, pdf: bytes) -> Json:
    return {
        "resourceType": "Binary",
        "contentType": "application/pdf",
        "securityContext": _reference(contents, PATIENT),
        "data": base64.b64encode(pdf).decode(),
    }


def _file(contents: Contents, pdf: bytes) -> Json:
    document = contents.document
    # R4 asks for SHA-1: to find a changed file, not to withstand an attack.
    digest = hashlib.sha1(pdf, usedforsecurity=False).digest()
    return {
        "resourceType": "DocumentReference",
        "identifier": [_identifier("summary", contents)],
        "status": "current",
        "docStatus": "final",
        "type": {"text": "Summary of the intake before the first visit"},
        "subject": _reference(contents, PATIENT),
        "date": document["sent_at"],
        "author": [_reference(contents, "organization"), *_decider(contents)],
        "custodian": _reference(contents, "organization"),
        "content": [
            {
                "attachment": {
                    "contentType": "application/pdf",
                    "language": "en",
                    "url": full_url(contents, "binary"),
                    "size": len(pdf),
                    "hash": base64.b64encode(digest).decode(),
                    "title": f"intake-{document['reference']}.pdf",
                }
            }
        ],
        "context": {"related": [_reference(contents, "response")]},
    }


def _decider(contents: Contents) -> list[Json]:
    if contents.decision is None:
        return []
    return [{"type": "Practitioner", "display": contents.decision.by_name}]


def _provenance(contents: Contents, told: Sequence[str], people: People) -> Json:
    document = contents.document
    response = questionnaire_response(document, version=contents.version, people=people)
    versions = (
        f"questionnaire {document['questionnaire_version']}, rules {document['rules_version']}, "
        f"version {contents.version} of the response"
    )
    return {
        "resourceType": "Provenance",
        "target": [_reference(contents, name) for name in told],
        "recorded": response["authored"],
        "activity": {"text": f"Answers given and sorted by fixed rules: {versions}"},
        "agent": [
            _agent("informant", response["source"]),
            _agent("enterer", response["author"]),
            _agent("assembler", {"type": "Device", "display": f"{PROGRAM}, {versions}"}),
            _agent("custodian", _reference(contents, "organization")),
        ],
    }


def _agent(role: str, who: Json) -> Json:
    return {"type": {"coding": [{"system": _PARTICIPANT, "code": role}]}, "who": who}
