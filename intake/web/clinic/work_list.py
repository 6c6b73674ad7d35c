"""The work list: five lanes, who met a danger sign and did not send, and a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.store import audit, calls, codes, drafts, work_list
from intake.store.work_list import Sought
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, person
from intake.web.clinic.blueprint import pages
from intake.web.clinic.lines import (
    LANES,
    ago,
    at_the_clinic,
    changed_lines,
    sent_lines,
    unsent_lines,
)
from intake.web.clinic.narrowing import CHOICES, Narrowing
from intake.web.clinic.sought import LONGEST, sought
from intake.web.replies import stay
from intake.web.visit import clinic, now, store, today

PAGE = 50
UNSENT = 25
"""So many of those who did not send stand above the first page of their lane."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane in the row of lanes; `count` says "999+" where more are not counted."""

    name: str
    title: str
    count: str
    url: str
    is_here: bool


@pages.get("")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def queue() -> ResponseReturnValue:
    """A lane, a page at a time; that it was read is noted before it leaves."""
    reader, narrowing = person(), Narrowing.of(request.args)
    after, calls_after = request.args.get("after"), request.args.get("calls")
    wanted = narrowing.wanted(reader)
    rows = []
    if not calls_after:
        rows = work_list.rows(store(), clinic().id, wanted, limit=PAGE + 1, after=after)
    waiting = _waiting(narrowing, after, calls_after)
    audit.note(store(), clinic().id, reader.actor, "work_list_read", None, narrowing.lane)
    shown, listed = rows[:PAGE], waiting[:UNSENT]
    return render_template(
        "clinic/work_list.html",
        lanes=_lanes(narrowing, work_list.counts(store(), clinic().id, wanted)),
        here=narrowing,
        title=LANES[narrowing.lane](),
        choices=CHOICES,
        lane_names=LANES,
        sent=sent_lines(shown, reader),
        waiting=unsent_lines(listed, reader),
        has_waiting=narrowing.lane == "call" and not narrowing.is_narrow and not after,
        waiting_count=_counted(calls.count(store(), clinic().id)),
        only_waiting=bool(calls_after),
        more=shown[-1].reference if len(rows) > PAGE else None,
        more_waiting=listed[-1].id if len(waiting) > UNSENT else None,
        is_first=not after and not calls_after,
        keys=",".join([*(row.reference for row in shown), *(call.id for call in listed)]),
        at=at_the_clinic(now()),
        did=_did(),
        **_role(),
    )


@pages.get("/")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def queue_with_slash() -> ResponseReturnValue:
    """The address as some people type it."""
    return redirect(url_for(".queue"), 308)


@pages.get("/changes")
@staff(DOCTOR, ADMIN, FRONT_DESK, quiet=True)
def changes() -> ResponseReturnValue:
    """What changed since a page of the list was made; asked for by the page itself.

    Counts, and how the rows stand that the page already shows: neither names nor reasons. So it
    is not noted each time; that the page was read is.
    """
    reader, narrowing = person(), Narrowing.of(request.args)
    wanted, after = narrowing.wanted(reader), request.args.get("after")
    keys = request.args.get("keys", "").split(",")[: PAGE + UNSENT]
    there: list[str] = []
    if not request.args.get("calls"):
        there = work_list.references(store(), clinic().id, wanted, limit=PAGE, after=after)
    waiting = _waiting(narrowing, after, request.args.get("calls"))[:UNSENT]
    there += [call.id for call in waiting]
    return render_template(
        "clinic/changes.html",
        lanes=_lanes(narrowing, work_list.counts(store(), clinic().id, wanted)),
        lines=changed_lines(keys),
        lane_names=LANES,
        here=narrowing,
        new=len(set(there) - set(keys)),
        at=at_the_clinic(now()),
    )


@pages.get("/search")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def find() -> ResponseReturnValue:
    """Ask whom to look for."""
    return _found_page("")


