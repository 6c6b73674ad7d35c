"""What was put off until a day: found without going through everybody who waits."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = "ix_responses_due"
IS_PUT_OFF = sa.text("due_on IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        NAME,
        "responses",
        ["clinic_id", "status", "lane", "due_on"],
        sqlite_where=IS_PUT_OFF,
        postgresql_where=IS_PUT_OFF,
    )


def downgrade() -> None:
    op.drop_index(NAME, table_name="responses")
