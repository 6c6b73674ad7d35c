"""What the summary says of each synthetic patient is what was last looked at."""

import os
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from intake.report.pdf import render
from tests.golden.patients import NAMES, patient
from tests.golden.texts import FOLDER, PAGES, text
from tests.unit.report.given import on_one_line, opened, text_of

ROOT = Path(__file__).resolve().parents[2]


@cache
def pages() -> dict[str, int]:
    lines = PAGES.read_text(encoding="utf-8").splitlines()
    return {name: int(count) for name, count in map(str.split, lines)}


def test_there_are_thirty_and_none_is_left_over():
    assert len(NAMES) >= 30
    kept = {path.stem for path in FOLDER.glob("*.txt")} - {PAGES.stem}
    assert kept == set(NAMES) == set(pages())


@pytest.mark.parametrize("name", NAMES)
def test_the_summary_says_what_it_said(name):
    """`make golden` writes the text again; read the difference before it is kept."""
    kept = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert text(patient(name)) == kept


@pytest.mark.parametrize("name", NAMES)
def test_page_one_is_one_page_and_the_rest_as_long_as_it_was(name):
    pdf = render(*patient(name))
    second = on_one_line(text_of(pdf, 2, 2, as_written=True))
    starts = ("How the checklist came to", "Since this was sent", "Compared with an earlier")
    assert any(start in second for start in starts)
    with opened(pdf) as read:
        # Another version of a font may move a line over the edge.
        assert abs(len(read.pages) - pages()[name]) <= 1


_HASHED = """
import sys
from hashlib import sha256
from intake.report.pdf import render
from tests.golden.patients import patient
sys.stdout.write(sha256(render(*patient("all_that_can_follow"))).hexdigest())
"""


@pytest.mark.parametrize(
    ("seed", "zone", "folder"),
    [("0", "UTC", "/"), ("1", "Asia/Tokyo", "/tmp"), ("77", "America/New_York", str(ROOT))],  # noqa: S108 - to be run in, nothing is written there
)
def test_every_process_draws_the_same_bytes(seed, zone, folder):
    changed = {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _HASHED],
        env={**os.environ, **changed},
        cwd=folder,
        capture_output=True,
        check=True,
        text=True,
    )
    assert found.stdout == sha256(render(*patient("all_that_can_follow"))).hexdigest()
