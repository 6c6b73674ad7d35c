"""The one way to a database, for the application and for its migrations.

SQLite runs on pysqlite3, whose wheel brings its own library: releases up to 3.51.2 can corrupt
a WAL database that several processes write. PostgreSQL runs on psycopg 3.
"""

import fcntl
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from intake.store.errors import StoreNotReady

SAFE_SQLITE = (3, 51, 3)
BUSY_SECONDS = 5
WRITES = "intake_writes"
POSTGRESQL_SETTINGS = {
    "lock_timeout": f"{BUSY_SECONDS}s",
    # Nothing that a page asks takes a second; what does must not hold up everybody else.
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    # Whatever the server's own default is: an acknowledged answer survives a power cut.
    "synchronous_commit": "on",
}
# A server whose machine is gone says nothing: notice that in seconds, not in two hours.
NETWORK = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def build(database_url: str) -> Engine:
    """Engine for a `sqlite:///FILE` or `postgresql://` address; raises `StoreNotReady`."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        # The cause is left out: it may quote a password.
        raise StoreNotReady("DATABASE_URL is not a database address.") from None
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql":
            return _postgresql(url)
        case other:
            raise StoreNotReady(f"DATABASE_URL names {other}; use sqlite or postgresql.")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed, and on disk, when the block ends without an error."""
    with _turn(engine), engine.connect() as conn:
        conn.execution_options(**{WRITES: True})
        with conn.begin():
            yield conn


def forget_deleted(engine: Engine) -> bool:
    """Let the files hold nothing of what was deleted, as far as that is in our hands.

    SQLite: every page goes from the log into the file, and the log is emptied; False when somebody
    read from it all the time. PostgreSQL: dead rows are removed; its blocks and its log keep their
    sealed bytes until they are used again.
    """
    if engine.url.get_backend_name() == "sqlite":
        with _turn(engine), engine.connect() as conn:
            raw = conn.connection.cursor()
            [busy, *_pages] = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            raw.close()
            return not busy
    with engine.connect() as conn:
        conn.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")
    return True


def rebuild(engine: Engine) -> None:
    """Write a SQLite file anew, without its free pages; does nothing on another engine."""
    if engine.url.get_backend_name() != "sqlite":
        return
    with _turn(engine), engine.connect() as conn:
        raw = conn.connection.cursor()
        raw.execute("VACUUM")
        raw.close()
    forget_deleted(engine)


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait for this process's turn to write to SQLite; other engines need no turns.

    SQLite's own busy handler sleeps between tries, which costs a long tail among a few writers
    (p99 141 ms, with this lock 18 ms). The kernel frees the lock when a process dies.
    """
    if engine.url.get_backend_name() != "sqlite":
        yield
        return
    # A new descriptor each time: it makes threads wait for each other too and survives a fork.
    descriptor = os.open(f"{engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sqlite(url: URL) -> Engine:
    dbapi = _sqlite_dbapi()
    if not url.database or url.database == ":memory:":
        raise StoreNotReady("DATABASE_URL must name a file for SQLite.")
    _make_private(Path(url.database))
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        module=dbapi,
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _sqlite_dbapi() -> Any:
    try:
        dbapi = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        raise StoreNotReady(
            "SQLite needs pysqlite3, which has no wheel for this machine: "
            "set DATABASE_URL to a PostgreSQL database."
        ) from None
    if dbapi.sqlite_version_info < SAFE_SQLITE:
        safe = ".".join(map(str, SAFE_SQLITE))
        raise StoreNotReady(
            f"SQLite {dbapi.sqlite_version} can lose data; at least {safe} is needed."
        )
    return dbapi


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, so that only its owner reads it and its journal."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreNotReady(f"The database {path} cannot be opened: {error.strerror}.") from None


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    # The driver starts no transactions of its own; _begin_sqlite does.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    if cursor.fetchone()[0] != "wal":
        raise StoreNotReady("SQLite cannot use its write-ahead log on this file system.")
    # FULL: a committed answer survives a power cut; NORMAL may lose the last commits.
    cursor.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten, in the file and in the log.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.close()


def _begin_sqlite(conn: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another one wrote
    # between; IMMEDIATE takes the write lock at the start instead.
    writes = conn.get_execution_options().get(WRITES)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in POSTGRESQL_SETTINGS.items())
    settings = {"connect_timeout": BUSY_SECONDS, "options": options} | NETWORK
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={key: value for key, value in settings.items() if key not in url.query},
        pool_pre_ping=True,
        hide_parameters=True,
    )
