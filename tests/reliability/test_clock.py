"""The machine's clock is a year ahead, or a year behind, while the server runs."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from intake import utc_now
from tests.reliability.conftest import Deploy, Tell
from tests.reliability.deployment import Deployment, until
from tests.reliability.stored import faults
from tests.reliability.traffic import REASON, Browser, Counts, Person


def set_clock(deployment: Deployment, days: int) -> None:
    (deployment.folder / "clock").write_text(str(days))
    until(lambda: abs(days_off(deployment) - days) <= 2, "the server's clock does not move")


def days_off(deployment: Deployment) -> int:
    told = Browser(deployment.address).get("/accessibility").headers["Date"]
    return (parsedate_to_datetime(told) - utc_now()).days


def test_a_year_ahead_and_a_year_behind(deploy: Deploy, engine_name: str, tell: Tell) -> None:
    deployment, counts = deploy(engine_name, app="follows_a_clock"), Counts()
    (deployment.folder / "clock").write_text("0")
    with deployment.running():
        left_open = Person(deployment.address, counts, "left open")
        assert left_open.step()
        for days in (365, -365, 0):
            set_clock(deployment, days)
            # The form from before: still there, or over and said so; never an error.
            for path in ("/", REASON, "/form/check", "/return"):
                counts.note(str(left_open.browser.get(path).status))
            person = Person(deployment.address, counts, f"at {days}")
            for act in (person.step, person.step, person.send):
                assert act(), counts.statuses
    tell(counts.told())
    assert len(counts.sent) == 3
    assert not {status for status in counts.statuses if status >= "4"}
    assert faults(deployment, counts) == []
