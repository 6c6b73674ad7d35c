"""A doctor's click on a summary that is drawn already, and the weight of a first visit."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from flask import Flask, Response

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import audit, migrate
from intake.web.access import staff
from intake.web.auth import DOCTOR, person
from tests.bench.measuring import Row, Scale, in_turns, ratio
from tests.web.browser import Patient
from tests.web.clinic_side import clinic_of, logged_in, sent, store_of
from tests.web.test_weight import files_of

CLICKS = 5


@contextmanager
def site() -> Iterator[Flask]:
    """An application on a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        make_keys(instance)
        write_sample_clinic(instance)
        migrate.upgrade(load_settings(instance, {}))
        app = create_app(instance, environ={})
        yield app
        app.extensions["store"].engine.dispose()


def rows(scale: Scale) -> list[Row]:
    """All rows of this module."""
    with site() as app:
        return [click(app, scale), first_visit(app)]


def click(app: Flask, scale: Scale) -> Row:
    """The ready PDF beside as many bytes that stand in the program, with log-in and audit row."""
    constant = bytearray()

    @staff(DOCTOR)
    def floor() -> Response:
        audit.note(store_of(app), clinic_of(app).id, person().actor, "summary_read")
        return Response(bytes(constant), mimetype="application/pdf")

    app.add_url_rule("/clinic/floor", "floor", floor)
    reference = sent(app)
    client = logged_in(app, "doctor").client
    address = f"/clinic/responses/{reference}/summary.pdf"
    constant += client.get(address).get_data()
    assert constant.startswith(b"%PDF")
    assert client.get("/clinic/floor").get_data() == constant
    times = in_turns(
        {
            "floor": lambda: [client.get("/clinic/floor") for _ in range(CLICKS)],
            "click": lambda: [client.get(address) for _ in range(CLICKS)],
        },
        2 * scale.rounds,
    )
    return Row(
        "Doctor's click on a PDF that is drawn",
        ratio(times, "click", "floor"),
        "as many constant bytes, with log-in and audit row",
        1.5,
        note=f"{median(times['click']) / CLICKS:.1f} to {median(times['floor']) / CLICKS:.1f} ms",
    )


def first_visit(app: Flask) -> Row:
    """Kilobytes of the first page with its style sheet and scripts, by gzip."""
    patient = Patient(app)
    patient.open("/")
    weights = {}
    for address in ["/", *files_of(patient.html)]:
        with app.test_client().get(address, headers={"Accept-Encoding": "gzip"}) as reply:
            assert gzip.decompress(reply.get_data())
            weights[address] = len(reply.get_data())
    of_htmx = sum(weight for address, weight in weights.items() if "htmx" in address)
    return Row(
        "First visit: HTML, CSS and scripts, gzip",
        sum(weights.values()) / 1000,
        f"{of_htmx / 1000:.1f} kB of it htmx",
        30,
        unit=" kB",
    )
