"""A device that makes passkeys and signs with them, as the standard says, in a few lines."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One passkey; what it claims can be bent by its fields."""

    origin: str = "http://localhost"
    site: str = "localhost"
    verified: bool = True
    count: int = 0
    counts: bool = True
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    whose: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        return encode_cbor({1: 2, 3: -7, -1: 1} | point)

    def make(self, options: dict[str, Any]) -> str:
        """A new passkey, as a page would send it."""
        self.whose = base64url_to_bytes(options["user"]["id"])
        held = bytes(16) + len(self.id).to_bytes(2) + self.id + self.public_key
        data = self._data(HAS_KEY) + held
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options)
        return self._sent(
            clientDataJSON=bytes_to_base64url(client),
            attestationObject=bytes_to_base64url(attested),
        )

    def sign(self, options: dict[str, Any]) -> str:
        """The answer to a challenge."""
        self.count += self.counts
        client, data = self._client("webauthn.get", options), self._data()
        signed = data + hashlib.sha256(client).digest()
        return self._sent(
            clientDataJSON=bytes_to_base64url(client),
            authenticatorData=bytes_to_base64url(data),
            signature=bytes_to_base64url(self.key.sign(signed, ec.ECDSA(SHA256()))),
            userHandle=bytes_to_base64url(self.whose),
        )

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verified else 0) | more
        site = hashlib.sha256(self.site.encode()).digest()
        return site + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _sent(self, **response: str) -> str:
        id = bytes_to_base64url(self.id)
        return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": response})
