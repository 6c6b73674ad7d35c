"""`flask intake backup` and `restore`: whole or refused, on both engines and across them."""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519
from sqlalchemy import inspect, select

from intake import backup, config
from intake.store import audit, dump, migrate, responses, schema, work_list
from intake.store.engine import build
from tests.cli.conftest import Instance, databases
from tests.unit.store.given import settings_for

TODAY = date(2026, 11, 22)


@pytest.fixture(params=["sqlite", "postgresql"])
def other_database(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from databases(request)


class Kept:
    """A deployment, its backup and the secret that opens it."""

    def __init__(self, run: Instance, place: Path) -> None:
        self.run = run
        self.secret = place / "secret.age-key"
        said = run.done("make-backup-key", "--out", self.secret)
        [self.to] = re.findall(r"INTAKE_BACKUP_TO=(age1\w+)", said)
        self.file = place / "intake.age"

    def make(self, *more: str) -> str:
        return self.run.done("backup", "--out", self.file, *more, INTAKE_BACKUP_TO=self.to)


@pytest.fixture
def kept(patients: Instance, tmp_path: Path) -> Kept:
    return Kept(patients, tmp_path)


def empty(tmp_path: Path, database: str, keys: Path | None = None) -> Instance:
    folder = tmp_path / "new"
    folder.mkdir(mode=0o700)
    if keys is not None:
        (folder / config.KEYS_FILE).touch(mode=0o600)
        (folder / config.KEYS_FILE).write_bytes((keys / config.KEYS_FILE).read_bytes())
    return Instance(folder, DATABASE_URL=database)


def figures(run: Instance) -> dict[str, dump.Figure]:
    with dump.snapshot(run.store) as conn:
        return {
            table.name: dump.figure(dump.parts(conn, table, table.c.keys()))
            for table in schema.metadata.sorted_tables
        }


def references(run: Instance) -> list[str]:
    return work_list.references(run.store, 1, work_list.Wanted("call", TODAY))


def test_all_of_it_comes_back_on_either_engine(
    kept: Kept, tmp_path: Path, other_database: str
) -> None:
    before = figures(kept.run)
    said = kept.make()
    assert f"{sum(each.rows for each in before.values())} rows" in said
    assert stat.S_IMODE(kept.file.stat().st_mode) == 0o600
    new = empty(tmp_path, other_database, kept.run.folder)
    told = new.done("restore", kept.file, "--identity", kept.secret)
    assert "alder-lane: whole" in told
    after = figures(new)
    changed = {name for name in before if before[name] != after[name]}
    # What says that it was restored.
    assert changed == {"audit_events", "audit_heads"}
    assert references(new) == references(kept.run) != []
    found = responses.sent(new.store, 1, references(new)[0])
    assert found is not None
    assert found == responses.sent(kept.run.store, 1, found.reference)
    for folder in (new.folder, kept.run.folder):
        assert (folder / "clinics" / "alder-lane.toml").read_text().startswith("# An invented")
    # The audit goes on after the last row, and stays whole.
    new.done("fhir", references(new)[0])
    assert audit.verify(new.store, 1).is_whole
    new.close()


def test_nothing_of_it_can_be_read_without_the_secret(kept: Kept) -> None:
    kept.make("--with-keys")
    plain = kept.file.read_bytes()
    assert b"keys.toml" not in plain
    assert b"responses" not in plain
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(plain, [x25519.Identity.generate()])
    assert stat.S_IMODE(kept.secret.stat().st_mode) == 0o600


def test_a_backup_with_keys_needs_no_others(kept: Kept, tmp_path: Path) -> None:
    assert "is not in it" not in kept.make("--with-keys")
    new = empty(tmp_path, "")
    new.done("restore", kept.file, "--identity", kept.secret)
    assert stat.S_IMODE((new.folder / config.KEYS_FILE).stat().st_mode) == 0o600
    assert references(new) == references(kept.run)
    new.close()


def test_a_drill_compares_everything_and_leaves_nothing(kept: Kept, other_database: str) -> None:
    kept.make()
    words = ["--drill", "--into", other_database] if other_database else ["--drill"]
    said = kept.run.done("restore", kept.file, "--identity", kept.secret, *words)
    assert "every sealed value opens" in said
    for name, figure in figures(kept.run).items():
        if not name.startswith("audit"):
            assert f"{name}: {figure.rows} rows, {figure.sha256[:16]}" in said
    assert not list(kept.run.folder.glob(".drill*"))
    if other_database:
        left = build(other_database)
        assert inspect(left).get_table_names() == []
        left.dispose()


def test_a_drill_finds_a_value_that_does_not_open(kept: Kept) -> None:
    with kept.run.store.write() as conn:
        row = conn.execute(select(schema.call_requests)).first()
        assert row is not None
        conn.execute(schema.call_requests.update().values(sealed=b"x" * len(row.sealed)))
    kept.make()
    said = kept.run.refused("restore", kept.file, "--identity", kept.secret, "--drill")
    assert "call_requests.sealed does not open" in said


def test_a_drill_finds_a_broken_audit(kept: Kept) -> None:
    with kept.run.store.write() as conn:
        number = schema.audit_heads.c.number
        conn.execute(schema.audit_heads.update().values(number=number + 1))
    kept.make()
    said = kept.run.refused("restore", kept.file, "--identity", kept.secret, "--drill")
    assert "audit is broken" in said


@pytest.mark.parametrize("left", [0.0, 0.001, 0.3, 0.9, "last"])
def test_a_cut_backup_is_refused_and_leaves_nothing(
    kept: Kept, tmp_path: Path, other_database: str, left: float | str
) -> None:
    kept.make()
    whole = kept.file.read_bytes()
    size = len(whole) - 1 if left == "last" else int(len(whole) * float(left))
    refused_and_clean(kept, tmp_path, other_database, whole[:size])


@pytest.mark.parametrize("at", [0, 0.002, 0.5, 0.9999])
def test_an_altered_backup_is_refused_and_leaves_nothing(
    kept: Kept, tmp_path: Path, other_database: str, at: float
) -> None:
    kept.make()
    whole = bytearray(kept.file.read_bytes())
    whole[int(len(whole) * at)] ^= 1
    refused_and_clean(kept, tmp_path, other_database, bytes(whole))


def refused_and_clean(kept: Kept, tmp_path: Path, database: str, data: bytes) -> None:
    torn = tmp_path / "torn.age"
    torn.write_bytes(data)
    new = empty(tmp_path, database, kept.run.folder)
    said = new.refused("restore", torn, "--identity", kept.secret)
    assert "torn.age was cut off or altered, or is no backup; nothing was restored" in said
    assert not list((new.folder / "clinics").glob("*"))
    settings = config.load_settings(new.folder, new.environ)
    left = build(settings.database_url)
    assert inspect(left).get_table_names() == []
    left.dispose()


def test_a_backup_that_anybody_could_have_made_is_refused(kept: Kept, tmp_path: Path) -> None:
    """A recipient is no secret: what another deployment wrote to it must not be taken for ours."""
    other = Instance(tmp_path / "other")
    other.done("init")
    forged = tmp_path / "forged.age"
    other.done("backup", "--out", forged, "--to", kept.to)
    new = empty(tmp_path, "", kept.run.folder)
    said = new.refused("restore", forged, "--identity", kept.secret)
    assert "is not of these keys, or was altered" in said
    assert not list((new.folder / "clinics").glob("*"))


def test_another_secret_is_refused(kept: Kept, tmp_path: Path) -> None:
    kept.make()
    wrong = tmp_path / "wrong"
    kept.run.done("make-backup-key", "--out", wrong)
    new = empty(tmp_path, "", kept.run.folder)
    said = new.refused("restore", kept.file, "--identity", wrong)
    assert "is for another identity" in said


def test_a_target_that_holds_something_is_refused(
    kept: Kept, tmp_path: Path, other_database: str
) -> None:
    kept.make()
    words = ["restore", kept.file, "--identity", kept.secret]
    assert "is not empty; nothing was restored" in kept.run.refused(*words)
    new = empty(tmp_path, other_database, kept.run.folder)
    url = config.load_settings(new.folder, new.environ).database_url
    migrate.upgrade(settings_for(url))
    assert "database is not empty" in new.refused(*words)
    assert not list((new.folder / "clinics").glob("*"))


def test_without_keys_it_says_what_is_missing(kept: Kept, tmp_path: Path) -> None:
    kept.make()
    new = empty(tmp_path, "")
    said = new.refused("restore", kept.file, "--identity", kept.secret)
    assert "put your copy of keys.toml into" in said
    assert not list((new.folder / "clinics").glob("*"))


def test_it_goes_over_no_other_file_and_into_a_folder_by_time(kept: Kept, tmp_path: Path) -> None:
    kept.make()
    before = kept.file.read_bytes()
    said = kept.run.refused("backup", "--out", kept.file, "--to", kept.to)
    assert "is there already" in said
    assert kept.file.read_bytes() == before
    folder = tmp_path / "backups"
    folder.mkdir()
    kept.run.done("backup", "--out", folder, "--to", kept.to)
    [made] = folder.iterdir()
    assert re.fullmatch(r"intake-\d{8}T\d{6}Z\.age", made.name)


def test_for_nobody_and_for_nonsense_no_backup_is_made(kept: Kept, tmp_path: Path) -> None:
    assert "--to or INTAKE_BACKUP_TO" in kept.run.refused("backup", "--out", kept.file)
    said = kept.run.refused("backup", "--out", kept.file, "--to", "age1nonsense")
    assert "is no recipient" in said
    assert not kept.file.exists()
    assert not list(tmp_path.glob(".*.part"))


def test_it_shows_one_moment_while_others_write(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A response that is begun when half of the tables are read is in none of them."""
    store, real = kept.run.store, dump.parts
    begun: list[str] = []

    def parts(conn, table, names):
        if table.name == "drafts" and not begun:
            writer = threading.Thread(target=lambda: begun.append(responses.start(store, 1).id))
            writer.start()
            writer.join()
        yield from real(conn, table, names)

    before = figures(kept.run)
    monkeypatch.setattr(dump, "parts", parts)
    kept.make()
    monkeypatch.undo()
    assert begun
    said = kept.run.done("restore", kept.file, "--identity", kept.secret, "--drill")
    for name in ("responses", "drafts", "audit_events"):
        assert f"{name}: {before[name].rows} rows, {before[name].sha256[:16]}" in said


def test_a_cut_end_is_found_though_all_rows_are_there(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes after the last row is read too: nothing stays before the file is proven whole."""
    real = backup._Making.members

    def members(making: backup._Making) -> Iterator[tuple[str, bytes]]:
        yield from real(making)
        yield "later", os.urandom(2**18)

    monkeypatch.setattr(backup._Making, "members", members)
    kept.make()
    refused_and_clean(kept, tmp_path, "", kept.file.read_bytes()[:-1000])


def test_its_making_is_in_the_audit(kept: Kept) -> None:
    kept.make()
    event = schema.audit_events.c
    with kept.run.store.read() as conn:
        [detail] = conn.execute(select(event.detail).where(event.action == "backup_made")).scalars()
    assert re.fullmatch(r"rows:\d+", detail)
