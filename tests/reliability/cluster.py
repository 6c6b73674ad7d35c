"""A PostgreSQL of its own: started, stopped and pulled down by tests, never the shared one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.reliability.deployment import children, command_of, free_port

DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`; None where there is no PostgreSQL server."""
    newest = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    folders = [*reversed(newest), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((each for each in folders if (each / "initdb").exists()), None)


class Cluster:
    """A server on a free port, with its data in a new folder; it syncs as a real one does."""

    def __init__(self, *, listen: str = "127.0.0.1") -> None:
        found = programs()
        assert found is not None
        self._programs = found
        self.folder = Path(tempfile.mkdtemp(prefix="intake-postgresql-"))
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {self.port}\nlisten_addresses = '{listen}'\n"
                f"unix_socket_directories = '{self.folder}'\nmax_connections = 60\n"
            )

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *words: str | Path) -> None:
        command = [str(self._programs / program), *map(str, words)]
        if os.geteuid() == 0:
            # It refuses to run as root.
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "-D", self._data, "-l", self.folder / "log", "-w", *words)

    def start(self) -> None:
        self._control("start")

    def stop(self, mode: str) -> None:
        """By "fast" it says good-bye; by "immediate" it is gone as in a crash."""
        self._control("stop", "-m", mode)

    def restart(self, mode: str) -> None:
        self._control("restart", "-m", mode)

    def remove(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def new_database(self, *, tablespace: str = "pg_default", host: str = "127.0.0.1") -> str:
        """The address of a new, empty database."""
        name = f"intake_{uuid4().hex}"
        self.administer(f"CREATE DATABASE {name} TABLESPACE {tablespace}")
        return f"postgresql+psycopg://postgres@{host}:{self.port}/{name}"

    def drop(self, database_url: str) -> None:
        self.administer(f"DROP DATABASE {name_of(database_url)} WITH (FORCE)")

    def set_for(self, database_url: str, setting: str, value: str) -> None:
        """Set something for a database, and end its connections so that it holds at once."""
        self.administer(f"ALTER DATABASE {name_of(database_url)} SET {setting} = {value}")
        self.administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            name_of(database_url),
        )

    def allow(self, network: str) -> None:
        """Let hosts of a network in, from the next start on."""
        with (self._data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {network} trust\n")

    def administer(self, statement: str, *values: str) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as conn:
            conn.execute(statement, values or None)

    def freeze_writer(self) -> None:
        """Stop what writes commits to the disk for those who do not wait for it."""
        first = self.committers()[0]
        (writer,) = [pid for pid in children(first) if "walwriter" in command_of(pid)]
        os.kill(writer, signal.SIGSTOP)

    def committers(self) -> list[int]:
        """The processes that serve connections, and the one that starts more of them."""
        first = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        serving = [pid for pid in children(first) if "127.0.0.1" in command_of(pid)]
        return [first, *serving]


def name_of(database_url: str) -> str:
    return database_url.rpartition("/")[2].partition("?")[0]
