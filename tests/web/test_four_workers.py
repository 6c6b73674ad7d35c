"""Guessing a resume code over four real server processes: they count together."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from intake import utc_now
from intake.config import load_keys, load_settings
from intake.store import Store, attempts, engine, responses, schema
from tests.served import ROOT, clean_environment, free_port

PATIENCE_S = 180
WORKERS = 4
GUESSES = 24
BORN_ON = date(1975, 3, 9)
BORN = {"born_on-month": "3", "born_on-day": "9", "born_on-year": "1975"}

# The whole application; each reply says which process it is of.
APPLICATION = """
import os
from intake import create_app
app = create_app({folder!r}, environ={{}})
open(f"{folder}/up-{{os.getpid()}}", "w").close()

@app.after_request
def tell(response):
    response.headers["X-Worker"] = str(os.getpid())
    return response
"""
# As a limiter in each process's memory counts.
IN_MEMORY = """
from collections import Counter
from intake.store import attempts
counted = Counter()

def take(conn, clinic_id, kind, subject, now):
    counted[kind, subject] += 1
    return counted[kind, subject] if counted[kind, subject] <= 5 else None

attempts.take = take
"""


@contextmanager
def serving(folder: Path, more: str = "") -> Iterator[int]:
    """Four processes of gunicorn on a free port."""
    instance = folder / "instance"
    (folder / "wsgi.py").write_text(APPLICATION.format(folder=str(instance)) + more)
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "wsgi:app", f"--workers={WORKERS}"),
            *("--threads=1", f"--bind=127.0.0.1:{port}", "--no-control-socket"),
        ],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(ROOT)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for_all(server, instance, port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)


def _wait_for_all(server: subprocess.Popen[bytes], instance: Path, port: int) -> None:
    """Until every process has loaded the application and one has answered."""
    until = time.monotonic() + PATIENCE_S
    while len(list(instance.glob("up-*"))) < WORKERS:
        assert server.poll() is None, "the server stopped"
        assert time.monotonic() < until, "not all processes came up"
        time.sleep(0.2)
    assert _asked(port, "GET", "/return")[1] == "200"


def _asked(port: int, method: str, path: str, body: str = "", cookie: str = "") -> tuple[str, ...]:
    """Which process answered, the status, the page and the session."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    headers = {"Connection": "close", "Host": "localhost", "Cookie": cookie}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body or None, headers)
    reply = connection.getresponse()
    page = reply.read().decode()
    connection.close()
    session = (reply.headers.get("Set-Cookie") or "").partition(";")[0]
    return reply.headers["X-Worker"], str(reply.status), page, session


def guess(port: int, code: str) -> tuple[str, str]:
    """Try a code from a browser that was never here; which process judged it, and the status."""
    _, _, page, session = _asked(port, "GET", "/return")
    found = re.search(r'name="csrf_token"\s+value="([^"]+)"', page)
    assert found
    body = urlencode({"csrf_token": found[1], "code": code, **BORN, "_end": "1"})
    worker, status, _, _ = _asked(port, "POST", "/return", body, session)
    return worker, status


@pytest.mark.xdist_group("four workers")
@pytest.mark.parametrize("counted", ["in the database", "in memory"])
def test_four_processes_count_guesses_together(instance: Path, counted: str) -> None:
    """The second run is the control: with a count in each process the right code still opens."""
    address = load_settings(instance, {}).database_url
    store = Store(engine.build(address), load_keys(instance), utc_now)
    store.check()
    code = responses.issue_code(store, responses.start(store, 1), BORN_ON)
    wrong = [code[:-1] + letter for letter in "34679CDF" if letter != code[-1]]
    with serving(instance.parent, IN_MEMORY if counted == "in memory" else "") as port:
        with ThreadPoolExecutor(8) as pool:
            judged = list(pool.map(lambda at: guess(port, wrong[at % len(wrong)]), range(GUESSES)))
        assert {status for _, status in judged} == {"422"}
        assert len({worker for worker, _ in judged}) >= 2, "guesses reached several processes"
        # Each process had its five at most once; the right code is tried at all of them.
        right = {guess(port, code)[1] for _ in range(12)}
    with store.read() as conn:
        kind = schema.attempts.c.kind == attempts.RESUME
        failures = list(conn.execute(select(schema.attempts.c.failures).where(kind)).scalars())
    store.engine.dispose()
    if counted == "in memory":
        assert failures == [], "the control counts in no database"
        assert len({worker for worker, _ in judged}) * attempts.TRIES_BEFORE_PAUSE > 5
    else:
        assert failures == [attempts.TRIES_BEFORE_PAUSE]
        assert right == {"422"}, "paused, whichever process is asked"
