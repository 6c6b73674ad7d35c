"""The tables, as SQLAlchemy Core. Every one carries `clinic_id` and is asked with it.

Plain columns are coarse on purpose (status, urgency, times); answers, names and phone numbers
stand in sealed columns only. The rows of `response_versions`, `response_entries`, `assessments`
and `audit_events` cannot be changed or deleted: triggers made by the migrations refuse it on both
engines, except that all but the audit may be sealed with another key, and deleted once the
response stands in `erasures`.
"""

import re
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from intake.store.errors import BadValue

# The newest migration. Plain numbers only add what older programs can do without; a migration
# that takes something away is called "0009-needs-0008", by the oldest program that can live with
# it, and those after it too. So a release is rolled out host by host: first add, later take away.
REVISION = "0007"

_REVISION = re.compile(r"([0-9]{4})(?:-needs-([0-9]{4}))?")

ID_LENGTH = 32
KID_LENGTH = 32
WORD_LENGTH = 64
HASH_LENGTH = 255
EMAIL_LENGTH = 254

# Place in the tuple = rank in the queue.
URGENCIES = ("emergency", "same_day", "soon", "routine")
ROLES = ("doctor", "admin", "front_desk")
VERSION_KINDS = ("sent", "corrected", "re-answered")
AUTHORS = ("patient", "carer", "staff")
# Where a sent response stands on the work list.
LANES = ("call", "new", "read", "waiting", "done")
# What staff do with a response, and what it leads to.
ENTRY_KINDS = (
    "read",
    "assigned",
    "decided",
    "noted",
    "called",
    "planned",
    "moved",
    "asked",
    "answered",
    "corrected",
    "matched",
    "parted",
)
INVITATION_STATES = ("made", "opened", "started", "sent", "void")
QUESTION_STATES = ("open", "answered", "void")
JOB_STATES = ("due", "failed")
# Stands for "no appointment known", so that the queue's index and cursor need no NULL.
NO_APPOINTMENT = date(9999, 12, 31)

AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times on both engines; SQLite keeps none of the zone, PostgreSQL its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    allowed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def _clinic() -> Column[int]:
    return Column("clinic_id", Integer, nullable=False)


def _time(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


def _sealed() -> tuple[Column[str], Column[bytes]]:
    kid: Column[str] = Column("kid", String(KID_LENGTH), nullable=False)
    return kid, Column("sealed", LargeBinary, nullable=False)


def _urgency_rank() -> Column[int]:
    return Column("urgency_rank", SmallInteger, nullable=False)


def _of_response(**options: Any) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["clinic_id", "response_id"], ["responses.clinic_id", "responses.id"], **options
    )


