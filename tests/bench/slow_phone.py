"""How long a slow phone waits for words: prints, and never judges.

    .venv/bin/python -m tests.bench.slow_phone [rounds]

Slow 3G (400 ms, 50 kB/s both ways) and a processor four times slower, by Chromium's own means.
Pages take turns with a floor, a page of one line in the same frame, so that a busy machine
slows all of them alike. A start is a first visit with nothing kept; a step and the floor are
opened with the files kept, as in the midst of the form, and "cold" without.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from flask import Flask, render_template_string
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate
from intake.web.access import anyone
from tests.e2e.conftest import CHROMIUM, FLAGS, Visitor, begin, say_who, serving

PHONE = ViewportSize(width=360, height=740)
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
SLOWER = 4
LARGEST = """() => new Promise((tell) => {
  const watch = new PerformanceObserver((list) => tell(list.getEntries().at(-1).startTime));
  watch.observe({ type: "largest-contentful-paint", buffered: true });
})"""
FLOOR = '{% extends "base.html" %}{% block page %}<h1>One line of text</h1>{% endblock %}'
PAGES = {
    "floor, cold": ("/floor", True),
    "start, cold": ("/", True),
    "floor": ("/floor", False),
    "step: danger signs": ("/form/right-now", False),
    "step: body map": ("/form/where", False),
    "step: support": ("/form/support", False),
}


def site(folder: Path) -> Flask:
    """An application with a floor."""
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={})
    app.add_url_rule("/floor", "floor", anyone(lambda: render_template_string(FLOOR)))
    return app


def patient(browser: Browser, address: str) -> BrowserContext:
    """Somebody in the midst of the form, with the files kept."""
    context = browser.new_context(viewport=PHONE)
    visitor = Visitor(context.new_page(), address, context)
    begin(visitor)
    say_who(visitor)
    visitor.page.close()
    return context


def waits(page: Page, address: str) -> float:
    """Milliseconds to the largest thing in sight."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="load")
    return float(page.evaluate(LARGEST))


def in_turns(rounds: int, wait: Callable[[str, bool], float]) -> dict[str, list[float]]:
    """Every page once a round."""
    figures: dict[str, list[float]] = {name: [] for name in PAGES}
    for _round in range(rounds):
        for name, (path, is_cold) in PAGES.items():
            figures[name].append(wait(path, is_cold))
    return figures


def main() -> None:
    """Print the median and the range of each page."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = site(Path(folder) / "instance")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving(app) as address:
            known = patient(browser, address)

            def wait(path: str, is_cold: bool) -> float:
                context = browser.new_context(viewport=PHONE) if is_cold else known
                page = context.new_page()
                waited = waits(page, address + path)
                page.close()
                if is_cold:
                    context.close()
                return waited

            figures = in_turns(rounds, wait)
        browser.close()
        app.extensions["store"].engine.dispose()
    for name, waited in figures.items():
        spread = f"{min(waited):5.0f} to {max(waited):5.0f}"
        print(f"{name:20} {median(waited):5.0f} ms   ({spread})")


if __name__ == "__main__":
    main()
