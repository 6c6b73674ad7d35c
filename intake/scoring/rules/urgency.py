"""Red flags E1-E15: who must be seen, and how soon (E16-E20 say how they are asked)."""

from datetime import date

from intake.questionnaire.cards import Urgency
from intake.questionnaire.model import NOT_SURE
from intake.scoring.engine import Declare, rule
from intake.scoring.logic import less_than_days_ago
from intake.scoring.model import Effect, Verdict

Codes = frozenset[str] | None

_EMERGENCY = Urgency.EMERGENCY
_SAME_DAY = Urgency.SAME_DAY
_SOON = Urgency.SOON


def _flag(row: str, level: Urgency, says: str, *, private: bool = False) -> Declare:
    return rule(row, Effect.URGENCY, says=says, facts=(row,), level=level, private=private)


def _seen(level: Urgency, *, later: str = "") -> Verdict:
    return Verdict(True, level=level, note=later)


def _sign(level: Urgency, present: bool, unsure: bool, answered: bool, later: str = "") -> Verdict:
    """Present; or "not sure", which counts as E18 says; or absent; or unanswered."""
    if present:
        return _seen(level, later=later)
    if unsure:
        return Verdict(True, level=_unsure_level(level), unsure=True, note="answered “not sure”")
    return Verdict(False if answered else None, level=level)


def _unsure_level(level: Urgency) -> Urgency:
    """E18: "not sure" counts as same day where the row is an emergency or same day."""
    return _SOON if level is _SOON else _SAME_DAY


def _ticked(codes: Codes, *wanted: str) -> bool:
    return bool(codes and codes & set(wanted))


def _unsure(codes: Codes) -> bool:
    return bool(codes and NOT_SURE in codes)


def _group(level: Urgency, codes: Codes, code: str, later: str = "") -> Verdict:
    """One row of a group of page 1; `later` says that a later page told the same."""
    on_page_one = _ticked(codes, code)
    note = "" if on_page_one else later
    return _sign(level, on_page_one or bool(later), _unsure(codes), codes is not None, note)


def _new(new_symptoms: frozenset[str], *wanted: str) -> str:
    return "said later: new within 7 days" if new_symptoms & set(wanted) else ""


@_flag("E1", _EMERGENCY, "Trouble breathing or swallowing, now or newly worse")
def breathing(now_breath_heart: Codes, new_symptoms: frozenset[str]) -> Verdict:
    later = _new(new_symptoms, "swallow_voice", "breathing")
    return _group(_EMERGENCY, now_breath_heart, "breathing", later)


@_flag("E2a", _SAME_DAY, "New loss of vision, strength, feeling or balance over hours to days")
def new_nerve_signs(now_nerves: Codes, new_symptoms: frozenset[str]) -> Verdict:
    later = _new(new_symptoms, "vision_loss", "double_vision", "coordination", "weakness")
    return _group(_SAME_DAY, now_nerves, "days", later)


@_flag("E2b", _EMERGENCY, "Sudden face droop, weakness, speech trouble or loss of vision")
def sudden_nerve_signs(now_nerves: Codes) -> Verdict:
    return _group(_EMERGENCY, now_nerves, "sudden")


@_flag("E3a", _SAME_DAY, "Fever with worse spasms, or urinary signs with fever or flank pain")
def infection(now_infection: Codes) -> Verdict:
    present = _ticked(now_infection, "fever_spasms", "urine_fever")
    return _sign(_SAME_DAY, present, _unsure(now_infection), now_infection is not None)


@_flag("E3b", _EMERGENCY, "Signs of sepsis with an infection")
def sepsis(
    now_infection: Codes,
    now_infection_signs: str | None,
    now_skin: Codes,
    now_skin_signs: Codes,
    unsure_of_sepsis: bool,
) -> Verdict:
    present = now_infection_signs == "yes" or _ticked(now_skin_signs, "very_ill")
    unsure = unsure_of_sepsis or _unsure(now_skin_signs)
    fever = _ticked(now_infection, "fever_spasms", "urine_fever")
    skin = _ticked(now_skin, "sore", "wound")
    answered = (
        now_infection is not None
        and now_skin is not None
        and (now_infection_signs is not None or not fever)
        and (now_skin_signs is not None or not skin)
    )
    return _sign(_EMERGENCY, present, unsure, answered)


@_flag("E3c", _SOON, "Burning or cloudy urine without fever")
def urine_without_fever(now_infection: Codes, triggers: Codes) -> Verdict:
    fever = _ticked(now_infection, "urine_fever")
    later = "said later" if _ticked(triggers, "urine") and not fever else ""
    return _group(_SOON, now_infection, "urine", later)


@_flag("E4a", _EMERGENCY, "Baclofen pump problem with withdrawal or overdose signs")
def pump_with_signs(
    now_medicine: Codes, now_pump_signs: str | None, unsure_of_pump: bool
) -> Verdict:
    pump = _ticked(now_medicine, "pump")
    answered = now_medicine is not None and (not pump or now_pump_signs is not None)
    return _sign(_EMERGENCY, now_pump_signs == "yes", unsure_of_pump, answered)


