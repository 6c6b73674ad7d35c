"""(7) to (9): the MS, drugs against stiffness and the pump, earlier botulinum toxin.

A blood thinner stands with the stops (`verdict`), not among the drugs.
"""

from datetime import date

from intake.questionnaire.rows import BLANK, NOT_ASKED, UNSURE, date_in_words
from intake.report.sheet import Bit, Line, Sheet, as_told, line, plain, quoted, strong

_DRUG_KEYS = "baclofen tizanidine dantrolene gabapentin diazepam cannabis dalfampridine".split()


def history(sheet: Sheet) -> list[Line | None]:
    return [
        line("MS", _ms(sheet)),
        line("MS drug", _ms_drug(sheet)),
        line("Symptoms", _symptoms(sheet)),
        line("Other conditions", _conditions(sheet)),
        *_drug_lines(sheet),
        line("Pump", _pump(sheet)),
        line("Other drugs", _other_drugs(sheet)),
    ]


def last_toxin(sheet: Sheet) -> Line | None:
    """Product, date, earliest next date, response and dose as told: all in one place."""
    return line("Last toxin", _toxin(sheet))


def toxin_course(sheet: Sheet) -> Line | None:
    """What else was told of the injections so far."""
    return line("Toxin so far", _course(sheet) if sheet.value("prior_toxin") == "yes" else [])


# --- (7) MS -----------------------------------------------------------------------------------


def _ms(sheet: Sheet) -> list[Bit | None]:
    return [
        _diagnosis(sheet),
        plain(sheet.known("ms_type")),
        plain(sheet.known("ms_since"), "since"),
        _relapse(sheet),
        _steroid(sheet),
        plain(sheet.known("mobility"), "mobility (0–8):"),
        _falls(sheet),
        plain(_unless_none(sheet.known("aids")), "aids:"),
        plain(sheet.known("mri_on"), "MRI"),
    ]


def _diagnosis(sheet: Sheet) -> Bit | None:
    if sheet.value("ms_diagnosis") != "confirmed":
        return strong(f"diagnosis: {sheet.short('ms_diagnosis') or 'NOT ANSWERED'}")
    return None if sheet.known("ms_type") else plain("confirmed by a doctor, type not known")


def _unless_none(text: str) -> str:
    return "" if text == "none" else text


def _relapse(sheet: Sheet) -> Bit | None:
    if sheet.value("relapse") == "yes":
        return strong(f"last relapse {sheet.short('relapse_on') or 'date not given'}")
    said = {"no": "no relapse in 12 months", "not_sure": "relapse in 12 months: not sure"}
    return plain(said.get(sheet.value("relapse") or "", ""))


def _steroid(sheet: Sheet) -> Bit | None:
    given = sheet.value("steroid")
    way = sheet.known("steroid_way")
    by = f", {way}" if way else ""
    if given == "now":
        return strong(f"steroid NOW{by}")
    if given == "yes":
        return strong(f"last steroid {sheet.short('steroid_ended_on') or 'date not given'}{by}")
    said = {"no": "no steroid in 12 months", "not_sure": "steroid in 12 months: not sure"}
    return plain(said.get(given or "", ""))


def _ms_drug(sheet: Sheet) -> list[Bit | None]:
    drug = sheet.known("ms_drug").lower()
    last = sheet.known("ms_drug_last_on")
    change = sheet.value("ms_drug_change")
    when = sheet.short("ms_drug_changed_on") or "date not given"
    return [
        strong(drug + (f", last dose {last}" if last else "")),
        quoted(sheet.words("ms_drug_name")),
        sheet.gap("ms_drug"),
        strong(f"changed: {when}") if change == "yes" else None,
    ]


def _conditions(sheet: Sheet) -> list[Bit | None]:
    return [
        plain(sheet.known("conditions")),
        quoted(sheet.words("conditions_words")),
        sheet.gap("conditions"),
    ]


def _falls(sheet: Sheet) -> Bit | None:
    given = sheet.value("falls")
    if not isinstance(given, int):
        return sheet.said("falls", "falls:")
    # More than none stands in the safety line.
    return plain("no falls in 3 months") if given == 0 else None


