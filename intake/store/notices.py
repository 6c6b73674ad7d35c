"""That something urgent arrived, for who is not looking at the work list: a reference, no more."""

from sqlalchemy import Connection, select

from intake.store import audit, jobs, schema
from intake.store.jobs import Job
from intake.store.store import Store

RESPONSE, DRAFT = "response", "draft"


def add(store: Store, conn: Connection, clinic_id: int, kind: str, response_id: str | None) -> None:
    """Add a notice to the transaction of what it tells; without a draft it has no reference."""
    table = schema.responses.c
    statement = select(table.reference).where(table.clinic_id == clinic_id, table.id == response_id)
    reference = "" if response_id is None else conn.execute(statement).scalar() or ""
    document = {"kind": kind, "reference": reference, "at": store.clock().isoformat()}
    jobs.add(store, conn, clinic_id, "notice", response_id or jobs.NOBODY, document)


def hand_on(store: Store, notice: Job, *, mail: dict[str, str] | None, webhook: bool) -> None:
    """Make of a notice one job for each way that the clinic wants, each with tries of its own."""
    ways = [way for way, is_wanted in (("mail", mail), ("webhook", webhook)) if is_wanted]
    if not ways:
        return
    clinic_id, subject = notice.clinic_id, notice.subject
    response_id = None if subject == jobs.NOBODY else subject
    with store.write() as conn:
        if mail:
            jobs.add(store, conn, clinic_id, "mail", subject, mail)
        if webhook:
            jobs.add(store, conn, clinic_id, "webhook", subject, notice.document)
        word = "-".join(ways)
        audit.record(conn, clinic_id, "system", "notice_made", response_id, word, at=store.clock())
