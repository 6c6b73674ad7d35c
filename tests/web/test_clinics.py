"""Several clinics on one site: each under its own address, each with its own drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from intake import create_app
from intake.config import ConfigError, MailFolder
from intake.store import jobs, renderings, responses, work_list
from intake.web import work
from tests.web.browser import ANA, NO_SIGNS, SELF, Patient
from tests.web.clinic_side import PASSWORD, clinic_of, hired, logged_in, sent
from tests.web.conftest import Clock


def test_a_whole_journey_stays_at_its_clinic(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/birch-road/")
    assert "Birch Road" in patient.html
    for answers in (SELF, NO_SIGNS, ANA):
        patient.go_on(answers)
        assert patient.page.startswith("/c/birch-road/form/")
    patient.open("/c/birch-road/form/check")
    assert patient.send() == "/c/birch-road/form/sent"
    store = two_clinics.extensions["store"]
    wanted = work_list.Wanted("new", store.clock().date())
    assert len(work_list.references(store, 2, wanted)) == 1
    assert work_list.references(store, 1, wanted) == []


def test_a_draft_of_one_clinic_is_not_open_at_another(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/birch-road/")
    patient.go_on(SELF)
    assert patient.open("/form/right-now") == "/return"
    assert patient.open("/c/birch-road/form/right-now") == "/c/birch-road/form/right-now"


def test_an_unknown_clinic_is_not_there(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/nowhere/")
    assert patient.status == 404


def test_the_way_back_leads_to_the_same_clinic(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/birch-road/")
    for answers in (SELF, NO_SIGNS, ANA):
        patient.go_on(answers)
    patient.open("/c/birch-road/form/later")
    patient.send()
    patient.open("/c/birch-road/form/later/card")
    assert patient.has("localhost/c/birch-road/return")
    for slug, told in (("", "No unsent form fits"), ("birch-road", "One form fits")):
        desk = logged_in(two_clinics, "front_desk", clinic=slug)
        desk.open(f"{f'/c/{slug}' if slug else ''}/clinic/lost-code")
        desk.send({key: ANA[key] for key in ANA if key != "phone"})
        assert desk.has(told)


def test_the_look_of_a_page_is_set_at_its_own_clinic(two_clinics: Flask) -> None:
    patient = Patient(two_clinics)
    patient.open("/c/birch-road/")
    patient.go_on(SELF)
    assert patient.send(action="look-text-large") == "/c/birch-road/form/right-now"
    patient.open("/c/birch-road/finished")
    assert patient.send(action="look-theme-dark", form="/display") == "/c/birch-road/finished"
    assert 'data-text="large" data-theme="dark"' in patient.html
    patient.send(action="look-all", form="/display")
    assert patient.page == "/c/birch-road/display"
    assert patient.has("Display")
    assert 'href="/c/birch-road/accessibility"' in patient.html


# --- By the name of a site -----------------------------------------------------------------------


HOSTS = "127.0.0.1,localhost,birch.example,alder.example"


@pytest.fixture
def two_sites(two_clinics: Flask, instance: Path, clock: Clock) -> Iterator[Flask]:
    """Birch Road at birch.example; Alder Lane, the first, everywhere else."""
    file = instance / "clinics" / "birch-road.toml"
    file.write_text('hosts = ["birch.example"]\n' + file.read_text())
    app = create_app(instance, environ={"INTAKE_TRUSTED_HOSTS": HOSTS}, clock=clock)
    app.config["SESSION_COOKIE_SECURE"] = False
    yield app
    app.extensions["store"].engine.dispose()


BIRCH, ALDER = "https://birch.example", "https://alder.example"


def test_a_site_is_its_clinics(two_sites: Flask) -> None:
    for site, name in ((BIRCH, "Birch Road"), (ALDER, "Alder Lane")):
        html = two_sites.test_client().get("/", base_url=site).get_data(as_text=True)
        assert name in html
        assert "/c/" not in html
    html = two_sites.test_client().get("/", base_url="https://BIRCH.example:443").text
    assert "Birch Road" in html


def test_a_site_serves_no_other_clinic(two_sites: Flask) -> None:
    client = two_sites.test_client()
    assert client.get("/c/alder-lane/", base_url=BIRCH).status_code == 404
    assert client.get("/c/alder-lane/clinic/log-in", base_url=BIRCH).status_code == 404
    assert client.get("/c/alder-lane/fhir/metadata", base_url=BIRCH).status_code == 404
    assert "Birch Road" in client.get("/c/birch-road/", base_url=BIRCH).text
    assert "Birch Road" in client.get("/c/birch-road/", base_url=ALDER).text


def test_errors_of_a_site_are_its_clinics(two_sites: Flask) -> None:
    reply = two_sites.test_client().get("/nothing", base_url=BIRCH)
    assert reply.status_code == 404
    assert "Birch Road" in reply.text
    assert two_sites.test_client().get("/", base_url="https://evil.example").status_code == 400


def test_a_log_in_of_one_site_is_none_at_another(two_sites: Flask) -> None:
    """The very cookie, carried over by hand: a browser would not."""
    browser = logged_in(two_sites, "doctor")
    name = two_sites.config["SESSION_COOKIE_NAME"]
    cookie = browser.client.get_cookie(name)
    assert cookie
    headers = {"Cookie": f"{name}={cookie.value}"}
    client = two_sites.test_client(use_cookies=False)
    assert client.get("/clinic", base_url=ALDER, headers=headers).status_code == 200
    for address, site in (("/clinic", BIRCH), ("/c/birch-road/clinic", ALDER)):
        reply = client.get(address, base_url=site, headers=headers)
        assert reply.status_code == 303
        assert "/clinic/log-in?" in reply.headers["Location"]


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ('["a.example"]', '["a.example"]', "hosts: alder-lane has a.example already"),
        ('["a.example"]', '["b.example"]', "hosts: name b.example in INTAKE_TRUSTED_HOSTS"),
        ('["https://a.example"]', "[]", "hosts: write a"),
        ('[".a.example"]', '["x.a.example"]', "hosts: write a"),
    ],
)
def test_sites_that_cannot_be_told_apart_stop_the_start(
    two_clinics: Flask, instance: Path, clock: Clock, first: str, second: str, says: str
) -> None:
    for slug, hosts in (("alder-lane", first), ("birch-road", second)):
        file = instance / "clinics" / f"{slug}.toml"
        file.write_text(f"hosts = {hosts}\n" + file.read_text())
    environ = {"INTAKE_TRUSTED_HOSTS": "localhost,a.example,.a.example"}
    with pytest.raises(ConfigError, match=re.escape(says)):
        create_app(instance, environ=environ, clock=clock)


# --- Commands, jobs and mail ---------------------------------------------------------------------


def command(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["intake", *words])


ABOUT_ONE = (
    ("add-staff", "--username", "x", "--name", "X", "--role", "doctor", "--password", PASSWORD),
    ("invite-staff", "doctor"),
    ("fhir", "AAA-AAA"),
    ("export-csv", "--out", "out.csv"),
    ("rescore", "--dry-run"),
    ("make-token", "records"),
    ("paper", "--out", "out.pdf"),
    ("audit-digest",),
    ("demo",),
)


@pytest.mark.parametrize("words", ABOUT_ONE, ids=lambda words: words[0])
def test_a_command_about_one_clinic_guesses_none(two_clinics: Flask, words: list[str]) -> None:
    for chosen in ((), ("--clinic", "nowhere")):
        result = command(two_clinics, *chosen, *words)
        assert result.exit_code == 2, result.output
        assert "--clinic alder-lane|birch-road" in result.output


def test_a_command_reaches_its_own_clinic_only(two_clinics: Flask, tmp_path: Path) -> None:
    app = two_clinics
    hers, his = sent(app, name="Alder Ann"), sent(app, name="Birch Bob", clinic="birch-road")
    for slug, own, other, name in (
        ("alder-lane", hers, his, "Alder Ann"),
        ("birch-road", his, hers, "Birch Bob"),
    ):
        assert command(app, "--clinic", slug, "fhir", own).exit_code == 0
        assert command(app, "--clinic", slug, "fhir", other).exit_code == 2
        pdf = str(tmp_path / "out.pdf")
        assert command(app, "--clinic", slug, "summary", other, "--out", pdf).exit_code == 2
        out = tmp_path / "out.csv"
        assert command(app, "--clinic", slug, "export-csv", "--out", str(out)).exit_code == 0
        text = out.read_text()
        assert (name in text, own in text, other in text) == (True, True, False)


def test_staff_of_a_command_are_the_clinics_own(two_clinics: Flask) -> None:
    app = two_clinics
    hired(app, "doctor", clinic="birch-road")
    assert command(app, "--clinic", "alder-lane", "invite-staff", "doctor").exit_code == 2
    result = command(app, "--clinic", "birch-road", "invite-staff", "doctor", "--reset")
    assert result.exit_code == 0
    assert "/c/birch-road/clinic/invited#" in result.output


def test_jobs_are_done_in_the_name_of_their_clinic(two_clinics: Flask, instance: Path) -> None:
    app = two_clinics
    app.extensions["settings"] = replace(
        app.extensions["settings"], mail=MailFolder(instance / "mail")
    )
    store = app.extensions["store"]
    found = {}
    for slug in ("", "birch-road"):
        reference = sent(app, clinic=slug)
        here = clinic_of(app, slug)
        response = responses.sent(store, here.id, reference)
        assert response
        found[here.id] = response.id
        letter = {"to": f"x@{here.slug}.example", "subject": "Hello", "body": "Hello"}
        jobs.add_mail(store, here.id, response.id, letter, by="system", event="mail_queued")
    work.run_due(app)
    for clinic_id, other in ((1, 2), (2, 1)):
        kept = renderings.kept(store, clinic_id, found[clinic_id], renderings.SUMMARY, 0)
        assert kept
        foreign = renderings.kept(store, clinic_id, found[other], renderings.SUMMARY, 0)
        assert foreign is None
    mails = [path.read_text() for path in (instance / "mail").iterdir()]
    assert len(mails) == 2
    for mail in mails:
        sender = "Birch Clinic" if "x@birch-road.example" in mail else "Alder Lane Clinic"
        assert f"From: {sender}" in mail, mail[:200]
