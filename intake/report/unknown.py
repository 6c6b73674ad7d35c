"""What is not known, in one place, so that nothing missing is read as "no" or as "nothing".

It counts every question of the visit that has no answer, names those on which the band may hang or
which a doctor asks first, and says how many others there are. What contradicts itself is not known
either.
"""

from collections.abc import Iterable
from typing import Any

from intake.questionnaire.rows import BLANK, UNSURE
from intake.report.sheet import Bit, Line, Sheet, line, lower_first, plain, strong
from intake.report.verdict import critical, is_movable

Plain = dict[str, Any]

_ASKED_FIRST = (
    "toxin_product toxin_last_on limb_benefit toxin_dose blood_thinner bleeding_disorder allergies"
    " blood_product goal_1 main_moves spasm_drugs pump ms_drug conditions bladder_drugs antibiotics"
    " falls lives_alone"
).split()
"""What a doctor asks first (facts B5, D18, H12), after the answers that the rules need."""
_NAMED = 12
"""More names than that are a list that nobody reads on page one."""


def unknown(sheet: Sheet) -> list[Line | None]:
    """Conflicts, then all that is not known, then what the short form did not ask."""
    return [
        line("Conflicts", _conflicts(sheet)),
        line("Not known", _not_known(sheet) or _nothing(sheet)),
        line("Not asked", _left_out(sheet)),
    ]


def _conflicts(sheet: Sheet) -> Iterable[Bit | None]:
    for clash in sheet.assessment.contradictions:
        first, second = clash.first, clash.second
        yield strong(
            f"says “{first.label}: {first.words}” and “{second.label}: {second.words}”: ask"
        )


def _not_known(sheet: Sheet) -> list[Bit | None]:
    named_above = {each.key for each in critical(sheet)}
    blank = _missing(sheet, BLANK, named_above)
    unsure = _missing(sheet, UNSURE, named_above)
    clashes = len(sheet.assessment.contradictions)
    bits = [
        strong(_counted_above(len(named_above))),
        strong(f"CONFLICTING: {clashes}, above" if clashes else ""),
        strong(_screen(sheet)),
        strong("safety and mood: NOT ASKED, not private" if sheet.holds("not_private") else ""),
        strong(_counts(len(blank), len(unsure))),
        *_named(sheet, blank, unsure),
    ]
    if (blank or unsure) and not clashes and not is_movable(sheet.assessment):
        bits.append(plain("no missing answer can move the band"))
    return [bit for bit in bits if bit]


def _counted_above(count: int) -> str:
    return f"{count} safety answer{'' if count == 1 else 's'}, named above" if count else ""


def _screen(sheet: Sheet) -> str:
    return "" if sheet.assessment.screen_complete else "danger signs: not all answered"


def _counts(blank: int, unsure: int) -> str:
    said = [(blank, "NOT ANSWERED"), (unsure, "NOT SURE")]
    return ", ".join(f"{count} {what}" for count, what in said if count)


def _named(sheet: Sheet, blank: list[Plain], unsure: list[Plain]) -> list[Bit | None]:
    """What matters by name, and how many others."""
    ranked = _ranked(sheet)
    told = sorted(
        (row for row in (*blank, *unsure) if row["key"] in ranked),
        key=lambda row: ranked.index(row["key"]),
    )[:_NAMED]
    others = len(blank) + len(unsure) - len(told)
    what = "others" if told else "of less weight"
    return [
        *(plain(_label(sheet, row, unsure if blank else [])) for row in told),
        plain(f"{others} {what}, named with the answers") if others else None,
    ]


def _missing(sheet: Sheet, status: str, named_above: set[str]) -> list[Plain]:
    """Questions of the visit without a known answer."""
    return [
        row
        for row in sheet.rows
        if row["clinical"] and row["key"] not in named_above and _is(sheet, row, status)
    ]


def _is(sheet: Sheet, row: Plain, status: str) -> bool:
    """A tick of "not sure" among others, and a date too coarse to judge, are not known either."""
    if status == UNSURE and row["status"] != BLANK and not sheet.is_left_out(row["key"]):
        return sheet.is_unsure(row["key"]) or row["key"] in _coarse(sheet)
    return bool(row["status"] == status)


def _coarse(sheet: Sheet) -> set[str]:
    on = sheet.value("toxin_last_on")
    known = sheet.assessment.unknown if on and on != "not_sure" else ()
    return {each.key for each in known if each.key == "toxin_last_on"}


def _label(sheet: Sheet, row: Plain, unsure: list[Plain]) -> str:
    """The question's label; "not sure" is said where others are blank, a coarse date always."""
    label = lower_first(row["label"])
    if row["key"] in _coarse(sheet):
        return f"{label} (“{row['short']}” is too coarse)"
    return f"{label} (“not sure”)" if row in unsure else label


def _ranked(sheet: Sheet) -> list[str]:
    """Keys, those first on which the band may hang."""
    unknown = sheet.assessment.unknown if is_movable(sheet.assessment) else ()
    return list(dict.fromkeys([*(each.key for each in unknown), *_ASKED_FIRST]))


def _nothing(sheet: Sheet) -> list[Bit | None]:
    """Said only where it is true."""
    if sheet.left_out:
        return [plain("of what was asked, nothing")]
    return [plain("nothing: every question was answered")]


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
