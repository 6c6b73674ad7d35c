"""The content of the PDF, typed, from a sealed document and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.report.alarm import Alarm, alarm
from intake.report.answers import Advice, Screen, Section, advice, left_out, screens, sections
from intake.report.cautions import cautions, daily_life
from intake.report.history import history, last_toxin, toxin_course
from intake.report.identity import Identity, identity
from intake.report.places import Places, places
from intake.report.record import RecordView
from intake.report.sheet import Bit, Line, Sheet
from intake.report.since import Since, since
from intake.report.trace import Trace, deciding, trace
from intake.report.unknown import unknown
from intake.report.verdict import Verdict, safety, stops, verdict
from intake.report.wishes import wishes


@dataclass(frozen=True, slots=True)
class Filler:
    """The filler preference, apart from everything else (K.6)."""

    preference: str
    wished_for: str
    lines: tuple[str, ...]

    @property
    def wish(self) -> Line:
        """The person's wish as one short line; the notes stand with the rules."""
        purpose = [Bit(f"wished for: {self.wished_for}")] if self.wished_for else []
        return Line(
            "Filler wish",
            (
                Bit(self.preference, strong=True),
                *purpose,
                Bit("no effect on the band; notes on page 2"),
            ),
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the PDF says, in the order in which it is read."""

    clinic: str
    clinic_phone: str
    paper: str
    language: str
    """Of the patient's own writing; all else is English."""
    rules_version: str
    questionnaire_version: str
    identity: Identity
    alarm: Alarm
    verdict: Verdict
    since: Since
    """What happened after it was sent."""
    safety: tuple[Line, ...]
    stops: tuple[Line, ...]
    unknown: tuple[Line, ...]
    """Conflicts, what is not known, and what was not asked; never empty."""
    wishes: tuple[Line, ...]
    places: Places
    toxin: tuple[Line, ...]
    """The last injection, and when the next one can be."""
    history: tuple[Line, ...]
    cautions: tuple[Line, ...]
    daily_life: tuple[Line, ...]
    deciding: str
    filler: Filler
    exam: tuple[str, ...]
    """What the examiner writes by hand."""
    trace: Trace
    sections: tuple[Section, ...]
    given_by: str
    """Whose words the answers are."""
    marks_carer: str
    """What the mark beside some answers means; "" where all are of one person."""
    advice: tuple[Advice, ...]
    screened_at: str
    screens: tuple[Screen, ...]
    left_out: tuple[str, ...]


def summarise(document: Mapping[str, Any], record: RecordView | None = None) -> Summary:
    """The typed content of a sealed document (`sent_document`) and of what staff did with it."""
    sheet = Sheet(document)
    screened_at = document["screened_at"]
    return Summary(
        clinic=document["clinic"]["name"],
        clinic_phone=document["clinic"]["phone"],
        paper=document["clinic"]["paper"],
        language=document["language"],
        rules_version=document["rules_version"],
        questionnaire_version=document["questionnaire_version"],
        identity=identity(sheet),
        alarm=alarm(sheet),
        verdict=verdict(sheet),
        since=since(sheet, record),
        safety=_said([safety(sheet)]),
        stops=_said(stops(sheet)),
        unknown=_said(unknown(sheet)),
        wishes=_said(wishes(sheet)),
        places=places(sheet),
        toxin=_said([last_toxin(sheet)]),
        history=_said([toxin_course(sheet), *history(sheet)]),
        cautions=_said(cautions(sheet)),
        daily_life=_said(daily_life(sheet)),
        deciding=deciding(sheet),
        filler=_filler(sheet),
        exam=_exam(sheet),
        trace=trace(sheet),
        sections=sections(sheet),
        given_by=_given_by(sheet),
        marks_carer=_marks_carer(sheet),
        advice=advice(sheet),
        screened_at=sheet.clock(screened_at) if screened_at else "",
        screens=screens(sheet),
        left_out=left_out(sheet),
    )


def _exam(sheet: Sheet) -> tuple[str, ...]:
    """The marked places have their own blanks for the modified Ashworth scale (MAS)."""
    if sheet.holds("cosmetic_only"):
        return ("Plan:",)
    muscles = "MAS, other muscles (0–4):" if sheet.document["places"] else "MAS (muscle, 0–4):"
    return (muscles, "Range of motion:", "Plan:")


def _said(lines: list[Line | None]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line)


def _given_by(sheet: Sheet) -> str:
    typed_by = sheet.document.get("typed_by")
    if sheet.is_from_paper and not typed_by:
        return "typed by staff from paper"
    if sheet.is_mixed:
        return f"given by patient and {sheet.relation or 'carer'}"
    words = "as the carer gave them" if sheet.by_carer else "in the patient’s words"
    return f"{words}, typed in from paper by {typed_by}" if typed_by else words


def _marks_carer(sheet: Sheet) -> str:
    if not sheet.is_mixed:
        return ""
    who = f"carer ({sheet.relation})" if sheet.relation not in ("", "carer") else "carer"
    return f"given by the {who}; the others by the patient"


def _filler(sheet: Sheet) -> Filler:
    box = sheet.assessment.filler
    return Filler(
        preference=box.preference,
        wished_for=sheet.known("filler_purpose"),
        lines=tuple(f"{each.says} ({each.rule})" for each in box.lines),
    )
