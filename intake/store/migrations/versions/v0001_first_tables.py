"""First tables: responses with their immutable versions, calls, staff, sessions, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TABLES = (
    "responses",
    "drafts",
    "response_versions",
    "name_words",
    "call_requests",
    "staff",
    "sessions",
    "attempts",
    "audit_events",
    "canaries",
)
# Rows that nobody changes, and what tells two of them apart.
INSERT_ONLY = {
    "response_versions": ("clinic_id", "response_id", "version"),
    "audit_events": ("id",),
}


def upgrade() -> None:
    """Create every table and the triggers that keep versions and audit events as they are."""
    _create_tables()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Drop everything."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION intake_refuse_change()")


def _guard_sqlite() -> None:
    for table, key in INSERT_ONLY.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {refuse}"
            )
        # INSERT OR REPLACE would delete the old row without waking the trigger above.
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - constant names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION intake_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME; END $$"
    )
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION intake_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION intake_refuse_change()"
        )


def _create_tables() -> None:
    op.create_table(
        "responses",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("urgency_rank", sa.SmallInteger(), nullable=False),
        sa.Column("appointment_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("born_on_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_responses_sent_at")
        ),
        sa.CheckConstraint("status IN ('draft', 'sent')", name=op.f("ck_responses_status")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_responses")),
        sa.UniqueConstraint(
            "clinic_id", "reference", name=op.f("uq_responses_clinic_id_reference")
        ),
    )
    op.create_index("ix_responses_born_on_hash", "responses", ["clinic_id", "born_on_hash"])
    op.create_index(
        "ix_responses_queue",
        "responses",
        ["clinic_id", "status", "urgency_rank", "appointment_on", "sent_at", "id"],
    )
    op.create_table(
        "drafts",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("urgency_rank", sa.SmallInteger(), nullable=False),
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("code_locator", sa.String(length=8), nullable=True),
        sa.Column("code_hash", sa.String(length=255), nullable=True),
        sa.Column("code_expires_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "response_id"],
            ["responses.clinic_id", "responses.id"],
            name=op.f("fk_drafts_responses"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "response_id", name=op.f("pk_drafts")),
        sa.UniqueConstraint(
            "clinic_id", "code_locator", name=op.f("uq_drafts_clinic_id_code_locator")
        ),
    )
    op.create_table(
        "response_versions",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sent', 'corrected', 're-answered')", name=op.f("ck_response_versions_kind")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_response_versions_version")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "response_id"],
            ["responses.clinic_id", "responses.id"],
            name=op.f("fk_response_versions_responses"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "response_id", "version", name=op.f("pk_response_versions")
        ),
    )
    op.create_table(
        "name_words",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("word_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "response_id"],
            ["responses.clinic_id", "responses.id"],
            name=op.f("fk_name_words_responses"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "word_hash", "response_id", name=op.f("pk_name_words")
        ),
    )
    op.create_table(
        "call_requests",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("urgency_rank", sa.SmallInteger(), nullable=False),
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("status IN ('open', 'sent')", name=op.f("ck_call_requests_status")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "response_id"],
            ["responses.clinic_id", "responses.id"],
            name=op.f("fk_call_requests_responses"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_call_requests")),
        sa.UniqueConstraint(
            "clinic_id", "response_id", name=op.f("uq_call_requests_clinic_id_response_id")
        ),
    )
    op.create_index(
        "ix_call_requests_open",
        "call_requests",
        ["clinic_id", "status", "urgency_rank", "requested_at", "id"],
    )
    op.create_table(
        "staff",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.CheckConstraint("role IN ('doctor', 'admin', 'front_desk')", name=op.f("ck_staff_role")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff")),
        sa.UniqueConstraint("clinic_id", "username", name=op.f("uq_staff_clinic_id_username")),
    )
    op.create_table(
        "sessions",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.CheckConstraint("kind IN ('patient', 'staff')", name=op.f("ck_sessions_kind")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "attempts",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("paused_until", TIME, nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "kind", "subject", name=op.f("pk_attempts")),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_events_response", "audit_events", ["clinic_id", "response_id"])
    op.create_table(
        "canaries",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "kid", name=op.f("pk_canaries")),
    )
