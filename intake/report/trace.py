"""(12) Why the checklist says what it says: every rule with answers, points and source."""

from dataclasses import dataclass

from intake.questionnaire.cards import Urgency
from intake.report.sheet import NOT_ANSWERED, Sheet
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
    is_points: bool
    is_open: bool
    """On answers that are not known; the trace lists those apart."""
    is_note: bool
    """Without any effect on the band."""
    full: tuple[Entry, ...]
    absent: tuple[Entry, ...]
    absent_by: tuple[tuple[str, tuple[Entry, ...]], ...]
    """The absent ones again, together where they read the same answers, with those."""


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer that is not known, and what it could move."""

    label: str
    said: str
    effect: str


@dataclass(frozen=True, slots=True)
class OpenLimit:
    """What would be settled by the answers named: one limit each."""

    effect: str
    answers: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two answers that cannot both be right."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Trace:
    groups: tuple[Group, ...]
    because: str
    """What the band rests on, by number."""
    open_answers: tuple[OpenAnswer, ...]
    open_limits: tuple[OpenLimit, ...]
    """The same, one entry a limit."""
    clashes: tuple[Clash, ...]
    books: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    """Number and gist of each fact behind a rule that is printed in full."""
    points_line: str
    total: str
    """The total and the core items, or why there are none."""
    most_points: str
    """What the most that can be had is made of."""


def trace(sheet: Sheet) -> Trace:
    groups = tuple(g for effect in _TITLES if (g := _group(sheet, effect)))
    return Trace(
        groups=groups,
        because=sheet.assessment.reason,
        open_answers=tuple(_open_answers(sheet)),
        open_limits=tuple(_open_limits(sheet)),
        clashes=tuple(_clashes(sheet)),
        books=tuple(sheet.document["sources"].items()),
        facts=tuple(_facts(sheet)),
        points_line=points_line(sheet),
        total=_total(sheet),
        most_points=_most_points(sheet),
    )


def _group(sheet: Sheet, effect: Effect) -> Group | None:
    found = [f for f in sheet.assessment.findings if f.effect is effect]
    full = [f for f in found if f.holds or f.holds is None or effect is Effect.POINTS]
    absent = [f for f in found if f not in full]
    if not found:
        return None
    return Group(
        _TITLES[effect],
        effect is Effect.POINTS,
        effect is Effect.UNKNOWN,
        effect in (Effect.FLAG, Effect.FILLER, Effect.EXCLUDE),
        tuple(_entry(sheet, finding, _read(sheet, finding)) for finding in full),
        tuple(_entry(sheet, finding, "") for finding in absent),
        tuple(_together(sheet, absent)),
    )


def _together(sheet: Sheet, absent: list[Finding]) -> list[tuple[str, tuple[Entry, ...]]]:
    """A rule that reads nothing of its own stands with the first."""
    by_read: dict[str, list[Entry]] = {}
    for finding in absent:
        by_read.setdefault(_read_by(sheet, finding), []).append(_entry(sheet, finding, ""))
    return [(read, tuple(entries)) for read, entries in by_read.items()]


def _entry(sheet: Sheet, finding: Finding, read: str) -> Entry:
    return Entry(
        mark=_mark(finding),
        rule=finding.rule,
        says=finding.says,
        note=finding.note,
        read=read,
        points=points(sheet, finding),
        source=finding.source,
        on_hold=finding.on_hold,
    )


def _mark(finding: Finding) -> str:
    if finding.holds is None or finding.unsure:
        return OPEN
    return YES if finding.holds else NO


def points(sheet: Sheet, finding: Finding) -> str:
    if finding.rule == "K10" and sheet.value("prior_toxin") == "never":
        return "n/a"
    if finding.max_points is None or finding.points is None:
        return ""
    best = "" if finding.best in (None, finding.points) else f" (up to {finding.best})"
    return f"{finding.points} of {finding.max_points}{best}"


def _read(sheet: Sheet, finding: Finding) -> str:
    """The answers that the rule rests on, with those that it lacked."""
    if finding.effect is Effect.UNKNOWN:
        return ""
    given = [f"{read.label}: {read.words or sheet.absence(read.key)}" for read in finding.reads]
    lacking = [key for key in finding.missing if key not in {r.key for r in finding.reads}]
    rows = [row for key in lacking if (row := sheet.row(key))]
    return "; ".join([*given, *(f"{row['label']}: {sheet.absence(row['key'])}" for row in rows)])


def _read_by(sheet: Sheet, finding: Finding) -> str:
    said = (f"{each.label}: {each.words or sheet.absence(each.key)}" for each in finding.reads)
    return "; ".join(said)


def points_line(sheet: Sheet) -> str:
    """ "K1 3/3, K2 1/1, …", the total, and the core items."""
    found = sheet.assessment
    scored = [f for f in found.findings if f.effect is Effect.POINTS]
    if found.band is Band.OTHER:
        return "none computed for a different pathway"
    each = " · ".join(f"{f.rule} {f.points or 0}/{f.max_points}" for f in scored)
    if found.total is None:
        return f"on hold, no total: {each}"
    return f"{each} = {found.total} of {found.max_total}; {_core(sheet)}"


def _core(sheet: Sheet) -> str:
    core = sheet.assessment.core
    met = [rule for rule, ok in core.items() if ok]
    lacking = [rule for rule, ok in core.items() if not ok]
    said = f"core items met: {', '.join(met) or 'none'}"
    return said + (f"; not met: {', '.join(lacking)}" if lacking else "")


def _most_points(sheet: Sheet) -> str:
    if sheet.assessment.max_total is None:
        return ""
    if sheet.assessment.max_total < _MOST:
        return "15 at most: K10 does not apply without earlier toxin (17 with earlier toxin)."
    return "17 at most, 2 of them (K10) for earlier toxin (15 without)."


_MOST = 17


def deciding(sheet: Sheet) -> str:
    """The rules that decided the band, and others that hold."""
    found = sheet.assessment
    others = sheet.holding(Effect.URGENCY, Effect.PATHWAY, Effect.DEFER, Effect.CAP, Effect.UNKNOWN)
    first = _numbers([f for f in others if _decides(found.band, f)])
    then = _numbers([f for f in others if f.rule not in first and f.rule != "K0"])
    said = [f"decided by {', '.join(first) or 'the points'}"]
    if then:
        said.append(f"also hold: {', '.join(then)}")
    return "; ".join(said)


def _total(sheet: Sheet) -> str:
    found = sheet.assessment
    if found.total is not None:
        return f"{found.total} of {found.max_total} points, {_core(sheet)}"
    return "no points for a different pathway" if found.band is Band.OTHER else "points on hold"


def _numbers(findings: list[Finding]) -> list[str]:
    return list(dict.fromkeys(finding.rule for finding in findings))


def _decides(band: Band, finding: Finding) -> bool:
    if finding.effect in (Effect.CAP, Effect.UNKNOWN):
        return finding.cap is band
    if finding.effect is Effect.URGENCY:
        pressing = finding.level in (Urgency.EMERGENCY, Urgency.SAME_DAY)
        return band is Band.URGENT and pressing and finding.rule != "K0"
    return (band, finding.effect) in (
        (Band.OTHER, Effect.PATHWAY),
        (Band.NOTNOW, Effect.DEFER),
    )


def _open_answers(sheet: Sheet) -> list[OpenAnswer]:
    return [
        OpenAnswer(unknown.label, unknown.said, _could_move(sheet, unknown))
        for unknown in sheet.assessment.unknown
    ]


def _open_limits(sheet: Sheet) -> list[OpenLimit]:
    """One entry a limit, strictest first."""
    found = sheet.assessment
    named: dict[str, list[str]] = {}
    for unknown in sorted(found.unknown, key=lambda u: u.cap.rank if u.cap else len(Band)):
        rules = ", ".join(dict.fromkeys(unknown.rules))
        said = "" if unknown.said == NOT_ANSWERED else f"{unknown.said}; "
        named.setdefault(_limit(sheet, unknown), []).append(f"{unknown.label} ({said}{rules})")
    return [OpenLimit(effect, " · ".join(answers)) for effect, answers in named.items()]


def _limit(sheet: Sheet, unknown: Unknown) -> str:
    """Candidate bands are not named where a rule above them decides."""
    band = sheet.assessment.band
    if band in (Band.URGENT, Band.OTHER, Band.NOTNOW):
        return f"No effect while “{band.text}” stands"
    return f"Until known, {unknown.cap.text} at most" if unknown.cap else "No limit"


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