responses = Table(
    "responses",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("reference", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    _urgency_rank(),
    Column("appointment_on", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("born_on_hash", LargeBinary(32)),
    _time("created_at"),
    _time("sent_at", nullable=True),
    Column("lane", String(16), nullable=False, server_default="new"),
    # A member of staff's id.
    Column("assigned_to", String(ID_LENGTH)),
    # The same for all responses that staff found to be of one person.
    Column("person_id", String(ID_LENGTH)),
    # Counts what changes the doctor's page: versions, decisions, corrections, matches.
    Column("record_rev", Integer, nullable=False, server_default="0"),
    # "Not now until": a plan brings the response back on this day.
    Column("due_on", Date),
    PrimaryKeyConstraint("clinic_id", "id"),
    UniqueConstraint("clinic_id", "reference"),
    _one_of("status", ("draft", "sent")),
    CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    Index("ix_responses_born_on_hash", "clinic_id", "born_on_hash"),
    Index("ix_responses_person", "clinic_id", "person_id"),
    Index(
        "ix_responses_lane",
        "clinic_id",
        "status",
        "lane",
        "urgency_rank",
        "appointment_on",
        "sent_at",
        "id",
    ),
    # Few are put off until a day; without it the work list reads everybody who waits.
    Index(
        "ix_responses_due",
        "clinic_id",
        "status",
        "lane",
        "due_on",
        sqlite_where=text("due_on IS NOT NULL"),
        postgresql_where=text("due_on IS NOT NULL"),
    ),
)

drafts = Table(
    "drafts",
    metadata,
    _clinic(),
    Column("response_id", String(ID_LENGTH), nullable=False),
    Column("rev", Integer, nullable=False),
    _urgency_rank(),
    *_sealed(),
    _time("updated_at"),
    Column("code_locator", String(8)),
    Column("code_hash", String(HASH_LENGTH)),
    _time("code_expires_at", nullable=True),
    PrimaryKeyConstraint("clinic_id", "response_id"),
    UniqueConstraint("clinic_id", "code_locator"),
    _of_response(),
    Index("ix_drafts_urgent", "clinic_id", "urgency_rank", "updated_at"),
)

response_versions = Table(
    "response_versions",
    metadata,
    _clinic(),
    Column("response_id", String(ID_LENGTH), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(16), nullable=False),
    _time("at"),
    *_sealed(),
    PrimaryKeyConstraint("clinic_id", "response_id", "version"),
    _of_response(),
    _one_of("kind", VERSION_KINDS),
    CheckConstraint("version >= 1", name="version"),
    Index("ix_response_versions_at", "clinic_id", "at", "response_id"),
)

# What staff did with a response: the record that the clinic keeps of it.
response_entries = Table(
    "response_entries",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("response_id", String(ID_LENGTH), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    # As audit events name them: "staff:<id>", "patient" or "system".
    Column("by", String(WORD_LENGTH), nullable=False),
    _time("at"),
    *_sealed(),
    PrimaryKeyConstraint("clinic_id", "id"),
    _of_response(),
    _one_of("kind", ENTRY_KINDS),
    Index("ix_response_entries_response", "clinic_id", "response_id", "at", "id"),
    Index("ix_response_entries_kind", "clinic_id", "kind", "at", "id"),
)

# What later rules make of a version; the assessment sealed with it stays.
assessments = Table(
    "assessments",
    metadata,
    _clinic(),
    Column("response_id", String(ID_LENGTH), nullable=False),
    Column("version", Integer, nullable=False),
    Column("rules_version", String(32), nullable=False),
    _time("at"),
    *_sealed(),
    PrimaryKeyConstraint("clinic_id", "response_id", "version", "rules_version"),
    _of_response(),
)

# A PDF that is drawn already, as of `record_rev`.
renderings = Table(
    "renderings",
    metadata,
    _clinic(),
    Column("response_id", String(ID_LENGTH), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("record_rev", Integer, nullable=False),
    *_sealed(),
    _time("created_at"),
    PrimaryKeyConstraint("clinic_id", "response_id", "kind"),
    _of_response(),
)

# One page of a sent response, asked again of its patient by a link of its own.
questions_asked = Table(
    "questions_asked",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("response_id", String(ID_LENGTH), nullable=False),
    Column("status", String(16), nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False),
    *_sealed(),
    _time("created_at"),
    _time("expires_at"),
    PrimaryKeyConstraint("clinic_id", "id"),
    UniqueConstraint("clinic_id", "code_hash"),
    _of_response(),
    _one_of("status", QUESTION_STATES),
    Index("ix_questions_asked_response", "clinic_id", "response_id"),
)

invitations = Table(
    "invitations",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("response_id", String(ID_LENGTH)),
    Column("status", String(16), nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("born_on_hash", LargeBinary(32), nullable=False),
    Column("appointment_on", Date, nullable=False),
    *_sealed(),
    _time("created_at"),
    _time("opened_at", nullable=True),
    _time("expires_at"),
    Column("reminders", SmallInteger, nullable=False, server_default="0"),
    # The last mail, whether a reminder or not.
    _time("reminded_at", nullable=True),
    # The person wants no more reminders.
    _time("stopped_at", nullable=True),
    PrimaryKeyConstraint("clinic_id", "id"),
    UniqueConstraint("clinic_id", "code_hash"),
    _of_response(),
    _one_of("status", INVITATION_STATES),
    Index("ix_invitations_list", "clinic_id", "status", "appointment_on", "id"),
    Index("ix_invitations_response", "clinic_id", "response_id"),
    Index("ix_invitations_born_on_hash", "clinic_id", "born_on_hash"),
)

# Work for after the reply: drawing PDFs, mail, notices. Who does one holds it for a while.
jobs = Table(
    "jobs",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(ID_LENGTH), nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    *_sealed(),
    _time("created_at"),
    _time("due_at"),
    _time("held_until", nullable=True),
    # A fixed word.
    Column("fault", String(WORD_LENGTH)),
    PrimaryKeyConstraint("clinic_id", "id"),
    _one_of("status", JOB_STATES),
    Index("ix_jobs_due", "status", "due_at"),
    Index("ix_jobs_subject", "clinic_id", "kind", "subject"),
)

# Responses that are gone: who erases one writes it down here first.
erasures = Table(
    "erasures",
    metadata,
    _clinic(),
    Column("response_id", String(ID_LENGTH), nullable=False),
    _time("at"),
    PrimaryKeyConstraint("clinic_id", "response_id"),
)

# For programs of the clinic that read FHIR over HTTP.
api_tokens = Table(
    "api_tokens",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("name", String(WORD_LENGTH), nullable=False),
    Column("token_hash", LargeBinary(32), nullable=False),
    _time("created_at"),
    _time("expires_at"),
    _time("revoked_at", nullable=True),
    _time("used_at", nullable=True),
    PrimaryKeyConstraint("clinic_id", "id"),
    UniqueConstraint("token_hash"),
)

name_words = Table(
    "name_words",
    metadata,
    _clinic(),
    Column("word_hash", LargeBinary(32), nullable=False),
    Column("response_id", String(ID_LENGTH), nullable=False),
    PrimaryKeyConstraint("clinic_id", "word_hash", "response_id"),
    _of_response(),
)

call_requests = Table(
    "call_requests",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("response_id", String(ID_LENGTH)),
    Column("status", String(16), nullable=False),
    _urgency_rank(),
    *_sealed(),
    _time("requested_at"),
    _time("updated_at"),
    PrimaryKeyConstraint("clinic_id", "id"),
    UniqueConstraint("clinic_id", "response_id"),
    _of_response(),
    _one_of("status", ("open", "sent", "done")),
    Index("ix_call_requests_open", "clinic_id", "status", "urgency_rank", "requested_at", "id"),
)

staff = Table(
    "staff",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("username", String(WORD_LENGTH), nullable=False),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    # None until it is chosen, and for who logs in with passkeys alone.
    Column("password_hash", String(HASH_LENGTH)),
    _time("created_at"),
    _time("disabled_at", nullable=True),
    Column("email", String(EMAIL_LENGTH)),
    # The secret shared with the app that makes one-time codes, and the last code's number.
    Column("totp_kid", String(KID_LENGTH)),
    Column("totp_sealed", LargeBinary),
    Column("totp_step", BigInteger),
    PrimaryKeyConstraint("clinic_id", "id"),
    UniqueConstraint("clinic_id", "username"),
    UniqueConstraint("clinic_id", "email"),
    _one_of("role", ROLES),
)


def _of_staff() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"])


# Who was a doctor for some hours, and why.
emergency_access = Table(
    "emergency_access",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("staff_id", String(ID_LENGTH), nullable=False),
    *_sealed(),
    _time("begun_at"),
    _time("ends_at"),
    PrimaryKeyConstraint("clinic_id", "id"),
    _of_staff(),
    Index("ix_emergency_access_staff", "clinic_id", "staff_id", "ends_at"),
)

# Who a person is to the clinic's single sign-on.
staff_identities = Table(
    "staff_identities",
    metadata,
    _clinic(),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("staff_id", String(ID_LENGTH), nullable=False),
    _time("created_at"),
    PrimaryKeyConstraint("clinic_id", "issuer", "subject"),
    _of_staff(),
)

passkeys = Table(
    "passkeys",
    metadata,
    _clinic(),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("staff_id", String(ID_LENGTH), nullable=False),
    Column("name", String(WORD_LENGTH), nullable=False),
    Column("credential_id", LargeBinary(1023), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    _time("created_at"),
    _time("used_at", nullable=True),
    PrimaryKeyConstraint("clinic_id", "id"),
    UniqueConstraint("clinic_id", "credential_id"),
    _of_staff(),
    Index("ix_passkeys_staff", "clinic_id", "staff_id"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    _clinic(),
    Column("staff_id", String(ID_LENGTH), nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False),
    _time("used_at", nullable=True),
    PrimaryKeyConstraint("clinic_id", "staff_id", "code_hash"),
    _of_staff(),
)

# One a person: a new link takes the place of the one before.
staff_invitations = Table(
    "staff_invitations",
    metadata,
    _clinic(),
    Column("staff_id", String(ID_LENGTH), nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False),
    _time("created_at"),
    _time("expires_at"),
    PrimaryKeyConstraint("clinic_id", "staff_id"),
    UniqueConstraint("clinic_id", "code_hash"),
    _of_staff(),
)

# What a log-in or set-up that is under way has to remember for some minutes.
sign_in_steps = Table(
    "sign_in_steps",
    metadata,
    _clinic(),
    Column("token_hash", LargeBinary(32), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("staff_id", String(ID_LENGTH)),
    *_sealed(),
    _time("created_at"),
    _time("expires_at"),
    PrimaryKeyConstraint("token_hash"),
    _of_staff(),
    Index("ix_sign_in_steps_expires_at", "expires_at"),
)

sessions = Table(
    "sessions",
    metadata,
    _clinic(),
    Column("token_hash", LargeBinary(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(WORD_LENGTH), nullable=False),
    Column("idle_seconds", Integer, nullable=False),
    _time("created_at"),
    _time("seen_at"),
    _time("expires_at"),
    # When a member of staff last proved who they are; patients never do.
    _time("proved_at", nullable=True),
    PrimaryKeyConstraint("token_hash"),
    _one_of("kind", ("patient", "staff")),
    Index("ix_sessions_expires_at", "expires_at"),
)

attempts = Table(
    "attempts",
    metadata,
    _clinic(),
    Column("kind", String(16), nullable=False),
    Column("subject", String(WORD_LENGTH), nullable=False),
    Column("failures", Integer, nullable=False),
    _time("last_at"),
    _time("paused_until", nullable=True),
    PrimaryKeyConstraint("clinic_id", "kind", "subject"),
)

audit_events = Table(
    "audit_events",
    metadata,
    # SQLite numbers rows by itself only for a column of exactly this type.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _clinic(),
    _time("at"),
    Column("actor", String(WORD_LENGTH), nullable=False),
    Column("action", String(WORD_LENGTH), nullable=False),
    Column("response_id", String(ID_LENGTH)),
    Column("detail", String(WORD_LENGTH)),
    # Place in the clinic's chain, and the hash that ties the row to the one before it.
    Column("number", BigInteger),
    Column("chain_hash", LargeBinary(32)),
    Index("ix_audit_events_response", "clinic_id", "response_id"),
    Index("ix_audit_events_number", "clinic_id", "number", unique=True),
    sqlite_autoincrement=True,
)

# The end of each clinic's chain.
audit_heads = Table(
    "audit_heads",
    metadata,
    _clinic(),
    Column("number", BigInteger, nullable=False),
    Column("chain_hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("clinic_id"),
)

# One row for each key that ever sealed something; clinic 0 stands for the whole deployment.
canaries = Table(
    "canaries",
    metadata,
    _clinic(),
    *_sealed(),
    _time("created_at"),
    PrimaryKeyConstraint("clinic_id", "kid"),
)


def fits(revision: str | None, program: str = REVISION) -> bool:
    """Whether a program may run on a database of this revision: its own, or one that is ahead."""
    ahead, own = _REVISION.fullmatch(revision or ""), _REVISION.fullmatch(program)
    if ahead is None or own is None:
        return False
    return revision == program or (ahead[1] > own[1] and (ahead[2] or "0000") <= own[1])


def urgency_rank(urgency: str) -> int:
    """0 for an emergency to 3 for routine; raises `BadValue` for another word."""
    if urgency not in URGENCIES:
        raise BadValue("The urgency is not one of " + ", ".join(URGENCIES) + ".")
    return URGENCIES.index(urgency)
