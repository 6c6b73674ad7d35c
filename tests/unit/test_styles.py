"""The style sheets as files: a rule that is not closed takes all that follow with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import intake

SHEETS = sorted((Path(intake.__file__).parents[1] / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_rule_is_closed(sheet: Path) -> None:
    plain = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    depth = 0
    for mark in re.findall(r"[{}]|@media", plain):
        # Our rules are not nested, but for those of a medium, and these stand outside.
        depth += {"{": 1, "}": -1}.get(mark, 0)
        assert 0 <= depth <= 2
        assert mark != "@media" or depth == 0
    assert depth == 0
