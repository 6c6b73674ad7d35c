"""Handing one short mail to the clinic's server, or nothing at all.

Every mail has one recipient and no answer in it. Where the connection cannot be kept secret or
the server cannot prove its name, nothing is sent; no error repeats an address or a password.
"""

from __future__ import annotations

import os
import re
import secrets
import smtplib
import ssl
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid

from intake.config import MailFolder, MailServer, Settings

ONE_CLICK = "List-Unsubscribe=One-Click"
"""What a mail program posts to stop mails, and by which header it learns that it may."""
SECONDS = 10
"""A server that is silent for longer is not there: somebody waits for the page."""
LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
# Plain addresses only: no quotes, no comments, nothing that begins another header or recipient.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


class MailFailed(Exception):
    """The mail was not taken; `reason` is a fixed word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_address(typed: str) -> bool:
    """Whether mail can be sent to this address."""
    local, at, domain = typed.rpartition("@")
    return bool(
        at
        and len(typed) <= LONGEST_ADDRESS
        and len(local) <= LONGEST_LOCAL_PART
        and _LOCAL.fullmatch(local)
        and _DOMAIN.fullmatch(domain)
    )


def send(
    settings: Settings,
    *,
    to: str,
    subject: str,
    body: str,
    sender: Address,
    stop_at: str = "",
    one_click: bool = False,
) -> None:
    """Send a plain text to one address; raises `MailFailed` when it was not taken.

    `stop_at` is the page where its reader ends mails of this kind, for the mail program's button;
    with `one_click` the program may also post to it by itself (RFC 8058).
    """
    if not is_address(to) or not is_address(sender.addr_spec):
        raise MailFailed("address")
    try:
        message = _message(to, subject, body, sender)
        if stop_at:
            message["List-Unsubscribe"] = f"<{stop_at}>"
        if one_click and stop_at.startswith("https://"):
            # Only an address that nobody on the way can read may be posted to.
            message["List-Unsubscribe-Post"] = ONE_CLICK
    except ValueError:
        # A line break in a header; the cause would repeat it.
        raise MailFailed("header") from None
    match settings.mail:
        case MailFolder() as folder:
            _write(folder, message)
        case MailServer() as server:
            _hand_in(server, message, sender, to)
        case None:
            raise MailFailed("off")


def _message(to: str, subject: str, body: str, sender: Address) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Date"] = datetime.now(UTC)
    # Not made of this machine's name, which is nobody's business.
    message["Message-ID"] = make_msgid(domain=sender.domain)
    # Out-of-office programs do not answer it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, cte="quoted-printable")
    return message


def _write(folder: MailFolder, message: EmailMessage) -> None:
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.eml"
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder.path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(message.as_bytes())
    except OSError as error:
        raise MailFailed(type(error).__name__) from None


def _hand_in(server: MailServer, message: EmailMessage, sender: Address, to: str) -> None:
    try:
        with _connected(server, sender.domain) as connection:
            if server.username:
                connection.login(server.username, server.password)
            connection.send_message(message, sender.addr_spec, [to])
    except (OSError, smtplib.SMTPException) as error:
        # What a server answers often repeats the address.
        raise MailFailed(type(error).__name__) from None


def _connected(server: MailServer, own_name: str) -> smtplib.SMTP:
    """A connection that is secret, to a server that proved its name, unless on this machine."""
    trusted = ssl.create_default_context()
    where = (server.host, server.port, own_name)
    if server.security == "tls":
        return smtplib.SMTP_SSL(*where, timeout=SECONDS, context=trusted)
    connection = smtplib.SMTP(*where, timeout=SECONDS)
    if server.security == "starttls":
        try:
            connection.starttls(context=trusted)
        except BaseException:
            connection.close()
            raise
    return connection
