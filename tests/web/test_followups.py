"""Follow-ups of every page, as the browser gets them: each opens by a number of its own."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from intake.questionnaire import STEPS
from intake.questionnaire.model import When
from tests.web.browser import HTML, IN_PRIVATE, begun, strict
from tests.web.test_weight import answer_all

QUESTIONS = {f"q-{question.key}": question for step in STEPS for question in step.questions}


def numbers(element: Element, name: str) -> set[str]:
    return set((element.get(name) or "").split())


def follow_ups(page: Element) -> Iterator[tuple[Element, list[When]]]:
    """Questions of a page with the conditions that its own inputs decide."""
    inputs = {each.get("name") for each in page.iter(f"{HTML}input")}
    for box in page.iter(f"{HTML}div"):
        if box.get("id") in QUESTIONS:
            conditions = QUESTIONS[str(box.get("id"))].when
            single = [when for when in conditions if isinstance(when, When)]
            yield box, [w for w in single if w.key in inputs and w.at_least == 1]


@pytest.mark.parametrize("respondent", ["self", "carer"])
def test_every_follow_up_opens_by_its_own_inputs(app: Flask, respondent: str) -> None:
    patient = begun(app, start=IN_PRIVATE)
    rules = patient.client.get("/questions.css").text
    opened = 0
    for address in answer_all(patient, app, respondent=respondent):
        patient.open(address)
        page = strict(patient.html)
        inputs = list(page.iter(f"{HTML}input"))
        for box, conditions in follow_ups(page):
            assert bool(numbers(box, "data-if")) == bool(conditions), box.attrib
            for when in conditions:
                # A number that these inputs bear and no other, and that has its rule.
                right = [
                    i for i in inputs if i.get("name") == when.key and i.get("value") in when.values
                ]
                shared = set.intersection(*(numbers(each, "data-asks") for each in right))
                wrong = [numbers(each, "data-asks") for each in inputs if each not in right]
                own = numbers(box, "data-if") & shared - set.union(set(), *wrong)
                assert len(own) == 1, (address, box.attrib)
                assert f'[data-if~="{own.pop()}"]' in rules
                opened += 1
    assert opened > 25
