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
    """Width of the line of cautions; 0 moves them to page two."""
    unknown: int = 900
    """Width of what is not known."""
    life: bool = True
    exam: bool = True
    """Blanks for the examiner; False moves them to page two."""
    exam_row: bool = False
    """The blanks side by side."""
    drawing: bool = True
    """The body map; False moves it to page two."""
    exam_height: int = 34
    """Points of one blank: less than 27 across the page, or 34 in a row, is no room to write."""


_NOTCHES: tuple[dict[str, Any], ...] = (
    {"exam_height": 27},
    {"exam_row": True, "exam_height": 48},
    {"exam_height": 34},
    {"quote": 260},
    {"quote": 200, "cautions": 420, "unknown": 560},
    {"quote": 160, "cautions": 300, "reason": 420},
    {"life": False},
    {"quote": 130, "cautions": 200, "advice": 1, "unknown": 420},
    {"line": 700, "places": 8},
    {"quote": 110},
    {"cautions": 140, "signs": 6, "places": 7, "line": 560, "unknown": 360},
    {"quote": 95, "line": 460, "places": 6},
    {"exam": False},
    {"quote": 90, "reason": 300, "signs": 5},
    {"line": 380},
    {"quote": 85, "line": 320, "signs": 4, "unknown": 300},
    {"places": 5, "line": 270, "reason": 220},
    {"quote": 80, "line": 230, "name": 90},
    {"signs": 3, "line": 190, "advice": 0},
    {"places": 4, "quote": 70, "line": 165},
    {"quote": 55, "line": 145},
    {"quote": 40, "line": 130, "name": 60, "reason": 160},
    {"quote": 32, "line": 115},
    {"quote": 24, "line": 100, "places": 3, "signs": 2},
    {"quote": 18, "line": 85},
    {"quote": 12, "line": 72, "name": 30, "reason": 100},
    {"quote": 8},
    {"quote": 6, "name": 24, "signs": 1, "places": 1},
    {"drawing": False},
    {"line": 50, "reason": 60},
    {"line": 40, "name": 12, "cautions": 0},
)
"""First the blanks become one row, then long quotes, the tails of the cautions and daily life go,
then the blanks: those of the marked places stay in their table. All else only shrinks; near the
end the drawing goes, and its table stays."""


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
    reason: str
    moves: str
    scale: tuple[tuple[str, str], ...]
    """A mark and a name for each band."""
    decided: tuple[Line, ...]
    """The doctor's view and plan, beside the checklist's result."""
    signs: tuple[Sign, ...]
    more_signs: tuple[str, ...]
    sign_words: Bit | None
    forbids: tuple[Line, ...]
    wanted: tuple[Line, ...]
    more_places: int
    beside: tuple[Line, ...]
    """Lines on places and history that stand beside the drawing."""
    below: tuple[Line, ...]
    last: tuple[Line, ...]
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
        reason=shortened(summary.verdict.why, fit.reason),
        moves=shortened(summary.verdict.moves, fit.reason),
        scale=glance.scale(summary),
        decided=_lines(summary.since.decided, fit),
        signs=signs[: fit.signs],
        more_signs=tuple(
            f"{sign.row} {sign.says}" if fit.signs > _FEW else sign.row
            for sign in signs[fit.signs :]
        ),
        sign_words=_bit(words, _roomier(fit)) if words else None,
        forbids=_lines(glance.forbids(summary), fit),
        wanted=_lines(glance.wanted(summary), fit),
        more_places=max(0, len(summary.places.rows) - fit.places),
        beside=body[:beside],
        below=body[beside:],
        last=_lines(glance.last(summary) if fit.cautions else summary.identity.contact, fit),
        daily_life=_lines(summary.daily_life, fit) if fit.life else (),
    )


def _roomier(fit: Fit) -> Fit:
    """What the patient wrote about a danger sign is cut last."""
    return replace(fit, quote=2 * fit.quote)


_BESIDE_ROWS = 18
"""Lines of text beside the drawing and one line of legend."""
_BESIDE_WIDTH = 57
"""Characters of a labelled line beside the drawing."""
_PLACE_WIDTH = 30
"""Characters of a place and its pattern in the table."""


def _beside(lines: tuple[Line, ...], rows: tuple[PlaceRow, ...]) -> int:
    """How many lines stand beside the drawing, below the table; 0 without a drawing."""
    if not rows:
        return 0
    room, kept = float(_BESIDE_ROWS - 2 - sum(map(_row_height, rows))), 0
    for each in lines:
        needed = -(-_line_width(each) // _BESIDE_WIDTH)
        # Half a line's text below the drawing costs no more than all of it at full width.
        if room < needed / 2:
            break
        room -= needed
        kept += 1
    return kept


def _row_height(row: PlaceRow) -> int:
    """Lines of one row; a size such as "small–medium" takes two."""
    named = -(-(width(row.place) + width(row.pattern) + 2) // _PLACE_WIDTH)
    return max(named, 2 if "–" in row.size else 1)


def _line_width(line: Line) -> int:
    label = width(line.label) + 1
    return label + sum(width(bit.lead) + width(bit.text) + 3 for bit in line.bits)


def _lines(lines: Iterable[Line], fit: Fit) -> tuple[Line, ...]:
    return tuple(_line(each, fit) for each in lines)


_LEAST = {"Last toxin": 130}
"""Product, last date and next date belong together, however full the page is."""


def _room(line: Line, fit: Fit) -> int:
    """Some lines are cut before all others, one after them."""
    rooms = {
        "Cautions": fit.cautions,
        "Denied": fit.cautions,
        "Not known": fit.unknown,
        "Not asked": fit.unknown,
    }
    return max(min(fit.line, rooms.get(line.label, fit.line)), _LEAST.get(line.label, 0))


def _line(line: Line, fit: Fit) -> Line:
    """The first bits that fit, at least one, and how many more there are."""
    fit = replace(fit, line=_room(line, fit))
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
