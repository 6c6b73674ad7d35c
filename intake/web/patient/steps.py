"""Walking through: one page after the other, back, and what was typed kept at all times."""

from __future__ import annotations

from flask import abort, g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.questionnaire.model import Step
from intake.questionnaire.path import keys_of
from intake.questionnaire.walk import (
    FULL,
    SHORT,
    choose,
    finish,
    narrowed,
    offered_on,
    wanted_on,
)
from intake.store import StoreUnavailable
from intake.web import care, display, provenance, screening
from intake.web.access import anyone, patient_keeping_words
from intake.web.forms import StepForm, field_names
from intake.web.patient.autosaving import saves_itself
from intake.web.patient.blueprint import pages, visit
from intake.web.patient.effort import at_the_start, minutes_left, offer
from intake.web.patient.keeping import (
    Writer,
    keep_malformed,
    posted_form,
    posted_part,
    put,
    put_behind_lock,
    typed,
    waiting,
)
from intake.web.patient.ways import (
    address_of,
    advised,
    before_step,
    first_open,
    from_check,
    gate,
    opens_a_section,
    page_of,
    renders,
)
from intake.web.questionnaire import PRIVATE, RESPONDENT, SCREEN, START, questionnaire
from intake.web.replies import Page, by_htmx, leave_to, stay
from intake.web.security import pressed
from intake.web.visit import (
    AWAY,
    ChangedElsewhere,
    Document,
    Gone,
    Visit,
    begin,
    current,
    flags,
    note_left_at,
    now,
    save,
    seal_of,
    today,
    typing,
)

BUTTONS = ("continue", "back", "later", "return", "sections", SHORT, FULL)
LOST = "_lost"
"""Marks a form that was given back because its session had ended."""


@pages.get("/")
@anyone
def start() -> ResponseReturnValue:
    """The first page; looking at it creates nothing."""
    found = current()
    if found and found.draft.sent:
        return leave_to(url_for(".sent"))
    if found and (session.get(AWAY) or found.locked):
        return step_page(None, _step(START), away=True)
    g.locks_in = found.locks_in if found else None
    return step_page(found, _step(START), from_check=bool(found) and from_check())


@pages.post("/")
@patient_keeping_words
def answer_start() -> ResponseReturnValue:
    """Take the first answers; only now a draft is created."""
    visit: Visit | None = g.visit
    if visit is not None and visit.locked and _is_of_somebody_else(visit):
        visit = None
    return _answer(_step(START), visit)


def _is_of_somebody_else(visit: Visit) -> bool:
    """Whether a first page was drawn blank beside a locked form, and not as a part of it."""
    writer, step = Writer.posted(), _step(START)
    is_its_own = writer is not None and writer.wrote(visit.document, step)
    return not is_its_own and request.form.get("seen") == seal_of(None, step, {})


@pages.get("/form/<slug>")
@patient_keeping_words
def step(slug: str) -> ResponseReturnValue:
    """One page of the questionnaire."""
    if slug == START:
        return leave_to(url_for(".start"))
    asked, opened = _step(slug), visit()
    first = gate(opened)
    if first and _stands_before(first, asked):
        return leave_to(page_of(opened, first, check=from_check()).url)
    if asked not in questionnaire().path(opened.answers):
        return leave_to(first_open(opened).url)
    if _is_for_a_doctor(asked):
        return render_template("clinic/typed_private.html", step=asked)
    return step_page(opened, asked, from_check=from_check())


@pages.post("/form/<slug>")
@patient_keeping_words
def answer_step(slug: str) -> ResponseReturnValue:
    """Take the answers of one page."""
    return _answer(_step(slug), g.visit)


def _is_for_a_doctor(step: Step) -> bool:
    """Whether this page of a paper is closed to who types it in."""
    paper = typing()
    return step.private and paper is not None and paper.needs_doctor


def _step(slug: str) -> Step:
    return questionnaire().by_slug.get(slug) or abort(404)


def _stands_before(gate: Step, step: Step) -> bool:
    order = questionnaire().steps
    return order.index(gate) < order.index(step)


# --- Drawing -----------------------------------------------------------------------------------


