"""Where a response stands on the work list: its lane, and its place among those of a lane.

A private danger sign stands among the emergencies, whatever its level. So its place does not tell
who reads the list, or the database, which sign it is; the level itself is sealed.
"""

from intake.store import schema

_AT_ONCE = ("emergency", "same_day")


def rank(urgency: str, *, private: bool) -> int:
    """The plain `urgency_rank` of a response with or without a private danger sign."""
    return 0 if private else schema.urgency_rank(urgency)


def is_urgent(rank: int) -> bool:
    """Whether a response or a request of this place needs a call today."""
    return schema.URGENCIES[rank] in _AT_ONCE


def lane(urgency: str, *, private: bool) -> str:
    """The lane for what a patient has just sent, or sent anew."""
    return "call" if private or urgency in _AT_ONCE else "new"
