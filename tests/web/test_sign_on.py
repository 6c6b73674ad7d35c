"""Single sign-on against a real provider over HTTP: who gets in by it, and who by no means."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.common.encoding import to_unicode, urlsafe_b64encode
from flask import Flask, Response, redirect
from jinja2 import FileSystemBytecodeCache
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select, update

from intake import create_app
from intake.logs import configure_logs
from intake.store import accounts, attempts, factors, identities, schema, staff
from intake.store.staff import Staff
from tests.oidc_provider import (
    CLIENT_SECRET,
    CODE,
    Account,
    AtProvider,
    OidcProvider,
    ec_key,
    rsa_key,
    serving,
)
from tests.web.authenticator import Device
from tests.web.browser import Patient
from tests.web.clinic_side import enter, fresh_digits, hired, store_of
from tests.web.conftest import Clock
from tests.web.test_passkeys import add, ask
from tests.web.test_staff import actions, events

DANA = "dana@clinic.example"
STOPPED = "/clinic/sign-on/stopped"


@pytest.fixture
def provider(clock: Clock) -> Iterator[OidcProvider]:
    with serving(clock) as provider:
        provider.people["dana"] = Account("248289761001", DANA, {"acr": "mfa"})
        provider.people["eve"] = Account("666", "eve@clinic.example", {"acr": "mfa"})
        yield provider


MakeApp = Callable[..., Flask]


@pytest.fixture
def make(
    instance: Path, clock: Clock, compiled: FileSystemBytecodeCache, provider: OidcProvider
) -> Iterator[MakeApp]:
    made = []

    def it(**more: str) -> Flask:
        app = create_app(instance, environ=provider.settings(**more), clock=clock)
        app.jinja_env.bytecode_cache = compiled
        made.append(app)
        return app

    yield it
    for app in made:
        app.extensions["store"].engine.dispose()


@pytest.fixture
def asking(make: MakeApp) -> Flask:
    """Where the provider's word is the first proof alone."""
    return make()


@pytest.fixture
def trusting(make: MakeApp) -> Flask:
    """Where it vouches for both."""
    return make(INTAKE_OIDC_ACR="mfa urn:example:two")


@pytest.fixture
def log(provider: OidcProvider) -> StringIO:
    """What was logged; to be asked for after the application, which sets logging up itself."""
    stream = StringIO()
    configure_logs(stream)
    return stream


def known(app: Flask, username: str = "doctor", email: str = DANA, role: str = "doctor") -> Staff:
    """An account with password and app, and with an address."""
    person = hired(app, role, username=username)
    with store_of(app).write() as conn:
        here = schema.staff.c.id == person.id
        conn.execute(update(schema.staff).where(here).values(email=email))
    found = staff.get(store_of(app), 1, person.id)
    assert found is not None
    return found


def bare(app: Flask, email: str = DANA) -> Staff:
    """An account that is invited, and nothing else yet."""
    person = staff.create(store_of(app), 1, "dana", "Dana Hill", "doctor", email, by="system")
    accounts.invite(store_of(app), person, by="system")
    return person


def press(browser: Patient, form: str = "clinic/sign-on") -> str:
    """Press the button; the address to which the page leads by itself."""
    browser.send(form=form)
    found = re.search(r'http-equiv="refresh"\s+content="0; url=([^"]+)"', browser.html)
    assert found, browser.html
    assert f'href="{found.group(1)}"' in browser.html
    return str(unescape(found.group(1)))


def come_back(browser: Patient, url: str) -> str:
    """Open our own address as the provider gave it; where that leads."""
    place = urlsplit(url)
    return browser.open(f"{place.path}?{place.query}")


def sign_on(
    app: Flask, who: str = "dana", *, then: str = "/clinic", at: AtProvider | None = None
) -> Patient:
    """A browser that went to the provider and came back."""
    browser = Patient(app)
    assert browser.open(then) == "/clinic/log-in"
    come_back(browser, (at or AtProvider()).sign_in(press(browser), who))
    return browser


def is_out(browser: Patient) -> bool:
    return browser.open("/clinic") == "/clinic/log-in"


def is_linked(app: Flask, person: Staff) -> bool:
    return bool(identities.of(store_of(app), person))


def reason(log: StringIO) -> str:
    """Why the last one failed, as the log has it."""
    return str(re.findall(r"event=sign_on_failed .*reason=(\w+)", log.getvalue())[-1])


# --- Off ---------------------------------------------------------------------------------------


def test_where_it_is_off_there_is_none(app: Flask) -> None:
    browser = Patient(app)
    browser.open("/clinic/log-in")
    assert "work account" not in browser.text
    token = browser.field("csrf_token")[0]
    browser.post("/clinic/sign-on", [("csrf_token", token), ("_end", "1")])
    assert browser.status == 404
    browser.open("/clinic/sign-on/back?code=x&state=y")
    assert browser.status == 404


# --- Both proofs at the provider ---------------------------------------------------------------


def test_it_logs_in_and_leads_to_where_one_wanted(trusting: Flask) -> None:
    person = bare(trusting)
    browser = sign_on(trusting, then="/clinic?lane=new")
    assert browser.url == "/clinic?lane=new"
    assert "Dana Hill" in browser.html
    done = [(each.actor, each.action, each.detail) for each in events(trusting)][-3:]
    assert done == [
        (person.actor, "sign_on_linked", None),
        (person.actor, "logged_in", "sign_on"),
        (person.actor, "work_list_read", "new"),
    ]
    browser.open("/clinic/me")
    assert re.search(r"Linked .*Mar 9.* your account at localhost", browser.text)


def test_the_invitation_ends_with_the_first_log_in(trusting: Flask) -> None:
    person = bare(trusting)
    code = accounts.invite(store_of(trusting), person, by="system")
    sign_on(trusting)
    assert accounts.invited(store_of(trusting), 1, code) is None


