"""The checkers of FHIR are fetched once, and only as they were pinned."""

import base64
import hashlib
import tarfile

import pytest

from setup.fhir_checkers import FetchError, fetch


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """An npm that gives one package, and the digest of it."""
    inside = tmp_path / "index.js"
    inside.write_text("x")
    archive = tmp_path / "given.tgz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(inside, "package/index.js")
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f'#!/bin/sh\ncp "{archive}" "$5/checker-1.tgz"\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    return npm, base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()


def test_a_package_is_fetched_once(tmp_path, registry):
    npm, digest = registry
    pins = {"checker": ("checker@1", digest)}
    assert fetch(tmp_path / "build", pins) is True
    assert (tmp_path / "build" / "checker" / "index.js").read_text() == "x"
    npm.unlink()
    assert fetch(tmp_path / "build", pins) is False


def test_another_package_than_the_pinned_one_is_refused(tmp_path, registry):
    with pytest.raises(FetchError, match="pinned"):
        fetch(tmp_path / "build", {"checker": ("checker@1", "0" * 86 + "==")})
    assert not (tmp_path / "build").exists()


def test_without_npm_it_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FetchError, match="npm gave nothing"):
        fetch(tmp_path / "build", {"checker": ("checker@1", "")})
