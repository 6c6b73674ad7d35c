"""One line of log a request: what was asked and how it went, never what was said."""

from __future__ import annotations

import re
import secrets
from time import perf_counter

import structlog
from flask import Flask, Response, current_app, g, request

from intake.logs import configure_logs
from intake.web.metrics import count_request
from intake.web.probes import is_probe

log = structlog.get_logger("intake.web")

ID = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,36}")


def log_requests(app: Flask) -> None:
    """Give each request an id and log its end."""
    # Also where no server did it: an unconfigured log prints what people typed with each error.
    configure_logs(form=app.extensions["settings"].log_format)
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    g.request_id = _proxys_id() or secrets.token_hex(4)
    g.began = perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _proxys_id() -> str:
    """The id that the proxy in front logs too; "" where nobody stands between us and a stranger."""
    if not current_app.extensions["settings"].proxy_hops:
        return ""
    given = request.headers.get(ID, "")
    return given if _WELL_FORMED.fullmatch(given) else ""


def number_to_quote(status: int) -> str | None:
    """What a person who calls about an error page can say, so that its line is found.

    None where there is nothing at all: one such page must not differ from another.
    """
    return None if status in {404, 405} else g.get("request_id")


def _end(response: Response) -> Response:
    took = perf_counter() - g.get("began", perf_counter())
    response.headers[ID] = g.get("request_id", "none")
    count_request(request.endpoint, response.status_code, took)
    if is_probe(request.endpoint) and response.status_code == 200:
        # They come every few seconds and would hide all else.
        return response
    # The endpoint, not the address: an address may hold what somebody typed.
    log.info(
        "request",
        request_id=g.get("request_id", "none"),
        method=request.method if request.method.isalpha() else "other",
        endpoint=request.endpoint or "none",
        status=response.status_code,
        duration_ms=round(took * 1000),
    )
    return response


def _forget(_: BaseException | None) -> None:
    structlog.contextvars.unbind_contextvars("request_id")
