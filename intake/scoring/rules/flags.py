"""K11 and other notes: the doctor should see them; none changes the band."""

from datetime import date

from intake.questionnaire.patterns import LARGE_SIZES, Pattern
from intake.scoring.engine import Declare, rule
from intake.scoring.logic import chosen, ticked
from intake.scoring.model import Band, Effect, Verdict

Codes = frozenset[str] | None

IMMUNE_DRUGS = frozenset(
    {
        "ocrelizumab",
        "ofatumumab",
        "ublituximab",
        "rituximab",
        "fingolimod",
        "siponimod",
        "ozanimod",
        "ponesimod",
        "cladribine",
        "alemtuzumab",
        "natalizumab",
        "mitoxantrone",
    }
)
"""MS drugs with a clear infection watch (G10)."""

THINNERS = {
    "warfarin": "warfarin",
    "doac": "direct oral anticoagulant",
    "heparin": "heparin",
    "aspirin": "aspirin",
    "antiplatelet": "antiplatelet",
}


def _flag(
    says: str,
    *facts: str,
    id: str = "K11",
    effect: Effect = Effect.FLAG,
    unknown_cap: Band | None = None,
    private: bool = False,
) -> Declare:
    return rule(id, effect, says=says, facts=facts, unknown_cap=unknown_cap, private=private)


def _named(codes: Codes, words: dict[str, str]) -> Verdict:
    holds = ticked(codes, *words)
    named = ", ".join(word for code, word in words.items() if codes and code in codes)
    return Verdict(holds, note=named)


@_flag(
    "Takes a blood thinner: no reason to withhold, mind bleeding", "A36", unknown_cap=Band.POSSIBLE
)
def thinner(blood_thinner: Codes) -> Verdict:
    return _named(blood_thinner, THINNERS)


@_flag("Anticholinergic: additive systemic effects (interaction)", "A34")
def anticholinergic(bladder_drugs: Codes) -> Verdict:
    return _named(
        bladder_drugs,
        {
            "oxybutynin": "oxybutynin",
            "tolterodine": "tolterodine",
            "solifenacin": "other anticholinergic",
        },
    )


@_flag("Muscle relaxant: more weakness possible (interaction)", "A34")
def muscle_relaxant(
    spasm_drugs: Codes,
    bladder_drugs: Codes,
    baclofen_use: str | None,
    tizanidine_use: str | None,
    dantrolene_use: str | None,
    diazepam_use: str | None,
) -> Verdict:
    uses = {
        "baclofen": baclofen_use,
        "tizanidine": tizanidine_use,
        "dantrolene": dantrolene_use,
        "diazepam": diazepam_use,
    }
    listed = spasm_drugs or frozenset()
    taken = [drug for drug, use in uses.items() if drug in listed and use in (None, "now")]
    if ticked(bladder_drugs, "cyclobenzaprine"):
        taken.append("cyclobenzaprine")
    if taken:
        return Verdict(True, note=", ".join(taken))
    return Verdict(ticked(spasm_drugs, "nothing of these"))


@_flag("Magnesium by drip or quinidine: acts on nerve and muscle", "A35")
def other_blocker(antibiotics: Codes) -> Verdict:
    return _named(antibiotics, {"magnesium": "IV magnesium", "quinidine": "quinidine"})


@_flag("Age 65 or more", "A38")
def older(age: int | None) -> Verdict:
    return Verdict(None if age is None else age >= 65, note=f"age {age}" if age else "")


@_flag("Not Dysport: cow's milk protein allergy", "A24", effect=Effect.EXCLUDE)
def cow_milk(allergies: Codes) -> bool | None:
    return ticked(allergies, "cow_milk")


@_flag("Objects to blood-derived products: most products contain human albumin", "A26")
def objects_to_albumin(blood_product: str | None) -> bool | None:
    return chosen(blood_product, "yes")


@_flag("Lung note", "A30")
def lung_note(swallow_breathing: Codes) -> Verdict:
    return _named(
        swallow_breathing,
        {
            "asthma": "stable asthma or COPD",
            "cpap": "CPAP for sleep apnea",
            "past": "past swallowing or breathing trouble, resolved",
        },
    )


@_flag("Heart or seizures: rare label reports", "A39")
def heart_or_seizures(conditions: Codes) -> Verdict:
    return _named(
        conditions,
        {
            "heart": "heart disease",
            "pressure": "high blood pressure",
            "seizures": "seizures",
        },
    )


@_flag("Uses a bladder catheter", "C7")
def catheter(conditions: Codes) -> bool | None:
    return ticked(conditions, "catheter")


@_flag("Toxin for another purpose counts toward total and interval", "A25", "B4")
def toxin_elsewhere(toxin_uses: Codes) -> Verdict:
    return _named(
        toxin_uses,
        {"bladder": "bladder", "migraine": "migraine", "cosmetic": "cosmetic", "other": "other"},
    )


