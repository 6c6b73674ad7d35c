"""How pages look, and their language: remembered, checked strictly, and never at a word's cost."""

from __future__ import annotations

from http.cookies import SimpleCookie
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from intake.web import display
from tests.web.browser import HTML, IN_PRIVATE, Patient, begun, known, strict


def root(patient: Patient) -> Element:
    return next(strict(patient.html).iter(f"{HTML}html"))


def looks(patient: Patient) -> dict[str, str | None]:
    """What `<html>` says of the look."""
    found = root(patient)
    return {name: found.get(name) for name in found.keys() if name.startswith("data-")}  # noqa: SIM118 (an Element iterates over its children)


@pytest.mark.parametrize("htmx", [False, True])
def test_a_step_keeps_every_word_when_its_look_changes(app: Flask, htmx: bool) -> None:
    patient = begun(app, htmx=htmx)
    typed = {"name": "Ana", "born_on-month": "13", "born_on-day": "x", "phone": "call me"}
    assert patient.send(typed, action="look-text-large") == "/form/about-you"
    assert looks(patient) == {"data-text": "large"}
    assert {name: patient.field(name)[0] for name in typed} == typed
    # Open again, and the same button ends it.
    assert 'id="look" open' in patient.html
    patient.send({}, action="look-text-normal")
    assert looks(patient) == {}
    assert {name: patient.field(name)[0] for name in typed} == typed


