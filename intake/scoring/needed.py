"""What the doctor needs most: every question that urgency or the band may rest on.

Computed from the rules, so that a new rule cannot be forgotten: a rule's parameters name answers
or derived facts; what a derived fact reads is found in its own source. Too much is fine there,
too little is not.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from intake.questionnaire import BY_KEY, STEP_OF, STEPS
from intake.questionnaire.model import Question
from intake.scoring import facts
from intake.scoring.engine import RULES
from intake.scoring.model import Effect, Rule

DECIDING = frozenset(
    {Effect.URGENCY, Effect.PATHWAY, Effect.EXCLUDE, Effect.DEFER, Effect.CAP, Effect.POINTS}
)

PAGES = ("start", "right-now", "private", "about-you", "carer", "goals", "second-goal")
"""Asked whole of everybody: danger signs, how to reach the person, and what they want."""

ALSO = (
    # How to speak with the person, and whom to call for them.
    "spoken_language",
    "spoken_language_name",
    "interpreter",
    "proxy_name",
    # Where it is worst, in what words, and what the leaflet of the clinic asks.
    "main_place",
    "main_problem",
    "filler_preference",
    # Safety: "another allergy" without its name would help nobody.
    "allergies_words",
)
"""Read by no deciding rule, and needed all the same."""


@cache
def needed() -> frozenset[str]:
    """The keys of the short path, with everything that opens them."""
    keys = set(read_by(RULES)) | set(ALSO)
    keys |= {question.key for question in BY_KEY.values() if question.required}
    keys |= {q.key for step in STEPS if step.slug in PAGES or step.one_of for q in step.questions}
    return frozenset(_with_openers(keys))


def decides(rule: Rule) -> bool:
    """Whether urgency or the band may rest on a rule; a note may when it is not known."""
    return rule.effect in DECIDING or rule.unknown_cap is not None


def read_by(rules: Iterable[Rule]) -> frozenset[str]:
    names = {name for rule in rules if decides(rule) for name in rule.reads}
    return frozenset(key for name in names for key in keys_behind(name))


def _with_openers(keys: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += _openers(BY_KEY[key])
    return found


def _openers(question: Question) -> list[str]:
    step = STEP_OF[question.key]
    opened_by = [part.key for each in (*step.when, *question.when) for part in each.parts]
    return [*opened_by, question.among] if question.among else opened_by


# --- What a derived fact reads -------------------------------------------------------------------


@cache
def keys_behind(name: str) -> frozenset[str]:
    """The keys that a parameter of a rule may rest on."""
    if not facts.is_derived(name):
        return frozenset({name})
    return frozenset(_read_in(facts.derivation(name), {name}))


def _read_in(function: Callable[..., Any], seen: set[str]) -> Iterator[str]:
    """Keys named in a function's source and in what it calls or reads of its module."""
    tree = ast.parse(inspect.getsource(function))
    module = inspect.getmodule(function)
    for text in _texts(tree):
        yield from _named(text, seen)
    for pattern in _patterns(tree):
        yield from (key for key in BY_KEY if _fits(pattern, key))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in seen:
            seen.add(node.id)
            yield from _behind(node.id, module, seen)


def _named(text: str, seen: set[str]) -> Iterator[str]:
    if text in BY_KEY:
        yield text
    elif facts.is_derived(text) and text not in seen:
        seen.add(text)
        yield from _read_in(facts.derivation(text), seen)


def _behind(name: str, module: ModuleType | None, seen: set[str]) -> Iterator[str]:
    """What a helper function or a table of the same module names."""
    found = getattr(module, name, None)
    if inspect.isfunction(found) and inspect.getmodule(found) is module:
        yield from _read_in(found, seen)
    elif isinstance(found, tuple):
        yield from (text for text in _flat(found) if text in BY_KEY)


def _flat(values: tuple[Any, ...]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from _flat(value)


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _patterns(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(start, end) of texts with one hole, such as f"{place}_strength"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and len(node.values) <= 3:
            parts = [v.value if isinstance(v, ast.Constant) else "\0" for v in node.values]
            start, hole, end = "".join(map(str, parts)).partition("\0")
            if hole and re.fullmatch(r"\w*", start + end) and start + end:
                yield start, end


def _fits(pattern: tuple[str, str], key: str) -> bool:
    """Whether a key is the pattern with a choice's code in its hole."""
    start, end = pattern
    if not (key.startswith(start) and key.endswith(end)):
        return False
    return key[len(start) : len(key) - len(end)] in _codes()


@cache
def _codes() -> frozenset[str]:
    return frozenset(choice.code for q in BY_KEY.values() for choice in q.choices)
