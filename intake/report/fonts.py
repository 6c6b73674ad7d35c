"""Which characters the installed fonts can draw.

A character that no font has would print as an empty box, which says nothing and which a text
search does not notice; it is printed as its code point instead.
"""

import ctypes
import ctypes.util
import re
import unicodedata
from collections.abc import Callable
from functools import cache

_LIBRARIES = ("libfontconfig.so.1", "libfontconfig.1.dylib", "fontconfig")
_DRAWN_AS_NOTHING = frozenset({"Zs", "Cf", "Zl", "Zp"})
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SELECTORS = range(0xFE00, 0xFE10)


_LONG_WORD = re.compile(r"\S{25,}")
_PART = re.compile(r"\S{1,16}")
_BREAK = "\u200b"


class _FontSet(ctypes.Structure):
    """FcFontSet of fontconfig.h."""

    _fields_ = (
        ("count", ctypes.c_int),
        ("room", ctypes.c_int),
        ("fonts", ctypes.POINTER(ctypes.c_void_p)),
    )


def breakable(text: str) -> str:
    """The text with places to break in words longer than a narrow column.

    By hand, because CSS's own way breaks short words too where a line holds several bits.
    """
    return _LONG_WORD.sub(lambda word: _BREAK.join(_PART.findall(word[0])), text)


def drawable(text: str) -> str:
    """The text with every character that cannot be drawn as "[U+1F9FF]"."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if can_draw(each) else f"[U+{ord(each):04X}]" for each in text)


@cache
def can_draw(character: str) -> bool:
    """Whether an installed font has this character, or it is one that leaves no mark."""
    if character in "\n\t":
        return True
    category = unicodedata.category(character)
    if character in _BIDI or category in ("Cc", "Cs"):
        return False
    if category in _DRAWN_AS_NOTHING or ord(character) in _SELECTORS:
        return True
    return _has_font()(ord(character))


@cache
def _has_font() -> Callable[[int], bool]:
    """A look-up in the characters of all scalable fonts; read once, some 10 ms."""
    fc = _fontconfig()
    pattern = fc.FcPatternCreate()
    fc.FcPatternAddBool(pattern, b"scalable", 1)
    wanted = fc.FcObjectSetCreate()
    fc.FcObjectSetAdd(wanted, b"charset")
    found = fc.FcFontList(None, pattern, wanted)
    covered = ctypes.c_void_p(fc.FcCharSetCreate())
    for index in range(found.contents.count):
        one = ctypes.c_void_p()
        if (
            fc.FcPatternGetCharSet(found.contents.fonts[index], b"charset", 0, ctypes.byref(one))
            == 0
        ):
            fc.FcCharSetMerge(covered, one, None)
    fc.FcFontSetDestroy(found)
    fc.FcObjectSetDestroy(wanted)
    fc.FcPatternDestroy(pattern)
    return lambda code_point: bool(fc.FcCharSetHasChar(covered, code_point))


def _fontconfig() -> ctypes.CDLL:
    """The library, its pointers typed: a plain int would cut them to 32 bits."""
    fc = _load()
    pointer = ctypes.c_void_p
    signatures = {
        "FcPatternCreate": (pointer, []),
        "FcPatternAddBool": (ctypes.c_int, [pointer, ctypes.c_char_p, ctypes.c_int]),
        "FcPatternDestroy": (None, [pointer]),
        "FcPatternGetCharSet": (
            ctypes.c_int,
            [pointer, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(pointer)],
        ),
        "FcObjectSetCreate": (pointer, []),
        "FcObjectSetAdd": (ctypes.c_int, [pointer, ctypes.c_char_p]),
        "FcObjectSetDestroy": (None, [pointer]),
        "FcFontList": (ctypes.POINTER(_FontSet), [pointer, pointer, pointer]),
        "FcFontSetDestroy": (None, [ctypes.POINTER(_FontSet)]),
        "FcCharSetCreate": (pointer, []),
        "FcCharSetMerge": (ctypes.c_int, [pointer, pointer, pointer]),
        "FcCharSetHasChar": (ctypes.c_int, [pointer, ctypes.c_uint32]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(fc, name)
        function.restype, function.argtypes = result, arguments
    return fc


def _load() -> ctypes.CDLL:
    for name in (*_LIBRARIES, ctypes.util.find_library("fontconfig")):
        try:
            if name:
                return ctypes.CDLL(name)
        except OSError:
            continue
    raise OSError("fontconfig is not installed")
