"""The PDF beside a floor: the same words as plain paragraphs, drawn with the same care."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from html import escape
from statistics import median
from typing import Any
from warnings import catch_warnings, simplefilter
from xml.etree.ElementTree import Element

import pikepdf
import tinyhtml5
from weasyprint import HTML

from intake.report import paper, pdf
from intake.report.summary import summarise
from tests.bench.measuring import Row, Scale, in_turns, median_ratio, ratio
from tests.bench.patients import document, documents

BLOCKS = frozenset({"title", "p", "h1", "h2", "h3", "h4", "li", "td", "th", "text"})
OTHERWISE: tuple[dict[str, str], ...] = (
    {"PYTHONHASHSEED": "0", "TZ": "America/New_York"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Kolkata"},
    {"PYTHONHASHSEED": "2", "TZ": "UTC"},
)


def plain(html: str) -> str:
    """The same words, each block a paragraph and nothing else."""
    body = tinyhtml5.parse(html, namespace_html_elements=False).find("body")
    paragraphs = (f"<p>{escape(words)}</p>" for words in _blocks(body))
    return f'<!DOCTYPE html><html lang="en"><title>Plain</title><body>{"".join(paragraphs)}'


def _blocks(element: Element) -> Iterator[str]:
    if element.tag in BLOCKS:
        words = " ".join("".join(element.itertext()).split())
        if words:
            yield words
        return
    for child in element:
        yield from _blocks(child)


def drawn_plain(html: str) -> bytes:
    """The floor: fonts and fetcher shared, as in the real drawing."""
    page = HTML(string=html, url_fetcher=paper.nothing_fetched())
    drawn: bytes = page.write_pdf(font_config=paper.fonts())
    return drawn


def _drawn(summary: Any, of_patient: Mapping[str, Any], fit: Any, with_inside: bool) -> bytes:
    """Page one, or all pages, at a fit that is known already."""
    laid_out = pdf._laid_out(summary, of_patient, fit, with_inside=with_inside)
    return pdf._written(laid_out, of_patient, None)


def rows(scale: Scale) -> list[Row]:
    """All rows of this module."""
    with catch_warnings():
        simplefilter("ignore", ResourceWarning)
        return [*times(scale), *sizes(), *processes(scale)]


def times(scale: Scale) -> list[Row]:
    """Processor time of page one, of all pages, and with the search for what fits on page one."""
    of_patient = document()
    summary = summarise(of_patient)
    fit = pdf._best_fit(summary, of_patient)
    one, every = (
        plain(pdf.marked_up(summary, of_patient, fit, with_inside=with_inside))
        for with_inside in (False, True)
    )
    taken = in_turns(
        {
            "one, plain": lambda: drawn_plain(one),
            "one": lambda: _drawn(summary, of_patient, fit, False),
            "all, plain": lambda: drawn_plain(every),
            "all": lambda: _drawn(summary, of_patient, fit, True),
            "all, fitted": lambda: pdf.render(of_patient),
        },
        scale.rounds,
    )
    with pikepdf.open(io.BytesIO(pdf.render(of_patient))) as opened:
        pages = len(opened.pages)
    said = {name: f"{median(figures):.0f} ms" for name, figures in taken.items()}
    floor = "the same words as plain paragraphs"
    return [
        Row(
            "PDF: page one, PDF/A-3a with FHIR attached",
            ratio(taken, "one", "one, plain"),
            floor,
            1.5,
            note=f"{said['one']} to {said['one, plain']}",
        ),
        Row(
            f"PDF: all {pages} pages (the goal is that of two)",
            ratio(taken, "all", "all, plain"),
            floor,
            2.7,
            note=f"{said['all']} to {said['all, plain']}",
        ),
        Row(
            f"PDF: all {pages} pages, and finding what fits on page one",
            ratio(taken, "all, fitted", "all, plain"),
            floor,
            note=said["all, fitted"],
        ),
    ]


def sizes() -> list[Row]:
    """Kilobytes of page one, in the middle of all whole patients."""
    whole, without = [], []
    for of_patient in documents().values():
        summary = summarise(of_patient)
        one = _drawn(summary, of_patient, pdf._best_fit(summary, of_patient), False)
        whole.append(len(one) / 1000)
        without.append((len(one) - _attached(one)) / 1000)
    return [
        Row(
            "PDF: size of page one",
            median(whole),
            f"{median(without):.1f} kB without the FHIR file",
            35,
            unit=" kB",
            note=f"largest {max(whole):.1f} kB",
        )
    ]


def _attached(drawn: bytes) -> int:
    """Bytes of the file that is attached, as it is compressed."""
    with pikepdf.open(io.BytesIO(drawn)) as opened:
        streams = [each for each in opened.objects if isinstance(each, pikepdf.Stream)]
        files = [each for each in streams if each.get("/Type") == "/EmbeddedFile"]
        return sum(len(each.read_raw_bytes()) for each in files)


# --- Processes ---------------------------------------------------------------------------------


def processes(scale: Scale) -> list[Row]:
    """Memory, the same bytes everywhere, and how much two processes draw."""
    told = [_told(1, environ) for environ in OTHERWISE]
    long = _told(scale.renders, {})
    few = max(2, scale.renders // 25)
    alone, both = [], []
    for _round in range(max(2, scale.rounds // 4)):
        alone.append(_seconds(1, few))
        both.append(_seconds(2, few))
    return [
        Row(
            f"PDF: memory after {scale.renders} / after {min(50, scale.renders // 2)}",
            long["late"] / long["early"],
            "the same process, early on",
            1.05,
            note=f"{long['late'] / 1024:.0f} MiB",
        ),
        Row(
            "PDF: different outputs of 3 processes",
            len({each["digest"] for each in told}),
            "other hash seeds and time zones",
            1,
            unit="",
        ),
        Row(
            "PDF: throughput of 2 processes / 1",
            median_ratio([2 * each for each in alone], both),
            "2.0 would be two free cores",
            1.8,
            at_least=True,
        ),
    ]


@contextmanager
def _drawer(often: int, environ: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that is about to draw."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.drawer", str(often)],
        env=os.environ | environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def _begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("draw\n")
    process.stdin.flush()


def _end(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


def _told(often: int, environ: Mapping[str, str]) -> dict[str, Any]:
    with _drawer(often, environ) as process:
        _begin(process)
        return _end(process)


def _seconds(count: int, often: int) -> float:
    """How long so many processes at once take, each for so many documents."""
    with ExitStack() as stack:
        every = [stack.enter_context(_drawer(often, {})) for _ in range(count)]
        for process in every:
            _begin(process)
        return max(float(_end(process)["seconds"]) for process in every)
