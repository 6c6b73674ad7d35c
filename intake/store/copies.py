"""How often a patient's own copy is drawn as a PDF: the doctors' summaries wait behind it."""

from intake.store import attempts
from intake.store.drafts import Draft
from intake.store.store import Store

MOST_A_DAY = 10


def take(store: Store, draft: Draft) -> bool:
    """Count one drawing, also one that will fail; False when that would be too many a day."""
    with store.write() as conn:
        return attempts.take_of_day(
            conn, draft.clinic_id, attempts.DRAWN, draft.id, store.clock(), most=MOST_A_DAY
        )
