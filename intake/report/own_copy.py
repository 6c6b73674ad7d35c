"""The patient's own copy as an accessible PDF: words that were chosen and translated before.

It gets no sealed document, so that nothing can slip in: no private answer, no band, no rule.
"""

from collections.abc import Mapping
from typing import Any

from weasyprint import HTML

from intake.report import paper

_VARIANT = "pdf/ua-1"


def render(copy: Mapping[str, Any]) -> bytes:
    """Draw what `intake.web.patient.own_copy.own_copy` collected, tagged as PDF/UA-1."""
    html = paper.templates().get_template("own_copy.html").render(copy=copy)
    drawn = HTML(string=html, url_fetcher=paper.nothing_fetched()).render(
        font_config=paper.fonts(),
        stylesheets=paper.styles("own_copy", copy["paper"]),
        pdf_variant=_VARIANT,
    )
    written: bytes = drawn.write_pdf(pdf_variant=_VARIANT, pdf_identifier=paper.identifier(copy))
    return written


def warm_up() -> None:
    """Load styles and template before the first copy needs them."""
    for size in paper.PAPERS:
        paper.styles("own_copy", size)
    paper.templates().get_template("own_copy.html")
