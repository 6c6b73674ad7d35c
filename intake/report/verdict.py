"""(3) and (4): the checklist band with its reason, and what stops, limits or excludes."""

from dataclasses import dataclass

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

    name: str
    is_band: bool
    is_possible: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checklist band. `points` is "" where none count."""

    band: str
    points: str
    reason: str
    unknown: str
    critical: str
    """What must be asked before anything can be sorted; "" if nothing."""
    bounds: str
    """The lowest and highest band, or that nothing unknown could move this one."""
    is_movable: bool
    could_be: str
    """The bounds with their caveat."""
    scale: tuple[Step, ...]


def verdict(sheet: Sheet) -> Verdict:
    found = sheet.assessment
    return Verdict(
        band=found.band.text,
        points=_points(sheet),
        reason=found.reason,
        unknown=_unknown(found.band_text, found.band.text),
        critical=_critical(sheet),
        bounds=_bounds(found),
        is_movable=is_movable(found),
        could_be=_could_be(found),
        scale=tuple(
            Step(
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


def _unknown(text: str, band: str) -> str:
    """What K-U3 appends to the band, without its brackets."""
    said = text.removeprefix(band).strip(" ()")
    return said[:1].upper() + said[1:]


def _critical(sheet: Sheet) -> str:
    gaps = [u for u in sheet.assessment.unknown if u.cap is Band.ASSESS]
    if not gaps or not is_movable(sheet.assessment):
        return ""
    named = ", ".join(lower_first(with_said(each)) for each in gaps)
    count = f"{len(gaps)} safety answer{'' if len(gaps) == 1 else 's'} missing"
    return f"Cannot sort yet: {count}. Ask: {named}; follow up by phone to complete."


def with_said(unknown: Unknown) -> str:
    """The label of an unknown answer, with what was said where it was not left blank."""
    if unknown.said == SHORT_FORM:
        return f"{unknown.label} ({SHORT_FORM})"
    blank = unknown.said in (NOT_ANSWERED, "not asked")
    return unknown.label if blank else f"{unknown.label} (“{unknown.said}”)"


def is_movable(found: Assessment) -> bool:
    """Whether any answer that is not known could move the band."""
    return found.lowest is not found.highest


def _bounds(found: Assessment) -> str:
    if not is_movable(found):
        return "No unknown answer could move it."
    return f"With every answer known: lowest {found.lowest.text}, highest {found.highest.text}."


def _could_be(found: Assessment) -> str:
    caveat = " Bounds may be wider than what answers can reach."
    return _bounds(found) + (caveat if is_movable(found) else "")


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
    caps = sheet.holding(Effect.CAP)
    none = plain("none of the checklist’s stops holds")
    return [
        *(line("Stop", [_stop(f)]) for f in held),
        line("Other stops" if held else "Stops", [None if held else none, _unjudged(sheet)]),
        line("Limits", [_limit(f) for f in caps]),
        line("Allergies", _allergies(sheet)),
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
