"""SIGTERM under load: who is being served is served to the end, and nothing saved is lost."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

from tests.reliability.conftest import Deploy, Tell, often
from tests.reliability.deployment import Deployment, until
from tests.reliability.stored import faults
from tests.reliability.traffic import FORM, REASON, Counts, Crowd, Person, filled


def half_sent(person: Person) -> Callable[[], str]:
    """Send half of a form; gives what sends the rest and tells the status."""
    words = {"main_problem": "written while it stopped"}
    body = urlencode(filled(person.browser.get(REASON).text, words)).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in person.browser.headers().items())
    connection = socket.create_connection(person.address, timeout=30)
    connection.sendall(
        f"POST {REASON} HTTP/1.1\r\n{head}Content-Type: {FORM}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body[:100]
    )

    def finish() -> str:
        with connection, connection.makefile("rb") as reply:
            try:
                connection.sendall(body[100:])
                line = reply.readline().decode()
            except OSError:
                line = ""
        return line.split()[1] if line else "no reply"

    return finish


def stopped(deployment: Deployment, by: signal.Signals) -> tuple[Counts, str, int]:
    """What the crowd met, how the half-sent form was answered, and how the server ended."""
    deployment.start()
    crowd, ended = Crowd(deployment.address), list[int]()
    with crowd.busy() as counts:
        until(lambda: counts.acknowledged >= 16, "nobody gets anywhere")
        person = Person(deployment.address, Counts(), "Ana")
        until(person.step, "nobody gets in")
        finish = half_sent(person)
        # By now a thread has it in its hands.
        wanted = counts.acknowledged + 10
        until(lambda: counts.acknowledged > wanted, "nobody gets anywhere")
        ending = threading.Thread(target=lambda: ended.append(deployment.stop(by)))
        ending.start()
        # Long enough for a server that does not wait for anybody.
        time.sleep(1)
        status = finish()
        ending.join()
        deployment.start()
    deployment.stop()
    return counts, status, ended[0]


def test_it_ends_what_it_began(deploy: Deploy, engine_name: str, tell: Tell) -> None:
    deployment = deploy(engine_name)
    for _ in range(often(1, 5)):
        counts, status, code = stopped(deployment, signal.SIGTERM)
        tell({"half-sent form": status, "exit code": code} | counts.told())
        assert (status, code) == ("303", 0)
        assert counts.broken == 0
        assert faults(deployment, counts) == []


def test_a_server_that_ends_at_once_is_found_out(deploy: Deploy, tell: Tell) -> None:
    _, status, _ = stopped(deploy(), signal.SIGKILL)
    tell({"half-sent form": status})
    assert status == "no reply"
