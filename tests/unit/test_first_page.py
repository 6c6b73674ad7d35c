"""What the first page promises is near to what whole patients meet, on both ways."""

from typing import Any

import pytest

from intake.questionnaire import STEPS
from intake.questionnaire.effort import minutes, weights
from intake.questionnaire.path import asked
from intake.questionnaire.steps.places import NOT_LOOKS_ALONE
from intake.questionnaire.walk import FULL, SHORT, Left, left
from intake.scoring.needed import needed
from tests.vignettes import load_all

NOTHING: dict[str, Any] = {"answers": {}, "visited": [], "partly": {}, "rest_after": None}


def promised(way):
    """What the first page says of somebody of whom nothing is known."""
    weighed = weights(STEPS, by_carer=False)
    pages = left(NOTHING | {"path": way}, STEPS, needed(), weighed)
    return sum(pages.values(), Left())


def met(answers, way):
    """What a patient is asked in the end."""
    weighed = weights(STEPS, by_carer=answers["respondent"] == "carer")
    kept = {k: v for k, v in answers.items() if way == FULL or k in needed()}
    on_way = [(s, q) for s, q in asked(kept, STEPS) if way == FULL or q.key in needed()]
    pages = {step.slug for step, _ in on_way}
    seconds = sum(weighed[q.key] for _, q in on_way) + sum(weighed[f"{slug}/"] for slug in pages)
    return Left(len(on_way), seconds)


@pytest.mark.parametrize("way", [FULL, SHORT])
@pytest.mark.parametrize("patient", load_all(), ids=lambda patient: patient["id"])
def test_the_effort_is_about_as_promised(patient, way):
    said, real = promised(way), met(patient["answers"], way)
    if not NOT_LOOKS_ALONE.holds(patient["answers"]):
        # Spared what is about spasms; the first page cannot know.
        assert 0.6 <= real.questions / said.questions < 0.8
        assert minutes(real.seconds) < minutes(said.seconds)
        return
    assert 0.75 <= real.questions / said.questions <= 1.25
    assert abs(minutes(real.seconds) - minutes(said.seconds)) <= 5
