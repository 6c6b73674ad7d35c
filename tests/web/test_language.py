"""The language of a reply: what the clinic offers, what the person chose, and who stays English."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intake import create_app
from intake.config import SAMPLE_SLUG, ConfigError
from intake.web.language import COOKIE

# The package has a function of the same name.
MODULE = import_module("intake.web.language")


def spoken(reply) -> str:
    found = re.search(r'<html lang="([^"]+)"', reply.text)
    assert found
    return found[1]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_without_a_wish_the_clinics_first_language_is_spoken(client):
    assert spoken(client.get("/")) == "en"


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("en-US,en;q=0.9,es;q=0.5", "en"),
        ("fr-FR,es;q=0.4", "es"),
        ("fr", "en"),
        ("*", "en"),
        (";;q=", "en"),
    ],
)
def test_the_browser_is_asked_what_it_prefers(client, wish, expected):
    assert spoken(client.get("/", headers={"Accept-Language": wish})) == expected


def test_a_choice_counts_for_more_than_the_browser(client):
    client.set_cookie(COOKIE, "es")
    assert spoken(client.get("/", headers={"Accept-Language": "en"})) == "es"


def test_a_choice_that_is_not_offered_counts_for_nothing(client):
    client.set_cookie(COOKIE, "../es")
    assert spoken(client.get("/")) == "en"


def test_an_address_can_ask_for_a_language_that_then_stays(client):
    assert spoken(client.get("/?language=es")) == "es"
    assert spoken(client.get("/")) == "es"
    assert spoken(client.get("/?language=xx")) == "es"
    assert spoken(client.get("/no-such-page")) == "es"


def test_the_cookie_holds_the_code_alone_and_scripts_cannot_read_it(client):
    header = client.get("/?language=es").headers["Set-Cookie"]
    assert header.startswith("language=es;")
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_staff_read_english(client):
    client.set_cookie(COOKIE, "es")
    assert spoken(client.get("/clinic/log-in", follow_redirects=True)) == "en"


def test_the_clinics_own_words_are_in_the_language_too(client):
    assert "Solo el personal de esta clínica" in client.get("/?language=es").text
    assert "Only staff of this clinic" in client.get("/?language=en").text


def test_another_language_needs_its_catalogue_and_a_line_and_no_code(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    known = MODULE.FOLDER
    monkeypatch.setattr(MODULE, "FOLDER", tmp_path)
    for code, words in (("es", "Continuar"), ("pt_BR", "Prosseguir")):
        text = (known / "es" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
        made = text.replace('"Language: es', f'"Language: {code}').replace("Continuar", words)
        path = tmp_path / code / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        path.write_text(made, encoding="utf-8")
    _offer(instance, '["en", "es", "pt-BR"]')
    app = create_app(instance, environ={})
    client = app.test_client()
    page = client.get("/", headers={"Accept-Language": "pt-BR,pt;q=0.9"})
    assert spoken(page) == "pt-BR"
    assert "Prosseguir" in page.text
    assert "Português (Brasil)" in client.get("/?language=es").text
    app.extensions["store"].engine.dispose()


def test_a_broken_catalogue_keeps_the_program_from_starting(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(MODULE, "FOLDER", tmp_path)
    path = tmp_path / "es" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text('<<<<<<< HEAD\nmsgid "Continue"\nmsgstr "Continuar"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="is not a whole catalogue"):
        create_app(instance, environ={})


def _offer(instance: Path, languages: str) -> None:
    path = instance / "clinics" / f"{SAMPLE_SLUG}.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('["en", "es"]', languages), encoding="utf-8")


@pytest.mark.parametrize(
    ("languages", "complaint"),
    [
        ('["en", "fr"]', "languages: there is no translation into fr; there are: en, es"),
        ('["xx"]', "languages: no such code: xx"),
    ],
)
def test_a_language_without_a_catalogue_keeps_the_program_from_starting(
    instance: Path, languages, complaint
):
    _offer(instance, languages)
    with pytest.raises(ConfigError, match=re.escape(complaint)):
        create_app(instance, environ={})
