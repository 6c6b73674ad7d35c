"""What we make of it: urgency, band, and every reason. Standard library only."""

from dataclasses import dataclass, replace
from datetime import date

from intake.questionnaire import BY_KEY, STEP_OF
from intake.questionnaire import VERSION as QUESTIONNAIRE_VERSION
from intake.questionnaire.cards import Urgency, most_urgent
from intake.questionnaire.model import NOT_SURE, Answers
from intake.questionnaire.rows import in_short
from intake.scoring import rules
from intake.scoring.engine import RULES, is_private, judge, verdict_of
from intake.scoring.facts import Facts
from intake.scoring.model import (
    Assessment,
    Band,
    Effect,
    FillerBox,
    FillerLine,
    Finding,
    Read,
    Unknown,
)
from intake.scoring.sources import cite

RULES_VERSION = "0.1.0"
"""Raised with every change of a rule, a weight or a threshold. Follows checklist v0.1."""

LIKELY_FROM = 11
POSSIBLE_FROM = 6
MAX_TOTAL = 17
MAX_TOTAL_NEVER_HAD = 15

CRITICAL: dict[str, tuple[str, ...]] = {
    "toxin_allergy": ("K-D1",),
    "prior_toxin": ("K-D3",),
    "toxin_last_on": ("K-D3",),
    "pregnancy": ("K-D4",),
    "nerve_muscle": ("K-D5",),
    "swallow_breathing": ("K-C5",),
    "site_infection": ("K-D2",),
    "places": ("K1",),
}
"""K-U1: not knowing one of these allows "Needs assessment" at most."""

