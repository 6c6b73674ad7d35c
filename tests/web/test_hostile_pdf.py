"""Hostile words through the real view and the real drawing process: they stay words."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator

import pikepdf
import pytest
from flask import Flask

from intake.questionnaire import STEPS
from intake.questionnaire.model import WRITING, Question
from tests.web.browser import NO_SIGNS, SELF, Patient
from tests.web.clinic_side import logged_in, sent

ACTIVE = {
    *("/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE"),
    *("/OpenAction", "/AA", "/RichMedia", "/XFA", "/Movie", "/Sound"),
}
CHANNELS = (
    "<img src={to}>",
    "<link rel=attachment href={to}>",
    "<link rel=stylesheet href={to}>",
    "<a rel=attachment href={to}>x</a>",
    "<object data={to}></object>",
    "<embed src={to}>",
    "<iframe src={to}></iframe>",
    "<style>@import url({to});</style>",
    "<style>@font-face{{font-family:x;src:url({to})}}</style>",
    "<p style='background:url({to})'>x",
    "<p style='content:url({to})'>x",
    "<svg><image href='{to}'/></svg>",
    "<svg><use href='{to}#a'/></svg>",
    "<base href={to}><img src=x>",
    "<meta http-equiv=refresh content='0;url={to}'>",
    "<input type=image src={to}>",
    "<video poster={to}></video>",
    "<table background={to}>",
    "<a href='javascript:app.launchURL(\"{to}\")'>x</a>",
    "{{{{ config }}}} {{% include '/etc/passwd' %}} {to}",
    "]]></p><!-- {to} --> <?xml-stylesheet href='{to}'?>",
)
OTHERS = (
    "%PDF-1.7 endstream endobj 1 0 obj <</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
    "/JavaScript <</S/Launch/F(cmd.exe)>> ) Tj ET Q (",
    "\\(\\)\\\\ )>> << /AA 1 >> stream",
    "W" * 150,
    "a\u05d0" * 75,
    "\u0e01\u0e33" * 75,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 30,
    "\n" * 30 + "end",
    "<" * 150,
    "&#x3c;img src=x&#x3e; &amp;lt;b&amp;gt;",
)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what asked for it."""
    asked: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            asked.append("asked")
            connection.close()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    address = f"127.0.0.1:{server.getsockname()[1]}"
    yield f"http://{address}/x", asked
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(timeout=5)


def asked_in_words() -> list[Question]:
    """The questions that take a sentence."""
    return [q for step in STEPS for q in step.questions if q.kind in WRITING and q.input == "text"]


def check(pdf: bytes, attachments: set[str]) -> None:
    """Nothing in it acts or reaches out, and nothing is attached but what we attach."""
    with pikepdf.open(io.BytesIO(pdf)) as read:
        assert set(read.attachments) == attachments
        assert "/OpenAction" not in read.Root
        for each in read.objects:
            if isinstance(each, pikepdf.Dictionary):
                assert not set(dict(each.items())) & ACTIVE
                assert str(each.get("/S", "")) not in ACTIVE
                assert str(each.get("/URI", "https://")).startswith("https://")


def corpus(to: str) -> Iterator[dict[str, str]]:
    """Answers that hold every hostile text, as many in a response as it has questions for."""
    hostile = [each.format(to=to) for each in CHANNELS]
    hostile += [each.format(to="file:///etc/hostname") for each in CHANNELS] + list(OTHERS)
    asked = asked_in_words()
    for at in range(0, len(hostile), len(asked)):
        several = hostile[at : at + len(asked)]
        yield {
            q.key: words[: q.max_characters].strip()
            for q, words in zip(asked, several, strict=False)
        }


def test_the_doctors_summary_is_harmless(app: Flask, listener: tuple[str, list[str]]) -> None:
    to, asked = listener
    browser = logged_in(app, "doctor")
    for answers in corpus(to):
        reference = sent(app, answers)
        reply = browser.client.get(f"/clinic/responses/{reference}/summary.pdf")
        assert reply.status_code == 200
        check(reply.data, {"questionnaire-response.json"})
    assert asked == []


def test_a_patients_own_copy_is_harmless(app: Flask, listener: tuple[str, list[str]]) -> None:
    to, asked = listener
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    patient.go_on(NO_SIGNS)
    hostile = [each.format(to=to)[:150] for each in CHANNELS]
    while patient.page != "/form/check":
        step = next(step for step in STEPS if f"/form/{step.slug}" == patient.page)
        here = [q.key for q in step.questions if q in asked_in_words()]
        words = {key: hostile.pop() for key in here if hostile}
        if step.slug == "about-you":
            words |= {"phone": "2125550111", "born_on-month": "3", "born_on-day": "9"}
            words |= {"born_on-year": "1975", "name": "<img src=x>"}
        patient.go_on(words)
    patient.send()
    reply = patient.client.get("/form/sent/copy.pdf")
    assert reply.mimetype == "application/pdf"
    check(reply.data, set())
    assert asked == []