@pytest.mark.parametrize(
    ("said", "enough"),
    [
        ({"acr": "mfa"}, True),
        ({"acr": None, "amr": ["pwd", "mfa"]}, True),
        ({"acr": "urn:example:two"}, True),
        ({"acr": None}, False),
        ({"acr": "urn:example:one"}, False),
        ({"acr": ["mfa"]}, False),
        ({"acr": None, "amr": ["pwd"]}, False),
        ({"acr": "mf"}, False),
    ],
)
def test_only_what_the_settings_name_counts_as_both(
    trusting: Flask, provider: OidcProvider, said: dict[str, Any], enough: bool
) -> None:
    known(trusting)
    provider.claims = said
    assert sign_on(trusting).page == ("/clinic" if enough else "/clinic/log-in/code")


def test_without_the_setting_no_word_of_it_counts_as_both(
    asking: Flask, provider: OidcProvider
) -> None:
    known(asking)
    provider.claims = {"acr": "", "amr": ["mfa", ""]}
    assert sign_on(asking).page == "/clinic/log-in/code"


# --- The second proof here ---------------------------------------------------------------------


def test_the_second_proof_is_asked_for_and_only_then_is_it_linked(asking: Flask) -> None:
    person = known(asking)
    browser = sign_on(asking, then="/clinic?lane=new")
    assert browser.page == "/clinic/log-in/code"
    browser.send({"code": "000000"}, form="log-in/code")
    assert browser.status == 422
    assert not is_linked(asking, person)
    browser.send({"code": fresh_digits(asking)}, form="log-in/code")
    assert browser.url == "/clinic?lane=new"
    assert is_linked(asking, person)
    last = [(each.action, each.detail) for each in events(asking)][-2]
    assert last == ("logged_in", "sign_on_code")


def test_a_passkey_is_a_second_proof_too(asking: Flask) -> None:
    person = known(asking)
    browser, device = Patient(asking), Device()
    browser.open("/clinic")
    enter(browser, "doctor")
    add(browser, device)
    factors.remove_app(store_of(asking), person)
    browser = sign_on(asking)
    assert browser.page == "/clinic/log-in/code"
    assert browser.has("Your passkey")
    assert "6 digits" not in browser.text
    signed = device.sign(ask(browser, "/clinic/passkey/ask"))
    assert browser.send({"credential": signed}, form="clinic/passkey") == "/clinic"
    assert is_linked(asking, person)


def test_an_account_that_is_not_set_up_waits_for_its_invitation(
    asking: Flask, log: StringIO
) -> None:
    person = bare(asking)
    browser = sign_on(asking)
    assert browser.page == STOPPED
    assert reason(log) == "not_set_up"
    assert not is_linked(asking, person)
    assert browser.open("/clinic/set-up") == "/clinic/log-in"


# --- Whose account it is -----------------------------------------------------------------------


def test_later_it_is_the_subject_that_counts(trusting: Flask, provider: OidcProvider) -> None:
    person = bare(trusting)
    sign_on(trusting)
    # The address moves on to somebody else; each stays who they are.
    provider.people["dana"].email = "other@clinic.example"
    provider.people["eve"].email = DANA
    assert person.name in sign_on(trusting).html
    assert sign_on(trusting, "eve").page == STOPPED


NO_ADDRESS: dict[str, dict[str, Any]] = {
    "not verified": {"email_verified": False},
    "verified in words": {"email_verified": "true"},
    "verified by a number": {"email_verified": 1},
    "not said": {"email_verified": None},
    "another": {"email": "dan@clinic.example"},
    "a longer one": {"email": DANA + ".evil.example"},
    # The Kelvin sign, of which the small letter is a "k".
    "a look-alike": {"email": "d\u212aana@clinic.example"},
    "empty": {"email": ""},
    "no text": {"email": [DANA]},
}


@pytest.mark.parametrize("claims", NO_ADDRESS.values(), ids=NO_ADDRESS)
def test_only_an_equal_and_verified_address_finds_an_account(
    trusting: Flask, provider: OidcProvider, log: StringIO, claims: dict[str, Any]
) -> None:
    bare(trusting)
    for username, email in (("kelvin", "dkana@clinic.example"), ("empty", "")):
        staff.create(store_of(trusting), 1, username, "Other", "doctor", email, by="system")
    provider.claims = claims
    browser = sign_on(trusting)
    assert browser.page == STOPPED
    assert reason(log) == "nobody"
    assert is_out(browser)


def test_the_size_of_letters_does_not_matter(trusting: Flask, provider: OidcProvider) -> None:
    bare(trusting)
    provider.people["dana"].email = "Dana@Clinic.Example"
    assert sign_on(trusting).page == "/clinic"


def test_no_account_is_ever_made(trusting: Flask, log: StringIO) -> None:
    assert sign_on(trusting, "eve").page == STOPPED
    assert reason(log) == "nobody"
    assert accounts.everybody(store_of(trusting), 1) == []


@pytest.mark.parametrize("linked", [True, False])
def test_a_disabled_account_stays_shut(trusting: Flask, linked: bool, log: StringIO) -> None:
    person = bare(trusting)
    known(trusting, "boss", "", "admin")
    if linked:
        sign_on(trusting)
    accounts.disable(store_of(trusting), person, by="system")
    browser = sign_on(trusting)
    assert browser.page == STOPPED
    assert reason(log) == "nobody"
    assert is_out(browser)


def test_an_account_has_one_subject(trusting: Flask, provider: OidcProvider, log: StringIO) -> None:
    bare(trusting)
    sign_on(trusting)
    provider.people["dana"].subject = "made anew"
    assert sign_on(trusting).page == STOPPED
    assert reason(log) == "nobody"


