"""(2) The urgency banner: what holds, what the patient wrote, what advice was shown and when."""

import re
from dataclasses import dataclass
from typing import Any

from intake.questionnaire.cards import Urgency
from intake.report.sheet import Bit, Sheet, quoted
from intake.scoring.model import Effect, Finding

_SAYS = {
    Urgency.EMERGENCY: ("EMERGENCY", "call now"),
    Urgency.SAME_DAY: ("SAME DAY", "speak with the patient today"),
    Urgency.SOON: ("SOON", "call back within 2 working days"),
    Urgency.ROUTINE: ("ROUTINE", "no danger sign reported"),
}

_INFECTION = (
    "Infection may be the trigger of the worse spasms: assess it{when}, look at spasticity again"
    " afterward."
)
_WITHDRAWAL = "Today’s stiffness may be withdrawal, not the baseline: score again later."
"""What a danger sign means for the other answers (facts C7 and C8)."""

_SINGLE = {
    "now_infection_signs": "confusion, very fast breathing or heartbeat, blotchy or blue skin, "
    "faintness, no urine",
    "now_leg_signs": "chest pain, short breath, coughing blood",
    "now_pump_signs": "itching without a rash, fever, confusion, more stiffness, seizure, sudden "
    "low mood, fast heartbeat",
}
"""What a single yes or no asks of several signs, for "denied: …"."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One danger sign that holds, or to which the answer was "not sure"."""

    row: str
    level: str
    says: str
    unsure: bool
    note: str
    ticked: tuple[str, ...]
    denied: tuple[str, ...]
    shown_at: str
    """The local time at which its advice was shown; "" if none is recorded."""
    line: str
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    level: Urgency
    title: str
    meaning: str
    signs: tuple[Sign, ...]
    words: Bit | None
    """What the patient wrote about the danger signs."""
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    """What the doctor must know of how the signs were asked."""


def alarm(sheet: Sheet) -> Alarm:
    found = [f for f in sheet.holding(Effect.URGENCY) if f.level]
    found.sort(key=lambda f: (f.level or Urgency.ROUTINE).rank)
    level = sheet.assessment.urgency
    title, meaning = _SAYS[level]
    if level is Urgency.ROUTINE and not sheet.assessment.screen_complete:
        meaning = "as far as answered"
    elif level is Urgency.ROUTINE and sheet.holds("not_private"):
        meaning = "on what was asked"
    return Alarm(
        level=level,
        title=title,
        meaning=meaning,
        signs=tuple(_sign(sheet, finding) for finding in found),
        words=quoted(sheet.words("now_words"), f"{_writer(sheet)} wrote:"),
        notes=_notes(found),
        warnings=tuple(_warnings(sheet)),
    )


def _writer(sheet: Sheet) -> str:
    return "Carer" if sheet.is_by_carer("now_words") else "Patient"


def _sign(sheet: Sheet, finding: Finding) -> Sign:
    shown = _shown(sheet, finding.rule)
    return Sign(
        row=finding.rule,
        level=_SAYS[finding.level or Urgency.ROUTINE][0],
        says=finding.says,
        unsure=finding.unsure,
        note="" if finding.unsure else finding.note,
        ticked=tuple(_ticked(sheet, finding)),
        denied=tuple(_denied(sheet, finding)),
        shown_at=sheet.clock(shown["at"]) if shown else "",
        line=shown["line"] if shown else "",
        advice=tuple(shown["advice"]) if shown else (),
    )


def _shown(sheet: Sheet, card: str) -> dict[str, Any] | None:
    """The first time that a card was shown."""
    shown = [record for record in sheet.document["shown"] if record["card"] == card]
    return min(shown, key=lambda record: str(record["at"])) if shown else None


def _companions(sheet: Sheet, finding: Finding) -> list[dict[str, Any]]:
    """The "what goes with it" questions that the rule read and the patient answered."""
    read = [each.key for each in finding.reads]
    keys = [key for key in read if key.endswith("_signs")] or [f"{key}_signs" for key in read]
    return [row for key in dict.fromkeys(keys) if (row := sheet.row(key))]


def _ticked(sheet: Sheet, finding: Finding) -> list[str]:
    """What was ticked for this sign, where it says more than the rule does."""
    rows = [row for each in finding.reads if (row := sheet.row(each.key))]
    chosen = [c["short"] for row in rows for c in row["chosen"] if c["card"] == finding.rule]
    said = _bare(finding.says)
    return [] if finding.unsure else [s for s in chosen if s != "yes" and _bare(s) not in said]


def _denied(sheet: Sheet, finding: Finding) -> list[str]:
    rows = _companions(sheet, finding)
    single = [row["key"] for row in rows if row["short"] == "no"]
    return [*(short for row in rows for short in row["denied"]), *(_SINGLE[key] for key in single)]


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", text.lower())


def _notes(found: list[Finding]) -> tuple[str, ...]:
    infections = [f for f in found if f.rule.startswith("E3")]
    said = []
    if infections:
        urgent = any(f.level is not Urgency.SOON for f in infections)
        said.append(_INFECTION.format(when=" today" if urgent else ""))
    if any(f.rule.startswith("E4") for f in found):
        said.append(_WITHDRAWAL)
    return tuple(said)


def _warnings(sheet: Sheet) -> list[str]:
    said = []
    if not sheet.assessment.screen_complete:
        said.append("RED-FLAG SCREEN INCOMPLETE: danger signs not all answered")
    if sheet.holds("not_private"):
        said.append("Safety and mood not asked: not private")
    return [*said, *_how_to_reach(sheet)]


def _how_to_reach(sheet: Sheet) -> list[str]:
    """The one way to reach who is not safe at home, or that there is none."""
    if not sheet.is_unsafe_at_home:
        return []
    contact = sheet.words("safe_contact")
    if contact:
        return [f"Not safe at home. Use only the number and time left as safe: “{contact}”"]
    return [
        "Not safe at home, and no safe number was left. "
        "A call at another number can put the person in danger."
    ]
