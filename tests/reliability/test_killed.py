"""kill -9 of a worker, and of everything at once, under 8 people who write and send."""

from __future__ import annotations

import os
import signal
import time
from random import Random

import pytest

from tests.reliability.conftest import LONG, Deploy, Tell, often, on_both_engines
from tests.reliability.deployment import Deployment, until
from tests.reliability.stored import faults
from tests.reliability.traffic import Counts, Crowd

DICE = Random(7)  # noqa: S311 - when to strike, no secret
BETWEEN_S = (0.3, 1.0)


def kill_worker(deployment: Deployment) -> None:
    until(lambda: len(deployment.workers()) == 2, "a killed worker is not replaced")
    os.kill(DICE.choice(deployment.workers()), signal.SIGKILL)


def kill_everything(deployment: Deployment) -> None:
    deployment.kill_group()
    until(lambda: deployment.family() == [], "something outlives the server")
    deployment.start()


STRIKES = {"worker": kill_worker, "group": kill_everything}


def struck(deployment: Deployment, whom: str, times: int) -> Counts:
    with deployment.running():
        crowd = Crowd(deployment.address)
        with crowd.busy() as counts:
            until(lambda: counts.acknowledged >= 8, "nobody gets anywhere")
            for _ in range(times):
                time.sleep(DICE.uniform(*BETWEEN_S))
                STRIKES[whom](deployment)
    return counts


@on_both_engines
@pytest.mark.parametrize("whom", STRIKES if LONG else ["group"])
def test_nothing_acknowledged_is_lost(
    deploy: Deploy, engine_name: str, whom: str, tell: Tell
) -> None:
    deployment, times = deploy(engine_name), often(2, 15)
    counts = struck(deployment, whom, times)
    tell({"killed": times} | counts.told())
    assert faults(deployment, counts) == []
    assert counts.broken == 0
    assert counts.acknowledged > times


def test_a_server_that_replies_before_it_commits_is_found_out(deploy: Deploy, tell: Tell) -> None:
    deployment, times = deploy(app="replies_before_it_commits"), often(2, 15)
    counts = struck(deployment, "group", times)
    tell({"killed": times} | counts.told())
    assert counts.lost
