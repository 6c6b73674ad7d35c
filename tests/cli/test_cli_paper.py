"""`flask intake paper`: the whole form in large print, on a fresh instance folder."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from click.testing import Result

from intake import create_app, web
from intake.config import ConfigError
from intake.questionnaire import BY_KEY
from intake.store import StoreNotReady
from tests.unit.report.test_report_page import _letter_sizes

Run = Callable[..., Result]

PAGES = 58
"""At most: more is a pile that nobody begins."""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def command(*words: str) -> Result:
        # Made anew each time as by wsgi.py, for a command reads the clinic's file at its start.
        try:
            app = create_app(tmp_path / "instance", environ={})
        except (ConfigError, StoreNotReady):
            app = web.bare_app(tmp_path / "instance")
            web.add_commands(app)
        return app.test_cli_runner().invoke(args=["intake", *words])

    return command


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "A form before your visit"), ("es", "Un formulario antes de su visita")],
)
def test_paper_writes_the_whole_form(run: Run, tmp_path: Path, language: str, title: str) -> None:
    run("init")
    out = tmp_path / "form.pdf"
    result = run("paper", "--out", str(out), "--language", language)
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"Wrote .*form\.pdf \(\d+ kB\)\.\n", result.output)
    assert list(tmp_path.glob(".*.part")) == []
    text = subprocess.run(["pdftotext", "-layout", out, "-"], capture_output=True, check=True)
    told = text.stdout.decode()
    assert title in told
    joined = re.sub(r"\s", "", told)
    assert [key for key in BY_KEY if key not in joined] == []
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) <= PAGES
        sizes = {round(size, 1) for page in pdf.pages for size in _letter_sizes(page)}
    # Below large print stand only the foot, the keys for the clinic and the drawing's numbers.
    assert {size for size in sizes if size >= 12} >= {14.0}
    assert not [size for size in sizes if 11.5 < size < 14]


def test_paper_refuses_a_language_the_clinic_does_not_offer(run: Run, tmp_path: Path) -> None:
    run("init")
    out = tmp_path / "form.pdf"
    result = run("paper", "--out", str(out), "--language", "fr")
    assert result.exit_code == 2
    assert "the clinic offers en, es" in result.output
    assert not out.exists()


def test_paper_needs_a_clinic(run: Run, tmp_path: Path) -> None:
    result = run("paper", "--out", str(tmp_path / "form.pdf"))
    assert result.exit_code == 2
    assert "run: flask --app wsgi intake init" in result.output
