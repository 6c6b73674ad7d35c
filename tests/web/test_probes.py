"""What watching programs read: alive, ready, counted. Fixed words and sums, whatever happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, text

from intake import create_app
from intake.report import renderer
from intake.store import jobs, schema
from intake.web.readiness import BUSY, Readiness, watch
from tests.web.browser import known, ready
from tests.web.conftest import Clock

TOKEN = "a-token-for-tests-of-30-letters"
CANARY = "Canary Zebedee"
ALL = ("/healthz", "/readyz", "/metrics")


@pytest.fixture
def counted(instance: Path, clock: Clock) -> Iterator[Flask]:
    app = create_app(instance, environ={"INTAKE_METRICS_TOKEN": TOKEN}, clock=clock)
    yield app
    app.extensions["store"].engine.dispose()


def _read(app: Flask, token: str = TOKEN) -> str:
    reply = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 200
    assert reply.content_type.startswith("text/plain; version=0.0.4")
    return reply.get_data(as_text=True)


def _figures(app: Flask) -> dict[tuple[str, ...], float]:
    """Every figure by its name and its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(_read(app))
        for sample in family.samples
    }


# --- Alive and ready ---------------------------------------------------------------------------


def _look_afresh(app: Flask) -> None:
    app.extensions["readiness"] = watch(app)


def _readiness(app: Flask) -> tuple[int, str]:
    _look_afresh(app)
    reply = app.test_client().get("/readyz")
    assert reply.mimetype == "text/plain"
    assert (reply.status_code == 200) == ("Retry-After" not in reply.headers)
    return reply.status_code, reply.get_data(as_text=True)


def test_a_whole_site_is_ready(app: Flask) -> None:
    assert _readiness(app) == (200, "ready\n")


def test_a_lost_database_leaves_it_alive_and_not_ready(app: Flask, instance: Path) -> None:
    app.extensions["store"].engine.dispose()
    (instance / "intake.sqlite").rename(instance / "elsewhere.sqlite")
    (instance / "intake.sqlite").mkdir()
    assert _readiness(app) == (503, "not ready: database\n")
    alive = app.test_client().get("/healthz")
    assert (alive.status_code, alive.data) == (200, b"alive\n")


def test_a_database_that_may_only_be_read_is_not_ready(app: Flask) -> None:
    engine = app.extensions["store"].engine
    engine.dispose()
    event.listen(engine, "connect", lambda conn, _: conn.execute("PRAGMA query_only = ON"))
    assert _readiness(app) == (503, "not ready: read-only\n")
    assert app.test_client().get("/").status_code == 200


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "migrations"),
        ("DROP TABLE alembic_version", "migrations"),
        ("UPDATE canaries SET sealed = x'00'", "keys"),
    ],
)
def test_old_tables_and_other_keys_are_not_ready(app: Flask, statement: str, fault: str) -> None:
    with app.extensions["store"].write() as conn:
        conn.execute(text(statement))
    assert _readiness(app) == (503, f"not ready: {fault}\n")


def test_tables_ahead_of_the_program_are_ready(app: Flask) -> None:
    ahead = f"{int(schema.REVISION) + 1:04}"
    with app.extensions["store"].write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": ahead})
    assert _readiness(app) == (200, "ready\n")


def test_without_drawing_it_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = renderer.Renderer()
    # A machine without the libraries: the process that draws dies as it starts.
    monkeypatch.setattr(renderer, "ROOT", Path("/"))
    monkeypatch.setattr(renderer, "_renderer", broken)
    assert _readiness(app) == (503, "not ready: pdf\n")


def test_a_killed_drawing_process_is_renewed_by_the_look(app: Flask) -> None:
    assert renderer.can_draw()
    child = renderer._renderer._process
    assert child is not None
    child.kill()
    child.wait()
    assert _readiness(app)[0] == 200


