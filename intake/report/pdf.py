"""The PDF, drawn in this process; `render_safely` draws it in one that can be killed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from intake.questionnaire.body import figure_svg
from intake.questionnaire.cards import Urgency
from intake.report.fhir import questionnaire_response
from intake.report.fit import FITS, Fit, page_one, shortened
from intake.report.fonts import breakable, drawable
from intake.report.renderer import RenderFailed, render_safely
from intake.report.summary import Summary, summarise

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "report"
ATTACHMENT = "questionnaire-response.json"
_FOOT_NAME = 44
_SIGNS = {
    Urgency.EMERGENCY: "▲",
    Urgency.SAME_DAY: "▲",
    Urgency.SOON: "◆",
    Urgency.ROUTINE: "○",
}


def render(document: Mapping[str, Any]) -> bytes:
    """Draw a sealed document as PDF/A-3a with its FHIR response attached.

    The same document gives the same bytes on the same machine.
    """
    summary = summarise(document)
    drawn = _laid_out(summary, document, _best_fit(summary, document), with_inside=True)
    with catch_warnings():
        # WeasyPrint leaves the file of its color profile to the garbage collector.
        simplefilter("ignore", ResourceWarning)
        return _written(drawn, document)


def _written(drawn: Document, document: Mapping[str, Any]) -> bytes:
    sent_at = _sent_at(document)
    written: bytes = drawn.write_pdf(
        pdf_variant="pdf/a-3a",
        pdf_identifier=_identifier(document),
        attachments=[
            Attachment(
                string=json.dumps(questionnaire_response(document), ensure_ascii=False, indent=1),
                name=ATTACHMENT,
                description="The answers as a FHIR R4 QuestionnaireResponse",
                relationship="Data",
                created=sent_at,
                modified=sent_at,
                url_fetcher=_nothing_fetched(),
            )
        ],
    )
    return written


def warm_up() -> None:
    """Load fonts, styles and templates before the first document needs them."""
    for paper in ("letter", "a4"):
        _styles(paper)
    _templates().get_template("document.html")
    HTML(string="<p>Warm", url_fetcher=_nothing_fetched()).render(font_config=_fonts())


def _sent_at(document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["sent_at"]).astimezone(UTC)


def _best_fit(summary: Summary, document: Mapping[str, Any]) -> Fit:
    """The most generous fit that leaves page one on one page.

    A binary search: each fit says no more than the one before. Where not even the last one
    fits, the last one it is.
    """
    if _is_one_page(summary, document, FITS[0]):
        return FITS[0]
    low, high = 1, len(FITS) - 1
    while low < high:
        middle = (low + high) // 2
        if _is_one_page(summary, document, FITS[middle]):
            high = middle
        else:
            low = middle + 1
    return FITS[high]


def _is_one_page(summary: Summary, document: Mapping[str, Any], fit: Fit) -> bool:
    return len(_laid_out(summary, document, fit, with_inside=False).pages) == 1


def _laid_out(
    summary: Summary, document: Mapping[str, Any], fit: Fit, *, with_inside: bool
) -> Document:
    html = (
        _templates()
        .get_template("document.html")
        .render(
            summary=summary,
            one=page_one(summary, fit),
            sent_at=_sent_at(document).strftime("%Y-%m-%dT%H:%M:%SZ"),
            foot_name=shortened(summary.identity.name, _FOOT_NAME),
            alarm_sign=_SIGNS[summary.alarm.level],
            figure=_figure(summary),
            with_inside=with_inside,
        )
    )
    laid_out: Document = HTML(string=html, url_fetcher=_nothing_fetched()).render(
        font_config=_fonts(), stylesheets=_styles(summary.paper), pdf_variant="pdf/a-3a"
    )
    return laid_out


def _figure(summary: Summary) -> Markup:
    places = summary.places
    if not places.rows:
        return Markup("")
    drawn = figure_svg(
        places.marks, title=places.title, labels=places.labels, font="Noto Sans, sans-serif"
    )
    return Markup(drawn)  # noqa: S704 - our own drawing; its title is escaped there


def _identifier(document: Mapping[str, Any]) -> bytes:
    """The same for the same document, and telling nothing of it."""
    plain = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32].encode()


@cache
def _templates() -> Environment:
    """Autoescaping on; every text is made drawable on its way into the page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
    )
    environment.filters["shortened"] = shortened
    return environment


def _printed(value: Any) -> Any:
    return breakable(drawable(value)) if type(value) is str else value


@cache
def _nothing_fetched() -> URLFetcher:
    return URLFetcher(allowed_protocols=(), allow_redirects=False)


@cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@cache
def _styles(paper: str) -> tuple[CSS, ...]:
    """Our own style sheets, parsed once; only they may be read from files."""
    ours = URLFetcher(allowed_protocols=("file",), allow_redirects=False)
    return tuple(
        CSS(filename=TEMPLATES / name, url_fetcher=ours, font_config=_fonts())
        for name in ("page.css", f"{paper}.css")
    )


__all__ = ["RenderFailed", "render", "render_safely", "warm_up"]
