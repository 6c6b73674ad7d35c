"""The declarations as a FHIR R4 Questionnaire: the same keys, choices, conditions and bounds."""

from collections.abc import Callable, Mapping, Sequence

from intake.questionnaire import STEPS, VERSION
from intake.questionnaire.model import (
    CHOOSING,
    CHOOSING_MANY,
    NOT_SURE,
    WRITING,
    AnyOf,
    Choice,
    Condition,
    Kind,
    Question,
    Step,
    When,
)
from intake.report.fhir import names
from intake.report.fhir.names import Json, answer_codes, page_id

Translators = Mapping[str, Callable[[str], str]]
"""By language code: how an English text is said there."""

TYPES = {
    Kind.CHOICE: "choice",
    Kind.CHOICES: "choice",
    Kind.PLACES: "choice",
    Kind.SCALE: "integer",
    Kind.NUMBER: "integer",
    Kind.DATE: "date",
    Kind.PARTIAL_DATE: "date",
    Kind.LINE: "string",
    Kind.TEXT: "text",
}


def questionnaire(said: Translators | None = None) -> Json:
    """The whole questionnaire: a group for each page, an item for each question.

    linkId is the question's permanent key, or `page.<slug>`. A question whose several conditions
    no single list can say stands in groups named `<key>.if.1` and on, one condition each.
    """
    return {
        "resourceType": "Questionnaire",
        "id": f"intake-{VERSION}",
        "language": "en",
        "url": names.QUESTIONNAIRE,
        "version": VERSION,
        "name": "IntakeMsBotulinumToxin",
        "title": "Intake before the first visit: MS and botulinum toxin",
        "status": "active",
        "subjectType": ["Patient"],
        "item": [_page(step, said or {}) for step in STEPS if step.questions],
    }


def wrappers(question: Question) -> tuple[str, ...]:
    """linkIds of the groups around a question within its page, outermost first."""
    if len(question.when) < 2 or _all_in_one(question.when) is not None:
        return ()
    return tuple(f"{question.key}.if.{number}" for number in range(1, len(question.when)))


def _page(step: Step, said: Translators) -> Json:
    return {
        **_extended(_marked_private() if step.private else []),
        "linkId": page_id(step.slug),
        **_text(step.title, said),
        "type": "group",
        **_enabled(step.when),
        "item": [_wrapped(question, said) for question in step.questions],
    }


def _wrapped(question: Question, said: Translators) -> Json:
    groups = wrappers(question)
    own = question.when[len(groups) :]
    item = _item(question, own, said)
    for link_id, condition in reversed(tuple(zip(groups, question.when, strict=False))):
        item = {"linkId": link_id, "type": "group", **_enabled((condition,)), "item": [item]}
    return _expression_first(item)


def _item(question: Question, conditions: Sequence[Condition], said: Translators) -> Json:
    item = {
        "extension": _extensions(question, said),
        "linkId": question.key,
        **({"code": [_coding(c.system, c.code) for c in question.codes]} if question.codes else {}),
        **_text(question.text, said),
        "type": TYPES[question.kind],
        **_enabled(conditions),
        "required": question.required,
        "repeats": question.kind in CHOOSING_MANY,
    }
    if question.kind in WRITING:
        item["maxLength"] = question.max_characters
    if question.kind in CHOOSING:
        item["answerOption"] = [_option(question, each, said) for each in question.options]
    if question.hint:
        item["item"] = [_hint(question, said)]
    return item


def _expression_first(item: Json) -> Json:
    """An item's extensions in one list; without any the name may not stand there at all."""
    extensions = [*item.pop("extension", []), *item.pop("_expressions", [])]
    kept = {**_extended(extensions), **item}
    if "item" in kept:
        kept["item"] = [_expression_first(each) for each in kept["item"]]
    return kept


def _extended(extensions: list[Json]) -> Json:
    return {"extension": extensions} if extensions else {}


def _marked_private() -> list[Json]:
    return [{"url": names.PRIVATE, "valueBoolean": True}]


def _extensions(question: Question, said: Translators) -> list[Json]:
    found = _marked_private() if question.private else []
    if question.carer_text and question.carer_text != question.text:
        found.append({"url": names.CARER_TEXT, **_said("valueString", question.carer_text, said)})
    if question.among:
        found.append({"url": names.AMONG, "valueString": question.among})
    if TYPES[question.kind] == "integer":
        found.append({"url": names.LEAST, "valueInteger": question.low})
        found.append({"url": names.MOST, "valueInteger": question.high})
    if question.unit:
        unit = {"code": question.unit, **_said("display", question.unit, said)}
        found.append({"url": names.UNIT, "valueCoding": {"system": _units(), **unit}})
    return found


