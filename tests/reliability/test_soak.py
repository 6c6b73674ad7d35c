"""Minutes of steady use: no error, nothing lost, and no file that stays open."""

from __future__ import annotations

import time

from tests.reliability.conftest import LONG, Deploy, Tell
from tests.reliability.deployment import open_files, private_kb
from tests.reliability.stored import faults
from tests.reliability.traffic import Crowd

SECONDS = 240 if LONG else 4
PEOPLE = 8
PAUSE_S = PEOPLE * 2 / 50
"""Between two steps of a person, each two requests: 50 requests a second of all."""
MORE_FILES = 30


def test_minutes_of_use(deploy: Deploy, engine_name: str, tell: Tell) -> None:
    deployment = deploy(engine_name)
    with deployment.running():
        crowd = Crowd(deployment.address, PEOPLE, pause=PAUSE_S)
        with crowd.busy() as counts:
            time.sleep(SECONDS / 4)
            workers = deployment.workers()
            files, memory = [open_files(pid) for pid in workers], list(map(private_kb, workers))
            time.sleep(SECONDS * 3 / 4)
            more_files = [open_files(pid) for pid in workers]
            more_memory = list(map(private_kb, workers))
    told = {
        "seconds": SECONDS,
        "files": f"{files} -> {more_files}",
        "kB": f"{memory} -> {more_memory}",
    }
    tell(told | counts.told())
    assert faults(deployment, counts) == []
    assert set(counts.statuses) <= {"200", "303"}
    assert all(now <= was + MORE_FILES for was, now in zip(files, more_files, strict=True))
