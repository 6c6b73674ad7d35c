"""The PDF itself: one first page whatever comes, in reading order, archival, without reach."""

import json
import re
from functools import cache

import pikepdf
import pytest

from intake.report.pdf import ATTACHMENT, render
from tests.unit.report.given import (
    CLINIC,
    blank,
    document,
    everything,
    on_one_line,
    opened,
    text_of,
    unsure,
    walked,
    whole,
)

PAGE_TWO = "How the checklist came to"
HOSTILE = (
    "<script>alert(1)</script> {{7*7}} {% raw %} </p></div> <img src=http://127.0.0.1:9/x> "
    "<link rel=attachment href=file:///etc/hostname> @import url(file:///etc/passwd); "
)

EXTREMES = {
    "everything marked": everything("long words here "),
    "one endless word": everything("W"),
    "Chinese": everything("李明"),
    "Arabic and Hebrew": everything("مرحبا שלום "),
    "no font": everything("\U0001f9ff\U0010fffd "),
    "forty lines": everything("line\n" * 39 + "end "),
    "hostile": everything(HOSTILE),
    "all not sure": unsure,
    "all blank": blank,
}


@cache
def whole_pdf():
    shown = [{"card": "E8", "at": "2026-06-15T18:04:00+00:00"}]
    return render(document(whole(now_breath_heart=["chest"]), shown=shown))


@cache
def extreme_pdf(who):
    return render(document(walked(EXTREMES[who])))


# --- Page one ---------------------------------------------------------------------------------


@pytest.mark.parametrize("who", EXTREMES)
def test_page_one_never_spills(who):
    pdf = extreme_pdf(who)
    first, second = on_one_line(text_of(pdf, 1, 1)), on_one_line(text_of(pdf, 2, 2))
    assert PAGE_TWO not in first
    assert PAGE_TWO in second
    # Stops are of (4) and toxin of (9): both stand on page one however much was said.
    assert re.search(r"\bStops? ", first)
    assert re.search(r"Last toxin .{0,20}\w", first)


def test_page_one_is_read_in_order():
    text = on_one_line(text_of(whole_pdf(), 1, 1, as_written=True))
    parts = (
        "Iris Example",
        "Urgency: EMERGENCY: call now",
        "Advice shown 2:04 PM: “Call 911 now.",
        "Urgent: contact now",
        "Why:",
        "no stop found in the answers given",
        "denied: botulinum toxin",
        "Not known",
        "Worst place",
        "Goal",
        "Last toxin never",
        "Place: pattern",
        "Left wrist: wrist bent",
        "secondary progressive",
        "Denied",
    )
    places = [text.find(part) for part in parts]
    assert -1 not in places, [part for part, at in zip(parts, places, strict=True) if at < 0]
    assert places == sorted(places)


def test_every_page_has_its_foot():
    pdf = whole_pdf()
    count = len(opened(pdf).pages)
    for number in range(1, count + 1):
        text = on_one_line(text_of(pdf, number, number))
        assert "Iris Example · born August 30, 1976 · R7K2-9MQF · checklist rules" in text
        assert f"Page {number} of {count}" in text
        assert "It does not diagnose or choose treatment, product or dose." in text


def test_nothing_is_lost_by_shortening():
    told = on_one_line(("long words here " * 200)[:1990])
    assert told in on_one_line(text_of(extreme_pdf("everything marked"), 2))


@pytest.mark.parametrize("claim", ["diagnoses", "eligible", "approved", "safe for", "refused"])
def test_no_page_claims(claim):
    for who in ("all not sure", "everything marked"):
        assert claim not in text_of(extreme_pdf(who))


def test_earlier_screens_and_answers_left_out_are_listed():
    earlier = [{"at": "2026-06-15T02:00:00+00:00", "answers": {"now_skin": ["sore"]}}]
    sealed = document(
        whole(prior_toxin="never", limb_benefit=9), handed_in=True, earlier_screens=earlier
    )
    text = on_one_line(text_of(render(sealed)))
    assert "June 14, 2026, 10:00 PM: Skin now: open sore" in text
    assert "Answers left out: their question was not asked" in text
    assert "Last limb session, benefit 0–10: 9 of 10" in text


# --- The file ---------------------------------------------------------------------------------


def test_it_is_declared_and_structured_as_pdf_a_3a():
    with opened(whole_pdf()) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert "/StructTreeRoot" in pdf.Root
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert metadata["dc:title"] == "Intake summary R7K2-9MQF"


