"""Words that people read out and type in: reference numbers and resume codes."""

import secrets
from collections.abc import Iterable
from itertools import islice

# No vowels (no words), none of 0 O 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "34679CDFGHJKMNPQRTWXY"
REFERENCE_GROUPS = (3, 3)

# As phone numbers are written and said.
CODE_GROUPS = (3, 3, 4)
CODE_LENGTH = sum(CODE_GROUPS)
LOCATOR_LENGTH = 4

# Codes of earlier versions, which live for 14 days more: Crockford's base 32.
OLD_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
OLD_LENGTH = 15
OLD_LOCATOR_LENGTH = 5
# What people see or type in place of a digit of such a code.
LOOKALIKES = str.maketrans("OIL", "011")
# Longer input is no code; it is not worth a look.
TYPED_LENGTH = 64


def new_reference() -> str:
    """A reference number such as `C7K-4MX`: 21**6, about 86 million."""
    return _grouped(_random(sum(REFERENCE_GROUPS)), REFERENCE_GROUPS)


def parse_reference(typed: str) -> str | None:
    """The reference number that was typed, in its one written form; None when it is none."""
    letters = _letters(typed)
    if len(letters) != sum(REFERENCE_GROUPS) or not set(letters) <= set(ALPHABET):
        return None
    return _grouped(letters, REFERENCE_GROUPS)


def new_code() -> str:
    """A resume code: a locator of 4 and a secret of 6 characters (26 bits), ungrouped.

    Short, as it is copied by shaking hands and read out on the phone. It suffices because the
    date of birth is asked as well, tries are counted, and the hash is keyed: a copy of the
    database alone gives nothing to guess at.
    """
    return _random(CODE_LENGTH)


def show_code(code: str) -> str:
    """A resume code in groups, such as `7K3-MD4-Q9XC`."""
    return _grouped(code, CODE_GROUPS)


def parse_code(typed: str) -> str | None:
    """The resume code that was typed, ungrouped; None when it cannot be one."""
    letters = _letters(typed)
    if len(letters) == CODE_LENGTH and set(letters) <= set(ALPHABET):
        return letters
    letters = letters.translate(LOOKALIKES)
    return letters if is_old(letters) and set(letters) <= set(OLD_ALPHABET) else None


def is_old(code: str) -> bool:
    """Whether a code is of an earlier version: longer, and its hash not keyed."""
    return len(code) == OLD_LENGTH


def locator(code: str) -> str:
    """The part of a code that finds its row."""
    return code[: OLD_LOCATOR_LENGTH if is_old(code) else LOCATOR_LENGTH]


def _letters(typed: str) -> str:
    if len(typed) > TYPED_LENGTH:
        return ""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _grouped(letters: str, sizes: Iterable[int]) -> str:
    each = iter(letters)
    return "-".join("".join(islice(each, size)) for size in sizes)
