"""Whether this machine's clock can be right, by what the database knows of the time."""

from datetime import timedelta

from sqlalchemy import func, select

from intake.store import schema
from intake.store.store import Store

SKEW = timedelta(seconds=60)

_LAST = select(schema.audit_events.c.at).order_by(schema.audit_events.c.id.desc()).limit(1)


def problems(store: Store) -> list[str]:
    """What is wrong with the time, one line each."""
    found = []
    with store.read() as conn:
        last = conn.execute(_LAST).scalar()
        if last is not None and last > store.clock() + SKEW:
            found.append("The clock is behind the last event of the audit")
        if conn.dialect.name == "postgresql":
            there = conn.execute(select(func.clock_timestamp())).scalar_one()
            if abs(there - store.clock()) > SKEW:
                found.append("The clocks of this machine and of the database differ")
    return found
