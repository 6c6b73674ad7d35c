"""The proxy's sample at work: nobody slow stalls it, and nobody's claims get through it."""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from intake.web.requests import _WELL_FORMED
from tests.proxied import SITE, Proxy, nginx
from tests.served import PATIENCE_S, gunicorn, made_instance

CANARY = "Canary-Zebedee"
SLOW = 16
"""More than the server has threads (2 workers of 4)."""
HALF = (
    f"POST /return HTTP/1.1\r\nHost: {SITE}\r\nContent-Length: 100\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n\r\ncode=12345"
).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proxied")


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """The server's own port, behind the proxy."""
    settings = {"INTAKE_TRUSTED_HOSTS": SITE, "INTAKE_PROXY_HOPS": "1"}
    with gunicorn(made_instance(folder / "instance"), folder / "app.log", settings) as port:
        yield port


@pytest.fixture(scope="module")
def proxy(port: int, folder: Path) -> Iterator[Proxy]:
    with nginx(port, folder / "nginx") as proxy:
        yield proxy


def test_a_page_comes_over_tls_with_its_headers_once(proxy: Proxy) -> None:
    connection = proxy.client()
    connection.request("GET", "/", headers={"Host": SITE})
    reply = connection.getresponse()
    assert reply.status == 200
    assert "Intake" in reply.read().decode()
    names = [name.lower() for name, _ in reply.getheaders()]
    for name in ("strict-transport-security", "content-security-policy", "x-request-id"):
        assert names.count(name) == 1, name
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith("__Host-intake=")
    assert "Secure" in cookie
    assert re.fullmatch(r"nginx", reply.headers["Server"])
    connection.close()


def test_plain_http_leads_to_tls(proxy: Proxy) -> None:
    connection = HTTPConnection("127.0.0.1", proxy.plain_port, timeout=PATIENCE_S)
    connection.request("GET", "/return?x=1", headers={"Host": SITE})
    reply = connection.getresponse()
    assert (reply.status, reply.headers["Location"]) == (301, f"https://{SITE}/return?x=1")
    connection.close()


# --- Slow clients ------------------------------------------------------------------------------


def test_slow_clients_do_not_stall_the_site(proxy: Proxy) -> None:
    with ExitStack() as slow:
        held = [slow.enter_context(proxy.opened()) for _ in range(SLOW)]
        for one in held:
            one.sendall(HALF)
        for _ in range(3):
            assert proxy.ask("/")[0] == 200
        # Not because they were sent away meanwhile.
        assert select.select(held, [], [], 0) == ([], [], [])


def test_without_the_proxy_they_would(port: int) -> None:
    asking = f"GET /healthz HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\n\r\n".encode()
    with ExitStack() as slow:
        for _ in range(SLOW):
            one = slow.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_S))
            one.sendall(HALF)
        waiting = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        waiting.sendall(asking)
        assert select.select([waiting], [], [], 3) == ([], [], [])
    # They are gone, and everybody else is served again.
    assert waiting.recv(1000).startswith(b"HTTP/1.1 200")
    waiting.close()


# --- Claims ------------------------------------------------------------------------------------


def _said(opened: ssl.SSLSocket, request: str) -> bytes:
    with opened:
        opened.sendall(request.encode())
        try:
            return opened.recv(4000)
        except OSError:
            return b""


@pytest.mark.parametrize("host", ["evil.example", f"{SITE}.evil.example", "127.0.0.1", ""])
def test_another_host_name_gets_no_answer(proxy: Proxy, host: str) -> None:
    reply = _said(proxy.opened(), f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")
    assert not reply.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3")), reply
    assert b"Set-Cookie" not in reply


def test_another_name_gets_no_certificate(proxy: Proxy) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        proxy.opened("evil.example")


def test_a_claimed_host_or_way_does_not_get_into_addresses(proxy: Proxy) -> None:
    status, _, text = proxy.ask(
        "/fhir/metadata",
        X_Forwarded_Host="evil.example",
        X_Forwarded_Proto="http",
        X_Forwarded_Port="8080",
        X_Forwarded_Prefix="/evil",
        Forwarded="host=evil.example;proto=http",
    )
    assert status == 200
    assert f"https://{SITE}/fhir" in text
    assert "evil" not in text
    assert "8080" not in text


def _guess(ask: object, number: int) -> int:
    return ask(  # type: ignore[operator, no-any-return] # the fixture of this file
        "/fhir/Questionnaire",
        Authorization=f"Bearer wrong-{number}",
        X_Forwarded_For=f"198.51.{number}.7",
    )[0]


def test_a_claimed_number_does_not_help_a_guesser(proxy: Proxy, port: int) -> None:
    def directly(address: str, **headers: str) -> tuple[int]:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        named = {"Host": SITE} | {name.replace("_", "-"): each for name, each in headers.items()}
        connection.request("GET", address, headers=named)
        status = connection.getresponse().status
        connection.close()
        return (status,)

    # The control: whoever could pass by the proxy would be another guesser each time.
    assert {_guess(directly, number) for number in range(60)} == {401}
    assert _guess(proxy.ask, 0) == 401
    assert 429 in {_guess(proxy.ask, number) for number in range(60)}


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_what_watchers_read_is_not_for_outside(proxy: Proxy, address: str) -> None:
    status, _, text = proxy.ask(address)
    assert status == 404
    assert "alive" not in text
    assert "ready" not in text


# --- Limits and logs ---------------------------------------------------------------------------


def test_what_is_too_much_is_explained_by_the_application(proxy: Proxy) -> None:
    kind = "application/x-www-form-urlencoded"
    status, _, text = proxy.ask("/", method="POST", body=b"a" * 70_000, Content_Type=kind)
    assert status == 413
    assert "too much for one page" in text


def test_what_is_far_too_much_does_not_reach_it(proxy: Proxy) -> None:
    status, headers, text = proxy.ask("/", method="POST", body=b"a" * 200_000)
    assert status == 413
    assert "That was too much at once" in text
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" in headers


def test_a_log_line_ties_both_logs_and_tells_of_nobody(proxy: Proxy, folder: Path) -> None:
    _, headers, _ = proxy.ask(f"/{CANARY}?name={CANARY}", User_Agent=CANARY, Referer=CANARY)
    number = headers["x-request-id"]
    assert _WELL_FORMED.fullmatch(number)
    assert len(number) == 12
    ours, proxys = (folder / "app.log").read_text(), _log(proxy)
    assert f"request_id={number} " in ours
    assert f" {number} GET 404 " in proxys
    assert CANARY not in ours + proxys
    assert "127.0.0.1" not in proxys


def _log(proxy: Proxy) -> str:
    return "".join(file.read_text() for file in proxy.folder.glob("intake*.log"))


def test_no_body_or_reply_was_written_to_the_disk(proxy: Proxy) -> None:
    connection = proxy.client()
    big = b"a" * 100_000
    connection.request("POST", "/", body=big, headers={"Host": SITE})
    connection.getresponse().read()
    connection.close()
    proxy.ask("/questions.css")
    # Files of such folders are numbered and removed; their subfolders stay.
    for name in ("bodies", "replies"):
        assert list((proxy.folder / name).iterdir()) == []


def test_while_the_application_is_away_a_calm_page_says_so(tmp_path: Path) -> None:
    with nginx(1, tmp_path / "alone") as alone:
        status, headers, text = alone.ask(f"/{CANARY}")
        assert status == 502
        assert "What you sent before is safe" in text
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert CANARY not in _log(alone)
