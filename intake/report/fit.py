"""What page one keeps of a summary, so that it stays one page.

Each `Fit` is one notch tighter than the one before it. The renderer measures and takes the first
that fits; nothing is ever lost, because page two and the answers hold everything in full.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

from intake.report.alarm import Sign
from intake.report.fonts import drawable
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
    exam_height: int = 34
    """Points; some 20 are needed to write by hand."""


_NOTCHES: tuple[dict[str, int | bool], ...] = (
    {"exam_height": 27},
    {"exam_height": 20},
    {"exam": 2},
    {"filler": 3},
    {"advice": 1},
    {"exam": 1, "filler": 1},
    {"quote": 260, "line": 700, "reason": 420},
    {"places": 8, "signs": 6},
    {"exam": 0},
    {"filler": 0},
    {"rules": False},
    {"quote": 200, "line": 560},
    {"life": False},
    {"places": 7, "line": 460},
    {"quote": 160, "reason": 300, "signs": 5},
    {"line": 380, "places": 6},
    {"quote": 125, "line": 320, "signs": 4},
    {"places": 5, "line": 270, "reason": 220},
    {"quote": 90, "line": 230, "name": 90},
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
)
"""First go blanks (14), filler (13), rules (12), daily life (11). (1) to (10) only shrink."""


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


_FEW = 2
"""From here on, further danger signs are named by their row alone."""


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
        more_signs=tuple(
            f"{sign.row} {sign.says}" if fit.signs > _FEW else sign.row
            for sign in signs[fit.signs :]
        ),
        sign_words=_bit(words, _roomier(fit)) if words else None,
        stops=_lines(summary.stops, fit),
        wishes=_lines(summary.wishes, fit),
        more_places=max(0, len(summary.places.rows) - fit.places),
        beside=body[:beside],
        below=body[beside:],
        cautions=_lines(summary.cautions, fit),
        daily_life=_lines(summary.daily_life, fit) if fit.life else (),
    )


def _roomier(fit: Fit) -> Fit:
    """What the patient wrote about a danger sign is cut last."""
    return replace(fit, quote=2 * fit.quote)


_BESIDE_ROWS = 16
"""Lines of text beside the drawing."""
_BESIDE_WIDTH = 55
"""Characters of a labelled line beside the drawing."""


def _beside(lines: tuple[Line, ...], rows: int) -> int:
    """How many lines stand beside the drawing, below the table; 0 without a drawing."""
    if not rows:
        return 0
    room, kept = _BESIDE_ROWS - 1 - 1.5 * rows, 0
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
