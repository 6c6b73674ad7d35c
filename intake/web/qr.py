"""Pictures for cameras."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET_ZONE = 4
"""So many blank modules a reader needs around the code."""


def qr(text: str) -> Markup:
    """A QR code: black on white in dark mode too, or phones do not read it."""
    drawn = segno.make_qr(text, error="m")
    svg = drawn.svg_inline(
        border=QUIET_ZONE, omitsize=True, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    # Drawn by segno: the text becomes modules, and none of it stands in the picture as text.
    return Markup(svg)  # noqa: S704 - squares that segno drew
