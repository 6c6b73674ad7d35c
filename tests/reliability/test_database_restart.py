"""PostgreSQL is restarted under load: nothing acknowledged is lost, and nothing worse than 503."""

from __future__ import annotations

import time

import pytest

from tests.reliability.cluster import Cluster
from tests.reliability.conftest import LONG, Deploy, Tell, often
from tests.reliability.deployment import Deployment, until
from tests.reliability.stored import faults
from tests.reliability.traffic import Counts, Crowd


def restarted(
    deployment: Deployment, cluster: Cluster, mode: str, times: int, *, writes_nothing: bool = False
) -> Counts:
    with deployment.running():
        crowd = Crowd(deployment.address)
        with crowd.busy() as counts:
            for number in range(1, times + 1):
                if writes_nothing:
                    cluster.freeze_writer()
                wanted = counts.acknowledged + 20
                until(lambda least=wanted: counts.acknowledged > least, f"stuck at {number}")  # type: ignore[misc] # mypy infers no lambda with a default
                cluster.stop(mode)
                # Long enough for everybody to meet it.
                time.sleep(0.5)
                cluster.start()
    return counts


@pytest.mark.parametrize("mode", ["fast", "immediate"] if LONG else ["immediate"])
def test_nothing_acknowledged_is_lost(
    deploy: Deploy, cluster: Cluster, mode: str, tell: Tell
) -> None:
    deployment = deploy("postgresql")
    counts = restarted(deployment, cluster, mode, often(1, 8))
    tell({"restarts": often(1, 8)} | counts.told())
    assert faults(deployment, counts) == []
    assert set(counts.statuses) <= {"200", "303", "503"}
    assert counts.statuses["503"], "nobody met the restart"


def test_a_database_that_commits_later_is_found_out(
    deploy: Deploy, cluster: Cluster, tell: Tell
) -> None:
    deployment = deploy("postgresql")
    deployment.environ["DATABASE_URL"] += "?options=-c%20synchronous_commit%3Doff"
    counts = restarted(deployment, cluster, "immediate", often(1, 4), writes_nothing=True)
    tell({"restarts": often(1, 4)} | counts.told())
    assert counts.lost
