"""One row of the work list: log a call, give it to somebody, mark it as done, and undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.questionnaire.values import normalise
from intake.store import NotAllowed, StaleResponse, audit, calls, codes, entries, record, work_list
from intake.store.calls import CallRequest
from intake.store.work_list import Row, Sought
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, person
from intake.web.clinic import reasons, timeline
from intake.web.clinic.acting import wrong_text
from intake.web.clinic.blueprint import error_page, pages
from intake.web.clinic.lines import OUTCOMES, Line, sent_lines, unsent_lines
from intake.web.clinic.narrowing import Narrowing
from intake.web.clinic.reasons import Signs
from intake.web.replies import leave_to, stay
from intake.web.visit import clinic, store

Problem = tuple[str, str]
"""(id of an input, message)"""


@dataclass(frozen=True, slots=True)
class Found:
    """The row: a response, or a request for a call of who did not send."""

    key: str
    row: Row | None
    call: CallRequest | None

    @property
    def response_id(self) -> str | None:
        if self.row is not None:
            return self.row.id
        return self.call.response_id if self.call else None

    @property
    def is_closed(self) -> bool:
        """Whether only a doctor calls this person, and the reader is none.

        Of what does not open nobody knows that it is not so.
        """
        try:
            return self._signs().closed_to(person().role)
        except (KeyError, TypeError, ValueError):
            # What is kept back where a document is not what it should be is everything.
            return person().role != DOCTOR

    def _signs(self) -> Signs:
        if self.row is not None and self.row.document is not None:
            return reasons.of_document(self.row.document)
        if self.call is not None and not self.call.is_broken:
            return reasons.of_call(self.call)
        raise ValueError("It does not open.")

    @property
    def lane(self) -> str:
        return self.row.lane if self.row is not None else ""


@pages.get("/list/<key>")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def handle(key: str) -> ResponseReturnValue:
    """What is to be done about one person; that it was read is noted before it leaves."""
    return _page(_find(key))


@pages.post("/list/<key>/call")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def log_call(key: str) -> ResponseReturnValue:
    """Keep that somebody called, and how it went."""
    found, outcome = _find(key), request.form.get("outcome", "")
    note = normalise(request.form.get("note", ""))
    if found.is_closed:
        abort(403)
    if outcome not in record.OUTCOMES:
        return stay(_page(found, ("outcome-reached", _("Choose how the call went."))))
    for problem in wrong_text("note", note):
        return stay(_page(found, problem))
    was = found.lane
    if found.row is not None:
        record.log_call(store(), clinic().id, found.row.id, outcome, note, by=person())
    elif not _log_unsent(found, outcome, note):
        return _gone()
    return _back(found, "reached" if outcome == "reached" else "called", was)


@pages.post("/list/<key>/assign")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def assign(key: str) -> ResponseReturnValue:
    """Give a response to somebody, or to nobody."""
    found = _find(key)
    if found.row is None:
        abort(404)
    to = request.form.get("to", "")
    if to and to not in dict(record.people(store(), clinic().id)):
        gone = _("This person cannot log in any more. Choose somebody else.")
        return stay(_page(found, ("to", gone)))
    record.assign(store(), clinic().id, found.row.id, to, by=person())
    return _back(found, "assigned", found.lane)


@pages.post("/list/<key>/move")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def move(key: str) -> ResponseReturnValue:
    """Take a row to another lane, or back to where it was."""
    found, to = _find(key), request.form.get("to", "")
    from_lane = request.form.get("from", "")
    try:
        if found.row is None:
            is_there = _move_unsent(found, to)
        else:
            is_there = _move_sent(found.row, to, from_lane)
    except (StaleResponse, NotAllowed):
        # Where it may not be moved by this reader, a sign came up since the page was made: the
        # page that offered it said nothing of one, and neither does this.
        is_there = False
    if not is_there:
        return _gone()
    return _back(found, "undone" if request.form.get("undo") else f"to_{to}", from_lane)


def _log_unsent(found: Found, outcome: str, note: str) -> bool:
    document = {
        "outcome": outcome,
        "note": note,
        "by_name": person().name,
        "by_role": person().role,
    }
    done = outcome == "reached"
    return calls.log(store(), clinic().id, found.key, by=person(), document=document, done=done)


def _move_unsent(found: Found, to: str) -> bool:
    if to == "done":
        return calls.log(store(), clinic().id, found.key, by=person(), done=True)
    return calls.reopen(store(), clinic().id, found.key, by=person().actor)


def _move_sent(row: Row, to: str, from_lane: str) -> bool:
    if record.MOVES_BACK.get(from_lane) == to:
        record.move_back(store(), clinic().id, row.id, from_lane, by=person())
    else:
        record.move(store(), clinic().id, row.id, to, from_lane, by=person())
    return True


def _find(key: str) -> Found:
    """The row; unknown, malformed and another clinic's are the same 404."""
    reference = codes.parse_reference(key)
    if reference is not None:
        rows, _drafts = work_list.search(store(), clinic().id, Sought(reference=reference))
        if rows:
            return Found(reference, rows[0], None)
    call = calls.get(store(), clinic().id, key)
    if call is None:
        abort(404)
    return Found(call.id, None, call)


def _page(found: Found, problem: Problem | None = None) -> str:
    reader = person()
    line = _line(found)
    audit.note(store(), clinic().id, reader.actor, "work_row_read", found.response_id)
    return render_template(
        "clinic/handle.html",
        line=line,
        is_open=found.call.is_open if found.call else True,
        here=Narrowing.of(request.values),
        outcomes=OUTCOMES,
        is_closed=found.is_closed,
        **_record(found),
        problem=problem,
        typed={key: request.form.get(key, "") for key in ("outcome", "note")},
        may_done=found.lane in record.MOVES["done"] and not found.is_closed,
        may_call=found.lane in record.MOVES["call"],
        back_to=None if found.is_closed else record.MOVES_BACK.get(found.lane),
        sees_answers=reader.role in {DOCTOR, ADMIN} and found.row is not None,
    )


def _line(found: Found) -> Line:
    if found.row is not None:
        return sent_lines([found.row], person())[0]
    return unsent_lines([found.call] if found.call else [], person())[0]


def _record(found: Found) -> dict[str, Any]:
    """What was done, as far as the reader may know; of a response also where it stands."""
    done = entries.of(store(), clinic().id, found.response_id) if found.response_id else []
    said = timeline.timeline(done, person().role, closed=found.is_closed)
    state = record.state(store(), clinic().id, found.row.id) if found.row is not None else None
    if state is None:
        return {"events": said, "state": None, "version": 0}
    return {
        "events": said,
        "state": state,
        "lane": timeline.lane_in_words(state),
        "planned": timeline.plan_in_words(done),
        "people": record.people(store(), clinic().id),
        "version": state.seen.version,
    }


def _back(found: Found, did: str, was: str) -> ResponseReturnValue:
    """To the list, at the row if it is still there, with what was done and how to undo it."""
    words: dict[str, Any] = Narrowing.of(request.values).address()
    anchor = f"row-{found.key}" if did in {"called", "assigned"} else None
    address = url_for(".queue", did=did, of=found.key, was=was or None, **words, _anchor=anchor)
    return leave_to(address)


def _gone() -> ResponseReturnValue:
    return error_page(
        409,
        _("Somebody else was quicker"),
        _("The row was moved or sent in the meantime. Look at it again in the work list."),
    )
