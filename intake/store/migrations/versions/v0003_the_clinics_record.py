"""The clinic's record: lanes, entries, invitations, jobs, renderings, tokens, the audit's chain."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ID = sa.String(length=32)
WORD = sa.String(length=64)
SHORT = sa.String(length=16)
HASH = sa.LargeBinary(length=32)

NO_CHANGE = {
    "response_entries": ("clinic_id", "id"),
    "assessments": ("clinic_id", "response_id", "version", "rules_version"),
}
ENTRIES = (
    "read assigned decided noted called planned moved asked answered corrected matched parted"
).split()
OF_RESPONSES = (
    ("lane", SHORT, "new"),
    ("assigned_to", ID, None),
    ("person_id", ID, None),
    ("record_rev", sa.Integer(), "0"),
    ("due_on", sa.Date(), None),
)
TABLES = (
    "response_entries",
    "assessments",
    "renderings",
    "questions_asked",
    "invitations",
    "jobs",
    "api_tokens",
    "staff_identities",
    "audit_heads",
)


def upgrade() -> None:
    """Add it all; what was sent before waits for a call where it was urgent."""
    for name, kind, default in OF_RESPONSES:
        op.add_column(
            "responses",
            sa.Column(name, kind, nullable=default is None, server_default=default),
        )
    op.execute("UPDATE responses SET lane = 'call' WHERE status = 'sent' AND urgency_rank <= 1")
    op.create_index("ix_responses_person", "responses", ["clinic_id", "person_id"])
    queue = "clinic_id status lane urgency_rank appointment_on sent_at id".split()
    op.create_index("ix_responses_lane", "responses", queue)
    op.drop_index("ix_responses_queue", "responses")
    op.create_index("ix_drafts_urgent", "drafts", ["clinic_id", "urgency_rank", "updated_at"])
    _allow_states_of_calls(("open", "sent", "done"), ("open", "sent"))
    op.add_column("audit_events", sa.Column("number", sa.BigInteger(), nullable=True))
    op.add_column("audit_events", sa.Column("chain_hash", HASH, nullable=True))
    op.create_index("ix_audit_events_number", "audit_events", ["clinic_id", "number"], unique=True)
    _create_tables()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Drop it all again; a call that was made counts as one whose response was sent."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_audit_events_number", "audit_events")
    op.drop_column("audit_events", "chain_hash")
    op.drop_column("audit_events", "number")
    op.execute("UPDATE call_requests SET status = 'sent' WHERE status = 'done'")
    _allow_states_of_calls(("open", "sent"), ("open", "sent", "done"))
    op.drop_index("ix_drafts_urgent", "drafts")
    queue = "clinic_id status urgency_rank appointment_on sent_at id".split()
    op.create_index("ix_responses_queue", "responses", queue)
    op.drop_index("ix_responses_lane", "responses")
    op.drop_index("ix_responses_person", "responses")
    for name, _kind, _default in reversed(OF_RESPONSES):
        op.drop_column("responses", name)


def _one_of(table: str, column: str, words: tuple[str, ...] | list[str]) -> sa.CheckConstraint:
    allowed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({allowed})", name=op.f(f"ck_{table}_{column}"))


def _allow_states_of_calls(words: tuple[str, ...], before: tuple[str, ...]) -> None:
    with op.batch_alter_table("call_requests", copy_from=_calls(before)) as calls:
        calls.drop_constraint(op.f("ck_call_requests_status"), type_="check")
        calls.create_check_constraint(
            op.f("ck_call_requests_status"), _one_of("call_requests", "status", words).sqltext
        )


def _calls(states: tuple[str, ...]) -> sa.Table:
    """SQLite alters a table by copying it, and what it is told here is what the copy has."""
    return sa.Table(
        "call_requests",
        sa.MetaData(),
        *_of_clinic(),
        sa.Column("response_id", ID),
        sa.Column("status", SHORT, nullable=False),
        sa.Column("urgency_rank", sa.SmallInteger(), nullable=False),
        *_sealed(),
        _time("requested_at"),
        _time("updated_at"),
        sa.PrimaryKeyConstraint("clinic_id", "id", name="pk_call_requests"),
        sa.UniqueConstraint(
            "clinic_id", "response_id", name="uq_call_requests_clinic_id_response_id"
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "response_id"],
            ["responses.clinic_id", "responses.id"],
            name="fk_call_requests_responses",
        ),
        _one_of("call_requests", "status", states),
        sa.Index(
            "ix_call_requests_open", "clinic_id", "status", "urgency_rank", "requested_at", "id"
        ),
    )


def _guard_sqlite() -> None:
    for table, key in NO_CHANGE.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {refuse}"
            )
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - constant names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )


def _guard_postgresql() -> None:
    for table in NO_CHANGE:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION intake_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION intake_refuse_change()"
        )


def _of_clinic() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return (
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("id", ID, nullable=False),
    )


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TIME, nullable=nullable)


def _sealed() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return (
        sa.Column("kid", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )


def _of(table: str, response_id: bool = True) -> sa.ForeignKeyConstraint:
    if not response_id:
        return sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name=f"fk_{table}_staff"
        )
    return sa.ForeignKeyConstraint(
        ["clinic_id", "response_id"],
        ["responses.clinic_id", "responses.id"],
        name=f"fk_{table}_responses",
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _create_tables() -> None:
    _create_record()
    _create_contact()
    _create_access()


def _create_record() -> None:
    op.create_table(
        "response_entries",
        *_of_clinic(),
        sa.Column("response_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", SHORT, nullable=False),
        sa.Column("by", WORD, nullable=False),
        _time("at"),
        *_sealed(),
        _key("response_entries", "clinic_id", "id"),
        _of("response_entries"),
        _one_of("response_entries", "kind", ENTRIES),
    )
    for name, columns in (
        ("response", ["clinic_id", "response_id", "at", "id"]),
        ("kind", ["clinic_id", "kind", "at", "id"]),
    ):
        op.create_index(f"ix_response_entries_{name}", "response_entries", columns)
    op.create_table(
        "assessments",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("response_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules_version", ID, nullable=False),
        _time("at"),
        *_sealed(),
        _key("assessments", "clinic_id", "response_id", "version", "rules_version"),
        _of("assessments"),
    )
    op.create_table(
        "renderings",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("response_id", ID, nullable=False),
        sa.Column("kind", SHORT, nullable=False),
        sa.Column("record_rev", sa.Integer(), nullable=False),
        *_sealed(),
        _time("created_at"),
        _key("renderings", "clinic_id", "response_id", "kind"),
        _of("renderings"),
    )


def _create_contact() -> None:
    op.create_table(
        "questions_asked",
        *_of_clinic(),
        sa.Column("response_id", ID, nullable=False),
        sa.Column("status", SHORT, nullable=False),
        sa.Column("code_hash", HASH, nullable=False),
        *_sealed(),
        _time("created_at"),
        _time("expires_at"),
        _key("questions_asked", "clinic_id", "id"),
        _unique("questions_asked", "clinic_id", "code_hash"),
        _of("questions_asked"),
        _one_of("questions_asked", "status", ["open", "answered", "void"]),
    )
    op.create_index("ix_questions_asked_response", "questions_asked", ["clinic_id", "response_id"])
    op.create_table(
        "invitations",
        *_of_clinic(),
        sa.Column("response_id", ID, nullable=True),
        sa.Column("status", SHORT, nullable=False),
        sa.Column("code_hash", HASH, nullable=False),
        sa.Column("born_on_hash", HASH, nullable=False),
        sa.Column("appointment_on", sa.Date(), nullable=False),
        *_sealed(),
        _time("created_at"),
        _time("opened_at", nullable=True),
        _time("expires_at"),
        sa.Column("reminders", sa.SmallInteger(), nullable=False, server_default="0"),
        _time("reminded_at", nullable=True),
        _time("stopped_at", nullable=True),
        _key("invitations", "clinic_id", "id"),
        _unique("invitations", "clinic_id", "code_hash"),
        _of("invitations"),
        _one_of("invitations", "status", ["made", "opened", "started", "sent", "void"]),
    )
    op.create_index(
        "ix_invitations_list", "invitations", ["clinic_id", "status", "appointment_on", "id"]
    )
    op.create_index("ix_invitations_response", "invitations", ["clinic_id", "response_id"])
    op.create_index("ix_invitations_born_on_hash", "invitations", ["clinic_id", "born_on_hash"])
    op.create_table(
        "jobs",
        *_of_clinic(),
        sa.Column("kind", SHORT, nullable=False),
        sa.Column("subject", ID, nullable=False),
        sa.Column("status", SHORT, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        *_sealed(),
        _time("created_at"),
        _time("due_at"),
        _time("held_until", nullable=True),
        sa.Column("fault", WORD, nullable=True),
        _key("jobs", "clinic_id", "id"),
        _one_of("jobs", "status", ["due", "failed"]),
    )
    op.create_index("ix_jobs_due", "jobs", ["status", "due_at"])
    op.create_index("ix_jobs_subject", "jobs", ["clinic_id", "kind", "subject"])


def _create_access() -> None:
    op.create_table(
        "api_tokens",
        *_of_clinic(),
        sa.Column("name", WORD, nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        _time("created_at"),
        _time("expires_at"),
        _time("revoked_at", nullable=True),
        _time("used_at", nullable=True),
        _key("api_tokens", "clinic_id", "id"),
        _unique("api_tokens", "token_hash"),
    )
    op.create_table(
        "staff_identities",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        _time("created_at"),
        _key("staff_identities", "clinic_id", "issuer", "subject"),
        _of("staff_identities", response_id=False),
    )
    op.create_table(
        "audit_heads",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("chain_hash", HASH, nullable=False),
        _key("audit_heads", "clinic_id"),
    )
