"""Erasing a response, and sealing its rows anew: the two things that may happen to kept rows.

Until now nothing could change them. From now on a row of an erased response may be deleted, and a
row may be sealed with another key, which changes how it is sealed and nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Rows that nobody changes, with the columns beside `kid` and `sealed`.
KEPT = {
    "response_versions": "clinic_id response_id version kind by at",
    "response_entries": "clinic_id id response_id version kind by at",
    "assessments": "clinic_id response_id version rules_version at",
}


def upgrade() -> None:
    """Add the list of what was erased, and let the triggers ask it."""
    op.create_table(
        "erasures",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "response_id", name="pk_erasures"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Refuse every change again."""
    for table in KEPT:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION intake_refuse_change()"
            )
            continue
        for change in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER {table}_no_{change.lower()}")
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"{_refuse(table)}"
            )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION intake_guard_kept()")
    op.drop_table("erasures")


def _refuse(table: str) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"


def _guard_sqlite() -> None:
    for table, columns in KEPT.items():
        same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in columns.split())
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ("  # noqa: S608 - constant names
            f"{same} AND NEW.kid <> OLD.kid "
            f"AND EXISTS (SELECT 1 FROM canaries WHERE kid = NEW.kid)) {_refuse(table)}"
        )
        op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT EXISTS ("  # noqa: S608 - constant names
            "SELECT 1 FROM erasures WHERE clinic_id = OLD.clinic_id "
            f"AND response_id = OLD.response_id) {_refuse(table)}"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION intake_guard_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' THEN "
        "IF EXISTS (SELECT 1 FROM erasures WHERE clinic_id = OLD.clinic_id "
        "AND response_id = OLD.response_id) THEN RETURN OLD; END IF; "
        "ELSIF NEW.kid <> OLD.kid AND EXISTS (SELECT 1 FROM canaries WHERE kid = NEW.kid) "
        "AND to_jsonb(NEW) - 'kid' - 'sealed' = to_jsonb(OLD) - 'kid' - 'sealed' "
        "THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME; END $$"
    )
    for table in KEPT:
        op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION intake_guard_kept()"
        )
