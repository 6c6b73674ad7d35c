"""Somebody else at the device, or at the other end of the line, who means no good."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from intake import create_app
from intake.store import copies, mailing, responses
from tests.web.browser import ANA, BORN, HTMX, NO_SIGNS, SELF, Patient, begun, known, ready, unlock
from tests.web.clinic_side import logged_in, store_of
from tests.web.conftest import Clock
from tests.web.test_returning import code_of
from tests.web.test_safe import Form
from tests.web.test_walk import document

ABOUT = "/form/about-you"
MARKED = "/form/left-arm"
"""A page that asks about the very places that were marked before."""
OTHER_DATE = {"born_on-month": "1", "born_on-day": "1", "born_on-year": "1990"}
CHEST = {"now_breath_heart": "chest"}


def token(patient: Patient) -> str:
    """A token that is good for this session, from the page of the lock."""
    patient.open("/form/locked")
    return patient.field("csrf_token")[0]


def posted(patient: Patient, url: str, **fields: str) -> str:
    """What comes back for a form that no page of ours drew."""
    return patient.client.post(url, data=fields | {"_end": "1"}).get_data(as_text=True)


# --- Behind the lock ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forged",
    [{"csrf_token": "wrong", "action": "continue"}, {"_lost": "1", "action": "look"}],
)
def test_nothing_of_a_locked_form_comes_back_with_a_forged_page(
    app: Flask, clock: Clock, forged: dict[str, str]
) -> None:
    patient = known(app)
    patient.open("/form/where")
    patient.go_on({"places": ["left_elbow", "left_fingers"]})
    assert "elbow" in patient.open(MARKED) + patient.html
    clock.forward(hours=2)
    html = posted(patient, MARKED, **({"csrf_token": token(patient)} | forged))
    unseen = posted(Patient(app), MARKED, csrf_token="wrong", action="continue")
    seen = [re.findall(r'name="seen"\s+value="(\w*)"', page) for page in (html, unseen)]
    assert seen[0] == seen[1], "the digest of the stored answers would let others replace them"
    asked = [set(re.findall(r'id="q-(\w+)"', page)) for page in (html, unseen)]
    assert asked[0] == asked[1], "which places are asked about tells what was marked"


def test_a_locked_form_shows_no_advice_when_its_look_is_changed(app: Flask, clock: Clock) -> None:
    patient = Patient(app)
    patient.open("/")
    patient.go_on(SELF)
    assert patient.go_on(NO_SIGNS | CHEST) == "/form/care"
    clock.forward(hours=2)
    sent = {"csrf_token": token(patient), "action": "look-text-large"}
    assert "Chest" not in posted(patient, "/form/care/call", **sent)


@pytest.mark.parametrize("saves", [True, False])
def test_nobody_sets_the_date_that_opens_the_lock_from_outside(
    app: Flask, clock: Clock, saves: bool
) -> None:
    patient = known(app)
    form = Form(patient, ABOUT)
    clock.forward(hours=2)
    if saves:
        form.save(OTHER_DATE)
    else:
        form.press(OTHER_DATE)
    patient.open("/form/locked")
    assert patient.send(OTHER_DATE, form="/locked") == "/form/locked"
    unlock(patient)
    assert document(patient, app)["answers"]["born_on"] == "1975-03-09"
    patient.open(ABOUT)
    assert patient.field("born_on-year") == ["1990"], "what was typed waits for its owner"


def test_a_date_of_birth_is_taken_in_behind_the_lock_where_there_was_none(
    app: Flask, clock: Clock
) -> None:
    patient = begun(app)
    form = Form(patient, ABOUT)
    clock.forward(hours=2)
    form.save(OTHER_DATE)
    assert document(patient, app)["answers"]["born_on"] == "1990-01-01"


def test_the_cookie_tells_nobody_where_a_locked_form_was_left(app: Flask, clock: Clock) -> None:
    patient = known(app)
    patient.open("/form/where")
    patient.go_on({"places": ["left_elbow"]})
    clock.forward(hours=2)
    lengths = set()
    for url in (MARKED, "/form/where"):
        patient.client.get(url)
        with patient.client.session_transaction() as session:
            kept = dict(session)
        assert "left-arm" not in str(kept)
        assert "where" not in str(kept)
        lengths.add(len(kept["left_at"][1]))
    assert len(lengths) == 1
    data = BORN | {"csrf_token": token(patient), "_end": "1"}
    patient.client.get(MARKED)
    assert patient.client.post("/form/locked", data=data).headers["Location"] == MARKED


def test_another_clinic_that_locks_later_opens_no_lock(instance: Path, clock: Clock) -> None:
    folder = instance / "clinics"
    first = (folder / "alder-lane.toml").read_text()
    later = first.replace("id = 1 ", "id = 2 ").replace("minutes = 60", "minutes = 240")
    assert later.count("240") == 1
    (folder / "birch-road.toml").write_text(later)
    app = create_app(instance, environ={}, clock=clock)
    patient = Patient(app)
    patient.open("/")
    for answers in (SELF, NO_SIGNS, ANA):
        patient.go_on(answers)
    clock.forward(hours=2)
    patient.open("/c/birch-road/")
    assert patient.open(ABOUT) == "/form/locked"
    reply = patient.client.post("/c/birch-road/form/later", data={"_end": "1"})
    # A page whose token is old leads to a first page: that of the same clinic.
    assert 'href="/"' not in reply.get_data(as_text=True)
    app.extensions["store"].engine.dispose()


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("odd", ["/form/%E6%9D%8E", "/form/a%0d%0aX:%20y", "/form/a?b=%0d%0aX:y"])
def test_an_odd_address_at_the_lock_breaks_nothing_afterwards(
    app: Flask, clock: Clock, odd: str, headers: dict[str, str]
) -> None:
    patient = known(app)
    clock.forward(hours=2)
    patient.client.get(odd)
    data = BORN | {"csrf_token": token(patient), "_end": "1"}
    patient.client.get(odd)
    reply = patient.client.post("/form/locked", data=data, headers=headers)
    assert reply.status_code in {204, 303}
    to = reply.headers.get("Location") or reply.headers["HX-Redirect"]
    assert to.isascii()
    assert "X" not in reply.headers


# --- What others keep --------------------------------------------------------------------------


def test_no_file_that_proxies_keep_carries_somebodys_session(app: Flask) -> None:
    patient = known(app)
    files = re.findall(r'"(/[^"?]*\?v=\w+)"', patient.html)
    assert len(files) >= 3
    for url in files:
        with patient.client.get(url) as reply:
            assert "public" in reply.headers["Cache-Control"], url
            assert not reply.headers.getlist("Set-Cookie"), url
            assert "Cookie" not in reply.headers.get("Vary", ""), url


def test_words_of_somebody_else_on_this_device_go_into_nobodys_form(app: Flask) -> None:
    code = code_of(known(app))
    other = Patient(app)
    fields = {"csrf_token": "none", "action": "continue", "name": "Bo", **OTHER_DATE, "_end": "1"}
    reply = other.client.post(ABOUT, data=fields)
    other.url, other.html = ABOUT, reply.get_data(as_text=True)
    other.go_on()
    other.open("/return")
    other.send({"code": code, **BORN}, form="/return")
    assert document(other, app)["answers"]["born_on"] == "1975-03-09"
    assert document(other, app)["answers"]["name"] == ANA["name"]


# --- What one person can take from the others --------------------------------------------------


def test_a_copy_is_drawn_so_often_and_then_only_shown(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MOST_A_DAY", 1)
    patient = ready(app)
    patient.send()
    drawn = [patient.client.get("/form/sent/copy.pdf") for _ in range(2)]
    assert drawn[0].mimetype == "application/pdf"
    assert drawn[-1].status_code == 429
    assert "Your copy of the form" in drawn[-1].get_data(as_text=True)


def test_a_mailbox_with_many_spellings_is_counted_as_one(app: Flask) -> None:
    draft = responses.start(store_of(app), 1)
    spelled = ["ann.b@example.com", "annb+1@example.com", "A.n.n.b+x+y@Example.com"]
    assert all(mailing.take(store_of(app), draft, each) for each in spelled)
    other = responses.start(store_of(app), 1)
    assert not mailing.take(store_of(app), other, "annb@example.com")
    assert mailing.take(store_of(app), other, "annc@example.com")


def test_a_clinic_sends_so_many_mails_a_day(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "MOST_OF_CLINIC", 3)
    store = store_of(app)
    drafts = [responses.start(store, 1) for _ in range(4)]
    to = [f"{name}@example.com" for name in "abcd"]
    assert [mailing.take(store, *each) for each in zip(drafts, to, strict=True)] == [
        True,
        True,
        True,
        False,
    ]
    mailing.give_back(store, drafts[0], to[0])
    assert mailing.take(store, drafts[3], to[3])
    clock.forward(hours=25)
    assert mailing.take(store, drafts[3], to[3])


def test_last_digits_are_not_tried_one_after_the_other(app: Flask) -> None:
    first = known(app)
    first.open(ABOUT)
    first.go_on({"phone": "(212) 555-0199"})
    known(app)
    desk = logged_in(app, "front_desk")
    desk.open("/clinic/lost-code")
    desk.send({"name": "ana nguyen", **BORN})
    assert desk.has("2 forms fit")
    desk.send({"last_digits": "9", "checked": "no"})
    assert "which" not in desk.html, "another ending needs another look-up, which is counted"
    assert desk.has("Somebody lost their code")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example"]
)
def test_a_foreign_host_name_is_refused_whatever_else_is_wrong(app: Flask, host: str) -> None:
    for url in ("/form/later", "/form/nowhere", f"/?{'x' * 3000}", "/static/nothing.js"):
        for method in ("GET", "POST"):
            reply = app.test_client().open(url, method=method, headers={"Host": host})
            assert reply.status_code == 400, (method, url)
            assert "evil" not in reply.get_data(as_text=True)
