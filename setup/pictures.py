"""Draw the pictures of the README: a step on a phone, and page 1 of a synthetic patient's PDF."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.report.document import ClinicHead, sent_document
from intake.report.pdf import render
from intake.store import migrate

DOCS = ROOT / "docs"
PATIENT = ROOT / "tests" / "vignettes" / "v20_clenched_hand.json"
PHONE: ViewportSize = {"width": 390, "height": 780}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PAGE_ONE = {
    "respondent": ["self"],
    "private": ["no"],
    "now_breath_heart": ["none"],
    "now_nerves": ["none"],
    "now_infection": ["none"],
    "now_skin": ["none"],
    "now_medicine": ["none"],
    "now_leg_head": ["none"],
}


@contextmanager
def running_site(folder: Path) -> Iterator[str]:
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    server = make_server("127.0.0.1", 0, create_app(folder, environ={}), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def tick(page: Page, answers: dict[str, list[str]]) -> None:
    for key, codes in answers.items():
        for code in codes:
            name = f"input[name='{key}'][value='{code}']"
            group = page.locator(f"details:not([open]):has({name}) > summary")
            if group.count():
                group.click()
            if page.locator(name).count():
                page.check(name, force=True)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()
    page.wait_for_load_state("networkidle")


def picture_of_a_step(address: str, path: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=FLAGS
        )
        # Without JavaScript: plain pages are there when the address is.
        page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
        page.goto(address)
        for _ in range(2):
            tick(page, PAGE_ONE)
            go_on(page)
        page.goto(f"{address}/form/where")
        tick(page, {"places": ["left_wrist", "left_fingers"]})
        # From the top, wherever ticking has scrolled to.
        page.screenshot(
            path=path, full_page=True, clip={"x": 0, "y": 0, "width": 390, "height": 980}
        )
        browser.close()


def picture_of_the_pdf(path: Path) -> None:
    patient = json.loads(PATIENT.read_text(encoding="utf-8"))
    document = sent_document(
        patient["answers"],
        today=date.fromisoformat(patient["today"]),
        sent_at=datetime.combine(date.fromisoformat(patient["today"]), time(17), UTC),
        clinic=ClinicHead("Alder Lane Spasticity Clinic", "(212) 555-0142"),
        shown=patient["shown"],
        reference="K7QF-3M2P",
    )
    command = ["pdftoppm", "-png", "-r", "100", "-f", "1", "-singlefile", "-gray"]
    with tempfile.NamedTemporaryFile(suffix=".pdf") as pdf:
        pdf.write(render(document))
        pdf.flush()
        subprocess.run([*command, pdf.name, str(path.with_suffix(""))], check=True)


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder) / "instance") as site:
        picture_of_a_step(site, DOCS / "step.png")
    picture_of_the_pdf(DOCS / "summary.png")


if __name__ == "__main__":
    main()