@pages.post("/search")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def search() -> ResponseReturnValue:
    """Find responses in all lanes, and say of drafts that they are there.

    The reply to the form itself: what was typed is a name and belongs in no address.
    """
    typed = request.form.get("words", "").strip()[:LONGEST]
    wanted = sought(typed, today())
    if wanted is None:
        return stay(_found_page(typed, problem=_("Type a name, a reference or a birth date.")))
    rows, unsent = work_list.search(store(), clinic().id, wanted, limit=PAGE + 1)
    found = [*(row.id for row in rows), *(draft.id for draft in unsent)]
    only = found[0] if len(found) == 1 else None
    audit.note(store(), clinic().id, person().actor, "work_list_searched", only, _kind(wanted))
    drafts = [(ago(each.begun_at), ago(each.saved_at)) for each in unsent[:PAGE]]
    return _found_page(
        typed,
        searched=True,
        found=sent_lines(rows[:PAGE], person()),
        drafts=drafts,
        too_many=len(rows) > PAGE,
    )


@dataclass(frozen=True, slots=True)
class Did:
    """What the reader has just done to a row, and how it is undone; `to` is "" where it is not."""

    said: str
    key: str
    to: str = ""
    was: str = ""


def _did() -> Did | None:
    """As the address says after an act; unknown words say nothing."""
    what, key, was = (request.args.get(each, "") for each in ("did", "of", "was"))
    said = {
        "called": lambda: _("The call is logged."),
        "reached": lambda: _("The call is logged: reached."),
        "assigned": lambda: _("It is assigned."),
        "to_done": lambda: _("Marked as done."),
        "to_call": lambda: _("Moved to “Needs a call today”."),
        "to_read": lambda: _("Moved to “Read”."),
        "undone": lambda: _("Undone."),
    }.get(what)
    reference = codes.parse_reference(key)
    is_unsent = reference is None and drafts.ID.fullmatch(key) is not None
    if said is None or not (reference or is_unsent):
        return None
    if what == "to_done":
        return Did(said(), key, "call" if is_unsent else "read", "done")
    if what == "reached" and (is_unsent or was == "call"):
        return Did(said(), key, "call", _stands_in(key))
    return Did(said(), key)


def _stands_in(reference: str) -> str:
    """The lane in which a response is now; "" for a request of who did not send."""
    return next((row.lane for row in work_list.states(store(), clinic().id, [reference])), "")


def _found_page(typed: str, **more: object) -> str:
    said = {"problem": "", "searched": False, "found": [], "drafts": [], "too_many": False} | more
    return render_template("clinic/search.html", typed=typed, lane_names=LANES, **_role(), **said)


def _role() -> dict[str, bool]:
    role = person().role
    return {"sees_answers": role in {DOCTOR, ADMIN}, "sees_pdf": role == DOCTOR}


def _kind(wanted: Sought) -> str:
    """By what was searched, in a fixed word."""
    parts = {"name": wanted.name, "born": wanted.born_on, "reference": wanted.reference}
    return "-".join(part for part, given in parts.items() if given)


def _waiting(
    narrowing: Narrowing, after: str | None, calls_after: str | None
) -> list[calls.CallRequest]:
    """Who did not send: above the first page of calls, or on pages of their own."""
    if narrowing.lane != "call" or narrowing.is_narrow or after:
        return []
    return calls.open(store(), clinic().id, limit=UNSENT + 1, after=calls_after)


def _lanes(narrowing: Narrowing, counts: dict[str, int]) -> list[Lane]:
    if not narrowing.is_narrow:
        counts = counts | {"call": counts["call"] + calls.count(store(), clinic().id)}
    return [
        Lane(
            name,
            LANES[name](),
            _counted(count),
            _address(narrowing, name),
            name == narrowing.lane,
        )
        for name, count in counts.items()
    ]


def _address(narrowing: Narrowing, lane: str) -> str:
    words: dict[str, Any] = narrowing.address(lane=lane)
    return url_for(".queue", **words)


def _counted(count: int) -> str:
    return str(count) if count < work_list.COUNTED else f"{work_list.COUNTED - 1}+"
