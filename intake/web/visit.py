"""A person's draft during a request: who they are, what they answered, and how it is saved."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask import current_app, g, session

from intake.config import Clinic
from intake.questionnaire.model import Step, Value
from intake.questionnaire.values import first_day
from intake.questionnaire.walk import FULL
from intake.store import StaleDraft, Store, responses, sessions, unlocking
from intake.store.responses import Draft, Owner, Owners
from intake.store.staff import Staff
from intake.web import care, provenance
from intake.web.contacts import contacts
from intake.web.language import language
from intake.web.metrics import count_saved
from intake.web.questionnaire import BORN_ON, CHECK, NAME, PRIVATE, questionnaire

TOKEN = "patient"  # noqa: S105 (where in the session it stands)
AWAY = "away"
LEFT_AT = "left_at"
"""Where in the session the page stands that was open when the form was locked."""
TYPING = "typing"
"""Where in the session the invitation stands whose paper is typed in."""
TYPISTS = frozenset({"doctor", "front_desk"})
TRIES = 4

Document = dict[str, Any]


class Gone(Exception):
    """The draft was sent or removed while the page was open."""


class ChangedElsewhere(Exception):
    """Another window stored other answers to this very page."""


@dataclass(frozen=True)
class Visit:
    """A draft that somebody has open."""

    draft: Draft
    locked: bool = False
    """Whether it was left lying: words are taken in, but nothing is shown."""
    locks_in: int = 0
    """Seconds until then."""

    @property
    def document(self) -> Document:
        return self.draft.document

    @property
    def stored(self) -> dict[str, Value]:
        """All answers, also those that do not count just now."""
        answers: dict[str, Value] = self.document["answers"]
        return answers

    @cached_property
    def answers(self) -> dict[str, Value]:
        """The answers that count; worked out once, since the page for checking asks 500 times."""
        return questionnaire().on_path(self.stored)

    @cached_property
    def walked(self) -> tuple[Step, ...]:
        """The pages of the chosen walk; worked out once, since drawing a page asks four times."""
        return questionnaire().walk(self.document)

    @property
    def born_on(self) -> date | None:
        value = self.answers.get(BORN_ON)
        return first_day(value) if isinstance(value, str) else None


def store() -> Store:
    """The store of this application."""
    found: Store = current_app.extensions["store"]
    return found


def clinic() -> Clinic:
    """The clinic this request is about."""
    found: Clinic = g.get("clinic") or current_app.extensions["default_clinic"]
    return found


def now() -> datetime:
    return store().clock()


def today() -> date:
    """The day at the clinic."""
    return now().astimezone(clinic().zone).date()


def fresh_document() -> Document:
    """What a draft holds before anything was answered."""
    return {
        "answers": {},
        "typed": {},
        "visited": [],
        "writers": {},
        "offered": [],
        "partly": {},
        "path": FULL,
        "rest_after": None,
        "by": {},
        "shown": [],
        "screened_at": None,
        "earlier_screens": [],
        "care": None,
        "resume_code": None,
        "resume_born_on": None,
        "known_as": None,
        "given_out": None,
        "language": language(),
        "typist": "",
        "typed_by": "",
        "paper_language": "",
    }


# --- The session -------------------------------------------------------------------------------


def current() -> Visit | None:
    """The visit that this browser has open, sent or not; a paper only while its typist is here."""
    lock_after = clinic().lock_after
    token = str(session.get(TOKEN, ""))
    row = sessions.read(store(), token, clinic_id=clinic().id, lock_after=lock_after)
    if row is None or row.kind != "patient":
        return None
    draft = responses.draft(store(), clinic().id, row.subject)
    if draft is None:
        return None
    left = (row.seen_at + lock_after - now()).total_seconds()
    if draft.document.get("typist") or session.get(TYPING):
        # Their own log-in ends sooner than a patient's form is locked.
        here = typist()
        g.typing = here and _paper(whole(draft), here)
        return Visit(whole(draft)) if here else None
    return Visit(whole(draft), row.locked, int(left))


@dataclass(frozen=True, slots=True)
class Paper:
    """What is typed in at this browser by staff."""

    name: str
    needs_doctor: bool
    """Whether its private page, which only doctors may read, may be filled in."""


def _paper(draft: Draft, typist: Staff) -> Paper:
    answers = questionnaire().on_path(draft.document["answers"])
    is_doctor = typist.role == "doctor"
    return Paper(str(answers.get(NAME, "")), not is_doctor and answers.get(PRIVATE) == "yes")


def typing() -> Paper | None:
    """The paper that this request is about, if it is typed in by staff."""
    found: Paper | None = g.get("typing")
    return found


def typist() -> Staff | None:
    """Who of the staff may type a paper in at this browser."""
    # Who is logged in is found by a module that stands above this one.
    from intake.web import auth

    found = auth.current()
    return found if found is not None and found.role in TYPISTS else None


def begin() -> Visit:
    """Start a draft and open it in this browser."""
    visit = Visit(whole(responses.start(store(), clinic().id)))
    open_here(visit)
    return visit


def open_here(visit: Visit) -> None:
    """Give this browser, and no earlier session of it, the draft."""
    close_here()
    session.permanent = True
    g.locks_in = int(clinic().lock_after.total_seconds())
    session[TOKEN] = sessions.open(store(), clinic().id, "patient", visit.draft.id)


def open_paper(visit: Visit, invitation_id: str) -> None:
    """Give this browser of a member of staff a paper's draft; their log-in stays."""
    leave_paper()
    session[TYPING] = invitation_id
    session[TOKEN] = sessions.open(store(), clinic().id, "patient", visit.draft.id)


