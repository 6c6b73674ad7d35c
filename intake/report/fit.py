"""What page one keeps of a summary, so that it stays one page.

Each `Fit` is one notch tighter than the one before it. The renderer measures and takes the first
that fits; nothing is ever lost, because page two and the answers hold everything in full.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import east_asian_width

from intake.report import glance
from intake.report.alarm import Sign
from intake.report.fonts import drawable
from intake.report.places import PlaceRow
from intake.report.sheet import Bit, Line
from intake.report.summary import Summary

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Fit:
    """How much page one may say. Widths count characters; a wide one (李) counts two."""

    quote: int = 330
    """Width of one quote."""
    line: int = 900
    """Width of one labelled line."""
    name: int = 130
    reason: int = 600
    signs: int = 8
    """Danger signs in full."""
    advice: int = 4
    """Paragraphs of the advice that was shown, word for word; 0 keeps its time alone."""
    places: int = 10
    """Rows of the table."""
    cautions: int = 900
    """Width of the line of cautions."""
    life: bool = True
    rules: bool = True
    filler: int = 9
    """Lines of the filler box; 0 moves it to page two."""
    exam: bool = True
    """Blanks for the examiner; False moves them to page two."""
    exam_row: bool = False
    """The blanks side by side."""
    drawing: bool = True
    """The body map; False moves it to page two."""
    exam_height: int = 34
    """Points of one blank; some 20 are needed to write by hand."""


_NOTCHES: tuple[dict[str, Any], ...] = (
    {"exam_height": 27},
    {"exam_height": 20},
    {"exam_row": True, "exam_height": 34},
    {"quote": 260},
    {"quote": 200, "cautions": 420},
    {"quote": 160, "cautions": 300, "reason": 420},
    {"exam_height": 27},
    {"life": False},
    {"quote": 130, "cautions": 200, "advice": 1},
    {"filler": 2, "line": 700, "places": 8},
    {"exam_height": 20, "filler": 1, "quote": 110},
    {"cautions": 140, "signs": 6, "places": 7, "line": 560},
    {"quote": 95, "line": 460, "places": 6},
    {"exam": False},
    {"filler": 0},
    {"rules": False},
    {"quote": 90, "reason": 300, "signs": 5},
    {"line": 380},
    {"quote": 85, "line": 320, "signs": 4},
    {"places": 5, "line": 270, "reason": 220},
    {"quote": 80, "line": 230, "name": 90},
    {"signs": 3, "line": 190, "advice": 0},
    {"places": 4, "quote": 70, "line": 165},
    {"quote": 55, "line": 145},
    {"quote": 40, "line": 130, "name": 60, "reason": 160},
    {"quote": 32, "line": 115},
    {"quote": 24, "line": 100, "places": 3, "signs": 2},
    {"quote": 18, "line": 85},
    {"quote": 12, "line": 70, "name": 30, "reason": 100},
    {"quote": 8, "line": 50},
    {"quote": 6, "line": 30, "name": 12, "signs": 1, "reason": 60, "places": 1},
    {"drawing": False},
)
"""First go long quotes, the tails of the cautions and daily life; then the blanks (14), the filler
box (13) and the rules (12). (1) to (10) only shrink; at the very
last the drawing goes, and its table stays."""


def _tightened() -> tuple[Fit, ...]:
    fits = [Fit()]
    for notch in _NOTCHES:
        fits.append(replace(fits[-1], **notch))
    return tuple(fits)


FITS = _tightened()
"""From generous to tight."""


@dataclass(frozen=True, slots=True)
class PageOne:
    """A summary cut to one page; `more_*` count what is left for the pages after it."""

    fit: Fit
    name: str
    identity: tuple[Line, ...]
    reason: str
    critical: str
    decided: tuple[Line, ...]
    """The doctor's view and plan, beside the checklist's result."""
    since: tuple[Line, ...]
    safety: tuple[Line, ...]
    signs: tuple[Sign, ...]
    more_signs: tuple[str, ...]
    sign_words: Bit | None
    stops: tuple[Line, ...]
    unknown: tuple[Line, ...]
    """What is not known, in one place: lines that say nothing else, and the gaps."""
    where: tuple[Line, ...]
    wishes: tuple[Line, ...]
    more_places: int
    beside: tuple[Line, ...]
    """Lines on places and history that stand beside the drawing."""
    below: tuple[Line, ...]
    toxin: tuple[Line, ...]
    """The last injection and the earliest next date."""
    cautions: tuple[Line, ...]
    daily_life: tuple[Line, ...]


_FEW = 2
"""From here on, further danger signs are named by their row alone."""


def page_one(summary: Summary, fit: Fit) -> PageOne:
    signs = summary.alarm.signs
    words = summary.alarm.words
    body = _lines(glance.around(summary), fit)
    beside = _beside(body, summary.places.rows[: fit.places]) if fit.drawing else 0
    return PageOne(
        fit=fit,
        name=shortened(summary.identity.name, fit.name),
        identity=_lines(summary.identity.lines, fit),
        reason=shortened(summary.verdict.reason, fit.reason),
        critical=shortened(summary.verdict.critical, fit.reason),
        decided=_lines(summary.since.decided, fit),
        since=_lines(summary.since.lines, fit),
        safety=_lines(summary.safety, fit),
        signs=signs[: fit.signs],
        more_signs=tuple(
            f"{sign.row} {sign.says}" if fit.signs > _FEW else sign.row
            for sign in signs[fit.signs :]
        ),
        sign_words=_bit(words, _roomier(fit)) if words else None,
        stops=_lines(summary.stops, fit),
        unknown=_lines(glance.unknown(summary), replace(fit, line=min(fit.line, fit.cautions))),
        where=_lines(glance.where(summary), fit),
        wishes=_lines(summary.wishes, fit),
        more_places=max(0, len(summary.places.rows) - fit.places),
        beside=body[:beside],
        below=body[beside:],
        toxin=_lines(glance.toxin(summary), fit),
        cautions=_lines(glance.cautions(summary), replace(fit, line=min(fit.line, fit.cautions))),
        daily_life=_lines(summary.daily_life, fit) if fit.life else (),
    )


def _roomier(fit: Fit) -> Fit:
    """What the patient wrote about a danger sign is cut last."""
    return replace(fit, quote=2 * fit.quote)


_BESIDE_ROWS = 18
"""Lines of text beside the drawing and one line of legend."""
_BESIDE_WIDTH = 57
"""Characters of a labelled line beside the drawing."""
_PLACE_WIDTH = 29
"""Characters of a place and its pattern in the table."""


def _beside(lines: tuple[Line, ...], rows: tuple[PlaceRow, ...]) -> int:
    """How many lines stand beside the drawing, below the table; 0 without a drawing."""
    if not rows:
        return 0
    table = sum(-(-(width(row.place) + width(row.pattern) + 2) // _PLACE_WIDTH) for row in rows)
    room, kept = float(_BESIDE_ROWS + (len(rows) > 1) - 2 - table), 0
    for each in lines:
        needed = -(-_line_width(each) // _BESIDE_WIDTH)
        # Half a line's text below the drawing costs no more than all of it at full width.
        if room < needed / 2:
            break
        room -= needed
        kept += 1
    return kept


def _line_width(line: Line) -> int:
    label = width(line.label) + 1
    return label + sum(width(bit.lead) + width(bit.text) + 3 for bit in line.bits)


def _lines(lines: Iterable[Line], fit: Fit) -> tuple[Line, ...]:
    return tuple(_line(each, fit) for each in lines)


def _line(line: Line, fit: Fit) -> Line:
    """The first bits that fit, at least one, and how many more there are."""
    kept: list[Bit] = []
    room = fit.line
    for bit in line.bits:
        short = _bit(bit, fit)
        room -= width(short.lead) + width(short.text)
        if kept and room < 0:
            break
        kept.append(short)
    more = len(line.bits) - len(kept)
    return replace(line, bits=(*kept, *([Bit(f"{ELLIPSIS} ({more} more inside)")] if more else [])))


def _bit(bit: Bit, fit: Fit) -> Bit:
    return replace(bit, text=shortened(bit.text, fit.quote if bit.quote else fit.line))


def shortened(text: str, room: int) -> str:
    """The text, or as much of it as `room` holds, cut between words where possible."""
    if width(text) <= room:
        return text
    kept, left = "", room - 1
    for character in text:
        left -= width(character)
        if left < 0:
            break
        kept += character
    at_word, _, _ = kept.rpartition(" ")
    return (at_word if len(at_word) > room // 2 else kept).rstrip() + ELLIPSIS


def width(text: str) -> int:
    """Roughly how wide a text is: wide characters count two, a code point in its place nine."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    drawn = drawable(character)
    return len(drawn) if drawn != character else 1 + (east_asian_width(character) in "WF")
