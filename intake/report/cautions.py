"""(10) and (11): cautions, what was denied, what is not known, and daily life."""

from intake.report.sheet import Bit, Line, Sheet, line, plain, quoted, strong
from intake.scoring.model import Band, Effect, Unknown

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
        line("Asked and denied", [plain(", ".join(_denied(sheet)))]),
        line("NOT ANSWERED", _not_answered(sheet), strong=True),
        line("NOT SURE", _not_sure(sheet), strong=True),
    ]


def _flags(sheet: Sheet) -> list[Bit | None]:
    held = [f for f in sheet.holding(Effect.FLAG) if f.name not in _SAID_ELSEWHERE]
    said = [plain(f"{f.says}: {f.note}" if f.note else f.says) for f in held]
    watched = quoted(sheet.words("other_medicines"), "other medicines:")
    return [*said, watched, quoted(sheet.words("conditions_words"), "other illness:")]


_DENIED = (
    ("nerve_muscle", "none", "nerve-muscle disorder (MG, LEMS, ALS, motor neuropathy)"),
    ("swallow_breathing", "none", "swallowing or breathing trouble"),
    ("site_infection", "no", "infection at a target place"),
    ("blood_thinner", "none", "blood thinner"),
    ("bleeding_disorder", "no", "bleeding disorder"),
    ("pregnancy", "no", "pregnancy"),
    ("pregnancy", "not_applicable", "pregnancy (does not apply)"),
    ("breastfeeding", "no", "breastfeeding"),
    ("antibiotics", "none", "antibiotics that act on nerve and muscle"),
)
"""Negatives that matter (I4): key, code, words."""


def _denied(sheet: Sheet) -> list[str]:
    said = [words for key, code, words in _DENIED if _is(sheet, key, code)]
    if _is(sheet, "triggers", "none") and _is(sheet, "triggers_around", "none"):
        said.append("triggers of spasms")
    return said


def _is(sheet: Sheet, key: str, code: str) -> bool:
    value = sheet.value(key)
    return value == code if isinstance(value, str) else value == [code]


_NO_ANSWER = frozenset({"not answered", "not asked", "none"})
""" "none" is an answer, though nothing can be built on it (no place marked)."""


def _not_answered(sheet: Sheet) -> list[Bit | None]:
    gaps = [u for u in sheet.assessment.unknown if u.said in ("not answered", "not asked")]
    first = [u for u in gaps if u.cap is Band.ASSESS]
    then = [u for u in gaps if u.cap is not Band.ASSESS]
    named = {u.key for u in gaps}
    others = sum(1 for r in sheet.rows if r["status"] == "blank" and r["key"] not in named)
    return [
        strong(_ask_first(first)),
        *(strong(unknown.label) for unknown in then),
        plain(f"{others} more blank, named with the answers") if gaps and others else None,
        strong("follow up by phone to complete") if first else None,
    ]


def _ask_first(gaps: list[Unknown]) -> str:
    return f"ask first: {', '.join(u.label for u in gaps)}" if gaps else ""


def _not_sure(sheet: Sheet) -> list[Bit | None]:
    gaps = [u for u in sheet.assessment.unknown if u.said not in _NO_ANSWER]
    first = [u for u in gaps if u.cap is Band.ASSESS]
    then = [u for u in gaps if u.cap is not Band.ASSESS]
    return [
        strong(f"ask first: {', '.join(map(_with_said, first))}") if first else None,
        *(strong(_with_said(unknown)) for unknown in then),
    ]


def _with_said(unknown: Unknown) -> str:
    return unknown.label if unknown.said == "not sure" else f"{unknown.label} ({unknown.said})"


def daily_life(sheet: Sheet) -> list[Line | None]:
    alone = {"yes": strong("lives alone"), "no": plain("does not live alone")}
    review, again = sheet.value("can_review"), sheet.value("can_repeat")
    return [
        line(
            "Daily life",
            [
                alone.get(sheet.value("lives_alone") or ""),
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
