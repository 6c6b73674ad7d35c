"""Page one's groups of lines, in the order in which a doctor with a minute reads them.

The response page of the clinic shows the same groups in the same order.
"""

from intake.report.sheet import Line
from intake.report.summary import Summary

_GAPS = ("NOT ANSWERED", "NOT SURE")
WHERE = ("No place", "Worst place")


def forbids(summary: Summary) -> tuple[Line, ...]:
    """What may hurt, stop or limit, what is not known, and whose answers these are."""
    return (
        *summary.safety,
        *summary.stops,
        *summary.unknown,
        *summary.identity.source,
        *summary.since.lines,
    )


def wanted(summary: Summary) -> tuple[Line, ...]:
    """The worst place, what the person wants, the last toxin with the next date, the filler."""
    where = [each for each in summary.places.lines if each.label in WHERE]
    return (*where, *summary.wishes, *summary.toxin, summary.filler.wish)


def around(summary: Summary) -> tuple[Line, ...]:
    """What stands beside and below the drawing, without what only says that it is not known."""
    rest = [each for each in summary.places.lines if each.label not in WHERE]
    return (*rest, *(each for each in summary.history if not _is_gap(each)))


def _is_gap(line: Line) -> bool:
    return all(bit.strong and bit.text.endswith(_GAPS) for bit in line.bits)


def last(summary: Summary) -> tuple[Line, ...]:
    """What goes first to page two when the page is full, but for the contact."""
    return (*summary.cautions, *summary.identity.contact)


def scale(summary: Summary) -> tuple[tuple[str, str], ...]:
    """(mark, name) of each band: ▶ where it stands, ○ where the checklist stands or could move.

    Once a doctor has decided, only the checklist's own band is marked beside the decision: what
    unknown answers could move is the checklist, not the decision.
    """
    here = summary.since.band
    marks = []
    for step in summary.verdict.scale:
        is_here = step.band is here if here else step.is_band
        is_open = step.is_band if here else step.is_possible
        marks.append(("▶" if is_here else "○" if is_open else "", step.name))
    return tuple(marks)
