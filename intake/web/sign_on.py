"""The staff's single sign-on within a request: whether there is one, and what it is owed.

Where its word is not enough for both proofs, it is the first one: the account is linked to it
only once the second one was right, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from flask import current_app, g, url_for
from flask.typing import ResponseReturnValue

from intake.config import Settings
from intake.store import identities
from intake.store.identities import Known
from intake.store.staff import Staff
from intake.web import auth
from intake.web.replies import leave_to
from intake.web.visit import clinic, now, store

if TYPE_CHECKING:
    from intake.oidc import Identity, Provider

log = structlog.get_logger("intake.web")

TOLD = frozenset({"unreachable", "cancelled", "late"})
"""Reasons that people are told; all others look alike to them."""

ISSUER, SUBJECT, PROVED_AT = "issuer", "subject", "proved_at"
"""Under these a second proof's step holds whose first proof it was."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A first proof by single sign-on that waits for the second one."""

    issuer: str
    subject: str
    proved_at: datetime

    def link(self, person: Staff) -> bool:
        """Bind it to the person; False when either is bound elsewhere."""
        return identities.link(store(), person, self.issuer, self.subject)


def provider() -> Provider | None:
    """The provider of this deployment, if it has one."""
    found: Provider | None = current_app.extensions["sign_on"]
    return found


def host() -> str:
    """By which people know the provider; "" where there is none."""
    settings: Settings = current_app.extensions["settings"]
    return settings.sign_on.host if settings.sign_on is not None else ""


def linked_to(person: Staff) -> Known | None:
    """Since when a person is linked to the provider of today."""
    found = provider()
    known = identities.of(store(), person) if found is not None else []
    return next((each for each in known if found and each.issuer == found.settings.issuer), None)


def host_for(person: Staff) -> str:
    """As `host`, for a person who is linked."""
    return host() if linked_to(person) is not None else ""


def proved_at(identity: Identity) -> datetime:
    """From when on the proof counts; one of unknown age is an old one."""
    return identity.proved_at or now() - auth.FRESH


def document_of(identity: Identity, then: str) -> dict[str, Any]:
    """What the step of the second proof remembers."""
    return {
        "next": then,
        ISSUER: identity.issuer,
        SUBJECT: identity.subject,
        PROVED_AT: proved_at(identity).isoformat(),
    }


def owed(document: Mapping[str, Any]) -> Owed | None:
    """The first proof of a step, if it was by single sign-on."""
    if SUBJECT not in document:
        return None
    at = datetime.fromisoformat(str(document[PROVED_AT]))
    return Owed(str(document[ISSUER]), str(document[SUBJECT]), at)


def link_owed(person: Staff) -> None:
    """Link a person whose second proof was a passkey; that alone would have logged them in."""
    found = auth.second_of(person)
    first = owed(found.document) if found is not None else None
    if first is not None:
        first.link(person)


def stop(
    reason: str, person: Staff | None = None, *, then: str = "", refused: bool = True
) -> ResponseReturnValue:
    """Lead to the page that says what to do now; the log and the audit get fixed words.

    `then` is where the person wanted to go: the other ways in lead there as well.
    """
    log.warning("sign_on_failed", reason=reason, request_id=g.get("request_id", "none"))
    if refused:
        identities.refuse(store(), clinic().id, person)
    why = reason if reason in TOLD else "refused"
    wish = then if then != url_for(".queue") else ""
    return leave_to(url_for(".sign_on_stopped", why=why, next=wish or None))
