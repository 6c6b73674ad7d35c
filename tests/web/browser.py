"""A patient at the test client: fills in forms as a browser does, and checks every page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from flask import Flask
from flask.testing import FlaskClient
from tinyhtml5.parser import HTMLParser
from werkzeug.test import TestResponse

HTML = "{http://www.w3.org/1999/xhtml}"
HTMX = {"HX-Request": "true", "HX-Target": "page"}

# What the HTML standard lets out but the older grammar of the parser calls wrong.
ALLOWED: frozenset[str] = frozenset()

Values = Mapping[str, str | list[str]]


@lru_cache(maxsize=64)
def strict(html: str) -> Element:
    """The document, or an AssertionError that says where it is no valid HTML."""
    parser = HTMLParser(namespace_html_elements=True)
    tree: Element = parser.parse(html)
    wrong = [error for error in parser.errors if error[1] not in ALLOWED]
    assert not wrong, f"{wrong[:3]} near {_lines(html, wrong[0][0][0])}"
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), [each for each in ids if ids.count(each) > 1]
    _check_references(tree, set(ids))
    return tree


def _lines(html: str, at: int) -> list[str]:
    return html.splitlines()[at - 2 : at + 1]


def _check_references(tree: Element, ids: set[str | None]) -> None:
    """Labels, descriptions and links to parts of the page lead somewhere."""
    for element in tree.iter():
        for name in ("for", "aria-describedby", "aria-labelledby"):
            for target in (element.get(name) or "").split():
                assert target in ids, f"{name}={target} leads nowhere"
        href = element.get("href") or ""
        if href.startswith("#"):
            assert href[1:] in ids, f"{href} leads nowhere"


def text_of(html: str, id: str = "page") -> str:
    """The words on a page, or in one part of it, with single blanks."""
    found = next(each for each in strict(html).iter() if each.get("id") == id)
    return " ".join("".join(found.itertext()).split())


class Patient:
    """One browser. With `htmx` it posts as the script does, without as a plain form."""

    def __init__(self, app: Flask, *, htmx: bool = False) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.headers = HTMX if htmx else {}
        self.url = ""
        self.html = ""
        self.status = 0
        self.reply: TestResponse

    def open(self, url: str) -> str:
        """Go to an address and where it leads."""
        return self._arrive(self.client.get(url), url)

    def send(self, answers: Values | None = None, *, action: str = "", form: str = "") -> str:
        """Fill in the form on the page and press a button; where that leads.

        `form` is a part of the address of the form to use; by default it is the last one.
        """
        at, posted = self._form(form)
        answers = dict(answers or {})
        names = {name.removesuffix("-not_sure") for name in answers}
        kept = [(name, value) for name, value in posted if name not in names]
        pairs = kept + [
            (name, value)
            for name, given in answers.items()
            for value in ([given] if isinstance(given, str) else given)
        ]
        end = [pair for pair in pairs if pair[0] == "_end"]
        pairs = [pair for pair in pairs if pair[0] != "_end"]
        button = [("action", action)] if action else []
        # In the order of the page; a script puts the button last.
        return self.post(at, pairs + (end + button if self.headers else button + end))

    def post(self, url: str, pairs: Iterable[tuple[str, str]]) -> str:
        """Post these very fields."""
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        return self._arrive(self.client.post(url, data=data, headers=self.headers), url)

    def go_on(self, answers: Values | None = None) -> str:
        """Press Continue."""
        return self.send(answers, action="continue")

    @property
    def page(self) -> str:
        """The address without its host and query."""
        return self.url.split("?")[0]

    @property
    def text(self) -> str:
        """The words of the page."""
        return text_of(self.html)

    def has(self, words: str) -> bool:
        return words in self.text

    def field(self, name: str, form: str = "") -> list[str]:
        """What the form on the page, or one with this in its address, would post under a name."""
        return [value for key, value in self._form(form)[1] if key == name]

    def _arrive(self, reply: TestResponse, url: str) -> str:
        self.reply, self.url, self.status = reply, url, reply.status_code
        target = reply.headers.get("HX-Redirect") or reply.headers.get("Location")
        if reply.status_code == 204 or reply.status_code in {301, 302, 303, 308}:
            assert target, reply
            return self.open(target)
        self.url = reply.headers.get("HX-Push-Url", url)
        if reply.mimetype == "text/html":
            self.html = reply.get_data(as_text=True)
            strict(self.html)
        return self.page

    def _form(self, part: str) -> tuple[str, list[tuple[str, str]]]:

        def at(form: Element) -> str:
            return form.get("action") or ""

        # The form of the display buttons is on every page and holds nothing.
        forms = [
            form
            for form in strict(self.html).iter(f"{HTML}form")
            if (part in at(form) if part else not at(form).endswith("/display"))
        ]
        assert forms, f"no form on {self.url}"
        form = forms[-1]
        return form.get("action") or self.url, list(_fields(form))


def _fields(form: Element) -> Iterable[tuple[str, str]]:
    for element in form.iter():
        name = element.get("name")
        if not name:
            continue
        tag, type_ = element.tag.removeprefix(HTML), element.get("type")
        if tag == "textarea":
            yield name, re.sub(r"^\n", "", "".join(element.itertext()))
        elif tag == "select":
            chosen = [option for option in element if option.get("selected") is not None]
            yield name, (chosen or list(element))[0].get("value") or ""
        elif tag == "input" and type_ in {"checkbox", "radio"}:
            if element.get("checked") is not None:
                yield name, element.get("value") or "on"
        elif tag == "input":
            yield name, element.get("value") or ""


NO_SIGNS: dict[str, Any] = {
    "now_breath_heart": "none",
    "now_nerves": "none",
    "now_infection": "none",
    "now_skin": "none",
    "now_medicine": "none",
    "now_leg_head": "none",
}
SELF = {"privacy_notice": "seen", "respondent": "self", "private": "no"}
IN_PRIVATE = SELF | {"private": "yes"}
ANA = {
    "name": "Ana Nguyễn O’Brien 李",
    "born_on-month": "3",
    "born_on-day": "9",
    "born_on-year": "1975",
    "phone": "(212) 555-0111",
}


def begun(app: Flask, *, htmx: bool = False, start: Values = SELF) -> Patient:
    """A patient on the page after the danger signs."""
    patient = Patient(app, htmx=htmx)
    patient.open("/")
    patient.go_on(start)
    patient.go_on(NO_SIGNS)
    return patient


def known(app: Flask, *, htmx: bool = False) -> Patient:
    """A patient who said who they are."""
    patient = begun(app, htmx=htmx)
    patient.go_on(ANA)
    return patient


def ready(app: Flask, *, htmx: bool = False) -> Patient:
    """A patient on the check page, with little answered."""
    patient = known(app, htmx=htmx)
    patient.open("/form/check")
    return patient


BORN = {each: value for each, value in ANA.items() if each.startswith("born_on")}


def unlock(patient: Patient) -> str:
    """Open a form that was left lying; where that leads."""
    assert patient.open("/form/locked") == "/form/locked"
    return patient.send(BORN, form="/locked")
