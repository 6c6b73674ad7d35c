"""Stylesheets and scripts without what only their authors read.

It shortens our own files, nothing else: a vendored file is served as it came.
"""

from __future__ import annotations

import re

_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_JS_NOTHING = re.compile(r"^\s*(?://.*)?\n", re.MULTILINE)
_JS_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def lean_css(text: str) -> str:
    """The same rules without comments, line breaks and spare blanks.

    A blank before a colon or a bracket may be part of a selector, so it stays.
    """
    text = " ".join(_CSS_COMMENT.sub(" ", text).split())
    text = re.sub(r" ?([{};]) ?", r"\1", text)
    return re.sub(r", ", ",", text).replace(";}", "}")


def lean_js(text: str) -> str:
    """The same script without indentation and lines that are comments or blank.

    A comment behind code stays: telling it from `//` in a string would take a parser. For the
    same reason our scripts have no string that goes over several lines.
    """
    return _JS_INDENT.sub("", _JS_NOTHING.sub("", text))
