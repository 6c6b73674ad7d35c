"""What rules read: answers, and facts derived from answers by named functions.

`Facts` notes every answer that is read, so that each finding shows what it rests on.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, cached_property
from typing import Any

from intake.questionnaire import BY_KEY, STEP_OF, STEPS
from intake.questionnaire.body import BY_CODE as PLACE_BY_CODE
from intake.questionnaire.model import CHOOSING_MANY, NOT_SURE, Answers, Condition, When, codes_in
from intake.questionnaire.path import asked, prune
from intake.questionnaire.patterns import PATTERNS, Pattern
from intake.questionnaire.rows import in_short
from intake.questionnaire.values import first_day
from intake.scoring.logic import all_of, chosen, less_than_days_ago, negated, ticked
from intake.scoring.model import Contradiction, Read

ARMS = ("left_arm", "right_arm")
BENEFIT_FROM = 3
"""K-C2 and K10: 3 of 10 or more counts as benefit."""
BENEFIT_WEEKS = 6
LEGS = ("left_leg", "right_leg")

_DERIVED: dict[str, Callable[["Facts"], Any]] = {}


class Facts:
    """The answers of one response on one day, by key; derived facts by their name.

    `facts[key]` is a str, int or frozenset of codes, and None when blank or "not sure".
    """

    def __init__(self, answers: Answers, today: date, handed_in: Answers | None = None) -> None:
        pruned = prune(answers, STEPS)
        self.answers: Mapping[str, Any] = pruned.answers
        self.off_path = pruned.ignored
        self.ignored = {key: (handed_in or {})[key] for key in pruned.ignored if handed_in}
        self.today = today
        self._noted: list[dict[str, None]] = []
        self._memo: dict[str, tuple[Any, dict[str, None]]] = {}

    @cached_property
    def asked(self) -> frozenset[str]:
        """The keys of all questions on the path."""
        return frozenset(question.key for _, question in asked(self.answers, STEPS))

    def __getitem__(self, name: str) -> Any:
        if name in _DERIVED:
            return self._derive(name)
        self._note({name: None})
        return self.known(name)

    def _derive(self, name: str) -> Any:
        if name not in self._memo:
            self._noted.append({})
            value = _DERIVED[name](self)
            self._memo[name] = (value, self._noted.pop())
        value, noted = self._memo[name]
        self._note(noted)
        return value

    def _note(self, keys: dict[str, None]) -> None:
        if self._noted:
            self._noted[-1].update(keys)

    def reading(self, names: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The values of `names`, and the keys of all answers read on the way."""
        self._noted.append({})
        values = {name: self[name] for name in names}
        return values, tuple(self._noted.pop())

    def known(self, key: str) -> Any:
        value = self.answers.get(key)
        if value is None:
            return None
        if BY_KEY[key].kind in CHOOSING_MANY:
            return frozenset(codes_in(value))
        return None if value == NOT_SURE else value

    def is_unknown(self, key: str) -> bool:
        """Blank, "not sure", or "not sure" beside other choices."""
        value = self.answers.get(key)
        return value is None or NOT_SURE in codes_in(value)

    def could_matter(self, key: str) -> bool:
        """Whether a question is asked, or would be if an unknown answer before it were known."""
        if key in self.asked:
            return True
        return all(
            any(self._may_open(part) for part in condition.parts) for condition in _conditions(key)
        )

    def _may_open(self, part: When) -> bool:
        if part.key not in self.asked:
            return part.or_unknown or self.could_matter(part.key)
        given = self.answers.get(part.key, ())
        return self.is_unknown(part.key) or bool(set(codes_in(given)) & part.values)

    def read(self, key: str) -> Read:
        question = BY_KEY[key]
        return Read(key, question.label, in_short(question, self.answers.get(key)))


def derived(function: Callable[[Facts], Any]) -> Callable[[Facts], Any]:
    """Register a function of the answers that rules may name as a parameter."""
    _DERIVED[function.__name__] = function
    return function


