"""The rows of the work list, each with no more than its reader's role may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import format_date, format_datetime
from flask_babel import gettext as _

from intake.questionnaire.cards import CARDS
from intake.questionnaire.rows import date_in_words
from intake.report.document import UNSAFE_AT_HOME
from intake.scoring.model import Band
from intake.store import accounts, calls, invitations, work_list
from intake.store.calls import CallRequest, CallState
from intake.store.entries import Entry
from intake.store.staff import Staff
from intake.store.work_list import Row
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK
from intake.web.clinic import reasons
from intake.web.clinic.blueprint import pages
from intake.web.contacts import contacts, text
from intake.web.questionnaire import questionnaire
from intake.web.visit import clinic, now, store, today

WRITING = timedelta(minutes=15)
"""Whoever saved something so short a while ago is still at it."""

BROKEN = "broken"
"""The urgency of a row that does not open."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list."""

    key: str
    """A reference, or a call request's id."""
    urgency: str
    reasons: list[str]
    name: str
    at: datetime
    """When it was sent or asked for, in the clinic's time zone."""
    reference: str = ""
    born: str = ""
    contacts: list[tuple[str, str]] = field(default_factory=list)
    """(kind, value): "phone", "email", "other_contact" or "carer_phone"; none if kept back."""
    whom: str = ""
    """Whom to call, as a carer asked; "" where nobody said."""
    closed: str = ""
    """"" or what stands instead of contacts that are kept back."""
    band: str = ""
    """"" for who sees no answers."""
    signs: list[str] = field(default_factory=list)
    lane: str = ""
    visit: str = ""
    """The day of the appointment."""
    state: list[str] = field(default_factory=list)
    """What was done about it, or what the person does."""
    initials: str = ""
    who: str = ""
    """Whom it is assigned to."""
    calmer: str = ""
    """What the answers say now, if less than before."""

    @property
    def is_broken(self) -> bool:
        return self.urgency == BROKEN


LANES: dict[str, Callable[[], str]] = {
    "call": lambda: _("Needs a call today"),
    "new": lambda: _("New"),
    "read": lambda: _("Read"),
    "waiting": lambda: _("Waiting for the patient"),
    "done": lambda: _("Done"),
}

OUTCOMES: dict[str, Callable[[], str]] = {
    "reached": lambda: _("Reached"),
    "no_answer": lambda: _("No answer"),
    "message_left": lambda: _("Message left"),
    "wrong_number": lambda: _("Wrong number"),
    "other": lambda: _("Something else"),
}


def sent_lines(rows: Sequence[Row], reader: Staff) -> list[Line]:
    """Responses as this reader sees them."""
    ids = [row.id for row in rows]
    entries = work_list.entries_of(store(), clinic().id, ids, ("called", "decided"))
    names = names_of_staff()
    return [_sent(row, reader, entries.get(row.id, []), names) for row in rows]


def names_of_staff() -> dict[str, str]:
    """The name of everybody who has or had a log-in, by id."""
    return {each.person.id: each.person.name for each in accounts.everybody(store(), clinic().id)}


def _sent(row: Row, reader: Staff, entries: Sequence[Entry], names: Mapping[str, str]) -> Line:
    known_as = names.get(row.assigned_to or "", "")
    line = Line(
        key=row.reference,
        urgency=BROKEN,
        reasons=[_("Tell the administrator")],
        name=_("Cannot be opened"),
        at=at_the_clinic(row.sent_at),
        reference=row.reference,
        lane=row.lane,
        visit=day(row.appointment_on) if row.appointment_on else "",
        state=states(row, entries, names),
        initials=initials(known_as),
        who=known_as,
    )
    try:
        return line if row.document is None else _opened(line, row, row.document, reader, entries)
    except (KeyError, TypeError, ValueError):
        # A document that opens and is not what it should be is no reason to lose the whole list.
        return line


def _opened(
    line: Line, row: Row, document: Mapping[str, Any], reader: Staff, entries: Sequence[Entry]
) -> Line:
    signs, answers = reasons.of_document(document), document["answers"]
    closed = _closed(signs, reader) or (_("not shown") if signs.unsafe_at_home else "")
    sees_answers = reader.role in {DOCTOR, ADMIN}
    return replace(
        line,
        urgency=reasons.shown_urgency(signs, _urgency(row, signs, document, entries), reader.role),
        reasons=_reasons(signs, reader, entries),
        name=text(answers, "name") or _("Name not given"),
        born=_born(answers),
        contacts=[] if closed else contacts(answers),
        whom="" if closed else whom(answers),
        closed=closed,
        band=Band(document["assessment"]["band"]).text if sees_answers else "",
    )


