"""How the pages look to one reader: text size, space, contrast, layout, light or dark.

The choice stands in a cookie of its own, one digit a setting, and says nothing about health. It
is read strictly: a cookie that is not exactly of our making counts as none. It becomes `data-`
attributes of `<html>`, and the stylesheet does the rest, so that no page needs a script for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, after_this_request, current_app, g, request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import HTTPException

from intake.web import cookies
from intake.web.language import go_on_in, language, offered

COOKIE = "display"
YEAR = 365 * 24 * 60 * 60
LOOK = "look"
"""The button that stores words and comes back to the same page, looking otherwise."""
ALL = f"{LOOK}-all"
RESET = f"{LOOK}-reset"
TO = "to-"
OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_-]{0,199}(?:\?check=1)?")
"""Where a page may lead back to: nothing of the address is ever an answer or another site."""


class Option(NamedTuple):
    """A value of a setting; the first of each is what a page looks like unasked."""

    code: str
    name: LazyString


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing a reader can set."""

    name: str
    title: LazyString
    options: tuple[Option, ...]
    hint: LazyString | None = None

    @property
    def codes(self) -> list[str]:
        return [option.code for option in self.options]


SETTINGS = (
    Setting(
        "text",
        _l("Text size"),
        (
            Option("normal", _l("Normal text")),
            Option("large", _l("Large text")),
            Option("largest", _l("Very large text")),
        ),
    ),
    Setting(
        "space",
        _l("Space between lines and letters"),
        (Option("normal", _l("Normal space")), Option("wide", _l("More space"))),
    ),
    Setting(
        "contrast",
        _l("Contrast"),
        (Option("normal", _l("Normal contrast")), Option("high", _l("High contrast"))),
    ),
    Setting(
        "layout",
        _l("Page"),
        (Option("full", _l("Normal page")), Option("calm", _l("Calm page"))),
        _l("A calm page has fewer lines and colors. Nothing on it moves."),
    ),
    Setting(
        "theme",
        _l("Light or dark"),
        (
            Option("auto", _l("Same as my device")),
            Option("light", _l("Light")),
            Option("dark", _l("Dark")),
        ),
    ),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}
QUICK = (
    ("text", "normal"),
    ("text", "large"),
    ("text", "largest"),
    ("contrast", "high"),
    ("theme", "light"),
    ("theme", "dark"),
)
"""What stands in the head of every page, one tap each; pressed again, it ends."""

NORMAL = {setting.name: setting.codes[0] for setting in SETTINGS}

Choice = Mapping[str, str]
"""Setting to value, for all settings."""


class Press(NamedTuple):
    """A button of the head: what it says, what it sends, and whether it is on."""

    setting: str
    code: str
    name: LazyString
    action: str
    is_on: bool


class Look:
    """What templates ask about the look of this reply."""

    settings = SETTINGS

    @property
    def choice(self) -> Choice:
        """What is chosen."""
        return chosen()

    @property
    def attributes(self) -> list[tuple[str, str]]:
        """The `data-` attributes of `<html>`; none for a look that nobody changed."""
        return [(name, code) for name, code in chosen().items() if code != NORMAL[name]]

    @property
    def schemes(self) -> str:
        """What the browser draws scroll bars and fields for."""
        theme = chosen()["theme"]
        return "light dark" if theme == "auto" else theme

    @property
    def is_open(self) -> bool:
        """Whether the settings in the head were used a moment ago and stay in sight."""
        return LOOK in request.args or is_look(_posted().get("action", ""))

    @property
    def presses(self) -> Iterator[Press]:
        """The buttons of the head."""
        choice = chosen()
        for name, code in QUICK:
            option = next(option for option in _BY_NAME[name].options if option.code == code)
            is_on = choice[name] == code
            then = NORMAL[name] if is_on else code
            yield Press(name, code, option.name, f"{LOOK}-{name}-{then}", is_on)

    @property
    def languages(self) -> list[tuple[str, str]]:
        """(code, own name) of the languages this page could be in instead."""
        here = language()
        return [(code, name) for code, name in offered() if code != here]


