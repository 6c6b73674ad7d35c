"""Passkeys by the rules of WebAuthn: what a browser is asked for, and whether its answer holds.

Nothing is taken from the answer itself: the name of the site and its origin are those of the
request, whose host is one of the trusted ones, and the challenge is used up by the first look.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from flask import request, session
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import encode_cbor
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from intake.store import passkeys, steps
from intake.store.passkeys import Credential
from intake.store.staff import Staff
from intake.web.visit import clinic, store

ENTER, CONFIRM, ADD = "key_enter", "key_confirm", "key_add"
"""What a challenge is for; one for another purpose is none."""

CHALLENGE = "staff_key"
"""Under this the cookie holds which challenge was given."""

CHALLENGE_BYTES = 32
LONGEST = 16_384
VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Site:
    """The site as browsers know it: the name that a passkey is bound to, and the exact origin."""

    name: str
    origin: str


def site() -> Site | None:
    """This request's site; None where browsers make no passkeys: under a bare number."""
    host = request.host_url.rstrip("/")
    name = request.host.partition(":")[0]
    try:
        ip_address(request.host.strip("[]") if request.host.startswith("[") else name)
    except ValueError:
        return Site(name, host)
    return None


# --- What the browser is asked for -------------------------------------------------------------


def ask_for_new(here: Site, person: Staff) -> str:
    """What makes a passkey on a person's device, as JSON."""
    return options_to_json(
        generate_registration_options(
            rp_id=here.name,
            rp_name=clinic().name,
            user_id=bytes.fromhex(person.id),
            user_name=person.username,
            user_display_name=person.name,
            challenge=_new_challenge(ADD, person),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
            exclude_credentials=_own(person),
        )
    )


def ask_to_enter(here: Site) -> str:
    """What finds any passkey for this site, as JSON: no name is asked for, and none is told."""
    return options_to_json(
        generate_authentication_options(
            rp_id=here.name, challenge=_new_challenge(ENTER), user_verification=VERIFIED
        )
    )


def ask_again(here: Site, person: Staff) -> str:
    """What finds one of a person's own passkeys, as JSON."""
    return options_to_json(
        generate_authentication_options(
            rp_id=here.name,
            challenge=_new_challenge(CONFIRM, person),
            allow_credentials=_own(person),
            user_verification=VERIFIED,
        )
    )


def _own(person: Staff) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=each.credential.id)
        for each in passkeys.of(store(), person)
    ]


def _new_challenge(purpose: str, person: Staff | None = None) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    steps.close(store(), str(session.pop(CHALLENGE, "")))
    whose = "" if person is None else person.id
    document = {"challenge": challenge.hex()}
    session[CHALLENGE] = steps.open(store(), clinic().id, purpose, whose, document)
    return challenge


def _take_challenge(purpose: str, person: Staff | None = None) -> bytes:
    """The challenge that was given, once; where there is none, one that nobody was given."""
    found = steps.take(store(), clinic().id, purpose, str(session.pop(CHALLENGE, "")))
    if found is None or found.staff_id != ("" if person is None else person.id):
        return secrets.token_bytes(CHALLENGE_BYTES)
    return bytes.fromhex(found.document["challenge"])


# --- Whether its answer holds ------------------------------------------------------------------


def made(here: Site, person: Staff, answer: str) -> Credential | None:
    """The passkey that a device made, if its answer holds."""
    challenge = _take_challenge(ADD, person)
    try:
        found = verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=here.name,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    except Exception:
        # The answer is a stranger's bytes, and its parsers raise whatever they come upon.
        return None
    return Credential(found.credential_id, found.credential_public_key, found.sign_count)


def holder(here: Site, answer: str, *, address: str, only: Staff | None = None) -> Staff | None:
    """Who holds the passkey that answered; only this very person where one is given."""
    challenge = _take_challenge(ENTER if only is None else CONFIRM, only)
    try:
        given = _read(answer)
        id = base64url_to_bytes(given["rawId"])
        handle = base64url_to_bytes(given["response"].get("userHandle") or "").hex()
    except (ValueError, KeyError, TypeError, AttributeError):
        given, id, handle = {}, b"", ""
    person = passkeys.check(
        store(),
        clinic().id,
        id,
        _proof(here, given, challenge, handle, told=only is not None),
        nobody=_nobody(),
        address=address,
    )
    return person if only is None or person == only else None


def _proof(
    here: Site, given: dict[str, Any], challenge: bytes, handle: str, *, told: bool
) -> passkeys.Proof:
    """`told`: the browser was told which passkeys would do, so the device need not say whose."""

    def count(owner_id: str, credential: Credential) -> int | None:
        is_whose = handle == owner_id or (told and not handle)
        try:
            found = verify_authentication_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=here.name,
                expected_origin=here.origin,
                credential_public_key=credential.public_key,
                # The store compares the counters itself, and records a copy.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except Exception:
            # As above.
            return None
        return found.new_sign_count if is_whose else None

    return count


def _read(answer: str) -> dict[str, Any]:
    """The answer's JSON; raises `ValueError` for what is none."""
    if len(answer) > LONGEST:
        raise ValueError
    try:
        given = json.loads(answer)
    except RecursionError:
        raise ValueError from None
    if not isinstance(given, dict):
        raise ValueError
    return given


@cache
def _nobody() -> Credential:
    """A key that nobody holds: its private half is forgotten here."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    # In COSE's numbers: an elliptic curve, ES256, P-256, and the point on it.
    key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
    return Credential(b"", encode_cbor(key), 0)
