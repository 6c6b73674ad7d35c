"""The whole questionnaire as plain JSON values, for programs that build on it."""

from typing import Any

from intake.questionnaire import STEPS, VERSION
from intake.questionnaire.model import AnyOf, Choice, Condition, Question, Step


def questionnaire() -> dict[str, Any]:
    """`{"version", "pages": [{…, "questions": [{key, kind, text, label, choices, when, …}]}]}`.

    A `when` holds if `key` was answered with at least `at_least` of `values` and, if it says
    `or_unknown`, also if `key` is blank or "not sure". `{"any_of": […]}` holds if one of its
    parts does. Several are joined by AND, and a question is asked only if those of its page hold
    as well.
    """
    return {"version": VERSION, "pages": [_page(step) for step in STEPS]}


def _page(step: Step) -> dict[str, Any]:
    return {
        "page": step.slug,
        "title": step.title,
        "section": step.section,
        "private": step.private,
        "when": [_when(each) for each in step.when],
        "one_of": list(step.one_of),
        "questions": [_question(question) for question in step.questions],
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "kind": question.kind.value,
        "text": question.text,
        "carer_text": question.carer_text or question.text,
        "label": question.label,
        "hint": question.hint,
        "why": question.why,
        "error": question.error,
        "choices": [_choice(option) for option in question.options],
        "among": question.among or None,
        "recalls": [_when(each) for each in question.recalls],
        "when": [_when(each) for each in question.when],
        "required": question.required,
        "clinical": question.clinical,
        "not_sure": question.offers_not_sure,
        "private": question.private,
        "facts": list(question.facts),
        "codes": [{"system": code.system, "code": code.code} for code in question.codes],
        **_bounds(question),
    }


def _bounds(question: Question) -> dict[str, Any]:
    kind = question.kind.value
    if kind in ("scale", "number"):
        return {"unit": question.unit or None, "low": question.low, "high": question.high}
    if kind == "partial_date":
        return {"finest": question.finest}
    if kind in ("line", "text"):
        return {"max_characters": question.max_characters, "input": question.input}
    return {}


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "code": choice.code,
        "text": choice.text,
        "label": choice.short,
        "hint": choice.hint,
        "alone": choice.alone,
        "card": choice.card or None,
        "codes": [{"system": code.system, "code": code.code} for code in choice.codes],
    }


def _when(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, AnyOf):
        return {"any_of": [_when(part) for part in condition.parts]}
    return {
        "key": condition.key,
        "values": sorted(condition.values),
        "at_least": condition.at_least,
        "or_unknown": condition.or_unknown,
    }
