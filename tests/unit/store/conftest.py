"""A migrated, empty database for each test, on both engines, and a clock that stands still.

PostgreSQL is the server at INTAKE_TEST_POSTGRESQL; every run makes databases of its own there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url, text

from intake.config import Keys
from intake.store import Store, engine, migrate, schema
from tests import one_clinic
from tests.unit.store.given import Clock, make_keys, settings_for

POSTGRESQL = os.environ.get(
    "INTAKE_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1/test"
)


def _administer(statement: str) -> None:
    address = make_url(POSTGRESQL).set(drivername="postgresql")
    url = address.render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True, connect_timeout=3) as conn:
        conn.execute(statement)


def _new_postgresql(template: str = "") -> str:
    """An empty database, or a copy of the one at this address, which nobody may have open."""
    name = f"intake_{uuid4().hex}"
    like = f" TEMPLATE {make_url(template).database}" if template else ""
    _administer(f"CREATE DATABASE {name}{like}")
    return make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)


def _empty_postgresql(database_url: str) -> None:
    """Delete all rows, those that may never be deleted too: as their tables' owner may."""
    emptied = engine.build(database_url)
    with emptied.begin() as conn:
        for table in reversed(schema.metadata.sorted_tables):
            conn.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
            conn.execute(table.delete())
            conn.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE TRIGGER USER")
        restored = text("UPDATE alembic_version SET version_num = :revision")
        conn.execute(restored, {"revision": schema.REVISION})
    emptied.dispose()


def _drop_postgresql(database_url: str) -> None:
    _administer(f"DROP DATABASE {make_url(database_url).database} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgresql() -> None:
    try:
        _administer("SELECT 1")
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL for tests: {str(error).splitlines()[0]}")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "intake.sqlite"
    migrate.upgrade(settings_for(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: None) -> Iterator[str]:
    url = _new_postgresql()
    migrate.upgrade(settings_for(url))
    yield url
    _drop_postgresql(url)


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "intake.sqlite"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(migrated_postgresql: str) -> Iterator[str]:
    yield migrated_postgresql
    _empty_postgresql(migrated_postgresql)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'intake.sqlite'}"


@pytest.fixture
def empty_postgresql_url(postgresql: None) -> Iterator[str]:
    url = _new_postgresql()
    yield url
    _drop_postgresql(url)


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database without rows, on each engine."""
    return cast(str, request.getfixturevalue(request.param))


@pytest.fixture(params=["empty_sqlite_url", "empty_postgresql_url"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database without tables, on each engine."""
    return cast(str, request.getfixturevalue(request.param))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_store(clock: Clock) -> Iterator[Callable[..., Store]]:
    """Open a store on an address, by default with the one key `k1`."""
    opened: list[Store] = []

    def open_it(database_url: str, keys: Keys | None = None) -> Store:
        store = Store(engine.build(database_url), keys or make_keys(), clock)
        one_clinic.watch(store.engine)
        opened.append(store)
        return store

    yield open_it
    for store in opened:
        store.engine.dispose()


@pytest.fixture
def store(database_url: str, open_store: Callable[..., Store]) -> Store:
    opened = open_store(database_url)
    opened.check()
    return opened


@pytest.fixture
def sqlite_store(sqlite_url: str, open_store: Callable[..., Store]) -> Store:
    opened = open_store(sqlite_url)
    opened.check()
    return opened
