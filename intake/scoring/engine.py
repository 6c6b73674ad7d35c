"""How a rule is declared and judged."""

import inspect
from collections.abc import Callable, Iterable

from intake.questionnaire import BY_KEY
from intake.questionnaire.cards import Urgency
from intake.scoring.facts import Facts, is_fact
from intake.scoring.model import Band, Effect, Finding, Rule, Verdict
from intake.scoring.sources import cite

RULES: list[Rule] = []
"""Every rule, in the order of evaluation and of the trace."""

Judge = Callable[..., Verdict | bool | None]
Declare = Callable[[Judge], Judge]


def rule(
    id: str,
    effect: Effect,
    *,
    says: str,
    facts: tuple[str, ...],
    cap: Band | None = None,
    unknown_cap: Band | None = None,
    max_points: int = 0,
    level: Urgency | None = None,
    resolve: str = "",
    private: bool = False,
) -> Declare:
    """Declare a rule; the function's parameters name the answers or derived facts it reads.

    A blank or "not sure" answer arrives as None. The function returns True, False, None for
    "not known", or a `Verdict` where there is more to say.
    """

    def register(function: Judge) -> Judge:
        reads = tuple(inspect.signature(function).parameters)
        unheard = [name for name in reads if not is_fact(name)]
        if unheard:
            raise LookupError(f"rule {id} reads {unheard}, which no question asks")
        RULES.append(
            Rule(
                id=id,
                name=function.__name__,
                effect=effect,
                facts=facts,
                says=says,
                function=function,
                reads=reads,
                cap=cap,
                unknown_cap=unknown_cap,
                max_points=max_points,
                level=level,
                resolve=resolve,
                private=private,
            )
        )
        return function

    return register


def judge(rule: Rule, facts: Facts) -> Finding:
    """What one rule finds: its verdict, the answers it read, and those that it misses."""
    verdict, keys = verdict_of(rule, facts)
    if verdict.holds is None and rule.effect in _NOTES and not _could_matter(keys, facts):
        verdict = Verdict(False)
    open_ended = verdict.holds is None or verdict.unknown
    return Finding(
        rule=rule.id,
        name=rule.name,
        effect=rule.effect,
        says=rule.says,
        holds=verdict.holds,
        note=verdict.note,
        points=verdict.points if rule.effect is Effect.POINTS else None,
        max_points=rule.max_points if rule.effect is Effect.POINTS else None,
        best=_best(rule, verdict),
        level=verdict.level or rule.level,
        cap=rule.cap,
        unknown_cap=rule.unknown_cap,
        unsure=verdict.unsure,
        resolve=rule.resolve,
        reads=tuple(facts.read(key) for key in keys if key in facts.answers),
        missing=(verdict.missing or _missing(keys, facts)) if open_ended else (),
        facts=rule.facts,
        source=cite(rule.facts),
        private=is_private(rule, keys),
    )


def verdict_of(rule: Rule, facts: Facts) -> tuple[Verdict, tuple[str, ...]]:
    """What a rule says, and the keys of the answers that it read."""
    values, keys = facts.reading(rule.reads)
    given = rule.function(**values)
    return (given if isinstance(given, Verdict) else Verdict(given)), keys


def is_private(rule: Rule, keys: Iterable[str]) -> bool:
    """Whether the rule, or an answer that it read, is for doctors only."""
    return rule.private or any(BY_KEY[key].private for key in keys if key in BY_KEY)


_NOTES = (Effect.FLAG, Effect.EXCLUDE, Effect.FILLER)
"""Notes are not "not known" where their question does not arise."""


def _could_matter(keys: tuple[str, ...], facts: Facts) -> bool:
    return any(facts.could_matter(key) for key in keys if facts.is_unknown(key))


def _best(rule: Rule, verdict: Verdict) -> int | None:
    if rule.effect is not Effect.POINTS:
        return None
    if verdict.best is not None:
        return verdict.best
    return rule.max_points if verdict.holds is None else verdict.points


def _missing(keys: tuple[str, ...], facts: Facts) -> tuple[str, ...]:
    """Unknown answers among `keys`: those that were asked, else those that were not."""
    unknown = [key for key in keys if facts.is_unknown(key)]
    return tuple([key for key in unknown if key in facts.asked] or unknown)