def test_who_was_linked_meanwhile_is_not_linked_again(
    asking: Flask, provider: OidcProvider, log: StringIO
) -> None:
    person = known(asking)
    first = sign_on(asking)
    identities.link(store_of(asking), person, provider.address, "another one")
    first.send({"code": fresh_digits(asking)}, form="log-in/code")
    assert first.page == STOPPED
    assert reason(log) == "linked_elsewhere"
    assert is_out(first)


def test_the_address_may_be_told_apart_from_the_token(
    trusting: Flask, provider: OidcProvider
) -> None:
    bare(trusting)
    provider.token_claims = ()
    assert sign_on(trusting).page == "/clinic"


TOLD_APART: dict[str, dict[str, Any]] = {
    "of somebody else": {"sub": "666"},
    "of nobody": {"sub": None},
    "not verified": {"email_verified": False},
}


@pytest.mark.parametrize("told", TOLD_APART.values(), ids=TOLD_APART)
def test_what_is_told_apart_is_about_the_same_person(
    trusting: Flask, provider: OidcProvider, log: StringIO, told: dict[str, Any]
) -> None:
    bare(trusting)
    provider.token_claims, provider.userinfo = (), told
    assert sign_on(trusting).page == STOPPED
    assert reason(log) == "nobody"


def test_who_is_linked_needs_no_address(trusting: Flask, provider: OidcProvider) -> None:
    bare(trusting)
    sign_on(trusting)
    provider.token_claims = ()
    provider.answers["/userinfo"] = lambda: Response(status=500)
    assert sign_on(trusting).page == "/clinic"


# --- What the ID token must hold ---------------------------------------------------------------


def forged_token(claims: dict[str, Any], header: dict[str, str], secret: bytes | None) -> str:
    """As a stranger makes one who has no private key."""
    parts = [to_unicode(urlsafe_b64encode(json.dumps(each).encode())) for each in (header, claims)]
    signed = ".".join(parts)
    mac = hmac.digest(secret, signed.encode(), "sha256") if secret is not None else b""
    return f"{signed}.{to_unicode(urlsafe_b64encode(mac))}"


def unsigned(_: OidcProvider, claims: dict[str, Any]) -> str:
    return forged_token(claims, {"alg": "none"}, None)


def unsigned_by_name(_: OidcProvider, claims: dict[str, Any]) -> str:
    return forged_token(claims, {"alg": "none", "kid": "1"}, None)


def by_the_public_key(_: OidcProvider, claims: dict[str, Any]) -> str:
    """The public key as a shared secret, as everybody could."""
    public = rsa_key("1").as_pem(private=False)
    return forged_token(claims, {"alg": "HS256", "kid": "1"}, public)


def by_our_secret(_: OidcProvider, claims: dict[str, Any]) -> str:
    return forged_token(claims, {"alg": "HS256"}, CLIENT_SECRET.encode())


def by_an_unknown_key(_: OidcProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "9"}, claims, rsa_key("9"))


def by_a_key_of_the_same_name(_: OidcProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, rsa_key("another"))


def by_another_algorithm(provider: OidcProvider, claims: dict[str, Any]) -> str:
    """By a key that the provider shows for it."""
    plain = rsa_key("5").as_dict(private=True) | {"alg": "RS512"}
    key = RSAKey.import_key(plain)
    provider.published = [key]
    return jwt.encode({"alg": "RS512", "kid": "5"}, claims, key, algorithms=["RS512"])


def changed_afterwards(_: OidcProvider, claims: dict[str, Any]) -> str:
    made = jwt.encode({"alg": "RS256", "kid": "1"}, claims, rsa_key("1"))
    other = jwt.encode({"alg": "RS256", "kid": "1"}, claims | {"x": 1}, rsa_key("1"))
    return ".".join((made.split(".")[0], other.split(".")[1], made.split(".")[2]))


FORGED = (
    unsigned,
    unsigned_by_name,
    by_the_public_key,
    by_our_secret,
    by_an_unknown_key,
    by_a_key_of_the_same_name,
    by_another_algorithm,
    changed_afterwards,
    lambda _provider, _claims: "a.b.c",
    lambda _provider, _claims: "",
)


@pytest.mark.parametrize("forged", FORGED)
def test_only_a_key_of_the_provider_signs(
    trusting: Flask,
    provider: OidcProvider,
    log: StringIO,
    forged: Callable[[OidcProvider, dict[str, Any]], str],
) -> None:
    bare(trusting)
    provider.sign = forged
    browser = sign_on(trusting)
    assert browser.page == STOPPED
    assert reason(log) == "signature"
    assert is_out(browser)


def test_either_algorithm_will_do(trusting: Flask, provider: OidcProvider) -> None:
    bare(trusting)
    provider.key = ec_key("2")
    assert sign_on(trusting).page == "/clinic"


NOW = int(Clock().time.timestamp())
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "https://evil.example"}, "claim_iss"),
    "no issuer": ({"iss": None}, "claim_iss"),
    "for another client": ({"aud": "other", "azp": "intake"}, "claim_aud"),
    "for nobody": ({"aud": []}, "claim_aud"),
    "for several, given to none": ({"aud": ["intake", "other"]}, "claim_azp"),
    "given to another client": ({"aud": ["intake", "other"], "azp": "other"}, "claim_azp"),
    "given to another alone": ({"azp": "other"}, "claim_azp"),
    "no subject": ({"sub": None}, "claim_sub"),
    "an empty subject": ({"sub": ""}, "claim_sub"),
    "a long subject": ({"sub": "a" * 256}, "claim_sub"),
    "a subject of other letters": ({"sub": "Ж"}, "claim_sub"),
    "another nonce": ({"nonce": "another"}, "claim_nonce"),
    "no nonce": ({"nonce": None}, "claim_nonce"),
    "expired": ({"exp": NOW - 60}, "claim_exp"),
    "without an end": ({"exp": None}, "claim_exp"),
    "an end in words": ({"exp": "tomorrow"}, "claim_exp"),
    "made later": ({"iat": NOW + 61}, "claim_iat"),
    "made long ago": ({"iat": NOW - 61}, "claim_iat"),
    "made at no time": ({"iat": None}, "claim_iat"),
    "not yet good": ({"nbf": NOW + 61}, "claim_nbf"),
    "for another access token": ({"at_hash": "LDktKdoQak3Pk0cnXxCltA"}, "claim_at_hash"),
}


