"""A phone that prefers Spanish, in a real browser: easy to switch, nothing too wide."""

from __future__ import annotations

from tests.e2e.conftest import NO_SIGNS, VisitorMaker, fill_who


def test_spanish_from_the_start_to_the_check_page(visit: VisitorMaker) -> None:
    visitor = visit(locale="es-US", viewport={"width": 320, "height": 640})
    visitor.open("/")
    assert visitor.page.get_attribute("html", "lang") == "es"
    visitor.tick("privacy_notice-seen", "respondent-self", "private-no")
    visitor.go_on("/form/right-now", button="Continuar")
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/about-you", button="Continuar")
    fill_who(visitor)
    visitor.go_on("/form/support", button="Continuar")
    for address in ("right-now", "about-you", "where", "check", "later"):
        visitor.open(f"/form/{address}")
        assert visitor.overflow() == 0, address
        assert visitor.axe() == []


def test_switching_keeps_what_was_typed(visit: VisitorMaker) -> None:
    visitor = visit()
    visitor.open("/")
    visitor.tick("privacy_notice-seen", "respondent-self", "private-no")
    visitor.go_on("/form/right-now")
    visitor.tick(*NO_SIGNS)
    visitor.go_on("/form/about-you")
    visitor.page.fill("#name", "Ana")
    visitor.page.get_by_role("button", name="Español").click()
    visitor.page.wait_for_selector("html[lang=es]")
    assert visitor.path == "/form/about-you"
    assert visitor.page.input_value("#name") == "Ana"
    visitor.page.get_by_role("button", name="English").click()
    visitor.page.wait_for_selector("html[lang=en]")
    assert visitor.page.input_value("#name") == "Ana"