@renders("step")
def step_page(
    visit: Visit | None,
    step: Step,
    *,
    form: StepForm | None = None,
    from_check: bool = False,
    notice: str = "",
    lost: bool = False,
    away: bool = False,
) -> str:
    """A page's HTML; without `form` with what is stored, or was typed there last."""
    # Given back, a form stays the same one: what it sent before and is still on its way is its own.
    writer = (form and Writer.posted()) or Writer.fresh()
    step = form.step if form else _part(visit, step, from_check=from_check)
    form = form or _stored_form(visit, step)
    answers = visit.answers if visit else {}
    by_carer = answers.get(RESPONDENT) == "carer"
    return render_template(
        "patient/start.html" if step.slug == START else "patient/step.html",
        step=step,
        form=form,
        errors=list(form.errors_in_order()),
        title=(by_carer and step.carer_title) or step.title,
        by_carer=by_carer,
        place=_place(visit, step),
        asks=" ".join(q.key for q in step.questions) if _is_part(step) else "",
        minutes=minutes_left(visit) if visit and not lost else 0,
        both=at_the_start() if step.slug == START else None,
        offer=offer(visit, step) if visit and not lost and not from_check else None,
        can_stop_here=bool(visit and visit.born_on and opens_a_section(visit, step)),
        back=before_step(visit, step, from_check=from_check) if visit and not lost else None,
        goes_on_at=_goes_on_at(visit, step),
        seen=seal_of(visit, step, screening.counting(visit, step) if visit else {}),
        writer=writer,
        saves_itself=visit is not None and not lost and saves_itself(step),
        from_check=from_check,
        asked_again=bool(visit and screening.is_asked_again(visit.document, step)),
        shows_help=step.slug == SCREEN and answers.get(PRIVATE) != "yes",
        can_pause=visit is not None and not lost,
        can_list=visit is not None and not lost and _has_list(visit),
        notice=notice,
        lost=lost,
        away=away,
        filled_in=bool(visit and not lost and _is_filled_in(visit, step)),
    )


def _has_list(visit: Visit) -> bool:
    return visit.document["screened_at"] is not None and not visit.document["typist"]


def _is_filled_in(visit: Visit, step: Step) -> bool:
    """Whether staff filled in something of this page that nobody has read over yet."""
    by = visit.document["by"]
    return not visit.document["typist"] and any(
        by.get(key) == provenance.STAFF for key in keys_of(step)
    )


def _stored_form(visit: Visit | None, step: Step) -> StepForm:
    if visit is None:
        return StepForm(step, {}, {}, today())
    words = waiting(visit, step)
    form = posted_form(visit, step, words)
    if words is not None:
        form.validate()
    return form


def _part(visit: Visit | None, step: Step, *, from_check: bool) -> Step:
    """The page with the questions of the chosen walk; from the check page, also those answered."""
    if visit is None or visit.document["path"] == FULL:
        return step
    document, asked = visit.document, questionnaire()
    keys = wanted_on(document, step, asked.short)
    if from_check or not keys:
        keys |= offered_on(document, step) | (keys_of(step) & visit.stored.keys())
    return narrowed(step, keys) if keys else step


def _is_part(step: Step) -> bool:
    return len(step.questions) < len(_step(step.slug).questions)


def _place(visit: Visit | None, step: Step) -> tuple[int, int]:
    """(pages before this one, pages in all): how far the person is."""
    pages = visit.walked if visit else questionnaire().path({})
    slugs = [page.slug for page in pages]
    return (slugs.index(step.slug) if step.slug in slugs else 0), len(slugs) + 1


def _goes_on_at(visit: Visit | None, step: Step) -> Page | None:
    """From the first page: where a form that was begun goes on."""
    if visit is None or step.slug != START or START not in visit.document["visited"]:
        return None
    return first_open(visit)


# --- Answering ---------------------------------------------------------------------------------


def _answer(step: Step, visit: Visit | None) -> ResponseReturnValue:
    step, action = posted_part(step), pressed(*BUTTONS, display.LOOK)
    if display.is_look(action):
        return _look(step, visit, action)
    return _keep(step, visit, action)


def _look(step: Step, visit: Visit | None, action: str) -> ResponseReturnValue:
    """Show the same page in another look or language; what was typed is kept as by "later"."""
    display.apply(request.form)
    if request.form.get(LOST):
        return _give_back(visit, step)
    if visit is None and step.slug == START and (session.get(AWAY) or not _has_words(step)):
        return _same_page(step, action)
    return _keep(step, visit, action)


def _has_words(step: Step) -> bool:
    return any(request.form.get(name) for name in field_names(step))


def _same_page(step: Step, action: str) -> ResponseReturnValue:
    here = address_of(step, check=from_check())
    to_all = action == display.ALL
    return leave_to(url_for(".look", back=here) if to_all else display.same_page(here))


def _keep(step: Step, visit: Visit | None, action: str) -> ResponseReturnValue:
    is_lost = bool(request.form.get(LOST))
    try:
        if visit is None and g.token_is_valid and (is_lost or step.slug == START):
            visit = begin()
            return (_take_lost if is_lost else _take)(visit, step, action)
        if visit is None or not g.token_is_valid:
            return _give_back(visit, step)
        return _take_locked(visit, step) if visit.locked else _take(visit, step, action)
    except StoreUnavailable:
        return _keep_words(visit, step)
    except ChangedElsewhere:
        return _show_change(step)
    except Gone:
        return leave_to(url_for(".sent"))