@pytest.mark.parametrize(("claims", "word"), WRONG.values(), ids=WRONG)
def test_what_a_token_says_must_hold(
    trusting: Flask, provider: OidcProvider, log: StringIO, claims: dict[str, Any], word: str
) -> None:
    person = bare(trusting)
    provider.claims = claims
    browser = sign_on(trusting)
    assert browser.page == STOPPED
    assert reason(log) == word
    assert is_out(browser)
    assert not is_linked(trusting, person)
    refused = [each for each in events(trusting) if each.action == "sign_on_refused"]
    assert [(each.actor, each.detail) for each in refused] == [("system", None)]


FINE: dict[str, dict[str, Any]] = {
    "clocks apart": {"iat": NOW + 59, "exp": NOW - 59},
    "behind": {"iat": NOW - 59},
    "several, given to us": {"aud": ["intake", "other"], "azp": "intake"},
    "a list of us": {"aud": ["intake"]},
}


@pytest.mark.parametrize("claims", FINE.values(), ids=FINE)
def test_what_is_allowed_is_let_in(
    trusting: Flask, provider: OidcProvider, claims: dict[str, Any]
) -> None:
    bare(trusting)
    provider.claims = claims
    assert sign_on(trusting).page == "/clinic"


def test_new_keys_are_asked_for_once_a_minute_at_most(
    trusting: Flask, provider: OidcProvider, clock: Clock
) -> None:
    bare(trusting)
    sign_on(trusting)
    provider.key, provider.published = rsa_key("3"), [rsa_key("3")]
    assert sign_on(trusting).page == STOPPED
    assert provider.calls.count("/keys") == 1
    clock.forward(minutes=1)
    assert sign_on(trusting).page == "/clinic"
    assert provider.calls.count("/keys") == 2
    sign_on(trusting)
    assert provider.calls.count("/keys") == 2
    clock.forward(hours=1)
    sign_on(trusting)
    assert provider.calls.count("/keys") == 3
    assert provider.calls.count(ABOUT) == 2


# --- The way there and back --------------------------------------------------------------------


def test_what_is_asked_of_the_provider(trusting: Flask, provider: OidcProvider) -> None:
    browser = Patient(trusting)
    browser.open("/clinic/log-in")
    url = press(browser)
    asked = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{provider.address}/authorize?")
    random = {name: asked.pop(name) for name in ("state", "nonce", "code_challenge")}
    assert asked == {
        "response_type": "code",
        "client_id": "intake",
        "redirect_uri": "http://localhost/clinic/sign-on/back",
        "scope": "openid email",
        "code_challenge_method": "S256",
        "acr_values": "mfa urn:example:two",
    }
    assert {len(value) for value in random.values()} == {43}


def test_each_question_is_another(trusting: Flask) -> None:
    browser = Patient(trusting)
    seen = set[str]()
    for _ in range(3):
        browser.open("/clinic/log-in")
        asked = parse_qs(urlsplit(press(browser)).query)
        seen |= {asked[name][0] for name in ("state", "nonce", "code_challenge")}
    assert len(seen) == 9


def test_it_begins_by_a_form_of_ours_alone(trusting: Flask, provider: OidcProvider) -> None:
    browser = Patient(trusting)
    browser.open("/clinic/log-in")
    browser.post("/clinic/sign-on", [("_end", "1")])
    assert browser.status == 400
    browser.open("/clinic/log-in")
    browser.headers = {"Sec-Fetch-Site": "cross-site"}
    browser.send(form="clinic/sign-on")
    assert browser.status == 403
    assert browser.open("/clinic/sign-on") == "/clinic/log-in"
    assert provider.calls == []


def test_an_answer_opens_once(trusting: Flask, log: StringIO) -> None:
    bare(trusting)
    browser = Patient(trusting)
    browser.open("/clinic")
    back = AtProvider().sign_in(press(browser), "dana")
    assert come_back(browser, back) == "/clinic"
    browser.send(form="log-out")
    assert come_back(browser, back) == STOPPED
    assert browser.has("That took too long, or it was done already.")
    assert reason(log) == "late"
    assert is_out(browser)


def test_an_answer_belongs_to_its_browser(
    trusting: Flask, provider: OidcProvider, log: StringIO
) -> None:
    """Nobody is logged in as somebody else by a link that leads to an answer."""
    bare(trusting)
    mine, theirs = Patient(trusting), Patient(trusting)
    for each in (mine, theirs):
        each.open("/clinic/log-in")
    back = AtProvider().sign_in(press(mine), "dana")
    press(theirs)
    for each in (theirs, Patient(trusting)):
        assert come_back(each, back) == STOPPED
        assert reason(log) == "late"
    assert "/token" not in provider.calls
    # It was not used up by that.
    assert come_back(mine, back) == "/clinic"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda back: re.sub(r"state=[^&]+", "state=x", back),
        lambda back: re.sub(r"&?state=[^&]+", "", back),
        lambda back: re.sub(r"state=[^&]+", "state=%C3%A9", back),
    ],
)
def test_a_wrong_state_is_no_answer(
    trusting: Flask, provider: OidcProvider, log: StringIO, spoil: Callable[[str], str]
) -> None:
    bare(trusting)
    browser = Patient(trusting)
    browser.open("/clinic")
    back = AtProvider().sign_in(press(browser), "dana")
    assert come_back(browser, spoil(back)) == STOPPED
    assert reason(log) == "late"
    assert "/token" not in provider.calls


