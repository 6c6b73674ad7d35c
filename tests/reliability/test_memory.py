"""Memory of the workers stays flat over thousands of requests and many PDFs."""

from __future__ import annotations

import pytest

from tests.reliability.conftest import Deploy, Tell, often
from tests.reliability.deployment import Deployment, private_kb, until
from tests.reliability.stored import count
from tests.reliability.traffic import Crowd

MAY_GROW = 1.20


def memory_kb(deployment: Deployment) -> int:
    """What all processes of the server hold: those that serve and those that draw."""
    return sum(private_kb(pid) for pid in deployment.family())


def used(deployment: Deployment, crowd: Crowd, requests: int, pdfs: int) -> None:
    """Let the crowd work until so many requests were answered and so many PDFs drawn."""
    answered = crowd.counts.statuses.total() + requests
    drawn = count(deployment, "renderings") + pdfs
    until(lambda: crowd.counts.statuses.total() >= answered, "too few requests", 600)
    until(lambda: count(deployment, "renderings") >= drawn, "too few PDFs", 600)


def growth(deployment: Deployment, requests: int, pdfs: int) -> dict[str, int]:
    with deployment.running():
        crowd = Crowd(deployment.address, 4)
        with crowd.busy() as counts:
            # Warm: every worker has drawn, and every template is compiled.
            used(deployment, crowd, requests=often(200, 600), pdfs=6)
            before, was = memory_kb(deployment), counts.statuses.total()
            used(deployment, crowd, requests, pdfs)
            after, now = memory_kb(deployment), counts.statuses.total()
    assert counts.broken == 0
    return {
        "requests": now - was,
        "PDFs in all": count(deployment, "renderings"),
        "before kB": before,
        "after kB": after,
    }


@pytest.mark.parametrize("app", ["sound", "leaks"])
def test_it_stays_flat(deploy: Deploy, tell: Tell, app: str) -> None:
    seen = growth(deploy(app=app), often(400, 3000), often(4, 50))
    tell(dict(seen))
    is_flat = seen["after kB"] < seen["before kB"] * MAY_GROW
    assert is_flat == (app == "sound")