def _take(visit: Visit, step: Step, action: str) -> ResponseReturnValue:
    if _is_for_a_doctor(step):
        # Left as it is: a doctor may have typed it in already.
        visit = save(visit, lambda document: _finish(document, step))
        return advised(visit, step, "continue", from_check=from_check())
    form = posted_form(visit, step, request.form)
    if not form.validate() and action == "continue":
        return _show_errors(visit, step, form)
    visit = save(visit, lambda document: _store(visit, document, step, action))
    if display.is_look(action):
        return _same_page(step, action)
    return advised(visit, step, action, from_check=from_check())


def _take_locked(visit: Visit, step: Step) -> ResponseReturnValue:
    """The form was locked while the page was open: keep its words, and show nothing of it."""
    save(visit, lambda document: put_behind_lock(visit, document, step))
    note_left_at(visit, page_of(visit, step, check=from_check()).url)
    return leave_to(url_for(".locked"))


def _store(visit: Visit, document: Document, step: Step, action: str) -> None:
    """Put what was posted into the document, and note which advice comes next."""
    put(visit, document, step)
    if action == "continue":
        _finish(document, step)
    if action in (SHORT, FULL):
        choose(document, action)
    if not display.is_look(action):
        # The page stays, and so does the advice that waits behind its buttons.
        _make_care_due(document, step, action)


def _finish(document: Document, step: Step) -> None:
    """Note that the page is done."""
    asked = questionnaire()
    was_there = step.slug in document["visited"]
    finish(document, asked.by_slug[step.slug], step)
    if not document["typist"]:
        provenance.confirm(document, keys_of(step))
    if was_there and from_check():
        # Who changes one answer was offered all others: only pages that open now are new.
        for slug in document["offered"]:
            known = asked.by_slug[slug]
            finish(document, known, narrowed(known, wanted_on(document, known, asked.short)))
    if step.slug == SCREEN:
        document["screened_at"] = now().isoformat()


def _make_care_due(document: Document, step: Step, action: str) -> None:
    """Note the advice that follows from what was stored, before it is shown."""
    way = {"after": step.slug, "check": from_check(), "action": action}
    care.make_due(document, flags(document), now(), way)


def _show_errors(visit: Visit, step: Step, form: StepForm) -> ResponseReturnValue:
    if not by_htmx() and not step.private:
        # A redirect, so that Back and Refresh work; the words wait in the draft.
        visit = save(visit, lambda document: document["typed"].update({step.slug: typed(step)}))
        return leave_to(page_of(visit, step, check=from_check()).url)
    return stay(step_page(visit, step, form=form, from_check=from_check()))


def _show_change(step: Step) -> ResponseReturnValue:
    """Another window changed this page: both stay, the next Continue decides."""
    opened = current()
    if opened is None or opened.draft.sent:
        raise Gone
    form = posted_form(opened, step, request.form)
    notice = _(
        "You changed this page in another window. Below are your words from this window. "
        "Look them over, then press Continue to keep them."
    )
    return stay(step_page(opened, step, form=form, from_check=from_check(), notice=notice), 409)


def _give_back(visit: Visit | None, step: Step) -> ResponseReturnValue:
    """The session or its token is gone: the words stay on the page, one click goes on."""
    if visit is not None and not visit.locked:
        form = posted_form(visit, step, request.form)
        notice = _("This page was open for a long time. Your words are here. Press Continue again.")
        return stay(step_page(visit, step, form=form, from_check=from_check(), notice=notice), 409)
    notice = _("This page was open for a long time, and your form was closed on this device.")
    return stay(_lost_page(step, notice), 409)


def _keep_words(visit: Visit | None, step: Step) -> ResponseReturnValue:
    """The database takes nothing just now: the words stay on the page."""
    notice = _("We could not save this page just now. Your words are still here. Try again soon.")
    if visit is None or visit.locked:
        html = _lost_page(step, notice)
    else:
        form = posted_form(visit, step, request.form)
        html = step_page(visit, step, form=form, from_check=from_check(), notice=notice)
    response = stay(html, 503)
    response.headers["Retry-After"] = "30"
    return response


def _lost_page(step: Step, notice: str) -> str:
    """What was posted and nothing of the draft: which questions it asks tells of its answers."""
    form = StepForm(step, {}, {}, today(), request.form, every_choice=True)
    return step_page(None, step, form=form, notice=notice, lost=True)


def _take_lost(visit: Visit, step: Step, action: str) -> ResponseReturnValue:
    """Begin a new draft with words that were given back.

    They are not checked here: the person comes by this page again.
    """

    def store(document: Document) -> None:
        form = StepForm(step, {}, {}, today(), request.form, every_choice=True)
        form.validate()
        document["answers"] = form.accept()
        document["stray_at"] = now().isoformat()
        keep_malformed(document, step, form)
        _make_care_due(document, step, action)

    return advised(save(visit, store), step, action, from_check=False)
