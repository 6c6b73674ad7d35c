"""Whether this process can serve, looked at now and then."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

from flask import Flask

from intake.store import Store, readiness

FRESH_SECONDS = 5.0
"""How long an answer is given again: whoever asks a thousand times makes us look once."""
STALE_SECONDS = 60.0
"""How long a look may take before the last answer counts no more."""
DRAWN_SECONDS = 60.0
"""How long a PDF that was drawn proves that the next one can be."""
BUSY = "busy"


class Readiness:
    """Gives the last answer of `look`, and looks again when that is old; one thread at a time."""

    def __init__(
        self,
        look: Callable[[], str],
        *,
        clock: Callable[[], float] = monotonic,
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        self._look = look
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._lock = Lock()
        self._fault = BUSY
        self._looked_at = float("-inf")

    def fault(self) -> str:
        """What is in the way, as a fixed word; "" for nothing."""
        if self._age() < self._fresh_seconds:
            return self._fault
        if not self._lock.acquire(blocking=False):
            # Nobody waits behind a database that hangs.
            return self._fault if self._age() < STALE_SECONDS else BUSY
        try:
            self._fault = self._look()
            self._looked_at = self._clock()
        finally:
            self._lock.release()
        return self._fault

    def _age(self) -> float:
        return self._clock() - self._looked_at


def watch(app: Flask) -> Readiness:
    """The readiness of an application: its database, its keys and its drawing."""
    draws = Readiness(_drawing_fault, fresh_seconds=DRAWN_SECONDS)
    return Readiness(lambda: _fault(app.extensions["store"], draws))


def _fault(store: Store, draws: Readiness) -> str:
    return readiness.fault(store) or draws.fault()


def _drawing_fault() -> str:
    # A worker that draws nothing loads nothing of it before it is asked.
    from intake.report.renderer import can_draw

    return "" if can_draw() else "pdf"
