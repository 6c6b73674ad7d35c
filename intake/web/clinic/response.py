"""One response: the page of each role with the record that the clinic keeps, and the PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from flask import Response, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from intake.questionnaire.body import figure_svg
from intake.report import glance
from intake.report.renderer import RenderFailed
from intake.report.summary import Summary, summarise
from intake.report.trace import NO, OPEN, YES, Entry, Group
from intake.scoring.model import Band
from intake.store import audit, entries, record, renderings, rescoring, responses
from intake.store.responses import SentResponse
from intake.web.access import staff
from intake.web.auth import ADMIN, DOCTOR, FRONT_DESK, person
from intake.web.clinic import reasons, timeline
from intake.web.clinic.blueprint import error_page, pages
from intake.web.clinic.lines import OUTCOMES
from intake.web.clinic.privacy import without_private
from intake.web.clinic.reasons import Signs
from intake.web.codes import at_the_clinic
from intake.web.drawing import note_reading, summary_of
from intake.web.replies import leave_to
from intake.web.visit import clinic, store, today

log = structlog.get_logger("intake.web")

_ORDER = (YES, OPEN, NO)
_CITED = re.compile(r"^(?P<facts>[^(]*)(?:\((?P<books>[^)]*)\))?$")

NOTICES = {
    "read": _l("Marked as read."),
    "decided": _l("Your decision is kept. The checklist’s own result stays beside it."),
    "noted": _l("The note is kept."),
    "called": _l("The call is kept."),
    "planned": _l("The plan is kept."),
    "moved": _l("Taken back. What was done before stays in the record."),
    "assigned": _l("It is kept who has it."),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A form of the page that came back: which one, and what is wrong with it.

    `is_late`: what its page showed has changed; `since` is how many entries that page knew.
    """

    form: str = ""
    errors: Sequence[tuple[str, str]] = ()
    since: int | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What a rule rests on: (number, words) of its facts, and of the books they stand in."""

    facts: tuple[tuple[str, str], ...]
    books: tuple[tuple[str, str], ...]


@pages.get("/responses/<reference>")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def response(reference: str) -> ResponseReturnValue:
    """What this role may know of it, and what was done with it.

    The front desk has its row of the work list instead.
    """
    if person().role == FRONT_DESK:
        return leave_to(url_for(".handle", key=reference))
    return page(find(reference))


def page(found: SentResponse, filled: Filled | None = None) -> str:
    """The reader's page of a response; that it was read is noted before it leaves."""
    reader = person()
    html = _whole_page(found, filled)
    audit.note(store(), clinic().id, reader.actor, "response_read", found.id)
    return html


@pages.get("/responses/<reference>/summary.pdf")
@staff(DOCTOR)
def summary_pdf(reference: str) -> ResponseReturnValue:
    """The doctor's PDF; noted as read before it is sent."""
    # As a rule it was drawn when the response came in: then no answer is opened for it.
    ready = renderings.ready(store(), clinic().id, reference, renderings.SUMMARY)
    if ready is not None:
        note_reading(ready, person().actor, "summary_read", is_joined=ready.is_joined)
        return _pdf(ready.drawn, ready.reference)
    found = find(reference)
    try:
        drawn = summary_of(found)
    except RenderFailed:
        log.error("pdf_failed", request_id=g.request_id, reference=found.reference)
        return _not_drawn(found)
    note_reading(found, person().actor, "summary_read")
    return _pdf(drawn, found.reference)


def _pdf(drawn: bytes, reference: str) -> Response:
    reply = Response(drawn, mimetype="application/pdf")
    # The reference alone: a file's name is seen where the file is not.
    reply.headers["Content-Disposition"] = f'inline; filename="intake-{reference}.pdf"'
    return reply


@pages.get("/<path:rest>")
@staff(DOCTOR, ADMIN, FRONT_DESK)
def nowhere(rest: str) -> ResponseReturnValue:
    """Any other address: it asks for a log-in before it says that nothing is there."""
    abort(404)


def find(reference: str) -> SentResponse:
    """The response; unknown, malformed and another clinic's are the same 404."""
    found = responses.sent(store(), clinic().id, reference)
    if found is None:
        abort(404)
    return found


# --- The pages ----------------------------------------------------------------------------------


def _whole_page(found: SentResponse, filled: Filled | None) -> str:
    """For doctors, and without what is private for administrators."""
    signs = reasons.of_document(found.document)
    is_doctor = person().role == DOCTOR
    told = found.document if is_doctor else without_private(found.document)
    summary = summarise(told)
    kept = _record(found, signs, filled)
    decided = None if signs.closed_to(person().role) else kept["decided"]
    if decided and not is_doctor:
        decided = replace(decided, reason="")
    level = decided.urgency if decided else summary.alarm.level.value
    return render_template(
        "clinic/response.html",
        **kept | {"decided": decided},
        summary=summary,
        glance=[*glance.forbids(summary), *glance.wanted(summary)],
        around=glance.around(summary),
        last=[*summary.daily_life, *glance.last(summary)],
        figure=_figure(summary),
        groups=_held_first(summary),
        cited=_cited(summary, told),
        reasons=_reasons(signs, summary.alarm.level.value, level),
        urgency=reasons.shown_urgency(signs, level, person().role),
        unsafe_at_home=signs.unsafe_at_home and is_doctor,
        safe_contact=_safe_contact(found.document) if is_doctor else "",
        is_doctor=is_doctor,
        corrections=told.get("corrections", ()),
        re_answers=told.get("re_answers", ()),
        rescored=_rescored(found),
        band_names={band.value: band.text for band in Band},
        result=found.document["assessment"] if is_doctor else {},
    )


