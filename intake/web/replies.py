"""Replies that are the same page for htmx and for a browser without scripts.

Without htmx a page that follows from a post is a redirect; with htmx it comes in the same round
trip, and the address is pushed. A page is always rendered whole: htmx takes `#page` out of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse


@dataclass(frozen=True, slots=True)
class Page:
    """An address and how to render what stands there."""

    url: str
    render: Callable[[], str]


def by_htmx() -> bool:
    """Whether a script made this request and swaps the reply in."""
    return request.headers.get("HX-Request") == "true"


def turn_to(page: Page) -> AnyResponse:
    """Go on to another page."""
    if not by_htmx():
        return redirect(page.url, 303)
    response = make_response(page.render())
    response.headers["HX-Push-Url"] = page.url
    return response


def leave_to(url: str) -> AnyResponse:
    """Go to a page that is loaded anew."""
    if not by_htmx():
        return redirect(url, 303)
    return Response(status=204, headers={"HX-Redirect": url})


def stay(html: str, status: int = 422) -> AnyResponse:
    """The same page again, with what is wrong; htmx swaps 409 and 422 in."""
    return make_response(html, status)
