"""The counters themselves, by prometheus-client; loaded only where somebody may read them.

Under gunicorn each worker counts in files of its own, in the folder PROMETHEUS_MULTIPROC_DIR that
`gunicorn.conf.py` makes, and whichever worker is asked adds them up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from intake.store import Store, StoreUnavailable, jobs

__all__ = ["CONTENT_TYPE", "Counters"]

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
RENDER_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 240)


class Counters:
    """What one application counts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # A registry of its own: the one of the library is shared by every application of a
        # process, and tells of the process what nobody asked for.
        self._own = own = CollectorRegistry()
        self.requests = Counter(
            "intake_requests",
            "Requests by the name of their route and the class of the reply's status.",
            ["endpoint", "status"],
            registry=own,
        )
        self.request_seconds = Histogram(
            "intake_request_seconds",
            "Time to a reply, by side: patient, clinic, fhir and so on.",
            ["side"],
            buckets=REQUEST_SECONDS,
            registry=own,
        )
        self.drafts_saved = Counter(
            "intake_drafts_saved", "Times that a form in progress was stored.", registry=own
        )
        self.renders = Counter(
            "intake_pdf_renders",
            "PDFs by kind and outcome (drawn, failed).",
            ["kind", "outcome"],
            registry=own,
        )
        self.render_seconds = Histogram(
            "intake_pdf_seconds",
            "Time to draw a PDF, by kind.",
            ["kind"],
            buckets=RENDER_SECONDS,
            registry=own,
        )

    def text(self) -> bytes:
        """All of it, of every worker, in the text format of Prometheus."""
        registry = self._own
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it ships without types
        asked = CollectorRegistry()
        asked.register(_Waiting(self._store))
        return generate_latest(registry) + generate_latest(asked)


class _Waiting(Collector):
    """The work that waits, read from the database when asked: the same for every worker."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("intake_database_up", "1 when the database answered just now.")
        try:
            found = jobs.backlog(self._store)
        except StoreUnavailable:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        waiting = GaugeMetricFamily(
            "intake_jobs", "Jobs that wait (due) or went wrong for good (failed).", labels=["state"]
        )
        for state, number in found.by_state.items():
            waiting.add_metric([state], number)
        yield waiting
        yield GaugeMetricFamily(
            "intake_jobs_late_seconds",
            "By how much the job that waits longest is late.",
            value=found.late_seconds,
        )
