"""Telling another program of the clinic, over HTTP, that something arrived: signed, no answers.

Its reader checks that `Intake-Signature` is "v1=" and the hex HMAC-SHA256, under the shared secret,
of `Intake-Timestamp`, a dot and the body, and that the time is not long ago.
"""

from __future__ import annotations

import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

SECONDS = 10


class WebhookFailed(Exception):
    """The notice was not taken; `reason` is a fixed word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What stands in `Intake-Signature`."""
    return "v1=" + hmac.digest(secret.encode(), f"{stamp}.".encode() + body, "sha256").hex()


def post(url: str, secret: str, notice: Mapping[str, str], *, id: str, at: datetime) -> None:
    """Post a notice; raises `WebhookFailed` for any reply but 2xx, a redirect among them.

    `id` is the same at each try, so that its reader can tell a repetition; `at` is now.
    """
    body = json.dumps(notice).encode()
    stamp = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "Intake-Notice": id,
        "Intake-Timestamp": stamp,
        "Intake-Signature": signature(secret, stamp, body),
    }
    place = urlsplit(url)
    path = (place.path or "/") + (f"?{place.query}" if place.query else "")
    connection = _connection(place.scheme, place.hostname or "", place.port)
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise WebhookFailed(type(error).__name__) from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise WebhookFailed(f"status_{status}")


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """`http.client` follows no redirects: what is signed goes to the one address alone."""
    if scheme == "https":
        trusted = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=trusted)
    return http.client.HTTPConnection(host, port, timeout=SECONDS)
