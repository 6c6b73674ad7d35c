"""Runs that break things on purpose and count what is left.

`make reliability` runs all of each; `make test` runs a short form. Each run prints what it counted
and has a negative control: the same run against something broken, which must be noticed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.cluster import Cluster, programs
from tests.reliability.deployment import Deployment

LONG = os.environ.get("INTAKE_TEST_RELIABILITY") == "full"
ENGINES = ("sqlite", "postgresql")

on_both_engines = pytest.mark.parametrize("engine_name", ENGINES, indirect=True)

Deploy = Callable[..., Deployment]
Tell = Callable[[Mapping[str, object]], None]


def often(short: int, long: int) -> int:
    """How often something is done: in `make test`, and in `make reliability`."""
    return long if LONG else short


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "reliability" in Path(item.fspath).parts:
            # One after the other: each wants the machine for itself.
            item.add_marker(pytest.mark.xdist_group("reliability"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if programs() is None:
        pytest.skip("no initdb and pg_ctl: install a PostgreSQL server")
    made = Cluster()
    made.start()
    yield made
    made.remove()


# The short form is on the engine of one clinic, unless a run asks for both.
@pytest.fixture(params=ENGINES if LONG else ENGINES[:1])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """The address of an empty database on an engine; "" for SQLite, which lies in `instance`."""

    def make(engine: str) -> str:
        if engine == "sqlite":
            return ""
        return str(request.getfixturevalue("cluster").new_database())

    return make


@pytest.fixture
def deploy(fresh_url: Callable[[str], str], tmp_path: Path) -> Iterator[Deploy]:
    """Make an installation; it is stopped at the end whatever happened to it."""
    made: list[Deployment] = []

    def make(engine: str = "sqlite", **more: Any) -> Deployment:
        more.setdefault("database_url", fresh_url(engine))
        made.append(Deployment(tmp_path / f"site{len(made)}", **more))
        return made[-1]

    yield make
    for each in made:
        each.stop(9)


def needs(*programs: str) -> None:
    """Leave a test out where the machine lacks something; in CI that fails."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"no {program} here; install it")


def needs_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may mount and make networks")


# --- The counts ----------------------------------------------------------------------------------


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Have the counts of a run printed at the end."""

    def note(counts: Mapping[str, object]) -> None:
        record_property("counts", ", ".join(f"{name} {value}" for name, value in counts.items()))

    return note


def pytest_terminal_summary(terminalreporter: Any) -> None:
    lines = [
        f"{_name(report.nodeid)}: {value}"
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, value in report.user_properties
        if name == "counts"
    ]
    if lines and LONG:
        terminalreporter.section("what was counted")
        for line in lines:
            terminalreporter.write_line(line)


def _name(nodeid: str) -> str:
    return nodeid.rpartition("/")[2].replace(".py::test", "").removeprefix("test_")