def _symptoms(sheet: Sheet) -> list[Bit | None]:
    row = sheet.row("symptoms")
    if row is None:
        return []
    named = [(c["short"], sheet.value(f"{c['code']}_since")) for c in row["chosen"]]
    new = [name for name, since in named if since in ("week", "today")]
    lately = [name for name, since in named if since == "months"]
    rest = [name for name, since in named if name not in (*new, *lately)]
    return [
        strong(f"NEW within 7 days: {', '.join(new)}") if new else None,
        plain(", ".join(lately), "last 3 months:"),
        plain(", ".join(rest)),
    ]


# --- (8) Drugs and pump -----------------------------------------------------------------------


def _drug_lines(sheet: Sheet) -> list[Line | None]:
    taken = [code for code in _DRUG_KEYS if code in sheet.codes("spasm_drugs")]
    denied = plain("none against stiffness") if sheet.known("spasm_drugs") == "none" else None
    bits: list[Bit | None] = [denied]
    for code in taken:
        bits.extend(_drug(sheet, code))
    bits += [sheet.gap("spasm_drugs"), _sleepy(sheet), _tried(sheet)]
    return [line("Drugs", bits)]


def _drug(sheet: Sheet, code: str) -> list[Bit | None]:
    """One drug as one bit, and the dose as told in quotes."""
    row = sheet.row("spasm_drugs")
    name = next((c["short"] for c in row["chosen"] if c["code"] == code), code) if row else code
    use = {
        "now": "now",
        "stopped_week": "STOPPED SUDDENLY in the last 7 days",
        "stopped": "stopped earlier",
        "not_sure": "now: not sure",
    }.get(sheet.value(f"{code}_use") or "", "")
    effect = sheet.value(f"{code}_effect")
    problems = _unless_none(sheet.known(f"{code}_problems"))
    said = [
        use,
        f"effect {effect} of 10" if isinstance(effect, int) else "",
        problems,
    ]
    told = as_told(sheet.words(f"{code}_dose"), f"{name}, a day as told:")
    return [strong(f"{name}: {', '.join(s for s in said if s)}".rstrip(": ")), told]


def _sleepy(sheet: Sheet) -> Bit | None:
    return strong("too sleepy from drugs") if sheet.value("too_sleepy") == "yes" else None


def _tried(sheet: Sheet) -> Bit | None:
    tried = _unless_none(sheet.known("tried"))
    result = sheet.known("tried_result")
    if not tried:
        return None
    return plain(f"tried: {tried}" + (f"; result: {result}" if result else ""))


def _pump(sheet: Sheet) -> list[Bit | None]:
    given = sheet.value("pump")
    if given == "yes":
        return [
            strong("intrathecal baclofen pump"),
            plain(sheet.short("pump_refill_on"), "next refill:"),
            quoted(sheet.words("pump_model"), "model"),
            quoted(sheet.words("pump_clinic"), "clinic"),
        ]
    return [_pump_talk(sheet)] if given == "no" else [sheet.gap("pump")]


_OTHER_DRUGS = {
    "bladder_drugs": "anticholinergic or relaxant:",
    "antibiotics": "acting on nerve and muscle:",
}


def _other_drugs(sheet: Sheet) -> list[Bit | None]:
    taken = {key: _unless_none(sheet.known(key)) for key in _OTHER_DRUGS}
    named = [strong(f"{lead} {taken[key]}") for key, lead in _OTHER_DRUGS.items() if taken[key]]
    gaps = [sheet.gap(key, lead) for key, lead in _OTHER_DRUGS.items()]
    told = quoted(sheet.words("other_medicines"), "as told:")
    if all(gaps) and all(sheet.status(key) == BLANK for key in _OTHER_DRUGS):
        return [sheet.gap("bladder_drugs"), told]
    if any((*named, *gaps)):
        return [*named, *gaps, told]
    denied = any(sheet.known(key) for key in _OTHER_DRUGS)
    return [told or (plain("none of those asked about") if denied else None)]


