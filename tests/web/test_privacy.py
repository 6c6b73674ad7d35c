"""No health data in logs, cookies, addresses, titles or error pages: a canary through it all."""

from __future__ import annotations

import re
import zlib
from io import StringIO

import pytest
from flask import Flask
from itsdangerous import base64_decode

from intake.questionnaire import STEPS
from intake.questionnaire.model import WRITING
from intake.web.patient import sending
from tests.web.browser import IN_PRIVATE, NO_SIGNS, Patient, known, strict

CANARY = "Zyzzogeton"


def walk(app: Flask) -> tuple[Patient, list[str], list[str]]:
    """A whole journey with the canary in every text; its addresses and titles."""
    patient = Patient(app)
    patient.open("/")
    addresses, titles = [], []
    patient.go_on(IN_PRIVATE)
    patient.go_on(NO_SIGNS | {"now_words": CANARY})
    patient.go_on({"now_self_harm": "no", "now_unsafe": "yes", "safe_contact": CANARY})
    patient.send(action="go")
    while patient.page != "/form/check":
        step = next(step for step in STEPS if f"/form/{step.slug}" == patient.page)
        texts = {q.key: CANARY for q in step.questions if q.kind in WRITING and q.input == "text"}
        if step.slug == "about-you":
            texts |= {"name": CANARY, "phone": "(212) 555-0199"}
            texts |= {"born_on-month": "3", "born_on-day": "9", "born_on-year": "1975"}
        patient.go_on(texts)
        addresses.append(patient.url)
        titles.append(title(patient))
    patient.send({"csrf_token": "old"})
    patient.send()
    return patient, addresses, titles


def title(patient: Patient) -> str:
    return " ".join(re.findall(r"<title>(.*?)</title>", patient.html, re.DOTALL))


def cookie_text(patient: Patient) -> str:
    cookie = patient.client.get_cookie("intake")
    assert cookie
    payload = cookie.value.removeprefix(".").split(".")[0]
    raw = base64_decode(payload)
    return (zlib.decompress(raw) if cookie.value.startswith(".") else raw).decode()


def test_a_whole_journey_leaves_no_trace(app: Flask, logs: StringIO) -> None:
    patient, addresses, titles = walk(app)
    assert patient.page == "/form/sent"
    assert len(addresses) > 15
    written = logs.getvalue()
    assert written.count("event=request") > 20
    for place in (written, cookie_text(patient), *addresses, *titles):
        assert CANARY not in place
        assert "555-0199" not in place
        assert "1975" not in place


def test_titles_name_the_section_only(app: Flask) -> None:
    _, _, titles = walk(app)
    questions = {step.title for step in STEPS} - {step.section for step in STEPS}
    for text in titles:
        assert not any(question in text for question in questions), text


def test_error_pages_and_their_logs_hold_no_answer(
    app: Flask, logs: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(CANARY)

    patient = Patient(app)
    patient.open("/")
    patient.go_on(IN_PRIVATE)
    patient.go_on(NO_SIGNS | {"now_words": CANARY})
    monkeypatch.setattr(sending, "check_page", fail)
    monkeypatch.setattr("intake.web.patient.steps.seal_of", fail)
    patient.go_on({"now_self_harm": "no", "now_unsafe": "no", "safe_contact": CANARY})
    assert patient.status == 500
    assert CANARY not in patient.html
    assert "event=failed" in logs.getvalue()
    assert CANARY not in logs.getvalue()


def test_answers_are_escaped(app: Flask) -> None:
    script = '"><script>alert(1)</script>'
    patient = Patient(app)
    patient.open("/")
    patient.go_on(IN_PRIVATE)
    patient.go_on(NO_SIGNS)
    patient.go_on({"now_self_harm": "no", "now_unsafe": "no"})
    patient.go_on({"name": script, "born_on-month": "x"})
    assert patient.field("name") == [script]
    assert "<script>alert" not in patient.html
    patient.go_on(
        {"phone": "2125550111", "born_on-month": "3", "born_on-day": "9", "born_on-year": "1975"}
    )
    patient.open("/form/check")
    assert script in patient.text
    assert "<script>alert" not in patient.html


def test_nothing_on_a_page_comes_from_elsewhere(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    for element in strict(patient.html).iter():
        for name in ("src", "href", "action"):
            address = element.get(name) or ""
            assert not re.match(r"(https?:)?//", address), address
        assert "style" not in element.attrib
        assert not any(each.startswith("on") for each in element.attrib), element.attrib


def test_equal_answers_of_two_people_have_no_mark_in_common(app: Flask) -> None:
    seen = set()
    for _ in range(2):
        patient = known(app)
        for address in ("/form/support", "/form/reason", "/form/check"):
            patient.open(address)
            seen.add(patient.field("seen")[0])
    assert len(seen) == 6
