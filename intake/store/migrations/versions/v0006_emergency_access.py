"""Emergency access: who was a doctor for some hours, from when to when, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "emergency_access",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("kid", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name="pk_emergency_access"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name="fk_emergency_access_staff",
        ),
    )
    op.create_index(
        "ix_emergency_access_staff", "emergency_access", ["clinic_id", "staff_id", "ends_at"]
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("emergency_access")
