"""Further versions of a response that was sent: corrected by staff, or answered again.

A version never changes. What stands beside it for finding and sorting (name words, birth date,
urgency, lane) follows the newest one in the same transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from intake.store import audit, entries, finding, lanes, notices, schema
from intake.store.crypto import Place
from intake.store.drafts import is_response
from intake.store.errors import BadValue, StaleResponse
from intake.store.finding import Owners
from intake.store.store import Store
from intake.store.versions import SentResponse

CORRECTED, ANSWERED = "corrected", "re-answered"
_ENTRIES = {CORRECTED: "corrected", ANSWERED: "answered"}
_EVENTS = {CORRECTED: "response_corrected", ANSWERED: "response_answered"}


def _as_it_is(lane: str) -> str:
    return lane


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a new version brings.

    `kind` is CORRECTED or ANSWERED, `by` "patient", "carer" or "staff", `actor` as audit events
    name it; `entry` is the document of the entry that tells of it. None leaves `urgency` (which a
    doctor may have decided) and `appointment_on` as they are. `lane` gives the new lane for the
    one in which the response stands just now. `private` says whether a private danger sign holds:
    it stands among the emergencies, whatever `urgency` says. `owner`, where name or birth date
    changed.
    """

    kind: str
    by: str
    actor: str
    document: Mapping[str, Any] = field(repr=False)
    entry: Mapping[str, Any] = field(repr=False)
    urgency: str | None = None
    lane: Callable[[str], str] = _as_it_is
    private: bool = False
    owner: Owners | None = field(default=None, repr=False)
    appointment_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    clinic_id: int
    id: str


def amend(store: Store, clinic_id: int, response: SentResponse, amendment: Amendment) -> int:
    """Add the next version; its number.

    Raises `StaleResponse` when `response` is not the newest version any more.
    """
    with store.write() as conn:
        return put(store, conn, clinic_id, response, amendment)


def put(
    store: Store, conn: Connection, clinic_id: int, response: SentResponse, amendment: Amendment
) -> int:
    """As `amend`, in a write transaction that does more."""
    if amendment.kind not in _ENTRIES or amendment.by not in schema.AUTHORS:
        raise BadValue("The kind of version or its author is not known.")
    version = response.version + 1
    # First of all: of two at the same moment only one finds the version that it read.
    turned = _count_up(conn, clinic_id, response, amendment)
    _add_version(store, conn, clinic_id, response.id, version, amendment)
    if amendment.owner is not None:
        finding.keep_findable(store, conn, _Kept(clinic_id, response.id), amendment.owner)
    entries.add(
        store,
        conn,
        clinic_id,
        response.id,
        _ENTRIES[amendment.kind],
        amendment.actor,
        amendment.entry,
        version=version,
    )
    entries.touch_joined(store, conn, clinic_id, response.id)
    if turned:
        notices.add(store, conn, clinic_id, notices.RESPONSE, response.id)
    event = _EVENTS[amendment.kind]
    audit.record(conn, clinic_id, amendment.actor, event, response.id, at=store.clock())
    return version


def _count_up(
    conn: Connection, clinic_id: int, response: SentResponse, amendment: Amendment
) -> bool:
    """Count the version and sort the response anew; whether it needs a call only from now on."""
    table = schema.responses
    is_newest = (
        is_response(clinic_id, response.id)
        & (table.c.status == "sent")
        & (table.c.version == response.version)
    )
    values: dict[str, Any] = {"version": response.version + 1}
    if amendment.urgency is not None:
        values["urgency_rank"] = lanes.rank(amendment.urgency, private=amendment.private)
    if amendment.appointment_on is not None:
        values["appointment_on"] = amendment.appointment_on
    if conn.execute(update(table).where(is_newest).values(values)).rowcount != 1:
        raise StaleResponse("The response has a newer version.")
    which = is_response(clinic_id, response.id)
    lane = conn.execute(select(table.c.lane).where(which)).scalar_one()
    new = amendment.lane(lane)
    conn.execute(update(table).where(which).values(lane=new))
    return new == "call" and bool(lane != "call")


def _add_version(
    store: Store,
    conn: Connection,
    clinic_id: int,
    response_id: str,
    version: int,
    amendment: Amendment,
) -> None:
    place = Place(clinic_id, "response_versions", "sealed", response_id, version)
    sealed = store.vault.seal_document(amendment.document, place)
    row = {
        "clinic_id": clinic_id,
        "response_id": response_id,
        "version": version,
        "kind": amendment.kind,
        "by": amendment.by,
        "at": store.clock(),
        "kid": sealed.kid,
        "sealed": sealed.data,
    }
    conn.execute(insert(schema.response_versions), row)
