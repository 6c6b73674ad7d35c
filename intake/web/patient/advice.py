"""Safety advice: care cards in full, a number to leave, and two clear ways on."""

from __future__ import annotations

from contextlib import suppress

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.questionnaire.values import is_phone, normalise, printable
from intake.store import StoreUnavailable, calls
from intake.web import care, display
from intake.web.access import anyone, patient
from intake.web.care import Flag
from intake.web.contacts import contacts
from intake.web.patient.blueprint import pages, visit
from intake.web.patient.ways import first_open, goes_on, led_on, renders
from intake.web.questionnaire import PHONE, questionnaire
from intake.web.replies import by_htmx, leave_to, stay, turn_to
from intake.web.security import pressed
from intake.web.visit import (
    AWAY,
    TOKEN,
    Gone,
    Visit,
    clinic,
    current,
    flags,
    now,
    save,
    store,
    typing,
    without_private_cards,
)

Problem = tuple[str, str]
"""(id of an input, message)"""


@pages.get("/form/care")
@patient
def advice() -> ResponseReturnValue:
    """The cards that are due."""
    opened = visit()
    if not _cards(opened):
        return leave_to(first_open(opened).url)
    return advice_page(opened, just_called=request.args.get("called") == "1")


@renders("advice")
def advice_page(
    visit: Visit,
    *,
    problem: Problem | None = None,
    typed: str = "",
    name: str = "",
    just_called: bool = False,
) -> str:
    """The page's HTML; `problem` is what is wrong with the name or number that was left."""
    cards = _cards(visit)
    if typing():
        return render_template(
            "clinic/typed_advice.html",
            groups=care.by_level(cards),
            phone=visit.answers.get(PHONE, ""),
        )
    return render_template(
        "patient/advice.html",
        groups=care.by_level(cards),
        crisis=any(flag.is_crisis for flag in cards),
        hurried=any(flag.card.private for flag in cards),
        unsafe=any(flag.is_abuse for flag in cards),
        known=_is_known(visit),
        offers_call=care.urgency(cards) in {"emergency", "same_day"},
        called=visit.document.get("call"),
        just_called=just_called,
        again=_again(),
        problem=problem,
        typed=typed,
        name=name,
    )


@pages.post("/form/care")
@patient
def leave_advice() -> ResponseReturnValue:
    """Go on with the form, or stop here."""
    opened = visit()
    action = pressed("go", "stop")
    way = opened.document["care"]
    opened = save(opened, lambda document: document.update({"care": None}))
    if action == "stop":
        return leave_to(url_for(".stopped"))
    if _again():
        return turn_to(goes_on(opened))
    step = questionnaire().by_slug.get((way or {}).get("after", ""))
    if way is None or step is None:
        return turn_to(first_open(opened))
    was = way.get("action", "continue")
    return led_on(opened, step, was, from_check=way["check"])


@pages.post("/form/care/call")
@patient
def ask_for_call() -> ResponseReturnValue:
    """Store a name and number at once, for staff to see as "not sent"."""
    opened = visit()
    name = normalise(request.form.get("call_name", ""))
    phone = normalise(request.form.get("call_phone", ""))
    if display.is_look(request.form.get("action", "")):
        display.apply(request.form)
        if opened.locked:
            return leave_to(url_for(".locked"))
        return advice_page(opened, typed=phone, name=name)
    problem = _problem(name, phone)
    if problem and opened.locked:
        return leave_to(url_for(".locked"))
    if problem:
        return stay(advice_page(opened, problem=problem, typed=phone, name=name))
    cards = flags(opened.document)
    calls.request(
        store(),
        clinic().id,
        opened.draft.id,
        name=name,
        phone=phone,
        urgency=care.urgency(cards),
        cards=[flag.card.id for flag in cards],
    )
    at = now().isoformat()
    opened = save(opened, lambda document: document.update({"call": {"at": at}}))
    if opened.locked:
        return leave_to(url_for(".locked"))
    if by_htmx():
        return advice_page(opened, just_called=True)
    return leave_to(url_for(".advice", called=1, again=1 if _again() else None))


def _is_known(visit: Visit) -> bool:
    """Whether the clinic can reach the person: by an answer, or because it invited them."""
    return bool(visit.document.get("invited") or contacts(visit.answers))


def _again() -> bool:
    """Whether the person came back and reads once more what they told before."""
    return request.values.get("again") == "1"


def _problem(name: str, phone: str) -> Problem | None:
    if len(name) > calls.NAME_LENGTH:
        return "call_name", _("Write a shorter name.")
    if not printable(name) or "\n" in name or "\t" in name:
        return "call_name", _("Write the name on one line, with letters only.")
    if not phone:
        return "call_phone", _("Write a phone number, so that we know where to call.")
    if not is_phone(phone) or len(phone) > calls.PHONE_LENGTH:
        return "call_phone", _("Write the phone number with digits, such as (212) 555-0100.")
    return None


def _cards(visit: Visit) -> list[Flag]:
    """The cards of this moment; outside of it those that are not private."""
    holding = flags(visit.document)
    way = visit.document.get("care")
    if way and not _again():
        return [flag for flag in holding if flag.card.id in way["cards"]]
    return [flag for flag in holding if not flag.card.private]


@pages.get("/kitchen-measures")
@anyone
def leave_quickly() -> ResponseReturnValue:
    """A page that says nothing about health, for whoever is surprised by somebody.

    It stands on this site, since the address bar of another one would be slower to appear and
    this one needs no network. The form stays closed on this device until the person opens it
    again; the draft itself stays, so that nobody has to choose between safety and their words.
    Only the private advice that was on the page is not shown again.
    """
    if session.get(TOKEN):
        session[AWAY] = True
        # Whoever is looked at leaves, whatever the database says: coming back does it too.
        with suppress(Gone, StoreUnavailable):
            found = current()
            if found is not None:
                without_private_cards(found)
    return render_template("patient/measures.html")
