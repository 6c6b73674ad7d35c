"""Replies in fewer bytes: `make run` serves a slow phone as well as a proxy would.

BREACH guesses a secret of a compressed page from its length: it needs a page that holds a secret
and repeats what the attacker sends, asked for again and again with the reader's cookies. Our
cookies are SameSite=Lax, so another site cannot have a page loaded with them but by leading the
whole window there, and no page repeats more of an address than the path of a page. As a third
wall, a page that another site led to is not compressed when the browser sent cookies along. A
first visit has none.
"""

from __future__ import annotations

import gzip
import re
from functools import cache

from flask import Flask, Request, Response, request
from flask_compress import Compress
from zopfli.gzip import compress as zopfli

from intake.web.assets import is_fingerprinted

TYPES = [
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "application/json",
    "application/fhir+json",
    "image/svg+xml",
]
OURS = frozenset({"same-origin", "none"})
_TYPED = re.compile(r"(<textarea.*?</textarea>)", re.DOTALL)


def compress_replies(app: Flask) -> None:
    """Compress every reply of text."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=TYPES,
        COMPRESS_ALGORITHM=["br", "gzip"],
        # A page of 25 kB takes a millisecond or two.
        COMPRESS_LEVEL=9,
        COMPRESS_BR_LEVEL=6,
        # What is streamed is a file, and compressed already where that helps.
        COMPRESS_STREAMS=False,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    pages = Compress(app)

    def compress(response: Response) -> Response:
        if response.status_code == 200 and is_fingerprinted(request):
            return _file(response)
        if led_by_others(request):
            return response
        if response.mimetype == "text/html" and not response.is_streamed:
            response.set_data(lean_html(response.get_data(as_text=True)))
        if response.status_code >= 400:
            return _error(response)
        return pages.after_request(response)

    app.after_request(compress)


def led_by_others(asked: Request) -> bool:
    """Whether another site led here a browser that has cookies of ours."""
    return asked.headers.get("Sec-Fetch-Site", "none") not in OURS and bool(asked.cookies)


def lean_html(text: str) -> str:
    """The same page without indentation; what somebody typed over several lines stays."""
    parts = _TYPED.split(text)
    # Every second part is a field with its words.
    parts[::2] = [re.sub(r"\n\s+", "\n", part) for part in parts[::2]]
    return "".join(parts)


def _error(response: Response) -> Response:
    """A page with what is wrong: as heavy as any, and left out by the library."""
    response.headers.add("Vary", "Accept-Encoding")
    if response.mimetype in TYPES and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _file(response: Response) -> Response:
    """A file under its fingerprint: packed as small as can be, once, and kept in memory."""
    response.headers["Vary"] = "Accept-Encoding"
    if response.mimetype in TYPES and request.accept_encodings["gzip"] > 0:
        response.direct_passthrough = False
        response.set_data(_packed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)
    return response


@cache
def _packed(content: bytes) -> bytes:
    packed: bytes = zopfli(content)
    return packed
