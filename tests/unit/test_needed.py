"""What the doctor needs most: nothing that urgency or the band rests on is left out."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.questionnaire import BY_KEY, STEP_OF
from intake.questionnaire.model import Answers
from intake.scoring import CRITICAL, assess
from intake.scoring.engine import RULES
from intake.scoring.facts import Facts, is_derived
from intake.scoring.needed import decides, keys_behind, needed, read_by
from tests.unit.whole_patient import WHOLE
from tests.vignettes import load_all

NAMES = sorted({name for rule in RULES if decides(rule) for name in rule.reads})


def on_short(answers: Answers) -> dict[str, Any]:
    return {key: value for key, value in answers.items() if key in needed()}


class Noting(dict[str, Any]):
    """Answers that note which of them are looked up."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(answers)
        self.read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)


def test_every_key_that_a_deciding_rule_reads_is_needed() -> None:
    assert read_by(RULES) <= needed()
    assert set(CRITICAL) <= needed()


def test_required_questions_and_all_that_opens_a_needed_one_are_needed() -> None:
    assert {q.key for q in BY_KEY.values() if q.required} <= needed()
    for key in needed():
        conditions = (*STEP_OF[key].when, *BY_KEY[key].when)
        assert {part.key for each in conditions for part in each.parts} <= needed(), key


def test_the_short_form_is_shorter() -> None:
    assert len(needed()) < 0.75 * len(BY_KEY)
    assert {"ms_doctor", "pain", "anything_else"}.isdisjoint(needed())


@pytest.mark.parametrize("name", NAMES)
def test_what_a_fact_looks_up_was_found_in_its_source(name: str) -> None:
    """The keys that are really looked up while a fact is worked out, for all whole patients."""
    if not is_derived(name):
        assert name in BY_KEY
        return
    for patient in [{"answers": WHOLE, "today": "2026-06-15"}, *load_all()]:
        facts = Facts(patient["answers"], date.fromisoformat(patient["today"]))
        facts.answers = kept = Noting(facts.answers)
        facts.reading((name,))
        assert kept.read & set(BY_KEY) <= keys_behind(name)


@pytest.mark.parametrize("patient", load_all(), ids=lambda patient: patient["id"])
def test_whole_patients_are_judged_alike_on_the_short_form(patient: dict[str, Any]) -> None:
    on = date.fromisoformat(patient["today"])
    full, short = assess(patient["answers"], on), assess(on_short(patient["answers"]), on)
    assert short.urgency == full.urgency
    assert (short.band, short.lowest, short.highest) == (full.band, full.lowest, full.highest)


CHOOSY = sorted(key for key, q in BY_KEY.items() if q.choices and key in WHOLE)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_changed_patients_are_judged_alike_too(data: st.DataObject) -> None:
    answers = dict(WHOLE)
    for key in data.draw(st.lists(st.sampled_from(CHOOSY), max_size=12, unique=True)):
        code = data.draw(st.sampled_from([choice.code for choice in BY_KEY[key].options]))
        answers[key] = [code] if isinstance(WHOLE[key], list) else code
    on = date(2026, 6, 15)
    full, short = assess(answers, on), assess(on_short(answers), on)
    assert (short.urgency, short.band) == (full.urgency, full.band)
    assert (short.lowest, short.highest) == (full.lowest, full.highest)
