"""Words that were sent after a log-in had ended: sealed for a while, for this very person only.

After the next log-in the page they were typed on has them back in its form. Nothing is done with
them: what was pressed is pressed anew.
"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from html.parser import HTMLParser
from typing import Any

from flask import Response, g, request, session

from intake.store import sessions, steps
from intake.store.staff import Staff
from intake.web.visit import clinic, store

KEPT, PURPOSE = "staff_words", "words"
LIFE = timedelta(minutes=30)
LEFT_OUT = {"csrf_token", "_end", "password", "code", "recovery", "credential"}
"""Never kept: what proves a person, and what belongs to the page that was sent."""


def park(token: str, page: str) -> None:
    """Keep the words of this request for whoever's log-in the token was, if it just ended."""
    whose = sessions.ended(store(), token, clinic().id)
    if whose:
        keep_for(whose, page)


def keep_for(staff_id: str, page: str) -> None:
    """Keep the words of this request for a person who has to prove first who they are."""
    fields = [(name, value) for name, value in _sent() if name not in LEFT_OUT]
    if not page or not fields:
        return
    forget()
    document = {"page": page, "action": request.path, "fields": fields}
    session[KEPT] = steps.open(store(), clinic().id, PURPOSE, staff_id, document, life=LIFE)


def _sent() -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.form.lists() for value in values]


def forget() -> None:
    """Forget what was kept in this browser."""
    if KEPT in session:
        steps.close(store(), str(session.pop(KEPT)))


def look(person: Staff) -> None:
    """Find what this page has to give back; a form that was sent at last needs it no more."""
    if KEPT not in session:
        return
    found = steps.read(store(), clinic().id, PURPOSE, str(session[KEPT]))
    if found is None or found.staff_id != person.id:
        # A page that is only looked at writes nothing: the row goes when its time is over.
        session.pop(KEPT)
        return
    if request.method == "POST" and request.path == found.document["action"]:
        forget()
    if request.method == "GET" and request.path == found.document["page"]:
        g.kept = found.document


def give_back(response: Response) -> Response:
    """Put the words into their form on the page."""
    kept: dict[str, Any] | None = g.get("kept")
    if kept and response.status_code == 200 and response.mimetype == "text/html":
        response.set_data(filled(response.get_data(as_text=True), kept["action"], kept["fields"]))
    return response


def filled(html: str, action: str, fields: list[Any]) -> str:
    """A page whose form with this action holds these names and values; all else as it was."""
    filler = _Filler(action, {(str(name), str(value)) for name, value in fields})
    filler.feed(html)
    filler.close()
    return "".join(filler.parts)


class _Filler(HTMLParser):
    """Copies a page, and changes the fields of one form on its way."""

    def __init__(self, action: str, fields: set[tuple[str, str]]) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.action, self.fields = action, fields
        self.values = dict(fields)
        self.inside = self.skips = False
        self.select = ""
        self.folds: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("action") == self.action:
            self.inside = True
            for at in self.folds:
                self.parts[at] = "<details open>"
        if tag == "details":
            self.folds.append(len(self.parts))
        as_it_was = self.get_starttag_text() or ""
        self.parts.append(self._changed(tag, given) if self.inside else as_it_was)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        as_it_was = self.get_starttag_text() or ""
        self.parts.append(self._changed(tag, dict(attrs)) if self.inside else as_it_was)

    def _changed(self, tag: str, given: dict[str, str | None]) -> str:
        as_it_was = self.get_starttag_text() or ""
        name = given.get("name") or ""
        if tag == "select":
            self.select = name
        if tag == "textarea" and name in self.values:
            self.skips = True
            return as_it_was + "\n" + escape(self.values[name])
        if tag == "details":
            return _tag(tag, given | {"open": ""})
        if tag == "option" and self.select in self.values:
            value = (self.select, given.get("value") or "")
            return _tag(tag, _marked(given, "selected", value in self.fields))
        return self._input(given, name) if tag == "input" else as_it_was

    def _input(self, given: dict[str, str | None], name: str) -> str:
        kind = given.get("type") or "text"
        if kind in {"checkbox", "radio"}:
            is_on = (name, given.get("value") or "on") in self.fields
            return _tag("input", _marked(given, "checked", is_on))
        if kind in {"hidden", "password", "submit"} or name not in self.values:
            return self.get_starttag_text() or ""
        return _tag("input", given | {"value": self.values[name]})

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "details" and self.folds:
            self.folds.pop()
        if tag == "textarea":
            self.skips = False
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.skips:
            self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")


def _marked(given: dict[str, str | None], name: str, is_on: bool) -> dict[str, str | None]:
    rest = {key: value for key, value in given.items() if key != name}
    return rest | {name: None} if is_on else rest


def _tag(name: str, attrs: dict[str, str | None]) -> str:
    said = "".join(
        f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in attrs.items()
    )
    return f"<{name}{said}>"
