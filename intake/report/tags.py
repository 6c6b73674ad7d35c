"""What WeasyPrint leaves out of the structure tree, put in just before the file is written.

The language of the patient's own writing, the scope of table headers, and the running foot as an
artifact: WeasyPrint 70 marks the foot as text that belongs to no element.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pydyf

Finisher = Callable[[Any, pydyf.PDF], None]
_FOOT = {"Type": "/Pagination", "Subtype": "/Footer"}


def finisher(language: str) -> Finisher:
    """For `write_pdf`; `language` is that of the patient's own writing."""

    def finish(document: Any, pdf: pydyf.PDF) -> None:
        by_reference = {each.reference: each for each in pdf.objects}
        tree = by_reference[pdf.catalog["StructTreeRoot"]]
        placed = dict(_below(tree, by_reference))
        for element in placed.values():
            _name_language(element, language)
        _name_scopes(placed)
        _set_foot_apart(pdf, by_reference, tree, placed)

    return finish


def _below(tree: Any, by_reference: dict[bytes, Any]) -> Iterator[tuple[bytes, Any]]:
    """Every structure element of the tree, in reading order."""
    waiting = list(reversed(tree["K"]))
    while waiting:
        reference = waiting.pop()
        if not isinstance(reference, bytes):
            continue
        element = by_reference[reference]
        if element.get("Type") == "/StructElem":
            yield reference, element
            waiting.extend(reversed(element["K"]))


def _name_language(element: Any, language: str) -> None:
    """A span that holds elements is one of our own; those of WeasyPrint hold text alone."""
    is_ours = element["S"] == "/Span" and any(isinstance(kid, bytes) for kid in element["K"])
    if is_ours:
        element["Lang"] = pydyf.String(language)


def _name_scopes(placed: dict[bytes, Any]) -> None:
    for element in placed.values():
        if element["S"] == "/TH":
            is_column = placed[placed[element["P"]]["P"]]["S"] == "/THead"
            element["A"]["Scope"] = "/Column" if is_column else "/Row"


def _set_foot_apart(
    pdf: pydyf.PDF, by_reference: dict[bytes, Any], tree: Any, placed: dict[bytes, Any]
) -> None:
    numbers = by_reference[tree["ParentTree"]]["Nums"]
    for page, parents in zip(pdf.page_references, numbers[1::2], strict=False):
        lost = {mcid for mcid, parent in enumerate(parents) if parent not in placed}
        for mcid in lost:
            parents[mcid] = "null"
        _mark_as_foot(by_reference[by_reference[page]["Contents"]], lost)


def _mark_as_foot(content: Any, lost: set[int]) -> None:
    for at, operand in enumerate(content.stream):
        if isinstance(operand, pydyf.Dictionary) and operand.get("MCID") in lost:
            content.stream[at - 1] = "/Artifact"
            content.stream[at] = pydyf.Dictionary(_FOOT)
