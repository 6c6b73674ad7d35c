"""The structure tree that a screen reader follows: headings, tables, languages, order, foot."""

from functools import cache
from itertools import pairwise
from typing import Any

import pikepdf

from intake.report.pdf import render
from intake.report.record import view
from tests.unit.report.given import document, on_one_line, opened, text_of, whole
from tests.unit.report.test_report_record import EARLIER, RAISED

SAID = "No puedo abrir la mano derecha desde marzo"


@cache
def drawn():
    sealed = document(whole(main_problem=SAID), language="es")
    return render(sealed, view([RAISED], EARLIER))


def elements(pdf):
    """(tag, depth, element) in reading order."""

    def below(element, depth):
        yield str(element.S)[1:], depth, element
        for kid in _kids(element):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from below(kid, depth + 1)

    for top in _kids(pdf.Root.StructTreeRoot):
        yield from below(top, 0)


def _kids(element):
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def marks_of_text(pdf):
    """Page, tag and number of the marked content around each piece of text; None if none is."""
    found: set[tuple[int, Any]] = set()
    for number, page in enumerate(pdf.pages):
        around: list[Any] = []
        for each in pikepdf.parse_content_stream(page):
            name = str(each.operator)
            if name in ("BDC", "BMC"):
                around.append((str(each.operands[0]), _number(each)))
            elif name == "EMC":
                around.pop()
            elif name in ("Tj", "TJ"):
                found.add((number, around[-1] if around else None))
    return found


def _number(mark):
    given = mark.operands[-1]
    return given.get("/MCID") if isinstance(given, pikepdf.Dictionary) else None


def test_headings_go_down_one_level_at_a_time():
    with opened(drawn()) as pdf:
        levels = [int(tag[1]) for tag, _, _ in elements(pdf) if tag[0] == "H" and tag[1:].isdigit()]
    assert levels.count(1) == 1
    assert levels[0] == 1
    steps = list(pairwise(levels))
    assert all(after <= before + 1 for before, after in steps)
    assert {2, 3, 4} <= set(levels)


def test_every_table_has_header_cells_with_their_scope():
    with opened(drawn()) as pdf:
        tables = [element for tag, _, element in elements(pdf) if tag == "Table"]
        assert len(tables) > 10
        for table in tables:
            cells = [e for tag, _, e in _below(table) if tag in ("TH", "TD")]
            headers = {str(cell.ID): cell for cell in cells if str(cell.S) == "/TH"}
            assert headers
            assert all(str(h.A.Scope) in ("/Row", "/Column") for h in headers.values())
            for cell in cells:
                named = cell.A.get("/Headers", []) if str(cell.S) == "/TD" else []
                assert all(str(name) in headers for name in named)
        (places,) = [t for t in tables if len([1 for tag, _, _ in _below(t) if tag == "THead"])][:1]
        scopes = [str(e.A.Scope) for tag, _, e in _below(places) if tag == "TH"]
        assert scopes[:4] == ["/Column"] * 4


def _below(element, depth=0):
    for kid in _kids(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield str(kid.S)[1:], depth, kid
            yield from _below(kid, depth + 1)


def test_drawings_are_told_in_words_and_lists_are_lists():
    with opened(drawn()) as pdf:
        found = list(elements(pdf))
        figures = [str(e.get("/Alt", "")) for tag, _, e in found if tag == "Figure"]
        lists = [e for tag, _, e in found if tag == "L"]
        assert lists
        assert all(
            tag in ("LI", "Caption") for each in lists for tag, d, _ in _below(each) if d == 0
        )
    assert all(figures)
    assert any(alt.startswith("Body map. Marked: ") for alt in figures)
    assert "Spasm strength: 9 then, 4 now, of 10" in figures


def test_the_patients_own_writing_has_its_language():
    with opened(drawn()) as pdf:
        assert str(pdf.Root.Lang) == "en"
        spoken = [str(e.Lang) for _, _, e in elements(pdf) if "/Lang" in e]
    assert len(spoken) > 2
    assert set(spoken) == {"es"}


def test_all_text_is_in_the_tree_but_the_foot_which_is_an_artifact():
    with opened(drawn()) as pdf:
        in_tree = {
            (pdf.pages.index(pikepdf.Page(element.Pg)), int(kid))
            for _, _, element in elements(pdf)
            for kid in _kids(element)
            if isinstance(kid, int)
        }
        drawn_marks = marks_of_text(pdf)
        pages = len(pdf.pages)
    tagged = {(page, int(mark[1])) for page, mark in drawn_marks if mark and mark[1] is not None}
    assert tagged <= in_tree
    foots = {page for page, mark in drawn_marks if mark and mark[0] == "/Artifact"}
    assert foots == set(range(pages))
    assert None not in {mark for _, mark in drawn_marks}


def test_the_foot_still_prints():
    assert "Page 1 of" in on_one_line(text_of(drawn(), 1, 1))
