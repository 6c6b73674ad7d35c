"""How long a page of the work list takes with 100 and with 10,000 responses, on both engines.

    .venv/bin/python -m tests.bench.work_list

One run, the sizes taken in turns, so that whatever else the machine does weighs on both alike.
PostgreSQL is the server at INTAKE_TEST_POSTGRESQL; without one only SQLite is measured.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from flask import Flask
from sqlalchemy import insert, make_url, text

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.report.document import ClinicHead, sent_document
from intake.store import Store, codes, migrate, schema
from intake.store.crypto import Place
from tests.unit.whole_patient import changed
from tests.web.browser import Patient
from tests.web.clinic_side import logged_in, store_of

SIZES = (100, 10_000)
ROUNDS = 15
NOW = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
POSTGRESQL = os.environ.get(
    "INTAKE_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1/test"
)


def document() -> dict[str, object]:
    """A whole patient's, as it is sealed; one serves all rows, each sealed for itself."""
    return sent_document(
        changed({}, {}), today=NOW.date(), sent_at=NOW, clinic=ClinicHead("Alder Lane", "555-0100")
    )


def few_names(store: Store, size: int) -> None:
    """That many responses over all lanes and urgencies.

    Whatever the measured pages open is a whole patient's document, of some 110 kB; the others are
    found and counted, never opened, and hold a few bytes.
    """
    whole, few = json.dumps(document()).encode(), b"{}"
    words = [store.vault.name_hashes(1, name) for name in ("Iris Example", "Ann Other")]
    for start in range(0, size, 500):
        rows, versions, named = [], [], []
        for number in range(start, min(size, start + 500)):
            id = secrets.token_hex(16)
            rows.append(row(id, number))
            place = Place(1, "response_versions", "sealed", id, 1)
            is_opened = number < 120 or number % 60 == 0
            sealed = store.vault.seal(whole if is_opened else few, place)
            versions.append(
                {
                    "clinic_id": 1,
                    "response_id": id,
                    "version": 1,
                    "kind": "sent",
                    "by": "patient",
                    "at": NOW,
                    "kid": sealed.kid,
                    "sealed": sealed.data,
                }
            )
            named += [
                {"clinic_id": 1, "response_id": id, "word_hash": word} for word in words[number % 2]
            ]
        with store.write() as conn:
            conn.execute(insert(schema.responses), rows)
            conn.execute(insert(schema.response_versions), versions)
            conn.execute(insert(schema.name_words), named)


def row(id: str, number: int) -> dict[str, object]:
    sent_at = NOW - timedelta(minutes=number)
    return {
        "clinic_id": 1,
        "id": id,
        "reference": codes.new_reference(),
        "status": "sent",
        "urgency_rank": number % 4,
        "appointment_on": date(2026, 3, 10) + timedelta(number % 60),
        "version": 1,
        "created_at": sent_at,
        "sent_at": sent_at,
        # The same page is full with 100 already.
        "lane": "new" if number % 10 < 6 else ("call", "read", "waiting", "done")[number % 10 - 6],
        "assigned_to": None,
    }


@contextmanager
def site(
    size: int, database: str, *, fill: Callable[[Store, int], None] = few_names
) -> Iterator[Patient]:
    """A front desk that is logged in at a clinic with so many responses."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        environ = {"DATABASE_URL": database} if database else {}
        make_keys(instance)
        write_sample_clinic(instance)
        migrate.upgrade(load_settings(instance, environ))
        app: Flask = create_app(instance, environ=environ, clock=lambda: NOW)
        fill(store_of(app), size)
        if database:
            with store_of(app).write() as conn:
                conn.execute(text("ANALYZE"))
        yield logged_in(app, "front_desk")
        app.extensions["store"].engine.dispose()


@contextmanager
def databases(engine: str, count: int = len(SIZES)) -> Iterator[list[str]]:
    """The addresses of so many new databases; "" is a new SQLite file."""
    if engine == "SQLite":
        yield [""] * count
        return
    server = make_url(POSTGRESQL)
    names = [f"bench_{uuid4().hex}" for _ in range(count)]
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, connect_timeout=3) as conn:
        for name in names:
            conn.execute(f"CREATE DATABASE {name}")
        try:
            yield [
                server.set(database=name).render_as_string(hide_password=False) for name in names
            ]
        finally:
            for name in names:
                conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


PAGES: dict[str, Callable[[Patient], object]] = {
    "first page": lambda browser: browser.client.get("/clinic?lane=new"),
    "changes": lambda browser: browser.client.get("/clinic/changes?lane=new"),
    "filtered": lambda browser: browser.client.get("/clinic?lane=new&who=nobody&sent=month"),
    "search": lambda browser: browser.send({"words": "ann other"}, form="/search"),
}


def measure(engine: str) -> None:
    with databases(engine) as addresses:
        small, large = (site(size, address) for size, address in zip(SIZES, addresses, strict=True))
        with small as few, large as many:
            for title, ask in PAGES.items():
                times: dict[str, list[float]] = {"few": [], "many": []}
                for name, browser in [("few", few), ("many", many)] * ROUNDS:
                    browser.open("/clinic/search")
                    begun = time.perf_counter()
                    ask(browser)
                    times[name].append(1000 * (time.perf_counter() - begun))
                least, most = (statistics.median(each) for each in times.values())
                figures = f"{least:7.1f} ms {most:7.1f} ms   x{most / least:.2f}"
                print(f"{engine:<11}{title:<12}{figures}")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    for each in ("SQLite", "PostgreSQL"):
        measure(each)
