"""The image and the compose file: every name in them exists, and the image's files suffice.

Nothing here builds an image: that needs a daemon and a registry. What it would hold is laid out
in a folder instead, and the server is started from there.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import yaml

from intake.commands import intake_cli
from intake.config import _SETTING_NAMES
from tests.served import PATIENCE_S, ROOT, clean_environment, gunicorn, made_instance

FOLDER = ROOT / "deploy" / "container"
CONTAINERFILE = (FOLDER / "Containerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
OURS = {name: each for name, each in COMPOSE["services"].items() if each.get("image") == "intake"}


def _instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", CONTAINERFILE, re.MULTILINE)


def _copied() -> list[str]:
    return [source for line in _instructions("COPY") for source in line.split()[:-1]]


# --- The image ---------------------------------------------------------------------------------


def test_the_image_has_the_libraries_that_set_up_installs():
    prepare = (ROOT / "setup" / "prepare.sh").read_text().partition("if [")[0]
    wanted = re.findall(r'^PACKAGES="(?:\$PACKAGES )?(.*)"$', prepare, re.MULTILINE)
    (installing,) = (line for line in _instructions("RUN") if "apt-get install" in line)
    packages = installing.partition("--no-install-recommends")[2].partition("&&")[0].split()
    assert sorted(packages) == sorted(" ".join(wanted).split())


def test_the_image_has_the_python_of_the_tests():
    (base,) = _instructions("FROM")
    project = (ROOT / "pyproject.toml").read_text()
    (least,) = re.findall(r'^requires-python = ">=([0-9.]+)"', project, re.MULTILINE)
    assert f"/python:{least}-slim" in base


def test_only_what_serves_gets_into_the_image():
    assert _instructions("ADD") == []
    for source in _copied():
        assert (ROOT / source).exists(), source
    assert {"instance", ".env", ".", "tests"}.isdisjoint(each.rstrip("/") for each in _copied())
    # What is kept from the builder, and what the image asks for, fit together.
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[2] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == set(_copied())


def test_its_account_is_nobody_who_may_write_the_program():
    assert _instructions("USER") == ["10001"]
    assert CONTAINERFILE.index("USER 10001") > CONTAINERFILE.index("COPY setup/")


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image, and htmx as its building fetches it."""
    image = tmp_path_factory.mktemp("image")
    for source in _copied():
        _lay(ROOT / source, image / source)
    _lay(ROOT / "static" / "vendor", image / "static" / "vendor")
    return image


