"""`flask intake check-config`: each unsafe thing is named, and a safe deployment passes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from intake import config
from intake.store import audit, engine
from tests.cli.conftest import Instance, now
from tests.oidc_provider import CLIENT_SECRET
from tests.oidc_provider import serving as providing

SITE = {
    "INTAKE_TRUSTED_HOSTS": "intake.clinic.example",
    "INTAKE_PROXY_HOPS": "1",
    "INTAKE_MAIL": "smtps://mail.clinic.example",
}


@pytest.fixture
def site(instance: Instance) -> Instance:
    """A deployment as patients may use it."""
    sample = instance.folder / "clinics" / "alder-lane.toml"
    own = sample.with_name("own.toml")
    words = sample.read_text().replace("Alder Lane Spasticity Clinic", "Our Clinic")
    own.write_text(words.replace("555-0142", "321-0142"))
    sample.unlink()
    instance.environ.update(SITE)
    return instance


def test_a_safe_site_passes(site: Instance) -> None:
    assert site.done("check-config") == "Safe to serve.\n"


def test_a_trial_is_told_all_of_it_at_once(instance: Instance) -> None:
    said = instance.refused("check-config", code=1, INTAKE_DEBUG="1", INTAKE_MAIL="folder")
    for name in (
        "INTAKE_TRUSTED_HOSTS",
        "INTAKE_DEBUG",
        "INTAKE_SECURE_COOKIES",
        "INTAKE_PROXY_HOPS",
        "INTAKE_MAIL",
        "sample clinic",
    ):
        assert name in said
    assert "6 to mend" in said


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"INTAKE_DEBUG": "1"}, "INTAKE_DEBUG"),
        ({"INTAKE_SECURE_COOKIES": "0"}, "INTAKE_SECURE_COOKIES"),
        ({"INTAKE_PROXY_HOPS": "0"}, "TLS"),
        ({"INTAKE_TRUSTED_HOSTS": "127.0.0.1"}, "INTAKE_TRUSTED_HOSTS"),
        ({"INTAKE_MAIL": "folder"}, "no mail is ever sent"),
        ({"INTAKE_MAIL": "smtp://mail.clinic.example"}, "INTAKE_MAIL"),
        ({"INTAKE_SECURE_COOKIE": "1"}, "did you mean"),
        ({"DATABASE_URL": "postgresql://u:hunter2@db.clinic.example/x"}, "sslmode=verify-full"),
    ],
)
def test_an_unsafe_setting_is_named(
    site: Instance, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], told: str
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 1)
    said = site.refused("check-config", code=1, **environ)
    assert told in said
    assert "hunter2" not in said


def test_weak_missing_and_open_keys_are_named(site: Instance) -> None:
    path = site.folder / config.KEYS_FILE
    path.chmod(0o640)
    said = site.refused("check-config", code=1)
    assert f"chmod 600 {path}" in said
    path.chmod(0o600)
    whole = path.read_text()
    path.write_text(whole.replace('index_key = "', 'index_key = "AAAA'))
    assert "index_key: write 32 random bytes" in site.refused("check-config", code=1)
    path.unlink()
    assert "keys.toml is missing" in site.refused("check-config", code=1)


def test_files_that_others_reach_are_named(site: Instance) -> None:
    site.folder.chmod(0o755)
    (site.folder / "clinics" / "own.toml").chmod(0o666)
    said = site.refused("check-config", code=1)
    assert f"chmod go= {site.folder}" in said
    assert "own.toml: others can change it" in said


def test_an_open_database_file_is_named(site: Instance, database: str) -> None:
    if database:
        return
    (site.folder / config.DATABASE_FILE).chmod(0o644)
    assert "intake.sqlite: others can read it" in site.refused("check-config", code=1)


def test_a_database_that_is_not_migrated_is_named(site: Instance) -> None:
    with site.store.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert "revision 0001" in site.refused("check-config", code=1)


def test_a_database_out_of_reach_is_named(site: Instance, tmp_path: Path) -> None:
    away = "postgresql://u:hunter2@127.0.0.1:1/x"
    said = site.refused("check-config", code=1, DATABASE_URL=away)
    assert "cannot be reached" in said
    assert "hunter2" not in said
    nowhere = f"sqlite:///{tmp_path}/no/such/folder.sqlite"
    assert "cannot be opened" in site.refused("check-config", code=1, DATABASE_URL=nowhere)


def test_an_unsafe_sqlite_is_named(
    site: Instance, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database:
        return
    monkeypatch.setattr(engine, "SAFE_SQLITE", (99, 0, 0))
    assert "can lose data; at least 99.0.0" in site.refused("check-config", code=1)


def test_a_clock_behind_the_audit_is_named(site: Instance) -> None:
    store = site.store
    with store.write() as conn:
        audit.record(conn, 1, "system", "draft_started", at=now() + timedelta(hours=1))
    assert "behind the last event" in site.refused("check-config", code=1)


def test_other_keys_than_the_databases_are_named(site: Instance, tmp_path: Path) -> None:
    site.store.check()
    config.make_keys(tmp_path / "other")
    fresh = (tmp_path / "other" / config.KEYS_FILE).read_text()
    (site.folder / config.KEYS_FILE).write_text(fresh)
    assert "is not the one the database uses" in site.refused("check-config", code=1)


def test_notices_that_cannot_leave_are_named(site: Instance) -> None:
    own = site.folder / "clinics" / "own.toml"
    notices = 'notice_email = "call@c.example"\nnotice_webhook = "https://pager.example/k3y"\n'
    own.write_text(notices + own.read_text())
    said = site.refused("check-config", code=1, INTAKE_MAIL="")
    assert "notice_email: INTAKE_MAIL is off" in said
    assert "set INTAKE_WEBHOOK_SECRET" in said
    assert "k3y" not in said


def test_a_provider_is_tried(site: Instance) -> None:
    with providing(now) as provider:
        site.environ.update(provider.settings())
        assert site.done("check-config") == "Safe to serve.\n"
        provider.metadata = {"issuer": "https://other.example"}
        said = site.refused("check-config", code=1)
        assert "INTAKE_OIDC_ISSUER: nobody can sign on there: other issuer" in said
        provider.metadata, provider.published = {}, []
        assert "bad keys" in site.refused("check-config", code=1)
    said = site.refused("check-config", code=1)
    assert "INTAKE_OIDC_ISSUER: nobody can sign on there: unreachable" in said
    assert CLIENT_SECRET not in said


def test_a_broken_clinic_file_is_named_beside_the_rest(site: Instance) -> None:
    (site.folder / "clinics" / "own.toml").write_text("id = 1")
    said = site.refused("check-config", code=1, INTAKE_PROXY_HOPS="0")
    assert "clinics/own.toml: name: is missing" in said
    assert "INTAKE_PROXY_HOPS" in said
