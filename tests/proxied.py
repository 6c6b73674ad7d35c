"""The sample of the proxy's settings, run by a real nginx in front of a real server.

Only what names this machine is put in its place: ports, certificate, folders.
"""

from __future__ import annotations

import datetime
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.served import PATIENCE_S, ROOT, free_port

SITE = "intake.example.org"
SAMPLE = ROOT / "deploy" / "nginx" / "intake.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/main.log notice;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/replies;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/intake.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """A running proxy: its ports, its certificate and its folder with logs."""

    port: int
    plain_port: int
    certificate: Path
    folder: Path

    def trusting(self) -> ssl.SSLContext:
        """What a browser that knows the certificate does."""
        return ssl.create_default_context(cafile=self.certificate)

    def opened(self, name: str = SITE) -> ssl.SSLSocket:
        """A connection of one's own."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        return self.trusting().wrap_socket(plain, server_hostname=name)

    def client(self) -> HTTPSConnection:
        """A connection for requests in sequence."""
        connection = HTTPSConnection(SITE, self.port, timeout=PATIENCE_S)
        connection.sock = self.opened()
        return connection

    def ask(
        self, address: str, *, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """One request: status, headers by their small names, and text."""
        connection = self.client()
        named = {"Host": SITE} | {name.replace("_", "-"): each for name, each in headers.items()}
        connection.request(method, address, body=body, headers=named)
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        return reply.status, {name.lower(): each for name, each in reply.getheaders()}, text


@contextmanager
def nginx(app_port: int, folder: Path) -> Iterator[Proxy]:
    """Run the sample in front of a server on `app_port`."""
    if NGINX is None:
        pytest.skip("needs nginx: apt-get install nginx")
    folder.mkdir(parents=True, exist_ok=True)
    proxy = Proxy(free_port(), free_port(), folder / "fullchain.pem", folder)
    _make_certificate(folder)
    (folder / "intake.conf").write_text(_placed(proxy, app_port))
    # Whoever may not change users runs as themselves anyway.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    command = [NGINX, "-e", str(folder / "main.log"), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr, checked.stderr
    server = subprocess.Popen(command)
    try:
        _wait_for(proxy, server)
        yield proxy
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _placed(proxy: Proxy, app_port: int) -> str:
    """The sample with this machine's ports and files; each must be there to be replaced."""
    text = SAMPLE.read_text()
    for sample, ours in {
        "listen 443 ssl": f"listen 127.0.0.1:{proxy.port} ssl",
        "listen 80": f"listen 127.0.0.1:{proxy.plain_port}",
        "127.0.0.1:8000": f"127.0.0.1:{app_port}",
        f"/etc/letsencrypt/live/{SITE}": str(proxy.folder),
        "/var/log/nginx": str(proxy.folder),
        "/opt/intake": str(ROOT),
    }.items():
        assert sample in text, sample
        text = text.replace(sample, ours)
    return text


def _make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SITE)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SITE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "privkey.pem").write_bytes(private)


def _wait_for(proxy: Proxy, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        try:
            proxy.opened().close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError((proxy.folder / "main.log").read_text())
