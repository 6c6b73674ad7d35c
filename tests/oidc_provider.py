"""A small OpenID Connect provider that people sign in to over HTTP, and that can misbehave.

It asks who somebody is on a page of its own, remembers them by a cookie, and gives codes, tokens
and keys as the standard says: one registered client, one use of a code, PKCE by S256 alone.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.common.encoding import to_unicode, urlsafe_b64encode
from flask import Flask, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as Redirect

CLIENT_ID, CLIENT_SECRET = "intake", "secret-of~the.client"
BACK = "http://localhost/clinic/sign-on/back"
COOKIE = "at_the_provider"
CODE = "a" * 24
"""With this each code begins."""


@cache
def rsa_key(kid: str) -> RSAKey:
    """A key of its own for each name."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@cache
def ec_key(kid: str) -> ECKey:
    """As `rsa_key`, on a curve."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


@dataclass
class Account:
    """Somebody at the provider; `more` stands in their ID token besides."""

    subject: str
    email: str
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class OidcProvider:
    """What it knows, and by what it departs from the standard."""

    clock: Callable[[], datetime]
    address: str = ""
    back: str = BACK
    people: dict[str, Account] = field(default_factory=dict)
    key: Key = field(default_factory=lambda: rsa_key("1"))
    published: list[Key] = field(default_factory=lambda: [rsa_key("1"), ec_key("2")])
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    """What stands in every ID token instead; None for what is left out."""
    token_claims: tuple[str, ...] = ("email", "email_verified")
    """What of these stands in the ID token; `/userinfo` tells all of it."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[OidcProvider, dict[str, Any]], str] | None = None
    answers: dict[str, Callable[[], ResponseReturnValue]] = field(default_factory=dict)
    """By path: what is answered in its place."""
    sent_back: dict[str, str] = field(default_factory=dict)
    asks_always: bool = True
    """Whether it heeds that somebody has to prove anew who they are."""
    calls: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    seen: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def settings(self, **more: str) -> dict[str, str]:
        """The environment of an application that uses it."""
        return {
            "INTAKE_OIDC_ISSUER": self.address,
            "INTAKE_OIDC_CLIENT_ID": CLIENT_ID,
            "INTAKE_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        } | more

    def now(self) -> int:
        """In seconds since 1970."""
        return int(self.clock().timestamp())

    def id_token(self, claims: dict[str, Any]) -> str:
        """Signed as it should be, unless `sign` does it otherwise."""
        if self.sign is not None:
            return self.sign(self, claims)
        return jwt.encode({"alg": self.key.get("alg"), "kid": self.key.kid}, claims, self.key)


class AtProvider:
    """A browser at the provider, as far as it needs one without scripts."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def sign_in(self, url: str, who: str) -> str:
        """Go where our site leads, say who one is if asked, and give the address that leads back.

        Empty `who` presses "Cancel".
        """
        reply = self.session.get(url, allow_redirects=False, timeout=10)
        if reply.status_code == 200:
            data = {"who": who} if who else {"cancel": "1"}
            reply = self.session.post(url, data=data, allow_redirects=False, timeout=10)
        assert reply.status_code == 303, reply.text
        return reply.headers["Location"]

    def is_known(self, url: str) -> bool:
        """Whether somebody is led back from there without being asked."""
        return self.session.get(url, allow_redirects=False, timeout=10).status_code == 303


@contextmanager
def serving(clock: Callable[[], datetime] | None = None) -> Iterator[OidcProvider]:
    """A provider on a port of its own, until the block ends."""
    provider = OidcProvider(clock or (lambda: datetime.now(UTC)))
    server = make_server("127.0.0.1", 0, _pages_of(provider), threaded=True)
    provider.address = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pages_of(provider: OidcProvider) -> Flask:
    app = Flask("oidc_provider")

    @app.before_request
    def instead() -> ResponseReturnValue | None:
        provider.calls.append(request.path)
        provider.headers.append(dict(request.headers))
        answer = provider.answers.get(request.path)
        return answer() if answer else None

    @app.get("/.well-known/openid-configuration")
    def about() -> ResponseReturnValue:
        here = provider.address
        told = {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "userinfo_endpoint": f"{here}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": ["mfa"],
        }
        return jsonify(told | provider.metadata)

    @app.get("/keys")
    def keys() -> ResponseReturnValue:
        return jsonify(KeySet(provider.published).as_dict(private=False))

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> ResponseReturnValue:
        return _authorize(provider)

    @app.post("/token")
    def token() -> ResponseReturnValue:
        return _token(provider)

    @app.get("/userinfo")
    def userinfo() -> ResponseReturnValue:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        who = provider.tokens.get(bearer)
        if who is None:
            return Response(status=401)
        person = provider.people[who]
        told = {"sub": person.subject, "email": person.email, "email_verified": True}
        return jsonify(told | provider.userinfo)

    return app


PAGE = """<!DOCTYPE html><html lang="en"><head><title>Sign in</title></head><body>
<h1>Sign in to your organisation</h1><form method="post">
<label for="who">Who are you?</label> <input id="who" name="who">
<button>Sign in</button> <button name="cancel" value="1">Cancel</button></form></body></html>"""


def _authorize(provider: OidcProvider) -> ResponseReturnValue:
    asked = request.args
    fits = (
        asked.get("client_id") == CLIENT_ID
        and asked.get("redirect_uri") == provider.back
        and asked.get("response_type") == "code"
        and asked.get("code_challenge_method") == "S256"
        and len(asked.get("code_challenge", "")) == 43
        and "openid" in asked.get("scope", "").split()
    )
    if not fits:
        return f"<!DOCTYPE html><title>No</title><p>{escape(str(dict(asked)))}</p>", 400
    if request.method == "POST":
        return _signed_in(provider)
    known = provider.seen.get(request.cookies.get(COOKIE, ""))
    must_ask = asked.get("prompt") == "login" or asked.get("max_age") == "0"
    if known is None or (must_ask and provider.asks_always):
        return PAGE
    return _to_client(provider, *known)


def _signed_in(provider: OidcProvider) -> ResponseReturnValue:
    if request.form.get("cancel"):
        return _back(provider, {"error": "access_denied", "error_description": "a private word"})
    who = request.form["who"]
    if who not in provider.people:
        return PAGE
    cookie = secrets.token_urlsafe(16)
    provider.seen[cookie] = (who, provider.clock())
    reply = _to_client(provider, who, provider.clock())
    reply.set_cookie(COOKIE, cookie, httponly=True)
    return reply


def _to_client(provider: OidcProvider, who: str, at: datetime) -> Redirect:
    code = CODE + secrets.token_urlsafe(24)
    provider.codes[code] = {"who": who, "at": at, **request.args.to_dict()}
    return _back(provider, {"code": code})


def _back(provider: OidcProvider, given: dict[str, str]) -> Redirect:
    given = given | {"state": request.args["state"]} | provider.sent_back
    return redirect(f"{provider.back}?{urlencode(given)}", 303)


def _token(provider: OidcProvider) -> ResponseReturnValue:
    given, shown = request.form, request.authorization
    told = (shown.username, shown.password) if shown else (None, None)
    if told == (None, None):
        told = (given.get("client_id"), given.get("client_secret"))
    if told != (CLIENT_ID, CLIENT_SECRET):
        return jsonify(error="invalid_client"), 401
    asked = provider.codes.pop(given.get("code", ""), None)
    verifier = given.get("code_verifier", "")
    challenge = to_unicode(urlsafe_b64encode(sha256(verifier.encode()).digest()))
    fits = (
        asked is not None
        and given.get("grant_type") == "authorization_code"
        and given.get("redirect_uri") == asked["redirect_uri"]
        and challenge == asked["code_challenge"]
    )
    if asked is None or not fits:
        return jsonify(error="invalid_grant", error_description="a private word"), 400
    access = secrets.token_urlsafe(24)
    provider.tokens[access] = asked["who"]
    reply = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": provider.id_token(_claims(provider, asked)),
    }
    return jsonify(reply)


def _claims(provider: OidcProvider, asked: dict[str, Any]) -> dict[str, Any]:
    person = provider.people[asked["who"]]
    known = {"email": person.email, "email_verified": True}
    claims = {
        "iss": provider.address,
        "sub": person.subject,
        "aud": CLIENT_ID,
        "iat": provider.now(),
        "exp": provider.now() + 300,
        "auth_time": int(asked["at"].timestamp()),
        "nonce": asked.get("nonce"),
        **{name: known[name] for name in provider.token_claims},
    }
    changed = claims | person.more | provider.claims
    return {name: value for name, value in changed.items() if value is not None}
