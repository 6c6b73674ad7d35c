"""Cookies beside the session's: what a reader chose, and nothing of health.

On a public site their names begin with `__Host-`: then no neighbouring host, and nobody on an
unencrypted line, can set one. A browser asks for all attributes to take one away again, too.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from werkzeug.wrappers import Response


def read(name: str) -> str:
    """What the browser keeps under a name; "" for nothing."""
    return request.cookies.get(_full(name), "")


def keep(response: Response, name: str, value: str, *, seconds: int) -> None:
    """Have the browser keep a value for so long."""
    response.set_cookie(_full(name), value, max_age=seconds, **_attributes())


def drop(response: Response, name: str) -> None:
    """Have the browser forget it."""
    response.delete_cookie(_full(name), **_attributes())


def _full(name: str) -> str:
    return f"__Host-{name}" if _is_public() else name


def _attributes() -> dict[str, Any]:
    return {"secure": _is_public(), "httponly": True, "samesite": "Lax", "path": "/"}


def _is_public() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
