"""Codes that prove something by themselves: invitations and recovery codes.

16 characters of the alphabet that people read out without mistakes: 70 random bits, so that a
keyed hash is enough to keep and to find them.
"""

import secrets

from intake.store.codes import ALPHABET

GROUPS, GROUP = 4, 4
TYPED_LENGTH = 64


def new() -> str:
    """A code in its groups, such as `7K3M-4Q9X-CDFG-HJKM`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def parse(typed: str) -> str | None:
    """What was typed as a code, in its one written form; None when it is none."""
    if len(typed) > TYPED_LENGTH:
        return None
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    if len(letters) != GROUPS * GROUP or not set(letters) <= set(ALPHABET):
        return None
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))
