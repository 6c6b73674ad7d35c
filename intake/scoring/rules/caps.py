"""K.3: findings that keep the band down. Caps only lower."""

from intake.scoring.engine import rule
from intake.scoring.facts import BENEFIT_FROM
from intake.scoring.logic import all_of, any_of, chosen, ticked
from intake.scoring.model import Band, Contradiction, Effect, Verdict

Codes = frozenset[str] | None


@rule(
    "K-C1",
    Effect.CAP,
    says="Generalized pattern: topic for doctor: oral drugs, pump, or one worst focus",
    facts=("C9",),
    cap=Band.ASSESS,
)
def generalized_pattern(generalized: bool, marked: tuple[str, ...], all_over: bool) -> Verdict:
    note = "all over" if all_over else f"{len(marked)} places in three or more limbs"
    return Verdict(generalized, note=note if generalized else "")


@rule(
    "K-C2",
    Effect.CAP,
    says="Known antibodies, or no benefit from the two latest limb sessions",
    facts=("B5", "B6"),
    cap=Band.ASSESS,
    unknown_cap=Band.POSSIBLE,
)
def lost_response(
    prior_toxin: str | None,
    toxin_uses: Codes,
    toxin_antibodies: str | None,
    limb_toxin_helped: bool | None,
    limb_benefit: int | None,
    limb_before: str | None,
    limb_before_benefit: int | None,
) -> bool | None:
    limb = all_of((chosen(prior_toxin, "yes"), ticked(toxin_uses, "limb")))
    if not limb:
        return limb
    twice = all_of(
        (_failed(limb_benefit), chosen(limb_before, "yes"), _failed(limb_before_benefit))
    )
    antibodies = chosen(toxin_antibodies, "yes")
    if antibodies is None and limb_toxin_helped:
        antibodies = False
    return any_of((antibodies, twice))


def _failed(benefit: int | None) -> bool | None:
    return None if benefit is None else benefit < BENEFIT_FROM


@rule(
    "K-C3",
    Effect.CAP,
    says="Uses leg stiffness to stand, walk or transfer, and a leg is a target",
    facts=("C11",),
    cap=Band.ASSESS,
    unknown_cap=Band.POSSIBLE,
)
def leg_stiffness_useful(legs_help: str | None, leg_is_target: bool) -> bool | None:
    return all_of((leg_is_target, chosen(legs_help, "yes")))


@rule(
    "K-C3",
    Effect.CAP,
    says="Uses arm or hand stiffness to grip, and an arm or hand is a target",
    facts=("C11",),
    cap=Band.POSSIBLE,
    unknown_cap=Band.POSSIBLE,
)
def arm_stiffness_useful(arms_help: str | None, arm_is_target: bool) -> bool | None:
    return all_of((arm_is_target, chosen(arms_help, "yes")))


@rule(
    "K-C4",
    Effect.CAP,
    says="Joint of the worst place does not move on slow stretch, or was called fixed",
    facts=("C10",),
    cap=Band.ASSESS,
    unknown_cap=Band.POSSIBLE,
)
def joint_fixed(worst_moves: str | None) -> bool | None:
    return chosen(worst_moves, "not_at_all", "fixed")


@rule(
    "K-C5",
    Effect.CAP,
    says="Swallowing or breathing trouble: risk for any later injection",
    facts=("A29", "A30"),
    cap=Band.ASSESS,
    unknown_cap=Band.POSSIBLE,
)
def swallow_or_breath(
    swallow_breathing: Codes,
    symptoms: Codes,
    now_breath_heart: Codes,
    now_toxin_signs: Codes,
) -> Verdict:
    told = ticked(
        swallow_breathing, "swallow", "aspiration", "tube", "breath", "oxygen", "stiff_lungs"
    )
    elsewhere = (
        ticked(symptoms, "swallow_voice", "breathing"),
        ticked(now_breath_heart, "breathing"),
        ticked(now_toxin_signs, "breath_swallow_speech"),
    )
    return Verdict(True if True in elsewhere else told)


@rule(
    "K-C6",
    Effect.CAP,
    says="Breastfeeding or bleeding disorder",
    facts=("A36", "A37"),
    cap=Band.ASSESS,
    unknown_cap=Band.POSSIBLE,
)
def feeding_or_bleeding(
    pregnancy: str | None, breastfeeding: str | None, bleeding_disorder: str | None
) -> bool | None:
    feeds = False if pregnancy == "not_applicable" else chosen(breastfeeding, "yes")
    return any_of((feeds, chosen(bleeding_disorder, "yes")))


@rule(
    "K-C7",
    Effect.CAP,
    says="Toxin spread signs or hospital care after earlier toxin, even if resolved",
    facts=("A27",),
    cap=Band.ASSESS,
    unknown_cap=Band.POSSIBLE,
)
def earlier_spread(
    prior_toxin: str | None, toxin_problems: Codes, now_toxin_signs: Codes
) -> bool | None:
    told = all_of(
        (
            chosen(prior_toxin, "yes"),
            ticked(toxin_problems, "swallow_breath", "spread", "hospital"),
        )
    )
    return True if ticked(now_toxin_signs, "breath_swallow_speech", "spread") else told


@rule(
    "K-C8",
    Effect.CAP,
    says="Consent to clarify",
    facts=("J8",),
    cap=Band.ASSESS,
    unknown_cap=Band.POSSIBLE,
)
def consent_unclear(
    respondent: str | None,
    person_agrees: str | None,
    person_decides: str | None,
    proxy: str | None,
) -> Verdict:
    if respondent != "carer":
        return Verdict(False)
    no_proxy = all_of((chosen(person_decides, "no"), chosen(proxy, "no")))
    if person_agrees != "yes":
        note = "the person's agreement is not a yes"
        return Verdict(True, note=note, unknown=person_agrees is None)
    note = "cannot decide, and no proxy or guardian is named" if no_proxy else ""
    return Verdict(no_proxy, note=note)


@rule(
    "K-C9",
    Effect.CAP,
    says="Answers contradict each other",
    facts=("E18",),
    cap=Band.ASSESS,
)
def contradicted(contradictions: tuple[Contradiction, ...]) -> Verdict:
    note = "; ".join(
        f"“{c.first.label}: {c.first.words}” against “{c.second.label}: {c.second.words}”"
        for c in contradictions
    )
    return Verdict(bool(contradictions), note=note)


@rule(
    "K-C10",
    Effect.CAP,
    says="MS suspected or not sure",
    facts=("C14",),
    cap=Band.ASSESS,
)
def ms_uncertain(ms_diagnosis: str | None) -> Verdict:
    return Verdict(ms_diagnosis in (None, "suspected"), unknown=ms_diagnosis is None)


@rule(
    "K-C11",
    Effect.CAP,
    says="Only neck or trunk marked: the doctor decides the route",
    facts=("F17",),
    cap=Band.ASSESS,
)
def only_middle(marked: tuple[str, ...], limbs: frozenset[str]) -> bool:
    return bool(marked) and not limbs
