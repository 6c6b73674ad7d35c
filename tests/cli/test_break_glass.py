"""`flask intake break-glass`."""

from __future__ import annotations

from intake.store import staff
from tests.cli.conftest import Instance

WHY = ["--reason", "The only doctor is ill"]


def test_it_is_given_and_ended_by_command(instance: Instance) -> None:
    store = instance.store
    desk = staff.create(store, 1, "fay", "Fay", "front_desk", by="system")
    assert "say why" in instance.refused("break-glass", "fay")
    assert "no log-in" in instance.refused("break-glass", "nobody", *WHY)
    instance.refused("break-glass", "fay", *WHY, "--hours", "5")
    assert "fay is a doctor until" in instance.done("break-glass", "fay", *WHY)
    found = staff.get(store, 1, desk.id)
    assert found is not None
    assert found.role == "doctor"
    assert "not prolonged" in instance.refused("break-glass", "fay", *WHY)
    assert instance.done("break-glass", "fay", "--end") == "Ended.\n"
    assert staff.get(store, 1, desk.id) == desk
    assert instance.done("break-glass", "fay", "--end") == "There was none.\n"
    assert "alder-lane: whole" in instance.done("verify-audit")