def offer_display(app: Flask) -> None:
    """Let every page show the chosen look."""
    app.jinja_env.globals.update(look=Look())


# --- What is chosen ----------------------------------------------------------------------------


def chosen() -> Choice:
    """The look of this reply, as the reader set it."""
    if "display" not in g:
        g.display = _read(cookies.read(COOKIE))
    found: Choice = g.display
    return found


def _read(cookie: str) -> Choice:
    if not re.fullmatch("[0-2]" * len(SETTINGS), cookie):
        return NORMAL
    found = dict(NORMAL)
    for setting, digit in zip(SETTINGS, cookie, strict=True):
        if int(digit) >= len(setting.codes):
            return NORMAL
        found[setting.name] = setting.codes[int(digit)]
    return found


def _written(choice: Choice) -> str:
    return "".join(str(setting.codes.index(choice[setting.name])) for setting in SETTINGS)


# --- Changing it -------------------------------------------------------------------------------


def is_look(action: str) -> bool:
    """Whether a button changes how pages look, or their language, and leads nowhere."""
    if action in {LOOK, ALL, RESET}:
        return True
    if action.startswith(TO):
        return action.removeprefix(TO) in {code for code, _name in offered()}
    return _one(action) is not None


def apply(form: Mapping[str, str]) -> None:
    """Change the look or the language as a posted form says, for this reply and the next ones."""
    action = form.get("action", "")
    if action.startswith(TO) and is_look(action):
        go_on_in(action.removeprefix(TO))
        return
    if action == RESET:
        _keep(NORMAL)
        return
    one = _one(action)
    if one or action in {LOOK, ALL}:
        _keep({**chosen(), **_several(form), **dict([one] if one else [])})


def _one(action: str) -> tuple[str, str] | None:
    """The setting and value a button of the head names: `look-text-large`."""
    word, _, rest = action.partition("-")
    name, _, code = rest.partition("-")
    is_known = word == LOOK and name in _BY_NAME and code in _BY_NAME[name].codes
    return (name, code) if is_known else None


def _several(form: Mapping[str, str]) -> dict[str, str]:
    """What the page of all settings sends."""
    told = {setting.name: form.get(f"display-{setting.name}", "") for setting in SETTINGS}
    return {name: code for name, code in told.items() if code in _BY_NAME[name].codes}


def _keep(choice: Choice) -> None:
    g.display = choice

    @after_this_request
    def set_cookie(response: Response) -> Response:
        if choice == NORMAL:
            cookies.drop(response, COOKIE)
        else:
            cookies.keep(response, COOKIE, _written(choice), seconds=YEAR)
        return response


# --- Back to where it was pressed --------------------------------------------------------------


def same_page(url: str) -> str:
    """A page's address, such that it is loaded anew and shows the settings at its top.

    A script that is sent to the very address it stands on only moves to its `#look`: each press
    has another address than the one before.
    """
    was_first = f"{LOOK}=1" in request.headers.get("HX-Current-URL", "")
    return f"{url}{'&' if '?' in url else '?'}{LOOK}={2 if was_first else 1}#{LOOK}"


def way_back(asked: str, home: str) -> str:
    """The page of ours that an address names; anything else leads home."""
    return asked if OWN_PATH.fullmatch(asked) and _opens(asked) else home


def own_address() -> str:
    """Where this reply's page can be opened again; "" if it cannot."""
    checks = "?check=1" if "1" in (request.args.get("check"), _posted().get("check")) else ""
    return way_back(request.path + checks, "")


def _posted() -> Mapping[str, str]:
    """The form that was posted; nothing when it was refused, as the page that says so asks too."""
    try:
        return request.form
    except HTTPException:
        return {}


def came_from() -> str:
    """The page of ours that a request was sent from; "" when the browser does not say.

    A script may have changed the page since it was rendered, so this is surer than what the
    form itself says.
    """
    try:
        address = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    if address.netloc != request.host:
        return ""
    checks = "?check=1" if "check=1" in address.query.split("&") else ""
    return way_back(address.path + checks, "")


def _opens(address: str) -> bool:
    routes = current_app.create_url_adapter(request)
    return routes is not None and routes.test(urlsplit(address).path, "GET")