def _reasons(signs: reasons.Signs, reader: Staff, entries: Sequence[Entry]) -> list[str]:
    """To the front desk a doctor's decision speaks before the checklist's signs."""
    made = [each.document["decided_urgency"] for each in entries if each.kind == "decided"]
    if not made or reader.role != FRONT_DESK or signs.closed_to(reader.role):
        return reasons.reasons(signs, reader.role)
    return reasons.decided(str(made[-1]))


def _urgency(
    row: Row, signs: reasons.Signs, document: Mapping[str, Any], entries: Sequence[Entry]
) -> str:
    """The urgency that counts; a private sign's place in the list is not its level."""
    if not signs.private:
        return row.urgency
    decided = [each.document["decided_urgency"] for each in entries if each.kind == "decided"]
    return str(decided[-1] if decided else document["assessment"]["urgency"])


def states(row: Row, entries: Sequence[Entry], names: Mapping[str, str]) -> list[str]:
    """What was done about a response."""
    said = [_call(each, names) for each in entries if each.kind == "called"][-1:]
    if row.lane == "waiting" and row.due_on is not None:
        put_off = _("Put off until %(day)s", day=day(row.due_on))
        back = _("Was put off until %(day)s", day=day(row.due_on))
        said.append(put_off if row.due_on > today() else back)
    elif row.lane == "waiting":
        said.append(_("Asked the patient"))
    elif row.lane == "call" and not said:
        said.append(_("Not called yet"))
    return said


def _call(entry: Entry, names: Mapping[str, str]) -> str:
    outcome = OUTCOMES.get(str(entry.document.get("outcome")), OUTCOMES["other"])()
    by = initials(names.get(entry.by.removeprefix("staff:"), ""))
    return _("Called: %(outcome)s, %(ago)s", outcome=outcome.lower(), ago=ago(entry.at)) + (
        f" ({by})" if by else ""
    )


# --- Not sent ------------------------------------------------------------------------------------


def unsent_lines(requests: Sequence[CallRequest], reader: Staff) -> list[Line]:
    """Those who met a danger sign and did not send, as this reader sees them."""
    ids = [call.response_id for call in requests if call.response_id]
    entries = work_list.entries_of(store(), clinic().id, ids, ("called",))
    names = names_of_staff()
    return [
        unsent(call, reader, entries.get(call.response_id or "", []), names) for call in requests
    ]


def unsent(
    call: CallRequest, reader: Staff, entries: Sequence[Entry], names: Mapping[str, str]
) -> Line:
    """One of them."""
    if call.is_broken:
        return Line(
            key=call.id,
            urgency=BROKEN,
            reasons=[_("Tell the administrator")],
            name=_("Cannot be opened"),
            at=at_the_clinic(call.requested_at),
            reference=call.reference or "",
        )
    signs = reasons.of_call(call)
    answers = questionnaire().on_path(call.document.get("answers", {}))
    name, born, reached_by = _known(call, answers, signs)
    closed = _closed(signs, reader)
    return Line(
        key=call.id,
        urgency=reasons.shown_urgency(signs, reasons.urgency_of_call(call), reader.role),
        reasons=_for_a_call(call, signs, reader, bool(reached_by)),
        name=name or _("No name left"),
        born=born,
        contacts=[] if closed else reached_by,
        whom="" if closed or call.asked else whom(answers),
        closed=closed,
        at=at_the_clinic(call.requested_at),
        reference=call.reference or "",
        signs=[] if closed else _titles(call, reader),
        state=_doing(call.saved_at, entries, names),
        calmer=_calmer(call, signs),
    )


def _known(
    call: CallRequest, answers: Mapping[str, Any], signs: reasons.Signs
) -> tuple[str, str, list[tuple[str, str]]]:
    """Name, birth date and ways to reach them: left for this, answered, or of an invitation."""
    name, born = call.name or text(answers, "name"), _born(answers)
    left = [("phone", call.phone)] if call.phone else []
    if signs.unsafe_at_home and not call.asked:
        safe = text(answers, "safe_contact")
        return name, born, [("other_contact", safe)] if safe else []
    if call.asked or signs.unsafe_at_home:
        return name, born, left
    reached_by = contacts(answers)
    guest = None
    if call.response_id and not (name and reached_by):
        guest = invitations.contact_of(store(), clinic().id, call.response_id)
    if guest is None:
        return name, born, reached_by
    mail = [("email", guest.email)] if guest.email else []
    return name or guest.name, born or _in_words(guest.born_on), reached_by or mail


def _closed(signs: reasons.Signs, reader: Staff) -> str:
    return _("the doctor has it") if signs.closed_to(reader.role) else ""


