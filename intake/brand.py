"""A clinic's own accent colour and logo: checked at start, so that nothing unreadable is served."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

LOGO_BYTES = 50 * 1024
TEXT_RATIO = 4.5
"""WCAG 1.4.3; whatever is readable as text is visible as an edge, which needs 3:1."""

LIGHT = {"paper": "#f5f2ea", "sheet": "#fffdf8", "foot": "#ece7da"}
DARK = {"paper": "#101716", "sheet": "#18211f", "foot": "#0b100f"}
"""What the accent stands on: the tokens of app.css (a test compares them)."""
WHITE, BLACK = "#ffffff", "#06211f"

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(svg|png)")
_PNG = b"\x89PNG\r\n\x1a\n"
_NOT_A_PICTURE = frozenset({"script", "foreignObject", "iframe", "animate", "set", "handler"})


class BadBrand(ValueError):
    """An accent or logo that cannot be used; the message says what is needed."""


# --- Accent ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent with what follows from it, for light or for dark pages."""

    colour: str
    ink: str
    deep: str
    tint: str


def light_accent(typed: str) -> Accent:
    """The accent of light pages; raises `BadBrand` with the ratio where words could not be read."""
    return _checked(_accent(_colour(typed), dark=False), LIGHT)


def dark_accent(typed: str | None, light: Accent) -> Accent:
    """The accent of dark pages; without one the light accent, paled until it can be read."""
    if typed is not None:
        return _checked(_accent(_colour(typed), dark=True), DARK)
    for share in range(0, 101, 5):
        found = _accent(_mixed(light.colour, WHITE, share / 100), dark=True)
        if not list(_poor(found, DARK)):
            return found
    raise BadBrand("no pale form of it can be read on dark pages; set accent_dark")


def _colour(typed: str) -> str:
    colour = typed.lower()
    if not _COLOUR.fullmatch(colour):
        raise BadBrand('write a colour, like "#0f5257"')
    return colour


def _accent(colour: str, *, dark: bool) -> Accent:
    ground = DARK["sheet"] if dark else LIGHT["sheet"]
    return Accent(
        colour,
        ink=max((WHITE, BLACK), key=lambda ink: contrast(colour, ink)),
        deep=_mixed(colour, WHITE if dark else "#000000", 0.3),
        tint=_mixed(ground, colour, 0.14),
    )


def _checked(accent: Accent, grounds: dict[str, str]) -> Accent:
    for ratio, where in _poor(accent, grounds):
        # Cut, not rounded: 4.499 is not 4.5.
        raise BadBrand(
            f"{accent.colour} has a contrast of {int(ratio * 100) / 100}:1 {where}; "
            f"{TEXT_RATIO}:1 is needed"
        )
    return accent


def _poor(accent: Accent, grounds: dict[str, str]) -> Iterator[tuple[float, str]]:
    """(ratio, where) of each place where words could not be read."""
    pairs = {f"on the {name} {ground}": (accent.colour, ground) for name, ground in grounds.items()}
    pairs[f"on its own tint {accent.tint}"] = (accent.colour, accent.tint)
    pairs[f"under the words of a button {accent.ink}"] = (accent.colour, accent.ink)
    pairs[f"when pressed ({accent.deep}) under {accent.ink}"] = (accent.deep, accent.ink)
    for where, (one, other) in pairs.items():
        if contrast(one, other) < TEXT_RATIO:
            yield contrast(one, other), where


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21, as WCAG defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(one: str, other: str, share: float) -> str:
    """`one` with a share of `other`."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def stylesheet(light: Accent, dark: Accent) -> str:
    """The tokens in place of ours. High contrast keeps its own, which are stronger."""
    plain = ':root:not([data-contrast="high"])'
    return (
        f"{plain} {_tokens(light)}\n"
        "@media (prefers-color-scheme: dark) { "
        f'{plain}:not([data-theme="light"]) {_tokens(dark)} }}\n'
        f'{plain}[data-theme="dark"] {_tokens(dark)}\n'
    )


def _tokens(accent: Accent) -> str:
    return (
        f"{{ --accent: {accent.colour}; --accent-ink: {accent.ink}; "
        f"--accent-deep: {accent.deep}; --tint: {accent.tint} }}"
    )


# --- Logo --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as it is served."""

    content: bytes
    mimetype: str


def load_logo(folder: Path, name: str) -> Logo:
    """A picture beside the clinic's file; raises `BadBrand` for anything but a small plain one."""
    if not _FILE.fullmatch(name):
        raise BadBrand('name an SVG or PNG file beside this one, like "logo.svg"')
    try:
        with (folder / name).open("rb") as file:
            content = file.read(LOGO_BYTES + 1)
    except OSError:
        raise BadBrand(f"{name}: cannot be read") from None
    if len(content) > LOGO_BYTES:
        raise BadBrand(f"{name}: at most {LOGO_BYTES // 1024} kB")
    if name.endswith(".png"):
        if not content.startswith(_PNG):
            raise BadBrand(f"{name}: is not a PNG")
        return Logo(content, "image/png")
    _refuse_active(name, content)
    return Logo(content, "image/svg+xml")


def _refuse_active(name: str, content: bytes) -> None:
    """A picture that only draws: it is served so that it could not do more, and is refused too."""
    if b"<!" in content.replace(b"<!--", b"") or b"\0" in content:
        raise BadBrand(f"{name}: has a document type or another encoding; save it as plain SVG")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 (no entities: refused above)
    except ElementTree.ParseError:
        raise BadBrand(f"{name}: is not SVG") from None
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        raise BadBrand(f"{name}: is not SVG")
    for element in root.iter():
        if element.tag.rpartition("}")[2] in _NOT_A_PICTURE or _acts(element.attrib):
            raise BadBrand(f"{name}: has a script or a link; save it as plain SVG")


def _acts(attributes: dict[str, str]) -> bool:
    return any(
        name.rpartition("}")[2].lower().startswith("on")
        or (name.rpartition("}")[2].lower() == "href" and not value.startswith("#"))
        for name, value in attributes.items()
    )
