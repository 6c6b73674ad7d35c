"""The database is opened safely or not at all."""

import fcntl
import os
import stat
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import OperationalError

from intake.store import StoreNotReady, StoreUnavailable, engine, schema
from tests.unit.store.given import CLINIC


def attempt(clock):
    return {
        "clinic_id": CLINIC,
        "kind": "log_in",
        "subject": "x",
        "failures": 1,
        "last_at": clock(),
    }


def attempts_counted(store):
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(schema.attempts)).scalar()


def test_a_write_stays(store, clock):
    with store.write() as conn:
        conn.execute(insert(schema.attempts), attempt(clock))
    assert attempts_counted(store) == 1


def test_a_failed_write_leaves_nothing(store, clock):
    def write_and_fail():
        with store.write() as conn:
            conn.execute(insert(schema.attempts), attempt(clock))
            raise LookupError

    with pytest.raises(LookupError):
        write_and_fail()
    assert attempts_counted(store) == 0


def test_reading_writes_nothing(store, clock):
    with store.read() as conn:
        conn.execute(insert(schema.attempts), attempt(clock))
    assert attempts_counted(store) == 0


def test_times_come_back_aware_and_in_utc(store, clock):
    with store.write() as conn:
        conn.execute(insert(schema.attempts), attempt(clock))
    with store.read() as conn:
        stored = conn.execute(select(schema.attempts.c.last_at)).scalar_one()
    assert stored.isoformat() == clock().isoformat() == "2026-03-02T09:30:00+00:00"


def test_a_time_without_a_zone_is_refused(store, clock):
    row = attempt(clock) | {"last_at": clock().replace(tzinfo=None)}
    with pytest.raises(Exception, match="without a zone"), store.write() as conn:
        conn.execute(insert(schema.attempts), row)


def test_errors_hide_the_parameters_of_a_statement(store, clock):
    row = attempt(clock) | {"subject": None, "kind": "canary"}
    with pytest.raises(Exception, match=r"NOT NULL|not-null") as caught, store.write() as conn:
        conn.execute(insert(schema.attempts), row)
    assert "parameters hidden" in str(caught.value)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("trusted_schema", 0),
    ],
)
def test_sqlite_runs_with_safe_settings(sqlite_store, pragma, value):
    with sqlite_store.read() as conn:
        assert conn.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_sqlite_is_new_enough(sqlite_store):
    with sqlite_store.read() as conn:
        version = conn.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


def test_an_old_sqlite_is_refused_in_one_line(monkeypatch, empty_sqlite_url):
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 51, 2))
    monkeypatch.setattr(sqlite, "sqlite_version", "3.51.2")
    with pytest.raises(StoreNotReady, match=r"^SQLite 3\.51\.2 can lose data; .*3\.51\.3.*$"):
        engine.build(empty_sqlite_url)


def test_only_the_owner_reads_the_files(sqlite_store, tmp_path, clock):
    with sqlite_store.write() as conn:
        conn.execute(insert(schema.attempts), attempt(clock))
        files = sorted(tmp_path.iterdir())
        modes = {stat.S_IMODE(file.stat().st_mode) for file in files}
    assert [file.name for file in files] == [
        "intake.sqlite",
        "intake.sqlite-shm",
        "intake.sqlite-wal",
        "intake.sqlite.lock",
    ]
    # The template was made by the engine too and copied with its mode.
    assert modes == {0o600}


def test_a_write_transaction_holds_both_locks_from_its_start(sqlite_store, tmp_path):
    path = tmp_path / "intake.sqlite"
    with sqlite_store.write():
        other = sqlite.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
        assert lock_is_taken(tmp_path)
    assert not lock_is_taken(tmp_path)


def lock_is_taken(folder: Path) -> bool:
    descriptor = os.open(folder / "intake.sqlite.lock", os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_a_reader_does_not_wait_for_a_writer(sqlite_store, clock):
    with sqlite_store.write() as conn:
        conn.execute(insert(schema.attempts), attempt(clock))
        assert attempts_counted(sqlite_store) == 0


def test_a_full_database_is_unavailable_and_keeps_what_it_had(sqlite_store, clock):
    with sqlite_store.write() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    rows = [attempt(clock) | {"subject": f"{number:064}"} for number in range(500)]
    with pytest.raises(StoreUnavailable), sqlite_store.write() as conn:
        conn.execute(insert(schema.attempts), rows)
    assert attempts_counted(sqlite_store) == 0


def test_an_unreachable_server_is_unavailable(open_store):
    store = open_store("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailable), store.read():
        pass


def test_a_connection_that_breaks_off_is_unavailable(store, clock):
    """As a restart does it: in the middle of a transaction, noticed by the next statement."""

    def break_off(conn):
        conn.execute(insert(schema.attempts), attempt(clock))
        conn.invalidate()
        raise OperationalError("", None, Exception(), connection_invalidated=True)

    with pytest.raises(StoreUnavailable), store.write() as conn:
        break_off(conn)
    assert attempts_counted(store) == 0


def test_a_server_that_only_reads_is_unavailable(postgresql_url, open_store, clock):
    store = open_store(f"{postgresql_url}?options=-c%20default_transaction_read_only%3Don")
    assert attempts_counted(store) == 0
    with pytest.raises(StoreUnavailable), store.write() as conn:
        conn.execute(insert(schema.attempts), attempt(clock))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:////nowhere/at/all.sqlite", "cannot be opened"),
        ("mysql://me:canary@db/x", "names mysql"),
        ("not an address canary", "is not a database address"),
    ],
)
def test_an_unusable_address_is_refused_in_one_line(url, says):
    with pytest.raises(StoreNotReady, match=says) as caught:
        engine.build(url)
    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)
