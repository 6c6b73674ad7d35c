"""What is acknowledged is on the disk first, as the kernel saw it."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.reliability.cluster import Cluster
from tests.reliability.conftest import Deploy, Tell, needs, often
from tests.reliability.deployment import Deployment, until
from tests.reliability.traffic import Counts, Person

SYNC = re.compile(r"\bf(?:data)?sync\([0-9]+<[^>]*(?:-wal|/pg_wal/[^>]*)>")
REPLY = re.compile(r'"HTTP/1\.1 ([0-9]{3})')


@contextmanager
def traced(pids: Sequence[int], into: Path) -> Iterator[None]:
    """Every sync and every reply of some processes, in the order of the kernel."""
    words = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync,sendto,sendmsg", "-o", str(into)]
    for pid in pids:
        words += ["-p", str(pid)]
    tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    for _ in pids:
        line = tracer.stderr.readline()
        while "attached" not in line:
            assert line, "strace could not attach"
            line = tracer.stderr.readline()
    try:
        yield
    finally:
        time.sleep(0.2)
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()


def replies(trace: Path) -> Counter[str]:
    """How many acknowledgements came after a sync, and how many without one."""
    counted: Counter[str] = Counter()
    is_synced = False
    for line in trace.read_text().splitlines():
        is_synced = is_synced or bool(SYNC.search(line))
        status = REPLY.search(line)
        if status and status[1] == "303":
            counted["synced" if is_synced else "not synced"] += 1
        if status:
            is_synced = False
    return counted


def acknowledged(
    deployment: Deployment, trace: Path, others: Callable[[], list[int]] = list
) -> Counter[str]:
    counts = Counts()
    with deployment.running():
        person = Person(deployment.address, counts, "Ana")
        until(person.step, "nobody gets in")
        with traced([*deployment.workers(), *others()], trace):
            for _ in range(often(5, 40)):
                assert person.step(), counts.statuses
    return replies(trace)


@pytest.mark.parametrize("app", ["sound", "never_syncs"])
def test_sqlite_syncs_before_the_reply(
    deploy: Deploy, tmp_path: Path, tell: Tell, app: str
) -> None:
    needs("strace")
    counted = acknowledged(deploy(app=app), tmp_path / "trace")
    tell(dict(counted))
    assert counted["synced" if app == "sound" else "not synced"] >= often(5, 40)
    assert not (app == "sound" and counted["not synced"])


@pytest.mark.parametrize("waits", [True, False], ids=["as it is", "control: does not wait"])
def test_postgresql_syncs_before_the_reply(
    deploy: Deploy, cluster: Cluster, tmp_path: Path, tell: Tell, waits: bool
) -> None:
    needs("strace")
    deployment = deploy(database_url=cluster.new_database())
    if not waits:
        deployment.environ["DATABASE_URL"] += "?options=-c%20synchronous_commit%3Doff"
    # With the server's first process also those that it starts for new connections.
    counted = acknowledged(deployment, tmp_path / "trace", cluster.committers)
    tell(dict(counted))
    if not waits:
        assert counted["not synced"]
        return
    assert counted["synced"] >= often(5, 40)
    assert not counted["not synced"]
