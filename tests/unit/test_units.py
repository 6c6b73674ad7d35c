"""The units for systemd: read, checked by systemd's own tools, and their commands started by hand.

No systemd starts them here: that needs a machine that is run by one. What a unit forbids beyond
its commands' own working (memory that is written and run, new rights) is set by hand as well.
"""

from __future__ import annotations

import ctypes
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from intake.backup import make_identity
from intake.commands import intake_cli
from intake.config import _SETTING_NAMES
from tests.served import PATIENCE_S, ROOT, clean_environment, free_port, made_instance

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
TIMERS = sorted(UNITS.glob("*.timer"))
ANALYZE = shutil.which("systemd-analyze") or ""
WHAT_IT_MAY_NOT = "# What this service may not do."
SAFE_ENOUGH = 15
"""systemd's own figure of exposure, times ten; unguarded it is 96."""


def _name(path: Path) -> str:
    return path.name


class _Unit(RawConfigParser):
    """A unit file; a key that stands several times keeps every value, one a line."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, delimiters=("=",), comment_prefixes=("#",))
        self.optionxform = str  # type: ignore[assignment,method-assign] # how configparser documents it
        self.read_string(_joined(path.read_text()))


def _joined(text: str) -> str:
    seen: dict[str, int] = {}
    lines = []
    for line in text.splitlines():
        key, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            seen[key] = seen.get(key, -1) + 1
            # A name of its own for each, as the parser keeps the last one only.
            line = f"{key}~{seen[key]}={value}" if seen[key] else line
        lines.append(line)
    return "\n".join(lines)


def _all(unit: _Unit, key: str) -> list[str]:
    return [each for name, each in unit["Service"].items() if name.partition("~")[0] == key]


def _environment(path: Path) -> dict[str, str]:
    return dict(each.split("=", 1) for each in _all(_Unit(path), "Environment"))


def _placed(text: str, instance: Path) -> str:
    """With this machine's folders."""
    return (
        text.replace("/opt/intake", str(ROOT))
        .replace("/var/lib/intake", str(instance))
        .replace("/var/cache/intake", str(instance / "cache"))
    )


def _commands(path: Path) -> list[list[str]]:
    return [shlex.split(each) for each in _all(_Unit(path), "ExecStart")]


# --- What they say -----------------------------------------------------------------------------


def test_there_is_a_server_and_what_timers_start():
    assert "intake.service" in map(_name, SERVICES)
    for timer in TIMERS:
        assert timer.with_suffix(".service") in SERVICES
    assert {each.stem for each in SERVICES} == {"intake"} | {each.stem for each in TIMERS}


@pytest.mark.parametrize("path", SERVICES, ids=_name)
def test_every_service_may_do_equally_little(path):
    texts = [each.read_text().partition("\n[Install]")[0] for each in (SERVICES[0], path)]
    first, this = (text.partition(WHAT_IT_MAY_NOT)[2].strip() for text in texts)
    assert this
    assert this == first


@pytest.mark.parametrize("path", SERVICES, ids=_name)
def test_its_settings_exist(path):
    names = set(_environment(path)) - {"XDG_CACHE_HOME"}
    assert names <= _SETTING_NAMES | {"DATABASE_URL"}


@pytest.mark.parametrize("path", SERVICES, ids=_name)
def test_its_command_exists_with_these_options(path):
    for command in _commands(path):
        assert Path(_placed(command[0], Path("/"))).is_file(), command
        if not command[0].endswith("/flask"):
            continue
        assert command[1:4] == ["--app", "wsgi", "intake"]
        found = intake_cli.get_command(None, command[4])  # type: ignore[arg-type] # a group of no loaders needs no context
        assert found is not None, command[4]
        options = {option for each in found.params for option in each.opts}
        given = {word.partition("=")[0] for word in command[5:] if word.startswith("--")}
        assert given <= options


def test_stopping_waits_for_what_was_begun():
    config = (ROOT / "gunicorn.conf.py").read_text()
    (finishing,) = re.findall(r"^graceful_timeout = ([0-9]+)$", config, re.MULTILINE)
    server = _Unit(UNITS / "intake.service")["Service"]
    assert int(server["TimeoutStopSec"]) > int(finishing)
    assert server["KillMode"] == "mixed"


