"""A bundle holds together, is honest about the checklist, and keeps back what it must."""

import base64
import hashlib
import json
from typing import Any

import pytest

from intake.report.fhir import COLLECTION, TRANSACTION, Contents, Decision, bundle
from tests.unit.report.given import CARER, document, whole

DECISION = Decision("2026-06-16T10:00:00+00:00", "Dr. Lee", "soon", "POSSIBLE", False, "Better")
CHOKING = {"now_breath_heart": ["breathing"]}


def resources(made):
    found: dict[str, list[Any]] = {}
    for entry in made["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def component(observation, code):
    (found,) = (
        each for each in observation["component"] if each["code"]["coding"][0]["code"] == code
    )
    return found


def test_every_reference_is_an_entry_of_the_bundle():
    for kind in (COLLECTION, TRANSACTION):
        made = bundle(Contents(document(whole(**CARER)), 1, DECISION, b"%PDF"), kind)
        urls = [entry["fullUrl"] for entry in made["entry"]]
        assert len(set(urls)) == len(urls) == 9
        assert set(references(made)) <= set(urls)
        assert all(url.startswith("urn:uuid:") for url in urls)


def test_the_same_contents_give_the_same_bundle_and_another_version_another():
    def urls(version):
        return [e["fullUrl"] for e in bundle(Contents(document(), version))["entry"]]

    assert bundle(Contents(document())) == bundle(Contents(document()))
    assert not set(urls(1)) & set(urls(2))


def test_a_transaction_creates_what_is_not_there_yet():
    requests = [entry["request"] for entry in bundle(Contents(document()), TRANSACTION)["entry"]]
    assert {each["method"] for each in requests} == {"POST"}
    (patient,) = (each for each in requests if each["url"] == "Patient")
    assert patient["ifNoneExist"] == "identifier=urn:x-ms-intake:patient|R7K2-9MQF.1"
    assert "request" not in json.dumps(bundle(Contents(document())))


def test_the_checklist_says_that_it_is_one():
    sealed = document()
    (seen,) = resources(bundle(Contents(sealed)))["Observation"]
    assert seen["valueCodeableConcept"]["coding"][0]["code"] == sealed["assessment"]["band"]
    assert "does not diagnose" in seen["note"][0]["text"]
    assert seen["method"]["coding"][0]["code"] == sealed["rules_version"]
    assert component(seen, "lowest-band")["valueCodeableConcept"]["coding"][0]["code"]
    held = [f for f in sealed["assessment"]["findings"] if f["holds"] and f["name"] != "summary"]
    ruled = [each for each in seen["component"] if "extension" in each]
    assert len(ruled) == len(held)
    assert all(each["extension"][0]["valueString"] for each in ruled)
    points = sum(each.get("valueInteger", 0) for each in ruled)
    assert points == component(seen, "points")["valueInteger"] == sealed["assessment"]["total"]


def test_points_that_do_not_count_are_not_given():
    (seen,) = resources(bundle(Contents(document(whole(**CHOKING)))))["Observation"]
    assert seen["valueCodeableConcept"]["coding"][0]["code"] == "URGENT"
    assert "valueInteger" not in component(seen, "points")
    assert component(seen, "points")["dataAbsentReason"]


def test_the_doctors_decision_stands_beside_the_checklist():
    made = bundle(Contents(document(), 1, DECISION))
    first, second = resources(made)["Observation"]
    assert first == resources(bundle(Contents(document())))["Observation"][0]
    assert second["valueCodeableConcept"]["coding"][0]["code"] == "POSSIBLE"
    assert second["performer"] == [{"type": "Practitioner", "display": "Dr. Lee"}]
    assert second["note"] == [{"text": "Better"}]


def test_the_pdf_comes_with_its_size_and_hash():
    made = resources(bundle(Contents(document(), 1, None, b"%PDF-1.7 x")))
    (file,), (binary,) = made["DocumentReference"], made["Binary"]
    attachment = file["content"][0]["attachment"]
    assert base64.b64decode(binary["data"]) == b"%PDF-1.7 x"
    assert attachment["size"] == 10
    assert (
        base64.b64decode(attachment["hash"])
        == hashlib.new("sha1", b"%PDF-1.7 x", usedforsecurity=False).digest()
    )
    assert "Iris" not in attachment["title"]
    assert "Binary" not in resources(bundle(Contents(document())))


def test_it_says_who_gave_the_answers_and_with_which_versions():
    sealed = document(whole(**CARER))
    made = resources(bundle(Contents(sealed, 3)))
    (provenance,) = made["Provenance"]
    assert made["RelatedPerson"][0]["name"] == [{"text": "Angela Example"}]
    said = json.dumps(provenance)
    for part in (sealed["questionnaire_version"], sealed["rules_version"], "version 3"):
        assert part in said
    assert "RelatedPerson" not in resources(bundle(Contents(document())))


def test_who_is_not_safe_at_home_gets_no_number_into_another_program():
    unsafe = whole(now_unsafe="yes", safe_contact="Ring my sister")
    for answers, known in ((whole(), True), (unsafe, False)):
        (patient,) = resources(bundle(Contents(document(answers))))["Patient"]
        assert ("telecom" in patient) is known
    before = document() | {"earlier_private": ["E15"]}
    assert "telecom" not in resources(bundle(Contents(before)))["Patient"][0]


@pytest.mark.parametrize(("signs", "known"), [([], True), (["E7a"], True), (["E15"], False)])
def test_nor_does_their_carer_s(signs, known):
    sealed = document(whole(**CARER, carer_phone="315-555-0120")) | {"earlier_private": signs}
    (carer,) = resources(bundle(Contents(sealed)))["RelatedPerson"]
    assert ("telecom" in carer) is known