@_flag("E4b", _SAME_DAY, "Baclofen or diazepam stopped suddenly, with rebound signs")
def stopped_with_rebound(
    now_medicine: Codes, now_stopped_signs: Codes, stopped_suddenly: bool
) -> Verdict:
    stopped = _ticked(now_medicine, "stopped")
    denied = stopped and bool(now_stopped_signs) and "none" in (now_stopped_signs or ())
    later = "said later: stopped suddenly in the last 7 days"
    note = later if stopped_suddenly and not stopped else ""
    present = _ticked(now_stopped_signs, "rebound") or (stopped_suddenly and not denied)
    unsure = _unsure(now_medicine) or _unsure(now_stopped_signs)
    answered = now_medicine is not None and (not stopped or now_stopped_signs is not None)
    return _sign(_SAME_DAY, present, unsure, answered, note)


@_flag("E4c", _SAME_DAY, "Baclofen pump alarm, missed refill or problem without other signs")
def pump_without_signs(now_medicine: Codes, now_pump_signs: str | None) -> Verdict:
    pump = _ticked(now_medicine, "pump")
    answered = now_medicine is not None and (not pump or now_pump_signs is not None)
    return _sign(_SAME_DAY, pump and now_pump_signs == "no", _unsure(now_medicine), answered)


@_flag("E4d", _EMERGENCY, "Baclofen or diazepam stopped suddenly, with danger signs")
def stopped_with_danger(now_medicine: Codes, now_stopped_signs: Codes) -> Verdict:
    stopped = _ticked(now_medicine, "stopped")
    answered = now_medicine is not None and (not stopped or now_stopped_signs is not None)
    present = _ticked(now_stopped_signs, "danger")
    return _sign(_EMERGENCY, present, _unsure(now_stopped_signs), answered)


@_flag("E5", _EMERGENCY, "New bladder or bowel loss, saddle numbness or weakness of both legs")
def cord_signs(now_nerves: Codes, new_symptoms: frozenset[str]) -> Verdict:
    return _group(_EMERGENCY, now_nerves, "cord", _new(new_symptoms, "bladder_bowel"))


@_flag("E5b", _EMERGENCY, "Swollen painful belly with vomiting and no stool or gas")
def belly(now_infection: Codes) -> Verdict:
    return _group(_EMERGENCY, now_infection, "belly")


@_flag("E6", _SAME_DAY, "One leg newly swollen, warm, red or sore")
def leg_clot(now_leg_head: Codes) -> Verdict:
    return _group(_SAME_DAY, now_leg_head, "leg")


@_flag("E6b", _EMERGENCY, "Leg signs with chest pain, short breath or coughing blood")
def lung_clot(now_leg_head: Codes, now_leg_signs: str | None, unsure_of_leg: bool) -> Verdict:
    leg = _ticked(now_leg_head, "leg")
    answered = now_leg_head is not None and (not leg or now_leg_signs is not None)
    return _sign(_EMERGENCY, now_leg_signs == "yes", unsure_of_leg, answered)


@_flag(
    "E7a",
    _EMERGENCY,
    "Suicidal thoughts with plan, intent or attempt, or unsure of safety",
    private=True,
)
def suicidal_plan(
    now_self_harm: str | None, unsure_of_safety: bool, asked_in_private: bool
) -> Verdict:
    if now_self_harm == "plan":
        return _seen(_EMERGENCY)
    if unsure_of_safety:
        return Verdict(True, level=_EMERGENCY, unsure=True, note="not sure of being safe")
    return Verdict(None if asked_in_private and now_self_harm is None else False, level=_EMERGENCY)


@_flag("E7b", _SAME_DAY, "Passive suicidal thoughts, no plan or attempt reported", private=True)
def suicidal_thoughts(
    now_self_harm: str | None, unsure_of_safety: bool, asked_in_private: bool
) -> Verdict:
    if now_self_harm == "thoughts":
        return _seen(_SAME_DAY)
    unanswered = asked_in_private and now_self_harm is None and not unsure_of_safety
    return Verdict(None if unanswered else False, level=_SAME_DAY)


@_flag("E8", _EMERGENCY, "Chest pain, pressure or fainting today")
def chest(now_breath_heart: Codes) -> Verdict:
    return _group(_EMERGENCY, now_breath_heart, "chest")


@_flag("E9a", _SOON, "Open sore, blister or black skin over a bony area, no fever")
def sore(now_skin: Codes, now_skin_signs: Codes, triggers: Codes) -> Verdict:
    worse = _ticked(now_skin_signs, "fever", "spreading", "pus", "very_ill")
    here = _ticked(now_skin, "sore") and not worse
    later = "said later" if _ticked(triggers, "sore") and not _ticked(now_skin, "sore") else ""
    return _sign(_SOON, here or bool(later), _unsure(now_skin), now_skin is not None, later)


