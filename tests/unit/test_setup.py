"""The set-up: what it fetches is checked, what is missing is named in one line."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from setup.check_libraries import LIBRARIES, Library, advice, missing
from setup.vendor_htmx import MEMBER, TARGET, VendorError, place_htmx

ROOT = Path(__file__).resolve().parents[2]


# --- htmx --------------------------------------------------------------------------------------


def _offer(monkeypatch: pytest.MonkeyPatch, folder: Path, script: bytes) -> Path:
    """A folder of wheels as the only source of packages; gives the pins that fit its wheel."""
    wheel = folder / "django_htmx-1.29.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBER, script)
        archive.writestr(
            "django_htmx-1.29.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: django-htmx\nVersion: 1.29.0\n",
        )
        archive.writestr("django_htmx-1.29.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("django_htmx-1.29.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    pins = folder / "pins.txt"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pins.write_text(f"django-htmx==1.29.0 --hash=sha256:{digest}\n")
    return pins


def test_set_up_has_placed_the_file_and_does_not_ask_again(tmp_path):
    assert place_htmx(TARGET, pins=tmp_path / "nothing-to-fetch-from") is False


def test_a_changed_file_is_fetched_anew(tmp_path, monkeypatch):
    pins = _offer(monkeypatch, tmp_path, TARGET.read_bytes())
    target = tmp_path / "static" / "vendor" / "htmx.min.js"
    target.parent.mkdir(parents=True)
    target.write_text("alert('changed')")

    assert place_htmx(target, pins) is True
    assert target.read_bytes() == TARGET.read_bytes()
    assert [each.name for each in target.parent.iterdir()] == ["htmx.min.js"]


def test_a_package_with_another_hash_is_refused(tmp_path, monkeypatch):
    pins = _offer(monkeypatch, tmp_path, TARGET.read_bytes())
    pins.write_text(re.sub("sha256:.*", "sha256:" + "0" * 64, pins.read_text()))

    with pytest.raises(VendorError, match="could not be fetched"):
        place_htmx(tmp_path / "htmx.min.js", pins)
    assert not (tmp_path / "htmx.min.js").exists()


def test_a_package_with_another_script_is_refused(tmp_path, monkeypatch):
    pins = _offer(monkeypatch, tmp_path, b"alert('other')")

    with pytest.raises(VendorError, match="not the file that was pinned"):
        place_htmx(tmp_path / "htmx.min.js", pins)
    assert not (tmp_path / "htmx.min.js").exists()


# --- System libraries --------------------------------------------------------------------------


def test_set_up_has_installed_every_library():
    assert missing() == []


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.debian)
def test_a_missing_library_is_one_line_with_its_package(library):
    def load_all_but_this(name: str) -> object:
        if any(name.startswith(each.split(".so")[0]) for each in library.names):
            raise OSError(name)
        return ctypes.CDLL(name)

    lacking = missing([library], load_all_but_this)

    assert lacking == [library]
    assert f"apt-get install {library.debian})" in advice(lacking, "linux")
    assert advice(lacking, "darwin") == f"The PDF needs: brew install {library.brew}"


def test_a_name_that_does_not_exist_is_missing():
    nothing = Library(("libno-such-thing.so.0",), "libno-such-thing", "no-such-thing")

    assert missing([nothing]) == [nothing]


# --- The lock files ----------------------------------------------------------------------------


def _locked(name: str) -> dict[str, str]:
    """Each package of a lock file with its whole entry."""
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    return {entry.split("==")[0]: entry for entry in entries}


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-security.txt"]
)
def test_every_package_is_pinned_with_hashes_and_no_address(name):
    for entry in _locked(name).values():
        assert re.match(r"[a-z0-9-]+==[0-9][^\s;]*( ; [^\\]+)? \\\n", entry)
        assert "--hash=sha256:" in entry
        assert "://" not in entry


def test_tests_run_on_the_very_packages_that_serve():
    assert _locked("requirements.txt").items() <= _locked("requirements-dev.txt").items()


def test_the_lock_holds_what_the_project_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["test"]
    locked = _locked("requirements-dev.txt")

    for requirement in declared:
        name, version = re.split(r"==|;", re.sub(r"\[.*?\]", "", requirement))[:2]
        entry = locked[name.lower()]
        assert entry.startswith(f"{name.lower()}=={version.strip()} "), requirement


# --- prepare.sh --------------------------------------------------------------------------------


def _prepare(folder: Path, *, system: str, machine: str, **environ: str) -> str:
    """The one line that set-up stops with on a machine that answers `uname` so, without apt."""
    shutil.copytree(ROOT / "setup", folder / "setup")
    shutil.copy(ROOT / "requirements.txt", folder)
    tools = folder / "bin"
    tools.mkdir()
    uname = tools / "uname"
    uname.write_text(f'#!/bin/sh\n[ "$1" = -m ] && echo {machine} || echo {system}\n')
    uname.chmod(0o755)
    for tool in ("sh", "dirname", "echo", "false"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    blind = tools / "python3"
    # Finds no library, as on a machine without Pango.
    blind.write_text(
        f'#!/bin/sh\ncase "$1" in *check_libraries*) exit 1 ;; esac\nexec {sys.executable} "$@"\n'
    )
    blind.chmod(0o755)
    done = subprocess.run(
        [str(tools / "sh"), "setup/prepare.sh"],
        cwd=folder,
        env={"PATH": str(tools)} | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("set-up: ")
    assert not (folder / ".venv").exists()
    return line


def test_arm_is_told_about_postgresql(tmp_path):
    line = _prepare(tmp_path, system="Linux", machine="aarch64")

    assert "Linux aarch64" in line
    assert "DATABASE_URL=postgresql://" in line


def test_a_mac_is_told_what_to_install(tmp_path):
    line = _prepare(tmp_path, system="Darwin", machine="arm64", DATABASE_URL="postgresql:///x")

    assert "brew install pango" in line


def test_another_linux_is_told_what_to_install(tmp_path):
    line = _prepare(tmp_path, system="Linux", machine="x86_64")

    assert "install Pango, HarfBuzz" in line


def test_an_old_python_is_named(tmp_path):
    line = _prepare(tmp_path, system="Linux", machine="x86_64", PYTHON="false")

    assert "Python 3.11" in line


# --- Nothing left out --------------------------------------------------------------------------

_ONE_TEST = """
import pytest
def test_left_out():
    pytest.skip("no browser here")
