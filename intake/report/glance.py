"""The part of page one that is read first: what forbids, what is not known, where, why, when.

The summary keeps each gap beside what it belongs to; page one gathers them, so that a hurried
reader finds in one place what is not known.
"""

from dataclasses import replace

from intake.report.sheet import Bit, Line, lower_first
from intake.report.summary import Summary

NOT_ANSWERED, NOT_SURE = "NOT ANSWERED", "NOT SURE"
_GAPS = (NOT_ANSWERED, NOT_SURE, "Not known")
WHERE = ("No place", "Worst place")
_LEFT_OUT = "Not asked"
_DATES = 2
"""Bits of the toxin's line that say when: the last injection, and the earliest next date."""


def unknown(summary: Summary) -> tuple[Line, ...]:
    """One line of all gaps, and one of what the short form did not ask; never empty."""
    left_out = [each for each in summary.cautions if each.label == _LEFT_OUT]
    bits = [*_critical(summary), *_missing(summary), *_others(summary)]
    if bits and not summary.verdict.is_movable:
        bits.append(Bit("none of it can move the band"))
    if not (bits or left_out):
        bits = [Bit("nothing that the rules need")]
    return (*([Line("Not known", tuple(bits))] if bits else []), *left_out)


def _critical(summary: Summary) -> list[Bit]:
    count = summary.verdict.critical.partition(": ")[2].partition(".")[0]
    return [Bit(f"{count}, named above", strong=True)] if count else []


def _missing(summary: Summary) -> list[Bit]:
    """What was left blank, then what was answered "not sure", each counted and named."""
    bits: list[Bit] = []
    for said in (NOT_ANSWERED, NOT_SURE):
        gaps = [
            each.label for each in summary.history if is_gap(each) and each.bits[0].text == said
        ]
        told = [bit for each in summary.cautions if each.label == said for bit in each.bits]
        named = [*map(lower_first, gaps), *(lower_first(bit.text) for bit in told if bit.strong)]
        if named:
            bits += [Bit(f"{said}: {len(named)}", strong=True), Bit(", ".join(named))]
        bits += [bit for bit in told if not bit.strong]
    return bits


def _others(summary: Summary) -> list[Bit]:
    return [bit for each in summary.cautions if each.label == "Not known" for bit in each.bits]


def is_gap(line: Line) -> bool:
    """Whether a line says nothing but that its answer is missing."""
    return len(line.bits) == 1 and line.bits[0].text in (NOT_ANSWERED, NOT_SURE)


def cautions(summary: Summary) -> tuple[Line, ...]:
    """Without what `unknown` says."""
    return tuple(each for each in summary.cautions if each.label not in (*_GAPS, _LEFT_OUT))


def history(summary: Summary) -> tuple[Line, ...]:
    """Without what `unknown` says, and with what is told of the last injection."""
    told = [each for each in summary.history if not is_gap(each)]
    return (*_course(summary), *told)


def toxin(summary: Summary) -> tuple[Line, ...]:
    """When the last injection was and when the next one can be."""
    return tuple(replace(each, bits=each.bits[:_DATES]) for each in summary.toxin)


def _course(summary: Summary) -> list[Line]:
    return [
        Line("Last course", each.bits[_DATES:]) for each in summary.toxin if len(each.bits) > _DATES
    ]


def where(summary: Summary) -> tuple[Line, ...]:
    return tuple(each for each in summary.places.lines if each.label in WHERE)


def around(summary: Summary) -> tuple[Line, ...]:
    """What stands beside and below the drawing."""
    rest = [each for each in summary.places.lines if each.label not in WHERE]
    return (*rest, *history(summary))
