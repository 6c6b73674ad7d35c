"""`flask intake purge`, `export-person` and `erase-person`, on both engines with whole patients."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, cast, func, select

from intake import cli_care, config
from intake.report.document import has_private_sign
from intake.store import (
    Store,
    audit,
    calls,
    invitations,
    persons,
    record,
    responses,
    schema,
    sealed,
    sessions,
    staff,
    steps,
)
from intake.store.invitations import Guest
from tests.cli.conftest import Instance, now

Age = Callable[..., None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Age:
    """Let the commands run so long from now."""

    def move(**by: float) -> None:
        monkeypatch.setattr(cli_care, "_now", lambda: now() + timedelta(**by))

    return move


def ids(store: Store, **which: Any) -> set[str]:
    table = schema.responses
    terms = [table.c[name] == value for name, value in which.items()]
    with store.read() as conn:
        return set(conn.execute(select(table.c.id).where(*terms)).scalars())


def reference_of(store: Store, id: str) -> str:
    table = schema.responses.c
    with store.read() as conn:
        return str(conn.execute(select(table.reference).where(table.id == id)).scalar_one())


def rows(store: Store) -> dict[str, int]:
    with store.read() as conn:
        return {
            table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        }


def mentions(store: Store, id: str) -> set[str]:
    """The tables in which an id stands anywhere."""
    found = set()
    with store.read() as conn:
        for table in schema.metadata.sorted_tables:
            for column in table.c:
                if not isinstance(column.type, String):
                    continue
                if conn.execute(select(func.count()).where(cast(column, String) == id)).scalar():
                    found.add(table.name)
    return found


def sent_response(store: Store, id: str) -> responses.SentResponse:
    found = responses.sent_by_id(store, 1, id)
    assert found is not None
    return found


def told(output: str) -> dict[str, int]:
    return {kind: int(count) for kind, count in re.findall(r"(\w+): (\d+)$", output, re.MULTILINE)}


def events(store: Store, action: str) -> list[Any]:
    table = schema.audit_events
    with store.read() as conn:
        return list(conn.execute(select(table).where(table.c.action == action)))


def keep(run: Instance, line: str) -> None:
    path = run.folder / "clinics" / "alder-lane.toml"
    name = line.split(" = ")[0]
    text, found = re.subn(rf"(?m)^{name} = .*$", line, path.read_text())
    path.write_text(text if found else f"{line}\n{text}")


def doctor(store: Store) -> staff.Staff:
    found = staff.find(store, 1, "demo-doctor")
    assert found is not None
    return found


# --- purge -------------------------------------------------------------------------------------


@pytest.fixture
def aged(patients: Instance, later: Age) -> Instance:
    """Beside the patients: forms left behind, a call to make, an invitation, ended sessions."""
    store = patients.store
    for _ in range(3):
        responses.issue_code(store, responses.start(store, 1), date(1970, 1, 2))
    waiting = responses.start(store, 1)
    calls.request(store, 1, waiting.id, name="Cy", phone="1", urgency="emergency", cards=["E1"])
    invitations.make(store, 1, Guest("Di", date(1970, 1, 2)), home="http://x/i", by="system")
    sessions.open(store, 1, "patient", waiting.id)
    steps.open(store, 1, "words", "", {"fields": []})
    staff.check(store, 1, "nobody", "wrong")
    later(days=365)
    return patients


def test_a_dry_run_tells_what_would_go_and_removes_nothing(aged: Instance) -> None:
    before = rows(aged.store)
    said = aged.done("purge")
    assert "Nothing was removed" in said
    assert rows(aged.store) == before
    gone = aged.done("purge", "--yes")
    assert told(gone) == told(said)
    for kind in ("drafts", "invitations", "sessions", "sign_in_steps", "attempts"):
        assert told(said)[kind] > 0, kind
    assert set(told(aged.done("purge")).values()) == {0}


@pytest.mark.parametrize("batch", [1, 2, 200])
def test_old_drafts_go_but_not_of_whoever_must_be_called(aged: Instance, batch: int) -> None:
    store = aged.store
    drafts, sent = ids(store, status="draft"), ids(store, status="sent")
    called = {call.response_id for call in calls.open(store, 1)} & drafts
    assert called
    aged.done("purge", "--yes", "--batch", batch)
    assert ids(store, status="draft") == called
    assert ids(store, status="sent") == sent
    gone = drafts - called
    assert {event.response_id for event in events(store, "draft_purged")} == gone
    for id in gone:
        assert mentions(store, id) == {"audit_events", "erasures"}
    assert audit.verify(store, 1).is_whole


def test_a_fresh_draft_stays(patients: Instance, later: Age) -> None:
    store = patients.store
    keep(patients, "keep_drafts_days = 20")
    draft = responses.start(store, 1)
    later(days=19)
    patients.done("purge", "--yes")
    assert draft.id in ids(store)
    later(days=21)
    patients.done("purge", "--yes")
    assert draft.id not in ids(store)


def test_what_was_sent_stays_for_ever_unless_the_clinic_says_how_long(
    patients: Instance, later: Age
) -> None:
    store = patients.store
    sent = ids(store, status="sent")
    later(days=365 * 50)
    patients.done("purge", "--yes")
    assert ids(store, status="sent") == sent
    keep(patients, "keep_responses_years = 10")
    said = patients.done("purge", "--yes")
    assert told(said)["responses"] == len(sent)
    assert ids(store, status="sent") == set()
    assert {event.response_id for event in events(store, "response_purged")} == sent
    assert audit.verify(store, 1).is_whole


def test_whoever_was_seen_since_keeps_all_of_it(patients: Instance, later: Age) -> None:
    store = patients.store
    keep(patients, "keep_responses_years = 10")
    one, other, third, *_rest = sorted(ids(store, status="sent"))
    first, second = sent_response(store, one), sent_response(store, other)
    years_on = Store(
        store.engine, config.load_keys(patients.folder), lambda: now() + timedelta(days=3000)
    )
    persons.match(years_on, 1, first, second, by="system", by_name="Ann")
    record.add_note(years_on, 1, third, "A note", by=doctor(store))
    later(days=3800)
    patients.done("purge", "--yes")
    assert ids(store, status="sent") == {one, other, third}
    later(days=7000)
    patients.done("purge", "--yes")
    assert ids(store, status="sent") == set()


def test_it_says_counts_and_ids_only(aged: Instance) -> None:
    said = aged.done("purge", "--yes")
    assert re.fullmatch(r"(alder-lane: \w+: \d+\n)+", said)
    details = [event.detail for event in events(aged.store, "purged")]
    assert all(re.fullmatch(r"\w+:\d+", detail) for detail in details)


# --- export-person, erase-person ---------------------------------------------------------------


@pytest.fixture
def someone(patients: Instance) -> tuple[str, str]:
    """Id and reference of a response with private answers, a note and a matched second one."""
    store = patients.store
    sent = sorted(ids(store, status="sent"))
    id = next(each for each in sent if _is_private(sent_response(store, each).document))
    other = next(each for each in sent if each != id)
    found, second = sent_response(store, id), sent_response(store, other)
    record.add_note(store, 1, id, "Asked for a copy", by=doctor(store))
    persons.match(store, 1, found, second, by=doctor(store).actor, by_name="Ann")
    return id, found.reference


def _is_private(document: dict[str, Any]) -> bool:
    return has_private_sign(document)


def test_everything_on_a_person_is_written_out(
    patients: Instance, someone: tuple[str, str], tmp_path: Path
) -> None:
    id, reference = someone
    out = tmp_path / "person"
    said = patients.done("export-person", reference, "--out", out)
    assert "2 responses" in said
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    person = json.loads((out / "person.json").read_text())
    stored = responses.sent(patients.store, 1, reference)
    assert stored is not None
    versions = person["held"]["response_versions"]
    [first] = [each for each in versions if each["response_id"] == id]
    assert first["document"] == stored.document
    assert _is_private(first["document"])
    notes = [each["document"] for each in person["held"]["response_entries"]]
    assert any(note.get("text") == "Asked for a copy" for note in notes)
    assert {each["reference"] for each in person["held"]["responses"]} == set(person["references"])
    assert "Demo Doctor" in person["staff"].values()
    assert {path.name for path in out.glob("*.pdf")} == {
        f"{each}.pdf" for each in person["references"]
    }
    assert all(path.read_bytes().startswith(b"%PDF") for path in out.glob("*.pdf"))
    done = {event["action"] for event in json.loads((out / "audit.json").read_text())}
    assert {"response_sent", "response_noted", "response_matched"} <= done
    assert id in {event.response_id for event in events(patients.store, "person_exported")}
    text = (out / "person.json").read_text()
    assert "_hash" not in text
    assert '"sealed"' not in text


def test_a_form_that_was_never_sent_is_written_out_too(patients: Instance, tmp_path: Path) -> None:
    [*drafts] = ids(patients.store, status="draft")
    out = tmp_path / "draft"
    patients.done("export-person", reference_of(patients.store, drafts[0]), "--out", out)
    person = json.loads((out / "person.json").read_text())
    assert person["held"]["drafts"][0]["document"]["answers"]["name"] == "Ulla Unsent"
    assert person["held"]["call_requests"]


def test_a_folder_that_is_there_is_left_alone(
    patients: Instance, someone: tuple[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "there"
    out.mkdir()
    assert "is there already" in patients.refused("export-person", someone[1], "--out", out)
    assert list(out.iterdir()) == []
    assert "no response" in patients.refused("export-person", "ZZZZ-ZZZZ", "--out", out)


@pytest.fixture
def written(patients: Instance, someone: tuple[str, str], tmp_path: Path) -> Path:
    out = tmp_path / "person"
    patients.done("export-person", someone[1], "--out", out)
    return out


def test_erasing_takes_a_reason_an_export_and_a_yes(
    patients: Instance, someone: tuple[str, str], written: Path
) -> None:
    id, reference = someone
    why = ["--reason", "asked-by-patient"]
    for words in ([], why, ["--export", written]):
        said = patients.refused("erase-person", reference, "--yes", *words)
        assert "write it out first" in said
    said = patients.refused(
        "erase-person", reference, "--yes", "--reason", "Ann Smith asked", "--export", written
    )
    assert "--reason" in said
    assert "2 responses would be erased" in patients.done(
        "erase-person", reference, *why, "--export", written
    )
    assert id in ids(patients.store)


def test_an_erased_person_leaves_ids_in_the_audit_alone(
    patients: Instance, someone: tuple[str, str], written: Path
) -> None:
    _id, reference = someone
    store = patients.store
    gone = set(json.loads((written / "person.json").read_text())["references"])
    before = ids(store)
    said = patients.done(
        "erase-person", reference, "--yes", "--reason", "case-26-14", "--export", written
    )
    assert told(said)["responses"] == 2
    left = ids(store)
    assert len(before - left) == 2
    for each in before - left:
        assert mentions(store, each) == {"audit_events", "erasures"}
    assert not any(responses.sent(store, 1, each) for each in gone)
    tombs = events(store, "response_erased")
    assert {(event.response_id, event.detail) for event in tombs} == {
        (each, "case-26-14") for each in before - left
    }
    assert "alder-lane: whole" in patients.done("verify-audit")
    # The others are whole.
    with store.read() as conn:
        assert sum(1 for _ in sealed.opened(store, conn)) > 0
    assert all(responses.sent_by_id(store, 1, each) for each in ids(store, status="sent"))


def test_what_was_written_out_must_be_what_is_held(
    patients: Instance, someone: tuple[str, str], written: Path
) -> None:
    id, reference = someone
    words = ["erase-person", reference, "--yes", "--reason", "x", "--export", written]
    record.add_note(patients.store, 1, id, "One more", by=doctor(patients.store))
    assert "not what is held now" in patients.refused(*words)
    assert id in ids(patients.store)


@pytest.mark.parametrize("spoiled", ["person.json", "audit.json", "files.json", "pdf"])
def test_a_folder_that_is_not_whole_lets_nothing_go(
    patients: Instance, someone: tuple[str, str], written: Path, spoiled: str
) -> None:
    id, reference = someone
    path = next(written.glob("*.pdf")) if spoiled == "pdf" else written / spoiled
    path.write_bytes(path.read_bytes().replace(b"e", b"x", 1))
    said = patients.refused(
        "erase-person", reference, "--yes", "--reason", "x", "--export", written
    )
    assert "export-person wrote" in said or "not what is held now" in said
    assert id in ids(patients.store)


def test_of_somebody_else_an_export_lets_nothing_go(
    patients: Instance, someone: tuple[str, str], written: Path
) -> None:
    others = [
        reference_of(patients.store, id)
        for id in ids(patients.store)
        if reference_of(patients.store, id) not in (written / "person.json").read_text()
    ]
    said = patients.refused(
        "erase-person", others[0], "--yes", "--reason", "x", "--export", written
    )
    assert "not what is held now" in said


def test_after_the_time_of_keeping_no_reason_is_needed(
    patients: Instance, someone: tuple[str, str], later: Age
) -> None:
    id, reference = someone
    keep(patients, "keep_responses_years = 10")
    later(days=3600)
    assert "write it out first" in patients.refused("erase-person", reference, "--yes")
    later(days=3700)
    patients.done("erase-person", reference, "--yes")
    assert id not in ids(patients.store)
    assert events(patients.store, "response_erased")[0].detail == "kept-long-enough"


# --- The bytes ---------------------------------------------------------------------------------


def pieces(store: Store, gone: set[str]) -> list[bytes]:
    """All that is sealed of some responses, in pieces that no page's edge need cut."""
    found: list[bytes] = []
    with store.read() as conn:
        for column in sealed.COLUMNS:
            if "response_id" not in column.table.c:
                continue
            which = column.table.c.response_id.in_(gone)
            for row in conn.execute(select(column.table).where(which)):
                data = bytes(row.sealed)
                found += [data[at : at + 24] for at in range(0, len(data) - 24, 48)]
    return found


