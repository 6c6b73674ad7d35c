"""(5) The patient's own words, and the goals."""

from intake.report.sheet import Bit, Line, Sheet, line, plain, quoted, strong
from intake.scoring.model import Band


def wishes(sheet: Sheet) -> list[Line | None]:
    return [
        line("Carer’s words" if _is_carers(sheet) else "Own words", _words(sheet)),
        line("Comes for", [plain(_reasons(sheet))]),
        line("Goal 1" if sheet.is_asked("goal_2") else "Goal", _goal(sheet, 1)),
        line("Goal 2", _goal(sheet, 2)),
    ]


def _words(sheet: Sheet) -> list[Bit | None]:
    return [
        quoted(sheet.words("main_problem")),
        quoted(sheet.words("work_words"), _lead(sheet, "work_words", "work")),
        quoted(sheet.words("home_words"), _lead(sheet, "home_words", "home")),
    ]


def _is_carers(sheet: Sheet) -> bool:
    return sheet.is_by_carer("main_problem")


def _lead(sheet: Sheet, key: str, about: str) -> str:
    """What it is about, and whose words they are where the line's label says another's."""
    if sheet.is_by_carer(key) == _is_carers(sheet):
        return f"{about}:"
    return f"{about}, {'carer' if sheet.is_by_carer(key) else 'patient'}’s words:"


def _reasons(sheet: Sheet) -> str:
    """Named only where the person's own words are missing or looks are among the reasons."""
    told = sheet.words("main_problem") and "looks" not in sheet.codes("reasons")
    return "" if told else sheet.known("reasons")


def _goal(sheet: Sheet, number: int) -> list[Bit | None]:
    key = f"goal_{number}"
    kind = sheet.short(key)
    if not kind:
        return [sheet.gap(key)] if number == 1 else []
    place = sheet.known(f"{key}_place")
    return [
        strong(kind + (f" ({place})" if place else "")),
        quoted(sheet.words(f"{key}_words")),
        quoted(sheet.words(f"{key}_measure"), "known by"),
        plain(sheet.known(f"{key}_now"), "difficulty now"),
        _vague(sheet) if number == 1 else None,
    ]


def _vague(sheet: Sheet) -> Bit | None:
    goal = sheet.finding("goal")
    note = goal.note if goal and sheet.assessment.band is not Band.OTHER else ""
    return strong(f"goal {note}") if note.startswith("vague") else None
