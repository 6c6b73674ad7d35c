"""What the checklist made of the answers, as an Observation that says it is a checklist.

Not a RiskAssessment: nothing is predicted, and no probability is known. The doctor's own decision
is a second Observation; it changes nothing in the first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from intake.report.fhir import names
from intake.report.fhir.names import SYSTEM, Json

DISCLAIMER = (
    "This checklist sorts patient answers by fixed rules with sources. It does not diagnose or "
    "choose treatment, product or dose. Answers are self-reported and unverified. The treating "
    "clinician must review the basis and decide."
)
PROGRAM = "Intake before the first visit"

_SURVEY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "survey",
        }
    ]
}
_SUMMING = "unknown"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a doctor decided, beside the checklist: words as staff read them, `at` a time."""

    at: str
    by_name: str
    urgency: str
    band: str
    agrees: bool
    reason: str = ""


def checklist(document: Mapping[str, Any], **links: Any) -> Json:
    """The Observation of the sealed assessment.

    Its value is the band; its components are urgency, the lowest and highest band that what is
    not known could bring, the points, and each rule that held with its source. `links` are
    subject, derivedFrom and the like.
    """
    found = document["assessment"]
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [_SURVEY],
        "code": _concept("checklist", "toxin-checklist", "Checklist of self-reported answers"),
        **links,
        "effectiveDateTime": document["sent_at"],
        "issued": document["sent_at"],
        "valueCodeableConcept": _concept("band", found["band"], found["band_text"]),
        "note": [{"text": DISCLAIMER}, {"text": f"Reason: {found['reason']}"}],
        "method": _concept("rules", found["rules_version"], f"Rules {found['rules_version']}"),
        "device": {"type": "Device", "display": PROGRAM},
        "component": [*_summed(found), *_rules(found["findings"]), *_unknown(found["unknown"])],
    }


def decided(decision: Decision, **links: Any) -> Json:
    """The Observation of the doctor's decision."""
    note = {"note": [{"text": decision.reason}]} if decision.reason else {}
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [_SURVEY],
        "code": _concept("checklist", "doctors-decision", "Doctor's decision on the checklist"),
        **links,
        "effectiveDateTime": decision.at,
        "performer": [{"type": "Practitioner", "display": decision.by_name}],
        "valueCodeableConcept": _concept("band", decision.band, decision.band),
        **note,
        "component": [
            _component("urgency", valueCodeableConcept=_urgency(decision.urgency)),
            _component("agrees", valueBoolean=decision.agrees),
        ],
    }


def _concept(system: str, code: str, text: str) -> Json:
    return {"coding": [{"system": f"{SYSTEM}:{system}", "code": code}], "text": text}


def _component(code: str, **value: Any) -> Json:
    return {"code": _concept("checklist", code, code.replace("-", " ")), **value}


def _urgency(level: str) -> Json:
    return _concept("urgency", level, level.replace("_", " "))


def _summed(found: Mapping[str, Any]) -> Iterable[Json]:
    yield _component("urgency", valueCodeableConcept=_urgency(found["urgency"]))
    for bound in ("lowest", "highest"):
        yield _component(
            f"{bound}-band", valueCodeableConcept=_concept("band", found[bound], found[bound])
        )
    if found["total"] is None:
        yield _component("points", dataAbsentReason=_no_points())
        return
    yield _component("points", valueInteger=found["total"])
    yield _component("points-at-most", valueInteger=found["max_total"])


def _no_points() -> Json:
    """Points are not counted where another band goes first."""
    system = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    return {"coding": [{"system": system, "code": "not-applicable"}], "text": "points do not count"}


def _rules(findings: Iterable[Mapping[str, Any]]) -> Iterable[Json]:
    """Each rule that held; rules of points say how many, the others that they held."""
    for each in findings:
        if not each["holds"] or each["effect"] == _SUMMING or each["name"] == "summary":
            continue
        counted = each["effect"] == "points" and each["points"] is not None
        value = {"valueInteger": each["points"]} if counted else {"valueBoolean": True}
        says = f"{each['says']}: {each['note']}" if each["note"] else each["says"]
        if each.get("on_hold"):
            says = f"{says} (on hold: another rule goes first)"
        source = {"url": names.SOURCE, "valueString": each["source"]}
        yield {"extension": [source], "code": _concept("rule", each["rule"], says), **value}


def _unknown(entries: Iterable[Mapping[str, Any]]) -> Iterable[Json]:
    """Each answer that is not known and keeps the band down."""
    system = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    for each in entries:
        reason = {"coding": [{"system": system, "code": "unknown"}], "text": each["said"]}
        code = _concept("answer", each["key"], f"Not known: {each['label']}")
        yield {"code": code, "dataAbsentReason": reason}
