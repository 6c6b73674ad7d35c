"""How the benches measure: floors and figures in turns, processor time rather than a clock's."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: `rounds` in turns, and how often or how large within."""

    rounds: int
    renders: int
    """PDFs drawn by one process, for its memory."""
    requests: int
    """Requests to one worker, for its memory."""
    posts: int
    """Posts of each of four clients a round."""
    sizes: tuple[int, ...]
    """Responses in the database, smallest first."""


SMALLEST = Scale(rounds=2, renders=4, requests=24, posts=6, sizes=(60, 120))
QUICK = Scale(rounds=7, renders=100, requests=600, posts=40, sizes=(1_000, 20_000))
FULL = Scale(rounds=21, renders=500, requests=3_000, posts=150, sizes=(1_000, 100_000, 1_000_000))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `floor` says what 1.0 is, or what stands beside the figure."""

    name: str
    figure: float
    floor: str
    goal: float | None = None
    at_least: bool = False
    """The goal is a least one: more is better."""
    unit: str = "x"
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        return self.figure >= self.goal if self.at_least else self.figure <= self.goal


Times = dict[str, list[float]]


def in_turns(tasks: Mapping[str, Callable[[], object]], rounds: int) -> Times:
    """Milliseconds of this process's processor time for each task, once a round.

    In turns, so that whatever else the machine does weighs on all alike. One round before them
    warms everything up and does not count.
    """
    times: Times = {name: [] for name in tasks}
    for number in range(rounds + 1):
        for name, task in tasks.items():
            begun = time.process_time()
            task()
            if number:
                times[name].append(1000 * (time.process_time() - begun))
    return times


def ratio(times: Times, name: str, floor: str) -> float:
    """The median of each round's own ratio."""
    return median_ratio(times[name], times[floor])


def median_ratio(figures: Sequence[float], floors: Sequence[float]) -> float:
    """The same for two lists of figures, round by round."""
    pairs = zip(figures, floors, strict=True)
    return median(figure / floor for figure, floor in pairs if floor)
