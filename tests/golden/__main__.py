"""`make golden`: write the texts again, and draw pictures if asked."""

import subprocess
import sys
from pathlib import Path

from intake.report.pdf import render
from tests.golden.patients import NAMES, patient
from tests.golden.texts import FOLDER, PAGES, text
from tests.unit.report.given import opened

PICTURES = Path("build/golden")


def main() -> None:
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for name in NAMES:
        (FOLDER / f"{name}.txt").write_text(text(patient(name)), encoding="utf-8")
    counts = [f"{name} {_drawn(name)}\n" for name in NAMES]
    PAGES.write_text("".join(counts), encoding="utf-8")


def _drawn(name: str) -> int:
    """How many pages it has."""
    pdf = render(*patient(name))
    if sys.argv[1:] == ["--pictures"]:
        _draw(name, pdf)
    with opened(pdf) as read:
        return len(read.pages)


def _draw(name: str, pdf: bytes) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    drawing = ["pdftoppm", "-r", "110", "-l", "1", "-png", "-singlefile", "-"]
    subprocess.run([*drawing, str(PICTURES / name)], input=pdf, check=True)


if __name__ == "__main__":
    main()
