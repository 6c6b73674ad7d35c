"""Every row of every table as lines of JSON, and back: the inside of a backup.

Lines and not a copy of the database's own files: what was deleted is not carried along, the
figure that proves a table is the same on both engines, and a backup of one engine fills the other.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    MetaData,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from intake.store import engine as engines
from intake.store import migrate, schema
from intake.store.errors import BackupRefused
from intake.store.store import Store

ROWS = 500
"""As many rows stand in one part, which is read and written in one piece."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many rows a table has, and the SHA-256 (hex) of its lines in the order of its key."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table, a line each."""

    table: str
    lines: bytes
    rows: int


def columns() -> dict[str, list[str]]:
    """The tables in an order in which they can be filled, each with its columns."""
    return {table.name: [each.name for each in table.c] for table in schema.metadata.sorted_tables}


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """A connection that sees one moment of the whole database, while others go on writing."""
    with store.read() as conn:
        if conn.dialect.name == "postgresql":
            conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # SQLite's write-ahead log keeps what its first reading saw until the transaction ends.
        conn.execute(text("SELECT 1 FROM alembic_version"))
        yield conn


def parts(conn: Connection, table: Table, names: Iterable[str]) -> Iterator[Part]:
    """The rows of a table with these columns, part by part, in the order of its key."""
    chosen = [table.c[name] for name in names]
    statement = select(*chosen).order_by(*_order(conn, table))
    with conn.execute(statement.execution_options(yield_per=ROWS)) as rows:
        for some in rows.partitions(ROWS):
            yield Part(table.name, b"".join(map(_line, some)), len(some))


class Count:
    """The figure of a table while its parts pass by."""

    def __init__(self) -> None:
        self._rows, self._digest = 0, hashlib.sha256()

    def add(self, part: Part) -> None:
        """Count a part; they come in order."""
        self._rows += part.rows
        self._digest.update(part.lines)

    @property
    def figure(self) -> Figure:
        """What it comes to so far."""
        return Figure(self._rows, self._digest.hexdigest())


def figure(parts_of_table: Iterable[Part]) -> Figure:
    """The figure of a table, of all its parts."""
    count = Count()
    for part in parts_of_table:
        count.add(part)
    return count.figure


class Filling:
    """An empty database that is filled in one transaction: all of it stays, or nothing."""

    def __init__(self, conn: Connection, named: dict[str, list[str]]) -> None:
        found = MetaData()
        found.reflect(conn, only=lambda name, _: name in named)
        if set(named) != set(found.tables):
            raise BackupRefused("The backup holds tables that this program does not know.")
        self._conn = conn
        self._named = named
        self._tables = {name: _as_read(found.tables[name]) for name in named}
        if any(set(named[name]) != set(table.c.keys()) for name, table in self._tables.items()):
            raise BackupRefused("The backup holds columns that this program does not know.")

    def add(self, table: str, lines: bytes) -> None:
        """Insert the rows of a part."""
        names = self._named[table]
        rows = [dict(zip(names, _values(line), strict=True)) for line in lines.splitlines()]
        self._conn.execute(insert(self._tables[table]), rows)

    def figures(self) -> dict[str, Figure]:
        """What the tables hold now, as read back."""
        return {
            name: figure(parts(self._conn, self._tables[name], names))
            for name, names in self._named.items()
        }

    def go_on_counting(self) -> None:
        """Let PostgreSQL number the next audit event after those that were filled in."""
        if self._conn.dialect.name != "postgresql":
            return
        events = self._tables["audit_events"]
        last = self._conn.execute(select(func.max(events.c.id))).scalar()
        if last is not None:
            sequence = func.pg_get_serial_sequence("audit_events", "id")
            self._conn.execute(select(func.setval(sequence, last)))


@contextmanager
def filling(database_url: str, revision: str, named: dict[str, list[str]]) -> Iterator[Filling]:
    """Fill a database as it was at this revision; then it is brought up to date.

    Raises `BackupRefused`, and changes nothing, when there are tables already or when the block
    raises.
    """
    engine = engines.build(database_url)
    try:
        with engines.writing(engine) as conn:
            if inspect(conn).get_table_names():
                raise BackupRefused("The database is not empty: a backup goes into an empty one.")
            _make_tables(conn, revision)
            made = Filling(conn, named)
            yield made
            made.go_on_counting()
            migrate.upgrade_on(conn, "head")
    finally:
        engine.dispose()


def _make_tables(conn: Connection, revision: str) -> None:
    if revision not in migrate.revisions():
        raise BackupRefused(f"The backup is of revision {revision[:12]!r}, not known here.")
    migrate.upgrade_on(conn, revision)


def _as_read(table: Table) -> Table:
    for column in table.c:
        if isinstance(column.type, DateTime):
            column.type = schema.UtcDateTime()
    return table


def _order(conn: Connection, table: Table) -> list[ColumnElement[Any]]:
    """By bytes on both engines: a language's own order differs from machine to machine."""
    is_postgresql = conn.dialect.name == "postgresql"
    return [
        column.collate("C") if is_postgresql and isinstance(column.type, String) else column
        for column in table.primary_key.columns
    ]


def _line(row: Sequence[Any]) -> bytes:
    told = json.dumps([_told(value) for value in row], ensure_ascii=False, separators=(",", ":"))
    return told.encode() + b"\n"


def _told(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return value


def _values(line: bytes) -> list[Any]:
    return [_meant(value) for value in json.loads(line)]


def _meant(value: Any) -> Any:
    match value:
        case {"b": str(told)}:
            return base64.b64decode(told, validate=True)
        case {"t": str(told)}:
            return datetime.fromisoformat(told)
        case {"d": str(told)}:
            return date.fromisoformat(told)
    return value