def test_ten_minutes_are_the_time_for_it(trusting: Flask, clock: Clock, log: StringIO) -> None:
    bare(trusting)
    for minutes, leads_to in ((9.9, "/clinic"), (10, STOPPED)):
        browser = Patient(trusting)
        browser.open("/clinic")
        url = press(browser)
        clock.forward(minutes=minutes)
        assert come_back(browser, AtProvider().sign_in(url, "dana")) == leads_to
    assert reason(log) == "late"


def test_who_cancels_is_told_so_and_nothing_counts(trusting: Flask, log: StringIO) -> None:
    bare(trusting)
    browser = sign_on(trusting, "")
    assert browser.url == f"{STOPPED}?why=cancelled"
    assert browser.has("You came back without signing in. Nothing was done.")
    assert reason(log) == "cancelled"
    assert actions(trusting)[-1] == "staff_invited"
    assert "private" not in browser.html + log.getvalue()
    # The ways on: the usual log-in, and the same once more.
    assert 'href="/clinic/log-in"' in browser.html
    assert come_back(browser, AtProvider().sign_in(press(browser), "dana")) == "/clinic"


def test_the_other_way_in_leads_to_where_one_wanted_too(trusting: Flask) -> None:
    hired(trusting, "admin")
    bare(trusting)
    browser = sign_on(trusting, "", then="/clinic?lane=new")
    assert 'href="/clinic/log-in?next=/clinic?lane%3Dnew"' in browser.html
    url = press(browser)
    browser.open("/clinic/log-in?next=/clinic?lane%3Dnew")
    enter(browser, "admin")
    assert browser.url == "/clinic?lane=new"
    browser = sign_on(trusting, "", then="/clinic?lane=new")
    come_back(browser, AtProvider().sign_in(press(browser), "dana"))
    assert browser.url == "/clinic?lane=new"
    browser.open(f"{STOPPED}?why=refused&next=https://evil.example/")
    assert "evil" not in browser.html
    assert url


SENT: dict[str, tuple[dict[str, str], str]] = {
    "another error": ({"error": "server_error"}, "error"),
    "of another provider": ({"iss": "https://evil.example"}, "other_issuer"),
    "no code": ({"code": ""}, "no_code"),
    "another code": ({"code": "x"}, "code_refused"),
}


@pytest.mark.parametrize(("sent", "word"), SENT.values(), ids=SENT)
def test_what_comes_back_must_fit(
    trusting: Flask, provider: OidcProvider, log: StringIO, sent: dict[str, str], word: str
) -> None:
    bare(trusting)
    provider.sent_back = sent
    assert sign_on(trusting).page == STOPPED
    assert reason(log) == word


def test_a_provider_that_always_names_itself_must(
    trusting: Flask, provider: OidcProvider, log: StringIO
) -> None:
    bare(trusting)
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    assert sign_on(trusting).page == STOPPED
    assert reason(log) == "other_issuer"
    provider.sent_back = {"iss": provider.address}
    assert sign_on(trusting).page == "/clinic"


def test_a_long_code_fits_here_and_nowhere_else(trusting: Flask) -> None:
    browser = Patient(trusting)
    assert browser.open(f"/clinic/sign-on/back?code={'a' * 3000}&state=x") == STOPPED
    browser.open(f"/clinic/sign-on/back?code={'a' * 5000}&state=x")
    assert browser.status == 414
    browser.open(f"/clinic/log-in?next={'a' * 3000}")
    assert browser.status == 414


def test_the_secret_may_go_in_the_body_where_the_provider_says_so(
    trusting: Flask, provider: OidcProvider
) -> None:
    bare(trusting)
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert sign_on(trusting).page == "/clinic"
    assert "Authorization" not in provider.headers[provider.calls.index("/token")]


# --- A provider that is away or odd ------------------------------------------------------------


def big() -> Response:
    return Response(b'{"a": "' + b"a" * 300_000 + b'"}', mimetype="application/json")


def elsewhere() -> Any:
    return redirect("/.well-known/openid-configuration", 307)


ABOUT = "/.well-known/openid-configuration"
AWAY: dict[str, tuple[str, Callable[[], Any], str]] = {
    "says an error of itself": (ABOUT, lambda: Response(status=500), "unreachable"),
    "says no JSON of itself": (ABOUT, lambda: "<p>Sign in", "unreachable"),
    "says a list of itself": (ABOUT, lambda: Response("[]"), "bad_reply"),
    "says too much of itself": (ABOUT, big, "unreachable"),
    "sends elsewhere for itself": (ABOUT, lambda: redirect("/keys", 302), "unreachable"),
    "shows no keys": ("/keys", lambda: Response(status=404), "unreachable"),
    "shows odd keys": ("/keys", lambda: Response('{"keys": [7]}'), "bad_keys"),
    "shows other keys": ("/keys", lambda: Response('{"keys": [{"kty": "x"}]}'), "bad_keys"),
    "sends elsewhere for keys": ("/keys", elsewhere, "unreachable"),
    "fails at the code": ("/token", lambda: Response(status=500), "token_refused"),
    "says no JSON to the code": ("/token", lambda: "<p>Busy", "bad_reply"),
    "says a list to the code": ("/token", lambda: Response("[]"), "bad_reply"),
    "says nothing to the code": ("/token", lambda: Response("{}"), "no_id_token"),
    "says an odd token": ("/token", lambda: Response('{"id_token": 7}'), "no_id_token"),
    "says too much to the code": ("/token", big, "unreachable"),
    "sends elsewhere with the code": ("/token", elsewhere, "unreachable"),
}


