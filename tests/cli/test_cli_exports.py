"""`flask intake …` for other programs, on an instance with the synthetic patients."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from intake import config, web
from intake.store import Store, engine, responses, schema, work_list
from tests.unit.report.test_fhir_bundle import resources


class Instance:
    """A deployment to type commands at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        app = web.bare_app(folder)
        web.add_commands(app)
        self.runner = app.test_cli_runner()

    def __call__(self, *words: str) -> Result:
        return self.runner.invoke(args=["intake", *words])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    run = Instance(tmp_path_factory.mktemp("exports") / "instance")
    assert run("init").exit_code == 0
    assert run("demo").exit_code == 0
    return run


@pytest.fixture
def store(loaded):
    settings = config.load_settings(loaded.folder)
    found = Store(engine.build(settings.database_url), config.load_keys(loaded.folder), no_time)
    yield found
    found.engine.dispose()


def no_time():
    raise AssertionError("nothing is written here")


@pytest.fixture
def reference(store):
    wanted = work_list.Wanted("call", date(2026, 3, 2))
    return work_list.references(store, 1, wanted)[0]


def actions(store):
    with store.read() as conn:
        return [row.action for row in conn.execute(select(schema.audit_events))]


def test_the_questionnaire_as_fhir_speaks_spanish_too(loaded):
    made = json.loads(loaded("questions", "--format", "fhir").output)
    assert made["resourceType"] == "Questionnaire"
    (said,) = made["item"][0]["_text"]["extension"]
    assert {"url": "lang", "valueCode": "es"} in said["extension"]


def test_a_response_is_printed_and_its_export_is_recorded(loaded, store, reference):
    made = json.loads(loaded("fhir", reference).output)
    assert made["resourceType"] == "QuestionnaireResponse"
    assert made["identifier"]["value"] == reference
    assert "fhir_exported" in actions(store)


@pytest.mark.parametrize("kind", ["collection", "transaction"])
def test_a_bundle_with_its_pdf_is_written(loaded, reference, tmp_path, kind):
    out = tmp_path / "bundle.json"
    result = loaded("fhir", reference, "--bundle", kind, "--out", str(out))
    assert result.exit_code == 0, result.output
    made = json.loads(out.read_text(encoding="utf-8"))
    assert made["type"] == kind
    assert {"Patient", "Observation", "Binary", "Provenance"} <= set(resources(made))


def test_an_unknown_reference_is_named_and_nothing_is_written(loaded, tmp_path):
    result = loaded("fhir", "R7K2-9MQF", "--out", str(tmp_path / "x.json"))
    assert result.exit_code == 2
    assert "no response with this reference" in result.output
    assert not list(tmp_path.iterdir())


# --- Checking and taking in ---------------------------------------------------------------------


@pytest.fixture
def response_file(loaded, reference, tmp_path):
    path = tmp_path / "response.json"
    assert loaded("fhir", reference, "--out", str(path)).exit_code == 0
    return path


def test_a_response_of_ours_fits(loaded, response_file):
    result = loaded("check-response", str(response_file))
    assert (result.exit_code, result.output) == (0, "It fits.\n")


def test_each_problem_stands_on_a_line(loaded, response_file):
    broken = json.loads(response_file.read_text())
    broken["status"] = "in-progress"
    broken["item"][0]["item"].append({"linkId": "shoe_size"})
    response_file.write_text(json.dumps(broken))
    result = loaded("check-response", str(response_file))
    assert result.exit_code == 1
    assert "shoe_size: is no linkId of the questionnaire\n" in result.output
    assert len(result.output.splitlines()) == 2
    assert loaded("assess", str(response_file)).exit_code == 2


def test_no_json_is_a_clear_error(loaded, tmp_path):
    path = tmp_path / "x.json"
    path.write_text("<xml/>")
    result = loaded("check-response", str(path))
    assert result.exit_code == 2
    assert "no JSON" in result.output


def test_a_response_is_assessed_as_it_was(loaded, store, reference, response_file):
    found = responses.sent(store, 1, reference)
    assert found is not None
    sealed = found.document
    made = json.loads(loaded("assess", str(response_file), "--on", sealed["today"]).output)
    for key in ("urgency", "band", "total", "reason"):
        assert made[key] == sealed["assessment"][key]


def test_a_token_is_made_and_shown_once(loaded, store):
    result = loaded("make-token", "Records", "--days", "7")
    secret = result.output.split()[-1]
    with store.read() as conn:
        (row,) = conn.execute(select(schema.api_tokens)).all()
    assert (row.name, (row.expires_at - row.created_at).days) == ("Records", 7)
    assert secret.startswith("intake_")
    assert loaded("make-token", "Records", "--days", "9999").exit_code == 2


def test_the_table_is_written_for_a_period(loaded, tmp_path):
    out = tmp_path / "answers.csv"
    assert loaded("export-csv", "--out", str(out)).exit_code == 0
    assert len(list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))) == 14
    assert loaded("export-csv", "--out", str(out), "--last", "2020-01-01").exit_code == 0
    (head,) = out.read_text("utf-8-sig").splitlines()
    assert head.startswith("reference,")
    assert "mood_down" not in head


# --- Judging anew -------------------------------------------------------------------------------


@pytest.fixture
def of_other_rules(loaded, monkeypatch):
    """The rules of today under another number, as after a change."""
    monkeypatch.setattr("intake.cli_exports.RULES_VERSION", "9.9.9")


def assessments(store):
    with store.read() as conn:
        return len(conn.execute(select(schema.assessments)).all())


def test_nothing_is_judged_twice_by_the_same_rules(loaded, store):
    result = loaded("rescore")
    assert (result.exit_code, assessments(store)) == (0, 0)
    assert "0 responses judged" in result.output


def test_later_rules_judge_beside_what_is_sealed(loaded, store, reference, of_other_rules):
    before = responses.sent(store, 1, reference)
    dry = loaded("rescore", "--dry-run")
    assert "14 responses would be judged by rules 9.9.9." in dry.output
    assert " stays: " in dry.output
    assert assessments(store) == 0
    assert "14 responses judged" in loaded("rescore").output
    assert assessments(store) == 14
    assert "0 responses judged" in loaded("rescore").output
    assert responses.sent(store, 1, reference) == before
    assert actions(store).count("rescored") == 14
