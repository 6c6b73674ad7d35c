"""K.2: not now, with what to resolve first."""

from datetime import date, timedelta

from intake.questionnaire.rows import day_in_words
from intake.scoring.engine import rule
from intake.scoring.logic import any_of, chosen, last_day, less_than_days_ago, ticked
from intake.scoring.model import Band, Effect, Verdict

MIN_INTERVAL_DAYS = 84
"""12 weeks: 84 days pass, 83 defer (A13)."""

SETTLING_DAYS = 30
"""K-D7: 0-30 days before today."""

Codes = frozenset[str] | None


@rule(
    "K-D1",
    Effect.DEFER,
    says="Allergy to botulinum toxin or to human albumin",
    facts=("A23", "A26"),
    unknown_cap=Band.POSSIBLE,
    resolve="Clarify the reaction; the label contraindicates toxin with an allergy to a component.",
)
def allergy(toxin_allergy: str | None, allergies: Codes) -> bool | None:
    return any_of((chosen(toxin_allergy, "yes"), ticked(allergies, "albumin")))


@rule(
    "K-D2",
    Effect.DEFER,
    says="Skin infection at or near the planned site",
    facts=("A23",),
    unknown_cap=Band.POSSIBLE,
    resolve="Treat first: the label contraindication is infection at the site. Re-review when "
    "healed.",
)
def site_infected(site_infection: str | None) -> bool | None:
    return chosen(site_infection, "yes")


@rule(
    "K-D3",
    Effect.DEFER,
    says="Last botulinum toxin less than 12 weeks ago",
    facts=("A13", "B4"),
    unknown_cap=Band.POSSIBLE,
    resolve="Wait until 12 weeks have passed since the last injection of any kind.",
)
def interval_too_short(prior_toxin: str | None, toxin_last_on: str | None, today: date) -> Verdict:
    if prior_toxin == "never":
        return Verdict(False)
    if prior_toxin is None:
        return Verdict(None)
    short = less_than_days_ago(toxin_last_on, today, MIN_INTERVAL_DAYS)
    return Verdict(short, note=_interval_note(toxin_last_on, today) if short else "")


def earliest_next(toxin_last_on: str) -> date | None:
    """84 days after the last day that the date can mean; None for a year alone."""
    last = last_day(toxin_last_on)
    if last is None or len(toxin_last_on) == len("2026"):
        return None
    return last + timedelta(days=MIN_INTERVAL_DAYS)


def _interval_note(toxin_last_on: str | None, today: date) -> str:
    if toxin_last_on is None:
        return ""
    last, earliest = last_day(toxin_last_on), earliest_next(toxin_last_on)
    if last is None or earliest is None:
        return ""
    until = f"not before {day_in_words(earliest)}"
    if len(toxin_last_on) < len("2026-03-09"):
        return until
    ago = (today - last).days
    return f"{ago} days ago, {MIN_INTERVAL_DAYS - ago} days short of 84; {until}"


@rule(
    "K-D4",
    Effect.DEFER,
    says="Pregnant, possibly pregnant or trying",
    facts=("A37",),
    unknown_cap=Band.POSSIBLE,
    resolve="Doctor discussion first (clinic rule, not a label contraindication).",
)
def pregnant(pregnancy: str | None) -> bool | None:
    return chosen(pregnancy, "pregnant", "possible", "trying")


@rule(
    "K-D5",
    Effect.DEFER,
    says="Nerve-muscle disorder named by a doctor",
    facts=("A28",),
    unknown_cap=Band.POSSIBLE,
    resolve="Neuromuscular specialist's view first (label warning).",
)
def nerve_muscle_disorder(nerve_muscle: Codes) -> bool | None:
    return ticked(nerve_muscle, "mg", "lems", "als", "motor")


@rule(
    "K-D6",
    Effect.DEFER,
    says="Antibiotic that acts on nerve and muscle, now",
    facts=("A34", "A35"),
    unknown_cap=Band.POSSIBLE,
    resolve="Review after the course; check the infection.",
)
def blocking_antibiotic(antibiotics: Codes) -> bool | None:
    return ticked(antibiotics, "aminoglycoside", "polymyxin", "lincosamide")


@rule(
    "K-D7",
    Effect.DEFER,
    says="Relapse, steroid or MS drug change in the last 30 days",
    facts=("C8", "C14"),
    unknown_cap=Band.POSSIBLE,
    resolve="Review once stable; the doctor may override.",
)
def unsettled(
    relapse: str | None,
    relapse_on: str | None,
    steroid: str | None,
    steroid_ended_on: str | None,
    ms_drug_change: str | None,
    ms_drug_changed_on: str | None,
    ms_diagnosis: str | None,
    today: date,
) -> Verdict:
    if ms_diagnosis == "no":
        return Verdict(False)
    parts = {
        "relapse": _lately(chosen(relapse, "yes"), relapse_on, today),
        "steroid": any_of(
            (chosen(steroid, "now"), _lately(chosen(steroid, "yes"), steroid_ended_on, today))
        ),
        "MS drug change": _lately(chosen(ms_drug_change, "yes"), ms_drug_changed_on, today),
    }
    named = ", ".join(name for name, holds in parts.items() if holds)
    dated = {
        "relapse": relapse_on,
        "steroid": steroid_ended_on,
        "MS drug change": ms_drug_changed_on,
    }
    coarse = tuple(
        _DATE_KEYS[name] for name, holds in parts.items() if holds is None and dated[name]
    )
    return Verdict(any_of(parts.values()), note=named, missing=coarse)


_DATE_KEYS = {
    "relapse": "relapse_on",
    "steroid": "steroid_ended_on",
    "MS drug change": "ms_drug_changed_on",
}


def _lately(happened: bool | None, on: str | None, today: date) -> bool | None:
    """Whether it happened 0 to 30 days before today."""
    if not happened:
        return happened
    return less_than_days_ago(on, today, SETTLING_DAYS + 1)


_RESOLVABLE = {
    "urine": "urinary infection signs",
    "sore": "open pressure sore: a sore may itself be a reason to treat spasms",
    "wound": "wound",
    "constipation": "constipation of more than 3 days",
}


@rule(
    "K-D8",
    Effect.DEFER,
    says="A treatable trigger of spasms is present",
    facts=("C7",),
    unknown_cap=Band.POSSIBLE,
    resolve="Treat the trigger first, then look again; the doctor may override.",
)
def treatable_trigger(triggers: Codes, now_infection: Codes, now_skin: Codes) -> Verdict:
    on_page_one = {
        "urine": ticked(now_infection, "urine", "urine_fever"),
        "sore": ticked(now_skin, "sore"),
        "wound": ticked(now_skin, "wound"),
    }
    present = [
        words
        for code, words in _RESOLVABLE.items()
        if ticked(triggers, code) or on_page_one.get(code)
    ]
    if present:
        return Verdict(True, note=", ".join(present))
    return Verdict(ticked(triggers, *_RESOLVABLE))