def _units() -> str:
    return f"{names.SYSTEM}:unit"


def _option(question: Question, choice: Choice, said: Translators) -> Json:
    coding = _coding(answer_codes(question.key), choice.code)
    coding |= _said("display", choice.text, said)
    extensions = [
        {"url": names.SAME_AS, "valueCoding": _coding(code.system, code.code)}
        for code in choice.codes
    ]
    if _is_ordinal(question):
        extensions += _ordinal(choice)
    exclusive = [{"url": names.EXCLUSIVE, "valueBoolean": True}] if choice.alone else []
    return {**_extended(exclusive), "valueCoding": {**_extended(extensions), **coding}}


def _is_ordinal(question: Question) -> bool:
    """Whether the choices are a scale: every code but "not sure" is its number."""
    return all(choice.code.isdigit() for choice in question.choices)


def _ordinal(choice: Choice) -> list[Json]:
    if choice.code == NOT_SURE:
        return []
    return [{"url": names.ORDINAL, "valueDecimal": int(choice.code)}]


def _hint(question: Question, said: Translators) -> Json:
    control = {"coding": [_coding(names.CONTROLS, "help")]}
    return {
        "extension": [{"url": names.CONTROL, "valueCodeableConcept": control}],
        "linkId": f"{question.key}.hint",
        **_text(question.hint, said),
        "type": "display",
    }


# --- Texts and their translations --------------------------------------------------------------


def _coding(system: str, code: str) -> Json:
    return {"system": system, "code": code}


def _text(text: str, said: Translators) -> Json:
    return _said("text", text, said)


def _said(name: str, text: str, said: Translators) -> Json:
    """A text under `name`, and under `_name` how other languages say it."""
    translated = {code: say(text) for code, say in said.items()}
    others = [_translation(code, other) for code, other in translated.items() if other != text]
    return {name: text, **({f"_{name}": {"extension": others}} if others else {})}


def _translation(code: str, text: str) -> Json:
    return {
        "url": names.TRANSLATION,
        "extension": [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": text}],
    }


# --- Conditions --------------------------------------------------------------------------------


def _enabled(conditions: Sequence[Condition]) -> Json:
    """The conditions as FHIR says them; `enableBehavior` always stands beside them."""
    if not conditions:
        return {}
    if _counts(conditions):
        return {"_expressions": [_by_expression(conditions)]}
    together = _all_in_one(conditions)
    if together is not None:
        return {"enableWhen": together, "enableBehavior": "all"}
    (condition,) = conditions
    return {"enableWhen": _any_of(condition), "enableBehavior": "any"}


def _all_in_one(conditions: Sequence[Condition]) -> list[Json] | None:
    """One list that holds if all of it does; None where a condition has several ways to hold."""
    each = [_any_of(condition) for condition in conditions]
    if _counts(conditions) or any(len(ways) != 1 for ways in each):
        return None
    return [ways[0] for ways in each]


def _counts(conditions: Sequence[Condition]) -> bool:
    return any(part.at_least > 1 for each in conditions for part in each.parts)


def _any_of(condition: Condition) -> list[Json]:
    return [way for part in condition.parts for way in _ways(part)]


def _ways(part: When) -> list[Json]:
    order = [choice for choice in _choices(part.key) if choice in part.values]
    found: list[Json] = [_equals(part.key, code) for code in order]
    if part.or_unknown:
        found.append(_equals(part.key, NOT_SURE))
        found.append({"question": part.key, "operator": "exists", "answerBoolean": False})
    return found


def _equals(key: str, code: str) -> Json:
    return {"question": key, "operator": "=", "answerCoding": _coding(answer_codes(key), code)}


def _choices(key: str) -> list[str]:
    return next(
        [choice.code for choice in question.options]
        for step in STEPS
        for question in step.questions
        if question.key == key
    )


def _by_expression(conditions: Sequence[Condition]) -> Json:
    """What `enableWhen` cannot say, a number of choices, in FHIRPath."""
    said = " and ".join(f"({_in_fhirpath(condition)})" for condition in conditions)
    expression = {"language": "text/fhirpath", "expression": said}
    return {"url": names.ENABLE_BY, "valueExpression": expression}


def _in_fhirpath(condition: Condition) -> str:
    if isinstance(condition, AnyOf):
        return " or ".join(_in_fhirpath(part) for part in condition.parts)
    codes = "|".join(f"'{code}'" for code in _choices(condition.key) if code in condition.values)
    given = f"%resource.descendants().where(linkId='{condition.key}').answer.value.code"
    return f"{given}.where($this in ({codes})).count() >= {condition.at_least}"
