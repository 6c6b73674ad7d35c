"""Staff accounts: one-time codes, passkeys, recovery codes, invitations, steps of a log-in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TABLES = ("passkeys", "recovery_codes", "staff_invitations", "sign_in_steps")

# SQLite alters a table by copying it, and what it is told here is what the copy has.
STAFF = sa.Table(
    "staff",
    sa.MetaData(),
    sa.Column("clinic_id", sa.Integer(), nullable=False),
    sa.Column("id", sa.String(length=32), nullable=False),
    sa.Column("username", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("role", sa.String(length=16), nullable=False),
    sa.Column("password_hash", sa.String(length=255), nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("disabled_at", TIME, nullable=True),
    sa.CheckConstraint("role IN ('doctor', 'admin', 'front_desk')", name="ck_staff_role"),
    sa.PrimaryKeyConstraint("clinic_id", "id", name="pk_staff"),
    sa.UniqueConstraint("clinic_id", "username", name="uq_staff_clinic_id_username"),
)
ADDED = (
    ("email", sa.String(length=254)),
    ("totp_kid", sa.String(length=32)),
    ("totp_sealed", sa.LargeBinary()),
    ("totp_step", sa.BigInteger()),
)


def upgrade() -> None:
    """Add what an account needs beside its password; who is logged in has to log in again."""
    # Copied only where the engine must; elsewhere the table is altered in place.
    with op.batch_alter_table("staff", copy_from=STAFF) as staff:
        staff.alter_column("password_hash", existing_type=sa.String(length=255), nullable=True)
        for name, kind in ADDED:
            staff.add_column(sa.Column(name, kind, nullable=True))
        staff.create_unique_constraint("uq_staff_clinic_id_email", ["clinic_id", "email"])
    op.add_column("sessions", sa.Column("proved_at", TIME, nullable=True))
    op.execute("DELETE FROM sessions WHERE kind = 'staff'")
    _create_tables()


def downgrade() -> None:
    """Drop it all again; who had no password has none that fits."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM sessions WHERE kind = 'staff'")
    op.drop_column("sessions", "proved_at")
    op.execute("UPDATE staff SET password_hash = '' WHERE password_hash IS NULL")
    with op.batch_alter_table("staff", copy_from=_staff_of_today()) as staff:
        staff.drop_constraint("uq_staff_clinic_id_email", type_="unique")
        for name, _ in reversed(ADDED):
            staff.drop_column(name)
        staff.alter_column("password_hash", existing_type=sa.String(length=255), nullable=False)


def _staff_of_today() -> sa.Table:
    table = STAFF.to_metadata(sa.MetaData())
    table.c.password_hash.nullable = True
    for name, kind in ADDED:
        table.append_column(sa.Column(name, kind, nullable=True))
    table.append_constraint(
        sa.UniqueConstraint("clinic_id", "email", name="uq_staff_clinic_id_email")
    )
    return table


def _of_staff(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name=f"fk_{table}_staff"
    )


def _create_tables() -> None:
    op.create_table(
        "passkeys",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        _of_staff("passkeys"),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint(
            "clinic_id", "credential_id", name=op.f("uq_passkeys_clinic_id_credential_id")
        ),
    )
    op.create_index("ix_passkeys_staff", "passkeys", ["clinic_id", "staff_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        _of_staff("recovery_codes"),
        sa.PrimaryKeyConstraint(
            "clinic_id", "staff_id", "code_hash", name=op.f("pk_recovery_codes")
        ),
    )
    op.create_table(
        "staff_invitations",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        _of_staff("staff_invitations"),
        sa.PrimaryKeyConstraint("clinic_id", "staff_id", name=op.f("pk_staff_invitations")),
        sa.UniqueConstraint(
            "clinic_id", "code_hash", name=op.f("uq_staff_invitations_clinic_id_code_hash")
        ),
    )
    op.create_table(
        "sign_in_steps",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=True),
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        _of_staff("sign_in_steps"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_steps")),
    )
    op.create_index("ix_sign_in_steps_expires_at", "sign_in_steps", ["expires_at"])
