"""The PDF, drawn in this process; `render_safely` draws it in one that can be killed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from warnings import catch_warnings, simplefilter

from jinja2 import Environment
from markupsafe import Markup, escape
from weasyprint import HTML, Attachment
from weasyprint.document import Document

from intake.questionnaire.body import figure_svg
from intake.questionnaire.cards import Urgency
from intake.report import paper, tags
from intake.report.fhir import questionnaire_response
from intake.report.fit import FITS, Fit, page_one, shortened
from intake.report.record import RecordView
from intake.report.renderer import RenderFailed, render_safely
from intake.report.since import URGENCY
from intake.report.summary import Summary, summarise

ATTACHMENT = "questionnaire-response.json"
_FOOT_NAME = 44
_SIGNS = {
    Urgency.EMERGENCY: "▲ ",
    Urgency.SAME_DAY: "▲ ",
    Urgency.SOON: "◆ ",
    Urgency.ROUTINE: "",
}


def render(document: Mapping[str, Any], record: RecordView | None = None) -> bytes:
    """Draw a sealed document as PDF/A-3a with its FHIR response attached.

    `record` adds what staff did with it. The same document and record give the same bytes on the
    same machine.
    """
    summary = summarise(document, record)
    drawn = _laid_out(summary, document, _best_fit(summary, document), with_inside=True)
    with catch_warnings():
        # WeasyPrint leaves the file of its color profile to the garbage collector.
        simplefilter("ignore", ResourceWarning)
        return _written(drawn, document, record)


def _written(drawn: Document, document: Mapping[str, Any], record: RecordView | None) -> bytes:
    sent_at = _sent_at(document)
    written: bytes = drawn.write_pdf(
        pdf_variant="pdf/a-3a",
        finisher=tags.finisher(document["language"]),
        pdf_identifier=paper.identifier([document, record.to_dict() if record else None]),
        attachments=[
            Attachment(
                string=json.dumps(questionnaire_response(document), ensure_ascii=False, indent=1),
                name=ATTACHMENT,
                description="The answers as a FHIR R4 QuestionnaireResponse",
                relationship="Data",
                created=sent_at,
                modified=sent_at,
                url_fetcher=paper.nothing_fetched(),
            )
        ],
    )
    return written


def warm_up() -> None:
    """Load fonts, styles and templates before the first document needs them."""
    for size in paper.PAPERS:
        paper.styles("page", size)
    _templates().get_template("document.html")
    paper.warm_up()


def _sent_at(document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["sent_at"]).astimezone(UTC)


def _best_fit(summary: Summary, document: Mapping[str, Any]) -> Fit:
    """The most generous fit that leaves page one on one page.

    Each fit says no more than the one before, and most patients need one of the first: so the
    steps double until one fits, and the last step is halved. Where not even the last one fits,
    the last one it is.
    """
    last = len(FITS) - 1
    low, high = 0, 0
    while high < last and not _is_one_page(summary, document, FITS[high]):
        low, high = high + 1, min(2 * high + 1, last)
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
    html = marked_up(summary, document, fit, with_inside=with_inside)
    laid_out: Document = HTML(string=html, url_fetcher=paper.nothing_fetched()).render(
        font_config=paper.fonts(),
        stylesheets=paper.styles("page", summary.paper),
        pdf_variant="pdf/a-3a",
    )
    return laid_out


def to_print(document: Mapping[str, Any], record: RecordView | None, *, style_sheet: str) -> str:
    """The same content as one HTML page, nothing shortened, for a browser to print.

    `style_sheet` is the address of its styles.
    """
    summary = summarise(document, record)
    return marked_up(summary, document, FITS[0], with_inside=True, style_sheet=style_sheet)


def marked_up(
    summary: Summary,
    document: Mapping[str, Any],
    fit: Fit,
    *,
    with_inside: bool,
    style_sheet: str = "",
) -> str:
    """The HTML that is drawn."""
    return (
        _templates()
        .get_template("document.html")
        .render(
            summary=summary,
            one=page_one(summary, fit),
            sent_at=_sent_at(document).strftime("%Y-%m-%dT%H:%M:%SZ"),
            foot_name=shortened(summary.identity.name, _FOOT_NAME),
            alarm_sign=_SIGNS[summary.since.urgency or summary.alarm.level],
            ruled=URGENCY[summary.since.urgency] if summary.since.urgency else "",
            figure=_figure(summary),
            with_inside=with_inside,
            # No places to break: an address is no word.
            style_sheet=escape(style_sheet),
        )
    )


def _figure(summary: Summary) -> Markup:
    places = summary.places
    if not places.rows:
        return Markup("")
    drawn = figure_svg(
        places.marks, title=places.title, labels=places.labels, font="Noto Sans, sans-serif"
    )
    return Markup(drawn)  # noqa: S704 - our own drawing; its title is escaped there


@cache
def _templates() -> Environment:
    environment = paper.templates().overlay()
    environment.filters = {**environment.filters, "shortened": shortened}
    return environment


__all__ = ["RenderFailed", "render", "render_safely", "to_print", "warm_up"]
