"""Answers that come as a file: what is wrong is named with where it stands."""

import json
from datetime import date
from typing import Any

import pytest

from intake.questionnaire.handed_in import AnswersFileError, read_answers

TODAY = date(2026, 11, 22)


def read(**plain: Any) -> Any:
    return read_answers(json.dumps(plain), TODAY)


def test_answers_of_every_shape_are_read() -> None:
    given = {
        "name": "Nguyễn 李",
        "born_on": "1975-03-09",
        "places": ["left_wrist", "left_fingers"],
        "left_wrist_strength": 7,
        "falls": "not_sure",
        "ms_since": "2011",
        "toxin_last_on": "2026-09",
        "main_problem": "two\nlines",
    }
    assert read(answers=given).answers == given


def test_null_is_blank() -> None:
    assert read(answers={"falls": None}).answers == {}


def test_shown_cards_are_kept() -> None:
    shown = {"card": "E1", "at": "2026-11-22T09:00:00Z"}
    assert read(answers={}, shown=[shown]).shown == (shown,)


def test_a_future_date_is_for_the_rules_to_judge() -> None:
    assert read(answers={"toxin_last_on": "2027-01"}).answers == {"toxin_last_on": "2027-01"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"toxin_alergy": "no"}, "answers.toxin_alergy: no such question; is it toxin_allergy?"),
        ({"toxin_allergy": "maybe"}, "answers.toxin_allergy: must be one of no, yes, not_sure"),
        ({"toxin_allergy": True}, "answers.toxin_allergy: must be one of"),
        ({"places": "left_wrist"}, "answers.places: must be a list out of"),
        ({"places": ["left_wrist", "left_wing"]}, "answers.places: must be a list out of"),
        ({"places": []}, "answers.places: must be a list out of"),
        ({"triggers": ["none", "sore"]}, "answers.triggers: holds a choice that excludes"),
        ({"falls": 100}, "answers.falls: must be a whole number from 0 to 99"),
        ({"falls": 10**30}, "answers.falls: must be a whole number from 0 to 99"),
        ({"falls": True}, "answers.falls: must be a number"),
        ({"falls": "3"}, "answers.falls: must be a number"),
        ({"falls": 1.5}, "answers.falls: must be a number"),
        ({"born_on": "1975-3-9"}, "answers.born_on: must be a date"),
        ({"born_on": "1975-02-30"}, "answers.born_on: must be a date"),
        ({"mri_on": "2026-03-09"}, "answers.mri_on: must be a date"),
        ({"name": "a\u202eb"}, "answers.name: holds characters that cannot be shown"),
        ({"name": "a\ud800"}, "answers.name: holds characters that cannot be shown"),
        ({"name": "x" * 121}, "answers.name: is longer than 120 characters"),
        ({"anything_else": "\n".join("x" * 41)}, "answers.anything_else: has too many lines"),
    ],
)
def test_a_wrong_answer_is_named(answers: dict[str, Any], said: str) -> None:
    with pytest.raises(AnswersFileError) as caught:
        read(answers=answers)
    assert str(caught.value).startswith(said)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(AnswersFileError) as caught:
        read(answers={"falls": -1, "nonsense": 1}, shown=[{"card": "E99", "at": "now"}], more=1)
    assert str(caught.value).count("\n") == 3


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ({"card": "E1"}, "shown: must be a list"),
        (["E1"], "shown[0]: must have card and at"),
        ([{"card": "E1"}], "shown[0]: must have card and at"),
        ([{"card": "E99", "at": "2026-11-22T09:00:00Z"}], "shown[0].card: must be one of E1"),
        ([{"card": "E1", "at": "yesterday"}], "shown[0].at: must be a time"),
        ([{"card": "E1", "at": 3}], "shown[0].at: must be a time"),
        ([{"card": "E1", "at": "2026-11-22T09:00:00"}], "shown[0].at: must name its time zone"),
    ],
)
def test_a_wrong_card_is_named(shown: Any, said: str) -> None:
    with pytest.raises(AnswersFileError, match="^" + said.replace("[", r"\[")):
        read(answers={}, shown=shown)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1"),
        ('{"answers": {"falls": 1}', "line 1, column 25"),
        ("[]", "the file must hold one object"),
        ("{}", "answers: must be an object"),
        ('{"answers": []}', "answers: must be an object"),
        ('{"answers": {"falls": 1, "falls": 2}}', "falls: stands twice"),
        ("[" * 100_000, "the file is nested too deeply"),
        ('{"answers": {"name": "' + "x" * 1_000_000 + '"}}', "the file is larger than"),
    ],
)
def test_a_file_that_is_no_answers_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(AnswersFileError, match=said):
        read_answers(text, TODAY)
