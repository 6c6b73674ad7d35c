"""Steps of the form on the real server: gunicorn, workers of four threads, SQLite on disk."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate
from tests.bench.measuring import Row, Scale, median_ratio
from tests.bench.served import INSTANCE
from tests.web.browser import HTMX, known

CLIENTS = 4
PATIENCE_S = 60
PEER_STEPS = 54
"""A second, by the United Kingdom's census runner on two such cores: POST and GET of a page."""
STEP = "/form/about-you"
BARE = "/bare/"


@dataclass
class Visitor:
    """One person's form, posted again and again over one connection."""

    port: int
    cookie: str
    pairs: list[tuple[str, str]]
    sent: int = 0
    waited: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def post(self, address: str) -> None:
        """Press Continue; the milliseconds until the next page is here are kept."""
        self.sent += 1
        pairs = [(name, str(self.sent) if name == "seq" else said) for name, said in self.pairs]
        headers = HTMX | {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self.cookie,
            "Host": "localhost",
        }
        begun = time.perf_counter()
        self.connection.request("POST", address, urlencode(pairs), headers)
        reply = self.connection.getresponse()
        reply.read()
        self.waited.append(1000 * (time.perf_counter() - begun))
        if reply.status != http.HTTPStatus.OK:
            raise AssertionError(f"{address} answered {reply.status}")


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    port: int
    master: int

    @property
    def workers(self) -> list[int]:
        told = Path(f"/proc/{self.master}/task/{self.master}/children").read_text(encoding="ascii")
        return [int(pid) for pid in told.split()]

    def cpu_ms(self) -> float:
        """Processor time of all workers so far."""
        tasks = [task for pid in self.workers for task in Path(f"/proc/{pid}/task").iterdir()]
        spent = [(task / "schedstat").read_text(encoding="ascii").split()[0] for task in tasks]
        return sum(map(int, spent)) / 1e6

    def memory(self) -> int:
        """Kilobytes of all workers."""
        return sum(_resident(pid) for pid in self.workers)


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


@contextmanager
def deployed(workers: int = 2) -> Iterator[tuple[Path, Server]]:
    """A new clinic on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        make_keys(instance)
        write_sample_clinic(instance)
        migrate.upgrade(load_settings(instance, {}))
        with running(instance, workers) as server:
            yield instance, server


@contextmanager
def running(instance: Path, workers: int = 2) -> Iterator[Server]:
    """Gunicorn, from the moment when a page came."""
    port = _free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "tests.bench.served:app"),
            *("--bind", f"127.0.0.1:{port}", "--workers", str(workers)),
            *("--worker-class", "gthread", "--threads", "4", "--keep-alive", "30"),
            # Instead of the file of the project, which reads the project's own instance.
            *("--no-control-socket", "--config", os.devnull),
        ],
        env=os.environ | {INSTANCE: str(instance)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    """Until the first byte of the first page."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/", headers={"Host": "localhost"})
            connection.getresponse().read(1)
        except OSError:
            time.sleep(0.005)
        else:
            return
        finally:
            connection.close()
    raise AssertionError("the server did not start")


def visitors(instance: Path, port: int) -> list[Visitor]:
    """People on the page of name and contact, each with a draft of their own."""
    app = create_app(instance, environ={})
    found = []
    for _number in range(CLIENTS):
        patient = known(app, htmx=True)
        patient.open(STEP)
        cookie = patient.client.get_cookie("intake")
        assert cookie is not None
        pairs = [*patient._form("")[1], ("action", "continue")]
        found.append(Visitor(port, f"intake={cookie.value}", pairs))
    app.extensions["store"].engine.dispose()
    return found


def all_post(people: Sequence[Visitor], address: str, times: int) -> float:
    """Everybody at once; the seconds that it took."""
    failed: list[Exception] = []

    def one(visitor: Visitor) -> None:
        try:
            for _number in range(times):
                visitor.post(address)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(visitor,)) for visitor in people]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return time.perf_counter() - begun


def rows(scale: Scale) -> list[Row]:
    """All rows of this module."""
    return [*steps(scale), *memory(scale), *start_up(scale)]


def steps(scale: Scale) -> list[Row]:
    """A step with lock, seal and audit row beside a bare route, in turns."""
    spent: list[float] = []
    floor: list[float] = []
    rates: list[float] = []
    waited: list[float] = []
    with deployed() as (instance, server):
        people = visitors(instance, server.port)
        for address in (STEP, BARE):
            all_post(people, address, max(2, scale.posts // 5))
        for _round in range(max(2, scale.rounds // 3)):
            spent.append(_cpu(server, lambda: rates.append(_rate(people, scale, waited))))
            floor.append(_cpu(server, lambda: all_post(people, BARE, scale.posts)))
    each = scale.posts * CLIENTS
    percentiles = quantiles(waited, n=100)
    return [
        Row(
            "Step POST: the worker's CPU",
            median_ratio(spent, floor),
            "a bare Flask route in the same worker",
            9,
            note=f"{median(spent) / each:.2f} to {median(floor) / each:.2f} ms",
        ),
        Row(
            "Step POST: steps a second against the census runner's",
            median(rates) / PEER_STEPS,
            f"{PEER_STEPS}/s as published: it is not run here",
            8,
            at_least=True,
            note=f"{median(rates):.0f}/s",
        ),
        Row(
            "Step POST: p99 / p50, 4 clients, SQLite FULL",
            percentiles[98] / percentiles[49],
            "p50",
            4,
            note=f"{percentiles[49]:.1f} and {percentiles[98]:.1f} ms",
        ),
    ]


def _cpu(server: Server, act: Callable[[], object]) -> float:
    before = server.cpu_ms()
    act()
    return server.cpu_ms() - before


def _rate(people: Sequence[Visitor], scale: Scale, waited: list[float]) -> float:
    for visitor in people:
        visitor.waited.clear()
    seconds = all_post(people, STEP, scale.posts)
    waited.extend(each for visitor in people for each in visitor.waited)
    return scale.posts * CLIENTS / seconds


def memory(scale: Scale) -> list[Row]:
    """One worker's memory late, beside what it was after a sixth of the requests."""
    with deployed(workers=1) as (instance, server):
        people = visitors(instance, server.port)
        a_sixth = max(1, scale.requests // CLIENTS // 6)
        all_post(people, STEP, a_sixth)
        early = server.memory()
        all_post(people, STEP, 5 * a_sixth)
        late = server.memory()
    return [
        Row(
            f"Worker: memory after {scale.requests} requests / after {scale.requests // 6}",
            late / early,
            "the same worker, early on",
            1.05,
            note=f"{late / 1024:.0f} MiB",
        )
    ]


def start_up(scale: Scale) -> list[Row]:
    """Seconds from the command to the first byte of the first page, with warm disk caches."""
    waits = []
    with deployed() as (instance, _server):
        for _round in range(max(2, scale.rounds // 4)):
            begun = time.perf_counter()
            with running(instance):
                waits.append(time.perf_counter() - begun)
    fastest = f"fastest {min(waits):.2f} s"
    return [Row("Start: command to first byte", median(waits), fastest, 1.5, unit=" s")]