def test_it_has_bookmarks_and_a_drawing_in_words():
    with opened(whole_pdf()) as pdf, pdf.open_outline() as outline:
        titles = [item.title for item in _all_items(outline.root)]
        assert any(title.startswith("Iris Example") for title in titles)
        assert any("All answers" in title for title in titles)
        drawings = [str(o.Alt) for o in _structure(pdf) if o.get("/S") == "/Figure"]
    (drawing,) = drawings
    assert drawing.startswith("Body map. Marked: Left hand or fingers (worst), Left wrist")


def _all_items(items):
    for item in items:
        yield item
        yield from _all_items(item.children)


def _structure(pdf):
    return [
        each
        for each in pdf.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem"
    ]


def test_the_fhir_response_is_attached_as_data():
    with opened(whole_pdf()) as pdf:
        attached = pdf.attachments[ATTACHMENT]
        response = json.loads(attached.get_file().read_bytes())
        assert response["resourceType"] == "QuestionnaireResponse"
        (associated,) = {each.objgen: each for each in pdf.Root.AF}.values()
        assert associated.AFRelationship == "/Data"
        assert str(associated.EF.F.Params.CreationDate).startswith("D:20260615183000")


@pytest.mark.parametrize(("paper", "size"), [("letter", (612, 792)), ("a4", (595, 842))])
def test_the_paper_is_the_clinics(paper, size):
    clinic = type(CLINIC)(CLINIC.name, CLINIC.phone, paper=paper)
    with opened(render(document(clinic=clinic))) as pdf:
        box = [round(float(side)) for side in pdf.pages[0].MediaBox]
    assert box == [0, 0, *size]


def test_the_same_document_gives_the_same_bytes():
    assert render(document()) == render(document())
    assert len(render(document())) < 120_000


def test_no_letter_is_smaller_than_ten_points():
    with opened(extreme_pdf("everything marked")) as pdf:
        sizes = {size for page in pdf.pages for size in _letter_sizes(page)}
    assert min(sizes) >= 9.99


def _letter_sizes(page):
    """Sizes in points, following the transformations that a page makes."""
    scale, saved, font, stretched, sizes = 1.0, [], 0.0, 1.0, []
    for each in pikepdf.parse_content_stream(page):
        name, operands = str(each.operator), each.operands
        if name == "q":
            saved.append(scale)
        elif name == "Q":
            scale = saved.pop()
        elif name == "cm":
            scale *= abs(float(operands[3]))
        elif name == "Tf":
            font = float(operands[1])
        elif name == "Tm":
            stretched = abs(float(operands[3]))
        elif name in ("Tj", "TJ"):
            sizes.append(font * scale * stretched)
    return sizes


# --- What it must not do ----------------------------------------------------------------------


@pytest.fixture
def reached(monkeypatch):
    """Every address that the drawing asks for."""
    asked = []

    def note(self, url, *arguments, **options):
        asked.append(url)
        raise ValueError(url)

    monkeypatch.setattr("weasyprint.urls.URLFetcher.fetch", note)
    return asked


def test_hostile_words_reach_nothing_and_stay_words(reached):
    render(document())
    reached.clear()
    hostile = whole(
        name=HOSTILE[:100],
        main_problem=HOSTILE,
        allergies=["other"],
        allergies_words=HOSTILE[:160],
        anything_else=HOSTILE * 6,
    )
    pdf = render(document(hostile))
    assert reached == []
    text = on_one_line(text_of(pdf))
    assert "<script>alert(1)</script> {{7*7}}" in text
    with opened(pdf) as read:
        assert list(read.attachments) == [ATTACHMENT]


def test_a_reference_in_the_document_reads_no_file(monkeypatch, tmp_path):
    """Even if markup got through, the fetcher would refuse; so this bites without escaping."""
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>leaked</text></svg>")
    markup = f"<img src='{secret.as_uri()}'><link rel=attachment href='{secret.as_uri()}'>"
    from intake.report import pdf as drawing

    unsafe = type("Unsafe", (str,), {"__html__": lambda self: str(self)})
    monkeypatch.setattr(drawing, "_figure", lambda summary: unsafe(markup))
    drawn = render(document())
    assert "leaked" not in text_of(drawn)
    with opened(drawn) as read:
        assert list(read.attachments) == [ATTACHMENT]


def test_a_character_without_font_prints_as_its_code_point():
    pdf = render(document(whole(name="Ella 李 Nguyễn Łęcka \U0001f9ff")))
    assert "Ella 李 Nguyễn Łęcka [U+1F9FF]" in on_one_line(text_of(pdf, 1, 1))
    with opened(pdf) as read:
        fonts = {str(name) for name in _font_names(read)}
    assert any("Noto" in name for name in fonts)


def _font_names(pdf):
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font":
            yield each.BaseFont
