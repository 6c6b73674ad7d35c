"""An upload that breaks off, at every byte: nothing of it is stored, whatever was announced."""

from __future__ import annotations

import socket
from collections import Counter
from urllib.parse import urlencode

from tests.reliability.conftest import Deploy, Tell, often
from tests.reliability.deployment import Deployment
from tests.reliability.stored import count
from tests.reliability.traffic import FORM, Browser, filled
from tests.web.browser import SELF


def sent_up_to(browser: Browser, body: bytes, at: int) -> str:
    """The status of a request whose body ends after `at` bytes; "no reply" for none."""
    head = "".join(f"{name}: {value}\r\n" for name, value in browser.headers().items())
    request = (
        f"POST / HTTP/1.1\r\n{head}Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(browser.address, timeout=30) as connection:
        connection.sendall(request.encode() + body[:at])
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as reply:
            line = reply.readline().decode()
    return line.split()[1] if line else "no reply"


def cut_everywhere(deployment: Deployment, step: int) -> tuple[Counter[str], int]:
    """The replies, and how many forms were begun by a part of one."""
    with deployment.running():
        browser = Browser(deployment.address)
        body = urlencode(filled(browser.get("/").text, SELF)).encode()
        seen = Counter(sent_up_to(browser, body, at) for at in range(0, len(body), step))
        stored = count(deployment, "responses")
        assert sent_up_to(browser, body, len(body)) == "303", "the whole form is not taken"
    return seen, stored


def test_no_part_of_a_form_is_taken(deploy: Deploy, engine_name: str, tell: Tell) -> None:
    seen, stored = cut_everywhere(deploy(engine_name), often(9, 1))
    tell(dict(seen) | {"stored": stored})
    assert stored == 0
    assert set(seen) <= {"400", "no reply"}


def test_a_server_that_takes_what_arrives_is_found_out(deploy: Deploy, tell: Tell) -> None:
    seen, stored = cut_everywhere(deploy(app="takes_any_body"), often(9, 1))
    tell(dict(seen) | {"stored": stored})
    assert stored
