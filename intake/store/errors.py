"""What can go wrong at the store's edge.

The names say what happened, as they are read in the callers' `except` lines.
"""


class StoreError(Exception):
    """Base of every error that the store raises on purpose."""


class StoreNotReady(StoreError):
    """The application must not start; the message is one line for the person who runs it."""


class StoreUnavailable(StoreError):
    """The database did not take the work just now (full, locked, read-only, restarting).

    Nothing of the transaction is kept. The caller may try again later.
    """


class StaleDraft(StoreError):
    """The draft was changed or sent elsewhere since it was read."""


class StaleResponse(StoreError):
    """A newer version of the response was made since it was read."""


class QuestionClosed(StoreError):
    """A question to a patient was answered or withdrawn meanwhile, or its time is over."""


class NotAllowed(StoreError):
    """Who asked for it may not do this; what it is about may have become private meanwhile."""


class StaffExists(StoreError):
    """The clinic has a member of staff with this username already."""


class LastAdministrator(StoreError):
    """Without this administrator nobody could let anybody in any more."""


class BrokenSeal(StoreError):
    """A sealed value does not open: wrong key, changed bytes, or bytes of another row."""


class BadValue(StoreError, ValueError):
    """A value that the store never takes, such as a NUL or a text beyond its bound."""


class KeysInUse(StoreError):
    """Keys cannot be given up or changed just now; the message is one line for a person."""


class BackupRefused(StoreError):
    """A backup is cut off, altered, of another deployment, or would go over something."""
