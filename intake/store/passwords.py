"""Slow hashes of what people type to prove who they are (argon2id)."""

from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 passes, 1 lane. More memory would let
# a few log-in attempts at once take the machine's.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def hash_secret(secret: str) -> str:
    """Argon2id hash with its salt and parameters."""
    return HASHER.hash(secret)


def verify(secret: str, hashed: str | None) -> bool:
    """Whether the secret fits; without a hash as slow as with one, and False."""
    decoy = _decoy()
    try:
        HASHER.verify(hashed or decoy, secret)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return hashed is not None


@cache
def _decoy() -> str:
    return HASHER.hash("nobody's password")
