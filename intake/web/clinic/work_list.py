"""The work list: who has not sent and wants a call, then what was sent, most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from intake.questionnaire.cards import CARDS, Urgency
from intake.questionnaire.rows import date_in_words
from intake.scoring.model import Band
from intake.store import audit, calls, responses
from intake.store.calls import CallRequest
from intake.store.responses import QueueRow
from intake.store.staff import Staff
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, person
from intake.web.clinic import reasons
from intake.web.clinic.blueprint import pages
from intake.web.clinic.reasons import CONTACTS
from intake.web.visit import clinic, store, today

PAGE = 50
_RANKS = {reasons.PRIVATE: 0} | {level.value: level.rank for level in Urgency}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list, with no more than the reader's role may see."""

    urgency: str
    reasons: list[str]
    name: str
    born: str
    contacts: list[tuple[str, str]]
    """(kind, value): "phone", "email", "other_contact" or "carer_phone"; none where kept back."""
    whom: str
    """Whom to call, as a carer asked; "" where nobody said."""
    closed: str
    """"" or what stands instead of contacts that are kept back."""
    since: datetime
    at: datetime
    """In the clinic's time zone."""
    reference: str
    band: str
    """"" for who sees no answers."""
    signs: list[str]


@pages.get("")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def queue() -> ResponseReturnValue:
    """The list, a page at a time; that it was read is noted before it leaves."""
    reader = person()
    after = request.args.get("after")
    rows = responses.queue(store(), clinic().id, limit=PAGE + 1, after=after)
    waiting = [] if after else calls.open(store(), clinic().id)
    audit.note(store(), clinic().id, reader.actor, "work_list_read")
    return render_template(
        "clinic/work_list.html",
        waiting=_in_order([_waiting(call, reader) for call in waiting], reader),
        sent=_in_order([_sent(row, reader) for row in rows[:PAGE]], reader),
        more=rows[PAGE - 1].reference if len(rows) > PAGE else None,
        is_first=not after,
        sees_answers=reader.role in {DOCTOR, ADMIN},
        sees_pdf=reader.role == DOCTOR,
    )


@pages.get("/")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def queue_with_slash() -> ResponseReturnValue:
    """The address as some people type it."""
    return redirect(url_for(".queue"), 308)


def _in_order(lines: list[Line], reader: Staff) -> list[Line]:
    """As the store has them; what is private stands among the emergencies, else its place tells.

    Within this page only: the store orders by what is true, and behind more than a page of
    emergencies a private reason of the same day still comes later.
    """
    if reader.role == DOCTOR:
        return lines
    return sorted(lines, key=lambda line: (_RANKS[line.urgency], line.since))


def _sent(row: QueueRow, reader: Staff) -> Line:
    document = row.document
    signs = reasons.of_document(document)
    sees_answers = reader.role in {DOCTOR, ADMIN}
    closed = _closed(signs, reader) or (_("not shown") if signs.unsafe_at_home else "")
    return Line(
        urgency=reasons.shown_urgency(signs, row.urgency, reader.role),
        reasons=reasons.reasons(signs, reader.role),
        name=_text(document, "name") or _("Name not given"),
        born=_born(document),
        contacts=[] if closed else _contacts(document),
        whom="" if closed else _whom(document),
        closed=closed,
        since=row.sent_at,
        at=row.sent_at.astimezone(clinic().zone),
        reference=row.reference,
        band=Band(document["assessment"]["band"]).text if sees_answers else "",
        signs=[],
    )


def _waiting(call: CallRequest, reader: Staff) -> Line:
    signs = reasons.of_call(call)
    closed = _closed(signs, reader)
    return Line(
        urgency=reasons.shown_urgency(signs, call.urgency, reader.role),
        reasons=_for_a_call(signs, reader),
        name=call.name or _("No name left"),
        born="",
        contacts=[] if closed or not call.phone else [("phone", call.phone)],
        whom="",
        closed=closed,
        since=call.requested_at,
        at=call.updated_at.astimezone(clinic().zone),
        reference=call.reference or "",
        band="",
        signs=[] if closed else _titles(call, reader),
    )


def _closed(signs: reasons.Signs, reader: Staff) -> str:
    return _("the doctor has it") if signs.closed_to(reader.role) else ""


def _for_a_call(signs: reasons.Signs, reader: Staff) -> list[str]:
    """As for a response; but who told first and left a number then wants to be called there."""
    if signs.unsafe_at_home and reader.role == DOCTOR:
        if reasons.UNSAFE_AT_HOME in signs.later:
            only = _(
                "Private reason: told after this number was left, which may not be safe. "
                "Speak only with the person"
            )
        else:
            only = _("Private reason: use only this number, and speak only with the person")
        return [*reasons.reasons(signs, reader.role)[:-1], only]
    return reasons.reasons(signs, reader.role)


def _titles(call: CallRequest, reader: Staff) -> list[str]:
    """Which advice was shown, for who sees answers; there is no response to look into."""
    if reader.role not in {DOCTOR, ADMIN}:
        return []
    known = [CARDS[card] for card in call.cards if card in CARDS]
    return [card.title for card in known if reader.role == DOCTOR or not card.private]


def _contacts(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The person's own; with the carer's number first or last where a carer is to be called."""
    own = [(key, text) for key in CONTACTS if (text := _text(document, key))]
    wanted, number = _text(document, "contact_person"), _text(document, "carer_phone")
    carers = [("carer_phone", number)] if number and wanted in {"me", "either"} else []
    return [*carers, *own] if wanted == "me" else [*own, *carers]


def _whom(document: Mapping[str, Any]) -> str:
    """Whom to call, where a carer filled in the form (facts H14, J8)."""
    return {
        "person": _("Call the patient"),
        "me": _("Call the carer"),
        "either": _("Call patient or carer"),
    }.get(_text(document, "contact_person"), "")


def _born(document: Mapping[str, Any]) -> str:
    given = _text(document, "born_on")
    return date_in_words(given) if given else ""


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document["answers"].get(key)
    return value if isinstance(value, str) and value != "not_sure" else ""


@pages.app_template_filter("moment")
def moment(at: datetime) -> str:
    """A day and time, such as "Mar 9, 11:00 AM", with the year where it is not this one.

    The zone is that of `at`.
    """
    day = "MMM d" if at.year == today().year else "MMM d, y"
    return str(format_datetime(at, f"{day}, h:mm a", rebase=False))
