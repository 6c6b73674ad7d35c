"""The real server with the real application, for tests that need workers and sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 60


def made_instance(folder: Path) -> Path:
    """Keys, a sample clinic and an empty database in a new folder."""
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**settings: str) -> dict[str, str]:
    """This process's environment with these settings of the intake alone."""
    kept = {name: each for name, each in os.environ.items() if not name.startswith("INTAKE_")}
    kept.pop("DATABASE_URL", None)
    return kept | settings


@contextmanager
def gunicorn(
    instance: Path, log: Path, settings: Mapping[str, str] | None = None, *, root: Path = ROOT
) -> Iterator[int]:
    """Serve `instance` until the block ends; the port. Its lines go to `log`.

    `root` is where the program is; this checkout, if nothing is said.
    """
    port = free_port()
    environ = clean_environment(
        INTAKE_INSTANCE=str(instance),
        INTAKE_PORT=str(port),
        PYTHONWARNINGS="ignore",
        **(settings or {}),
    )
    command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
    with log.open("wb") as lines:
        server = subprocess.Popen(command, cwd=root, env=environ, stdout=lines, stderr=lines)
    try:
        wait_for(port, server, log)
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers; an AssertionError with its lines when it never does."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        if _answers(port):
            return
        time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text()}")


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
