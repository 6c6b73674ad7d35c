"""Thousands of forms full of nonsense, each with a good token: refused or taken, never an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask, request

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate
from tests.reliability.conftest import LONG, Tell, often, on_both_engines
from tests.web.browser import Patient, known
from tests.web.clinic_side import enter, hired, invited, sent

SEED = 20
HOSTILE = (
    "",
    " ",
    "0",
    "-1",
    "99999999999999999999",
    "9" * 400,
    "1e309",
    "nan",
    "٣",
    "1_0",
    "0x10",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "%00%0d%0a",
    "../../etc/passwd",
    "a\0b",
    "\r\nSet-Cookie: a=b",
    "\u202egnp",
    "e" + "\u0301" * 60,
    "\U0010ffff",
    "\ufeff",
    "李" * 700,
    "[" * 3000,
    '{"a":' * 500,
    "=cmd|' /C calc'!A0",
    "x" * 20_000,
)
# What ends a session or a log-in would end the run with it.
NOT_PRESSED = (
    "/finish",
    "/log-out",
    "/log-out-everywhere",
    "/kitchen-measures",
    "/leave",
    "/display",
)


def crawl(browser: Patient, start: list[str], at_most: int) -> list[tuple[str, list[str]]]:
    """(address, names of the fields) of every form that can be reached by links."""
    waiting, seen = list(start), set(start)
    forms: dict[str, set[str]] = {}
    while waiting and len(seen) < at_most:
        path = waiting.pop(0)
        reply = browser.client.get(path)
        if reply.mimetype != "text/html" or reply.status_code != 200:
            continue
        for action, names in forms_on(reply.get_data(as_text=True), path):
            forms.setdefault(action, set()).update(names)
        for link in links_on(reply.get_data(as_text=True)):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return [(action, sorted(names)) for action, names in sorted(forms.items())]


def forms_on(html: str, path: str) -> list[tuple[str, set[str]]]:
    found = []
    for part in html.split("<form")[1:]:
        head, _, rest = part.partition(">")
        action = attribute(head, "action") or path
        inside = rest.partition("</form")[0]
        names = {
            attribute(each.partition(">")[0], "name")
            for tag in ("<input", "<select", "<textarea")
            for each in inside.split(tag)[1:]
        }
        if 'method="post"' in head and not action.endswith(NOT_PRESSED):
            found.append((action.partition("#")[0], names - {""}))
    return found


def links_on(html: str) -> list[str]:
    links = [attribute(each.partition(">")[0], "href") for each in html.split("<a ")[1:]]
    return [
        link.partition("#")[0]
        for link in links
        if link.startswith("/") and not link.partition("?")[0].endswith(NOT_PRESSED)
    ]


def attribute(tag: str, name: str) -> str:
    return tag.partition(f'{name}="')[2].partition('"')[0] if f' {name}="' in f" {tag}" else ""


def nonsense(dice: Random, names: list[str], token: str) -> list[tuple[str, str]]:
    """Fields with values that nobody's browser sends, in any number, and the end of the form."""
    kept = [name for name in names if name not in {"_end", "csrf_token"} and dice.random() < 0.8]
    pairs = [
        (name, dice.choice(HOSTILE)) for name in kept for _ in range(dice.choice((1, 1, 1, 3)))
    ]
    if dice.random() < 0.2:
        pairs.append((dice.choice(HOSTILE)[:50] or "x", dice.choice(HOSTILE)))
    if dice.random() < 0.7:
        pairs = [(name, value[:60]) for name, value in pairs]
    buttons = ("continue", "back", "later", "short", "full", "", "look-text-large", "go")
    return [("csrf_token", token), *pairs, ("action", dice.choice(buttons)), ("_end", "1")]


@pytest.fixture
def app(engine_name: str, tmp_path: Path, fresh_url: Callable[[str], str]) -> Iterator[Flask]:
    instance, environ = tmp_path / "instance", {"DATABASE_URL": fresh_url(engine_name)}
    make_keys(instance)
    write_sample_clinic(instance)
    migrate.upgrade(load_settings(instance, environ))
    app = create_app(instance, environ=environ)
    yield app
    app.extensions["store"].engine.dispose()


def patients_side(app: Flask, _: int) -> Patient:
    return known(app)


def doctors_side(app: Flask, number: int) -> Patient:
    for _ in range(2):
        sent(app)
    invited(app)
    return staffs_side(app, "doctor", number)


def administrators_side(app: Flask, number: int) -> Patient:
    return staffs_side(app, "admin", number)


def staffs_side(app: Flask, role: str, number: int) -> Patient:
    username = f"{role}{number}"
    hired(app, role, username=username)
    browser = Patient(app)
    browser.open("/clinic")
    enter(browser, username)
    return browser


SIDES = {
    "patient": (patients_side, ["/form/sections", "/form/check", "/form/reason", "/form/where"]),
    "doctor": (doctors_side, ["/clinic"]),
    "admin": (administrators_side, ["/clinic", "/clinic/accounts"]),
}


def fuzzed(app: Flask, side: str, times: int) -> tuple[Counter[str], list[str]]:
    """How many replies of each status, and which addresses failed."""
    come_in, start = SIDES[side]
    dice, seen, failed = Random(SEED), Counter[str](), list[str]()  # noqa: S311 - nonsense, no secret
    browser = come_in(app, 0)
    forms = crawl(browser, start, often(40, 150))
    assert len(forms) >= 4, forms
    for number in range(times):
        # The nonsense may have ended the session, or sent the form.
        if number % 20 == 0 and browser.open(start[0]) != start[0]:
            browser = come_in(app, number)
            browser.open(start[0])
        action, names = dice.choice(forms)
        token = browser.field("csrf_token")[0]
        reply = browser.client.post(action, data=as_data(nonsense(dice, names, token)))
        seen[str(reply.status_code)] += 1
        if reply.status_code >= 500:
            failed.append(f"{number}: {reply.status_code} {reply.request.path}")
    return seen, failed


def as_data(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    return data


@on_both_engines
@pytest.mark.parametrize("side", SIDES if LONG else ["doctor"])
def test_nonsense_breaks_nothing(app: Flask, side: str, tell: Tell) -> None:
    seen, failed = fuzzed(app, side, often(150, 1700))
    tell({"seed": SEED} | dict(seen))
    assert failed == []
    assert set(seen) - {"400", "403"}, "no form got as far as its view"


def test_a_view_that_trusts_what_it_gets_is_found_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith("/clinic/") and rule.arguments and "POST" in (rule.methods or ()):
            monkeypatch.setitem(app.view_functions, rule.endpoint, trusting(view))
    _, failed = fuzzed(app, "doctor", often(150, 600))
    tell({"found": len(failed)})
    assert failed


def trusting(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that takes every button for a number."""

    @wraps(view)
    def trust(**values: Any) -> Any:
        int(request.form["action"])
        return view(**values)

    return trust
