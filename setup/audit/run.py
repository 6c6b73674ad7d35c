"""Look the pages over with two checkers that are no Python: Nu for HTML, Lighthouse for the rest.

Both come by npm, pinned with their hashes, into build/audit; nothing of them is kept in the
project or served. Node and Java are this machine's own to install.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate, responses, sessions
from tests.longest import longest
from tests.web.browser import IN_PRIVATE, Patient, begun

HERE = Path(__file__).parent
BUILD = ROOT / "build" / "audit"
PINS = ("package.json", "package-lock.json", ".npmrc")
CHROMIUM = ("chromium", "google-chrome", "chromium-browser")
LEAST = {"accessibility": 100, "best-practices": 100, "performance": 98}
TRIES = 3
"""A busy machine makes a page look slow, and never fast: the best of these counts."""
NODE = 18
PAINT_MS = 1800
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
LARGEST = """() => new Promise((done) => new PerformanceObserver((list) =>
  done(list.getEntries().at(-1).startTime)
).observe({ type: "largest-contentful-paint", buffered: true }))"""
OTHERS = (
    "/",
    "/form/check",
    "/form/sections",
    "/form/later",
    "/form/stop",
    "/form/care?again=1",
    "/return",
    "/finished",
    "/display",
    "/accessibility",
    "/treatment",
    "/nothing",
    "/kitchen-measures",
    "/clinic/log-in",
)


def main() -> None:
    needed = {
        "node": shutil.which("node"),
        "npm": shutil.which("npm"),
        "java": shutil.which("java"),
    }
    lacking = [name for name, path in needed.items() if path is None]
    chromium = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if chromium is None:
        lacking.append("chromium")
    if lacking or chromium is None:
        sys.exit(
            f"\naudit: THIS MACHINE LACKS {', '.join(lacking).upper()}. Install it yourself and run"
            f" `make audit` again (Node {NODE} or newer with npm, Java 11 or newer, Chromium)."
            "\n       Nothing was checked.\n"
        )
    fetch()
    with tempfile.TemporaryDirectory() as folder:
        app = whole_app(Path(folder) / "instance")
        patient, steps = filled(app)
        # Before the page for leaving fast is looked at: it closes the form on this device.
        cookie = patient.client.get_cookie("intake")
        header = f"intake={cookie.value}" if cookie else ""
        faults = check_html(patient, [*steps, *OTHERS])
        with running(app) as site:
            pages = {
                "start": ("/", ""),
                "a step": (steps[6], header),
                "check": ("/form/check", header),
            }
            faults += [
                fault
                for name, (path, session) in pages.items()
                for fault in measure(name, site + path, session, chromium)
            ]
            faults += paint_on_a_slow_line(site, pages, chromium)
        app.extensions["store"].engine.dispose()
    if faults:
        sys.exit("audit: " + "; ".join(faults))


def find(name: str) -> str | None:
    return shutil.which(name)


def fetch() -> None:
    """Have npm fetch both checkers, unless these very pins are there already."""
    BUILD.mkdir(parents=True, exist_ok=True)
    if (BUILD / "node_modules").is_dir() and all(
        (BUILD / name).is_file() and (BUILD / name).read_bytes() == (HERE / name).read_bytes()
        for name in PINS
    ):
        return
    shutil.rmtree(BUILD / "node_modules", ignore_errors=True)
    print("audit: fetching the checkers (60 MB or so)")
    for name in PINS:
        shutil.copy(HERE / name, BUILD / name)
    done = subprocess.run(
        ["npm", "ci", "--no-progress"], cwd=BUILD, check=False, capture_output=True, text=True
    )
    if done.returncode:
        shutil.rmtree(BUILD / "node_modules", ignore_errors=True)
        sys.exit(f"audit: npm could not fetch the checkers:\n{done.stderr[-600:]}")


# --- The pages ---------------------------------------------------------------------------------


def whole_app(folder: Path) -> Flask:
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    return create_app(folder, environ={})


def filled(app: Flask) -> tuple[Patient, list[str]]:
    """A patient with everything answered, and the addresses of all their pages."""
    patient = begun(app, start=IN_PRIVATE)
    asked, store = app.extensions["questionnaire"], app.extensions["store"]
    answers = longest(asked.steps)
    with patient.client.session_transaction() as session:
        row = sessions.read(store, session["patient"])
    draft = responses.draft(store, row.clinic_id, row.subject) if row else None
    if draft is None:
        sys.exit("audit: the draft is gone")
    visited = [step.slug for step in asked.steps]
    document = draft.document | {"answers": answers, "visited": visited}
    responses.save(store, draft, document, urgency="routine", cards=[])
    return patient, [f"/form/{step.slug}" for step in asked.path(answers)[1:]]


@contextmanager
def running(app: Flask) -> Iterator[str]:
    class KeepsAlive(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: object) -> None:
            """Nothing: the application logs each request itself."""

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=KeepsAlive)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


# --- The checkers ------------------------------------------------------------------------------


def check_html(patient: Patient, addresses: list[str]) -> list[str]:
    """What the Nu HTML checker says of every page as it is sent."""
    folder = BUILD / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for address in addresses:
        name = address.strip("/").split("?")[0].replace("/", "_") or "start"
        (folder / f"{name}.html").write_bytes(patient.client.get(address).get_data())
    jar = BUILD / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    done = subprocess.run(
        ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    messages = json.loads(done.stderr)["messages"]
    for message in messages:
        where = Path(message.get("url", "")).name
        print(f"  {message['type']} {where}:{message.get('lastLine')} {message['message']}")
        print(f"    {' '.join(message.get('extract', '').split())[:120]}")
    errors = sum(message["type"] != "info" for message in messages)
    notes = len(messages) - errors
    print(f"audit: Nu HTML checker: {errors} errors, {notes} notes on {len(addresses)} pages")
    return [f"{errors} errors of HTML"] if errors else []


def measure(name: str, url: str, cookie: str, chromium: str) -> list[str]:
    """Lighthouse's scores of a page on a mid-range phone and a slow line."""
    best: dict[str, float] = {}
    report: dict[str, Any] = {}
    for _ in range(TRIES):
        report = lighthouse(url, cookie, chromium)
        for key, category in report["categories"].items():
            best[key] = max(best.get(key, 0), round((category["score"] or 0) * 100))
        if all(best[key] >= least for key, least in LEAST.items()):
            break
    paint = report["audits"]["largest-contentful-paint"]["displayValue"]
    scores = ", ".join(f"{key} {best[key]:.0f}" for key in LEAST)
    print(f"audit: Lighthouse, {name}: {scores}, largest paint {paint}")
    poor = [key for key, least in LEAST.items() if best[key] < least]
    for key in poor:
        explain(report, key)
    return [f"{name}: {key} {best[key]:.0f}, {LEAST[key]} needed" for key in poor]