def is_fact(name: str) -> bool:
    return name in _DERIVED or name in BY_KEY


def is_derived(name: str) -> bool:
    return name in _DERIVED


def derivation(name: str) -> Callable[[Facts], Any]:
    """The function behind a derived fact."""
    return _DERIVED[name]


@derived
def today(facts: Facts) -> date:
    return facts.today


@derived
def age(facts: Facts) -> int | None:
    """Full years on `today`."""
    born = first_day(facts["born_on"] or "")
    if born is None:
        return None
    birthday_passed = (facts.today.month, facts.today.day) >= (born.month, born.day)
    return facts.today.year - born.year - (0 if birthday_passed else 1)


@derived
def marked(facts: Facts) -> tuple[str, ...]:
    """The codes of all marked places with a shape, in order."""
    codes = facts["places"] or frozenset()
    return tuple(code for code in PLACE_BY_CODE if code in codes)


@derived
def all_over(facts: Facts) -> bool:
    return "all_over" in (facts["places"] or frozenset())


@derived
def limbs(facts: Facts) -> frozenset[str]:
    """Which of the four limbs have a marked place; all of them if "all over"."""
    if facts["all_over"]:
        return frozenset((*ARMS, *LEGS))
    return frozenset(PLACE_BY_CODE[code].limb for code in facts["marked"]) & {*ARMS, *LEGS}


@derived
def generalized(facts: Facts) -> bool:
    """K-C1: all over, or six or more places in three or more limbs."""
    if facts["all_over"]:
        return True
    return len(facts["marked"]) >= 6 and len(facts["limbs"]) >= 3


@derived
def arm_is_target(facts: Facts) -> bool:
    return bool(facts["limbs"] & {*ARMS})


@derived
def leg_is_target(facts: Facts) -> bool:
    return bool(facts["limbs"] & {*LEGS})


@derived
def only_place(facts: Facts) -> str | None:
    """The marked place if there is just one ("all over" is one)."""
    codes = [*facts["marked"], *(["all_over"] if facts["all_over"] else [])]
    return codes[0] if len(codes) == 1 else None


@derived
def worst_place(facts: Facts) -> str | None:
    """The place marked as worst; the only one if there is only one."""
    place: str | None = facts["only_place"] or facts["main_place"]
    return place


@derived
def worst_strength(facts: Facts) -> int | None:
    """Stiffness or spasm 0-10 at the worst place, average of the last 7 days."""
    place = facts["worst_place"]
    strength: int | None = facts[f"{place}_strength"] if place else None
    return strength


@derived
def worst_moves(facts: Facts) -> str | None:
    """Whether slow stretch moves the joint, if it is known which place is meant."""
    moves: str | None = facts["main_moves"] if facts["worst_place"] else None
    return moves


@derived
def patterns(facts: Facts) -> tuple[tuple[str, Pattern], ...]:
    """(place, pattern) for everything that was ticked."""
    return tuple(
        (place, pattern)
        for place in facts["marked"]
        for pattern in PATTERNS[PLACE_BY_CODE[place].region]
        if pattern.code in (facts[f"{place}_patterns"] or frozenset())
    )


@derived
def without_pattern(facts: Facts) -> tuple[str, ...]:
    """Marked places whose pattern, and so whose size class, is not known."""
    known = {place for place, _ in facts["patterns"]}
    return tuple(place for place in facts["marked"] if place not in known)


