"""A code as it is read out, so that it survives a phone line and a noisy room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

# Whole phrases: another language has other words and another "as in".
LETTERS = {
    "A": _l("A as in Alfa"),
    "B": _l("B as in Bravo"),
    "C": _l("C as in Charlie"),
    "D": _l("D as in Delta"),
    "E": _l("E as in Echo"),
    "F": _l("F as in Foxtrot"),
    "G": _l("G as in Golf"),
    "H": _l("H as in Hotel"),
    "J": _l("J as in Juliett"),
    "K": _l("K as in Kilo"),
    "M": _l("M as in Mike"),
    "N": _l("N as in November"),
    "P": _l("P as in Papa"),
    "Q": _l("Q as in Quebec"),
    "R": _l("R as in Romeo"),
    "S": _l("S as in Sierra"),
    "T": _l("T as in Tango"),
    "V": _l("V as in Victor"),
    "W": _l("W as in Whiskey"),
    "X": _l("X as in X-ray"),
    "Y": _l("Y as in Yankee"),
    "Z": _l("Z as in Zulu"),
}
"""How each letter of a code is said, also of those of earlier versions."""


def spelled(code: str) -> list[str]:
    """A line for each group of a code, such as "7, K as in Kilo, 3"."""
    return [", ".join(str(LETTERS.get(sign, sign)) for sign in group) for group in code.split("-")]