def _record(found: SentResponse, signs: Signs, filled: Filled | None) -> dict[str, Any]:
    """What the pages of all roles say of what was done, and what their forms need."""
    filled = filled or Filled()
    role, clinic_id = person().role, clinic().id
    # First what the forms carry: whatever is read after it can only be newer.
    state = record.state(store(), clinic_id, found.id)
    if state is None:
        abort(404)
    done = entries.of(store(), clinic_id, found.id)
    closed = signs.closed_to(role)
    came_since = done[filled.since :] if filled.since is not None else done[-1:]
    return {
        "found": found,
        "filled": filled,
        "came_since": timeline.timeline(came_since, role, closed=closed) if filled.is_late else [],
        "notice": "" if filled.form else NOTICES.get(request.args.get("done", ""), ""),
        "sent_at": at_the_clinic(found.sent_at),
        "versions": [replace(each, at=at_the_clinic(each.at)) for each in found.versions],
        "seen": f"{state.seen.version}.{state.seen.rev}.{len(done)}",
        "lane": timeline.lane_in_words(state),
        "may_take_back": state.lane in record.MOVES_BACK and not closed,
        "state": state,
        "people": record.people(store(), clinic_id),
        "events": timeline.timeline(done, role, closed=closed),
        "decided": timeline.decision(done),
        "planned": timeline.plan_in_words(done),
        "has_read": _has_read(done, found),
        "typed": request.form,
        "first_day": today() + timedelta(days=1),
        "urgencies": timeline.URGENCIES,
        "outcomes": {word: said() for word, said in OUTCOMES.items()},
        "plans": timeline.PLANS,
    }


def _has_read(done: Iterable[entries.Entry], found: SentResponse) -> bool:
    """Whether this very reader marked this version as read."""
    mine = [each for each in done if each.kind == "read" and each.by == person().actor]
    return any(each.version == found.version for each in mine)


def _reasons(signs: Signs, found: str, level: str) -> list[str]:
    """What to do: as a doctor decided where that is another urgency and no sign is private."""
    if level == found or signs.private:
        return reasons.reasons(signs, person().role)
    return reasons.decided(level)


# --- What the checklist found -------------------------------------------------------------------


def _rescored(found: SentResponse) -> tuple[str, str, str] | None:
    """What later rules make of it: their version, their band, and the band when it was sent."""
    later = rescoring.newest(store(), clinic().id, found.id, found.version)
    if later is None:
        return None
    now, then = later.assessment["band"], found.document["assessment"]["band"]
    return later.rules_version, Band(now).text, Band(then).text


def _not_drawn(found: SentResponse) -> AnyResponse:
    reply = error_page(
        503,
        _("The PDF could not be drawn"),
        _("The response itself is whole: read it as a page, or try the PDF again in a minute."),
        again=url_for(".response", reference=found.reference),
        also=(url_for(".print_view", reference=found.reference), _("To a page to print")),
    )
    reply.headers["Retry-After"] = "60"
    return reply


def _held_first(summary: Summary) -> list[Group]:
    """The groups of rules, in each what holds, then what is not known, then what does not."""
    return [replace(group, full=_sorted(group.full)) for group in summary.trace.groups]


def _sorted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: _ORDER.index(entry.mark)))


def _safe_contact(document: dict[str, Any]) -> str:
    return str(document["answers"].get("safe_contact", ""))


def _figure(summary: Summary) -> Markup:
    places = summary.places
    if not places.rows:
        return Markup("")
    drawn = figure_svg(places.marks, title=places.title, labels=places.labels)
    return Markup(drawn)  # noqa: S704 - our own drawing; its title is escaped there


def _cited(summary: Summary, document: Mapping[str, Any]) -> dict[str, Source]:
    """By what stands beside a rule ("A23, A26 (S1)"), what these facts and books are."""
    said = {
        entry.source for group in summary.trace.groups for entry in (*group.full, *group.absent)
    }
    return {source: _source(source, document) for source in said}


def _source(source: str, document: Mapping[str, Any]) -> Source:
    parts = _CITED.match(source)
    facts, books = (parts["facts"], parts["books"] or "") if parts else ("", "")
    return Source(
        tuple((each, document["facts"][each]) for each in _listed(facts, document["facts"])),
        tuple((each, document["sources"][each]) for each in _listed(books, document["sources"])),
    )


def _listed(said: str, known: Mapping[str, str]) -> list[str]:
    return [each for part in said.split(",") if (each := part.strip()) in known]
