"""The real server with the real settings file: what it prints, and what it refuses."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from intake.config import KEYS_FILE, make_keys, write_sample_clinic

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30

# An application that fails the worst way: outside of any framework, with an answer in its words.
APPLICATION = """
def app(environ, start_response):
    raise ValueError("could not save " + environ["QUERY_STRING"])
"""


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """A folder with the server's settings file, keys, a clinic and a failing application."""
    shutil.copy(ROOT / "gunicorn.conf.py", tmp_path)
    (tmp_path / "wsgi.py").write_text(APPLICATION)
    make_keys(tmp_path / "instance")
    write_sample_clinic(tmp_path / "instance")
    return tmp_path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(folder: Path, port: int) -> subprocess.Popen[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("INTAKE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "wsgi:app"],
        cwd=folder,
        env=environ | {"INTAKE_PORT": str(port), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _read_until(server: subprocess.Popen[str], wanted: str) -> str:
    """What the server prints up to the line with `wanted`."""
    assert server.stdout is not None
    # A server that says nothing more is stopped, so that reading comes to an end.
    watchdog = threading.Timer(PATIENCE_S, server.kill)
    watchdog.start()
    seen = ""
    while wanted not in seen:
        line = server.stdout.readline()
        assert line, f"no {wanted!r} in: {seen}"
        seen += line
    watchdog.cancel()
    return seen


def test_the_server_says_where_it_is_and_keeps_requests_to_itself(deployment):
    port = _free_port()
    server = _start(deployment, port)
    try:
        # Both workers: one that is told to stop while it starts does not hear it.
        printed = _read_until(server, "event=worker_started")
        printed += _read_until(server, "event=worker_started")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        connection.request("GET", "/canary-path?name=canary-query", headers={"X-A": "canary-head"})
        status = connection.getresponse().status
        connection.close()
        printed += _read_until(server, "event=request_failed")
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as raw:
            raw.sendall(b"GET /canary-broken?canary HTTP/canary\r\n\r\n")
            raw.recv(1000)
    finally:
        server.terminate()
        printed += server.communicate(timeout=PATIENCE_S)[0]

    assert status == 500
    assert f"http://127.0.0.1:{port}/" in printed
    assert "make staff" in printed
    assert 'error=ValueError trace="' in printed
    assert "wsgi.py:3 app" in printed
    assert "canary" not in printed
    assert server.returncode == 0


def test_a_taken_port_is_one_line_with_a_way_out(deployment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = _start(deployment, port)
        printed = server.communicate(timeout=PATIENCE_S)[0]

    (line,) = [each for each in printed.splitlines() if "event=" not in each]
    assert line == f"intake: 127.0.0.1:{port} is taken; choose another: make run PORT={port + 1}"
    assert server.returncode != 0


def test_open_keys_stop_the_server_with_one_line(deployment):
    (deployment / "instance" / KEYS_FILE).chmod(0o644)
    server = _start(deployment, _free_port())
    (line,) = server.communicate(timeout=PATIENCE_S)[0].splitlines()

    assert line.startswith("intake: keys.toml: others can read it")
    assert server.returncode != 0


# Says when it began, so that the test ends the server in the midst of it.
SLOW_APPLICATION = """
import sys
def app(environ, start_response):
    print("begun", file=sys.stderr, flush=True)
    read = environ["wsgi.input"].read(10)
    start_response("200 OK", [("Content-Length", str(len(read)))])
    return [read]
"""


def test_a_request_that_has_begun_is_finished_when_the_server_is_told_to_stop(deployment):
    (deployment / "wsgi.py").write_text(SLOW_APPLICATION)
    port = _free_port()
    server = _start(deployment, port)
    try:
        _read_until(server, "event=worker_started")
        _read_until(server, "event=worker_started")
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345")
            _read_until(server, "begun")
            server.terminate()
            _read_until(server, "event=server_signalled")
            raw.sendall(b"67890")
            reply = b""
            while part := raw.recv(1000):
                reply += part
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE_S)

    assert reply.startswith(b"HTTP/1.1 200 OK")
    assert reply.endswith(b"1234567890")
    assert server.returncode == 0