def _for_a_call(
    call: CallRequest, signs: reasons.Signs, reader: Staff, has_contact: bool
) -> list[str]:
    """As for a response; but who told first and left a number then wants to be called there."""
    said = reasons.reasons(signs, reader.role)
    if not signs.unsafe_at_home or reader.role != DOCTOR:
        return said
    if not call.asked:
        only = (
            _("Private reason: use only this way, and speak only with the person")
            if has_contact
            else _("Private reason: no safe number is known. Do not call other numbers")
        )
    elif UNSAFE_AT_HOME in signs.later:
        only = _(
            "Private reason: told after this number was left, which may not be safe. "
            "Speak only with the person"
        )
    else:
        only = _("Private reason: use only this number, and speak only with the person")
    return [*said[:-1], only]


def _titles(call: CallRequest, reader: Staff) -> list[str]:
    """Which advice was shown, for who sees answers; there is no response to look into."""
    if reader.role not in {DOCTOR, ADMIN}:
        return []
    known = [CARDS[card] for card in call.cards if card in CARDS]
    return [card.title for card in known if reader.role == DOCTOR or not card.private]


def _doing(
    saved_at: datetime | None, entries: Sequence[Entry], names: Mapping[str, str]
) -> list[str]:
    """What the person does, and what was done."""
    said = [_("Not sent")]
    if saved_at is not None:
        still = saved_at + WRITING > now()
        said.append(_("Still writing") if still else _("Last saved %(ago)s", ago=ago(saved_at)))
    return said + [_call(each, names) for each in entries][-1:]


def _calmer(call: CallRequest, signs: reasons.Signs) -> str:
    """Of a private sign never: who took it back may not have been the person."""
    if call.saved_at is None or not call.calmer or signs.private:
        return ""
    return _("Answers changed since: no urgent sign now")


# --- What changed since --------------------------------------------------------------------------


def changed_lines(keys: Sequence[str]) -> list[Line]:
    """How the rows with these keys stand now, without who they are about."""
    rows = work_list.states(store(), clinic().id, keys)
    requests = calls.states(store(), clinic().id, keys)
    ids = [row.id for row in rows] + [each.response_id for each in requests if each.response_id]
    entries = work_list.entries_of(store(), clinic().id, ids, ("called",))
    names = names_of_staff()
    return [
        *(_bare(row, entries.get(row.id, []), names) for row in rows),
        *(_bare_call(each, entries.get(each.response_id or "", []), names) for each in requests),
    ]


def _bare(row: Row, entries: Sequence[Entry], names: Mapping[str, str]) -> Line:
    known_as = names.get(row.assigned_to or "", "")
    return Line(
        key=row.reference,
        urgency="",
        reasons=[],
        name="",
        at=at_the_clinic(row.sent_at),
        lane=row.lane,
        state=states(row, entries, names),
        initials=initials(known_as),
        who=known_as,
    )


def _bare_call(call: CallState, entries: Sequence[Entry], names: Mapping[str, str]) -> Line:
    said = {"done": _("Done"), "sent": _("Sent in the meantime")}.get(call.status)
    state = [said] if said else _doing(call.saved_at, entries, names)
    return Line(
        key=call.id,
        urgency="",
        reasons=[],
        name="",
        at=at_the_clinic(call.requested_at),
        state=state,
    )


# --- Words ---------------------------------------------------------------------------------------


def whom(answers: Mapping[str, Any]) -> str:
    """Whom to call, where a carer filled in the form (facts H14, J8)."""
    return {
        "person": _("Call the patient"),
        "me": _("Call the carer"),
        "either": _("Call patient or carer"),
    }.get(text(answers, "contact_person"), "")


def initials(name: str) -> str:
    """Two letters for a name: "PF" for Pat van Front."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


def _born(answers: Mapping[str, Any]) -> str:
    given = text(answers, "born_on")
    return date_in_words(given) if given else ""


def _in_words(on: date) -> str:
    return date_in_words(on.isoformat())


def at_the_clinic(at: datetime) -> datetime:
    """The same moment in the clinic's time zone."""
    return at.astimezone(clinic().zone)


def day(on: date) -> str:
    """A day such as "Mon, Mar 9", with the year where it is not this one."""
    return str(format_date(on, "EEE, MMM d" if on.year == today().year else "MMM d, y"))


@pages.app_template_filter("moment")
def moment(at: datetime) -> str:
    """A day and time, such as "Mar 9, 11:00 AM", with the year where it is not this one.

    The zone is that of `at`.
    """
    day = "MMM d" if at.year == today().year else "MMM d, y"
    return str(format_datetime(at, f"{day}, h:mm a", rebase=False))


@pages.app_template_filter("ago")
def ago(at: datetime) -> str:
    """How long ago, such as "2 h ago"."""
    minutes = int((now() - at).total_seconds()) // 60
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("%(number)s min ago", number=minutes)
    if minutes < 48 * 60:
        return _("%(number)s h ago", number=minutes // 60)
    return _("%(number)s days ago", number=minutes // (24 * 60))
