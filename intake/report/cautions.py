"""(10) and (11): cautions, what was denied, what is not known, and daily life."""

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
from intake.report.verdict import is_movable, with_said
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
        line("Asked and denied", [plain(", ".join(_denied(sheet))), _no_question(sheet)]),
        *_gaps(sheet),
        line("Not asked", _left_out(sheet)),
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
    ("blood_thinner", "none", "blood thinner"),
    ("bleeding_disorder", "no", "bleeding disorder"),
    ("pregnancy", "no", "pregnancy"),
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


def _no_question(sheet: Sheet) -> Bit | None:
    """By the patient's own choice, which is not a denial (K-U4)."""
    applies = sheet.value("pregnancy") != "not_applicable"
    return None if applies else plain("pregnancy: marked “does not apply”")


_OWN_LINE = frozenset(
    "spasm_drugs pump ms_drug conditions blood_thinner bladder_drugs antibiotics goal_1 allergies"
    " toxin_allergy prior_toxin main_moves".split()
)
"""Questions whose line says by itself that the answer is missing."""


def _gaps(sheet: Sheet) -> list[Line | None]:
    """What is not known and stands nowhere else on the page, critical answers apart."""
    found = sheet.assessment
    moves = is_movable(found)
    rest = [u for u in found.unknown if not _is_said(sheet, u)]
    blank = [u for u in rest if u.said in (NOT_ANSWERED, "not asked")]
    known_why = (NOT_ANSWERED, "not asked", SHORT_FORM, "none")
    unsure = [u for u in rest if u.said not in known_why]
    named = {u.key for u in found.unknown}
    others = sum(1 for r in sheet.rows if r["status"] == "blank" and r["key"] not in named)
    more = plain(f"{others} more blank, named with the answers") if others else None
    if moves:
        return [
            line("NOT ANSWERED", [*(strong(u.label) for u in blank), more] if blank else []),
            line("NOT SURE", [strong(with_said(u)) for u in unsure]),
        ]
    return [line("Not known", [plain(_briefly([with_said(u) for u in (*blank, *unsure)]))])]


_MATTERS = "falls lives_alone ms_drug conditions blood_product bladder_drugs mood_down".split()
"""What a doctor asks first when the short form did not (facts D18, H12)."""


def _left_out(sheet: Sheet) -> list[Bit | None]:
    """What the short form left out: no denial and no blank, so a line of its own."""
    first = [row["label"] for key in _MATTERS if sheet.is_left_out(key) and (row := sheet.row(key))]
    rest = len(sheet.left_out) - len(first)
    return [
        plain(", ".join(map(lower_first, first)), "short form:"),
        plain(f"{rest} {'more' if first else 'questions of the long form'}, named with the answers")
        if rest
        else None,
    ]


_BRIEF = 85
"""Characters of the one line that names what cannot move the band."""


def _briefly(named: list[str]) -> str:
    kept: list[str] = []
    for each in named:
        if kept and len(", ".join([*kept, each])) > _BRIEF:
            return f"{', '.join(kept)}, {len(named) - len(kept)} more (page 2)"
        kept.append(each)
    return ", ".join(kept)


def _is_said(sheet: Sheet, unknown: Unknown) -> bool:
    worst = [f"{p['code']}_strength" for p in sheet.document["places"] if p["worst"]]
    if unknown.key in (*_OWN_LINE, *worst):
        return not sheet.holds("cosmetic_only")
    return unknown.cap is Band.ASSESS and is_movable(sheet.assessment)


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