@pytest.mark.parametrize(("path", "answer", "word"), AWAY.values(), ids=AWAY)
def test_whatever_the_provider_does_it_is_one_calm_page(
    trusting: Flask,
    provider: OidcProvider,
    log: StringIO,
    path: str,
    answer: Callable[[], Any],
    word: str,
) -> None:
    bare(trusting)
    provider.answers[path] = answer
    browser = Patient(trusting)
    browser.open("/clinic")
    browser.send(form="clinic/sign-on")
    if browser.page != STOPPED:
        browser.open("/clinic/log-in")
        come_back(browser, AtProvider().sign_in(press(browser), "dana"))
    assert browser.page == STOPPED
    assert browser.status == 200
    assert reason(log) == word
    assert browser.has("does not answer just now") is (word == "unreachable")
    assert 'href="/clinic/log-in"' in browser.html
    assert "event=failed" not in log.getvalue()
    assert is_out(browser)


ODD: dict[str, tuple[dict[str, Any], str]] = {
    "another name": ({"issuer": "https://evil.example"}, "other_issuer"),
    "no name": ({"issuer": None}, "other_issuer"),
    "an open address": ({"token_endpoint": "http://login.example/token"}, "bad_address"),
    "an open page": ({"authorization_endpoint": "http://login.example/"}, "bad_address"),
    "a script": ({"authorization_endpoint": "javascript:alert(1)"}, "bad_address"),
    "a file": ({"jwks_uri": "file:///etc/passwd"}, "bad_address"),
    "no address": ({"token_endpoint": None}, "bad_address"),
    "a list": ({"jwks_uri": ["https://login.example"]}, "bad_address"),
}


@pytest.mark.parametrize(("metadata", "word"), ODD.values(), ids=ODD)
def test_what_the_provider_says_of_itself_must_be_safe(
    trusting: Flask, provider: OidcProvider, log: StringIO, metadata: dict[str, Any], word: str
) -> None:
    provider.metadata = metadata
    browser = Patient(trusting)
    browser.open("/clinic/log-in")
    browser.send(form="clinic/sign-on")
    assert browser.page == STOPPED
    assert reason(log) == word


def test_nobody_waits_for_a_provider_that_was_away_just_now(
    trusting: Flask, provider: OidcProvider, clock: Clock
) -> None:
    bare(trusting)
    provider.answers[ABOUT] = lambda: Response(status=503)
    for _ in range(3):
        browser = Patient(trusting)
        browser.open("/clinic/log-in")
        browser.send(form="clinic/sign-on")
        assert browser.has("does not answer just now")
    assert provider.calls == [ABOUT]
    provider.answers.clear()
    clock.forward(seconds=15)
    assert sign_on(trusting).page == "/clinic"


def test_one_that_hangs_holds_one_thread_alone(trusting: Flask, provider: OidcProvider) -> None:
    asked, go = Event(), Event()

    def hang() -> Any:
        asked.set()
        assert go.wait(4)

    provider.answers[ABOUT] = hang
    first, second = Patient(trusting), Patient(trusting)
    for each in (first, second):
        each.open("/clinic/log-in")
    waiting = Thread(target=first.send, kwargs={"form": "clinic/sign-on"})
    waiting.start()
    assert asked.wait(4)
    second.send(form="clinic/sign-on")
    assert second.url == f"{STOPPED}?why=unreachable"
    assert waiting.is_alive()
    go.set()
    waiting.join()
    assert first.has("To the sign-in page")
    assert provider.calls == [ABOUT]


def test_one_that_is_down_is_one_calm_page(make: MakeApp) -> None:
    with serving() as gone:
        environ = gone.settings()
    app, log = make(**environ), StringIO()
    configure_logs(log)
    browser = Patient(app)
    browser.open("/clinic/log-in")
    browser.send(form="clinic/sign-on")
    assert browser.url == f"{STOPPED}?why=unreachable"
    assert reason(log) == "unreachable"


