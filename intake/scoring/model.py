"""What a rule is, what it finds, and what an assessment says."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from intake.questionnaire.cards import Urgency


class Band(StrEnum):
    """The result for staff, lowest first."""

    URGENT = "URGENT"
    OTHER = "OTHER"
    NOTNOW = "NOTNOW"
    ASSESS = "ASSESS"
    POSSIBLE = "POSSIBLE"
    LIKELY = "LIKELY"

    @property
    def rank(self) -> int:
        """0 is the lowest band."""
        return list(Band).index(self)

    @property
    def text(self) -> str:
        return _BAND_TEXT[self]


_BAND_TEXT = {
    Band.URGENT: "Urgent: contact now",
    Band.OTHER: "Different pathway",
    Band.NOTNOW: "Not now - resolve first",
    Band.ASSESS: "Needs assessment",
    Band.POSSIBLE: "Possible candidate",
    Band.LIKELY: "Likely candidate",
}


class Effect(StrEnum):
    """What a rule does to the result when it holds."""

    URGENCY = "urgency"
    PATHWAY = "pathway"
    DEFER = "defer"
    CAP = "cap"
    POINTS = "points"
    FLAG = "flag"
    EXCLUDE = "exclude"
    UNKNOWN = "unknown"
    FILLER = "filler"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer: True, False, or None for "not known".

    `points` (POINTS only) are earned now; `best` is what they could still become when
    something is not known. `cap` overrides the rule's own cap. `level` is a red flag's urgency.
    """

    holds: bool | None
    note: str = ""
    points: int = 0
    best: int | None = None
    level: Urgency | None = None
    unsure: bool = False
    unknown: bool = False
    """Something it reads is not known although the verdict stands."""
    missing: tuple[str, ...] = ()
    """The keys that would settle it, where "asked and not answered" does not tell."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the checklist. `function`'s parameters name the facts it reads."""

    id: str
    name: str
    effect: Effect
    facts: tuple[str, ...]
    says: str
    function: Callable[..., "Verdict | bool | None"]
    reads: tuple[str, ...]
    cap: Band | None = None
    unknown_cap: Band | None = None
    max_points: int = 0
    level: Urgency | None = None
    resolve: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """An answer that a rule read: its key, the doctor's label and words ("" = blank)."""

    key: str
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found for one response. `on_hold`: listed, but a higher rule decides."""

    rule: str
    name: str
    effect: Effect
    says: str
    holds: bool | None
    note: str
    points: int | None
    max_points: int | None
    level: Urgency | None
    cap: Band | None
    unsure: bool
    resolve: str
    reads: tuple[Read, ...]
    missing: tuple[str, ...]
    facts: tuple[str, ...]
    source: str
    private: bool
    best: int | None = None
    unknown_cap: Band | None = None
    on_hold: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """An answer that is not known and matters; `cap` is the band it allows at most."""

    key: str
    label: str
    said: str
    """"not sure", "not answered" or "not asked"."""
    cap: Band | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two answers that cannot both be right, each with its label and words."""

    first: Read
    second: Read


@dataclass(frozen=True, slots=True)
class FillerLine:
    rule: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class FillerBox:
    """The filler preference, apart from everything else and without effect on the band."""

    preference: str
    lines: tuple[FillerLine, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole result. Same answers, same day, same versions: the same assessment."""

    on: str
    urgency: Urgency
    band: Band
    band_text: str
    reason: str
    lowest: Band
    highest: Band
    total: int | None
    max_total: int | None
    core: dict[str, bool | None]
    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
    contradictions: tuple[Contradiction, ...]
    filler: FillerBox
    screen_complete: bool
    questionnaire_version: str
    rules_version: str
    ignored: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, for sealing and for the command line."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "Assessment":
        """The assessment that `to_dict` wrote."""
        return cls(
            **{
                **plain,
                "urgency": Urgency(plain["urgency"]),
                "band": Band(plain["band"]),
                "lowest": Band(plain["lowest"]),
                "highest": Band(plain["highest"]),
                "findings": tuple(_finding(each) for each in plain["findings"]),
                "unknown": tuple(_unknown(each) for each in plain["unknown"]),
                "contradictions": tuple(
                    Contradiction(Read(**each["first"]), Read(**each["second"]))
                    for each in plain["contradictions"]
                ),
                "filler": FillerBox(
                    plain["filler"]["preference"],
                    tuple(FillerLine(**line) for line in plain["filler"]["lines"]),
                ),
                "ignored": tuple(plain["ignored"]),
            }
        )

    def holding(self, *effects: Effect) -> tuple[Finding, ...]:
        """The findings of these effects that hold."""
        return tuple(f for f in self.findings if f.effect in effects and f.holds)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, StrEnum) else value


def _band(value: str | None) -> Band | None:
    return Band(value) if value else None


def _finding(plain: dict[str, Any]) -> Finding:
    return Finding(
        **{
            **plain,
            "effect": Effect(plain["effect"]),
            "level": Urgency(plain["level"]) if plain["level"] else None,
            "cap": _band(plain["cap"]),
            "unknown_cap": _band(plain["unknown_cap"]),
            "reads": tuple(Read(**each) for each in plain["reads"]),
            "missing": tuple(plain["missing"]),
            "facts": tuple(plain["facts"]),
        }
    )


def _unknown(plain: dict[str, Any]) -> Unknown:
    return Unknown(**{**plain, "cap": _band(plain["cap"]), "rules": tuple(plain["rules"])})