@derived
def limb_toxin_helped(facts: Facts) -> bool | None:
    """K10: the latest limb session helped 3 of 10 or more for 6 weeks, without K-C7."""
    limb = all_of((chosen(facts["prior_toxin"], "yes"), ticked(facts["toxin_uses"], "limb")))
    if not limb:
        return limb
    benefit, weeks = facts["limb_benefit"], facts["limb_benefit_weeks"]
    spread_now = ticked(facts["now_toxin_signs"], "breath_swallow_speech", "spread")
    spread_ever = ticked(facts["toxin_problems"], "swallow_breath", "spread", "hospital")
    return all_of(
        (
            None if benefit is None else benefit >= BENEFIT_FROM,
            None if weeks is None else weeks >= BENEFIT_WEEKS,
            not spread_now,
            negated(spread_ever),
        )
    )


@derived
def phq2(facts: Facts) -> int | None:
    """PHQ-2 total, 0-6 (D12)."""
    first, second = facts["mood_interest"], facts["mood_down"]
    return None if first is None or second is None else int(first) + int(second)


@derived
def drug_problems(facts: Facts) -> frozenset[str]:
    """Every problem ticked for a drug against stiffness."""
    drugs = facts["spasm_drugs"] or frozenset()
    keys = [f"{drug}_problems" for drug in sorted(drugs) if f"{drug}_problems" in BY_KEY]
    return frozenset().union(*(facts[key] or frozenset() for key in keys))


@derived
def drugs_could_fail(facts: Facts) -> bool:
    """A drug is listed whose problems are not known."""
    drugs = facts["spasm_drugs"] or frozenset()
    keys = [f"{drug}_problems" for drug in sorted(drugs) if f"{drug}_problems" in BY_KEY]
    return any(facts[key] is None or NOT_SURE in facts[key] for key in keys)


@derived
def new_symptoms(facts: Facts) -> frozenset[str]:
    """Symptoms that began or got worse within 7 days (E17)."""
    return _symptoms_since(facts, "week", "today")


def _symptoms_since(facts: Facts, *times: str) -> frozenset[str]:
    return frozenset(
        code
        # In one order everywhere: what is read is told in the order of reading.
        for code in sorted(facts["symptoms"] or frozenset())
        if f"{code}_since" in BY_KEY and facts[f"{code}_since"] in times
    )


@derived
def symptoms_within_months(facts: Facts) -> frozenset[str]:
    """Symptoms that began or got worse within 3 months: as long as toxin acts (E11)."""
    return _symptoms_since(facts, "months", "week", "today")


@derived
def stopped_suddenly(facts: Facts) -> bool:
    """Baclofen tablets or diazepam stopped suddenly in the last 7 days, by the drug pages."""
    return "stopped_week" in (facts["baclofen_use"], facts["diazepam_use"])


_TWELVE_WEEKS = 84

_NEW_AND_PAGE_ONE = (
    ("vision_loss", "now_nerves", ("days", "sudden")),
    ("double_vision", "now_nerves", ("days", "sudden")),
    ("coordination", "now_nerves", ("days", "sudden")),
    ("weakness", "now_nerves", ("days", "sudden", "cord")),
    ("bladder_bowel", "now_nerves", ("cord",)),
    ("swallow_voice", "now_breath_heart", ("breathing",)),
    ("breathing", "now_breath_heart", ("breathing",)),
)


@derived
def contradictions(facts: Facts) -> tuple[Contradiction, ...]:
    """K-C9: pairs of answers that cannot both be right."""
    pairs = [*_named_pairs(facts), *_new_symptom_pairs(facts), *_ignored_pairs(facts)]
    return tuple(Contradiction(first, second) for first, second in pairs)


def _named_pairs(facts: Facts) -> list[tuple[Read, Read]]:
    medicine = facts["now_medicine"]
    drugs = facts["spasm_drugs"] or frozenset()
    checks = (
        (facts["prior_toxin"] == "never" and ticked(medicine, "toxin"), "prior_toxin"),
        ("none" in drugs and ticked(medicine, "stopped"), "spasm_drugs"),
        (facts["pump"] == "no" and ticked(medicine, "pump"), "pump"),
        (_toxin_dates_differ(facts), "toxin_last_on"),
    )
    pairs = [(facts.read(key), facts.read("now_medicine")) for holds, key in checks if holds]
    if facts["stopped_suddenly"] and ticked(medicine, "stopped") is False:
        key = "baclofen_use" if facts["baclofen_use"] == "stopped_week" else "diazepam_use"
        pairs.append((facts.read(key), facts.read("now_medicine")))
    if facts["worst_strength"] == 0 and facts["spasm_frequency"] in ("hourly", "many"):
        strength = f"{facts['worst_place']}_strength"
        pairs.append((facts.read(strength), facts.read("spasm_frequency")))
    return pairs


