"""A code as it is read out, so that it survives a phone line and a noisy room."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_pgettext as _p

WORDS = {
    "A": _p("spelling alphabet", "Alfa"),
    "B": _p("spelling alphabet", "Bravo"),
    "C": _p("spelling alphabet", "Charlie"),
    "D": _p("spelling alphabet", "Delta"),
    "E": _p("spelling alphabet", "Echo"),
    "F": _p("spelling alphabet", "Foxtrot"),
    "G": _p("spelling alphabet", "Golf"),
    "H": _p("spelling alphabet", "Hotel"),
    "J": _p("spelling alphabet", "Juliett"),
    "K": _p("spelling alphabet", "Kilo"),
    "M": _p("spelling alphabet", "Mike"),
    "N": _p("spelling alphabet", "November"),
    "P": _p("spelling alphabet", "Papa"),
    "Q": _p("spelling alphabet", "Quebec"),
    "R": _p("spelling alphabet", "Romeo"),
    "S": _p("spelling alphabet", "Sierra"),
    "T": _p("spelling alphabet", "Tango"),
    "V": _p("spelling alphabet", "Victor"),
    "W": _p("spelling alphabet", "Whiskey"),
    "X": _p("spelling alphabet", "X-ray"),
    "Y": _p("spelling alphabet", "Yankee"),
    "Z": _p("spelling alphabet", "Zulu"),
}
"""A word for every letter of a code, also of those of earlier versions."""


def spelled(code: str) -> list[str]:
    """A line for each group of a code, such as "7, K as in Kilo, 3"."""
    return [", ".join(_said(sign) for sign in group) for group in code.split("-")]


def _said(sign: str) -> str:
    if sign.isdigit():
        return sign
    return str(_("%(letter)s as in %(word)s", letter=sign, word=WORDS[sign]))
