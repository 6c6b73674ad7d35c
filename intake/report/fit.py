"""What page one keeps of a summary, so that it stays one page.

Each `Fit` is one notch tighter than the one before it. The renderer measures and takes the first
that fits; nothing is ever lost, because page two and the answers hold everything in full.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

from intake.report.alarm import Sign
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
    """Sentences of the advice that was shown; 0 keeps its time alone, 1 its one line."""
    places: int = 10
    """Rows of the table."""
    life: bool = True
    rules: bool = True
    filler: int = 9
    """Lines of the filler box; 0 moves it to page two."""
    exam: int = 3
    """Blank lines for the examiner; 0 moves them to page two."""


_NOTCHES: tuple[dict[str, int | bool], ...] = (
    {"exam": 2},
    {"advice": 1},
    {"quote": 240},
    {"filler": 3},
    {"exam": 1},
    {"line": 600, "reason": 420},
    {"places": 8},
    {"quote": 170},
    {"filler": 1},
    {"line": 430, "signs": 6},
    {"places": 7},
    {"life": False},
    {"quote": 120, "reason": 300},
    {"line": 320, "signs": 5},
    {"exam": 0},
    {"filler": 0},
    {"places": 6},
    {"rules": False},
    {"quote": 90, "name": 90},
    {"line": 250, "signs": 4, "reason": 220},
    {"places": 5},
    {"quote": 60},
    {"line": 190, "signs": 3, "advice": 0},
    {"places": 4, "quote": 40, "name": 60},
    {"line": 140, "reason": 160},
    {"line": 100, "quote": 24, "places": 3, "signs": 2},
    {"line": 70, "quote": 12, "name": 30, "reason": 100},
    {"line": 30, "quote": 6, "name": 12, "signs": 1, "reason": 60, "places": 1},
)


def _tightened() -> tuple[Fit, ...]:
    fits = [Fit()]
    for notch in _NOTCHES:
        fits.append(replace(fits[-1], **notch))  # type: ignore[arg-type]
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
    unknown: str
    signs: tuple[Sign, ...]
    more_signs: tuple[str, ...]
    sign_words: Bit | None
    stops: tuple[Line, ...]
    wishes: tuple[Line, ...]
    more_places: int
    beside: tuple[Line, ...]
    """Lines on places and history that stand beside the drawing."""
    below: tuple[Line, ...]
    cautions: tuple[Line, ...]
    daily_life: tuple[Line, ...]


def page_one(summary: Summary, fit: Fit) -> PageOne:
    signs = summary.alarm.signs
    words = summary.alarm.words
    body = _lines((*summary.places.lines, *summary.history), fit)
    beside = _beside(body, min(len(summary.places.rows), fit.places))
    return PageOne(
        fit=fit,
        name=shortened(summary.identity.name, fit.name),
        identity=_lines(summary.identity.lines, fit),
        reason=shortened(summary.verdict.reason, fit.reason),
        unknown=shortened(summary.verdict.unknown, fit.reason),
        signs=signs[: fit.signs],
        more_signs=tuple(sign.row for sign in signs[fit.signs :]),
        sign_words=_bit(words, fit) if words else None,
        stops=_lines(summary.stops, fit),
        wishes=_lines(summary.wishes, fit),
        more_places=max(0, len(summary.places.rows) - fit.places),
        beside=body[:beside],
        below=body[beside:],
        cautions=_lines(summary.cautions, fit),
        daily_life=_lines(summary.daily_life, fit) if fit.life else (),
    )


_BESIDE_ROWS = 16
"""Lines of text beside the drawing."""
_BESIDE_WIDTH = 48
"""Characters of a labelled line beside the drawing."""


def _beside(lines: tuple[Line, ...], rows: int) -> int:
    """How many lines stand beside the drawing, below the table; 0 without a drawing."""
    if not rows:
        return 0
    room, kept = _BESIDE_ROWS - 1 - 1.4 * rows, 0
    for each in lines:
        room -= -(-_line_width(each) // _BESIDE_WIDTH)
        if room < 0:
            break
        kept += 1
    return kept


def _line_width(line: Line) -> int:
    return sum(width(bit.lead) + width(bit.text) + 4 for bit in line.bits)


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
    kept = ""
    for character in text:
        if width(kept) + width(character) >= room:
            break
        kept += character
    at_word, _, _ = kept.rpartition(" ")
    return (at_word if len(at_word) > room // 2 else kept).rstrip() + ELLIPSIS


def width(text: str) -> int:
    """Roughly how wide a text is: wide characters count two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
