"""A person's way through the form over TLS, through the proxy's sample, to the real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import CHROMIUM, FLAGS, Visitor, begin, say_who
from tests.proxied import SITE, nginx
from tests.served import gunicorn, made_instance


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The proxy's port."""
    folder = tmp_path_factory.mktemp("behind")
    settings = {"INTAKE_TRUSTED_HOSTS": SITE, "INTAKE_PROXY_HOPS": "1"}
    with (
        gunicorn(made_instance(folder / "instance"), folder / "log", settings) as port,
        nginx(port, folder / "nginx") as proxy,
    ):
        yield proxy.port


def test_a_form_is_filled_in_over_tls(behind: int, chromium: Browser) -> None:
    # Another Chromium, as only its start can lead the site's name here.
    here = f"--host-resolver-rules=MAP {SITE}:443 127.0.0.1:{behind}"
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, here])
    try:
        context = browser.new_context(
            viewport={"width": 360, "height": 740}, ignore_https_errors=True
        )
        context.set_default_timeout(30_000)
        visitor = Visitor(context.new_page(), f"https://{SITE}", context)
        begin(visitor)
        say_who(visitor)
        visitor.open("/form/check")
        assert "Ana O’Brien" in visitor.page.inner_text("main")
        (cookie,) = (each for each in context.cookies() if each["name"] == "__Host-intake")
        assert cookie["secure"]
        assert cookie["httpOnly"]
        assert visitor.page.evaluate("location.protocol") == "https:"
    finally:
        browser.close()
