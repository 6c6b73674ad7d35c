"""`flask intake rotate-keys`: killed in the middle, resumed, and the old key given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from intake import cli_keys, config, create_app
from intake.store import Store, rotating, schema, sealed
from tests.cli.conftest import Instance, now

ROOT = Path(__file__).resolve().parents[2]


def opened(store: Store) -> list[tuple[str, bytes]]:
    with store.read() as conn:
        return sorted(each for each in sealed.opened(store, conn) if each[0] != "canaries")


def ring(run: Instance) -> list[str]:
    return list(config.load_keys(run.folder).ring)


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_keys, "_now", lambda: now() + timedelta(minutes=3))


def test_killed_in_the_middle_it_goes_on_and_the_old_key_goes(
    patients: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened(patients.store)
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "intake", "rotate-keys"]
    environ = {**os.environ, **patients.environ, "INTAKE_INSTANCE": str(patients.folder)}
    process = subprocess.Popen(
        [*words, "--batch", "1"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    with process:
        assert process.stdout.readline() == "1 sealed with k2\n"
        process.send_signal(signal.SIGKILL)
    assert ring(patients) == ["k1", "k2"]
    left = sum(rotating.left(patients.store).values())
    assert 0 < left < len(before)
    assert opened(patients.store) == before

    said = patients.done("rotate-keys")
    assert f"{left} sealed with k2" in said
    assert ring(patients) == ["k1", "k2"]
    assert "two minutes" in patients.refused("rotate-keys", "--retire")
    later(monkeypatch)
    assert "Gave up k1." in patients.done("rotate-keys", "--retire")
    assert ring(patients) == ["k2"]
    assert opened(patients.store) == before
    assert "alder-lane: whole" in patients.done("verify-audit")
    with patients.store.read() as conn:
        done = conn.execute(select(schema.audit_events.c.action)).scalars().all()
    assert {"keys_changed", "keys_rotated", "key_retired"} <= set(done)
    path = patients.folder / config.KEYS_FILE
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_that_was_made_for_several_machines_is_the_one_used(instance: Instance) -> None:
    instance.done("demo")
    said = instance.done("rotate-keys", "--new")
    assert "Made k2" in said
    assert config.load_keys(instance.folder).current == "k1"
    assert "k2 is there already" in instance.refused("rotate-keys", "--new")
    assert "sealed with k2" in instance.done("rotate-keys")
    assert (config.load_keys(instance.folder).current, ring(instance)) == ("k2", ["k1", "k2"])
    assert "sealed with k3" in instance.done("rotate-keys")


def test_a_server_that_runs_learns_of_the_new_key(patients: Instance) -> None:
    app = create_app(patients.folder, environ=patients.environ)
    store = app.extensions["store"]
    before = opened(store)
    patients.done("rotate-keys")
    assert opened(store) == before
    assert store.vault.current == "k2"
    store.engine.dispose()


def test_no_key_is_given_up_that_a_row_needs(
    patients: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.use_key(patients.folder, config.add_key(patients.folder))
    patients.store.check()
    later(monkeypatch)
    assert "still needs an old key" in patients.refused("rotate-keys", "--retire")
    assert ring(patients) == ["k1", "k2"]
