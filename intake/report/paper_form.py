"""The form on paper: large print, boxes to tick, the same questions and keys.

It gets words that were collected and translated before, as `intake.web.paper_form` does it.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape
from weasyprint import HTML

from intake.questionnaire.body import figure_svg
from intake.report import paper

_VARIANT = "pdf/ua-1"


def render(form: Mapping[str, Any]) -> bytes:
    """Draw what `intake.web.paper_form.collected` gathered, tagged as PDF/UA-1."""
    figure = figure_svg(
        {}, title=form["figure_title"], labels=form["places"], font="Noto Sans, sans-serif"
    )
    for english, said in form["figure_words"]:
        figure = figure.replace(f">{english}</text>", f">{escape(said)}</text>")
    # Our own drawings: the body, and squares that segno drew.
    drawings = {"figure": Markup(figure), "qr": Markup(form["qr"])}  # noqa: S704 - our own drawings
    html = paper.templates().get_template("paper_form.html").render(form=form, **drawings)
    drawn = HTML(string=html, url_fetcher=paper.nothing_fetched()).render(
        font_config=paper.fonts(),
        stylesheets=paper.styles("paper_form", form["paper"]),
        pdf_variant=_VARIANT,
    )
    written: bytes = drawn.write_pdf(pdf_variant=_VARIANT, pdf_identifier=paper.identifier(form))
    return written


def warm_up() -> None:
    """Load styles and template before the first form needs them."""
    for size in paper.PAPERS:
        paper.styles("paper_form", size)
    paper.templates().get_template("paper_form.html")
