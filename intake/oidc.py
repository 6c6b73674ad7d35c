"""Asking the clinic's single sign-on who somebody is, by OpenID Connect.

The authorization code flow with PKCE. Nothing is believed but an ID token that came over our own
connection, is signed by a key of the provider with one of two algorithms, and answers the very
question that was asked. Whatever else happens is one exception with one fixed word.
"""

from __future__ import annotations

import hmac
import secrets
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from threading import Lock
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests.adapters import HTTPAdapter

from intake.config import SignOn, is_safe_address

ALGORITHMS = ("RS256", "ES256")
"""Signed by a private key that the provider alone has; never "none", never a shared secret."""

SCOPE = "openid email"
SECONDS = (3, 5)
"""To connect, and for each reading."""
WAIT = 1
"""In seconds: for so long others wait for the one who asks."""
MOST_BYTES = 256 * 1024
SKEW = 60
"""By so many seconds the provider's clock may differ from ours."""

KEPT = timedelta(hours=1)
"""For so long the provider's addresses and keys are not asked for again."""
KEYS_AGAIN = timedelta(minutes=1)
"""So often, at most, an unknown key has the keys asked for anew."""
PAUSE = timedelta(seconds=15)
"""For so long after a failure nobody waits for the provider."""

LONGEST = 255


class SignOnFailed(Exception):
    """Somebody cannot be logged in by it; `reason` is a fixed word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


UNREACHABLE, CANCELLED = "unreachable", "cancelled"


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be known of a question when its answer comes; kept here, never sent whole."""

    state: str
    nonce: str
    verifier: str
    back: str
    """Our address to which the answer comes."""
    asked_at: int
    """In seconds since 1970."""
    again: bool
    """Whether the person had to prove anew who they are, though the provider knows them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to the provider."""

    issuer: str
    subject: str
    email: str
    """In small letters; "" unless the provider says that it is theirs."""
    is_strong: bool
    """Whether it asked for two proofs, as far as the settings let us believe that."""
    proved_at: datetime | None
    """When it asked; None where it does not say."""


