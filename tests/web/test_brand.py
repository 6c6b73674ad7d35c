"""A clinic's own colour and logo on its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from intake import create_app
from tests.web.browser import HTML, Patient, strict
from tests.web.conftest import Clock

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'


@pytest.fixture
def branded(instance: Path, clock: Clock) -> Iterator[Flask]:
    file = instance / "clinics" / "alder-lane.toml"
    file.write_text('accent = "#7a1fa2"\nlogo = "logo.svg"\n' + file.read_text())
    (instance / "clinics" / "logo.svg").write_text(DRAWING)
    app = create_app(instance, environ={}, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


def test_pages_carry_them_and_keep_them_for_a_year(branded: Flask) -> None:
    for address in ("/", "/clinic/log-in"):
        patient = Patient(branded)
        patient.open(address)
        page = strict(patient.html)
        sheets = [each.get("href") or "" for each in page.iter(f"{HTML}link")]
        css = next(each for each in sheets if each.startswith("/accent/"))
        picture = next(each.get("src") or "" for each in page.iter(f"{HTML}img"))
        for file in (css, picture):
            reply = patient.client.get(file)
            assert reply.status_code == 200
            assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert b"#7a1fa2" in patient.client.get(css).data
        # After ours, so that it counts.
        assert sheets.index(css) > next(
            i for i, each in enumerate(sheets) if "app.css" in each or "questions.css" in each
        )


def test_a_logo_opened_by_itself_can_do_nothing(branded: Flask) -> None:
    reply = branded.test_client().get("/logo/alder-lane")
    assert reply.mimetype == "image/svg+xml"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy


def test_without_them_there_is_nothing(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    assert "/accent/" not in patient.html
    assert "/logo/" not in patient.html
    for address in ("/accent/alder-lane.css", "/logo/alder-lane", "/logo/nowhere"):
        assert patient.client.get(address).status_code == 404