@_flag("Top-up or booster wished for: antibody concern (possible, not certain)", "B3", "B4")
def booster_wish(toxin_hope: Codes) -> bool | None:
    return ticked(toxin_hope, "top_up")


@_flag("Sessions were once less than 12 weeks apart", "B3")
def short_gap(toxin_gap: str | None) -> bool | None:
    return chosen(toxin_gap, "yes")


@_flag("Treated limb got too weak after earlier toxin", "A40")
def too_weak_before(toxin_problems: Codes) -> bool | None:
    return ticked(toxin_problems, "weak")


@_flag("Interpreter wanted", "H14")
def needs_interpreter(interpreter: str | None) -> bool | None:
    return chosen(interpreter, "yes")


@_flag("PHQ-2 positive", "D12", private=True)
def low_mood(phq2: int | None) -> Verdict:
    return Verdict(None if phq2 is None else phq2 >= 3, note="" if phq2 is None else f"{phq2} of 6")


@_flag("Falls in the last 3 months", "D18", "A38")
def fell(falls: int | None) -> Verdict:
    return Verdict(None if falls is None else falls > 0, note=f"{falls} falls" if falls else "")


@_flag("Ataxia or tremor: toxin does not treat it", "C15")
def ataxia(symptoms: Codes) -> bool | None:
    return ticked(symptoms, "coordination")


@_flag("Large muscles: dose-ceiling note, clinician to plan", "L2", "A10")
def large_muscles(patterns: tuple[tuple[str, Pattern], ...]) -> Verdict:
    large = dict.fromkeys(p.label for _, p in patterns if p.size in LARGE_SIZES)
    return Verdict(bool(large), note=", ".join(large))


@_flag("Outside the US labels' muscle lists, check current label", "F10", "F17")
def off_label_muscles(patterns: tuple[tuple[str, Pattern], ...]) -> Verdict:
    off = dict.fromkeys(p.label for _, p in patterns if not p.us_label)
    return Verdict(bool(off), note=", ".join(off))


@_flag("MS drug or steroid that weakens defense: infection watch", "G10")
def immune_drug(ms_drug: Codes, steroid: str | None) -> Verdict:
    named = sorted((ms_drug or frozenset()) & IMMUNE_DRUGS)
    if steroid == "now":
        named.append("steroid now")
    return Verdict(True if named else ticked(ms_drug, "not listed"), note=", ".join(named))


@_flag("Pump never discussed: topic for doctor", "H7", "C9")
def pump_not_discussed(pump_talked: str | None, generalized: bool) -> Verdict:
    return Verdict(generalized and pump_talked == "no")


@_flag("Other triggers of spasms present", "C7", "C8")
def other_triggers(triggers: Codes, triggers_around: Codes) -> Verdict:
    words = {
        "nail": "ingrown nail",
        "bladder": "full bladder or stone",
        "infection": "other infection",
        "fracture": "fracture or DVT",
        "tight": "tight clothing or orthosis",
        "aid": "ill-fitting aid or posture",
        "temperature": "heat or cold",
        "stress": "stress",
        "period": "menses",
        "medicine": "medication change",
        "pain": "other pain",
    }
    both = (triggers or frozenset()) | (triggers_around or frozenset())
    verdict = _named(both, words)
    unasked = triggers is None or triggers_around is None
    return Verdict(None, verdict.note) if unasked and not verdict.holds else verdict


@_flag("Stiffness is useful in a limb with no marked place", "C11")
def useful_elsewhere(
    legs_help: str | None, arms_help: str | None, leg_is_target: bool, arm_is_target: bool
) -> Verdict:
    named = [
        *(["leg"] if legs_help == "yes" and not leg_is_target else []),
        *(["arm or hand"] if arms_help == "yes" and not arm_is_target else []),
    ]
    return Verdict(bool(named), note=", ".join(named))


@_flag("Baclofen or diazepam stopped suddenly within 7 days, rebound signs denied", "E4b")
def stopped_without_signs(now_medicine: Codes, now_stopped_signs: Codes) -> bool:
    stopped = bool(ticked(now_medicine, "stopped"))
    return stopped and bool(now_stopped_signs and "none" in now_stopped_signs)


@_flag("Safety and mood not asked: not private", "E19", id="E19")
def not_private(asked_in_private: bool) -> bool:
    return not asked_in_private


@_flag("Lives alone", "H12")
def alone(lives_alone: str | None) -> bool | None:
    return chosen(lives_alone, "yes")


@_flag("Date of the last toxin lies in the future: check it", "A13")
def impossible_date(toxin_last_on: str | None, today: date) -> bool:
    return bool(toxin_last_on) and str(toxin_last_on) > today.isoformat()
