"""The whole server: several workers count as one, ids tie lines together, an end is graceful."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.served import PATIENCE_S, gunicorn, made_instance

TOKEN = "a-token-for-tests-of-30-letters"
CANARY = "Canary-Zebedee"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "log"


@pytest.fixture(scope="module")
def port(log: Path) -> Iterator[int]:
    instance = made_instance(log.with_name("instance"))
    settings = {
        "INTAKE_METRICS_TOKEN": TOKEN,
        "INTAKE_LOG_FORMAT": "json",
        "INTAKE_PROXY_HOPS": "1",
    }
    with gunicorn(instance, log, settings) as port:
        yield port


def _get(port: int, address: str, **headers: str) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request("GET", address, headers={"Host": "localhost"} | headers)
    reply = connection.getresponse()
    reply.body = reply.read()  # type: ignore[attr-defined] # for who asks after the end
    connection.close()
    return reply


def _figures(port: int) -> dict[tuple[str, ...], float]:
    reply = _get(port, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert reply.status == 200
    text = reply.body.decode()  # type: ignore[attr-defined] # put beside it by `_get`
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def _pids(log: Path) -> set[object]:
    return {line["pid"] for line in _lines(log) if line["event"] == "worker_started"}


def test_workers_count_as_one(port: int, log: Path) -> None:
    for _ in range(40):
        # A new connection each: the kernel hands them to whichever worker is free.
        assert _get(port, "/finished").status == 200
    assert len(_pids(log)) == 2
    # Whoever is asked says the same.
    for _ in range(6):
        assert _figures(port)["intake_requests_total", "patient.finished", "2xx"] == 40


def test_the_workers_are_ready(port: int) -> None:
    for _ in range(4):
        reply = _get(port, "/readyz")
        assert (reply.status, reply.body) == (200, b"ready\n")  # type: ignore[attr-defined] # put beside it by `_get`


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("0123456789abcdef0123456789abcdef", True),
        ("7f9c2ba4-e88f-427d-8f11-b4d3a5d8e8f0", True),
        ("short", False),
        ("x" * 37, False),
        (f"{CANARY} 1980", False),
        ("12345678;drop", False),
    ],
)
def test_the_proxys_id_is_taken_if_well_formed(
    port: int, log: Path, given: str, is_taken: bool
) -> None:
    shown = _get(port, "/finished", **{"X-Request-ID": given}).headers["X-Request-ID"]
    assert (shown == given) == is_taken
    assert [line for line in _lines(log) if line.get("request_id") == shown]
    assert CANARY not in log.read_text()


def test_lines_are_json_and_hold_no_address(port: int, log: Path) -> None:
    _get(port, f"/{CANARY}?name={CANARY}", **{"X-A": CANARY})
    text = log.read_text()
    assert CANARY not in text
    found = [line for line in text.splitlines() if not line.startswith("{")]
    # What the person at the terminal reads as it starts.
    assert all(line == "" or line.startswith("  ") for line in found), found


def test_a_restarted_server_leaves_no_counts_behind(tmp_path: Path) -> None:
    memory = Path("/dev/shm")  # noqa: S108 - where the server keeps its counts
    before = set(memory.glob("intake-counts-*"))
    instance = made_instance(tmp_path / "instance")
    with gunicorn(instance, tmp_path / "log", {"INTAKE_METRICS_TOKEN": TOKEN}) as port:
        _figures(port)
        (made,) = _ours(set(memory.glob("intake-counts-*")) - before, tmp_path / "log")
        assert list(made.glob("*.db"))
    assert not made.exists()


def _ours(folders: set[Path], log: Path) -> list[Path]:
    """Other servers may run on this machine: ours has files named by our workers."""
    pids = {
        word.removeprefix("pid=")
        for line in log.read_text().splitlines()
        if "event=worker_started" in line
        for word in line.split()
        if word.startswith("pid=")
    }
    return [
        folder
        for folder in folders
        if any(file.stem.rpartition("_")[2] in pids for file in folder.glob("*.db"))
    ]
