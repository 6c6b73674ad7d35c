"""Names of languages, for pages and for the doctor."""

from babel import Locale


def own_name(code: str) -> str:
    """What speakers of a language call it: "Español"."""
    name = _locale(code).get_display_name() or code
    return name[:1].upper() + name[1:]


def english_name(code: str) -> str:
    """What the doctor calls a language: "Spanish"."""
    return _locale(code).get_display_name("en") or code


def _locale(code: str) -> Locale:
    return Locale.parse(code.replace("-", "_"))
