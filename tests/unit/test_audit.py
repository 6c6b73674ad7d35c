"""The checkers of `make audit`: pinned whole, fetched from wherever this machine fetches."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).resolve().parents[2] / "setup" / "audit"


def test_every_checker_is_pinned_by_hash_and_by_no_address():
    text = (HERE / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    pinned = {name: entry for name, entry in packages.items() if name}
    assert {"node_modules/lighthouse", "node_modules/vnu-jar"} <= set(pinned)
    assert [name for name, entry in pinned.items() if not entry.get("integrity")] == []
    assert "://" not in text
    assert "resolved" not in text


def test_lock_and_wish_agree():
    wished = json.loads((HERE / "package.json").read_text())["devDependencies"]
    locked = json.loads((HERE / "package-lock.json").read_text())["packages"]
    for name, version in wished.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    assert locked[""]["devDependencies"] == wished


def test_npm_runs_no_script_of_a_package():
    settings = (HERE / ".npmrc").read_text().splitlines()
    assert {"ignore-scripts=true", "omit-lockfile-registry-resolved=true"} <= set(settings)