def leave_paper() -> None:
    """Close what a patient's page holds open here, and nothing of the staff's."""
    sessions.close(store(), str(session.pop(TOKEN, "")))
    for key in (TYPING, AWAY, LEFT_AT):
        session.pop(key, None)


def close_here() -> None:
    """End this browser's session; the draft itself stays."""
    sessions.close(store(), str(session.get(TOKEN, "")))
    session.clear()
    # The token of this request went with the old session.
    g.pop("csrf_token", None)


def whole(draft: Draft) -> Draft:
    """A draft whose document has every part, also one that was only just started."""
    return replace(draft, document=fresh_document() | draft.document)


def note_left_at(visit: Visit, address: str) -> None:
    """Keep where a locked form was left, unreadable for whoever looks at the cookie."""
    session[LEFT_AT] = unlocking.sealed_address(store(), clinic().id, visit.draft.id, address)


def take_left_at(visit: Visit) -> str | None:
    """Where the form was left, once."""
    kept = session.pop(LEFT_AT, None)
    return unlocking.opened_address(store(), clinic().id, visit.draft.id, kept)


# --- Saving ------------------------------------------------------------------------------------


def save(visit: Visit, change: Callable[[Document], None], *, audited: bool = True) -> Visit:
    """Change the document and store it, with the urgency and care cards that follow.

    When another request stored something at the same moment, `change` runs again on that. Raises
    `Gone` when the draft is not there any more; what `change` raises goes through.
    """
    for _ in range(TRIES):
        document = deepcopy(visit.document)
        change(document)
        provenance.note(document, visit.stored, now())
        document["language"] = language()
        held = flags(document)
        owner = _owners(document)
        try:
            draft = responses.save(
                store(),
                visit.draft,
                document,
                urgency=care.urgency(held),
                cards=[flag.card.id for flag in held],
                audited=audited,
                owner=owner,
                reachable=bool(contacts(questionnaire().on_path(document["answers"]))),
            )
        except StaleDraft:
            visit = reread(visit)
        else:
            count_saved()
            return replace(visit, draft=draft)
    raise Gone


def without_private_cards(visit: Visit) -> Visit:
    """The visit without private advice that still stood on the next page; nothing else changes."""
    document = deepcopy(visit.document)
    care.drop_private(document)
    return visit if document == visit.document else save(visit, care.drop_private)


def _owners(document: Document) -> Owners | None:
    """By whom the draft is found from now on, if that changed; noted in the document itself."""
    answers = questionnaire().on_path(document["answers"])
    known_as = [str(answers.get(NAME) or ""), str(answers.get(BORN_ON) or "")]
    was = document["known_as"]
    if known_as == (was or ["", ""]):
        return None
    document["known_as"] = known_as
    return Owners(_owner(was or ["", ""]), _owner(known_as))


def _owner(known_as: list[str]) -> Owner:
    name, born_on = known_as
    return Owner(name, first_day(born_on) if born_on else None)


def reread(visit: Visit) -> Visit:
    """The visit as it is stored now; raises `Gone` when it was sent or removed."""
    draft = responses.draft(store(), clinic().id, visit.draft.id)
    if draft is None or draft.sent:
        raise Gone
    return replace(visit, draft=whole(draft))


def flags(document: Document) -> tuple[care.Flag, ...]:
    """The red flags that hold, most urgent first."""
    asked, day = questionnaire(), today()
    answers = asked.on_path(document["answers"])
    # A page that is saved asks twice, about the same answers.
    if g.get("judged", (None,))[:2] != (answers, day):
        g.judged = (answers, day, asked.red_flags(answers, day))
    return care.holding(g.judged[2])


def seal_of(visit: Visit | None, step: Step | None, answers: Mapping[str, Value]) -> str:
    """A keyed digest of a page's stored answers (no step: of all answers; no visit: no draft yet).

    A form carries it, so that a save can tell whether another window changed the same page.
    Keyed, because a plain hash of a yes or no gives the answer away, and of this draft and page,
    because equal digests would tell that two people answered alike.
    """
    keys = sorted(answers) if step is None else [question.key for question in step.questions]
    told = json.dumps(
        [
            visit.draft.id if visit else "",
            step.slug if step else CHECK,
            [[key, answers.get(key)] for key in keys],
        ],
        ensure_ascii=False,
    )
    secret: bytes = current_app.config["SECRET_KEY"]
    return hmac.digest(secret, f"seen\0{told}".encode(), "sha256")[:12].hex()
