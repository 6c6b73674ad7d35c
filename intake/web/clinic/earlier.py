"""Earlier responses of the same person: staff say whether they are, and doctors compare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.questionnaire.rows import date_in_words
from intake.report.changes import Series, compare, over_time
from intake.store import audit, entries, persons, responses
from intake.store.persons import Other
from intake.store.responses import SentResponse
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, person
from intake.web.clinic import reasons
from intake.web.clinic.blueprint import error_page, pages
from intake.web.clinic.privacy import Plain, without_private
from intake.web.codes import at_the_clinic
from intake.web.questionnaire import BORN_ON, NAME
from intake.web.replies import leave_to
from intake.web.visit import clinic, store

WIDTH, HEIGHT = 160, 44
"""Of a small chart, in its own units."""


@dataclass(frozen=True, slots=True)
class Likely:
    """Another response, as all staff may see it to tell whose it is."""

    reference: str
    name: str
    born_on: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Chart:
    """A scale over time: spots, and lines between neighbours that are both known."""

    label: str
    title: str
    spots: tuple[tuple[float, float, int], ...]
    segments: tuple[tuple[float, float, float, float], ...]


@pages.get("/responses/<reference>/earlier")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def earlier(reference: str) -> ResponseReturnValue:
    """Who may be the same person, and who is."""
    found = _find(reference)
    audit.note(store(), clinic().id, person().actor, "earlier_read", found.id)
    return render_template(
        "clinic/earlier.html",
        found=found,
        own=_likely(found),
        likely=_named(persons.candidates(store(), clinic().id, found)),
        same=_named(persons.of_same_person(store(), clinic().id, found)),
        compares=person().role != FRONT_DESK,
        decides=person().role != ADMIN,
    )


@pages.post("/responses/<reference>/earlier")
@staff(DOCTOR, FRONT_DESK)
def match_earlier(reference: str) -> ResponseReturnValue:
    """Say whether another response is the same person's; saying otherwise undoes it."""
    found, other = _find(reference), _find(request.form.get("other", ""))
    said, me = request.form.get("person"), person()
    if said not in {"same", "another"}:
        return error_page(400)
    if said == "same" and other.reference not in _matchable(found):
        # The answers of two strangers must not be joined by a mistyped or a forged reference.
        return error_page(409)
    change = persons.match if said == "same" else persons.part
    change(store(), clinic().id, found, other, by=me.actor, by_name=me.name)
    return leave_to(url_for(".earlier", reference=found.reference))


@pages.get("/responses/<reference>/earlier/<other>")
@staff(DOCTOR, ADMIN)
def since_earlier(reference: str, other: str) -> ResponseReturnValue:
    """What changed between two responses of one person, in words, charts and side by side."""
    found = _find(reference)
    every = persons.of_same_person(store(), clinic().id, found)
    if all(each.reference != other for each in every):
        abort(404)
    shown = sorted([found, _find(other)], key=lambda each: each.sent_at)
    old, new = (_readable(each) for each in shown)
    whole = _all_of(found, every)
    charts = map(_chart, over_time([_readable(each) for each in whole]))
    # The charts show all of them, not only the two that are compared in words.
    for each in whole:
        audit.note(store(), clinic().id, person().actor, "response_compared", each.id)
    return render_template(
        "clinic/since_earlier.html",
        found=found,
        name=new["answers"].get(NAME, ""),
        old=shown[0],
        new=shown[1],
        old_at=at_the_clinic(shown[0].sent_at),
        new_at=at_the_clinic(shown[1].sent_at),
        changes=compare(old, new),
        charts=list(charts),
        size=(WIDTH, HEIGHT),
        is_doctor=person().role == DOCTOR,
    )


def _find(reference: str) -> SentResponse:
    found = responses.sent(store(), clinic().id, reference)
    if found is None:
        abort(404)
    return found


def _matchable(found: SentResponse) -> set[str]:
    """The references that may be of the same person: alike, or parted from it before."""
    alike = persons.candidates(store(), clinic().id, found)
    made = entries.of(store(), clinic().id, found.id)
    parted = {each.document["with"] for each in made if each.kind == "parted"}
    return {each.reference for each in alike} | parted


def _readable(found: SentResponse) -> Plain:
    """The document as this reader may see it."""
    if person().role == DOCTOR:
        return found.document
    open_part = without_private(found.document)
    found_by_rules = open_part["assessment"]
    signs = reasons.of_document(found.document)
    urgency = reasons.shown_urgency(signs, found_by_rules["urgency"], person().role)
    return {**open_part, "assessment": {**found_by_rules, "urgency": urgency}}


def _all_of(found: SentResponse, every: Sequence[Other]) -> list[SentResponse]:
    """All responses of the person, oldest first."""
    others = [_find(each.reference) for each in every]
    return sorted([found, *others], key=lambda one: one.sent_at)


def _named(others: Sequence[Other]) -> list[Likely]:
    return [_likely(_find(each.reference)) for each in others]


def _likely(found: SentResponse) -> Likely:
    answers = found.document["answers"]
    born_on = str(answers.get(BORN_ON, ""))
    return Likely(
        found.reference,
        str(answers.get(NAME, "")),
        date_in_words(born_on) if born_on else _("not known"),
        at_the_clinic(found.sent_at),
    )


def _chart(series: Series) -> Chart:
    """Times stand in their order, at even distances: two or three visits make no time axis."""
    last = max(len(series.points) - 1, 1)
    placed = [
        (8 + at * (WIDTH - 16) / last, HEIGHT - 6 - value * (HEIGHT - 20) / 10, value)
        if value is not None
        else None
        for at, (_on, value) in enumerate(series.points)
    ]
    spots = tuple(each for each in placed if each)
    pairs = pairwise(placed)
    segments = tuple((a[0], a[1], b[0], b[1]) for a, b in pairs if a and b)
    return Chart(series.label, series.title, spots, segments)
