"""The language of each reply: what the clinic offers, what the person chose, every text by gettext.

English is the language of the sources. Any other is one catalogue,
`intake/translations/<code>/LC_MESSAGES/messages.po`, and the clinic's `languages` line. Catalogues
are compiled in memory at start: it takes a few hundredths of a second, and nothing can be stale.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache, partial
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, after_this_request, current_app, g, has_request_context, request
from flask_babel import Babel, Domain, format_date, get_locale, get_translations, refresh
from werkzeug.wrappers import Response as AnyResponse

from intake import ROOT
from intake.config import Clinic, ConfigError
from intake.languages import own_name
from intake.questionnaire.rows import Speech
from intake.web import cookies
from intake.web.spelling import spelled

SOURCE = "en"
"""What the sources are written in; staff and the doctor's pages speak it."""
FOLDER = ROOT / "intake" / "translations"
COOKIE = "language"
ASKED = "language"
"""In an address: `/?language=es` opens the form in Spanish, for a clinic's own links."""
KEPT_FOR = 365 * 24 * 3600


def speak(app: Flask) -> None:
    """Set up translations; `t` translates a text of the questionnaire.

    Raises `ConfigError` when a clinic offers a language that has no whole catalogue.
    """
    babel = Babel(app, default_locale=SOURCE, locale_selector=_locale_name)
    babel.domain_instance = _catalogues(app.extensions["clinics"].values())
    # Babel's own ask for the locale at every text, some hundred times a page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # of its i18n extension
        gettext=lambda text: catalogue().ugettext(text),
        ngettext=lambda one, many, number: catalogue().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals.update(t=translated, language=language, offered=offered, months=months)
    app.jinja_env.globals.update(spelled=spelled)
    app.jinja_env.filters.update(tel=tel, day=day_in_words)
    app.after_request(_keep_what_the_address_asked)


# --- Catalogues --------------------------------------------------------------------------------


def _catalogues(clinics: Iterable[Clinic]) -> Domain:
    """Every language that any clinic offers, ready in memory."""
    domain = Domain()
    domain.cache[SOURCE, "messages"] = Translations()
    for clinic in clinics:
        for code in clinic.languages:
            name = str(_locale(code, clinic))
            if (name, "messages") not in domain.cache:
                domain.cache[name, "messages"] = _catalogue(name, code, clinic)
    return domain


def _locale(code: str, clinic: Clinic) -> Locale:
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise ConfigError(f"clinics/{clinic.slug}.toml: languages: no such code: {code}") from None


def _catalogue(name: str, code: str, clinic: Clinic) -> Translations:
    path = catalogue_path(name)
    try:
        return compiled(path, name)
    except FileNotFoundError:
        known = ", ".join(sorted([SOURCE, *catalogues()]))
        raise ConfigError(
            f"clinics/{clinic.slug}.toml: languages: there is no translation into {code};"
            f" there are: {known}"
        ) from None
    except (PoFileError, UnicodeDecodeError, ValueError):
        raise ConfigError(f"translations/{name}/…/{path.name}: is not a whole catalogue") from None


def catalogues() -> list[str]:
    """The languages that have a catalogue; English needs none."""
    return sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))


def catalogue_path(name: str) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / name / "LC_MESSAGES" / "messages.po"