@_flag("E9b", _SAME_DAY, "Sore or wound with fever, spreading redness, or pus over a bony area")
def infected_sore(now_skin: Codes, now_skin_signs: Codes) -> Verdict:
    bony = _ticked(now_skin, "sore") and _ticked(now_skin_signs, "pus")
    present = bony or _ticked(now_skin_signs, "fever", "spreading")
    open_skin = _ticked(now_skin, "sore", "wound")
    answered = now_skin is not None and (not open_skin or now_skin_signs is not None)
    return _sign(_SAME_DAY, present, _unsure(now_skin_signs), answered)


@_flag("E9c", _SOON, "Wound or skin infection elsewhere, not spreading, no fever")
def wound(now_skin: Codes, now_skin_signs: Codes, site_infection: str | None) -> Verdict:
    worse = _ticked(now_skin_signs, "fever", "spreading", "very_ill")
    here = _ticked(now_skin, "wound") and not worse
    later = site_infection == "yes" and not _ticked(now_skin, "wound", "sore")
    note = "said later" if later else ""
    return _sign(_SOON, here or later, _unsure(now_skin), now_skin is not None, note)


@_flag("E10", _EMERGENCY, "Head hit with warning signs, blood thinner or bleeding disorder")
def head_danger(
    now_leg_head: Codes,
    now_head_signs: Codes,
    blood_thinner: Codes,
    bleeding_disorder: str | None,
) -> Verdict:
    head = _ticked(now_leg_head, "head")
    bleeds = _bleeds(blood_thinner, bleeding_disorder)
    note = "said later: blood thinner or bleeding disorder" if head and bleeds else ""
    present = _ticked(now_head_signs, "signs", "thinner") or (head and bleeds)
    answered = now_leg_head is not None and (not head or now_head_signs is not None)
    return _sign(_EMERGENCY, present, _unsure(now_head_signs), answered, note)


def _bleeds(blood_thinner: Codes, bleeding_disorder: str | None) -> bool:
    return _ticked(blood_thinner, "warfarin", "doac", "heparin") or bleeding_disorder == "yes"


@_flag("E10b", _SAME_DAY, "Head hit in the last 48 hours, no warning signs, no blood thinner")
def head_hit(
    now_leg_head: Codes,
    now_head_signs: Codes,
    blood_thinner: Codes,
    bleeding_disorder: str | None,
) -> Verdict:
    worse = _ticked(now_head_signs, "signs", "thinner") or _bleeds(blood_thinner, bleeding_disorder)
    present = _ticked(now_leg_head, "head") and not worse
    return _sign(_SAME_DAY, present, _unsure(now_leg_head), now_leg_head is not None)


@_flag("E11", _SAME_DAY, "Signs of toxin spread within 12 weeks of an injection")
def toxin_spread(
    now_medicine: Codes,
    now_toxin_signs: Codes,
    toxin_problems: Codes,
    toxin_problems_now: str | None,
    unsure_of_toxin_problem: bool,
    toxin_last_on: str | None,
    symptoms_within_months: frozenset[str],
    today: date,
) -> Verdict:
    recent = less_than_days_ago(toxin_last_on, today, 12 * 7)
    still = toxin_problems_now == "yes" and recent is not False
    began = symptoms_within_months if recent else frozenset()
    later = still or bool(began & {"swallow_voice", "breathing", *_MILDER_SPREAD})
    note = "said later" if later else ""
    if _ticked(now_toxin_signs, "breath_swallow_speech"):
        return _seen(_EMERGENCY)
    if (still and _ticked(toxin_problems, "swallow_breath")) or began & {
        "swallow_voice",
        "breathing",
    }:
        return _seen(_EMERGENCY, later=note)
    present = _ticked(now_toxin_signs, "spread") or later
    toxin = _ticked(now_medicine, "toxin")
    answered = now_medicine is not None and (not toxin or now_toxin_signs is not None)
    unsure_later = unsure_of_toxin_problem and recent is not False
    unsure = _unsure(now_medicine) or _unsure(now_toxin_signs) or unsure_later
    return _sign(_SAME_DAY, present, unsure, answered, note)


_MILDER_SPREAD = frozenset({"double_vision", "vision_loss", "bladder_bowel"})


@_flag("E12", _EMERGENCY, "Fast throat, tongue or face swelling, or hives with breathing trouble")
def allergic_reaction(now_breath_heart: Codes) -> Verdict:
    return _group(_EMERGENCY, now_breath_heart, "swelling")


@_flag("E13", _SAME_DAY, "Severe weakness or fever around an MS infusion")
def infusion(now_infection: Codes) -> Verdict:
    return _group(_SAME_DAY, now_infection, "infusion")


@_flag("E14", _EMERGENCY, "Sudden pounding headache with sweating, flushing or high pressure")
def dysreflexia(now_nerves: Codes) -> Verdict:
    return _group(_EMERGENCY, now_nerves, "headache")


@_flag("E15", _SAME_DAY, "Abuse or unsafe at home", private=True)
def unsafe_at_home(now_unsafe: str | None, unsure_of_home: bool, asked_in_private: bool) -> Verdict:
    answered = not asked_in_private or now_unsafe is not None
    return _sign(_SAME_DAY, now_unsafe == "yes", unsure_of_home, answered)
