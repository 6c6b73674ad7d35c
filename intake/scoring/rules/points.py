"""K.4: points. "Not sure" and blank earn nothing."""

from intake.questionnaire.patterns import SMALL_SIZES, Pattern
from intake.scoring.engine import rule
from intake.scoring.logic import all_of, chosen, ticked
from intake.scoring.model import Band, Effect, Verdict

Codes = frozenset[str] | None

_POSSIBLE = Band.POSSIBLE


def _all_or_nothing(holds: bool | None, points: int) -> Verdict:
    return Verdict(holds, points=points if holds else 0)


@rule(
    "K1",
    Effect.POINTS,
    says="Focal: 1 or 2 places (3 points), or more but not generalized (2 points)",
    facts=("C9",),
    max_points=3,
)
def focal(marked: tuple[str, ...], generalized: bool) -> Verdict:
    if not marked and not generalized:
        return Verdict(None)
    if generalized:
        return Verdict(False)
    return Verdict(True, points=3 if len(marked) <= 2 else 2, note=f"{len(marked)} marked")


@rule(
    "K2",
    Effect.POINTS,
    says="At least one target with small muscles",
    facts=("L2", "A10"),
    max_points=1,
)
def small_target(
    patterns: tuple[tuple[str, Pattern], ...], without_pattern: tuple[str, ...], all_over: bool
) -> Verdict:
    small = any(pattern.size in SMALL_SIZES for _, pattern in patterns)
    unknown = bool(without_pattern) or not (patterns or all_over)
    holds = None if unknown and not small else small
    return _all_or_nothing(holds, 1)


@rule(
    "K3",
    Effect.POINTS,
    says="Goal: specific (3 points) or vague (1 point)",
    facts=("C3", "C6"),
    unknown_cap=_POSSIBLE,
    max_points=3,
)
def goal(
    goal_1: str | None,
    goal_1_words: str | None,
    goal_1_place: str | None,
    goal_1_measure: str | None,
    goal_2: str | None,
    goal_2_words: str | None,
    goal_2_place: str | None,
    goal_2_measure: str | None,
    only_place: str | None,
) -> Verdict:
    first = _goal_points(goal_1, goal_1_words, goal_1_place or only_place, goal_1_measure)
    second = _goal_points(goal_2, goal_2_words, goal_2_place or only_place, goal_2_measure)
    points = max(first, second)
    if not points:
        return Verdict(None)
    note = "specific" if points == 3 else "vague: ask for one worst area and a measure"
    could_be_specific = any(kind not in (None, "looser") for kind in (goal_1, goal_2))
    return Verdict(True, points=points, best=3 if could_be_specific else points, note=note)


def _goal_points(
    kind: str | None, words: str | None, place: str | None, measure: str | None
) -> int:
    if kind is None:
        return 0
    named = kind != "looser" and (kind != "own" or bool(words))
    return 3 if named and place and measure else 1


@rule(
    "K4",
    Effect.POINTS,
    says="Stiffness or spasm 4 to 10 at the worst place, average of 7 days",
    facts=("D1",),
    unknown_cap=_POSSIBLE,
    max_points=2,
)
def strong_enough(worst_strength: int | None) -> Verdict:
    holds = None if worst_strength is None else worst_strength >= 4
    return _all_or_nothing(holds, 2)


@rule(
    "K5",
    Effect.POINTS,
    says="Slow stretch moves the joint of the worst place",
    facts=("C10",),
    unknown_cap=_POSSIBLE,
    max_points=2,
)
def joint_moves(worst_moves: str | None) -> Verdict:
    return _all_or_nothing(chosen(worst_moves, "yes", "partly"), 2)


@rule(
    "K6",
    Effect.POINTS,
    says="No trigger of spasms, all asked and denied",
    facts=("C7",),
    unknown_cap=_POSSIBLE,
    max_points=1,
)
def no_trigger(triggers: Codes, triggers_around: Codes) -> Verdict:
    lists = (triggers, triggers_around)
    unknown = any(codes is None or "not_sure" in codes for codes in lists)
    present = any(codes and codes - {"none", "not_sure"} for codes in lists)
    if present:
        return Verdict(False, unknown=unknown)
    return Verdict(None) if unknown else Verdict(True, points=1)


@rule(
    "K7",
    Effect.POINTS,
    says="Stretching or oral drug tried: not enough, not tolerated or sedating",
    facts=("C13",),
    unknown_cap=_POSSIBLE,
    max_points=1,
)
def tried_and_not_enough(
    tried: Codes,
    tried_result: Codes,
    too_sleepy: str | None,
    drug_problems: frozenset[str],
    drugs_could_fail: bool,
) -> Verdict:
    by_drug = too_sleepy == "yes" or drug_problems & {"sleepy", "weak", "too_little"}
    if by_drug:
        return _all_or_nothing(True, 1)
    began = ticked(tried, "stretching", "tablets")
    result = ticked(tried_result, "not_enough", "not_tolerated", "sleepy")
    told = all_of((began, result))
    if told is False and (drugs_could_fail or too_sleepy is None):
        # The drug pages could still earn the point, but "treatments tried" is answered.
        return Verdict(False, best=1)
    return _all_or_nothing(told, 1)


@rule(
    "K8",
    Effect.POINTS,
    says="Has or wants therapy, stretches or splint, and help if needed",
    facts=("C12",),
    unknown_cap=_POSSIBLE,
    max_points=1,
)
def therapy_support(therapy: Codes, stretch_help: str | None) -> Verdict:
    wanted = ticked(therapy, "pt", "ot", "stretches", "splint", "wants")
    return _all_or_nothing(all_of((wanted, chosen(stretch_help, "alone", "helped"))), 1)


@rule(
    "K9",
    Effect.POINTS,
    says="Can attend the review and repeat visits 12-weekly or later",
    facts=("C12", "L5"),
    unknown_cap=_POSSIBLE,
    max_points=1,
)
def can_follow_up(can_review: str | None, can_repeat: str | None) -> Verdict:
    return _all_or_nothing(all_of((chosen(can_review, "yes"), chosen(can_repeat, "yes"))), 1)


@rule(
    "K10",
    Effect.POINTS,
    says="The latest limb toxin helped: 3 of 10 or more for 6 weeks or more",
    facts=("C14",),
    max_points=2,
)
def earlier_benefit(limb_toxin_helped: bool | None) -> Verdict:
    return _all_or_nothing(limb_toxin_helped, 2)
