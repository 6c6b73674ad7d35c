"""Draws PDFs in a process of its own, which is killed when a document takes too much.

One process draws many documents, because loading fonts and styles takes longer than drawing.
This module stays free of WeasyPrint, so that a web worker does not carry it.
"""

import atexit
import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any

from intake.report.record import RecordView

ROOT = Path(__file__).resolve().parents[2]

WALL_SECONDS = 30.0
START_SECONDS = 60.0
"""Loading fonts and styles on a cold machine; not counted against a document."""
CPU_SECONDS = 20
SLOW_WALL_SECONDS, SLOW_CPU_SECONDS = 240.0, 120
"""The form on paper has some 90 pages."""
MEMORY_BYTES = 1 << 30
RENEWED_AFTER = 200
"""Documents until the process is replaced, so that nothing can pile up in it."""

LENGTH = struct.Struct(">Q")
DRAWN, FAILED = b"+", b"-"
SUMMARY, OWN_COPY, PAPER_FORM = "summary", "own_copy", "paper_form"
PROOF = "proof"
"""What can be drawn: the doctor's summary of a sealed document, the patient's own copy, the blank
form on paper.
"""

_PROOF = json.dumps({"what": PROOF}).encode()
_KEPT_ENVIRONMENT = (
    "PATH HOME LANG LC_ALL XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_DIRS FONTCONFIG_FILE "
    "FONTCONFIG_PATH DYLD_FALLBACK_LIBRARY_PATH LD_LIBRARY_PATH"
).split()
"""No secret of the web worker's environment reaches the process that draws."""


class RenderFailed(Exception):
    """The document could not be drawn within its limits; says nothing of its content."""


class Renderer:
    """A child process that draws; started when first needed, renewed when it dies.

    Threads wait for one another. After a fork the child of the other process is left alone.
    """

    def __init__(
        self,
        *,
        wall_seconds: float = WALL_SECONDS,
        cpu_seconds: int = CPU_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._wall_seconds = wall_seconds
        self._limits = (str(cpu_seconds), str(memory_bytes))
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._drawn = 0

    def render(
        self,
        document: Mapping[str, Any],
        what: str = SUMMARY,
        *,
        record: RecordView | None = None,
    ) -> bytes:
        """Draw one document; raise `RenderFailed` at a limit or a fault."""
        asked = {"what": what, "document": document, "record": record.to_dict() if record else None}
        request = json.dumps(asked).encode()
        with self._lock:
            return self._render(request)

    def can_draw(self, patience_seconds: float = 2.0) -> bool:
        """Draw a page of one word. Who is drawing already proves as much, so nobody waits long."""
        if not self._lock.acquire(timeout=patience_seconds):
            return True
        try:
            return self._render(_PROOF).startswith(b"%PDF")
        except RenderFailed:
            return False
        finally:
            self._lock.release()

    def _render(self, request: bytes) -> bytes:
        try:
            process = self._running()
            with _killed_after(self._wall_seconds, process):
                status, answer = _asked(process, request)
        except (OSError, EOFError) as lost:
            self.close()
            raise RenderFailed("the drawing process was stopped at its limit") from lost
        self._drawn += 1
        if status != DRAWN:
            raise RenderFailed(f"the drawing failed: {answer.decode()}")
        return answer

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._owner != os.getpid():
            self._process = None
        if self._process and (self._process.poll() is not None or self._drawn >= RENEWED_AFTER):
            self.close()
        if self._process is None:
            self._process = self._started()
            self._owner, self._drawn = os.getpid(), 0
            with _killed_after(START_SECONDS, self._process):
                _answer(self._process)
        return self._process

    def _started(self) -> "subprocess.Popen[bytes]":
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        return subprocess.Popen(  # noqa: S603 - our own module, no word of the document
            [sys.executable, "-m", "intake.report.child", *self._limits],
            cwd=ROOT,
            env=kept,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What WeasyPrint warns of may quote the document.
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def close(self) -> None:
        """Stop the process; the next document starts a new one."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                _closed(pipe)
        process.wait()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None


@contextmanager
def _killed_after(seconds: float, process: "subprocess.Popen[bytes]") -> Iterator[None]:
    timer = Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _asked(process: "subprocess.Popen[bytes]", request: bytes) -> tuple[bytes, bytes]:
    if process.stdin is None:
        raise EOFError
    send(process.stdin, request)
    return _answer(process)


def _answer(process: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
    """How it went, and what came of it."""
    if process.stdout is None:
        raise EOFError
    return _exactly(process.stdout, 1), receive(process.stdout)


def send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(LENGTH.pack(len(message)) + message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """One message; raise EOFError if the other side is gone."""
    (length,) = LENGTH.unpack(_exactly(pipe, LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    message = pipe.read(length)
    if len(message) < length:
        raise EOFError
    return message


def _closed(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        # Words that it had not taken before it was killed.
        return


_renderer = Renderer()
_slowly = Lock()
atexit.register(_renderer.close)


def can_draw() -> bool:
    """Whether the process that draws is there and draws; for whoever watches this server."""
    # A child that was killed while it lay idle is only found out by asking: it is renewed then.
    return _renderer.can_draw() or _renderer.can_draw()


def render_slowly(document: Mapping[str, Any], what: str) -> bytes:
    """As `render_safely`, for what has very many pages: in a process that ends with it.

    So no doctor waits behind it, and nothing of its size stays in memory. One at a time in this
    process: whoever presses again and again gets `RenderFailed`, not more processes.
    """
    if not _slowly.acquire(blocking=False):
        raise RenderFailed("another long document is being drawn")
    renderer = Renderer(wall_seconds=SLOW_WALL_SECONDS, cpu_seconds=SLOW_CPU_SECONDS)
    try:
        return renderer.render(document, what)
    finally:
        renderer.close()
        _slowly.release()


def render_safely(
    document: Mapping[str, Any], what: str = SUMMARY, *, record: RecordView | None = None
) -> bytes:
    """The PDF of a document, drawn where it can be killed; raises `RenderFailed`.

    `record` says what staff did with a response; only the doctor's summary shows it.
    """
    return _renderer.render(document, what, record=record)
