"""(3) and (4): the checklist band with its reason, and what stops, limits or excludes."""

from dataclasses import dataclass

from intake.questionnaire.cards import Urgency
from intake.report.sheet import (
    NOT_ANSWERED,
    SHORT_FORM,
    Bit,
    Line,
    Sheet,
    line,
    lower_first,
    plain,
    quoted,
    strong,
)
from intake.scoring.model import Assessment, Band, Effect, Finding, Unknown

_SHORT = {
    Band.URGENT: "Urgent",
    Band.OTHER: "Other pathway",
    Band.NOTNOW: "Not now",
    Band.ASSESS: "Assess",
    Band.POSSIBLE: "Possible",
    Band.LIKELY: "Likely",
}

_TO_CHECK = {
    "leg_stiffness_useful": "test standing and transfers first: a trade-off",
    "arm_stiffness_useful": "test the grip first: a trade-off",
    "joint_fixed": "examine: stiffness or fixed joint",
    "lost_response": "look at muscle choice, guidance and goal before blaming antibodies",
}
"""What the doctor can check where a limit holds (facts C10, C11, B5)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One band on the scale from lowest to highest."""

    band: Band
    name: str
    is_band: bool
    is_possible: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checklist band. `points` is "" where none count."""

    band: str
    points: str
    why: str
    """The reason, in words and with the numbers of the rules."""
    critical: str
    """What must be asked before anything can be sorted; "" if nothing."""
    moves: str
    """How far the band can still move and by which answers; "" if it cannot."""
    could_be: str
    """The same as sentences, with their caveat."""
    scale: tuple[Step, ...]


def verdict(sheet: Sheet) -> Verdict:
    found = sheet.assessment
    return Verdict(
        band=found.band.text,
        points=_points(sheet),
        why=_why(sheet),
        critical=_critical(sheet),
        moves=_moves(sheet),
        could_be=_could_be(sheet),
        scale=tuple(
            Step(
                band,
                _SHORT[band],
                band is found.band,
                found.lowest.rank <= band.rank <= found.highest.rank,
            )
            for band in Band
        ),
    )


def _points(sheet: Sheet) -> str:
    found = sheet.assessment
    if found.total is not None:
        return f"{found.total} of {found.max_total} points"
    return "" if found.band is Band.OTHER else "points on hold"


# --- Why --------------------------------------------------------------------------------------


def _why(sheet: Sheet) -> str:
    """What decided, in words: not the band again."""
    found = sheet.assessment
    if found.band is Band.URGENT:
        return _why_urgent(sheet)
    if found.band is Band.OTHER:
        return f"{_with_rules(sheet.holding(Effect.PATHWAY))}: another pathway, not scored"
    if found.band is Band.NOTNOW:
        return f"{_with_rules(sheet.holding(Effect.DEFER))}: a stop comes before the points"
    return _critical(sheet) or _why_limited(sheet) or _why_points(sheet)


def _why_urgent(sheet: Sheet) -> str:
    urgent = (Urgency.EMERGENCY, Urgency.SAME_DAY)
    rules = [f.rule for f in sheet.holding(Effect.URGENCY) if f.level in urgent and f.rule != "K0"]
    named = f" {', '.join(rules)}" if len(rules) <= _FEW else ""
    signs = "a danger sign" if len(rules) == 1 else f"{len(rules)} danger signs"
    first = f"{signs}{named} (above) before all else" if rules else ""
    # Who may not read a private sign is told another reason in its place.
    other = [s for s in sheet.assessment.reason.split("; ") if s.partition(" ")[0] not in rules]
    return "; ".join(filter(None, [first, *other, "points and limits are on hold"]))


def _why_limited(sheet: Sheet) -> str:
    """The limits that hold the band where it is, and the answers that would lift it."""
    found = sheet.assessment
    held = [f for f in sheet.holding(Effect.CAP) if f.cap is found.band]
    open_ones = [lower_first(u.label) for u in found.unknown if u.cap is found.band]
    until = f"until known, {_and_more(open_ones)}" if open_ones else ""
    said = [each for each in (_with_rules(held), until) if each]
    return f"limited: {'; '.join(said)}" if said else ""


def _with_rules(findings: list[Finding]) -> str:
    return "; ".join(f"{lower_first(f.says)} ({f.rule})" for f in findings)


_CORE = {
    "K1": "few places",
    "K3": "a specific goal",
    "K4": "stiffness of 4 or more",
    "K5": "a joint that moves",
}
"""The core items in words (facts C9, C3, D1, C10)."""


def _why_points(sheet: Sheet) -> str:
    found = sheet.assessment
    met = [words for rule, words in _CORE.items() if found.core.get(rule)]
    lacking = [words for rule, words in _CORE.items() if not found.core.get(rule)]
    if not lacking:
        return f"{', '.join(met)}: all four core items met"
    missed = f"not met: {' or '.join(lacking)}"
    return f"{missed}; met: {', '.join(met)}" if met else missed


# --- What is missing, and how the band can still move -----------------------------------------

_ABOVE = (Band.URGENT, Band.OTHER, Band.NOTNOW)
"""Bands that come before what the points would say."""


def critical(sheet: Sheet) -> list[Unknown]:
    """The answers without which nothing can be sorted; where a stop decides, none is needed."""
    found = sheet.assessment
    if found.band in _ABOVE or not is_movable(found):
        return []
    return [u for u in found.unknown if u.cap is Band.ASSESS]


def _critical(sheet: Sheet) -> str:
    gaps = critical(sheet)
    if not gaps:
        return ""
    named = ", ".join(lower_first(_with_said(each)) for each in gaps)
    count = f"{len(gaps)} safety answer{'' if len(gaps) == 1 else 's'} missing"
    return f"Cannot sort yet: {count}. Ask: {named}; follow up by phone to complete."


def _with_said(unknown: Unknown) -> str:
    """The label of an unknown answer, with what was said where it was not left blank."""
    if unknown.said == SHORT_FORM:
        return f"{unknown.label} ({SHORT_FORM})"
    blank = unknown.said in (NOT_ANSWERED, "not asked")
    return unknown.label if blank else f"{unknown.label} (“{unknown.said}”)"


def is_movable(found: Assessment) -> bool:
    """Whether any answer that is not known could move the band."""
    return found.lowest is not found.highest


def movers(sheet: Sheet) -> list[str]:
    """The keys of the answers, not known, on which the band may hang, the weightiest first."""
    found = sheet.assessment
    if not is_movable(found):
        return []
    restricting = (Effect.URGENCY, Effect.PATHWAY, Effect.DEFER, Effect.CAP)
    undecided = [f for f in found.findings if f.effect in restricting and f.holds is None]
    lifted = [f for f in sheet.holding(*restricting) if f.missing or f.unsure]
    scored = [f for f in found.findings if f.effect is Effect.POINTS and f.missing]
    unsure = [r.key for f in lifted if f.unsure for r in f.reads if sheet.is_unsure(r.key)]
    asked = [u.key for u in found.unknown]
    missing = [key for each in (*undecided, *lifted, *scored) for key in each.missing]
    return list(dict.fromkeys([*unsure, *asked, *missing]))


CONFLICT = "contradicted"
"""The limit that holds while answers contradict each other (K-C9)."""


def _moves(sheet: Sheet) -> str:
    found = sheet.assessment
    if not is_movable(found):
        held = sheet.finding(CONFLICT)
        limits = held and held.holds and not held.on_hold
        return "either way, once the conflicting answers are settled" if limits else ""
    ways = [
        f"down to “{found.lowest.text}”" if found.lowest is not found.band else "",
        f"up to “{found.highest.text}”" if found.highest is not found.band else "",
    ]
    return f"{', '.join(way for way in ways if way)}; by {_and_more(_mover_labels(sheet))}"


def _mover_labels(sheet: Sheet) -> list[str]:
    """Those that `_critical` names are not named again."""
    told = {each.key for each in critical(sheet)}
    labels = [
        lower_first(row["label"])
        for key in movers(sheet)
        if key not in told and (row := sheet.row(key))
    ]
    return ["these answers", *labels] if told else labels


_FEW = 4


def _and_more(labels: list[str]) -> str:
    """The first few, and how many more."""
    if len(labels) <= _FEW + 1:
        return ", ".join(labels)
    return f"{', '.join(labels[:_FEW])}, {len(labels) - _FEW} more"


def _could_be(sheet: Sheet) -> str:
    moves = _moves(sheet)
    if not moves:
        return "No unknown answer could move it."
    caveat = (
        "Bounds may be wider than what answers can reach." if is_movable(sheet.assessment) else ""
    )
    return f"The checklist can still move {moves}. {caveat}".strip()


def safety(sheet: Sheet) -> Line | None:
    """What may hurt somebody whose stiffness is loosened (facts C11, D18, H12)."""
    falls = sheet.value("falls")
    fell = isinstance(falls, int) and falls > 0
    return line(
        "Safety",
        [
            strong(f"{falls} fall{'' if falls == 1 else 's'} in 3 months") if fell else None,
            strong("lives alone") if sheet.value("lives_alone") == "yes" else None,
            quoted(sheet.words("legs_drop"), "when leg stiffness drops:"),
        ],
        strong=True,
    )


def stops(sheet: Sheet) -> list[Line | None]:
    held = sheet.holding(Effect.PATHWAY, Effect.DEFER)
    # Answers that contradict each other stand in a line of their own (`unknown`).
    caps = [f for f in sheet.holding(Effect.CAP) if f.name != CONFLICT]
    none = plain("no stop found in the answers given")
    return [
        *(line("Stop", [_stop(f)]) for f in held),
        line("Other stops" if held else "Stops", [None if held else none, _unjudged(sheet)]),
        line("Limits", [_limit(f) for f in caps]),
        line("Allergies", _allergies(sheet)),
        line("Bleeding", [_thinner(sheet), _bleeding(sheet)]),
    ]


def _stop(finding: Finding) -> Bit | None:
    note = f" ({finding.note})" if finding.note else ""
    held = " [on hold]" if finding.on_hold else ""
    return strong(f"{finding.says}{note}{held}. {finding.resolve}".strip())


def _unjudged(sheet: Sheet) -> Bit | None:
    """The stops that cannot be judged, so that silence is not read as "no"."""
    stopping = (Effect.PATHWAY, Effect.DEFER)
    found_in = sheet.assessment
    found = found_in.findings
    named = [f.says for f in found if f.effect in stopping and f.holds is None]
    if not named or not is_movable(found_in):
        return None
    return strong(f"{len(named)} CANNOT BE JUDGED: answers missing (page 2)")


def _limit(finding: Finding) -> Bit | None:
    note = f" ({finding.note})" if finding.note else ""
    held = " [on hold]" if finding.on_hold else ""
    check = _TO_CHECK.get(finding.name, "")
    return plain(f"{finding.says}{note}{held}{': ' if check else ''}{check}")


_UNNAMED = frozenset({"none", "other", "not_sure"})


def _allergies(sheet: Sheet) -> list[Bit | None]:
    excluded = [strong(finding.says) for finding in sheet.holding(Effect.EXCLUDE)]
    row = sheet.row("allergies")
    named = [c["short"] for c in row["chosen"] if c["code"] not in _UNNAMED] if row else []
    gaps = [sheet.gap("toxin_allergy", "to botulinum toxin:"), sheet.gap("allergies", "others:")]
    if not (sheet.value("toxin_allergy") or sheet.value("allergies")):
        gaps = [sheet.gap("allergies")]
    given = [
        *excluded,
        strong("BOTULINUM TOXIN" if sheet.value("toxin_allergy") == "yes" else ""),
        strong(", ".join(named)),
        *gaps,
        quoted(sheet.words("allergies_words"), "other:"),
        _blood(sheet),
    ]
    denied = _denied(sheet)
    if denied:
        given.append(plain(denied, "denied:"))
    return given


def _denied(sheet: Sheet) -> str:
    row = sheet.row("allergies")
    toxin = ["botulinum toxin"] if sheet.value("toxin_allergy") == "no" else []
    others = [d for d in row["denied"] if d != "other"] if row else []
    return ", ".join([*toxin, *others])


def _blood(sheet: Sheet) -> Bit | None:
    if sheet.value("blood_product") != "yes":
        return None
    return strong("objects to blood-derived products: most toxin products contain human albumin")


def _thinner(sheet: Sheet) -> Bit | None:
    taken = sheet.known("blood_thinner")
    if taken == "none":
        return plain("no blood thinner")
    if taken:
        return strong(f"blood thinner: {taken}")
    return sheet.gap("blood_thinner", "blood thinner:")


def _bleeding(sheet: Sheet) -> Bit | None:
    said = {"yes": strong("bleeding disorder"), "no": plain("no bleeding disorder")}
    return said.get(sheet.value("bleeding_disorder")) or sheet.gap(
        "bleeding_disorder", "bleeding disorder:"
    )