def _toxin_dates_differ(facts: Facts) -> bool:
    """Page 1 and the date of the last toxin disagree, by more than a slip of two weeks."""
    on, told = facts["toxin_last_on"], ticked(facts["now_medicine"], "toxin")
    if told:
        return less_than_days_ago(on, facts.today, _TWELVE_WEEKS + 14) is False
    return told is False and less_than_days_ago(on, facts.today, _TWELVE_WEEKS) is True


def _new_symptom_pairs(facts: Facts) -> list[tuple[Read, Read]]:
    return [
        (facts.read(f"{symptom}_since"), facts.read(page_one))
        for symptom, page_one, codes in _NEW_AND_PAGE_ONE
        if symptom in facts["new_symptoms"] and ticked(facts[page_one], *codes) is False
    ]


_SAYS_NOTHING = frozenset({"none", "no", NOT_SURE, "never", "not_applicable", "skip"})


def _ignored_pairs(facts: Facts) -> list[tuple[Read, Read]]:
    """Answers that were handed in although another answer hides their question."""
    pairs = []
    for key, value in facts.ignored.items():
        hiding = _hiding_key(key, facts)
        if hiding is None or set(codes_in(value)) <= _SAYS_NOTHING:
            continue
        given = Read(key, BY_KEY[key].label, in_short(BY_KEY[key], value))
        pairs.append((facts.read(hiding), given))
    return pairs


@cache
def _conditions(key: str) -> tuple[Condition, ...]:
    return (*STEP_OF[key].when, *BY_KEY[key].when)


def _hiding_key(key: str, facts: Facts) -> str | None:
    """The clinical answer, known and on the path, that hides the question `key`."""
    among = BY_KEY[key].among
    if among and key in facts.asked and not facts.is_unknown(among):
        return among
    for condition in () if BY_KEY[key].private else _conditions(key):
        if all(_is_closed(part, facts) for part in condition.parts):
            return condition.parts[0].key
    return None


def _is_closed(part: When, facts: Facts) -> bool:
    """Whether a known clinical answer keeps a condition from holding."""
    if not BY_KEY[part.key].clinical or facts.is_unknown(part.key):
        return False
    return not set(codes_in(facts.answers[part.key])) & part.values


def _said_not_sure(facts: Facts, key: str) -> bool:
    facts[key]  # noted as read
    return NOT_SURE in codes_in(facts.answers.get(key, ()))


@derived
def unsure_of_sepsis(facts: Facts) -> bool:
    return _said_not_sure(facts, "now_infection_signs")


@derived
def unsure_of_pump(facts: Facts) -> bool:
    return _said_not_sure(facts, "now_pump_signs")


@derived
def unsure_of_leg(facts: Facts) -> bool:
    return _said_not_sure(facts, "now_leg_signs")


@derived
def unsure_of_safety(facts: Facts) -> bool:
    return _said_not_sure(facts, "now_self_harm")


@derived
def unsure_of_home(facts: Facts) -> bool:
    return _said_not_sure(facts, "now_unsafe")


@derived
def unsure_of_toxin_problem(facts: Facts) -> bool:
    return _said_not_sure(facts, "toxin_problems_now")


@derived
def asked_in_private(facts: Facts) -> bool:
    """E19: the private questions are on the path."""
    return bool(facts["respondent"] == "self" and facts["private"] == "yes")
