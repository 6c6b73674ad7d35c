"""Files for other programs: what is in them for whom, and that it is recorded before it leaves."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from flask import Flask

from intake.report.spreadsheet import MARK
from intake.store import (
    StoreUnavailable,
    listing,
    record,
    rescoring,
    responses,
    staff,
    tokens,
)
from intake.store.record import Decision
from tests.unit.report.test_fhir_bundle import resources
from tests.web.browser import Patient
from tests.web.clinic_side import clinic_of, hired, logged_in, sent, store_of
from tests.web.conftest import Clock
from tests.web.test_programs import ALONE, Program, events

PERIOD = "first=2026-03-01&last=2026-03-31"


def download(browser: Patient, address: str) -> Any:
    return browser.client.get(address)


def table(browser: Patient, period: str = PERIOD) -> list[dict[str, str]]:
    reply = download(browser, f"/clinic/exports/answers.csv?{period}")
    assert (reply.status_code, reply.mimetype) == (200, "text/csv")
    text = reply.get_data(as_text=True)
    assert text.startswith(MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK))))


# --- The table ----------------------------------------------------------------------------------


def test_one_response_is_one_line_with_codes_and_words(app: Flask) -> None:
    reference = sent(app, ALONE | {"places": ["left_wrist", "left_fingers"]})
    (row,) = table(logged_in(app, "doctor"))
    assert row["reference"] == reference
    assert row["places"] == "left_wrist;left_fingers"
    assert row["places_words"] == "left wrist, left hand or fingers"
    assert row["mood_down"] == "2"
    assert row["band"]


def test_administrators_get_no_private_columns(app: Flask) -> None:
    sent(app, ALONE | {"now_self_harm": "plan"})
    (row,) = table(logged_in(app, "admin"))
    assert not {"mood_down", "mood_interest", "now_unsafe", "now_self_harm"} & set(row)
    assert (row["urgency"], row["phone"]) == ("private", "")


def decide(app: Flask, reference: str, reason: str = "Because of her falls") -> None:
    store, here = store_of(app), clinic_of(app).id
    found = responses.sent(store, here, reference)
    assert found
    state = record.state(store, here, found.id)
    assert state
    doctor = staff.find(store, here, "decider") or hired(app, "doctor", username="decider")
    decision = Decision("soon", "ASSESS", reason)
    record.decide(store, here, found, decision, state.seen, by=doctor)


def test_a_doctors_decision_stands_beside_the_checklists_result(app: Flask, clock: Clock) -> None:
    decided, other = sent(app, ALONE), sent(app, ALONE)
    decide(app, decided, "First thought")
    clock.forward(hours=1)
    decide(app, decided, "=HYPERLINK(1)")
    rows = {row["reference"]: row for row in table(logged_in(app, "doctor"))}
    row = rows[decided]
    assert (row["decided_urgency"], row["decided_band"]) == ("soon", "ASSESS")
    assert row["decided_at"] == clock().isoformat()
    assert (row["decided_version"], row["version"]) == ("1", "1")
    assert row["decided_reason"] == "'=HYPERLINK(1)"
    assert (row["urgency"], row["band"]) == (rows[other]["urgency"], rows[other]["band"])
    assert {rows[other][name] for name in row if name.startswith("decided_")} == {""}


def test_administrators_get_the_decision_without_its_reason_and_none_on_a_private_sign(
    app: Flask,
) -> None:
    plain, private = sent(app, ALONE), sent(app, ALONE | {"now_unsafe": "yes"})
    for reference in (plain, private):
        decide(app, reference)
    rows = {row["reference"]: row for row in table(logged_in(app, "admin"))}
    assert rows[plain]["decided_band"] == "ASSESS"
    assert "decided_reason" not in rows[plain]
    assert "Because of her falls" not in str(rows)
    assert {rows[private][name] for name in rows[private] if name.startswith("decided_")} == {""}


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", " =1+1", "\n@x"])
def test_no_cell_is_a_formula(app: Flask, start: str) -> None:
    sent(app, main_problem=f'{start},"\n"')
    (row,) = table(logged_in(app, "doctor"))
    assert row["main_problem"].startswith(f"'{start}")


def test_the_period_takes_both_of_its_days(app: Flask, clock: Clock) -> None:
    wanted = sent(app)
    clock.forward(days=1)
    sent(app)
    browser = logged_in(app, "doctor")
    assert [row["reference"] for row in table(browser, "first=2026-03-09&last=2026-03-09")] == [
        wanted
    ]
    assert table(browser, "first=2026-01-01&last=2026-03-08") == []


def test_every_batch_is_in_it_and_recorded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "BATCH", 2)
    wanted = {sent(app) for _ in range(5)}
    assert {row["reference"] for row in table(logged_in(app, "doctor"))} == wanted
    recorded = [event for event in events(app, "csv_exported") if event.response_id]
    assert len({event.response_id for event in recorded}) == len(recorded) == 5


def test_what_is_not_recorded_does_not_leave(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(app)
    browser = logged_in(app, "doctor")

    def full(*_: object) -> None:
        raise StoreUnavailable("full")

    monkeypatch.setattr(listing, "note_export", full)
    reply = download(browser, f"/clinic/exports/answers.csv?{PERIOD}")
    assert reply.status_code == 503
    assert "Example" not in reply.get_data(as_text=True)


@pytest.mark.parametrize("period", ["", "first=x&last=y", "first=2026-03-09&last=2026-03-01"])
def test_a_period_that_is_none_is_asked_for_again(app: Flask, period: str) -> None:
    browser = logged_in(app, "doctor")
    reply = download(browser, f"/clinic/exports/answers.csv?{period}")
    assert reply.status_code == 422
    assert "Choose two days" in reply.get_data(as_text=True)
    assert not events(app, "csv_exported")


# --- FHIR ---------------------------------------------------------------------------------------


def test_a_doctor_gets_everything_with_the_pdf(app: Flask) -> None:
    reference = sent(app, ALONE)
    browser = logged_in(app, "doctor")
    browser.open(f"/clinic/responses/{reference}")
    assert f"/clinic/responses/{reference}/fhir.json" in browser.html
    reply = download(browser, f"/clinic/responses/{reference}/fhir.json?bundle=transaction")
    made = resources(json.loads(reply.data))
    assert {"Binary", "DocumentReference"} <= set(made)
    assert "mood_down" in json.dumps(made["QuestionnaireResponse"])
    assert "masked" not in json.dumps(made)
    assert reply.headers["Content-Disposition"] == f'attachment; filename="intake-{reference}.json"'
    assert len(events(app, "fhir_exported")) == 1


def test_an_administrator_gets_no_private_answer_and_no_pdf(app: Flask) -> None:
    reference = sent(app, ALONE)
    reply = download(logged_in(app, "admin"), f"/clinic/responses/{reference}/fhir.json")
    made = resources(json.loads(reply.data))
    assert "Binary" not in made
    assert "masked" in json.dumps(made)
    assert "Several days" not in json.dumps(made["QuestionnaireResponse"])


def test_what_is_no_bundle_is_not_there(app: Flask) -> None:
    browser, reference = logged_in(app, "doctor"), sent(app)
    for address in (f"{reference}/fhir.json?bundle=batch", "R7K2-9MQF/fhir.json"):
        assert download(browser, f"/clinic/responses/{address}").status_code == 404


# --- Tokens -------------------------------------------------------------------------------------


def test_a_token_is_made_shown_until_the_next_thing_and_ended(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "admin")
    browser.open("/clinic/tokens")
    browser.send({"name": "Records", "days": "30"}, form="/tokens")
    secret = re.search(r'<p class="secret">(intake_[\w-]{43})</p>', browser.html)
    assert secret
    program = Program(app, secret=secret[1])
    assert program.read(f"/QuestionnaireResponse/{reference}")["id"] == reference
    browser.open("/clinic/tokens")
    assert browser.has("Records")
    browser.send({}, form="/end")
    assert browser.has("ended")
    assert program.get("/Questionnaire").status_code == 401
    assert len(events(app, "token_made")) == len(events(app, "token_revoked")) == 1
    assert secret[1] not in str(events(app, "token_made"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": " ", "days": "30"}, "Type what the program is called"),
        ({"name": "x" * 65, "days": "30"}, "A name has 1 to 64"),
        ({"name": "Records", "days": "9999"}, "Choose how long"),
    ],
)
def test_what_cannot_be_a_token_is_explained(app: Flask, given: dict[str, str], said: str) -> None:
    browser = logged_in(app, "admin")
    browser.open("/clinic/tokens")
    browser.send(given, form="/tokens")
    assert browser.status == 422
    assert browser.has(said)
    assert tokens.of(store_of(app), clinic_of(app).id) == []


# --- Later rules --------------------------------------------------------------------------------


def test_what_later_rules_make_of_it_stands_beside(app: Flask) -> None:
    reference = sent(app)
    browser = logged_in(app, "doctor")
    browser.open(f"/clinic/responses/{reference}")
    assert not browser.has("By later rules")
    here = clinic_of(app).id
    (row,) = listing.page(store_of(app), here)
    rescoring.add(store_of(app), here, "9.9.9", [(row, {"band": "POSSIBLE"})])
    browser.open(f"/clinic/responses/{reference}")
    assert browser.has("By later rules (9.9.9): Possible candidate. When it was sent: Likely")
