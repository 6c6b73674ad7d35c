"""`flask intake …` as a person types it, on a fresh instance folder."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result

from intake import config, web
from intake.questionnaire import BY_KEY, STEPS
from intake.store import Store, calls, engine, work_list

NONE_OF_PAGE_ONE = {
    "respondent": "self",
    "private": "no",
    "now_breath_heart": ["none"],
    "now_nerves": ["none"],
    "now_infection": ["none"],
    "now_skin": ["none"],
    "now_medicine": ["none"],
    "now_leg_head": ["none"],
}
ON = ["--on", "2026-11-22"]

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    app = web.bare_app(tmp_path / "instance")
    web.add_commands(app)
    runner = app.test_cli_runner()

    def command(*words: str, **options: object) -> Result:
        return runner.invoke(args=["intake", *words], **options)

    return command


@pytest.fixture
def answers(tmp_path: Path) -> Callable[..., str]:
    def write(**more: object) -> str:
        path = tmp_path / "answers.json"
        path.write_text(json.dumps({"answers": {**NONE_OF_PAGE_ONE, **more}}), encoding="utf-8")
        return str(path)

    return write


def test_questions_lists_every_page_and_question(run: Run) -> None:
    plain = json.loads(run("questions", "--format", "json").output)
    keys = [question["key"] for page in plain["pages"] for question in page["questions"]]
    assert [page["page"] for page in plain["pages"]] == [step.slug for step in STEPS]
    assert keys == list(BY_KEY)


def test_questions_say_what_silence_keeps_open(run: Run) -> None:
    plain = json.loads(run("questions", "--format", "json").output)
    [spasms] = [page for page in plain["pages"] if page["page"] == "spasms"]
    [either] = spasms["when"]
    assert [part["key"] for part in either["any_of"]] == ["reasons", "symptoms", "places"]
    assert all(part["or_unknown"] for part in either["any_of"])
    [pump] = [page for page in plain["pages"] if page["page"] == "pump"]
    assert pump["when"] == [{"key": "pump", "values": ["yes"], "at_least": 1, "or_unknown": False}]


def test_assess_prints_the_whole_assessment(run: Run, answers: Callable[..., str]) -> None:
    result = run("assess", answers(now_breath_heart=["chest"]), *ON)
    plain = json.loads(result.output)
    assert result.exit_code == 0
    assert (plain["urgency"], plain["band"]) == ("emergency", "URGENT")
    wanted = {"rule", "effect", "holds", "points", "source"}
    assert all(wanted <= set(finding) for finding in plain["findings"])
    assert {"unknown", "lowest", "highest", "filler", "rules_version", "ignored"} <= set(plain)


def test_answers_off_the_path_are_listed_and_weighed(run: Run, answers: Callable[..., str]) -> None:
    path = answers(prior_toxin="never", toxin_last_on="2026-10-01")
    plain = json.loads(run("assess", path, *ON).output)
    assert plain["ignored"] == ["toxin_last_on"]
    assert [pair["second"]["key"] for pair in plain["contradictions"]] == ["toxin_last_on"]


def test_a_wrong_answer_is_named_and_nothing_is_written(
    run: Run, answers: Callable[..., str], tmp_path: Path
) -> None:
    out = tmp_path / "summary.pdf"
    result = run("summary", answers(toxin_allergy="perhaps"), "--out", str(out), *ON)
    assert result.exit_code == 2
    assert "answers.toxin_allergy: must be one of no, yes, not_sure" in result.output
    assert not out.exists()


def test_init_makes_what_is_missing_and_keeps_what_is_there(run: Run, tmp_path: Path) -> None:
    assert run("init").exit_code == 0
    keys = (tmp_path / "instance" / "keys.toml").read_bytes()
    assert (tmp_path / "instance" / "keys.toml").stat().st_mode & 0o777 == 0o600
    again = run("init")
    assert (again.exit_code, again.output) == (0, "")
    assert (tmp_path / "instance" / "keys.toml").read_bytes() == keys


def test_without_init_one_line_says_what_to_do(run: Run) -> None:
    result = run("summary", "AAAA-BBBB", "--out", "nowhere.pdf")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert result.output.strip().count("\n") <= 3


def test_summary_of_a_file_is_a_pdf(run: Run, answers: Callable[..., str], tmp_path: Path) -> None:
    run("init")
    out = tmp_path / "summary.pdf"
    result = run("summary", answers(name="Ada Example"), "--out", str(out), *ON)
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"%PDF-")
    assert list(tmp_path.glob(".*.part")) == []


def test_an_unknown_reference_is_refused(run: Run, tmp_path: Path) -> None:
    run("init")
    out = tmp_path / "summary.pdf"
    result = run("summary", "NOSUCH", "--out", str(out))
    assert result.exit_code == 2
    assert "no response with this reference number" in result.output
    assert not out.exists()


def test_staff_are_added_once(run: Run) -> None:
    run("init")
    words = ["add-staff", "--username", "d.hill", "--name", "Dana Hill", "--role", "doctor"]
    secret = {"STAFF_PASSWORD": "correct horse battery"}
    assert "Added d.hill (doctor)." in run(*words, env=secret).output
    again = run(*words, env=secret)
    assert again.exit_code == 2
    assert "There is a log-in 'd.hill' already." in again.output


def test_an_invitation_comes_from_the_command_line(run: Run) -> None:
    run("init")
    words = ["add-staff", "--username", "d.hill", "--name", "Dana Hill", "--role", "admin"]
    run(*words, env={"STAFF_PASSWORD": "correct horse battery"})
    for more in ([], ["--reset"]):
        invited = run("invite-staff", "D.Hill", *more)
        assert re.search(r"/clinic/invited#(\w{4}-){3}\w{4} on your site", invited.output)
    unknown = run("invite-staff", "nobody")
    assert unknown.exit_code == 2
    assert "There is no log-in 'nobody'." in unknown.output


def test_a_short_password_is_refused(run: Run) -> None:
    run("init")
    words = ["add-staff", "--username", "d.hill", "--name", "Dana Hill", "--role", "doctor"]
    result = run(*words, env={"STAFF_PASSWORD": "short"})
    assert result.exit_code == 2
    assert "A password has 12 to 256 characters." in result.output


def test_demo_loads_each_patient_once(run: Run) -> None:
    run("init")
    first, second = run("demo"), run("demo")
    assert first.exit_code == 0, first.output
    assert "Loaded 14 synthetic patients." in first.output
    assert "Loaded 0 synthetic patients." in second.output


@pytest.fixture
def instance_store(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    opened = []

    def open_it() -> Store:
        folder = tmp_path / "instance"
        settings = config.load_settings(folder, {})
        keys = config.load_keys(folder)
        opened.append(Store(engine.build(settings.database_url), keys, lambda: datetime.now(UTC)))
        return opened[-1]

    yield open_it
    for store in opened:
        store.engine.dispose()


def test_demo_shows_something_in_every_lane(run: Run, instance_store: Callable[[], Store]) -> None:
    run("init")
    assert run("demo").exit_code == 0
    store, today = instance_store(), datetime.now(ZoneInfo("America/New_York")).date()
    counted = work_list.counts(store, 1, work_list.Wanted("new", today))
    assert all(counted.values()), counted
    (call,) = calls.open(store, 1)
    assert (call.urgency, call.asked) == ("emergency", False)
    urgent = work_list.rows(store, 1, work_list.Wanted("call", today))
    assert {bool(row.assigned_to) for row in urgent} == {True, False}
    run("demo")
    assert work_list.counts(store, 1, work_list.Wanted("new", today)) == counted
