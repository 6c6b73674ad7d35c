"""(6) Where it bothers: the marked places, drawn and as a table, and what goes with them."""

from dataclasses import dataclass
from typing import Any

from intake.questionnaire.body import ALL_OVER, BY_CODE, MAIN, MARKED
from intake.report.sheet import Bit, Line, Sheet, line, plain, strong

_SIZES = {
    "S": "small",
    "S-M": "small–medium",
    "M": "medium",
    "M-L": "medium–large",
    "L": "large",
}
"""In words: a single "L" beside a limb reads as "left"."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One marked place; "" where nothing is known, "–" where nothing was asked."""

    code: str
    place: str
    pattern: str
    stiffness: str
    """0 to 10, as told for an average of 7 days."""
    moves: str
    size: str
    is_worst: bool


@dataclass(frozen=True, slots=True)
class Places:
    """The marked places, worst first, then strongest first."""

    rows: tuple[PlaceRow, ...]
    title: str
    """What the drawing shows, in words."""
    lines: tuple[Line, ...]

    @property
    def marks(self) -> dict[str, str]:
        """Levels by place, for the drawing; a place it does not know is left out."""
        known = [row for row in self.rows if row.code in BY_CODE or row.code == ALL_OVER]
        return {row.code: MAIN if row.is_worst else MARKED for row in known}

    @property
    def labels(self) -> dict[str, str]:
        return {row.code: row.stiffness or "?" for row in self.rows if row.code in BY_CODE}


def places(sheet: Sheet) -> Places:
    given = sorted(sheet.document["places"], key=lambda p: (not p["worst"], -(p["strength"] or -1)))
    rows = tuple(_row(sheet, place) for place in given)
    named = ", ".join(f"{row.place}{' (worst)' if row.is_worst else ''}" for row in rows)
    lines = (
        line("No place", _none(sheet, rows), strong=True),
        line("Worst place", _worst(sheet, rows)),
        line("Stiffness helps", _useful(sheet)),
        line("Spasms", _spasms(sheet)),
    )
    return Places(rows, f"Body map. Marked: {named}", tuple(each for each in lines if each))


def _row(sheet: Sheet, place: dict[str, Any]) -> PlaceRow:
    told = place["strength"]
    return PlaceRow(
        code=place["code"],
        place=place["words"],
        pattern=", ".join(place["patterns"]) or "not known",
        stiffness="" if told is None else str(told),
        moves=_moves(sheet) if place["worst"] else "–",
        size=", ".join(_SIZES[size] for size in place["sizes"]) or "?",
        is_worst=place["worst"],
    )


def _moves(sheet: Sheet) -> str:
    said = {
        "yes": "yes",
        "partly": "partly",
        "not_at_all": "NO",
        "fixed": "FIXED",
        "not_sure": "not sure",
    }
    return said.get(sheet.value("main_moves") or "", "?")


def _none(sheet: Sheet, rows: tuple[PlaceRow, ...]) -> list[Bit | None]:
    if rows:
        return []
    said = {"none": "the patient marked none", "not_sure": "not sure where"}
    codes = sheet.value("places") or [""]
    return [strong(said.get(codes[0], "NOT ANSWERED: no place marked"))]


def _worst(sheet: Sheet, rows: tuple[PlaceRow, ...]) -> list[Bit | None]:
    if not rows:
        return []
    worst = next((row for row in rows if row.is_worst), None)
    if worst is None:
        return [strong("worst place NOT KNOWN")]
    moves = sheet.short("main_moves") or "NOT ANSWERED"
    stiffness = f"{worst.stiffness} of 10" if worst.stiffness else "NOT KNOWN"
    return [
        strong(f"{worst.place}, stiffness {stiffness}"),
        (plain if moves == "yes" else strong)(f"joint moves on slow stretch: {moves}"),
        sheet.said("main_pain", "pain there"),
        sheet.said("main_times", "worst at:"),
    ]


def _useful(sheet: Sheet) -> list[Bit | None]:
    used = {"yes": strong, "not_sure": strong, "no": plain}
    legs, arms = sheet.value("legs_help"), sheet.value("arms_help")
    said = {"yes": "YES", "not_sure": "not sure", "no": "no"}
    return [
        used[legs](f"to stand, walk or transfer: {said[legs]}") if legs else None,
        used[arms](f"to grip: {said[arms]}") if arms else None,
    ]


def _spasms(sheet: Sheet) -> list[Bit | None]:
    if sheet.value("spasm_frequency") == "never":
        return [plain("none")]
    frequency = sheet.known("spasm_frequency").partition(" ")[2]
    severity = sheet.known("spasm_severity").partition(" ")[2]
    return [
        plain(frequency or ("not sure how often" if sheet.is_unsure("spasm_frequency") else "")),
        plain(severity),
        sheet.said("spasm_times", "at:"),
        sheet.said("spasm_set_off", "set off by"),
        plain(sheet.known("sleep_loss"), "wake the patient:"),
        plain(sheet.known("pain"), "pain anywhere"),
        plain(sheet.known("fatigue"), "tired"),
    ]