def test_changing_the_look_neither_finishes_a_page_nor_shows_its_advice(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on({"privacy_notice": "seen", "respondent": "self", "private": "no"})
    assert patient.send({"now_breath_heart": "breathing"}, action="look-theme-dark") == (
        "/form/right-now"
    )
    assert patient.field("now_breath_heart") == ["breathing"]
    assert patient.open("/form/check") == "/form/right-now"


def test_private_words_are_stored_and_not_shown_back(app: Flask) -> None:
    patient = begun(app, start=IN_PRIVATE)
    private = next(
        step for step in app.extensions["questionnaire"].steps if step.private and step.slug
    )
    question = private.questions[0]
    code = question.options[0].code
    patient.open(f"/form/{private.slug}")
    if patient.page != f"/form/{private.slug}":
        pytest.fail("the private page is not on the path")
    patient.send({question.key: code}, action="look-contrast-high")
    assert looks(patient) == {"data-contrast": "high"}
    assert patient.field(question.key) == []
    assert patient.has("You answered this. We do not show it again.")


@pytest.mark.parametrize("htmx", [False, True])
def test_the_first_page_creates_a_draft_only_for_words(app: Flask, htmx: bool) -> None:
    patient = Patient(app, htmx=htmx)
    patient.open("/")
    patient.send(action="look-text-largest")
    assert (looks(patient), patient.field("respondent")) == ({"data-text": "largest"}, [])
    assert patient.open("/form/right-now") == "/return"
    patient.open("/")
    patient.send({"respondent": "carer"}, action="look-layout-calm")
    assert looks(patient) == {"data-text": "largest", "data-layout": "calm"}
    assert patient.field("respondent") == ["carer"]


def test_a_form_that_was_closed_keeps_its_words(app: Flask) -> None:
    patient = begun(app)
    patient.client.delete_cookie("intake")
    patient.send({"name": "Ana"}, action="look-text-large")
    assert (patient.status, patient.field("name")) == (409, ["Ana"])
    assert looks(patient) == {"data-text": "large"}
    patient.send(action="look-text-largest")
    assert (patient.status, patient.field("name")) == (409, ["Ana"])


def test_code_and_date_stay_on_the_page_for_coming_back(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/return")
    patient.send({"code": "7K3MD", "born_on-year": "19"}, action="look-text-large")
    assert looks(patient) == {"data-text": "large"}
    assert (patient.field("code"), patient.field("born_on-year")) == (["7K3MD"], ["19"])
    assert "error" not in patient.text.lower()


def test_the_number_for_a_call_stays(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on({"privacy_notice": "seen", "respondent": "self", "private": "no"})
    patient.send({"now_breath_heart": "breathing"}, action="back")
    assert patient.page == "/form/care"
    patient.send({"call_phone": "not yet"}, action="look-text-large", form="/form/care/call")
    assert looks(patient) == {"data-text": "large"}
    assert 'value="not yet"' in patient.html


@pytest.mark.parametrize("address", ["/form/check", "/form/later", "/finished", "/form/stop"])
def test_pages_without_words_come_back_too(app: Flask, address: str) -> None:
    patient = known(app)
    patient.open(address)
    assert patient.send(action="look-theme-dark", form="/display") == address
    assert looks(patient) == {"data-theme": "dark"}
    assert 'content="dark"' in patient.html


def test_the_page_that_a_script_put_there_is_the_one_to_come_back_to(app: Flask) -> None:
    patient = known(app)
    patient.open("/form/later")
    fields = {"action": "look-theme-dark", "back": "/form/later", "_end": "1"}
    reply = patient.client.post(
        "/display", data=fields, headers={"Referer": "http://localhost/form/check?x=1"}
    )
    assert reply.headers["Location"] == "/form/check?look=1#look"


def test_all_settings_and_back(app: Flask) -> None:
    patient = begun(app)
    patient.send({"name": "Ana"}, action="look-all")
    assert patient.page == "/display"
    chosen = {"text": "largest", "space": "wide", "contrast": "high", "theme": "light"}
    settings = {f"display-{name}": code for name, code in chosen.items()}
    patient.send(settings, action="look", form="/display")
    assert looks(patient) == {f"data-{name}": code for name, code in chosen.items()}
    assert 'href="/form/about-you"' in patient.html
    patient.send(action="look-reset", form="/display")
    assert looks(patient) == {}
    patient.open("/form/about-you")
    assert patient.field("name") == ["Ana"]


def test_the_cookie_says_no_more_than_it_must(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    token = patient.field("csrf_token")[0]
    reply = patient.client.post(
        "/", data={"csrf_token": token, "action": "look-text-large", "_end": "1"}
    )
    cookie = SimpleCookie(
        next(each for each in reply.headers.getlist("Set-Cookie") if each.startswith("display="))
    )["display"]
    assert cookie.value == "10000"
    assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == ("Lax", True, "/")
    assert int(cookie["max-age"]) == 365 * 24 * 60 * 60


@pytest.mark.parametrize(
    "cookie", ["", "1", "100000", "30000", "02000", "1000٣", "<b>", "x" * 3000]
)
def test_a_cookie_that_is_not_ours_counts_as_none(app: Flask, cookie: str) -> None:
    with app.test_request_context(headers={"Cookie": f"display={cookie}"}):
        assert display.chosen() == display.NORMAL


@pytest.mark.parametrize(
    "asked",
    [
        "//elsewhere.example",
        "https://elsewhere.example/",
        "/\\elsewhere",
        "/nothing",
        "/form/check?code=7K3MD",
        "/finished#x",
        "/" + "a" * 300,
    ],
)
def test_no_address_leads_away(app: Flask, asked: str) -> None:
    patient = Patient(app)
    fields = {"action": "look-text-large", "back": asked, "_end": "1"}
    reply = patient.client.post("/display", data=fields, headers={"Referer": asked})
    assert reply.headers["Location"] == "/?look=1#look"
    assert asked not in patient.client.get("/display", query_string={"back": asked}).text


@pytest.mark.parametrize("action", ["look-text-huge", "look-", "look-size-large", "to-xx", "to-"])
def test_an_unknown_button_is_no_button(app: Flask, action: str) -> None:
    patient = begun(app)
    patient.send({"name": "Ana"}, action=action)
    assert patient.status == 400


def test_another_site_changes_nothing(app: Flask) -> None:
    reply = app.test_client().post(
        "/display",
        data={"action": "look-text-large", "_end": "1"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert (reply.status_code, reply.headers.get("Set-Cookie")) == (403, None)


def test_every_page_leads_to_the_page_about_access(app: Flask) -> None:
    patient = known(app)
    for address in ("/form/support", "/form/check", "/return", "/nothing", "/display"):
        patient.open(address)
        assert 'href="/accessibility"' in patient.html, address
        assert 'href="/treatment"' in patient.html, address
    patient.open("/accessibility")
    assert patient.has("(212) 555-0142")
    assert patient.has("frontdesk@alder-lane.example")
