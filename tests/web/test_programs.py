"""FHIR over HTTP: who may read what, page by page, and what is said when something is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake.store import StoreUnavailable, schema, tokens
from intake.store.listing import Mark
from intake.web.programs.searching import cursor
from tests.unit.report.test_fhir_bundle import component, resources
from tests.unit.report.test_report_fhir import items
from tests.web.clinic_side import clinic_of, sent, store_of
from tests.web.conftest import MONDAY, Clock

MEDIA_TYPE = "application/fhir+json"
ALONE = {
    "private": "yes",
    "now_self_harm": "no",
    "now_unsafe": "no",
    "mood_down": "2",
    "mood_interest": "1",
}
UNSAFE = ALONE | {"now_unsafe": "yes", "safe_contact": "Ring my sister"}


class Program:
    """A program of a clinic, with its token."""

    def __init__(self, app: Flask, *, clinic: str = "", secret: str = "") -> None:
        self.client = app.test_client()
        self.base = f"/c/{clinic}/fhir" if clinic else "/fhir"
        here = clinic_of(app, clinic)
        self.secret = secret or tokens.make(store_of(app), here.id, "Records", days=30, by="system")

    def get(self, address: str, method: str = "GET", **headers: str) -> Any:
        given = {"Authorization": f"Bearer {self.secret}", **headers}
        given = {name.replace("_", "-"): value for name, value in given.items()}
        path = address if address.startswith("http") else self.base + address
        return self.client.open(path, method=method, headers=given)

    def read(self, address: str) -> Any:
        reply = self.get(address)
        assert (reply.status_code, reply.mimetype) == (200, MEDIA_TYPE)
        return reply.get_json()


def events(app: Flask, action: str) -> list[Any]:
    with store_of(app).read() as conn:
        rows = conn.execute(select(schema.audit_events)).all()
    return [row for row in rows if row.action == action]


def refused(reply: Any, status: int, code: str) -> None:
    assert (reply.status_code, reply.mimetype) == (status, MEDIA_TYPE)
    outcome = reply.get_json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["code"] == code


# --- What there is to read ----------------------------------------------------------------------


def test_what_it_can_do_is_said_to_everybody(app: Flask) -> None:
    made = app.test_client().get("/fhir/metadata").get_json()
    assert (made["resourceType"], made["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    assert made["implementation"]["url"] == "http://localhost/fhir"


def test_the_questionnaire_is_found_and_read(app: Flask) -> None:
    program = Program(app)
    (entry,) = program.read("/Questionnaire")["entry"]
    assert program.read(entry["fullUrl"]) == entry["resource"]


def test_a_response_is_read_and_the_reading_recorded(app: Flask) -> None:
    reference = sent(app)
    program = Program(app)
    made = program.read(f"/QuestionnaireResponse/{reference}")
    assert (made["id"], made["meta"]["versionId"]) == (reference, "1")
    assert items(made)["name"]["answer"]
    (event,) = events(app, "fhir_read")
    (token,) = tokens.of(store_of(app), clinic_of(app).id)
    assert event.actor == token.actor
    assert event.response_id
    assert token.used_at == MONDAY


def test_all_about_a_response_but_its_pdf(app: Flask) -> None:
    reference = sent(app)
    made = resources(Program(app).read(f"/Bundle/{reference}"))
    assert {"Patient", "QuestionnaireResponse", "Observation", "Provenance"} <= set(made)
    assert "Binary" not in made
    assert len(events(app, "fhir_read")) == 1


def test_pages_follow_each_other_to_the_end(app: Flask, clock: Clock) -> None:
    wanted = []
    for _ in range(5):
        clock.forward(minutes=1)
        wanted.append(sent(app))
    program, found, sizes = Program(app), [], []
    page = program.read("/QuestionnaireResponse?_count=2")
    while True:
        assert page["total"] == 5
        found += [entry["resource"]["id"] for entry in page["entry"]]
        sizes.append(len(page["entry"]))
        links = {link["relation"]: link["url"] for link in page["link"]}
        if "next" not in links:
            break
        page = program.read(links["next"])
    assert found == wanted
    assert sizes == [2, 2, 1]
    assert len(events(app, "fhir_read")) == 5


def test_only_what_changed_in_a_time_is_found(app: Flask, clock: Clock) -> None:
    sent(app)
    clock.forward(days=2)
    later = sent(app)
    program = Program(app)
    for words, count in (
        ("_lastUpdated=ge2026-03-11", 1),
        ("_lastUpdated=2026-03-09", 1),
        ("_lastUpdated=gt2026-03-09&_lastUpdated=lt2026-03-11", 0),
        ("_lastUpdated=le2026-03-11T15:00:00Z", 2),
        ("_lastUpdated=lt2026-03-11T15:00:00%2B00:00", 1),
    ):
        found = program.read(f"/QuestionnaireResponse?{words}")
        assert (found["total"], len(found["entry"])) == (count, count), words
    assert (
        program.read("/QuestionnaireResponse?_lastUpdated=ge2026-03-11")["entry"][0]["resource"][
            "id"
        ]
        == later
    )


# --- Private answers ----------------------------------------------------------------------------


def test_private_answers_are_masked_everywhere(app: Flask) -> None:
    reference = sent(app, ALONE)
    program = Program(app)
    answered = items(program.read(f"/QuestionnaireResponse/{reference}"))
    for key in ("now_self_harm", "now_unsafe", "mood_down", "mood_interest"):
        (answer,) = answered[key]["answer"]
        assert answer["valueCoding"]["extension"][0]["valueCode"] == "masked"
        assert set(answer["valueCoding"]) == {"extension"}
    bundle = program.read(f"/Bundle/{reference}")
    assert "PHQ" not in json.dumps(bundle)


def test_what_hangs_on_a_private_answer_does_not_give_it_away(app: Flask) -> None:
    program = Program(app)
    told = []
    for answers in (ALONE | {"now_self_harm": "plan"}, UNSAFE):
        reference = sent(app, answers)
        made = program.read(f"/Bundle/{reference}")
        answered = items(resources(made)["QuestionnaireResponse"][0])
        assert "safe_contact" not in answered
        assert "phone" not in answered
        assert "sister" not in json.dumps(made)
        seen = resources(made)["Observation"][0]
        urgency = component(seen, "urgency")["valueCodeableConcept"]["coding"][0]["code"]
        told.append((urgency, seen["note"], set(answered)))
    assert told[0] == told[1]
    assert told[0][0] == "private"


# --- Who may read -------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/Questionnaire", "/QuestionnaireResponse", "/nothing"])
def test_without_a_token_nothing_is_read(app: Flask, address: str) -> None:
    for given in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer intake_wrong"}):
        reply = app.test_client().get(f"/fhir{address}", headers=given)
        refused(reply, 401, "login")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends(app: Flask, clock: Clock) -> None:
    program, store, here = Program(app), store_of(app), clinic_of(app).id
    assert program.get("/Questionnaire").status_code == 200
    clock.forward(days=31)
    refused(program.get("/Questionnaire"), 401, "login")
    other = Program(app)
    newest = tokens.of(store, here)[0]
    assert tokens.revoke(store, here, newest.id, by="system") is True
    assert tokens.revoke(store, here, newest.id, by="system") is False
    refused(other.get("/Questionnaire"), 401, "login")


def test_a_token_opens_its_own_clinic_only(two_clinics: Flask) -> None:
    here = sent(two_clinics)
    there = sent(two_clinics, clinic="birch-road")
    program = Program(two_clinics, clinic="birch-road")
    page = program.read("/QuestionnaireResponse")
    assert [entry["resource"]["id"] for entry in page["entry"]] == [there]
    assert "/c/birch-road/fhir/" in page["entry"][0]["fullUrl"]
    refused(program.get(f"/QuestionnaireResponse/{here}"), 404, "not-found")
    refused(Program(two_clinics, secret=program.secret).get("/Questionnaire"), 401, "login")


def test_wrong_tokens_are_counted_and_right_ones_still_work(app: Flask) -> None:
    right, wrong = Program(app), Program(app, secret="intake_wrong")
    statuses = {wrong.get("/Questionnaire").status_code for _ in range(20)}
    assert statuses == {401}
    reply = wrong.get("/Questionnaire")
    refused(reply, 429, "throttled")
    assert reply.headers["Retry-After"] == "60"
    assert right.get("/Questionnaire").status_code == 200


def test_the_secret_is_kept_nowhere(app: Flask) -> None:
    secret = Program(app).secret
    with store_of(app).read() as conn:
        row = conn.execute(select(schema.api_tokens)).one()
    assert secret.encode() not in b"".join(str(each).encode() for each in row)
    assert len(secret) >= len("intake_") + 43


# --- When something is wrong --------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(app: Flask, method: str) -> None:
    program = Program(app)
    for address in ("/QuestionnaireResponse", "/metadata", "/Patient/1"):
        reply = program.get(address, method, Content_Type=MEDIA_TYPE)
        refused(reply, 405, "not-supported")
        assert reply.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "address", ["/Patient", "/QuestionnaireResponse/R7K2-9MQF", "/Bundle/x", "/Questionnaire/x"]
)
def test_what_is_not_there_is_said(app: Flask, address: str) -> None:
    refused(Program(app).get(address), 404, "not-found")


@pytest.mark.parametrize(
    "words",
    [
        "name=Ann",
        "_count=0",
        "_count=x",
        "_lastUpdated=soon",
        "_lastUpdated=ge2026-13-01",
        "_cursor=x",
        "_cursor=e30",
        "_cursor=" + cursor(Mark(MONDAY.replace(tzinfo=None), "0" * 32)),
    ],
)
def test_parameters_that_cannot_be_used_are_named(app: Flask, words: str) -> None:
    refused(Program(app).get(f"/QuestionnaireResponse?{words}"), 400, "invalid")


def test_other_formats_are_not_given(app: Flask) -> None:
    program = Program(app)
    refused(program.get("/Questionnaire", Accept="application/fhir+xml"), 406, "not-supported")
    refused(program.get("/QuestionnaireResponse?_format=xml"), 406, "not-supported")
    for accepted in (MEDIA_TYPE, "application/json", "*/*", f"{MEDIA_TYPE}; fhirVersion=4.0"):
        assert program.get("/Questionnaire", Accept=accepted).status_code == 200


def test_what_did_not_change_is_not_sent_again(app: Flask) -> None:
    reference = sent(app)
    program = Program(app)
    first = program.get(f"/QuestionnaireResponse/{reference}")
    again = program.get(f"/QuestionnaireResponse/{reference}", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_no_cookie_is_set_and_nothing_is_stored_on_the_way(app: Flask) -> None:
    reply = Program(app).get("/Questionnaire?_format=json")
    assert "Set-Cookie" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in Program(app).get("/Questionnaire?language=es").headers


def test_without_a_record_nothing_leaves(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = sent(app)
    program = Program(app)

    def full(*_: object) -> None:
        raise StoreUnavailable("full")

    monkeypatch.setattr(tokens, "note", full)
    for address in ("/QuestionnaireResponse", f"/Bundle/{reference}"):
        reply = program.get(address)
        refused(reply, 503, "transient")
        assert reply.headers["Retry-After"] == "30"
