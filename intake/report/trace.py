"""(12) Why the checklist says what it says: every rule with answers, points and source."""

from dataclasses import dataclass

from intake.report.sheet import Sheet
from intake.scoring.model import Band, Effect, Finding, Unknown

YES, NO, OPEN = "●", "○", "?"
WORDS = {YES: "holds", NO: "does not hold", OPEN: "not known"}

_TITLES = {
    Effect.URGENCY: "Danger signs (urgency)",
    Effect.PATHWAY: "Another pathway",
    Effect.DEFER: "Stops: resolve first",
    Effect.CAP: "Limits",
    Effect.POINTS: "Points",
    Effect.UNKNOWN: "Not known",
    Effect.EXCLUDE: "Product exclusions",
    Effect.FLAG: "Cautions, without effect on the band",
    Effect.FILLER: "Filler, without effect on the band",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule as the trace prints it. `mark` is YES, NO or OPEN."""

    mark: str
    rule: str
    says: str
    note: str
    read: str
    points: str
    source: str
    on_hold: bool

    @property
    def word(self) -> str:
        return WORDS[self.mark]


@dataclass(frozen=True, slots=True)
class Group:
    """Rules of one effect: those to read in full, and those that do not hold."""

    title: str
    full: tuple[Entry, ...]
    absent: tuple[Entry, ...]
    absent_read: str
    """The answers that the absent ones read, each once."""


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer that is not known, and what it could move."""

    label: str
    said: str
    effect: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two answers that cannot both be right."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Trace:
    groups: tuple[Group, ...]
    open_answers: tuple[OpenAnswer, ...]
    clashes: tuple[Clash, ...]
    books: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    """Number and gist of each fact behind a rule that is printed in full."""
    points_line: str


def trace(sheet: Sheet) -> Trace:
    groups = tuple(g for effect in _TITLES if (g := _group(sheet, effect)))
    return Trace(
        groups=groups,
        open_answers=tuple(_open_answers(sheet)),
        clashes=tuple(_clashes(sheet)),
        books=tuple(sheet.document["sources"].items()),
        facts=tuple(_facts(sheet)),
        points_line=points_line(sheet),
    )


def _group(sheet: Sheet, effect: Effect) -> Group | None:
    found = [f for f in sheet.assessment.findings if f.effect is effect]
    full = [f for f in found if f.holds or f.holds is None or effect is Effect.POINTS]
    absent = [f for f in found if f not in full]
    if not found:
        return None
    return Group(
        _TITLES[effect],
        tuple(_entry(finding, _read(sheet, finding)) for finding in full),
        tuple(_entry(finding, "") for finding in absent),
        _read_by(absent),
    )


def _entry(finding: Finding, read: str) -> Entry:
    return Entry(
        mark=_mark(finding),
        rule=finding.rule,
        says=finding.says,
        note=finding.note,
        read=read,
        points=points(finding),
        source=finding.source,
        on_hold=finding.on_hold,
    )


def _mark(finding: Finding) -> str:
    if finding.holds is None or finding.unsure:
        return OPEN
    return YES if finding.holds else NO


def points(finding: Finding) -> str:
    if finding.max_points is None or finding.points is None:
        return ""
    best = "" if finding.best in (None, finding.points) else f" (could be {finding.best})"
    return f"{finding.points} of {finding.max_points}{best}"


def _read(sheet: Sheet, finding: Finding) -> str:
    """The answers that the rule rests on, with those that it lacked."""
    if finding.effect is Effect.UNKNOWN:
        return ""
    given = [f"{read.label}: {read.words or 'not answered'}" for read in finding.reads]
    lacking = [key for key in finding.missing if key not in {r.key for r in finding.reads}]
    rows = [row for key in lacking if (row := sheet.row(key))]
    return "; ".join([*given, *(f"{row['label']}: not answered" for row in rows)])


def _read_by(findings: list[Finding]) -> str:
    """What several rules read, each answer once."""
    read = {
        each.key: f"{each.label}: {each.words or 'not answered'}"
        for f in findings
        for each in f.reads
    }
    return "; ".join(read.values())


def points_line(sheet: Sheet) -> str:
    """ "K1 3/3, K2 1/1, …", the total, and the core items."""
    found = sheet.assessment
    scored = [f for f in found.findings if f.effect is Effect.POINTS]
    if found.band is Band.OTHER:
        return "none computed for a different pathway"
    each = " · ".join(f"{f.rule} {f.points or 0}/{f.max_points}" for f in scored)
    if found.total is None:
        return f"on hold, no total: {each}"
    met = [rule for rule, ok in found.core.items() if ok]
    lacking = [rule for rule, ok in found.core.items() if not ok]
    core = f"core met: {', '.join(met) or 'none'}"
    core += f"; core not met: {', '.join(lacking)}" if lacking else ""
    return f"{each} = {found.total} of {found.max_total}; {core}"


def deciding(sheet: Sheet) -> str:
    """The rules other than points that hold, by number."""
    held = sheet.holding(Effect.URGENCY, Effect.PATHWAY, Effect.DEFER, Effect.CAP, Effect.UNKNOWN)
    named = [f"{f.rule}{' (on hold)' if f.on_hold else ''}" for f in held]
    return ", ".join(dict.fromkeys(named))


def _open_answers(sheet: Sheet) -> list[OpenAnswer]:
    return [
        OpenAnswer(unknown.label, unknown.said, _could_move(sheet, unknown))
        for unknown in sheet.assessment.unknown
    ]


def _could_move(sheet: Sheet, unknown: Unknown) -> str:
    """Candidate bands are not named where a rule above them decides."""
    found = sheet.assessment
    rules = ", ".join(dict.fromkeys(unknown.rules))
    if found.band in (Band.URGENT, Band.OTHER):
        return f"no effect while “{found.band.text}” stands ({rules})"
    limit = f"until known: {unknown.cap.text} at most" if unknown.cap else "no limit"
    return f"{limit} ({rules})"


def _clashes(sheet: Sheet) -> list[Clash]:
    return [
        Clash(
            f"{clash.first.label}: {clash.first.words}",
            f"{clash.second.label}: {clash.second.words}",
        )
        for clash in sheet.assessment.contradictions
    ]


def _facts(sheet: Sheet) -> list[tuple[str, str]]:
    """Facts of rules that hold or are not known; the filler box names its own."""
    cited = {
        fact
        for f in sheet.assessment.findings
        if f.holds is not False and f.effect not in (Effect.FILLER, Effect.URGENCY)
        for fact in f.facts
    }
    return [(number, gist) for number, gist in sheet.document["facts"].items() if number in cited]