def test_nothing_of_this_machine_goes_to_the_provider(
    trusting: Flask, provider: OidcProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a password of whoever started the program, nor the way over their proxy."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login canary password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    bare(trusting)
    assert sign_on(trusting).page == "/clinic"
    by_path = dict(zip(provider.calls, provider.headers, strict=True))
    assert "Authorization" not in by_path[ABOUT]
    assert "Authorization" not in by_path["/keys"]
    assert by_path["/token"]["Authorization"].startswith("Basic ")


# --- Guesses -----------------------------------------------------------------------------------


def test_what_is_refused_counts_against_its_address(
    trusting: Flask, provider: OidcProvider, log: StringIO, clock: Clock
) -> None:
    bare(trusting)
    at = AtProvider()
    for _ in range(50):
        sign_on(trusting, "eve", at=at)
    provider.calls.clear()
    assert sign_on(trusting).page == STOPPED
    assert reason(log) == "paused"
    assert "/token" not in provider.calls
    assert actions(trusting)[-1] == "sign_on_refused"
    clock.forward(minutes=1)
    assert sign_on(trusting).page == "/clinic"


def counted(app: Flask) -> list[int]:
    """How many tries count against each neighbourhood."""
    table = schema.attempts.c
    with store_of(app).read() as conn:
        query = select(table.failures).where(table.kind == attempts.ADDRESS)
        return list(conn.execute(query).scalars())


@pytest.mark.parametrize("who", ["dana", ""])
def test_those_who_get_in_or_cancel_do_not_count(trusting: Flask, who: str) -> None:
    bare(trusting)
    sign_on(trusting, who)
    assert counted(trusting) == [0]
    sign_on(trusting, "eve")
    assert counted(trusting) == [1]


def test_nor_do_those_who_still_owe_the_second_proof(asking: Flask) -> None:
    known(asking)
    assert sign_on(asking).page == "/clinic/log-in/code"
    assert counted(asking) == [0]


# --- Proving it anew ---------------------------------------------------------------------------


def at_confirm(app: Flask, clock: Clock, at: AtProvider) -> Patient:
    """Somebody with a work account alone, whose proof is older than 15 minutes."""
    bare(app)
    browser = sign_on(app, at=at)
    for _ in range(2):
        clock.forward(minutes=8)
        browser.open("/clinic")
    assert browser.open("/clinic/me") == "/clinic/confirm"
    assert "Password" not in browser.text
    return browser


def test_who_has_a_work_account_alone_confirms_by_it(trusting: Flask, clock: Clock) -> None:
    at = AtProvider()
    browser = at_confirm(trusting, clock, at)
    url = press(browser, "confirm/sign-on")
    # Known or not, the provider has to ask.
    assert not at.is_known(url)
    asked = parse_qs(urlsplit(url).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    assert come_back(browser, at.sign_in(url, "dana")) == "/clinic/me"
    last = events(trusting)[-1]
    assert (last.action, last.detail) == ("logged_in", "sign_on")
    clock.forward(minutes=8)
    assert browser.open("/clinic/me") == "/clinic/me"


@pytest.mark.parametrize("auth_time", [None, NOW, NOW + 3600, "now", True, float("1e300")])
def test_a_proof_of_another_time_confirms_nothing(
    trusting: Flask, clock: Clock, provider: OidcProvider, log: StringIO, auth_time: Any
) -> None:
    at = AtProvider()
    browser = at_confirm(trusting, clock, at)
    provider.claims, provider.asks_always = {"auth_time": auth_time}, False
    assert come_back(browser, at.sign_in(press(browser, "confirm/sign-on"), "")) == STOPPED
    assert reason(log) in {"auth_time", "claim_auth_time"}
    assert browser.has("That did not confirm who you are")
    assert 'href="/clinic/confirm?next=/clinic/me"' in browser.html
    # The old log-in goes on, without what needs a fresh proof.
    assert browser.open("/clinic") == "/clinic"
    assert browser.open("/clinic/me") == "/clinic/confirm"


def test_a_provider_that_does_not_ask_again_confirms_nothing(
    trusting: Flask, clock: Clock, provider: OidcProvider, log: StringIO
) -> None:
    at = AtProvider()
    browser = at_confirm(trusting, clock, at)
    provider.asks_always = False
    assert come_back(browser, at.sign_in(press(browser, "confirm/sign-on"), "")) == STOPPED
    assert reason(log) == "auth_time"


def test_nobody_else_confirms_it(trusting: Flask, clock: Clock, log: StringIO) -> None:
    at = AtProvider()
    browser = at_confirm(trusting, clock, at)
    known(trusting, "eve", "eve@clinic.example", "admin")
    assert come_back(browser, at.sign_in(press(browser, "confirm/sign-on"), "eve")) == STOPPED
    assert reason(log) == "somebody_else"
    assert browser.open("/clinic") == "/clinic"
    assert "Dana Hill" in browser.html


def test_with_the_second_proof_here_both_are_asked_again(asking: Flask, clock: Clock) -> None:
    known(asking)
    at = AtProvider()
    browser = sign_on(asking, at=at)
    browser.send({"code": fresh_digits(asking)}, form="log-in/code")
    for _ in range(2):
        clock.forward(minutes=8)
        browser.open("/clinic")
    assert browser.open("/clinic/me") == "/clinic/confirm"
    come_back(browser, at.sign_in(press(browser, "confirm/sign-on"), "dana"))
    assert browser.page == "/clinic/log-in/code"
    assert browser.send({"code": fresh_digits(asking)}, form="log-in/code") == "/clinic/me"


def test_who_is_not_linked_is_not_offered_it(asking: Flask, clock: Clock) -> None:
    known(asking)
    browser = Patient(asking)
    browser.open("/clinic")
    enter(browser, "doctor")
    for _ in range(2):
        clock.forward(minutes=8)
        browser.open("/clinic")
    assert browser.open("/clinic/me") == "/clinic/confirm"
    assert "work account" not in browser.text


def test_a_log_in_is_as_fresh_as_the_proof_behind_it(
    trusting: Flask, provider: OidcProvider, clock: Clock
) -> None:
    bare(trusting)
    at = AtProvider()
    first = sign_on(trusting, at=at)
    assert first.open("/clinic/me") == "/clinic/me"
    clock.forward(minutes=16)
    # Another browser of the same person: let in without being asked, as the provider knows them.
    second = sign_on(trusting, "", at=at)
    assert second.page == "/clinic"
    assert second.open("/clinic/me") == "/clinic/confirm"
    provider.claims = {"auth_time": None}
    third = sign_on(trusting, "", at=at)
    assert third.page == "/clinic"
    assert third.open("/clinic/me") == "/clinic/confirm"


def test_so_it_is_where_the_second_proof_is_asked_here(asking: Flask, clock: Clock) -> None:
    known(asking)
    at = AtProvider()
    sign_on(asking, at=at)
    clock.forward(minutes=16)
    browser = sign_on(asking, "", at=at)
    assert browser.send({"code": fresh_digits(asking)}, form="log-in/code") == "/clinic"
    assert browser.open("/clinic/me") == "/clinic/confirm"


@pytest.mark.parametrize("how", ["logged out", "left alone"])
def test_where_somebody_was_logged_in_the_provider_asks_again(
    trusting: Flask, clock: Clock, log: StringIO, provider: OidcProvider, how: str
) -> None:
    bare(trusting)
    at = AtProvider()
    browser = sign_on(trusting, at=at)
    if how == "logged out":
        browser.send(form="log-out")
    else:
        clock.forward(minutes=10)
        browser.open("/clinic")
    assert browser.page == "/clinic/log-in"
    assert not at.is_known(press(browser))
    provider.asks_always = False
    clock.forward(minutes=2)
    browser.open("/clinic/log-in")
    assert come_back(browser, at.sign_in(press(browser), "")) == STOPPED
    assert reason(log) == "auth_time"
    provider.asks_always = True
    browser.open("/clinic/log-in")
    assert come_back(browser, at.sign_in(press(browser), "dana")) == "/clinic"


def test_where_the_second_proof_is_asked_here_that_is_enough(asking: Flask) -> None:
    known(asking)
    at = AtProvider()
    browser = sign_on(asking, at=at)
    browser.send({"code": fresh_digits(asking)}, form="log-in/code")
    browser.send(form="log-out")
    assert at.is_known(press(browser))


# --- The link ends -----------------------------------------------------------------------------


def boss_of(app: Flask) -> Patient:
    hired(app, "admin")
    boss = Patient(app)
    boss.open("/clinic")
    enter(boss, "admin")
    return boss


def test_an_administrator_removes_the_link(trusting: Flask, provider: OidcProvider) -> None:
    person = bare(trusting)
    browser = sign_on(trusting)
    boss = boss_of(trusting)
    boss.open("/clinic/accounts")
    assert boss.has("Work account")
    boss.open(f"/clinic/accounts/{person.id}")
    assert boss.has("Can log in")
    boss.send(form=f"{person.id}/sign-on")
    assert boss.has("The link to the work account is removed.")
    assert not is_linked(trusting, person)
    assert is_out(browser)
    removed = [each.detail for each in events(trusting) if each.action == "sign_on_unlinked"]
    assert removed == [person.id]
    # Now another subject with the address may be the one.
    provider.people["dana"].subject = "made anew"
    assert sign_on(trusting).page == "/clinic"


def test_a_reset_takes_the_link_away_too(asking: Flask) -> None:
    person = known(asking)
    browser = sign_on(asking)
    browser.send({"code": fresh_digits(asking)}, form="log-in/code")
    boss = boss_of(asking)
    boss.open(f"/clinic/accounts/{person.id}")
    boss.send(form=f"{person.id}/reset")
    assert not is_linked(asking, person)
    # A work account alone does not get past that.
    assert sign_on(asking).page == STOPPED


def test_one_step_is_no_use_as_another(asking: Flask) -> None:
    """Who is at the provider has proved nothing yet."""
    known(asking)
    browser = Patient(asking)
    browser.open("/clinic/log-in")
    press(browser)
    with browser.client.session_transaction() as session:
        session["staff_step"] = session["staff_sign_on"]
    assert browser.open("/clinic/log-in/code") == "/clinic/log-in"


def test_a_password_goes_on_as_before(asking: Flask) -> None:
    person = known(asking)
    browser = Patient(asking)
    browser.open("/clinic")
    assert enter(browser, "doctor") == "/clinic"
    assert not is_linked(asking, person)
    browser.open("/clinic/me")
    assert browser.has(f"it must have the e-mail address {DANA}")


# --- What is written where ---------------------------------------------------------------------


def test_no_secret_stands_in_logs_pages_and_the_audit(
    trusting: Flask, provider: OidcProvider, log: StringIO
) -> None:
    bare(trusting)
    browser = Patient(trusting)
    browser.open("/clinic")
    url = press(browser)
    asked = parse_qs(urlsplit(url).query)
    back = AtProvider().sign_in(url, "dana")
    come_back(browser, back)
    come_back(browser, back)
    provider.claims = {"nonce": "a private word"}
    sign_on(trusting)
    told = log.getvalue() + repr(events(trusting)) + browser.html
    assert "sign_on_failed" in told
    with browser.client.session_transaction() as session:
        told += repr(dict(session))
    assert len(provider.tokens) == 2
    secrets = [asked["state"][0], asked["nonce"][0], CODE, CLIENT_SECRET, DANA, "248289761001"]
    for secret in (*secrets, *provider.tokens):
        assert secret not in told
    assert "a private word" not in told


@pytest.mark.parametrize(
    ("acr", "words"),
    [("", "not relied on: these pages ask for their own"), ("mfa", "enough where it says: mfa")],
)
def test_the_settings_say_whether_it_is_on(make: MakeApp, acr: str, words: str) -> None:
    boss = boss_of(make(INTAKE_OIDC_ACR=acr))
    boss.open("/clinic/settings")
    assert re.search(r"Single sign-on</dt>\s*<dd>\s*localhost", boss.html)
    assert boss.has(words)
    assert CLIENT_SECRET not in boss.html


def test_the_settings_say_that_it_is_off(app: Flask) -> None:
    boss = boss_of(app)
    boss.open("/clinic/settings")
    assert re.search(r"Single sign-on</dt>\s*<dd>\s*off\s", boss.html)


def test_where_there_are_several_clinics_each_has_its_own(
    instance: Path, clock: Clock, provider: OidcProvider
) -> None:
    folder = instance / "clinics"
    text = (folder / "alder-lane.toml").read_text().replace("id = 1 ", "id = 2 ")
    (folder / "birch-road.toml").write_text(text.replace("Alder Lane Spasticity", "Birch Road"))
    app = create_app(instance, environ=provider.settings(INTAKE_OIDC_ACR="mfa"), clock=clock)
    here = staff.create(store_of(app), 1, "dana", "Dana Here", "doctor", DANA, by="system")
    provider.back = "http://localhost/c/birch-road/clinic/sign-on/back"
    browser = Patient(app)
    browser.open("/c/birch-road/clinic")
    back = AtProvider().sign_in(press(browser), "dana")
    # Neither at the other clinic's address, nor with an account of the other one.
    assert come_back(browser, back.replace("/c/birch-road", "")) == STOPPED
    browser.open("/c/birch-road/clinic")
    back = AtProvider().sign_in(press(browser), "dana")
    assert come_back(browser, back) == "/c/birch-road/clinic/sign-on/stopped"
    there = staff.create(store_of(app), 2, "dana", "Dana There", "doctor", DANA, by="system")
    browser.open("/c/birch-road/clinic")
    back = AtProvider().sign_in(press(browser), "dana")
    assert come_back(browser, back) == "/c/birch-road/clinic"
    assert "Dana There" in browser.html
    assert is_linked(app, there)
    assert not is_linked(app, here)
    app.extensions["store"].engine.dispose()
