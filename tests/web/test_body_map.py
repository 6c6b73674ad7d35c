"""The page of places: groups, sides in words, and what was chosen."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.web.browser import ANA, NO_SIGNS, SELF, Patient, known


def groups(patient: Patient) -> dict[str, tuple[bool, str]]:
    """By title: whether the group comes open, and what it says of its marks."""
    found = re.findall(
        r'<details class="part"( open)?>\s*<summary>\s*([^<]+?)\s*'
        r'<span class="marked"[^>]*>([^<]*)</span>',
        patient.html,
    )
    return {title: (bool(is_open), marked.strip()) for is_open, title, marked in found}


def test_groups_are_closed_but_for_those_with_a_mark(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/where")
    titles = ["Left arm and hand", "Right arm and hand", "Left leg and foot", "Right leg and foot"]
    assert groups(patient) == dict.fromkeys([*titles, "Neck and trunk"], (False, ""))
    assert patient.has("Marked: 0")
    patient.go_on({"places": ["right_hip", "right_toes", "neck", "all_over"]})
    patient.open("/form/where")
    opened = {title: marked for title, (is_open, marked) in groups(patient).items() if is_open}
    assert opened == {"Right leg and foot": "Marked: 2", "Neck and trunk": "Marked: 1"}
    assert patient.has("Marked: 4")


@pytest.mark.parametrize("alone", ["none", "not_sure"])
def test_no_place_counts_as_no_mark(app: Flask, alone: str) -> None:
    patient = known(app)
    patient.open("/form/where")
    patient.go_on({"places": [alone]})
    patient.open("/form/where")
    assert patient.has("Marked: 0")
    assert not any(is_open for is_open, _ in groups(patient).values())


def test_the_check_page_names_the_places_side_by_side(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/where")
    patient.go_on({"places": ["left_elbow", "right_knee", "left_toes", "trunk", "all_over"]})
    patient.open("/form/check")
    assert (
        "Left side: Left elbow, Left toes\n"
        "Right side: Right knee\n"
        "Middle: Chest, back or belly\n"
        "All over the body</bdi>"
    ) in patient.html


@pytest.mark.parametrize(
    ("who", "front"),
    [("self", ["your right", "your left"]), ("carer", ["the person’s right", "the person’s left"])],
)
def test_sides_are_worded_for_the_reader_and_mirrored_on_the_back(
    app: Flask, who: str, front: list[str]
) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF | {"respondent": who})
    patient.go_on(NO_SIGNS)
    patient.go_on(ANA | {"carer_agrees": "yes"})
    patient.open("/form/where")
    captions = re.findall(
        r'<p class="view-title">\s*<span>(.*?)</span>.*?<span>(.*?)</span>', patient.html, re.DOTALL
    )
    assert captions == [tuple(front), tuple(reversed(front))]
