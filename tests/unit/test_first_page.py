"""What the first page promises is what whole patients meet."""

import re
from pathlib import Path

import pytest

from intake.questionnaire import STEPS
from intake.questionnaire.path import path
from tests.vignettes import load_all

PROMISED = re.search(
    r"It has (\d+) to (\d+) short pages",
    Path("templates/patient/start.html").read_text(encoding="utf-8"),
)


@pytest.mark.parametrize("patient", load_all(), ids=lambda patient: patient["id"])
def test_the_number_of_pages_is_as_promised(patient):
    assert PROMISED
    fewest, most = map(int, PROMISED.groups())
    with_check = len(path(patient["answers"], STEPS)) + 1
    assert fewest <= with_check <= most