def compiled(path: Path, name: str) -> Translations:
    """A catalogue, ready to translate with."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=name, abort_invalid=True)
    machine = BytesIO()
    write_mo(machine, catalog)
    machine.seek(0)
    return Translations(machine)


@cache
def translators() -> dict[str, Callable[[str], str]]:
    """By language: how a text of the questionnaire is said there, outside of a request too."""
    return {code: compiled(catalogue_path(code), code).gettext for code in catalogues()}


# --- Which one ---------------------------------------------------------------------------------


def language() -> str:
    """The code of this reply's language, as in `<html lang>`.

    What the address asks for, what the person chose, what the browser prefers, what the clinic
    names first: the first of these that the clinic offers. Staff pages are English.
    """
    if not has_request_context():
        return SOURCE
    if "language" not in g:
        g.language = _choose()
    code: str = g.language
    return code


def _choose() -> str:
    if (request.blueprint or "").startswith(("clinic", "fhir")):
        return SOURCE
    codes = _clinic().languages
    wished = (request.args.get(ASKED, ""), cookies.read(COOKIE))
    for code in wished:
        if code in codes:
            return code
    return request.accept_languages.best_match(codes) or codes[0]


def offered() -> list[tuple[str, str]]:
    """(code, own name) of each language of the clinic: ("es", "Español")."""
    return [(code, own_name(code)) for code in _clinic().languages]


def set_language(response: AnyResponse, code: str) -> None:
    """Have the browser keep a language; one that the clinic does not offer changes nothing."""
    if code in _clinic().languages:
        cookies.keep(response, COOKIE, code, seconds=KEPT_FOR)


def go_on_in(code: str) -> None:
    """Speak, from this reply on, the language in which a form was left on another device."""
    if code == language() or not speak_in(code):
        return
    after_this_request(partial(_with_language, code))


def speak_in(code: str) -> bool:
    """Speak a language in this reply alone; False where the clinic does not offer it."""
    if code not in _clinic().languages:
        return False
    g.language = code
    refresh()
    return True


def _with_language(code: str, response: Response) -> Response:
    set_language(response, code)
    return response


def _keep_what_the_address_asked(response: Response) -> Response:
    asked = request.args.get(ASKED)
    if (request.blueprint or "").startswith("fhir"):
        # Programs keep no cookies.
        return response
    if asked is not None and cookies.read(COOKIE) != asked:
        set_language(response, asked)
    return response


def _clinic() -> Clinic:
    # As `visit.clinic`, which stands above this module.
    found: Clinic = g.get("clinic") or current_app.extensions["default_clinic"]
    return found


def _locale_name() -> str:
    return language().replace("-", "_")


# --- Texts, days and numbers -------------------------------------------------------------------


def translated(text: str) -> str:
    """A text of the questionnaire in the reader's language."""
    # The text "" stands for the head of the catalogue, not for an empty text.
    return catalogue().ugettext(text) if text else ""


def catalogue() -> NullTranslations:
    """The catalogue of the language that is spoken just now, sought once for all texts."""
    locale = get_locale()
    if locale is None:
        return get_translations()
    found: tuple[Locale, NullTranslations] | None = g.get("catalogue")
    if found is None or found[0] is not locale:
        found = g.catalogue = (locale, get_translations())
    return found[1]


def N_(text: str) -> str:
    """Mark a text for the catalogue that is translated where it is shown."""
    return text


def speech() -> Speech:
    """How rows of answers speak to the reader."""
    return Speech(say=translated, date=date_in_words)


def months() -> list[str]:
    """The names of the months, January first."""
    names = get_month_names("wide", "stand-alone", locale=get_locale() or SOURCE)
    return [str(names[number]) for number in range(1, 13)]


def date_in_words(partial: str) -> str:
    """ "2026" as it is, "2026-03" as "marzo de 2026", "2026-03-09" as "9 de marzo de 2026"."""
    year, month, day = (*map(int, partial.split("-")), 0, 0)[:3]
    if not month:
        return partial
    if not day:
        pattern = (get_locale() or Locale(SOURCE)).datetime_skeletons["yMMMM"].pattern
        return str(format_date(date(year, month, 1), pattern))
    return str(format_date(date(year, month, day), "long"))


def day_in_words(at: datetime) -> str:
    """A day, such as "December 6, 2026"."""
    return str(format_date(at, "long", rebase=False))


def tel(number: str) -> str:
    """A phone number for a link: digits, with an extension after a pause."""
    main, _, extension = re.sub(r"(?i)\s*(ext\.?|x)\s*", ";", number).partition(";")
    digits = re.sub("[^0-9+]", "", main)
    return f"{digits};ext={extension}" if extension else digits
