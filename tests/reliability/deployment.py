"""A whole installation in a folder of its own, served by the real gunicorn, to be broken."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from intake import utc_now
from intake.config import load_keys, load_settings, make_keys, write_sample_clinic
from intake.store import Store, engine, migrate
from tests.reliability.traffic import Browser, NoReply

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 90
CLINIC = 1


class Deployment:
    """Keys, a clinic, a database and a server; `app` names the application in `apps.py`."""

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str = "",
        app: str = "sound",
        environ: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        address: tuple[str, int] | None = None,
        host: str = "",
    ) -> None:
        self.folder = folder
        self.address = address or ("127.0.0.1", free_port())
        self.host = host
        """The site's name, as requests carry it."""
        self.code = ROOT
        """The folder whose program is served."""
        self.environ = {"DATABASE_URL": database_url} | dict(environ or {})
        self.before = list(before)
        """A command that becomes the server, such as `setpriv`."""
        self.database_url = database_url
        self._server: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "gunicorn.conf.py", folder)
        self.choose(app)
        if not self.instance.exists():
            make_keys(self.instance)
            write_sample_clinic(self.instance)
            self.migrate()

    @property
    def instance(self) -> Path:
        return self.folder / "instance"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def pid(self) -> int:
        """The process that starts workers."""
        assert self._server is not None
        return self._server.pid

    def choose(self, app: str) -> None:
        """Serve another application of `apps.py` from the next start on."""
        (self.folder / "wsgi.py").write_text(
            "from pathlib import Path\n"
            f"from tests.reliability.apps import {app}\n"
            f"app = {app}(Path(__file__).parent / 'instance')\n"
        )

    def migrate(self) -> None:
        migrate.upgrade(load_settings(self.instance, {"DATABASE_URL": self.database_url}))

    def start(self) -> None:
        """Start the server in a process group of its own, and wait until it serves."""
        environ = {name: value for name, value in os.environ.items() if "INTAKE" not in name}
        environ |= {
            "PYTHONPATH": f"{self.code}{os.pathsep}{ROOT}",
            "INTAKE_HOST": self.address[0],
            "INTAKE_PORT": str(self.address[1]),
        } | self.environ
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [*self.before, sys.executable, "-m", "gunicorn", "wsgi:app"],
                cwd=self.folder,
                env=environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self.answers, f"the server does not start: {self.log}")
        # A worker that is told to stop while it starts does not hear it.
        until(lambda: len(self.workers()) == 2, "the workers do not start")

    def answers(self) -> bool:
        """Whether a page comes."""
        assert self._server is not None
        assert self._server.poll() is None, f"the server ended: {self.log.read_text()[-2000:]}"
        try:
            return Browser(self.address, host=self.host).get("/accessibility").status == 200
        except NoReply:
            return False

    def workers(self) -> list[int]:
        """The processes that serve."""
        return [each for each in children(self.pid) if "gunicorn" in command_of(each)]

    def family(self) -> list[int]:
        """Every living process of the server's group, those that draw too."""
        return [each for each in processes() if group_of(each) == self.pid and command_of(each)]

    def kill_group(self) -> None:
        """SIGKILL for the server, its workers and what draws, all at once."""
        os.killpg(self.pid, signal.SIGKILL)
        assert self._server is not None
        self._server.wait()

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """End it; its exit code. Does nothing for one that is down."""
        if self._server is None:
            return 0
        if self._server.poll() is None:
            os.kill(self.pid, with_signal)
        code = self._server.wait(PATIENCE_S)
        for left in self.family():
            os.kill(left, signal.SIGKILL)
        return code

    @contextmanager
    def running(self) -> Iterator[Deployment]:
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @contextmanager
    def store(self) -> Iterator[Store]:
        """What is in the database, seen from beside the server."""
        settings = load_settings(self.instance, {"DATABASE_URL": self.database_url})
        opened = Store(engine.build(settings.database_url), load_keys(self.instance), utc_now)
        try:
            yield opened
        finally:
            opened.engine.dispose()


def until(holds: Callable[[], bool], why: str, seconds: float = PATIENCE_S) -> None:
    """Wait until something holds; an AssertionError says why it did not."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, why
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- Processes -----------------------------------------------------------------------------------


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(each) for each in text.split()]


def command_of(pid: int) -> str:
    """What a process was called with; "" for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def private_kb(pid: int) -> int:
    """Memory of a process that it shares with nobody, in kB; 0 for one that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(kb) for kb in re.findall(r"^Private_\w+:\s+([0-9]+) kB", text, re.M))


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
