"""K.1: another pathway than this one."""

from intake.scoring.engine import rule
from intake.scoring.logic import chosen
from intake.scoring.model import Band, Effect, Verdict

ADULT = 18


@rule(
    "K-P1",
    Effect.PATHWAY,
    says="Under 18: pediatric route and consent rules needed",
    facts=("A38", "J8"),
    unknown_cap=Band.POSSIBLE,
    resolve="Pediatric or parent consent route; staff review confidentiality before any contact.",
)
def under_age(age: int | None) -> Verdict:
    if age is None:
        return Verdict(None)
    return Verdict(age < ADULT, note=f"age {age}" if age < ADULT else "")


@rule(
    "K-P2",
    Effect.PATHWAY,
    says="No spasticity problem reported: cosmetic request only",
    facts=("C13", "G1"),
    unknown_cap=Band.POSSIBLE,
    resolve="Cosmetic consult with its own safety talk.",
)
def cosmetic_only(
    reasons: frozenset[str] | None,
    marked: tuple[str, ...],
    all_over: bool,
    symptoms: frozenset[str] | None,
) -> bool | None:
    limb_problem = marked or all_over or (symptoms or frozenset()) & {"spasms", "stiffness"}
    if limb_problem:
        return False
    if reasons is None or "not_sure" in reasons:
        return None if not (reasons or frozenset()) - {"looks", "not_sure"} else False
    return reasons == {"looks"}


@rule(
    "K-P3",
    Effect.PATHWAY,
    says="No MS diagnosis: general spasticity or neurology intake",
    facts=("C14",),
    unknown_cap=Band.POSSIBLE,
    resolve="Use the general spasticity intake; this is not a denial.",
)
def no_ms(ms_diagnosis: str | None) -> bool | None:
    return chosen(ms_diagnosis, "no")
