"""One case of one rule: what is changed on the whole patient, and what the rule then says."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from intake.questionnaire.cards import Urgency
from tests.unit.whole_patient import LIMB_TOXIN, TODAY, assessed

EMERGENCY, SAME_DAY, SOON = Urgency.EMERGENCY, Urgency.SAME_DAY, Urgency.SOON


@dataclass(frozen=True)
class Case:
    holds: bool | None
    answers: dict[str, Any]
    on: date = TODAY
    level: Urgency | None = None
    unsure: bool = False
    points: int | None = None
    note: str = ""
    about: str = field(default="", compare=False)


def _case(holds: bool | None, changes: tuple[dict[str, Any], ...], **given: Any) -> Case:
    names = {"on", "level", "unsure", "points", "note"}
    answers: dict[str, Any] = {}
    for change in (*changes, {key: value for key, value in given.items() if key not in names}):
        answers |= change
    own = [(key, value) for key, value in answers.items() if LIMB_TOXIN.get(key, ...) != value]
    about = ", ".join(f"{key}={value}" for key, value in own)
    return Case(holds, answers, about=about, **{n: given[n] for n in names & set(given)})


def yes(*changes: dict[str, Any], **given: Any) -> Case:
    """The rule holds."""
    return _case(True, changes, **given)


def no(*changes: dict[str, Any], **given: Any) -> Case:
    """The rule does not hold."""
    return _case(False, changes, **given)


def unclear(*changes: dict[str, Any], **given: Any) -> Case:
    """Whether the rule holds is not known."""
    return _case(None, changes, **given)


def days_ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def check(name: str, case: Case) -> None:
    """Judge the changed patient and compare what the rule `name` found."""
    found = [f for f in assessed(case.answers, on=case.on).findings if f.name == name]
    assert len(found) == 1
    rule = found[0]
    assert rule.holds is case.holds
    assert rule.unsure is case.unsure
    if case.level:
        assert rule.level is case.level
    if case.points is not None:
        assert rule.points == case.points
    assert case.note in rule.note


Cases = dict[str, tuple[Case, ...]]


def listed(cases: Cases) -> list[Any]:
    """Every case as a pytest parameter, named after its rule and what was changed."""
    return [
        pytest.param(name, case, id=f"{name}-{case.holds}-{case.about}")
        for name, several in cases.items()
        for case in several
    ]