def paint_on_a_slow_line(site: str, pages: dict[str, tuple[str, str]], chromium: str) -> list[str]:
    """When the largest part of a page is seen: 400 ms away, 50 kB/s, a quarter of the speed."""
    faults = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, (path, cookie) in pages.items():
            # Each try is a first visit: nothing is in the cache.
            best = min(largest_paint(browser, site + path, cookie) for _ in range(TRIES))
            print(f"audit: slow 3G, {name}: largest paint {best:.0f} ms")
            if best > PAINT_MS:
                faults.append(f"{name}: largest paint {best:.0f} ms, {PAINT_MS} allowed")
        browser.close()
    return faults


def largest_paint(browser: Browser, url: str, cookie: str) -> float:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    if cookie:
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": url}])
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    speed = {"downloadThroughput": 50_000, "uploadThroughput": 50_000}
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 400, **speed})
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(url, wait_until="networkidle")
    at = page.evaluate(LARGEST)
    context.close()
    return float(at)


def lighthouse(url: str, cookie: str, chromium: str) -> dict[str, Any]:
    target = BUILD / "lighthouse.json"
    command = [
        str(BUILD / "node_modules" / ".bin" / "lighthouse"),
        url,
        "--quiet",
        "--output=json",
        f"--output-path={target}",
        f"--only-categories={','.join(LEAST)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking",
    ]
    if cookie:
        command.append("--extra-headers=" + json.dumps({"Cookie": cookie}))
    environ = os.environ | {"CHROME_PATH": chromium}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    if done.returncode:
        sys.exit(f"audit: Lighthouse could not load a page:\n{done.stderr[-600:]}")
    found: dict[str, Any] = json.loads(target.read_text())
    return found


def explain(report: dict[str, Any], category: str) -> None:
    for reference in report["categories"][category]["auditRefs"]:
        audit = report["audits"][reference["id"]]
        if audit["score"] is not None and audit["score"] < 1 and reference["weight"]:
            print(f"    {audit['id']}: {audit['title']} {audit.get('displayValue', '')}")


if __name__ == "__main__":
    main()
