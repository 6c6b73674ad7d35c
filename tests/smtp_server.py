"""A mail server that speaks just enough SMTP, with or without TLS, and keeps what it is given."""

from __future__ import annotations

import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Taken:
    """What the server was told."""

    commands: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    log_ins: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    port: int = 0


class _Session(StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        if self.server.security == "tls" and not self._encrypt():
            return
        self._say("220 test")
        while line := self.rfile.readline():
            words = line.decode().strip()
            self.server.taken.commands.append(words.split(" ")[0].upper())
            if not self._answer(words):
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _answer(self, words: str) -> bool:
        taken, command = self.server.taken, words.upper()
        if command.startswith("EHLO"):
            offers = ["test", "AUTH PLAIN"]
            offers += ["STARTTLS"] if self.server.security == "starttls" else []
            for at, offer in enumerate(offers):
                self._say(f"250{' ' if at == len(offers) - 1 else '-'}{offer}")
        elif command == "STARTTLS":
            if self.server.refuses_tls:
                self._say("454 not today")
                return True
            self._say("220 go on")
            return self._encrypt()
        elif command.startswith("AUTH PLAIN"):
            taken.log_ins.append(b64decode(words.split()[2]).decode())
            self._say("235 welcome")
        elif command.startswith("RCPT"):
            taken.recipients.append(words)
            self._say(self.server.to_recipients)
        elif command == "DATA":
            self._say("354 go on")
            self._take()
            self._say("250 taken")
        else:
            self._say("221 bye" if command == "QUIT" else "250 fine")
            return command != "QUIT"
        return True

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.server.taken.mails.append(mail)

    def _encrypt(self) -> bool:
        assert self.server.context
        try:
            self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            # The other side did not trust our certificate.
            return False
        self.rfile = self.connection.makefile("rb")
        return True

    def _say(self, line: str) -> None:
        self.connection.sendall(f"{line}\r\n".encode())


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    context: ssl.SSLContext | None = None
    security = "none"
    refuses_tls = False
    to_recipients = "250 fine"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.taken = Taken(port=int(self.server_address[1]))


@contextmanager
def serving(
    *,
    security: str = "none",
    certificate: Path | None = None,
    refuses_tls: bool = False,
    to_recipients: str = "250 fine",
) -> Iterator[Taken]:
    """A server on a port of its own, until the block ends."""
    with _Server() as server:
        server.security, server.refuses_tls = security, refuses_tls
        server.to_recipients = to_recipients
        if certificate:
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(certificate)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.taken
        finally:
            server.shutdown()
            thread.join()


def make_certificate(path: Path, name: str) -> Path:
    """A certificate for a host name, signed by itself, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