"""
_WHOLE_FILE = """
import pytest
pytest.skip("no browser here", allow_module_level=True)
"""


def _run_tests(folder: Path, required: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        env=os.environ | {"INTAKE_REQUIRE_ALL": required},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", [_ONE_TEST, _WHOLE_FILE], ids=["one test", "whole file"])
def test_a_skip_fails_where_all_is_required(tmp_path, source):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(source)

    assert "1 skipped" in _run_tests(tmp_path, required="0").stdout
    strict = _run_tests(tmp_path, required="1")
    assert strict.returncode != 0
    assert "may not be left out: Skipped: no browser here" in strict.stdout


# --- What the checkers are told to let pass ------------------------------------------------------

LET_PASS = re.compile(
    r"#\s*(?:noqa\b(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?|type:\s*ignore\b(?:\[[^]]*\])?)"
)
CODE = ("intake", "setup", "tests", "gunicorn.conf.py", "wsgi.py")


def without_reason(text: str) -> list[str]:
    """The lines with a mark that says neither what it lets pass nor why."""
    wrong = []
    for line in text.splitlines():
        mark = LET_PASS.search(line)
        if mark and (mark[0].endswith(("noqa", "ignore")) or len(line[mark.end() :].split()) < 2):
            wrong.append(line.strip())
    return wrong


def test_nothing_is_let_pass_without_a_reason_beside_it() -> None:
    places = [ROOT / place for place in CODE]
    files = [
        file
        for place in places
        for file in ([place] if place.is_file() else place.rglob("*.py"))
        if file != Path(__file__).resolve()
    ]
    assert len(files) > 100
    assert {str(file): wrong for file in files if (wrong := without_reason(file.read_text()))} == {}


@pytest.mark.parametrize("mark", ["noqa", "noqa: S108", "type: ignore", "type: ignore[misc]"])
def test_a_mark_without_a_reason_is_found(mark: str) -> None:
    assert without_reason(f"x = 1  # {mark}") == [f"x = 1  # {mark}"]
    names_what = mark.endswith(("S108", "[misc]"))
    assert (without_reason(f"x = 1  # {mark} - no reason") == []) is names_what
