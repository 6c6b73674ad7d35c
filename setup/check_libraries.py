"""Say in one line which system library for the PDF is missing, before anything trips over it."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Library:
    """A shared library, the names it goes by, and the packages that bring it."""

    names: tuple[str, ...]
    debian: str
    brew: str


LIBRARIES = (
    Library(("libpango-1.0.so.0", "libpango-1.0.dylib", "pango-1.0"), "libpango-1.0-0", "pango"),
    Library(
        ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "pangoft2-1.0"),
        "libpangoft2-1.0-0",
        "pango",
    ),
    Library(("libharfbuzz.so.0", "libharfbuzz.0.dylib", "harfbuzz"), "libharfbuzz0b", "harfbuzz"),
    Library(
        ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "harfbuzz-subset"),
        "libharfbuzz-subset0",
        "harfbuzz",
    ),
    Library(
        ("libfontconfig.so.1", "libfontconfig.1.dylib", "fontconfig"), "libfontconfig1", "pango"
    ),
)


def missing(
    libraries: Iterable[Library] = LIBRARIES,
    load: Callable[[str], object] = ctypes.CDLL,
) -> list[Library]:
    """The libraries of which no name can be loaded."""
    return [library for library in libraries if not _loads(library, load)]


def advice(libraries: list[Library], platform: str = sys.platform) -> str:
    """One line that names what to install."""
    if platform == "darwin":
        return f"The PDF needs: brew install {_words(each.brew for each in libraries)}"
    if platform.startswith("linux"):
        return (
            f"The PDF needs system libraries: {_words(each.names[0] for each in libraries)} "
            f"(Debian, Ubuntu: apt-get install {_words(each.debian for each in libraries)})"
        )
    return "The PDF needs Pango and HarfBuzz with its subset library on this system"


def _loads(library: Library, load: Callable[[str], object]) -> bool:
    for name in library.names:
        for candidate in (name, ctypes.util.find_library(name)):
            try:
                if candidate and load(candidate):
                    return True
            except OSError:
                continue
    return False


def _words(names: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(names))


if __name__ == "__main__":
    lacking = missing()
    if lacking:
        sys.exit(f"set-up: {advice(lacking)}")
