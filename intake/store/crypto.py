"""Sealing of documents (AES-256-GCM) and the keyed hashes that find people without their names.

A sealed value is 12 bytes of random nonce, the ciphertext and its 16-byte tag. Its associated
data name the place it belongs to, so bytes moved to another row, column or version do not open.
Random 96-bit nonces allow about 2**32 seals a key (NIST SP 800-38D, 8.3).
"""

import hashlib
import hmac
import json
import os
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.store.errors import BadValue, BrokenSeal, StoreNotReady

if TYPE_CHECKING:
    from intake.config import Keys

KEY_BYTES = 32
IN_FLIGHT_SECONDS = 15.0
"""Longer than from sealing something to the end of the transaction that keeps it."""
NONCE_BYTES = 12
DOCUMENT_BYTES = 1_048_576
NAME_WORDS = 20

# A NUL inside JSON text is \u0000 after an even number of backslashes; typed "\\u0000" is not one.
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# The apostrophes and marks people type for one and the same name: O'Brien, O’Brien, OBrien.
APOSTROPHES = re.compile("['\u2019\u2018\u02bc\u02bb`\u00b4]")
# Letters that Unicode does not split into a plain one and its mark.
PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae"})
BETWEEN_WORDS = re.compile(r"[\s\-\u2010-\u2015,.;/]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands; part of what its tag protects."""

    clinic_id: int
    table: str
    column: str
    row_id: str
    version: int

    def associated_data(self) -> bytes:
        parts = (str(self.clinic_id), self.table, self.column, self.row_id, str(self.version))
        return "\0".join(parts).encode()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A ciphertext and the id of the key that opens it."""

    kid: str
    data: bytes


class Vault:
    """Seals with the current key, opens with any key of the ring, and makes keyed hashes."""

    def __init__(
        self,
        current: str,
        ring: Mapping[str, bytes],
        index_key: bytes,
        renewed: Callable[[], "Keys | None"] | None = None,
    ) -> None:
        """`renewed` reads the keys anew: while this process runs, another one may change them."""
        if current not in ring:
            raise StoreNotReady(f"The current key {current!r} is not in the key ring.")
        for kid, key in ring.items():
            if len(key) != KEY_BYTES:
                raise StoreNotReady(f"Key {kid!r} must have {KEY_BYTES} bytes.")
        if len(index_key) < KEY_BYTES:
            raise StoreNotReady(f"The index key must have at least {KEY_BYTES} bytes.")
        self.current = current
        self._ciphers = {kid: AESGCM(key) for kid, key in ring.items()}
        self._index_key = index_key
        self._renewed = renewed
        self._sealed_at: dict[str, float] = {}

    def knows(self, kid: str) -> bool:
        """Whether the ring holds this key, as it is or when it is read anew."""
        return kid in self._ciphers or (self._renew() and kid in self._ciphers)

    def just_used(self) -> frozenset[str]:
        """The keys that sealed something of which the transaction may still be open."""
        since = time.monotonic() - IN_FLIGHT_SECONDS
        return frozenset(kid for kid, at in tuple(self._sealed_at.items()) if at >= since)

    def _renew(self) -> bool:
        keys = self._renewed() if self._renewed else None
        if keys is None or keys.index_key != self._index_key:
            return False
        self._ciphers = {kid: AESGCM(key) for kid, key in keys.ring.items()}
        self.current = keys.current
        return True

    def seal(self, plain: bytes, place: Place) -> Sealed:
        """Encrypt with the current key, bound to its place."""
        nonce, kid = os.urandom(NONCE_BYTES), self.current
        self._sealed_at[kid] = time.monotonic()
        cipher = self._ciphers[kid]
        return Sealed(kid, nonce + cipher.encrypt(nonce, plain, place.associated_data()))

    def open(self, sealed: Sealed, place: Place) -> bytes:
        """Decrypt; raises `BrokenSeal` when key, bytes or place do not fit."""
        cipher = self._ciphers.get(sealed.kid) if self.knows(sealed.kid) else None
        if cipher is None:
            raise BrokenSeal(f"No key {sealed.kid!r} for a value in {place.table}.{place.column}.")
        nonce, body = sealed.data[:NONCE_BYTES], sealed.data[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, body, place.associated_data())
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal(f"A value in {place.table}.{place.column} does not open.") from error

    def seal_document(self, document: Mapping[str, Any], place: Place) -> Sealed:
        """Seal JSON-able content; raises `BadValue` for what is not, holds NUL or is too long."""
        return self.seal(_encode(document), place)

    def open_document(self, sealed: Sealed, place: Place) -> dict[str, Any]:
        """Open what `seal_document` made."""
        return self._read(self.open(sealed, place).decode(), place)

    def open_part(self, sealed: Sealed, place: Place, *, before: str) -> dict[str, Any]:
        """As `open_document`, but only what stands before the list of this name.

        All of it is checked and decrypted; what is left out is not parsed, which takes longer.
        Inside of words a quotation mark has a backslash before it, so none can look like the list.
        """
        whole = self.open(sealed, place).decode()
        part, found, _rest = whole.partition(f',"{before}":[')
        return self._read(f"{part}}}" if found else whole, place)

    def _read(self, text: str, place: Place) -> dict[str, Any]:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise BrokenSeal(f"A value in {place.table}.{place.column} is not a document.")
        return document

    def name_hashes(self, clinic_id: int, name: str) -> frozenset[bytes]:
        """Keyed hashes of each word of a name, as written and without its accents.

        Spelling, not case or apostrophes, decides.
        """
        words = name_words(name)[:NAME_WORDS]
        every = {*words, *map(without_accents, words)}
        return frozenset(self._keyed(clinic_id, "name", word) for word in every)

    def heard_hashes(self, clinic_id: int, name: str) -> frozenset[bytes]:
        """What `name_hashes` of a person holds when this is a part of their name.

        As heard on the phone: nobody says whether it is José or Jose.
        """
        words = name_words(name)[:NAME_WORDS]
        return frozenset(self._keyed(clinic_id, "name", without_accents(word)) for word in words)

    def date_hash(self, clinic_id: int, on: date) -> bytes:
        """Keyed hash of a whole date."""
        return self._keyed(clinic_id, "date", on.isoformat())

    def code_secret(self, clinic_id: int, code: str, born_on: date) -> str:
        """Code and birth date as one, so that nobody learns which of them was wrong.

        Keyed, so that whoever has the database but not the keys cannot try codes against it.
        """
        return self._keyed(clinic_id, "code", f"{code} {born_on.isoformat()}").hex()

    def address_hash(self, clinic_id: int, address: str) -> str:
        """Keyed hash of an e-mail address, by which mail to it is counted."""
        return self._keyed(clinic_id, "address", address.strip().casefold()).hex()

    def long_code_hash(self, clinic_id: int, purpose: str, code: str) -> bytes:
        """Keyed hash of a code that is long enough to be found by its hash alone."""
        return self._keyed(clinic_id, purpose, code)

    def chain_hash(self, before: bytes, event: bytes) -> bytes:
        """Keyed hash of an audit event and of the hash before it."""
        key = hmac.digest(self._index_key, b"audit chain", "sha256")
        return hmac.digest(key, before + event, "sha256")

    def keyed_digest(self, purpose: str, message: bytes) -> str:
        """HMAC-SHA-256, in hex, by which this deployment knows again what it wrote into a file."""
        key = hmac.digest(self._index_key, purpose.encode(), "sha256")
        return hmac.digest(key, message, "sha256").hex()

    def fingerprint(self) -> bytes:
        """A keyed constant that tells whether the index key is still the same."""
        return self._keyed(0, "fingerprint", "index")

    def _keyed(self, clinic_id: int, purpose: str, value: str) -> bytes:
        message = f"{clinic_id}\0{purpose}\0{value}".encode()
        return hmac.digest(self._index_key, message, "sha256")


def name_words(name: str) -> list[str]:
    """The words of a name as they are hashed: NFKC, case-folded, apostrophes gone."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return [word for word in BETWEEN_WORDS.split(APOSTROPHES.sub("", folded)) if word]


def without_accents(word: str) -> str:
    """A folded word in plain letters: nguyễn as nguyen, løvås as lovas."""
    split = unicodedata.normalize("NFKD", word.translate(PLAIN_LETTERS))
    return "".join(sign for sign in split if not unicodedata.combining(sign))


def token_hash(token: str) -> bytes:
    """SHA-256 of an opaque token; enough, as the token itself has 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def _encode(document: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        encoded = text.encode()
    except (TypeError, ValueError, RecursionError):
        # The cause is left out: its message may quote an answer.
        raise BadValue("A document holds a value that JSON in UTF-8 cannot carry.") from None
    if len(encoded) > DOCUMENT_BYTES:
        raise BadValue(f"A document is longer than {DOCUMENT_BYTES} bytes.")
    if ESCAPED_NUL.search(encoded):
        raise BadValue("A document holds a NUL character.")
    return encoded
