"""What this deployment counts for those who watch it: sums and times, never whose.

A label is the name of a route, a class of status or a kind of paper; no id, no word of a person.
Nothing is counted, and the library that counts not even loaded, unless there is a token that may
read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from flask import Flask, current_app

if TYPE_CHECKING:
    from intake.web.counting import Counters

_NAME = "counters"


def keep_count(app: Flask) -> None:
    """Begin to count, if anybody may read it."""
    if not app.extensions["settings"].metrics_token:
        return
    from intake.web.counting import Counters

    app.extensions[_NAME] = Counters(app.extensions["store"])


def counters() -> Counters | None:
    """The counters of this application; None where nothing is counted."""
    return current_app.extensions.get(_NAME)


def count_request(endpoint: str | None, status: int, seconds: float) -> None:
    """A request came to its end."""
    found = counters()
    if found is None:
        return
    found.requests.labels(endpoint or "none", f"{status // 100}xx").inc()
    side = (endpoint or "none").partition(".")[0]
    found.request_seconds.labels(side).observe(seconds)


def count_saved() -> None:
    """A draft was stored."""
    found = counters()
    if found is not None:
        found.drafts_saved.inc()


@contextmanager
def drawing(what: str) -> Iterator[None]:
    """A PDF is drawn inside the block; an error counts as one that failed."""
    found = counters()
    if found is None:
        yield
        return
    began, outcome = perf_counter(), "failed"
    try:
        yield
        outcome = "drawn"
    finally:
        found.renders.labels(what, outcome).inc()
        found.render_seconds.labels(what).observe(perf_counter() - began)