class Provider:
    """The provider of one deployment, with what it last said of itself."""

    def __init__(self, settings: SignOn, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = Lock()
        self._metadata: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._failed_at: datetime | None = None

    @property
    def is_trusted_alone(self) -> bool:
        """Whether it can vouch for both proofs."""
        return bool(self.settings.strong)

    def check(self) -> None:
        """Raises `SignOnFailed` unless the provider answers and shows its keys."""
        self._key_set(self._about()["jwks_uri"])

    def ask(self, back: str, *, again: bool) -> tuple[str, Question]:
        """Where to send a person's browser, and what to remember until it comes back.

        Raises `SignOnFailed` when the provider cannot be reached.
        """
        question = Question(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            back=back,
            asked_at=int(self._clock().timestamp()),
            again=again,
        )
        more = {"acr_values": " ".join(self.settings.strong)} if self.is_trusted_alone else {}
        if again:
            # Either should do; some providers know one of them only.
            more |= {"prompt": "login", "max_age": "0"}
        metadata = self._about()
        with self._session(metadata, back) as session:
            url, _state = session.create_authorization_url(
                metadata["authorization_endpoint"],
                state=question.state,
                nonce=question.nonce,
                code_verifier=question.verifier,
                **more,
            )
        return url, question

    def answered(self, question: Question, given: Mapping[str, str]) -> Identity:
        """Who the person is, by what their browser brought back; raises `SignOnFailed`."""
        metadata = self._about()
        self._check_sender(metadata, given)
        if "error" in given:
            raise SignOnFailed(CANCELLED if given["error"] == "access_denied" else "error")
        tokens = self._tokens(metadata, question, given.get("code", ""))
        claims = self._claims(metadata, tokens, question)
        return Identity(
            issuer=self.settings.issuer,
            subject=_subject(claims),
            email=self._email(metadata, tokens, claims),
            is_strong=self._is_strong(claims),
            proved_at=self._proved_at(claims, question),
        )

    # --- What it says of itself ----------------------------------------------------------------

    def _about(self) -> dict[str, Any]:
        with self._alone():
            now = self._clock()
            if self._metadata is None or not now < self._metadata[0] + KEPT:
                url = get_well_known_url(self.settings.issuer, external=True)
                self._metadata = now, self._checked(self._fetch(url))
            return self._metadata[1]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread asks; a provider that hangs must not hold all threads of the server."""
        if not self._lock.acquire(timeout=WAIT):
            raise SignOnFailed(UNREACHABLE)
        try:
            yield
        finally:
            self._lock.release()

    def _checked(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Addresses to which a secret may go, of this very provider."""
        if metadata.get("issuer") != self.settings.issuer:
            raise SignOnFailed("other_issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            url = metadata.get(name)
            if not isinstance(url, str) or not is_safe_address(url):
                raise SignOnFailed("bad_address")
        return metadata

    def _key_set(self, url: str, *, unknown: bool = False) -> KeySet:
        """Its keys; `unknown`: none of them was it, so they may be new ones."""
        with self._alone():
            now = self._clock()
            life = KEYS_AGAIN if unknown else KEPT
            if self._keys is None or not now < self._keys[0] + life:
                found = self._fetch(url)
                try:
                    self._keys = now, KeySet.import_key_set({"keys": found.get("keys") or []})
                except (JoseError, ValueError, TypeError, AttributeError, KeyError):
                    raise SignOnFailed("bad_keys") from None
            return self._keys[1]

    def _fetch(self, url: str, token: str = "") -> dict[str, Any]:
        """A JSON object; right after a failure the next one is not waited for."""
        now = self._clock()
        if self._failed_at is not None and self._failed_at <= now < self._failed_at + PAUSE:
            raise SignOnFailed(UNREACHABLE)
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with _calling(requests.Session()) as session:
                reply = session.get(url, headers=headers, timeout=SECONDS)
                reply.raise_for_status()
                found = reply.json()
        except (requests.RequestException, OSError, ValueError):
            self._failed_at = now
            raise SignOnFailed(UNREACHABLE) from None
        if not isinstance(found, dict):
            raise SignOnFailed("bad_reply")
        self._failed_at = None
        return found

    # --- What it says of a person --------------------------------------------------------------

    def _check_sender(self, metadata: Mapping[str, Any], given: Mapping[str, str]) -> None:
        """An answer that names its sender names this one (RFC 9207)."""
        must = metadata.get("authorization_response_iss_parameter_supported") is True
        if given.get("iss", "" if must else self.settings.issuer) != self.settings.issuer:
            raise SignOnFailed("other_issuer")

    def _session(self, metadata: Mapping[str, Any], back: str) -> OAuth2Session:
        session = OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret,
            token_endpoint_auth_method=_way_to_show_the_secret(metadata),
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            default_timeout=SECONDS,
        )
        _calling(session)
        return session

    def _tokens(
        self, metadata: Mapping[str, Any], question: Question, code: str
    ) -> Mapping[str, Any]:
        if not code:
            raise SignOnFailed("no_code")
        try:
            with self._session(metadata, question.back) as session:
                found: Mapping[str, Any] = session.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=question.back,
                    code_verifier=question.verifier,
                )
        except OAuthError:
            raise SignOnFailed("code_refused") from None
        except requests.HTTPError:
            raise SignOnFailed("token_refused") from None
        except (requests.RequestException, OSError):
            raise SignOnFailed(UNREACHABLE) from None
        except (ValueError, TypeError, AttributeError):
            # Not the JSON that was asked for.
            raise SignOnFailed("bad_reply") from None
        return found

    def _claims(
        self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], question: Question
    ) -> CodeIDToken:
        """What the ID token says, once all of it holds."""
        raw = tokens.get("id_token")
        if not isinstance(raw, str):
            raise SignOnFailed("no_id_token")
        try:
            token = self._verified(metadata["jwks_uri"], raw)
        except (JoseError, ValueError, TypeError, KeyError):
            raise SignOnFailed("signature") from None
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client_id},
            },
            {
                "nonce": question.nonce,
                "client_id": self.settings.client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        try:
            claims.validate(now=int(self._clock().timestamp()), leeway=SKEW)
        except ClaimError as error:
            raise SignOnFailed(_claim_word(error)) from None
        except (JoseError, ValueError, TypeError):
            raise SignOnFailed("claims") from None
        if claims["iat"] < question.asked_at - SKEW:
            # Made for an earlier question, whatever its nonce.
            raise SignOnFailed("claim_iat")
        return claims

    def _verified(self, url: str, raw: str) -> jwt.Token:
        # Providers put header parameters of their own there; "crit" is looked at all the same.
        rules = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            return jwt.decode(raw, self._key_set(url), registry=rules)
        except InvalidKeyIdError:
            return jwt.decode(raw, self._key_set(url, unknown=True), registry=rules)

    def _proved_at(self, claims: CodeIDToken, question: Question) -> datetime | None:
        """When the person proved who they are; after the question, where that was asked for."""
        at, now = _time(claims.get("auth_time")), self._clock()
        if question.again:
            first = datetime.fromtimestamp(question.asked_at, UTC) - timedelta(seconds=SKEW)
            if at is None or not first <= at <= now + timedelta(seconds=SKEW):
                raise SignOnFailed("auth_time")
        return None if at is None else min(at, now)

    def _is_strong(self, claims: CodeIDToken) -> bool:
        amr = claims.get("amr")
        said = [claims.get("acr"), *(amr if isinstance(amr, list) else ())]
        return any(word in self.settings.strong for word in said if isinstance(word, str))

    def _email(
        self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], claims: CodeIDToken
    ) -> str:
        """The address that the provider calls the person's own; "" where it does not."""
        if "email" in claims:
            return _own_email(claims)
        url, token = metadata.get("userinfo_endpoint"), tokens.get("access_token")
        if not isinstance(url, str) or not is_safe_address(url) or not isinstance(token, str):
            return ""
        try:
            told = self._fetch(url, token)
        except SignOnFailed:
            # Who is linked already needs no address.
            return ""
        # Tokens of another person must not lend this one an address.
        return _own_email(told) if told.get("sub") == claims["sub"] else ""


