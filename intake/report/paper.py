"""What every PDF is drawn with: templates, styles, fonts, and nothing fetched."""

import re
from functools import cache
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from intake.report.fonts import breakable, drawable

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "report"
PAPERS = ("letter", "a4")


@cache
def templates() -> Environment:
    """Autoescaping on; every text is made drawable on its way into the page."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
    )


_TOGETHER = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December) (?:\d{1,2}, )?\d{4}|\d{1,2}:\d\d [AP]M|\d+ of \d+|\d+ (?:days|weeks)\b"
)


def _printed(value: Any) -> Any:
    return (
        _TOGETHER.sub(_kept_together, breakable(drawable(value))) if type(value) is str else value
    )


def _kept_together(found: re.Match[str]) -> str:
    """A date, a time of day or a figure, which no end of a line may take apart."""
    return found[0].replace(" ", "\N{NO-BREAK SPACE}")


@cache
def nothing_fetched() -> URLFetcher:
    return URLFetcher(allowed_protocols=(), allow_redirects=False)


@cache
def fonts() -> FontConfiguration:
    return FontConfiguration()


@cache
def styles(*names: str) -> tuple[CSS, ...]:
    """Our own style sheets, parsed once; only they may be read from files."""
    ours = URLFetcher(allowed_protocols=("file",), allow_redirects=False)
    return tuple(
        CSS(filename=TEMPLATES / f"{name}.css", url_fetcher=ours, font_config=fonts())
        for name in names
    )


def warm_up() -> None:
    """Load the fonts before the first document needs them."""
    HTML(string="<p>Warm", url_fetcher=nothing_fetched()).render(font_config=fonts())


def proof() -> bytes:
    """A page of one word, drawn as every other: by which a running server shows that it can."""
    page = HTML(string="<p>Ready", url_fetcher=nothing_fetched())
    drawn: bytes = page.write_pdf(font_config=fonts(), stylesheets=styles("page", PAPERS[0]))
    return drawn


def identifier(document: Any) -> bytes:
    """The same for the same document, and telling nothing of it."""
    plain = dumps(document, sort_keys=True, ensure_ascii=False)
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32].encode()
