"""What the form on paper says: every question in print order, and when it may be skipped.

Collected from the declarations, so that a new question stands on paper too. The private pages come
last, to be handed over closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from babel.lists import format_list
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from intake.config import Clinic
from intake.questionnaire import BY_KEY, STEPS
from intake.questionnaire.body import BY_CODE
from intake.questionnaire.cards import CARDS, Urgency
from intake.questionnaire.model import (
    CHOOSING,
    CHOOSING_MANY,
    NOT_SURE,
    Condition,
    Kind,
    Question,
    Step,
    When,
)
from intake.web.language import translated
from intake.web.questionnaire import PRIVATE, START

Plain = dict[str, Any]

MOST_NAMED = 5
"""More answers than that are not named one by one."""
SHORT_TEXT, TINY_TEXT = 34, 19
"""Choices of at most so many letters stand in two columns, or in three."""
MANY = 8
"""So many choices stand in two columns even where some of them take two lines."""
SHORT_HINT = 45
"""A hint of at most so many letters stands beside its question, not below it."""
SHORT_LIST = 10
"""A question with at most so many choices is not cut between two pages."""


def collected(
    clinic: Clinic, language: str, *, name: str = "", code: str = "", qr: str = ""
) -> Plain:
    """The words of the form in one language; name, code and picture of an invitation, if any."""
    with force_locale(language.replace("-", "_")):
        return _collected(clinic.speaking(language), language, name, code, qr)


def _collected(clinic: Clinic, language: str, name: str, code: str, qr: str) -> Plain:
    order = [*(step for step in STEPS if not step.private), *(s for s in STEPS if s.private)]
    numbers = _numbers(order)
    return {
        "language": language,
        "paper": clinic.paper,
        "title": _("A form before your visit"),
        "clinic": clinic.outside_name,
        "phone": clinic.phone,
        "name": name,
        "qr": qr,
        "blank_name": _("Name:") + " ______________________________",
        "foot": ", ".join(filter(None, [clinic.outside_name, clinic.phone, code])),
        "emergency": _("In an emergency, call %(number)s.", number=clinic.emergency_number),
        "not_watched": _("A form on paper is read days later. Do not wait for it if you feel ill."),
        "how_title": _("How to fill it in"),
        "how": _how(clinic),
        "figure_title": _("A body from the front and from the back, with the numbers of the list"),
        "figure_words": [
            ["Front", _("Front")],
            ["Back", _("Back")],
            ["R", _("R")],
            ["L", _("L")],
        ],
        "places": {code: str(number) for number, code in enumerate(BY_CODE, start=1)},
        "care_title": _("Do not wait with these"),
        "care_intro": _("If one of these is new or worse, act now. The form can wait."),
        "care": _care(clinic),
        "help": [
            _(
                "If life feels too hard: call or text %(number)s, day and night.",
                number=clinic.crisis_line,
            ),
            _(
                "If someone hurts or scares you: %(number)s, day and night.",
                number=clinic.abuse_hotline,
            ),
        ],
        "steps": _steps(order, numbers, clinic),
    }


def _how(clinic: Clinic) -> list[str]:
    return [
        _("Take breaks. You need not fill it in on one day."),
        _("Tick one box in each question. Tick more only where it says so."),
        _("Leave blank what you do not want to answer. “Not sure” is a good answer."),
        _("Where it says “Only if”, skip what is not for you."),
        _("Someone may read to you and write for you."),
        _("If you answer for someone else, “you” means the person with MS."),
        _("The small words beside the numbers are for the clinic."),
        _("Do you need help? Call us at %(phone)s.", phone=clinic.phone),
    ]


def _care(clinic: Clinic) -> list[Plain]:
    titles = {
        Urgency.EMERGENCY: _("Call %(number)s now", number=clinic.emergency_number),
        Urgency.SAME_DAY: _("Speak to a doctor today. Our number: %(phone)s", phone=clinic.phone),
        Urgency.SOON: _("Have it looked at in the next two days"),
    }
    told = [card for card in CARDS.values() if not card.private]
    return [
        {
            "title": title,
            "lines": [
                [translated(card.title), translated(card.line)]
                for card in told
                if card.level == level
            ],
        }
        for level, title in titles.items()
    ]


def _numbers(order: Iterable[Step]) -> dict[str, int]:
    keys = [q.key for step in order for q in step.questions if q.key != PRIVATE]
    # Whether it was private is asked where it matters: first on the private pages.
    at = next(i for i, key in enumerate(keys) if BY_KEY[key].private)
    keys.insert(at, PRIVATE)
    return {key: number for number, key in enumerate(keys, start=1)}


def _steps(order: list[Step], numbers: dict[str, int], clinic: Clinic) -> list[Plain]:
    found, before = [], ""
    for step in order:
        if step.private and not before.startswith("private"):
            found += [_end(clinic), _private(numbers)]
            before = "private"
        section = "private" if step.private else step.section
        found.append(_step(step, numbers, clinic, follows=bool(before)))
        before = section
    return found


def _step(step: Step, numbers: dict[str, int], clinic: Clinic, *, follows: bool) -> Plain:
    intro = [] if step.private else [translated(text) for text in step.intro]
    if step.slug == START:
        intro += clinic.privacy_paragraphs
    when = _when(step.when, numbers)
    questions = [_question(q, numbers, when) for q in step.questions if q.key != PRIVATE]
    for before, each in pairwise(questions):
        # One condition for two questions is read once.
        each["goes_on"] = bool(each["only"]) and each["only"] == before["only"]
    return {
        "title": translated(step.title),
        "follows": follows,
        "only": [] if step.private else _only(when),
        "intro": intro,
        "questions": questions,
    }


def _private(numbers: dict[str, int]) -> Plain:
    return {
        "title": _("Private questions"),
        "follows": False,
        "only": [],
        "intro": [
            _("Only for the person with MS, when alone. You may leave all of it blank."),
            _("Only a doctor reads these pages. You may hand them over closed."),
        ],
        "questions": [_question(BY_KEY[PRIVATE], numbers, [])],
    }


def _end(clinic: Clinic) -> Plain:
    return {
        "title": _("You are done"),
        "follows": False,
        "only": [],
        "intro": [
            _("Bring the form to your visit, or send it to us before:"),
            f"{clinic.outside_name}, {', '.join(clinic.address.splitlines())}",
            _("The next pages are private. You may skip them."),
        ],
        "questions": [],
    }


def _question(question: Question, numbers: dict[str, int], said: list[str]) -> Plain:
    """`said` is what stands at the head of the page already."""
    choices, hints = _choices(question), " ".join(_hints(question, numbers))
    texts_are_short = all(len(text) <= SHORT_TEXT for text in choices)
    return {
        "key": question.key,
        "kind": question.kind.value,
        "number": numbers[question.key],
        "text": translated(question.text),
        "only": _only([told for told in _when(question.when, numbers) if told not in said]),
        "goes_on": False,
        "hint": hints,
        "hint_is_short": len(hints) <= SHORT_HINT,
        "choices": choices,
        "columns": _columns(choices),
        "is_short": len(choices) <= SHORT_LIST * (2 if texts_are_short else 1),
        "lines": {Kind.LINE: 1, Kind.TEXT: 4}.get(question.kind, 0),
        "scale": _scale(question),
        "ends": f"{question.low} = {translated(question.low_text)}, "
        f"{question.high} = {translated(question.high_text)}",
        "parts": _parts(question),
    }


def _choices(question: Question) -> list[str]:
    if question.kind not in CHOOSING:
        return [translated(question.not_sure_text)] if question.offers_not_sure else []
    places = {code: number for number, code in enumerate(BY_CODE, start=1)}
    found = []
    for choice in question.options:
        text = translated(choice.text)
        if question.kind is Kind.PLACES and choice.code in places:
            text = f"{places[choice.code]}. {text}"
        found.append(f"{text} ({translated(choice.hint)})" if choice.hint else text)
    return found


def _hints(question: Question, numbers: dict[str, int]) -> list[str]:
    hints = [translated(text) for text in (question.hint, question.why) if text]
    if question.among:
        number = numbers[question.among]
        hints.append(_("Choose from what you ticked in question %(number)s.", number=number))
    if question.kind in CHOOSING_MANY and len(question.choices) > 1:
        hints.append(_("Tick all that fit."))
    return hints


def _columns(choices: list[str]) -> int:
    longest = max(map(len, choices), default=0)
    if longest <= TINY_TEXT:
        return min(3, max(1, len(choices)))
    return 2 if len(choices) >= MANY or (longest <= SHORT_TEXT and len(choices) > 1) else 1


def _scale(question: Question) -> list[int]:
    return list(range(question.low, question.high + 1)) if question.kind is Kind.SCALE else []


def _parts(question: Question) -> list[tuple[str, bool]]:
    """(what to write, whether the box is wide) for dates and numbers."""
    if question.kind is Kind.NUMBER:
        return [(translated(question.unit), True)]
    finest = {Kind.DATE: "day", Kind.PARTIAL_DATE: question.finest}.get(question.kind)
    if finest is None:
        return []
    every = [(_("Month"), False), (_("Day"), False), (_("Year"), True)]
    return {"year": every[2:], "month": [every[0], every[2]], "day": every}[finest]


def _when(conditions: Iterable[Condition], numbers: dict[str, int]) -> list[str]:
    """When to answer; nothing for what is asked of people who left something open, too.

    On paper one question more does no harm, and "not this one" is easily misread.
    """
    asked_of_some = (c for c in conditions if not any(part.or_unknown for part in c.parts))
    return [_either(_told(part, numbers) for part in c.parts) for c in asked_of_some]


def _only(when: list[str]) -> list[str]:
    """One line however many conditions: all of them must hold, so an "and" joins them."""
    if not when:
        return []
    return [_("Only if %(what)s.", what=format_list(when, style="standard", locale=get_locale()))]


def _told(part: When, numbers: dict[str, int]) -> str:
    question, number = BY_KEY[part.key], numbers[part.key]
    if part.at_least > 1:
        return _("you ticked 2 or more in question %(number)s", number=number)
    named = [choice for choice in question.choices if choice.code in part.values]
    others = [
        choice
        for choice in question.choices
        if choice.code not in part.values and choice.code != NOT_SURE and not choice.alone
    ]
    if not others and len(named) > 1:
        return _("you ticked something in question %(number)s", number=number)
    if len(named) > MOST_NAMED and len(others) <= MOST_NAMED:
        answers = _either(_quoted(choice.text) for choice in others)
        return _(
            "you ticked something else than %(answers)s in question %(number)s",
            answers=answers,
            number=number,
        )
    answers = _either(_quoted(choice.text) for choice in named)
    return _("you ticked %(answers)s in question %(number)s", answers=answers, number=number)


def _quoted(text: str) -> str:
    return f"“{translated(text)}”"


def _either(texts: Iterable[str]) -> str:
    return str(format_list(list(texts), style="or", locale=get_locale()))
