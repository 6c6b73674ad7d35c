"""The list of OWASP ASVS requirements is whole, and what it and the threats name is there."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ["id", "level", "chapter", "requirement", "applies", "how", "tests", "why_no_test"]
# Of ASVS 5.0.0, by chapter: how many requirements of level 1 and of level 2 there are.
COUNTS = {
    "1": (8, 19),
    "2": (4, 7),
    "3": (8, 11),
    "4": (2, 8),
    "5": (4, 5),
    "6": (13, 22),
    "7": (6, 12),
    "8": (4, 3),
    "9": (4, 3),
    "10": (5, 24),
    "11": (3, 11),
    "12": (3, 6),
    "13": (1, 12),
    "14": (2, 7),
    "15": (3, 10),
    "16": (0, 16),
    "17": (0, 7),
}


@cache
def rows() -> list[dict[str, str]]:
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file)
        assert read.fieldnames == COLUMNS
        return list(read)


@cache
def functions_of(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.M))


def test_every_requirement_of_both_levels_is_there_once_and_in_order() -> None:
    ids = [row["id"] for row in rows()]
    assert ids == sorted(set(ids), key=lambda id: [int(part) for part in id.split(".")])
    found = Counter((row["id"].split(".")[0], row["level"]) for row in rows())
    wanted = {
        (chapter, level): count
        for chapter, counts in COUNTS.items()
        for level, count in zip("12", counts, strict=True)
        if count
    }
    assert dict(found) == wanted


@pytest.mark.parametrize("row", rows(), ids=[row["id"] for row in rows()])
def test_every_row_is_filled_and_its_tests_exist(row: dict[str, str]) -> None:
    assert re.fullmatch(r"V[0-9]+ [A-Z].+", row["chapter"])
    assert row["chapter"].startswith(f"V{row['id'].split('.')[0]} ")
    assert row["requirement"]
    assert row["how"]
    if row["applies"] == "no":
        assert row["tests"] == row["why_no_test"] == ""
        return
    assert row["applies"] == "yes"
    assert bool(row["tests"]) is not bool(row["why_no_test"]), "either tests or a reason"
    for name in row["tests"].split():
        path, _, function = name.partition("::")
        assert function in functions_of(ROOT / path), name


@pytest.mark.parametrize("document", ["docs/threats.md", "SECURITY.md"])
def test_what_documents_name_is_there(document: str) -> None:
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    text = (ROOT / document).read_text(encoding="utf-8")
    assert set(re.findall(r"`(test_\w+\.py)`", text)) <= files
    every = {name for path in (ROOT / "tests").rglob("test_*.py") for name in functions_of(path)}
    assert set(re.findall(r"`(test_\w+)`", text)) <= every
    for path in re.findall(r"`((?:tests|intake|docs|setup)/[\w/.]+)`", text):
        assert (ROOT / path).exists(), path


def test_sections_that_rows_point_at_are_there() -> None:
    pointed = 0
    for row in rows():
        for document, section in re.findall(
            r"(docs/threats\.md|SECURITY\.md), ([A-Z][a-z ]+)", row["how"]
        ):
            text = (ROOT / document).read_text(encoding="utf-8")
            headings = re.findall(r"^## (.+)$", text, re.M)
            assert any(section.strip().startswith(heading) for heading in headings), row["id"]
            pointed += 1
    assert pointed > 10
