"""What the tests of the store start from."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import Connection

from intake.config import Keys
from intake.store import Store, passwords, responses
from intake.store.responses import Amendment, Draft, Sent, SentResponse
from intake.store.work_list import Wanted

if TYPE_CHECKING:
    from intake.config import Settings

CLINIC, OTHER_CLINIC = 7, 8
BORN_ON = date(1971, 4, 5)
STAFF = "staff:" + "a" * 32


class Clock:
    """A time that moves only when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Address:
    """The one setting that migrations read."""

    database_url: str


def settings_for(database_url: str) -> Settings:
    return cast("Settings", Address(database_url))


def make_keys(current: str = "k1", index_key: bytes = b"i" * 32, **ring: bytes) -> Keys:
    """Keys with the one key `k1`, or the ring that is given."""
    return Keys(current, ring or {"k1": b"1" * 32}, index_key, b"s" * 32)


def send(
    store: Store, draft: Draft, urgency: str = "routine", *, private: bool = False, **more: object
) -> Sent:
    """Send a draft with a small document of its own reference."""
    document = {"reference": draft.reference, **more}
    return responses.send(
        store,
        draft,
        document,
        urgency=urgency,
        private=private,
        name="Ann Example",
        born_on=BORN_ON,
    )


def in_lane(lane: str, **more: Any) -> Wanted:
    """All of a lane, on the day on which the clock begins."""
    return Wanted(lane, date(2026, 3, 2), **more)


def note_work(monkeypatch: pytest.MonkeyPatch, store: Store) -> list[str]:
    """A list that grows by "verify" or "write" whenever the store does one of these."""
    work: list[str] = []
    verify, write = passwords.verify, store.write

    def noted_verify(secret: str, hashed: str | None) -> bool:
        work.append("verify")
        return verify(secret, hashed)

    def noted_write() -> AbstractContextManager[Connection]:
        work.append("write")
        return write()

    monkeypatch.setattr(passwords, "verify", noted_verify)
    monkeypatch.setattr(store, "write", noted_write)
    return work


def sent_once(store: Store, urgency: str = "routine", **more: Any) -> SentResponse:
    """A response of "Ann Example" as it is read after sending."""
    receipt = send(store, responses.start(store, CLINIC), urgency, **more)
    found = responses.sent(store, CLINIC, receipt.reference)
    assert found is not None
    return found


def correction(document: dict[str, object], **more: Any) -> Amendment:
    """A version made by a member of staff."""
    return Amendment(
        "corrected", "staff", STAFF, document, {"changes": [], "why": "typed wrongly"}, **more
    )