def _lay(source: Path, target: Path) -> None:
    if source.is_dir():
        unwanted = shutil.ignore_patterns("__pycache__", "vendor")
        shutil.copytree(source, target, ignore=unwanted, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def test_its_building_steps_run(laid_out: Path) -> None:
    (line,) = (line for line in _instructions("RUN") if "vendor_htmx" in line)
    steps = [shlex.split(step) for step in line.split("&&")]
    assert len(steps) == 3
    for step in steps:
        assert step[0] == "python"
        subprocess.run([sys.executable, *step[1:]], cwd=laid_out, check=True, capture_output=True)


def test_its_files_suffice_to_set_up_and_serve(laid_out: Path, tmp_path: Path) -> None:
    (settings,) = _instructions("ENV")
    assert set(re.findall(r"INTAKE_[A-Z]+", settings)) <= _SETTING_NAMES
    # As a container without a password to the program's folder: made by the commands of compose.
    command = OURS["set-up"]["command"]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=laid_out,
        env=clean_environment(INTAKE_INSTANCE=str(tmp_path / "instance")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Made new keys" in done.stdout, done.stderr
    with gunicorn(tmp_path / "instance", tmp_path / "log", root=laid_out) as port:
        asked = Request(f"http://127.0.0.1:{port}/readyz")
        with urlopen(asked, timeout=PATIENCE_S) as reply:  # noqa: S310 - the address of this very test
            assert reply.read() == b"ready\n"


@pytest.mark.parametrize("is_up", [True, False])
def test_its_check_of_health_tells(tmp_path: Path, is_up: bool) -> None:
    (health,) = _instructions("HEALTHCHECK")
    check = json.loads(health.partition("CMD ")[2])
    assert json.loads(_instructions("CMD")[0]) == ["gunicorn", "wsgi:app"]
    with gunicorn(made_instance(tmp_path / "instance"), tmp_path / "log") as port:
        there = check[2].replace(":8000/", f":{port if is_up else 1}/")
        assert there != check[2]
        done = subprocess.run([sys.executable, "-c", there], capture_output=True, check=False)
    assert (done.returncode == 0) == is_up


# --- Compose -----------------------------------------------------------------------------------


def test_every_command_exists():
    assert {"set-up", "web", "reminders", "backup"} <= set(OURS)
    for service in OURS.values():
        command = service.get("command")
        if command is None:
            continue
        assert command[:4] == ["flask", "--app", "wsgi", "intake"]
        found = intake_cli.get_command(None, command[4])  # type: ignore[arg-type] # a group of no loaders needs no context
        assert found is not None, command
        options = {option for each in found.params for option in each.opts}
        assert {word for word in command[5:] if word.startswith("--")} <= options


def test_every_file_and_setting_exists():
    for name, service in OURS.items():
        assert service["build"]["context"] == "../..", name
        assert (ROOT / service["build"]["dockerfile"]).is_file()
        assert set(service["environment"]) <= _SETTING_NAMES | {"DATABASE_URL"}
    for volume in COMPOSE["services"]["proxy"]["volumes"]:
        source, _, mode = volume.split(":")
        assert source.startswith("/etc/") or (FOLDER / source).resolve().exists(), source
        assert mode == "ro"
    sample = (ROOT / "deploy" / "nginx" / "intake.conf").read_text()
    assert "root /opt/intake/deploy/nginx;" in sample


def test_every_volume_network_and_service_it_names_is_there():
    for name, service in COMPOSE["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source[0] in "./" or source in COMPOSE["volumes"], (name, source)
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", [])) <= set(COMPOSE["services"]), name


def test_the_database_is_reached_by_nobody_else():
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert COMPOSE["services"]["database"]["networks"] == ["inside"]
    open_to_all = {name for name, each in COMPOSE["services"].items() if "ports" in each}
    assert open_to_all == {"web"}
    # The server listens to its own network alone, which only the proxy shares.
    assert "INTAKE_HOST" not in OURS["web"]["environment"]
    assert COMPOSE["services"]["proxy"]["network_mode"] == "service:web"


@pytest.mark.parametrize("name", sorted(OURS))
def test_no_service_of_ours_may_more_than_it_needs(name):
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


def test_the_program_for_commands_runs_one(tmp_path):
    """`deploy/intake` with this machine's folders and account."""
    instance = made_instance(tmp_path / "instance")
    (tmp_path / "intake.env").write_text("INTAKE_LOG_FORMAT=json\n")
    text = (ROOT / "deploy" / "intake").read_text()
    for sample, ours in {
        '"$(id -un)" = intake': '"$(id -un)" = "$(id -un)"',
        "/opt/intake": str(ROOT),
        "/var/lib/intake": str(instance),
        "/var/cache/intake": str(tmp_path),
        "/etc/intake": str(tmp_path),
    }.items():
        assert sample in text
        text = text.replace(sample, ours)
    script = tmp_path / "intake"
    script.write_text(text)
    script.chmod(0o755)
    done = _run(script)
    assert done.returncode == 0, done.stderr
    assert "alder-lane: whole" in done.stdout
    (tmp_path / "intake.env").write_text("INTAKE_LOG_FORMAT=xml\n")
    refused = _run(script)
    assert refused.returncode != 0
    assert "INTAKE_LOG_FORMAT" in refused.stderr
    assert os.access(ROOT / "deploy" / "intake", os.X_OK)


def _run(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, "verify-audit"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
