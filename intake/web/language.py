"""The language of the pages: English for now, every text through gettext."""

from __future__ import annotations

import re
from datetime import datetime

from babel.dates import get_month_names
from flask import Flask
from flask_babel import Babel, format_date, get_locale, gettext

LANGUAGES = ("en",)


def speak(app: Flask) -> None:
    """Set up translations; `t` translates a text of the questionnaire."""
    Babel(app, default_locale=LANGUAGES[0], locale_selector=language)
    app.jinja_env.globals.update(t=translated, language=language, months=months)
    app.jinja_env.filters.update(tel=tel, day=day_in_words)


def language() -> str:
    """The language of this reply, as in `<html lang>`."""
    return LANGUAGES[0]


def translated(text: str) -> str:
    """A text of the questionnaire in the reader's language."""
    # gettext("") is the head of the catalogue, not an empty text.
    return str(gettext(text)) if text else ""


def months() -> list[str]:
    """The names of the months, January first."""
    names = get_month_names("wide", locale=get_locale() or LANGUAGES[0])
    return [str(names[number]) for number in range(1, 13)]


def day_in_words(at: datetime) -> str:
    """A day, such as "December 6, 2026"."""
    return str(format_date(at, "long", rebase=False))


def tel(number: str) -> str:
    """A phone number for a link: digits, with an extension after a pause."""
    main, _, extension = re.sub(r"(?i)\s*(ext\.?|x)\s*", ";", number).partition(";")
    digits = re.sub("[^0-9+]", "", main)
    return f"{digits};ext={extension}" if extension else digits
