"""One line of log a request: what was asked and how it went, never what was said."""

from __future__ import annotations

import secrets
from time import perf_counter

import structlog
from flask import Flask, Response, g, request

from intake.logs import configure_logs

log = structlog.get_logger("intake.web")


def log_requests(app: Flask) -> None:
    """Give each request an id and log its end."""
    # Also where no server did it: an unconfigured log prints what people typed with each error.
    configure_logs()
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id = secrets.token_hex(4)
    g.began = perf_counter()


def _end(response: Response) -> Response:
    # The endpoint, not the address: an address may hold what somebody typed.
    log.info(
        "request",
        request_id=g.get("request_id", "none"),
        method=request.method if request.method.isalpha() else "other",
        endpoint=request.endpoint or "none",
        status=response.status_code,
        duration_ms=round((perf_counter() - g.get("began", perf_counter())) * 1000),
    )
    return response