SCREEN = ("right-now", "private")
"""The red-flag pages: nobody can send with one of their questions unanswered (E18)."""


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A red flag that holds: its card, how urgent it is here, and whether it is a "not sure"."""

    card: str
    level: Urgency
    unsure: bool
    private: bool


def red_flags(answers: Answers, today: date) -> tuple[RedFlag, ...]:
    """The red flags that hold, most urgent first."""
    facts = Facts(answers, today)
    # No finding of each: that names sources and words, and this is asked at every page.
    judged = [(rule, *verdict_of(rule, facts)) for rule in RULES if rule.effect is Effect.URGENCY]
    flags = [
        RedFlag(rule.id, level, verdict.unsure, is_private(rule, keys))
        for rule, verdict, keys in judged
        if verdict.holds and (level := verdict.level or rule.level)
    ]
    return tuple(sorted(flags, key=lambda flag: flag.level.rank))


def urgency_of(answers: Answers, today: date) -> Urgency:
    return most_urgent([flag.level for flag in red_flags(answers, today)])


def assess(answers: Answers, today: date, *, handed_in: bool = False) -> Assessment:
    """Judge a response by the rules.

    `answers` may hold answers off the path: they are left out and listed. With `handed_in`
    (files, paper) they also count as contradictions; a draft's leftovers do not.
    """
    facts = Facts(answers, today, answers if handed_in else None)
    findings = tuple(judge(rule, facts) for rule in RULES)
    unknown = _unknown(findings, facts)
    urgency = most_urgent([f.level for f in findings if _is_flag(f) and f.holds and f.level])
    complete = not any(_is_flag(f) and f.holds is None for f in findings)
    caps = [entry.cap for entry in unknown if entry.cap]
    if not complete:
        caps.append(Band.ASSESS)
    band = _band(findings, "as it is", caps)
    counts = band in (Band.ASSESS, Band.POSSIBLE, Band.LIKELY)
    findings = (*_summed(urgency, unknown), *_on_hold(findings, band))
    never = facts.answers.get("prior_toxin") == "never"
    return Assessment(
        on=today.isoformat(),
        urgency=urgency,
        band=band,
        band_text=_band_text(band, unknown, complete),
        reason=_reason(findings, band, complete),
        lowest=_band(findings, "worst", caps),
        highest=_band(findings, "best", []),
        total=_total(findings, "as it is") if counts else None,
        max_total=(MAX_TOTAL_NEVER_HAD if never else MAX_TOTAL) if counts else None,
        core=_core(findings) if band is not Band.OTHER else {},
        findings=findings,
        unknown=unknown,
        contradictions=facts["contradictions"],
        filler=_filler_box(findings, facts),
        screen_complete=complete,
        questionnaire_version=QUESTIONNAIRE_VERSION,
        rules_version=RULES_VERSION,
        ignored=facts.off_path,
    )


def _is_flag(finding: Finding) -> bool:
    return finding.effect is Effect.URGENCY


def _holds(finding: Finding, view: str) -> bool:
    """Whether a restricting rule holds as it is, at its worst or at its best."""
    if view == "best" and (finding.unsure or _lifted_by_knowing(finding)):
        return False
    if finding.holds is None:
        return view == "worst"
    return finding.holds


def _lifted_by_knowing(finding: Finding) -> bool:
    """It holds only because something it reads is not known."""
    return finding.effect is Effect.CAP and bool(finding.holds) and bool(finding.missing)


def _band(findings: tuple[Finding, ...], view: str, caps: list[Band]) -> Band:
    held = [f for f in findings if f.effect is not Effect.POINTS and _holds(f, view)]
    urgent = (Urgency.EMERGENCY, Urgency.SAME_DAY)
    if any(_is_flag(f) and f.level in urgent for f in held):
        return Band.URGENT
    if any(f.effect is Effect.PATHWAY for f in held):
        return Band.OTHER
    if any(f.effect is Effect.DEFER for f in held):
        return Band.NOTNOW
    held_caps = [f.cap for f in held if f.effect is Effect.CAP and f.cap]
    return min((_band_by_points(findings, view), *caps, *held_caps), key=lambda band: band.rank)


def _band_by_points(findings: tuple[Finding, ...], view: str) -> Band:
    total = _total(findings, view)
    if total < POSSIBLE_FROM:
        return Band.ASSESS
    core = all(_core(findings, view).values())
    return Band.LIKELY if total >= LIKELY_FROM and core else Band.POSSIBLE


def _points(finding: Finding, view: str) -> int:
    if view == "worst" and finding.missing and finding.holds is None:
        return 0
    return (finding.best if view == "best" else finding.points) or 0


def _total(findings: tuple[Finding, ...], view: str) -> int:
    return sum(_points(f, view) for f in findings if f.effect is Effect.POINTS)


def _core(findings: tuple[Finding, ...], view: str = "as it is") -> dict[str, bool | None]:
    """The four core items: K1 at least 2, K3 at 3, K4 and K5 met."""
    needed = {"K1": 2, "K3": 3, "K4": 2, "K5": 2}
    return {f.rule: _points(f, view) >= needed[f.rule] for f in findings if f.rule in needed}


def _unknown(findings: tuple[Finding, ...], facts: Facts) -> tuple[Unknown, ...]:
    """K-U1 and K-U2: what is not known and caps the band, each key once."""
    entries: dict[str, Unknown] = {}
    verdicts = {f.rule: f.holds for f in findings if f.effect in (Effect.DEFER, Effect.PATHWAY)}
    for key, rule_ids in CRITICAL.items():
        if _critical_gap(key, facts, verdicts):
            entries[key] = _entry(key, facts, Band.ASSESS, ("K-U1", *rule_ids))
    for finding in findings:
        for key in _capping_gaps(finding):
            if key in entries or (verdicts["K-P2"] and not facts.could_matter(key)):
                # Who comes for looks alone has no stiffness of which to know more.
                continue
            cap = finding.unknown_cap if finding.effect is not Effect.URGENCY else Band.ASSESS
            tag = "E18" if finding.effect is Effect.URGENCY else "K-U2"
            entries[key] = _entry(key, facts, cap, (tag, finding.rule))
    return tuple(entries.values())


def _capping_gaps(finding: Finding) -> tuple[str, ...]:
    """The unknown answers of a finding that keep the band down."""
    if finding.effect is Effect.URGENCY:
        # Red flags read later pages too, but only page 1 must be answered.
        open_ones = finding.missing if finding.holds is None else ()
        return tuple(key for key in open_ones if STEP_OF[key].slug in SCREEN)
    caps = finding.unknown_cap is not None or _lifted_by_knowing(finding)
    return finding.missing if caps else ()


def _critical_gap(key: str, facts: Facts, verdicts: dict[str, bool | None]) -> bool:
    if key == "places":
        # Who comes for looks alone has no place to mark.
        return not facts["marked"] and not facts["all_over"] and not verdicts["K-P2"]
    if key == "toxin_last_on":
        # A date can be given and still be too coarse to judge, such as a year alone.
        return key in facts.asked and verdicts["K-D3"] is None
    return facts.is_unknown(key)


def _entry(key: str, facts: Facts, cap: Band | None, rule_ids: tuple[str, ...]) -> Unknown:
    return Unknown(key, BY_KEY[key].label, _said(key, facts), cap, rule_ids)


def _said(key: str, facts: Facts) -> str:
    if key not in facts.asked:
        return "not asked"
    value = facts.answers.get(key)
    if value is None:
        return "not answered"
    if value == NOT_SURE or NOT_SURE in (value if isinstance(value, list | tuple) else ()):
        return "not sure"
    return in_short(BY_KEY[key], value)


def _summed(urgency: Urgency, unknown: tuple[Unknown, ...]) -> tuple[Finding, ...]:
    """K0, K-U1 and K-U2, which sum up other findings, as findings of their own."""
    urgent = urgency in (Urgency.EMERGENCY, Urgency.SAME_DAY)
    return (
        _summary("K0", Effect.URGENCY, "Danger signs: contact now", urgent),
        _unknown_summary("K-U1", "Critical answers not known", Band.ASSESS, unknown),
        _unknown_summary("K-U2", "Important answers not known", Band.POSSIBLE, unknown),
    )


def _unknown_summary(id: str, says: str, cap: Band, unknown: tuple[Unknown, ...]) -> Finding:
    entries = [entry for entry in unknown if id in entry.rules]
    return replace(
        _summary(id, Effect.UNKNOWN, says, bool(entries)),
        cap=cap,
        note=", ".join(entry.label for entry in entries),
        resolve="Follow up by phone to complete." if entries else "",
        reads=tuple(Read(entry.key, entry.label, entry.said) for entry in entries),
    )


def _summary(id: str, effect: Effect, says: str, holds: bool) -> Finding:
    return Finding(
        rule=id,
        name="summary",
        effect=effect,
        says=says,
        holds=holds,
        note="",
        points=None,
        max_points=None,
        level=None,
        cap=None,
        unsure=False,
        resolve="",
        reads=(),
        missing=(),
        facts=("E18",),
        source=cite(("E18",)),
        private=False,
    )


def _on_hold(findings: tuple[Finding, ...], band: Band) -> tuple[Finding, ...]:
    """Findings below a band that overrides them are listed, but on hold."""
    below = {
        Band.URGENT: (Effect.PATHWAY, Effect.DEFER, Effect.CAP, Effect.POINTS),
        Band.OTHER: (Effect.DEFER, Effect.CAP, Effect.POINTS),
        Band.NOTNOW: (Effect.CAP, Effect.POINTS),
    }.get(band, ())
    held = (replace(f, on_hold=True) if f.effect in below else f for f in findings)
    if band is not Band.OTHER:
        return tuple(held)
    return tuple(
        replace(f, points=None, best=None) if f.effect is Effect.POINTS else f for f in held
    )


def _band_text(band: Band, unknown: tuple[Unknown, ...], complete: bool) -> str:
    """K-U3: the band and what is not known."""
    told = [u for u in unknown if "E18" not in u.rules]
    named = [u.label for u in told if u.cap is Band.ASSESS] or [u.label for u in told]
    if not complete:
        named = ["danger signs (page 1 incomplete)", *named]
    if not named:
        return band.text
    return f"{band.text} (not known: {', '.join(map(_in_a_sentence, named))})"


def _reason(findings: tuple[Finding, ...], band: Band, complete: bool) -> str:
    """Why this band, in one line: the rules that decided it."""
    decided = {
        Band.URGENT: lambda f: _is_flag(f) and f.level in (Urgency.EMERGENCY, Urgency.SAME_DAY),
        Band.OTHER: lambda f: f.effect is Effect.PATHWAY,
        Band.NOTNOW: lambda f: f.effect is Effect.DEFER,
        Band.ASSESS: lambda f: f.cap is Band.ASSESS,
        Band.POSSIBLE: lambda f: f.cap is Band.POSSIBLE,
    }.get(band)
    held = [f for f in findings if f.holds and decided and decided(f)]
    said = [f"{f.rule} {_in_a_sentence(f.says)}" for f in held]
    if not complete and band is Band.ASSESS:
        said.insert(0, "E18 danger signs not all answered")
    if said:
        return "; ".join(said)
    total = _total(findings, "as it is")
    lacking = [name for name, met in _core(findings).items() if not met]
    core = f"core not met: {', '.join(lacking)}" if lacking else "all four core items met"
    return f"{total} points, {core}"


def _in_a_sentence(words: str) -> str:
    """Small first letter, but "MS" and "PHQ-2" stay."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _filler_box(findings: tuple[Finding, ...], facts: Facts) -> FillerBox:
    given = facts.answers.get("filler_preference")
    preference = in_short(BY_KEY["filler_preference"], given) or "not answered"
    lines = [
        FillerLine(f.rule, _line(f), f.source)
        for f in findings
        if f.effect is Effect.FILLER and f.holds
    ]
    return FillerBox(preference, tuple(lines))


def _line(finding: Finding) -> str:
    return f"{finding.says}: {finding.note}" if finding.note else finding.says


__all__ = [
    "RULES",
    "RULES_VERSION",
    "Assessment",
    "Band",
    "RedFlag",
    "assess",
    "red_flags",
    "rules",
    "urgency_of",
]
