"""K.6: the filler preference. It stands apart and never touches the band."""

from intake.scoring.engine import rule
from intake.scoring.logic import any_of, chosen, ticked
from intake.scoring.model import Effect, Verdict
from intake.scoring.rules.flags import IMMUNE_DRUGS

Codes = frozenset[str] | None

FILLER_AGE = 22
_KINDS = ("natural", "semi_permanent", "no_preference")


def _applies(preference: str | None, purpose: Codes) -> bool:
    return preference in _KINDS or bool(ticked(purpose, "spasms"))


@rule(
    "K-F0",
    Effect.FILLER,
    says="Fillers do not treat spasticity. MS is an autoimmune condition: discuss",
    facts=("G1", "G10"),
)
def filler_always(filler_preference: str | None) -> bool:
    return True


@rule("K-F1", Effect.FILLER, says="Review needed before any filler", facts=("G2", "G8", "G11"))
def filler_review(
    filler_preference: str | None,
    filler_purpose: Codes,
    filler_allergies: Codes,
    filler_skin: Codes,
    bleeding_disorder: str | None,
    age: int | None,
    pregnancy: str | None,
    breastfeeding: str | None,
    site_infection: str | None,
    now_skin: Codes,
) -> Verdict:
    if not _applies(filler_preference, filler_purpose):
        return Verdict(False)
    checks = {
        "anaphylaxis or multiple severe allergies": ticked(filler_allergies, "severe"),
        "gram-positive protein allergy": ticked(filler_allergies, "bacteria"),
        "lidocaine allergy": ticked(filler_allergies, "lidocaine"),
        "bovine collagen allergy": ticked(filler_allergies, "collagen"),
        "bleeding disorder": chosen(bleeding_disorder, "yes"),
        "age under 22": None if age is None else age < FILLER_AGE,
        "pregnant or possibly": chosen(pregnancy, "pregnant", "possible", "trying"),
        "breastfeeding": False if pregnancy == "not_applicable" else chosen(breastfeeding, "yes"),
        "active skin infection": _skin_infected(filler_skin, site_infection, now_skin),
        "keloid tendency": ticked(filler_skin, "keloid"),
    }
    return Verdict(any_of(checks.values()), note=_true_ones(checks))


def _skin_infected(filler_skin: Codes, site_infection: str | None, now_skin: Codes) -> bool | None:
    elsewhere = site_infection == "yes" or bool(ticked(now_skin, "wound"))
    return True if elsewhere else ticked(filler_skin, "infection")


def _true_ones(checks: dict[str, bool | None]) -> str:
    return ", ".join(words for words, holds in checks.items() if holds)


@rule("K-F2", Effect.FILLER, says="Discuss before any filler", facts=("G9", "G10", "G11"))
def filler_discuss(
    filler_preference: str | None,
    filler_purpose: Codes,
    filler_skin: Codes,
    filler_lately: Codes,
    ms_drug: Codes,
    steroid: str | None,
    blood_thinner: Codes,
) -> Verdict:
    if not _applies(filler_preference, filler_purpose):
        return Verdict(False)
    immune = sorted((ms_drug or frozenset()) & IMMUNE_DRUGS)
    named = f"{', '.join(immune)}: infection caution for fillers"
    checks = {
        named: True if immune else ticked(ms_drug, *IMMUNE_DRUGS),
        "steroids now": chosen(steroid, "now"),
        "blood thinner": ticked(
            blood_thinner, "warfarin", "doac", "heparin", "aspirin", "antiplatelet"
        ),
        "recent vaccine, dental work or infection": ticked(
            filler_lately, "vaccine", "dental", "infection"
        ),
        "past permanent filler or silicone": ticked(filler_skin, "permanent"),
    }
    return Verdict(any_of(checks.values()), note=_true_ones(checks))


@rule("K-F3", Effect.FILLER, says="About this kind of filler", facts=("G4", "G5"))
def filler_kind(filler_preference: str | None) -> Verdict:
    notes = {
        "natural": "natural: shorter life",
        "semi_permanent": "semi-permanent synthetic: longer lasting, shift or lump risk, "
        "injector skill matters",
    }
    note = notes.get(filler_preference or "", "")
    return Verdict(bool(note), note=note)


@rule(
    "K-F4",
    Effect.FILLER,
    says="Expectation to correct: wants a filler for spasms. Toxin is not a filler, and fillers "
    "do not treat spasms",
    facts=("G1", "G12"),
)
def filler_for_spasms(filler_preference: str | None, filler_purpose: Codes) -> bool:
    return bool(ticked(filler_purpose, "spasms"))


@rule("K-F5", Effect.FILLER, says="No filler preference to act on", facts=("G14",))
def filler_nothing(filler_preference: str | None) -> bool:
    return filler_preference not in _KINDS
