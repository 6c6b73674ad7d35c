"""Where responses are kept: the only package that queries.

Its verbs stand in modules by what they are about: `responses`, `calls`, `staff`, `sessions`,
`audit`; each takes the open `Store` first and the clinic's id second.
"""

from intake.store.errors import (
    BackupRefused,
    BadValue,
    BrokenSeal,
    KeysInUse,
    LastAdministrator,
    NotAllowed,
    QuestionClosed,
    StaffExists,
    StaleDraft,
    StaleResponse,
    StoreError,
    StoreNotReady,
    StoreUnavailable,
)
from intake.store.store import Store

__all__ = [
    "BackupRefused",
    "BadValue",
    "BrokenSeal",
    "KeysInUse",
    "LastAdministrator",
    "NotAllowed",
    "QuestionClosed",
    "StaffExists",
    "StaleDraft",
    "StaleResponse",
    "Store",
    "StoreError",
    "StoreNotReady",
    "StoreUnavailable",
]
