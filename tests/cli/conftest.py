"""Commands as a person types them, on instance folders over both engines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from intake import config, web
from intake.store import Store, engine
from tests.unit.store.conftest import _drop_postgresql, _new_postgresql, postgresql

__all__ = ["postgresql"]


def now() -> datetime:
    return datetime.now(UTC)


class Instance:
    """A deployment to type commands at, with an environment of its own."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.environ = environ
        app = web.bare_app(folder)
        web.add_commands(app)
        self.runner = app.test_cli_runner()
        self._stores: list[Store] = []

    def __call__(self, *words: object, **environ: str) -> Result:
        args = ["intake", *map(str, words)]
        result = self.runner.invoke(args=args, env=self.environ | environ)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def done(self, *words: object, **environ: str) -> str:
        """What a command says that has to succeed."""
        result = self(*words, **environ)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *words: object, code: int = 2, **environ: str) -> str:
        """What a command says that has to fail."""
        result = self(*words, **environ)
        assert result.exit_code == code, result.output
        return result.output

    @property
    def store(self) -> Store:
        """The deployment's store as it is now; closed with the test."""
        settings = config.load_settings(self.folder, self.environ)
        opened = Store(engine.build(settings.database_url), config.load_keys(self.folder), now)
        self._stores.append(opened)
        return opened

    def close(self) -> None:
        for opened in self._stores:
            opened.engine.dispose()


def databases(request: Any) -> Iterator[str]:
    """The address of a new database; "" for the file in the instance folder."""
    if request.param == "sqlite":
        yield ""
        return
    request.getfixturevalue("postgresql")
    url = _new_postgresql()
    yield url
    _drop_postgresql(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from databases(request)


@pytest.fixture
def instance(tmp_path: Path, database: str) -> Iterator[Instance]:
    """A fresh deployment on each engine."""
    run = Instance(tmp_path / "instance", DATABASE_URL=database)
    run.done("init")
    yield run
    run.close()


@pytest.fixture(scope="session")
def seen_patients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment with the synthetic patients, to copy: each test has its own."""
    run = Instance(tmp_path_factory.mktemp("seen") / "instance")
    run.done("init")
    run.done("demo")
    return run.folder


@pytest.fixture(scope="session")
def seen_patients_postgresql(seen_patients: Path, postgresql: None) -> Iterator[str]:
    """The same in PostgreSQL."""
    url = _new_postgresql()
    run = Instance(seen_patients, DATABASE_URL=url)
    run.done("init")
    run.done("demo")
    yield url
    _drop_postgresql(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def patients(
    request: pytest.FixtureRequest, seen_patients: Path, tmp_path: Path
) -> Iterator[Instance]:
    """A deployment on each engine with the synthetic patients."""
    folder = tmp_path / "instance"
    shutil.copytree(seen_patients, folder)
    if request.param == "sqlite":
        run = Instance(folder, DATABASE_URL="")
        yield run
        run.close()
        return
    url = _new_postgresql(template=request.getfixturevalue("seen_patients_postgresql"))
    (folder / config.DATABASE_FILE).unlink()
    run = Instance(folder, DATABASE_URL=url)
    yield run
    run.close()
    _drop_postgresql(url)