def test_a_thousand_questions_are_one_look() -> None:
    looks: list[float] = []
    now = [100.0]

    def look() -> str:
        looks.append(now[0])
        return "keys"

    asked = Readiness(look, clock=lambda: now[0])
    assert {asked.fault() for _ in range(1000)} == {"keys"}
    now[0] += 5.1
    asked.fault()
    assert looks == [100.0, 105.1]


def test_nobody_waits_behind_a_look_that_hangs() -> None:
    now = [0.0]
    inner: list[str] = []

    def look() -> str:
        # Another thread that asks meanwhile finds the lock taken, as we do here.
        inner.append(asked.fault())
        return ""

    asked = Readiness(look, clock=lambda: now[0])
    assert asked.fault() == ""
    now[0] += 10
    asked.fault()
    now[0] += 100
    asked.fault()
    # Never looked; looked a short while ago; looked too long ago to count.
    assert inner == [BUSY, "", BUSY]


# --- Who may ask -------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ALL)
def test_a_watcher_comes_by_any_host_name_and_gets_no_cookie(counted: Flask, address: str) -> None:
    reply = counted.test_client().get(
        address,
        base_url="http://10.0.0.7:8000/",
        headers={"Authorization": f"Bearer {TOKEN}", "X-Forwarded-Host": "evil.example"},
    )
    assert reply.status_code == 200
    assert "Set-Cookie" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"
    assert b"10.0.0.7" not in reply.data
    assert b"evil" not in reply.data


def test_every_other_page_still_asks_for_our_name(counted: Flask) -> None:
    for address in ("/", "/healthz/", "/metrics2", "//healthz"):
        reply = counted.test_client().get(address, base_url="http://10.0.0.7/")
        assert reply.status_code == 400, address


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", TOKEN, f"Bearer {TOKEN}x", "Bearer é", f"Basic {TOKEN}"]
)
def test_without_the_token_there_is_no_such_page(counted: Flask, app: Flask, given: str) -> None:
    closed = counted.test_client().get("/metrics", headers={"Authorization": given})
    missing = counted.test_client().get("/no-such-page")
    assert closed.status_code == missing.status_code == 404
    assert _without_tokens(closed.get_data(as_text=True)) == _without_tokens(
        missing.get_data(as_text=True)
    )


def _without_tokens(html: str) -> str:
    return re.sub(r'value="[^"]*"|/no-such-page|/metrics', "", html)


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}"])
def test_where_no_token_is_set_nothing_is_counted(app: Flask, given: str) -> None:
    reply = app.test_client().get("/metrics", headers={"Authorization": given})
    assert reply.status_code == 404
    assert "counters" not in app.extensions


# --- What is counted ---------------------------------------------------------------------------


def test_requests_are_counted_by_route_and_class(counted: Flask) -> None:
    client = counted.test_client()
    for address in ("/", "/", "/nothing", "/form/about-you"):
        client.get(address)
    found = _figures(counted)
    assert found["intake_requests_total", "patient.start", "2xx"] == 2
    assert found["intake_requests_total", "none", "4xx"] == 1
    assert found["intake_requests_total", "patient.step", "3xx"] == 1
    assert found["intake_request_seconds_count", "patient"] == 3
    # The reading itself is counted when it is over.
    assert _figures(counted)["intake_requests_total", "probes.metrics", "2xx"] == 1


def test_saved_drafts_are_counted(counted: Flask) -> None:
    before = _figures(counted)["intake_drafts_saved_total",]
    known(counted)
    assert _figures(counted)["intake_drafts_saved_total",] > before


