"""Every figure of the project in one run: `make bench`, or `make bench QUICK=1`.

    python -m tests.bench [--quick] [pdf] [server] [pages] [growth]

A row is a ratio to a floor that was measured in the same run, in turns with it. Nothing here
passes or fails: the table says where a goal is not met.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr
from pathlib import Path

from tests.bench import growth, pages, pdf, server
from tests.bench.measuring import FULL, QUICK, Row, Scale

PARTS: dict[str, Callable[[Scale], list[Row]]] = {
    "pdf": pdf.rows,
    "server": server.rows,
    "pages": pages.rows,
    "growth": growth.rows,
}
SIGNS = {True: "met", False: "NOT MET", None: ""}


def line(row: Row) -> str:
    """A row as it is printed."""
    figure = f"{row.figure:.2f}{row.unit}" if row.unit else f"{row.figure:g}"
    bound = "≥" if row.at_least else "≤"
    goal = f"{bound} {row.goal:g}" if row.goal is not None else ""
    beside = "; ".join(each for each in (row.floor, row.note) if each)
    return f"{row.name:<62} {figure:>9}  {goal:<6} {SIGNS[row.is_met]:<8} {beside}".rstrip()


def table(rows: Iterable[Row]) -> str:
    """All rows, with a head."""
    head = f"{'what':<62} {'measured':>9}  {'goal':<6} {'':<8} what 1.0 is; figures"
    return "\n".join([head, *map(line, rows)])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="a few minutes")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    rows: list[Row] = []
    # One line of log a request would be thousands; whoever measures reads the table.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        for name in asked.parts or PARTS:
            rows += PARTS[name](QUICK if asked.quick else FULL)
    print(table(rows))


if __name__ == "__main__":
    main()
