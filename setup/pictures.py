"""Draw the pictures of the README and of docs/: every person in them is made up."""

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

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.report.document import ClinicHead, sent_document
from intake.report.pdf import render
from intake.store import migrate
from tests.web.clinic_side import PASSWORD, fresh_digits, hired

DOCS = ROOT / "docs"
PATIENT = ROOT / "tests" / "vignettes" / "v20_clenched_hand.json"
PHONE: ViewportSize = {"width": 390, "height": 780}
DESK: ViewportSize = {"width": 1000, "height": 1000}
COLOURS = 24
"""Flat pages need no more, and files stay small."""
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
def running_site(folder: Path) -> Iterator[tuple[str, Flask]]:
    """A new site's address, and its application."""
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", app
    server.shutdown()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=FLAGS
        )
        yield browser
        browser.close()


def shrink(path: Path) -> None:
    """Keep the few colours that there are."""
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


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


def picture_of_a_step(browser: Browser, address: str, path: Path) -> None:
    # Without JavaScript: plain pages are there when the address is.
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(address)
    for _ in range(2):
        tick(page, PAGE_ONE)
        go_on(page)
    page.goto(f"{address}/form/where")
    tick(page, {"places": ["left_wrist", "left_fingers"]})
    # From the top, wherever ticking has scrolled to.
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": 390, "height": 980})


def logged_in(browser: Browser, address: str, app: Flask, role: str) -> Page:
    """A page of somebody with this role, at the work list."""
    hired(app, role)
    page = browser.new_context(viewport=DESK).new_page()
    page.goto(f"{address}/clinic")
    page.fill("#username", role)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/log-in/code")
    page.fill("#code", fresh_digits(app))
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/clinic")
    return page


def pictures_of_the_clinic(browser: Browser, address: str, app: Flask) -> None:
    """What the front desk sees of the demo patients, and a doctor of one of them."""
    loaded = app.test_cli_runner().invoke(args=["intake", "demo"])
    if loaded.exit_code:
        raise SystemExit(loaded.output)
    desk = logged_in(browser, address, app, "front_desk")
    shot(desk, "work-list.png")
    doctor = logged_in(browser, address, app, "doctor")
    doctor.goto(f"{address}/clinic?lane=new")
    doctor.locator("a[href*='/clinic/responses/']").first.click()
    doctor.wait_for_load_state("networkidle")
    shot(doctor, "response.png")


def shot(page: Page, name: str) -> None:
    page.screenshot(path=DOCS / name)
    shrink(DOCS / name)


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
    shrink(path)


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_site(Path(folder) / "instance") as (address, app),
        chromium() as browser,
    ):
        picture_of_a_step(browser, address, DOCS / "step.png")
        pictures_of_the_clinic(browser, address, app)
    picture_of_the_pdf(DOCS / "summary.png")


if __name__ == "__main__":
    main()