def test_drawings_are_counted_with_their_outcome(
    counted: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = ready(counted)
    assert patient.send() == "/form/sent"
    assert patient.client.get("/form/sent/copy.pdf").status_code == 200

    def fail(*_: object) -> bytes:
        raise renderer.RenderFailed("stopped")

    monkeypatch.setattr("intake.web.patient.own_copy.render_safely", fail)
    assert patient.client.get("/form/sent/copy.pdf").status_code == 503
    found = _figures(counted)
    assert found["intake_pdf_renders_total", "own_copy", "drawn"] == 1
    assert found["intake_pdf_renders_total", "own_copy", "failed"] == 1
    assert found["intake_pdf_seconds_count", "own_copy"] == 2


def test_jobs_that_wait_and_failed_are_counted(counted: Flask, clock: Clock) -> None:
    store = counted.extensions["store"]
    assert _figures(counted)["intake_jobs", "due"] == 0
    with store.write() as conn:
        for kind in ("mail", "mail", "webhook"):
            jobs.add(store, conn, 1, kind, "none")
    clock.forward(seconds=90)
    taken = jobs.take(store)
    assert taken is not None
    jobs.fail(store, taken, "refused", for_good=True)
    found = _figures(counted)
    assert (found["intake_jobs", "due"], found["intake_jobs", "failed"]) == (2, 1)
    assert found["intake_jobs_late_seconds",] == 90
    assert found["intake_database_up",] == 1


def test_a_lost_database_is_a_figure_too(counted: Flask, instance: Path) -> None:
    counted.extensions["store"].engine.dispose()
    (instance / "intake.sqlite").unlink()
    (instance / "intake.sqlite").mkdir()
    found = _figures(counted)
    assert found["intake_database_up",] == 0
    assert not any(name[0] == "intake_jobs" for name in found)


def test_no_id_and_no_word_of_a_person_is_counted(counted: Flask, logs: StringIO) -> None:
    patient = known(counted)
    patient.open("/form/about-you")
    patient.go_on({"name": CANARY})
    patient.client.get(f"/{CANARY}?name={CANARY}")
    patient.client.open(f"/{CANARY}", method="CANARY")
    patient.client.get("/i/Canary-Zebedee")
    written = _read(counted)
    assert "Canary" not in written
    assert "Zebedee" not in written
    endpoints = {rule.endpoint for rule in counted.url_map.iter_rules()} | {"none"}
    for family in text_string_to_metric_families(written):
        for sample in family.samples:
            labels = dict(sample.labels)
            labels.pop("le", None)
            assert labels.pop("endpoint", "none") in endpoints
            assert labels.pop("side", "none") in {each.partition(".")[0] for each in endpoints}
            assert labels.pop("status", "2xx") in {"2xx", "3xx", "4xx", "5xx"}
            assert labels.pop("kind", "summary") in {"summary", "own_copy", "paper_form"}
            assert labels.pop("outcome", "drawn") in {"drawn", "failed"}
            assert labels.pop("state", "due") in {"due", "failed"}
            assert labels == {}


def test_answers_of_probes_are_not_logged_but_their_failures_are(
    app: Flask, logs: StringIO, instance: Path
) -> None:
    _readiness(app)
    app.test_client().get("/healthz")
    assert "probes." not in logs.getvalue()
    with app.extensions["store"].write() as conn:
        conn.execute(text("DROP TABLE alembic_version"))
    _readiness(app)
    assert "endpoint=probes.ready status=503" in logs.getvalue()


# --- The number of a request -------------------------------------------------------------------


def test_an_error_page_says_the_number_that_the_log_has(
    app: Flask, logs: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = app.test_client().post("/", data={"_end": "1"})
    number = reply.headers["X-Request-ID"]
    assert reply.status_code == 400
    assert f"say this number: {number}" in reply.get_data(as_text=True)
    assert f"request_id={number}" in logs.getvalue()


def test_where_there_is_nothing_no_page_differs_from_another(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/nothing").headers["X-Request-ID"]
    assert "say this number" not in client.get("/nothing").get_data(as_text=True)


def test_a_strangers_number_is_not_taken(app: Flask) -> None:
    reply = app.test_client().get("/", headers={"X-Request-ID": "0123456789abcdef"})
    assert re.fullmatch("[0-9a-f]{8}", reply.headers["X-Request-ID"])
