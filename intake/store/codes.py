"""Words that people read out and type in: reference numbers and resume codes."""

import secrets

# No vowels (no words), none of 0 O 1 I L, 2 Z, 5 S, 8 B, U V.
REFERENCE_ALPHABET = "34679CDFGHJKMNPQRTWXY"
REFERENCE_GROUP = 3

# Crockford's base 32: no I, L, O, U.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOCATOR_LENGTH = 5
CODE_LENGTH = 15
CODE_GROUP = 5
# What people see or type in place of a digit.
LOOKALIKES = str.maketrans("OIL", "011")
# Longer input is no code; it is not worth a look.
TYPED_LENGTH = 64


def new_reference() -> str:
    """A reference number such as `C7K-4MX`: 21**6, about 86 million."""
    return _grouped(_random(REFERENCE_ALPHABET, 2 * REFERENCE_GROUP), REFERENCE_GROUP)


def parse_reference(typed: str) -> str | None:
    """The reference number that was typed, in its one written form; None when it is none."""
    letters = _letters(typed)
    if len(letters) != 2 * REFERENCE_GROUP or not set(letters) <= set(REFERENCE_ALPHABET):
        return None
    return _grouped(letters, REFERENCE_GROUP)


def new_code() -> str:
    """A resume code: a locator of 5 and a secret of 10 characters (50 bits), ungrouped."""
    return _random(CROCKFORD, CODE_LENGTH)


def show_code(code: str) -> str:
    """A resume code in three groups of five."""
    return _grouped(code, CODE_GROUP)


def parse_code(typed: str) -> str | None:
    """The resume code that was typed, ungrouped; None when it cannot be one."""
    letters = _letters(typed).translate(LOOKALIKES)
    if len(letters) != CODE_LENGTH or not set(letters) <= set(CROCKFORD):
        return None
    return letters


def locator(code: str) -> str:
    """The part of a code that finds its row."""
    return code[:LOCATOR_LENGTH]


def _letters(typed: str) -> str:
    if len(typed) > TYPED_LENGTH:
        return ""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _grouped(letters: str, size: int) -> str:
    return "-".join(letters[at : at + size] for at in range(0, len(letters), size))
