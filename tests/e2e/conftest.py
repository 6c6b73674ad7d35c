"""A real Chromium against a real server on a database of its own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from intake import create_app
from intake.config import load_settings, make_keys, write_sample_clinic
from intake.store import migrate

CHROMIUM = next(
    (
        path
        for name in ("chromium", "google-chrome", "chromium-browser")
        if (path := shutil.which(name))
    ),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Told by the browser itself, before any script of the page.
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.e2e)
            # One process drives the browser; two at once slow each other down.
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site."""
    folder = tmp_path_factory.mktemp("e2e") / "instance"
    make_keys(folder)
    write_sample_clinic(folder)
    migrate.upgrade(load_settings(folder, {}))
    app = create_app(folder, environ={})
    with serving(app) as address:
        yield address
    app.extensions["store"].engine.dispose()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on a free port; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=FLAGS,
            # Playwright turns it off; people have it on, and it can show old answers.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person at a screen; remembers what the browser complained about."""

    page: Page
    site: str
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site).split("?")[0]

    def tick(self, *ids: str) -> None:
        for id in ids:
            closed = self.page.locator(f"details:not([open]):has(#{id}) > summary")
            if closed.count():
                closed.click()
            self.page.check(f"#{id}")

    def go_on(self, to: str = "", *, button: str = "Continue") -> None:
        """Press a button and wait for the page it leads to."""
        self.page.get_by_role("button", name=button, exact=True).click()
        if to:
            self.page.wait_for_url(f"**{to}")

    def axe(self) -> list[str]:
        """What axe finds on the page as it is."""
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": RULES}})
        return [
            f"{self.path} {each['id']}: {each['nodes'][0]['html'][:160]}"
            for each in found.response["violations"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def focused(self) -> str:
        """Id, or else the words, of what has the focus."""
        return str(
            self.page.evaluate(
                "document.activeElement.id || document.activeElement.textContent.trim()"
            )
        )


VisitorMaker = Callable[..., Visitor]


@pytest.fixture
def visit(site: str, chromium: Browser) -> Iterator[VisitorMaker]:
    """Make visitors; at the end none of them may have broken the page's policy."""
    made: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        options = {"viewport": {"width": 360, "height": 740}} | options
        context = chromium.new_context(**options)
        context.set_default_timeout(10_000)
        context.add_init_script(WATCH_POLICY)
        visitor = Visitor(context.new_page(), site, context)
        visitor.page.on("console", lambda message: _note(visitor, message))
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        made.append(visitor)
        return visitor

    yield make
    complaints = [each for visitor in made for each in visitor.complaints]
    for visitor in made:
        visitor.context.close()
    assert complaints == []


def _note(visitor: Visitor, message: ConsoleMessage) -> None:
    # Chromium logs every 409 and 422 as a failed resource, though the page deals with them.
    if message.type == "error" and "status of 4" not in message.text:
        visitor.complaints.append(message.text)


# --- The way through the first pages -----------------------------------------------------------

NO_SIGNS = (
    "now_breath_heart-none",
    "now_nerves-none",
    "now_infection-none",
    "now_skin-none",
    "now_medicine-none",
    "now_leg_head-none",
)


def begin(visitor: Visitor, *, private: str = "no") -> None:
    """Up to the danger signs."""
    visitor.open("/")
    visitor.tick("privacy_notice-seen", "respondent-self", f"private-{private}")
    visitor.go_on("/form/right-now")


def say_who(visitor: Visitor) -> None:
    """From the danger signs to the page after "About you"."""
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/about-you")
    fill_who(visitor)
    visitor.go_on("/form/support")


def fill_who(visitor: Visitor) -> None:
    for id, text in {
        "name": "Ana O’Brien",
        "born_on-month": "3",
        "born_on-day": "9",
        "born_on-year": "1975",
        "phone": "(212) 555-0111",
    }.items():
        visitor.page.fill(f"#{id}", text)
