"""Gather every text that patients read, and bring the catalogues of translations up to date.

`make words` does it for all catalogues; `make words LANGUAGE=fr` begins a new one. Texts whose
English changed become blank again rather than "fuzzy": a guess must never reach a patient.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import takewhile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    # Run as a script, Python looks beside this file only.
    sys.path.insert(0, str(ROOT))

from intake.questionnaire.texts import texts  # noqa: E402 (needs the line above)
from intake.web.language import SOURCE, catalogue_path, catalogues  # noqa: E402 (as above)

KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
FOR_STAFF = ("templates/clinic/", "templates/report/", "intake/web/clinic/")
"""Staff and doctors read English."""
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
WIDTH = 100


def wanted() -> Catalog:
    """Every text of the questionnaire and of the pages, each with where it stands."""
    catalog = Catalog(charset="utf-8")
    for text, places in texts().items():
        # Not a place in a file: translators read it as a remark.
        catalog.add(text, auto_comments=places[:1])
    for path, message, line in _from_sources():
        catalog.add(message, locations=[(path, line)])
    return catalog


def _from_sources() -> Iterator[tuple[str, str | tuple[str, ...], int]]:
    for folder, pattern, method in (
        ("intake", "**/*.py", "python"),
        ("templates", "**/*.html", "jinja2.ext:babel_extract"),
    ):
        for path in sorted((ROOT / folder).glob(pattern)):
            place = path.relative_to(ROOT).as_posix()
            if place.startswith(FOR_STAFF):
                continue
            options = JINJA if method != "python" else {}
            for line, message, _comments, _context in extract_from_file(
                method, path, keywords=KEYWORDS, options=options
            ):
                yield place, message, line


def updated(old: Catalog) -> Catalog:
    """The wanted texts with the translations there are; what nobody reads any more goes."""
    new = wanted()
    for message in new:
        if not message.id:
            continue
        was = old.get(message.id)
        if was is not None and "fuzzy" not in was.flags and was.id == message.id:
            message.string = was.string
    return new


def update(name: str) -> tuple[int, int]:
    """Rewrite one catalogue; (texts, those without a translation)."""
    path = catalogue_path(name)
    old = _read(path, name)
    new = updated(old)
    body = BytesIO()
    write_po(body, new, width=WIDTH, omit_header=True, include_lineno=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_head(path, old) + body.getvalue().decode(), encoding="utf-8")
    texts = [each for each in new if each.id]
    return len(texts), sum(not _is_whole(each.string) for each in texts)


def _read(path: Path, name: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=name)
    with path.open("rb") as file:
        return read_po(file, locale=name)


def _head(path: Path, catalog: Catalog) -> str:
    """The translators' own remarks, and what gettext needs; no dates, which only make conflicts."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    remarks = takewhile(lambda line: line.startswith("#"), lines)
    return "\n".join(
        [
            *remarks,
            'msgid ""',
            'msgstr ""',
            f'"Language: {catalog.locale}\\n"',
            f'"Plural-Forms: {catalog.plural_forms}\\n"',
            '"MIME-Version: 1.0\\n"',
            '"Content-Type: text/plain; charset=utf-8\\n"',
            '"Content-Transfer-Encoding: 8bit\\n"',
            "",
            "",
        ]
    )


def _is_whole(string: str | tuple[str, ...] | list[str] | None) -> bool:
    parts = [string] if isinstance(string, str) else list(string or ())
    return bool(parts) and all(parts)


def main(names: list[str]) -> None:
    for name in names or catalogues():
        if name == SOURCE:
            sys.exit("English is the language of the sources: change the texts there")
        total, blank = update(name)
        print(f"words: {name}: {total} texts, {blank} to translate")


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name])
