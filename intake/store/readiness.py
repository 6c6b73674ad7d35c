"""Whether the database can be used now, for whoever watches a running server."""

from sqlalchemy import inspect, text, update

from intake.store import schema
from intake.store.errors import StoreNotReady, StoreUnavailable
from intake.store.store import DEPLOYMENT, Store

DATABASE, MIGRATIONS, KEYS, READ_ONLY = "database", "migrations", "keys", "read-only"

_C = schema.canaries.c


def fault(store: Store) -> str:
    """What is in the way, as a fixed word; "" when answers can be read and stored.

    Unlike `Store.check` it mends nothing, and closes no connection that others use.
    """
    try:
        return _reading_fault(store) or _writing_fault(store)
    except StoreUnavailable:
        return DATABASE


def _reading_fault(store: Store) -> str:
    with store.read() as conn:
        if not inspect(conn).has_table("alembic_version"):
            return MIGRATIONS
        revision = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    # A newer one is there while a release is rolled out: the first half of each change of tables
    # leaves this program's reading and writing as they were.
    if revision is None or revision < schema.REVISION:
        return MIGRATIONS
    try:
        store.open_canaries()
    except StoreNotReady:
        return KEYS
    return ""


def _writing_fault(store: Store) -> str:
    """Change a row into itself, and commit: a full disk shows at no earlier moment."""
    itself = (
        update(schema.canaries)
        .where(_C.clinic_id == DEPLOYMENT, _C.kid == store.vault.current)
        .values(created_at=_C.created_at)
    )
    try:
        with store.write() as conn:
            conn.execute(itself)
    except StoreUnavailable:
        return READ_ONLY
    return ""
