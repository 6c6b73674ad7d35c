"""A whole application on a database of its own, with a clock that tests set."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.logs import configure_logs
from intake.store import migrate
from tests import one_clinic

MONDAY = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)


class Clock:
    """The time, which only tests move."""

    def __init__(self) -> None:
        self.time = MONDAY

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture(scope="session")
def made_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    return folder


@pytest.fixture
def instance(made_instance: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_instance, tmp_path / "instance"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once a run, not once a test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(instance: Path, clock: Clock, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    app = create_app(instance, environ={}, clock=clock)
    app.jinja_env.bytecode_cache = compiled
    one_clinic.watch(app.extensions["store"].engine)
    yield app
    app.extensions["store"].engine.dispose()


@pytest.fixture
def logs(app: Flask) -> StringIO:
    stream = StringIO()
    configure_logs(stream)
    return stream


@pytest.fixture
def two_clinics(instance: Path, clock: Clock) -> Iterator[Flask]:
    """Alder Lane, and Birch Road under /c/birch-road."""
    first = (instance / "clinics" / "alder-lane.toml").read_text()
    second = first.replace("id = 1 ", "id = 2 ").replace("Alder Lane Spasticity", "Birch Road")
    second = second.replace("Alder Lane Clinic", "Birch Clinic")
    (instance / "clinics" / "birch-road.toml").write_text(second)
    app = create_app(instance, environ={}, clock=clock)
    one_clinic.watch(app.extensions["store"].engine)
    yield app
    app.extensions["store"].engine.dispose()
