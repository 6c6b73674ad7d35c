"""People on a line that hardly moves: behind the buffering proxy nobody else waits for them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.reliability.conftest import Deploy, Tell, needs
from tests.reliability.proxy import Proxy
from tests.reliability.traffic import FORM, Address, Browser

SLOW_PEOPLE = 40
THREADS = 8
"""All that two workers have."""
BODY = b"csrf_token=" + b"x" * 900
WAITS_S = 5


@contextmanager
def slow_people(address: Address, number: int) -> Iterator[None]:
    """So many requests that have sent a part of their body and now send nothing."""
    head = (
        f"POST / HTTP/1.1\r\nHost: {address[0]}\r\nContent-Type: {FORM}\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    lines = [socket.create_connection(address) for _ in range(number)]
    try:
        for line in lines:
            line.sendall(head.encode() + BODY[:10])
        yield
    finally:
        for line in lines:
            line.close()


def is_served_beside(address: Address, slow: int) -> bool:
    """Whether somebody gets a page while so many others are in the middle of a request."""
    served: list[int] = []

    def ask() -> None:
        served.append(Browser(address).get("/").status)

    with slow_people(address, slow):
        other = threading.Thread(target=ask, daemon=True)
        other.start()
        other.join(WAITS_S)
        was_served = list(served)
    # Once the slow ones are gone it comes in any case.
    other.join()
    assert served == [200]
    return was_served == [200]


@pytest.mark.parametrize("behind_proxy", [True, False], ids=["nginx", "control: without"])
def test_nobody_waits_for_the_slow(
    deploy: Deploy, tmp_path: Path, tell: Tell, behind_proxy: bool
) -> None:
    needs("nginx")
    with deploy().running() as site:
        if behind_proxy:
            with Proxy(tmp_path / "nginx", [site.address]).running() as proxy:
                is_served = is_served_beside(proxy.address, SLOW_PEOPLE)
        else:
            is_served = is_served_beside(site.address, SLOW_PEOPLE)
    tell({"slow people": SLOW_PEOPLE, "threads": THREADS, "somebody else is served": is_served})
    assert is_served == behind_proxy
