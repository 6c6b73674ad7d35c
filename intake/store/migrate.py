"""Bringing the tables to the revision that this code needs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from intake.store import engine as engines

if TYPE_CHECKING:
    from intake.config import Settings

SCRIPTS = Path(__file__).parent / "migrations"
# Any constant number: whoever migrates the same PostgreSQL database waits for it.
POSTGRESQL_LOCK = 7_316_114_203


def upgrade(settings: "Settings", revision: str = "head") -> None:
    """Migrate up, in one transaction; does nothing when the tables are up to date.

    SQLite alters tables by copying them: afterwards the file is written anew without the copies,
    and without what programs before 0005 deleted and left lying.
    """
    before = _revision(settings.database_url)
    _run(settings.database_url, lambda config: command.upgrade(config, revision))
    if before not in {None, _revision(settings.database_url)}:
        engine = engines.build(settings.database_url)
        engines.rebuild(engine)
        engine.dispose()


def _revision(database_url: str) -> str | None:
    engine = engines.build(database_url)
    try:
        with engine.connect() as conn:
            return MigrationContext.configure(conn).get_current_revision()
    finally:
        engine.dispose()


def downgrade(settings: "Settings", revision: str) -> None:
    """Migrate down to a revision; "base" drops every table and all that is in them."""
    _run(settings.database_url, lambda config: command.downgrade(config, revision))


def revisions() -> set[str]:
    """Every revision that this program can bring a database to."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def upgrade_on(conn: Connection, revision: str) -> None:
    """As `upgrade`, as part of an open write transaction."""
    _wait_for_others(conn)
    command.upgrade(_config(conn), revision)


def clear(database_url: str) -> None:
    """Drop every table of a database, and the note of its revision."""
    engine = engines.build(database_url)
    try:
        with engines.writing(engine) as conn:
            command.downgrade(_config(conn), "base")
            conn.execute(text("DROP TABLE alembic_version"))
    finally:
        engine.dispose()


def _run(database_url: str, migrate: Callable[[Config], None]) -> None:
    engine = engines.build(database_url)
    try:
        with engines.writing(engine) as conn:
            _wait_for_others(conn)
            migrate(_config(conn))
    finally:
        engine.dispose()


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def _wait_for_others(conn: Connection) -> None:
    if conn.dialect.name == "postgresql":
        # Another one who migrates may take long, and so may a table that is changed; but who
        # waits for a table keeps all others from it.
        conn.execute(text("SET LOCAL statement_timeout = 0"))
        conn.execute(text("SET LOCAL lock_timeout = 0"))
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRESQL_LOCK})
        conn.execute(text(f"SET LOCAL lock_timeout = '{engines.BUSY_SECONDS}s'"))
