"""The benches run, each in its smallest form; what they measure is judged by nobody."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from tests.bench import growth, pages, pdf, server
from tests.bench.__main__ import PARTS, line, table
from tests.bench.measuring import SMALLEST, Row, Scale, in_turns, median_ratio

PIECES: dict[str, Callable[[Scale], list[Row]]] = {
    "pdf": pdf.rows,
    "steps": server.steps,
    "memory": server.memory,
    "start": server.start_up,
    "pages": pages.rows,
    "growth": lambda scale: growth.of_engine("SQLite", scale),
}


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_bench_gives_its_rows(name: str) -> None:
    rows = PIECES[name](SMALLEST)
    assert rows
    for row in rows:
        assert math.isfinite(row.figure), row
        assert row.figure > 0, row
        assert row.name in table(rows)


def test_every_part_is_in_the_table() -> None:
    assert set(PARTS) == {"pdf", "server", "pages", "growth"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("a", 2.0, "b", 1.5), "NOT MET"),
        (Row("a", 1.5, "b", 1.5), " met "),
        (Row("a", 1.7, "b", 1.8, at_least=True), "NOT MET"),
        (Row("a", 1.9, "b", 1.8, at_least=True), " met "),
    ],
)
def test_a_row_says_whether_its_goal_is_met(row: Row, said: str) -> None:
    assert said in line(row)


def test_a_row_without_a_goal_says_nothing() -> None:
    assert "met" not in line(Row("a", 2.0, "b")).lower()


def test_the_first_round_warms_up_and_does_not_count() -> None:
    done: list[str] = []
    times = in_turns({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, 2)
    assert done == ["a", "b"] * 3
    assert {name: len(each) for name, each in times.items()} == {"a": 2, "b": 2}


def test_a_ratio_is_the_middle_of_the_rounds() -> None:
    assert median_ratio([2, 30, 8], [1, 10, 1]) == 3
