"""Others' validators find nothing wrong: HL7's JSON schema, and structure and invariants of R4.

Both are fetched by `make test`.
"""

import json
import shutil
import subprocess
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from jsonschema.validators import validator_for

from intake.report.fhir import (
    COLLECTION,
    TRANSACTION,
    Contents,
    bundle,
    questionnaire,
    questionnaire_response,
)
from intake.web.language import translators
from setup.fhir_checkers import BUILD
from tests.unit.report.given import (
    CARER,
    blank,
    document,
    everything,
    of_both,
    short,
    unsure,
    walked,
    whole,
)
from tests.unit.report.test_fhir_bundle import DECISION

SCHEMA = BUILD / "definitions" / "dist" / "fhir" / "r4" / "fhir.schema.json"
SCRIPT = Path(__file__).parent / "validate_fhir.cjs"
# Its entries are known by these names; the library looks for addresses of a server.
ENTRY = 'Invalid reference: got "urn:uuid:'

pytestmark = pytest.mark.skipif(
    not SCHEMA.is_file() or shutil.which("node") is None,
    reason="the checkers of FHIR are not here: `make test` fetches them (needs Node)",
)


@cache
def resources():
    documents = {
        "whole": document(),
        "unsure": document(walked(unsure)),
        "blank": document(walked(blank)),
        "everything": document(walked(everything("Größe <b> & \n"))),
        "short": short(),
        "both": of_both("name"),
        "carer": document(whole(**CARER)),
        "urgent": document(whole(now_breath_heart=["breathing"])),
    }
    made = {"questionnaire": questionnaire(translators())}
    for name, sealed in documents.items():
        made[f"{name} response"] = questionnaire_response(sealed)
    for name in ("whole", "carer", "urgent"):
        contents = Contents(documents[name], 1, DECISION, b"%PDF")
        made[f"{name} collection"] = bundle(contents, COLLECTION)
    made["transaction"] = bundle(Contents(documents["unsure"], 2), TRANSACTION)
    return made


@cache
def schema_validator():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    # The schema as a whole tries every kind of resource; each names its own.
    kinds = {kind: f"#/definitions/{kind}" for kind in schema["discriminator"]["mapping"]}
    return {
        kind: validator_for(schema)({**schema, "oneOf": [{"$ref": path}]})
        for kind, path in kinds.items()
        if kind in {made["resourceType"] for made in resources().values()}
    }


def faults_by_schema(resource):
    found = schema_validator()[resource["resourceType"]].iter_errors(resource)
    return [each.json_path for each in found]


def issues(made):
    done = subprocess.run(
        ["node", SCRIPT, BUILD], input=json.dumps(made), capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return {name: [each for each in said if ENTRY not in each] for name, said in found.items()}


def test_nothing_is_wrong_by_the_schema():
    assert {name: faults_by_schema(made) for name, made in resources().items()} == {
        name: [] for name in resources()
    }


def test_the_schema_sees_what_is_wrong():
    broken = deepcopy(resources()["whole response"])
    broken["item"][0]["linkId"] = 7
    broken["status"] = "done"
    assert faults_by_schema(broken)


def test_structure_and_invariants_hold():
    assert issues(resources()) == {name: [] for name in resources()}


def test_the_validator_sees_what_is_wrong():
    group = deepcopy(resources()["questionnaire"])
    group["item"][0]["item"][0]["required"] = "yes"
    empty = deepcopy(resources()["whole response"])
    empty["item"][0]["item"][0] |= {"answer": [], "code": "x"}
    invariant = deepcopy(resources()["transaction"])
    del invariant["entry"][0]["request"]
    found = issues({"group": group, "empty": empty, "invariant": invariant})
    assert all(found.values())
    assert "bdl-3" in found["invariant"][0]
