"""One person's set of answers: a draft that changes, then versions that never do.

An id, reference or code that does not parse is one that does not exist: the answer is None.
"""

from intake.store.amending import Amendment, amend
from intake.store.drafts import Draft, draft, start
from intake.store.finding import Found, Owner, Owners, find
from intake.store.resuming import issue_code, resume
from intake.store.saving import save
from intake.store.sending import Sent, send
from intake.store.unlocking import fits
from intake.store.versions import SentResponse, Version, sent, sent_by_id

__all__ = [
    "Amendment",
    "Draft",
    "Found",
    "Owner",
    "Owners",
    "Sent",
    "SentResponse",
    "Version",
    "amend",
    "draft",
    "find",
    "fits",
    "issue_code",
    "resume",
    "save",
    "send",
    "sent",
    "sent_by_id",
    "start",
]