def is_answer_to(question: Question, given: Mapping[str, str]) -> bool:
    """Whether what a browser brought is about this very question."""
    return hmac.compare_digest(given.get("state", "").encode(), question.state.encode())


def _time(said: object) -> datetime | None:
    """A moment in seconds since 1970; None for anything else."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < 2**33:
        return None
    return datetime.fromtimestamp(said, UTC)


def _subject(claims: CodeIDToken) -> str:
    subject: str = claims["sub"]
    if not 0 < len(subject) <= LONGEST or not (subject.isascii() and subject.isprintable()):
        raise SignOnFailed("claim_sub")
    return subject


def _own_email(told: Mapping[str, Any]) -> str:
    email = told.get("email")
    if told.get("email_verified") is not True or not isinstance(email, str):
        return ""
    # Some letters beyond ASCII become others when made small: the Kelvin sign becomes a "k".
    return email.casefold() if email.isascii() else ""


def _way_to_show_the_secret(metadata: Mapping[str, Any]) -> str:
    ways = metadata.get("token_endpoint_auth_methods_supported")
    basic, post = "client_secret_basic", "client_secret_post"
    return post if isinstance(ways, list) and basic not in ways and post in ways else basic


def _claim_word(error: ClaimError) -> str:
    known = {*CodeIDToken.REGISTERED_CLAIMS}
    return f"claim_{error.claim}" if error.claim in known else "claims"


# --- Calls to it -------------------------------------------------------------------------------


def _calling(session: requests.Session) -> requests.Session:
    """A session that asks the named address alone, and takes nothing from this machine's files."""
    # Neither a .netrc nor a proxy of whoever started the program.
    session.trust_env = False
    caller = _Caller()
    for scheme in ("https://", "http://"):
        session.mount(scheme, caller)
    return session


@cache
def _authorities() -> ssl.SSLContext:
    # Read once: it is a file of some hundred certificates.
    return ssl.create_default_context()


class _Caller(HTTPAdapter):
    """Trusts the authorities that the system trusts; refuses redirects and long replies."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_authorities(), **named)

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> Any:
        reply = super().send(request, *args, **named)
        if reply.is_redirect or reply.is_permanent_redirect:
            reply.close()
            raise requests.TooManyRedirects
        body = reply.raw.read(MOST_BYTES + 1, decode_content=True)
        reply.close()
        if len(body) > MOST_BYTES:
            raise requests.exceptions.ContentDecodingError
        reply.raw = BytesIO(body)
        return reply