def in_files(run: Instance, wanted: list[bytes]) -> int:
    database = run.folder / config.DATABASE_FILE
    files = [database, database.with_name(f"{database.name}-wal")]
    held = b"".join(path.read_bytes() for path in files if path.exists())
    return sum(piece in held for piece in wanted)


def test_of_an_erased_person_the_files_hold_no_byte(
    patients: Instance, someone: tuple[str, str], written: Path
) -> None:
    if patients.environ["DATABASE_URL"]:
        return
    store = patients.store
    person = json.loads((written / "person.json").read_text())
    gone = {each["id"] for each in person["held"]["responses"]}
    wanted = pieces(store, gone)
    assert len(wanted) > 200
    assert in_files(patients, wanted) > 0.9 * len(wanted)
    said = patients.done(
        "erase-person", someone[1], "--yes", "--reason", "case-1", "--export", written
    )
    assert "still holds" not in said
    assert in_files(patients, wanted) == 0


def test_a_draft_that_was_saved_over_and_purged_leaves_no_byte(
    patients: Instance, later: Age
) -> None:
    if patients.environ["DATABASE_URL"]:
        return
    store = patients.store
    draft = responses.start(store, 1)
    wanted: list[bytes] = []
    for turn in range(5):
        words = {"answers": {"own_words": f"{turn}" * 9000}}
        draft = responses.save(store, draft, words, urgency="routine")
        wanted += pieces(store, {draft.id})
    assert in_files(patients, wanted) > 0
    later(days=200)
    patients.done("purge", "--yes")
    assert draft.id not in ids(store)
    assert in_files(patients, wanted) == 0


def test_a_reader_in_the_way_is_told(
    patients: Instance, someone: tuple[str, str], written: Path
) -> None:
    if patients.environ["DATABASE_URL"]:
        return
    with patients.store.read() as conn:
        conn.execute(select(schema.responses)).first()
        said = patients.done(
            "erase-person", someone[1], "--yes", "--reason", "case-1", "--export", written
        )
    assert "its log still holds sealed bytes" in said
