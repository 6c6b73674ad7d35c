"""Versions by time: programs and files read what changed, in order, a page at a time."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = "ix_response_versions_at"


def upgrade() -> None:
    op.create_index(NAME, "response_versions", ["clinic_id", "at", "response_id"])


def downgrade() -> None:
    op.drop_index(NAME, table_name="response_versions")
