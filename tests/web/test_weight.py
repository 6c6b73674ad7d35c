"""How many bytes go over the line, compressed, and who gets them compressed."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake.store import responses, sessions
from intake.web import compression
from intake.web.lean import lean_css, lean_js
from tests.longest import longest
from tests.web.browser import HTML, IN_PRIVATE, Patient, begun, ready, strict

FIRST_VISIT = 30_000
STEP = 6_000
GZIP = {"Accept-Encoding": "gzip"}


def weigh(client: FlaskClient, address: str) -> int:
    """Bytes of a reply's body as sent, which must be compressed and whole."""
    with client.get(address, headers=GZIP) as reply:
        assert (reply.status_code, reply.headers.get("Content-Encoding")) == (200, "gzip"), address
        assert "Accept-Encoding" in reply.headers["Vary"]
        body = reply.get_data()
    assert gzip.decompress(body)
    return len(body)


def files_of(html: str) -> list[str]:
    """Stylesheets and scripts of a page."""
    page = strict(html)
    links = [each.get("href") for each in page.iter(f"{HTML}link")]
    scripts = [each.get("src") for each in page.iter(f"{HTML}script")]
    return [each for each in links + scripts if each and not each.split("?")[0].endswith(".svg")]


def answer_all(patient: Patient, app: Flask, **fixed: str) -> list[str]:
    """Fill a draft as long as one can be; the addresses of its pages."""
    steps = app.extensions["questionnaire"].steps
    answers = longest(steps, **fixed)
    store = app.extensions["store"]
    with patient.client.session_transaction() as session:
        row = sessions.read(store, session["patient"])
    assert row
    draft = responses.draft(store, row.clinic_id, row.subject)
    assert draft
    document = draft.document | {"answers": answers, "visited": [step.slug for step in steps]}
    responses.save(store, draft, document, urgency="routine", cards=[])
    path = app.extensions["questionnaire"].path(answers)
    return [f"/form/{step.slug}" for step in path[1:]]


def test_a_first_visit_is_light(app: Flask) -> None:
    patient = Patient(app)
    patient.open("/")
    files = files_of(patient.html)
    assert any("htmx" in file for file in files), "set-up has not fetched htmx"
    weights = {address: weigh(app.test_client(), address) for address in ["/", *files]}
    print(sum(weights.values()), weights)  # noqa: T201 (the figures, with -s)
    assert sum(weights.values()) <= FIRST_VISIT, weights


@pytest.mark.parametrize("respondent", ["self", "carer"])
def test_every_step_is_light(app: Flask, respondent: str) -> None:
    patient = begun(app, start=IN_PRIVATE)
    pages = answer_all(patient, app, respondent=respondent)
    assert len(pages) > 45
    weights = {address: weigh(patient.client, address) for address in pages}
    heaviest = max(weights, key=lambda address: weights[address])
    print(heaviest, weights[heaviest])  # noqa: T201 (the figures, with -s)
    heavy = {address: weight for address, weight in weights.items() if weight > STEP}
    assert heavy == {}


def test_a_page_with_errors_is_light_too(app: Flask) -> None:
    patient = begun(app, htmx=True)
    token, seen = patient.field("csrf_token")[0], patient.field("seen")[0]
    posted = {"csrf_token": token, "seen": seen, "_end": "1", "action": "continue"}
    reply = patient.client.post("/form/about-you", data=posted, headers=GZIP | patient.headers)
    assert (reply.status_code, reply.headers["Content-Encoding"]) == (422, "gzip")
    assert b"errors-title" in gzip.decompress(reply.get_data())
    assert len(reply.get_data()) <= STEP


@pytest.mark.parametrize(
    ("accepts", "sent"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br", "br"),
    ],
)
def test_the_browser_says_what_it_understands(app: Flask, accepts: str, sent: str | None) -> None:
    client = app.test_client()
    for address in ("/", "/static/css/app.css"):
        with client.get(address, headers={"Accept-Encoding": accepts}) as reply:
            assert reply.headers.get("Content-Encoding") == sent


@pytest.mark.parametrize(
    ("site", "sent"),
    [("same-origin", "gzip"), ("none", "gzip"), ("cross-site", None), ("same-site", None)],
)
def test_where_another_site_leads_a_person_nothing_can_be_weighed(
    app: Flask, site: str, sent: str | None
) -> None:
    headers = GZIP | {"Sec-Fetch-Site": site}
    for address in ("/form/about-you", "/form/check", "/"):
        reply = ready(app).client.get(address, headers=headers)
        assert reply.headers.get("Content-Encoding") == sent
    # A first visit has no cookie and no secret.
    assert app.test_client().get("/", headers=headers).headers["Content-Encoding"] == "gzip"


def test_a_file_is_packed_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = Patient(app)
    patient.open("/")
    file = next(each for each in files_of(patient.html) if "questions.css" in each)
    first = patient.client.get(file, headers=GZIP).get_data()
    monkeypatch.setattr("intake.web.compression.zopfli", lambda _: b"again")
    assert patient.client.get(file, headers=GZIP).get_data() == first
    compression._packed.cache_clear()
    assert patient.client.get(file, headers=GZIP).get_data() == b"again"
    compression._packed.cache_clear()


def test_what_was_typed_keeps_its_lines(app: Flask) -> None:
    words = "first\n    second\n\n  third"
    page = f"<p>\n    a\n  </p>\n  <textarea>\n{words}</textarea>\n   <p>"
    assert compression.lean_html(page) == f"<p>\na\n</p>\n<textarea>\n{words}</textarea>\n<p>"


def test_another_fingerprint_is_never_served_from_memory(app: Flask) -> None:
    client = app.test_client()
    with client.get("/static/css/app.css?v=0", headers=GZIP) as reply:
        assert (reply.headers["Cache-Control"], reply.headers["Content-Encoding"]) == (
            "no-cache",
            "gzip",
        )


@pytest.mark.parametrize("name", ["../wsgi.py", "css/none.css", "css", "..%2fwsgi.py"])
def test_only_files_of_the_folder_are_served(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(
    ("lean", "text", "expected"),
    [
        (lean_css, "/* a { */\na > b {\n  margin: 0 1px;\n}\n", "a > b{margin: 0 1px}"),
        (
            lean_css,
            ".a :is(b, c) { width: calc(1px + 2px) }",
            ".a :is(b,c){width: calc(1px + 2px)}",
        ),
        (lean_js, '// why\n  go(); // here\n\n\tstop("//");\n', 'go(); // here\nstop("//");\n'),
    ],
)
def test_only_what_nobody_needs_is_left_out(
    lean: Callable[[str], str], text: str, expected: str
) -> None:
    assert lean(text) == expected


def test_no_string_of_our_scripts_goes_over_lines(app: Flask) -> None:
    for path in (Path(str(app.static_folder)) / "js").glob("*.js"):
        for line in path.read_text().splitlines():
            assert line.count("`") % 2 == 0, f"{path.name}: {line}"
