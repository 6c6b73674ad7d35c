"""What was posted, put into the draft: by a button, or while somebody still types.

Every form that is drawn has a name of its own, its writer, and counts what it sends. So a late or
repeated request of the same form is told from one of another window.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from intake.questionnaire.model import Answers, Step
from intake.questionnaire.path import keys_of
from intake.questionnaire.walk import narrowed
from intake.web import screening
from intake.web.forms import StepForm, as_posted, field_names
from intake.web.patient.ways import from_check
from intake.web.questionnaire import BORN_ON, questionnaire
from intake.web.visit import ChangedElsewhere, Document, Visit, seal_of, today

ASKS = "asks"
"""The questions that a page showed, where it did not show all of its own."""
NAME = re.compile(r"[A-Za-z0-9_-]{16}")
COUNT = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Writer:
    """A form that was drawn once, and how often it was sent."""

    name: str
    seq: int

    @classmethod
    def fresh(cls) -> Writer:
        return cls(secrets.token_urlsafe(12), 0)

    @classmethod
    def posted(cls) -> Writer | None:
        """The one that sent this request; None where a form does not say it as ours do."""
        name, seq = request.form.get("writer", ""), request.form.get("seq", "")
        if not NAME.fullmatch(name) or not COUNT.fullmatch(seq):
            return None
        return cls(name, int(seq))

    def wrote(self, document: Document, step: Step) -> bool:
        """Whether what the page holds now came from this very form."""
        return bool(document["writers"].get(step.slug, [""])[0] == self.name)

    def is_late(self, document: Document, step: Step) -> bool:
        """Whether something newer from the same form was stored already."""
        return self.wrote(document, step) and self.seq <= document["writers"][step.slug][1]


def posted_part(step: Step) -> Step:
    """The page as it was shown: what it did not ask is not blank."""
    asks = request.form.get(ASKS, "").split()
    return narrowed(step, keys_of(step) & set(asks)) if asks else step


def posted_form(visit: Visit, step: Step, posted: MultiDict[str, str] | None) -> StepForm:
    """A page's form with what was posted, or else with what is stored."""
    stored = screening.counting(visit, step)
    return StepForm(step, stored, questionnaire().on_path(stored), today(), posted)


def put(visit: Visit, document: Document, step: Step) -> None:
    """Put what is well-formed among the answers, and let the rest wait as it was typed.

    Raises `ChangedElsewhere` when another window stored other answers meanwhile.
    """
    if screening.is_asked_again(document, step):
        screening.set_aside(document)
    stored = document["answers"]
    form = StepForm(step, stored, questionnaire().on_path(stored), today(), request.form)
    form.validate()
    answers = form.accept()
    writer = Writer.posted()
    if not (writer and writer.wrote(document, step)):
        if _changed_elsewhere(visit, step, stored, answers):
            raise ChangedElsewhere
        _note_offered(document, stored)
    document["answers"] = answers
    keep_malformed(document, step, form)
    if writer:
        document["writers"][step.slug] = [writer.name, writer.seq]


def put_behind_lock(visit: Visit, document: Document, step: Step) -> None:
    """As `put`, where nobody can be asked which of two windows is right: both windows' words stay.

    The later ones wait on their page as they were typed. So does another date of birth: whoever
    could set it from here would open the lock with their own.
    """
    before = document["answers"]
    try:
        put(visit, document, step)
        if before.get(BORN_ON) not in {None, document["answers"].get(BORN_ON)}:
            document["answers"] = before
            raise ChangedElsewhere
    except ChangedElsewhere:
        if not step.private:
            document["typed"][step.slug] = typed(step)


def typed(step: Step) -> dict[str, list[str]]:
    """What stands in the page's inputs, as it was typed, and which questions it showed."""
    names = [*field_names(step), ASKS]
    return {name: request.form.getlist(name) for name in names if name in request.form}


def waiting(visit: Visit, step: Step) -> MultiDict[str, str] | None:
    """The words that wait for a page; questions that were not shown with them, as stored.

    The page may show more now than it did when they were typed.
    """
    words: dict[str, list[str]] | None = visit.document["typed"].get(step.slug)
    if words is None:
        return None
    found = MultiDict((name, value) for name in words for value in words[name])
    shown = " ".join(words.get(ASKS, [])).split()
    for question in step.questions if shown else ():
        if question.key not in shown and not question.private:
            for name, values in as_posted(question, visit.stored.get(question.key)).items():
                found.setlist(name, list(values))
    return found


def keep_malformed(document: Document, step: Step, form: StepForm) -> None:
    """Keep the page as it was typed while something on it cannot be an answer."""
    document["typed"].pop(step.slug, None)
    # Private words are never shown again, so they wait nowhere.
    if any(field.fault for field in form.fields) and not step.private:
        document["typed"][step.slug] = typed(step)


def _changed_elsewhere(visit: Visit, step: Step, stored: Answers, answers: Answers) -> bool:
    """Whether the page that was posted showed other answers than are stored now.

    Not when both windows answered alike. A page may have been drawn before there was a draft.
    """
    seen = request.form.get("seen")
    is_as_seen = seen in {seal_of(visit, step, stored), seal_of(None, step, stored)}
    return not is_as_seen and seal_of(visit, step, stored) != seal_of(visit, step, answers)


def _note_offered(document: Document, before: Answers) -> None:
    """From the check page: note which pages it offered, before this form changes the path.

    What the same form sends later finds its own answers stored, and could not tell any more
    which pages they opened.
    """
    if from_check():
        walked = questionnaire().walk(document | {"answers": before})
        document["offered"] = [step.slug for step in walked]
