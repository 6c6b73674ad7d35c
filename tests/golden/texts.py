"""A summary as text in reading order, as it is before any page is measured.

So it depends on no font of the machine: the most generous fit of page one, and of the pages after
it all but the long lists (answers, sources, rules that do not hold), of which the titles stand.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

from intake.report.fit import FITS
from intake.report.pdf import marked_up
from intake.report.summary import summarise
from tests.golden.patients import Patient

FOLDER = Path(__file__).parent
PAGES = FOLDER / "pages.txt"

_TITLES = {"h1": "# ", "h2": "## ", "h3": "### ", "h4": "#### "}
_LINES = (*_TITLES, "p", "li", "tr", "title")
_SKIPPED = ("style", "text")
_LONG = 400


class _Reader(HTMLParser):
    """Collects a line for each block, its cells apart by bars."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._words: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._skipping += tag in _SKIPPED
        if tag in _LINES:
            self._end_line()
            self._words.append(_TITLES.get(tag, "drawing: " if tag == "title" else ""))
        if tag in ("td", "th") and "".join(self._words).strip():
            self._words.append(" | ")
        if tag == "b" and given.get("class") == "label":
            self._words.append("[")
        if tag == "bdi" and given.get("lang", "en") != "en":
            self._words.append(f"({given['lang']}) ")

    def handle_endtag(self, tag: str) -> None:
        self._skipping -= tag in _SKIPPED
        if tag in _LINES:
            self._end_line()
        if tag == "b" and self._words.count("[") > self._words.count("] "):
            self._words.append("] ")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._words.append(data)

    def _end_line(self) -> None:
        line = " ".join("".join(self._words).split())
        self._words.clear()
        if line:
            self.lines.append(line)


def text(patient: Patient) -> str:
    summary = summarise(patient.document, patient.record)
    html = marked_up(summary, patient.document, FITS[0], with_inside=True)
    reader = _Reader()
    reader.feed(html)
    return "\n".join(_told(reader.lines)) + "\n"


def _told(lines: list[str]) -> list[str]:
    kept: list[str] = []
    is_list = False
    for line in lines:
        if line.startswith("#"):
            is_list = bool(re.match(r"#+ (○|Sources|All answers)", line)) or (
                is_list and not line.startswith("## ")
            )
        if line.startswith("#") or not is_list:
            kept.append(_cut(line))
    return kept


def _cut(line: str) -> str:
    """Of a very long line, the beginning and how long it was."""
    return line if len(line) <= _LONG else f"{line[:_LONG]}… ({len(line)} characters)"