@pytest.mark.skipif(not ANALYZE, reason="needs systemd-analyze")
@pytest.mark.parametrize("path", [*SERVICES, *TIMERS], ids=_name)
def test_systemd_understands_it(path, tmp_path):
    for each in (*SERVICES, *TIMERS):
        (tmp_path / each.name).write_text(_placed(each.read_text(), tmp_path))
    checked = subprocess.run(
        [ANALYZE, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / path.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stderr == ""
    assert checked.returncode == 0


@pytest.mark.skipif(not ANALYZE, reason="needs systemd-analyze")
@pytest.mark.parametrize("path", SERVICES, ids=_name)
def test_systemd_finds_it_guarded(path):
    checked = subprocess.run(
        [ANALYZE, "security", "--offline=true", f"--threshold={SAFE_ENOUGH}", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-200:]


@pytest.mark.skipif(not ANALYZE, reason="needs systemd-analyze")
@pytest.mark.parametrize("path", TIMERS, ids=_name)
def test_systemd_knows_when(path):
    (when,) = re.findall(r"^OnCalendar=(.*)$", path.read_text(), re.MULTILINE)
    subprocess.run([ANALYZE, "calendar", when], check=True, capture_output=True)


# --- Started by hand ---------------------------------------------------------------------------

PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 38, 65


def _forbid() -> None:
    """What NoNewPrivileges, MemoryDenyWriteExecute and UMask set; older kernels lack the second."""
    call = ctypes.CDLL(None).prctl
    call(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call(PR_SET_MDWE, 1, 0, 0, 0)
    os.umask(0o077)


def _start(path: Path, instance: Path, **more: str) -> subprocess.Popen[str]:
    (command,) = _commands(path)
    given = {name: _placed(each, instance) for name, each in _environment(path).items()}
    return subprocess.Popen(
        [_placed(word, instance) for word in command],
        cwd=_placed(_Unit(path)["Service"]["WorkingDirectory"], instance),
        env=clean_environment(PYTHONWARNINGS="ignore", **given, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_forbid,
    )


def test_the_server_says_that_it_is_up_serves_and_stops(tmp_path):
    instance = made_instance(tmp_path / "instance")
    port = free_port()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE_S)
        server = _start(
            UNITS / "intake.service",
            instance,
            INTAKE_PORT=str(port),
            NOTIFY_SOCKET=str(tmp_path / "notify"),
        )
        try:
            assert b"READY=1" in manager.recv(1000)
            # Drawing too, which would need memory that is written and run if anything did.
            asked = Request(f"http://127.0.0.1:{port}/readyz")
            with urlopen(asked, timeout=PATIENCE_S) as reply:  # noqa: S310 - the address of this very test
                assert reply.read() == b"ready\n"
            status = Path(f"/proc/{server.pid}/status").read_text()
            assert "NoNewPrivs:\t1" in status
        finally:
            server.send_signal(signal.SIGTERM)
            printed = server.communicate(timeout=PATIENCE_S)[0]
    assert server.returncode == 0, printed
    assert "crashed" not in printed


@pytest.mark.parametrize(("name", "says"), [("reminders", "0 reminders"), ("purge", "alder-lane")])
def test_what_timers_start_runs(tmp_path, name, says):
    started = _start(UNITS / f"intake-{name}.service", made_instance(tmp_path / "instance"))
    printed = started.communicate(timeout=PATIENCE_S)[0]

    assert started.returncode == 0, printed
    assert says in printed


def test_a_backup_is_written_and_only_old_ones_go(tmp_path):
    instance = made_instance(tmp_path / "instance")
    kept = tmp_path / "instance-backups"
    kept.mkdir()
    old, other = kept / "intake-20200101T000000Z.age", kept / "notes.txt"
    for file in (old, other):
        file.touch()
        os.utime(file, (0, 0))
    recipient = make_identity(tmp_path / "backup-key")
    unit = UNITS / "intake-backup.service"
    started = _start(unit, instance, INTAKE_BACKUP_TO=recipient)
    printed = started.communicate(timeout=PATIENCE_S)[0]
    assert started.returncode == 0, printed
    (afterwards,) = _all(_Unit(unit), "ExecStartPost")
    subprocess.run(shlex.split(_placed(afterwards, instance)), check=True)

    (made,) = kept.glob("intake-*.age")
    assert made != old
    assert made.read_bytes().startswith(b"age-encryption.org/")
    assert other.exists()