def _pump_talk(sheet: Sheet) -> Bit | None:
    if sheet.holds("pump_not_discussed"):
        return strong("none; pump or intrathecal baclofen not discussed before: topic for doctor")
    said = {"yes": "none; discussed before", "no": "none; not discussed before"}
    return plain(said.get(sheet.value("pump_talked") or "", "none"))


# --- (9) Earlier toxin ------------------------------------------------------------------------


def _toxin(sheet: Sheet) -> list[Bit | None]:
    given = sheet.value("prior_toxin")
    if given != "yes":
        # Off the path nobody was asked: that must not read as a blank.
        if not sheet.is_asked("prior_toxin"):
            return [plain("not asked")]
        said = {"never": "never", "not_sure": "NOT SURE"}.get(given or "", "NOT ANSWERED")
        return [strong(said), None if given == "never" else strong(_next(sheet))]
    dose = as_told(sheet.words("toxin_dose"), "units as told:")
    return [
        strong(_last(sheet)),
        strong(_next(sheet)),
        strong(_response(sheet)),
        dose or plain("dose not told"),
    ]


def _course(sheet: Sheet) -> list[Bit | None]:
    return [
        strong("top-up or booster wished for: antibody concern (possible, not certain)")
        if sheet.holds("booster_wish")
        else None,
        plain(_unless_none(sheet.listed("toxin_problems")), "after it:"),
        plain(sheet.known("toxin_hope"), "hopes for"),
        plain(sheet.known("toxin_uses"), "for"),
        quoted(sheet.words("toxin_muscles"), "where:"),
        plain(sheet.known("toxin_sessions")),
        plain(_gap(sheet)),
        plain(_antibodies(sheet)),
        plain(sheet.known("toxin_guidance"), "found by"),
        quoted(sheet.words("toxin_injector"), "given by"),
    ]


def _last(sheet: Sheet) -> str:
    product = sheet.known("toxin_product") or "product NOT KNOWN"
    on = sheet.value("toxin_last_on")
    if not on or on == "not_sure":
        return f"{product}, date of last injection NOT KNOWN"
    return f"{product}, last {date_in_words(on)}{_ago(on, sheet.today)}"


def _ago(on: str, today: date) -> str:
    if len(on) < len("2026-03-09"):
        return ""
    days = (today - date.fromisoformat(on)).days
    if days < 0:
        return " (IN THE FUTURE: check)"
    return f" ({days} days ago{_short_of(days)})"


def _short_of(days: int) -> str:
    return f", {84 - days} days short of 84" if days < 84 else ""


def _next(sheet: Sheet) -> str:
    """From when 12 weeks have passed; a date, no advice to inject."""
    earliest = sheet.document["toxin_earliest_on"]
    if earliest is None:
        return "next: date CANNOT BE CALCULATED"
    partial = len(str(sheet.value("toxin_last_on"))) < len("2026-03-09")
    counted = ", counted from the end of that month" if partial else ""
    has_passed = date.fromisoformat(earliest) <= sheet.today
    when = "due since" if has_passed else "not before"
    return f"next: {when} {date_in_words(earliest)} (12 weeks{counted})"


def _response(sheet: Sheet) -> str:
    benefit, weeks = sheet.value("limb_benefit"), sheet.value("limb_benefit_weeks")
    if not isinstance(benefit, int):
        said = {BLANK: "NOT ANSWERED", UNSURE: "NOT SURE", NOT_ASKED: "not asked (short form)"}
        missing = said.get(sheet.status("limb_benefit"), "")
        return f"response: {missing}" if missing else ""
    told = f" for {weeks} weeks" if isinstance(weeks, int) else ""
    before = sheet.value("limb_before_benefit")
    earlier = f" (session before: {before} of 10)" if isinstance(before, int) else ""
    good = "good prior response" if benefit >= 5 else "response"
    return f"{good} {benefit} of 10{told}{earlier}"


def _gap(sheet: Sheet) -> str:
    return "sessions once under 12 weeks apart" if sheet.value("toxin_gap") == "yes" else ""


def _antibodies(sheet: Sheet) -> str:
    said = {"yes": "ANTIBODIES found by a test", "not_sure": "antibody test: not sure"}
    return said.get(sheet.value("toxin_antibodies") or "", "")
