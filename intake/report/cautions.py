"""(10) and (11): cautions, what was denied, and daily life."""

from intake.report.sheet import Bit, Line, Sheet, line, lower_first, plain, quoted
from intake.scoring.model import Effect

_SAID_ELSEWHERE = frozenset(
    {
        "not_private",
        "alone",
        "pump_not_discussed",
        "booster_wish",
        "fell",
        "needs_interpreter",
        "objects_to_albumin",
        "impossible_date",
    }
)
"""Flags that the page says in another line."""


def cautions(sheet: Sheet) -> list[Line | None]:
    return [
        line("Cautions", _flags(sheet)),
        line("Denied", [plain(", ".join(_denied(sheet))), _no_question(sheet)]),
    ]


def _flags(sheet: Sheet) -> list[Bit | None]:
    held = [f for f in sheet.holding(Effect.FLAG) if f.name not in _SAID_ELSEWHERE]
    by_note: dict[str, list[str]] = {}
    for each in held:
        by_note.setdefault(each.note or each.name, []).append(each.says)
    noted = {f.note for f in held}
    return [
        plain(
            "; ".join((says[0], *map(lower_first, says[1:])))
            + (f": {note}" if note in noted else "")
        )
        for note, says in by_note.items()
    ]


_DENIED = (
    ("nerve_muscle", "none", "nerve-muscle disorder (MG, LEMS, ALS, motor neuropathy)"),
    ("swallow_breathing", "none", "swallowing or breathing trouble"),
    ("site_infection", "no", "infection at a target place"),
    ("pregnancy", "no", "pregnancy"),
    ("breastfeeding", "no", "breastfeeding"),
    ("antibiotics", "none", "antibiotics that act on nerve and muscle"),
)
"""Negatives that matter (I4): key, code, words. Allergies and bleeding have their own lines."""


def _denied(sheet: Sheet) -> list[str]:
    said = [words for key, code, words in _DENIED if _is(sheet, key, code)]
    if _is(sheet, "triggers", "none") and _is(sheet, "triggers_around", "none"):
        said.append("triggers of spasms")
    return said


def _is(sheet: Sheet, key: str, code: str) -> bool:
    value = sheet.value(key)
    return value == code if isinstance(value, str) else value == [code]


def _no_question(sheet: Sheet) -> Bit | None:
    """By the patient's own choice, which is not a denial (K-U4)."""
    applies = sheet.value("pregnancy") != "not_applicable"
    return None if applies else plain("pregnancy: marked “does not apply”")


def daily_life(sheet: Sheet) -> list[Line | None]:
    review, again = sheet.value("can_review"), sheet.value("can_repeat")
    return [
        line(
            "Daily life",
            [
                plain("does not live alone") if sheet.value("lives_alone") == "no" else None,
                plain(_unless(sheet.known("affects"), "none"), "hard:"),
                plain(sheet.known("helpers"), "help at home:"),
                quoted(sheet.words("helpers_often"), "how often:"),
                plain(sheet.known("therapy"), "therapy:"),
                plain(sheet.known("stretch_help"), "daily stretches:"),
                plain(_coming(review, again)),
                plain(sheet.known("transport"), "transport:"),
            ],
        )
    ]


def _unless(text: str, nothing: str) -> str:
    return "" if text == nothing else text


def _coming(review: str | None, again: str | None) -> str:
    if review == again == "yes":
        return "can attend review and repeat visits"
    said = {"yes": "yes", "no": "NO", "not_sure": "not sure"}
    parts = [
        f"review {said[review]}" if review else "",
        f"repeat visits {said[again]}" if again else "",
    ]
    named = ", ".join(part for part in parts if part)
    return f"can attend: {named}" if named else ""
