"""Settings, keys and clinic files: what is accepted, and the one line for what is not."""

from __future__ import annotations

import base64
import re
import secrets
import stat
from pathlib import Path

import pytest

from intake.config import (
    DATABASE_FILE,
    KEYS_FILE,
    SAMPLE_SLUG,
    ConfigError,
    MailFolder,
    MailServer,
    SignOn,
    default_clinic,
    instance_folder,
    load_clinics,
    load_keys,
    load_settings,
    make_keys,
    write_sample_clinic,
)
from tests.unit.reading import hard_sentences


def _refusal(act) -> str:
    with pytest.raises(ConfigError) as caught:
        act()
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- The environment ---------------------------------------------------------------------------


def test_settings_without_an_environment_are_local_and_safe(tmp_path):
    settings = load_settings(tmp_path, {})

    assert settings.is_local
    assert settings.debug is False
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url == f"sqlite+pysqlite:///{tmp_path / DATABASE_FILE}"


def test_a_public_site_has_secure_cookies_unasked(tmp_path):
    settings = load_settings(tmp_path, {"INTAKE_TRUSTED_HOSTS": "intake.example.org"})

    assert settings.secure_cookies
    assert settings.trusted_hosts == ("intake.example.org",)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", None),
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, "none")),
        ("smtp://localhost", MailServer("localhost", 25, "none")),
        ("smtps://mail.example", MailServer("mail.example", 465, "tls")),
        (
            "smtp+starttls://desk%40clinic.example:p%40%2F:x@mail.example",
            MailServer("mail.example", 587, "starttls", "desk@clinic.example", "p@/:x"),
        ),
    ],
)
def test_mail_is_read_strictly(tmp_path: Path, typed: str, expected: MailServer | None) -> None:
    assert load_settings(tmp_path, {"INTAKE_MAIL": typed}).mail == expected


def test_logs_and_metrics_are_plain_and_closed_unasked(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert (settings.log_format, settings.metrics_token) == ("logfmt", "")
    token = "m" * 24
    asked = {"INTAKE_LOG_FORMAT": "json", "INTAKE_METRICS_TOKEN": token}
    settings = load_settings(tmp_path, asked)
    assert (settings.log_format, settings.metrics_token) == ("json", token)
    assert token not in repr(settings)


@pytest.mark.parametrize(
    ("name", "typed"),
    [("INTAKE_LOG_FORMAT", "JSON"), ("INTAKE_LOG_FORMAT", ""), ("INTAKE_METRICS_TOKEN", "short")],
)
def test_other_logs_and_weak_tokens_are_refused(tmp_path: Path, name: str, typed: str) -> None:
    assert _refusal(lambda: load_settings(tmp_path, {name: typed})).startswith(name)


def test_the_folder_of_the_deployment_can_be_elsewhere(tmp_path: Path) -> None:
    assert instance_folder(tmp_path, {}) == tmp_path / "instance"
    assert instance_folder(tmp_path, {"INTAKE_INSTANCE": "/var/x"}) == Path("/var/x")
    assert "INTAKE_INSTANCE" in _refusal(
        lambda: instance_folder(tmp_path, {"INTAKE_INSTANCE": "x"})
    )


def test_mail_can_go_into_a_folder(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"INTAKE_MAIL": "folder"})
    assert settings.mail == MailFolder(tmp_path / "mail")


@pytest.mark.parametrize(
    "typed",
    [
        "mail.example",
        "http://mail.example",
        "smtps://",
        "smtps://mail.example:0",
        "smtps://mail.example:70000",
        "smtps://mail.example:x",
        "smtps://mail.example/",
        "smtps://mail.example?tls=0",
        "smtps://mail.example#a",
        "smtps://desk@mail.example",
        "smtps://:hunter2@mail.example",
        "smtps://desk:hunter2@ma il.example",
        "smtps://desk:hunter2%0d%0aX@mail.example",
        "smtps://desk:hunter2%ff@mail.example",
        "smtp://mail.example",
        "smtp://desk:hunter2@127.0.0.1",
        "Folder",
        " ",
    ],
)
def test_a_wrong_mail_setting_is_refused_without_its_password(tmp_path: Path, typed: str) -> None:
    with pytest.raises(ConfigError, match="INTAKE_MAIL") as refused:
        load_settings(tmp_path, {"INTAKE_MAIL": typed})
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_mail_password_is_never_shown(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"INTAKE_MAIL": "smtps://desk:hunter2@mail.example"})
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.mail)


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"INTAKE_DEBUG": "1", "INTAKE_TRUSTED_HOSTS": "intake.example.org"}, "INTAKE_DEBUG"),
        ({"INTAKE_DEBUG": "1", "INTAKE_HOST": "192.0.2.7"}, "INTAKE_DEBUG"),
        (
            {"INTAKE_SECURE_COOKIES": "0", "INTAKE_TRUSTED_HOSTS": "intake.example.org"},
            "INTAKE_SECURE_COOKIES",
        ),
        ({"INTAKE_HOST": "192.0.2.7"}, "INTAKE_TRUSTED_HOSTS"),
        ({"INTAKE_SECURE_COOKIE": "1"}, "did you mean INTAKE_SECURE_COOKIES?"),
        ({"INTAKE_DEBUG": "yes"}, "INTAKE_DEBUG"),
        ({"INTAKE_PORT": "0"}, "INTAKE_PORT"),
        ({"INTAKE_PORT": "65536"}, "INTAKE_PORT"),
        ({"INTAKE_PORT": "٣"}, "INTAKE_PORT"),
        ({"INTAKE_PROXY_HOPS": "6"}, "INTAKE_PROXY_HOPS"),
        ({"INTAKE_TRUSTED_HOSTS": ""}, "INTAKE_TRUSTED_HOSTS"),
        ({"INTAKE_TRUSTED_HOSTS": "a/b"}, "INTAKE_TRUSTED_HOSTS"),
        ({"DATABASE_URL": "mysql://root@localhost/x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL"),
    ],
)
def test_unsafe_or_malformed_settings_are_refused_by_name(tmp_path, environ, names):
    assert names in _refusal(lambda: load_settings(tmp_path, environ))


@pytest.mark.parametrize("port", ["1", "65535"])
def test_the_port_reaches_its_bounds(tmp_path, port):
    assert load_settings(tmp_path, {"INTAKE_PORT": port}).port == int(port)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_postgresql_address_gets_the_one_driver(tmp_path, scheme):
    settings = load_settings(tmp_path, {"DATABASE_URL": f"{scheme}://me:pw@db/intake"})

    assert settings.database_url == "postgresql+psycopg://me:pw@db/intake"


def test_the_database_password_is_never_shown(tmp_path):
    settings = load_settings(tmp_path, {"DATABASE_URL": "postgresql://me:canary@db/intake"})
    refused = _refusal(lambda: load_settings(tmp_path, {"DATABASE_URL": "odbc://me:canary@db/x"}))

    assert "canary" not in repr(settings)
    assert "canary" not in refused


SIGN_ON = {
    "INTAKE_OIDC_ISSUER": "https://login.example/realms/clinic",
    "INTAKE_OIDC_CLIENT_ID": "intake",
    "INTAKE_OIDC_CLIENT_SECRET": "canary-secret",
}


def test_single_sign_on_is_off_unless_it_is_set(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}).sign_on is None
    assert load_settings(tmp_path, dict.fromkeys(SIGN_ON, "")).sign_on is None


def test_single_sign_on_is_read(tmp_path: Path) -> None:
    found = load_settings(tmp_path, SIGN_ON).sign_on
    assert found == SignOn("https://login.example/realms/clinic", "intake", "canary-secret")
    assert found.host == "login.example"
    assert "canary" not in repr(found)
    strong = load_settings(tmp_path, SIGN_ON | {"INTAKE_OIDC_ACR": " mfa  urn:x:two "}).sign_on
    assert strong is not None
    assert strong.strong == ("mfa", "urn:x:two")


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:9000", "http://localhost:9000/a", "https://login.example/"]
)
def test_an_issuer_is_taken_as_it_is_written(tmp_path: Path, issuer: str) -> None:
    found = load_settings(tmp_path, SIGN_ON | {"INTAKE_OIDC_ISSUER": issuer}).sign_on
    assert found is not None
    assert found.issuer == issuer


@pytest.mark.parametrize("missing", SIGN_ON)
def test_single_sign_on_is_set_whole_or_not_at_all(tmp_path: Path, missing: str) -> None:
    rest = {name: text for name, text in SIGN_ON.items() if name != missing}
    for environ in (rest, rest | {missing: ""}):
        with pytest.raises(ConfigError, match=f"{missing} is missing") as refused:
            load_settings(tmp_path, environ)
        assert "canary" not in str(refused.value)


def test_what_counts_as_two_proofs_is_nothing_alone(tmp_path: Path) -> None:
    refused = _refusal(lambda: load_settings(tmp_path, {"INTAKE_OIDC_ACR": "mfa"}))
    assert refused.startswith("INTAKE_OIDC_ISSUER is missing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTAKE_OIDC_ISSUER", "http://login.example"),
        ("INTAKE_OIDC_ISSUER", "ftp://127.0.0.1"),
        ("INTAKE_OIDC_ISSUER", "login.example"),
        ("INTAKE_OIDC_ISSUER", "https://"),
        ("INTAKE_OIDC_ISSUER", "https://canary:canary@login.example"),
        ("INTAKE_OIDC_ISSUER", "https://login.example/?canary=1"),
        ("INTAKE_OIDC_ISSUER", "https://login.example/#canary"),
        ("INTAKE_OIDC_ISSUER", "https://login.example/?"),
        ("INTAKE_OIDC_ISSUER", "https://login.example/" + "a" * 255),
        ("INTAKE_OIDC_ISSUER", "https://login.example/a b"),
        ("INTAKE_OIDC_CLIENT_ID", "canary é"),
        ("INTAKE_OIDC_CLIENT_SECRET", "canary\n"),
        ("INTAKE_OIDC_CLIENT_SECRET", " "),
        ("INTAKE_OIDC_ACR", "canary \x00"),
    ],
)
def test_a_wrong_single_sign_on_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    refused = _refusal(lambda: load_settings(tmp_path, SIGN_ON | {name: value}))
    assert refused.startswith(f"{name}:")
    assert "canary" not in refused


# --- Keys --------------------------------------------------------------------------------------


def test_fresh_keys_are_private_and_all_different(tmp_path):
    folder = tmp_path / "instance"

    assert make_keys(folder) is True
    keys = load_keys(folder)

    assert stat.S_IMODE((folder / KEYS_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == [folder / KEYS_FILE]
    every = [keys.ring[keys.current], keys.index_key, keys.secret_key]
    assert [len(key) for key in every] == [32, 32, 32]
    assert len(set(every)) == 3


def test_keys_are_never_made_twice(tmp_path):
    make_keys(tmp_path)
    before = (tmp_path / KEYS_FILE).read_bytes()

    assert make_keys(tmp_path) is False
    assert (tmp_path / KEYS_FILE).read_bytes() == before


def test_new_keys_are_refused_beside_a_database_that_needs_the_old_ones(tmp_path):
    (tmp_path / DATABASE_FILE).touch()

    assert "backup" in _refusal(lambda: make_keys(tmp_path))
    assert not (tmp_path / KEYS_FILE).exists()


def test_keys_are_not_shown(tmp_path):
    make_keys(tmp_path)
    keys = load_keys(tmp_path)

    assert repr(keys) == "Keys(current='k1')"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_keys_that_others_can_reach_are_refused(tmp_path, mode):
    make_keys(tmp_path)
    (tmp_path / KEYS_FILE).chmod(mode)

    assert "chmod 600" in _refusal(lambda: load_keys(tmp_path))


def test_missing_keys_name_the_command(tmp_path):
    assert "intake init" in _refusal(lambda: load_keys(tmp_path))


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write_keys(folder: Path, **changed: str) -> None:
    lines = {
        "current": '"a"',
        "index_key": f'"{_random()}"',
        "secret_key": f'"{_random()}"',
        "keys": f'{{a = "{_random()}", b = "{_random()}"}}',
    } | changed
    path = folder / KEYS_FILE
    path.touch(mode=0o600)
    path.write_text("\n".join(f"{name} = {value}" for name, value in lines.items() if value))


def test_an_older_key_stays_in_the_ring(tmp_path):
    _write_keys(tmp_path)

    assert set(load_keys(tmp_path).ring) == {"a", "b"}


_WEAK = base64.b64encode(b"canary-1" * 4).decode()
_SHORT = base64.b64encode(bytes(range(31))).decode()


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"current": '"c"'}, "current"),
        ({"current": ""}, "current"),
        ({"index_key": f'"{_WEAK}"'}, "index_key"),
        ({"index_key": f'"{_SHORT}"'}, "index_key"),
        ({"secret_key": '"not base64!"'}, "secret_key"),
        ({"secret_key": ""}, "secret_key"),
        ({"secret_key": "7"}, "secret_key"),
        ({"keys": f'{{a = "{_WEAK}"}}'}, "keys.a"),
        ({"keys": "{}"}, "keys"),
        ({"keys": f'{{"A B" = "{_random()}"}}'}, "keys"),
        ({"sekret_key": '"x"'}, "secret_key"),
        ({"current": "= ="}, "TOML"),
    ],
)
def test_weak_or_malformed_keys_are_refused_by_name_and_not_repeated(tmp_path, changed, names):
    _write_keys(tmp_path, **changed)

    message = _refusal(lambda: load_keys(tmp_path))

    assert message.startswith(KEYS_FILE)
    assert names in message
    assert _WEAK not in message


def test_one_key_may_not_serve_two_purposes(tmp_path):
    same = _random()
    _write_keys(tmp_path, index_key=f'"{same}"', secret_key=f'"{same}"')

    assert "twice" in _refusal(lambda: load_keys(tmp_path))


# --- Clinics -----------------------------------------------------------------------------------


@pytest.fixture
def clinics(tmp_path: Path) -> Path:
    """The folder of clinic files, with the sample in it."""
    write_sample_clinic(tmp_path)
    return tmp_path / "clinics"


def _change(clinics: Path, key: str, value: str) -> None:
    path = clinics / f"{SAMPLE_SLUG}.toml"
    text, found = re.subn(rf"(?m)^{key} = [^'\n]+$", f"{key} = {value}", path.read_text())
    assert found == 1, key
    path.write_text(text)


def test_the_sample_clinic_is_complete_and_invented(clinics):
    clinic = load_clinics(clinics.parent)[SAMPLE_SLUG]

    assert clinic.id == 1
    for phone in (clinic.phone, str(clinic.phone_after_hours)):
        assert re.search(r"\) 555-01[0-9]{2}$", phone)
    assert str(clinic.email).endswith(".example")
    assert clinic.zone.key == "America/New_York"
    assert clinic.paper == "letter"
    assert (clinic.emergency_number, clinic.crisis_line) == ("911", "988")
    assert len(clinic.privacy_paragraphs) == 5
    assert all("\n" not in paragraph for paragraph in clinic.privacy_paragraphs)


def test_the_sample_clinic_never_replaces_a_clinic(clinics):
    (clinics / f"{SAMPLE_SLUG}.toml").rename(clinics / "own.toml")

    assert write_sample_clinic(clinics.parent) is False
    assert list(load_clinics(clinics.parent)) == ["own"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_privacy_notice_of_the_sample_reads_easily(clinics, language):
    clinic = load_clinics(clinics.parent)[SAMPLE_SLUG].speaking(language)
    assert hard_sentences(" ".join(clinic.privacy_paragraphs), language) == []


def test_a_clinic_speaks_other_languages_as_far_as_it_can(clinics):
    clinic = load_clinics(clinics.parent)[SAMPLE_SLUG]
    assert clinic.speaking("es").hours == "de lunes a viernes, 8:30 am a 5 pm"
    assert clinic.speaking("es").name == clinic.name
    assert clinic.speaking("en") == clinic.speaking("fr") == clinic


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ('[es]\nhour = "x"', "[es]: 'hour' is not a key; did you mean hours?"),
        ("[es]\nhours = 7", "[es]: hours: write some text"),
        ('[es]\nphone = "x"', "[es]: 'phone' is not a key"),
    ],
)
def test_a_wrong_table_of_another_language_is_refused(clinics, table, complaint):
    path = clinics / f"{SAMPLE_SLUG}.toml"
    head, _, _ = path.read_text(encoding="utf-8").partition("[es]")
    path.write_text(head + table, encoding="utf-8")
    assert complaint in _refusal(lambda: load_clinics(clinics.parent))


def test_the_lowest_id_is_the_default(clinics):
    text = (clinics / f"{SAMPLE_SLUG}.toml").read_text()
    (clinics / "aaa.toml").write_text(text.replace("id = 1 ", "id = 2 "))

    loaded = load_clinics(clinics.parent)

    assert list(loaded) == [SAMPLE_SLUG, "aaa"]
    assert default_clinic(loaded).slug == SAMPLE_SLUG


def test_two_clinics_may_not_share_an_id(clinics):
    text = (clinics / f"{SAMPLE_SLUG}.toml").read_text()
    (clinics / "zzz.toml").write_text(text)

    assert "id: alder-lane has 1" in _refusal(lambda: load_clinics(clinics.parent))


def test_without_a_clinic_the_command_is_named(tmp_path):
    assert "intake init" in _refusal(lambda: load_clinics(tmp_path))


@pytest.mark.parametrize("name", ["Clinic", "a_b", "a--b", "-a", "ü"])
def test_the_name_of_a_clinic_file_must_fit_an_address(clinics, name):
    (clinics / f"{SAMPLE_SLUG}.toml").rename(clinics / f"{name}.toml")

    assert f"{name}.toml" in _refusal(lambda: load_clinics(clinics.parent))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "0"),
        ("id", '"1"'),
        ("id", "true"),
        ("id", "2147483648"),
        ("name", '""'),
        ("name", "7"),
        ("name", f'"{"x" * 121}"'),
        ("name", r'"Alder\u0007"'),
        ("name", r'"Alder\nLane"'),
        ("name", r'"\u202eAlder"'),
        ("phone", '"call us"'),
        ("phone", '"555-0142; 911"'),
        ("phone", '"(212) 555-0142 ext"'),
        ("emergency_number", '"9"'),
        ("email", '"desk at clinic"'),
        ("doctors", "[]"),
        ("doctors", '"Dr. Marlow"'),
        ("doctors", "[1]"),
        ("languages", '["English"]'),
        ("time_zone", '"New York"'),
        ("time_zone", '"../../etc/passwd"'),
        ("paper", '"A3"'),
    ],
)
def test_a_malformed_value_is_refused_by_file_and_key(clinics, key, value):
    _change(clinics, key, rf"{value}".replace("\\", "\\\\"))

    message = _refusal(lambda: load_clinics(clinics.parent))

    assert message.startswith(f"clinics/{SAMPLE_SLUG}.toml: {key}: ")


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("id", "2147483647", 2147483647),
        ("name", f'"{"x" * 120}"', "x" * 120),
        ("name", '"Phòng khám O’Brien 李"', "Phòng khám O’Brien 李"),
        ("phone", '"+1 212 555 0142 ext. 12"', "+1 212 555 0142 ext. 12"),
        ("emergency_number", '"112"', "112"),
        ("languages", '["en", "pt-BR"]', ("en", "pt-BR")),
        ("time_zone", '"Asia/Kolkata"', "Asia/Kolkata"),
        ("paper", '"a4"', "a4"),
    ],
)
def test_a_clinic_may_set(clinics, key, value, read):
    _change(clinics, key, value)

    assert getattr(load_clinics(clinics.parent)[SAMPLE_SLUG], key) == read


def test_a_misspelt_key_gets_a_hint(clinics):
    path = clinics / f"{SAMPLE_SLUG}.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text('phone_after_hour = "212 555 0100"\n' + text, encoding="utf-8")

    assert "did you mean phone_after_hours?" in _refusal(lambda: load_clinics(clinics.parent))


def test_a_missing_key_is_named(clinics):
    path = clinics / f"{SAMPLE_SLUG}.toml"
    path.write_text(re.sub(r"(?m)^hours = .*\n", "", path.read_text()))

    assert _refusal(lambda: load_clinics(clinics.parent)).endswith("hours: is missing")


def test_a_file_that_is_not_toml_is_named_with_its_line(clinics):
    (clinics / f"{SAMPLE_SLUG}.toml").write_text("id = 1\nname = Alder\n")

    assert f"{SAMPLE_SLUG}.toml: line 2" in _refusal(lambda: load_clinics(clinics.parent))


def test_a_file_that_is_not_utf8_is_named(clinics):
    (clinics / f"{SAMPLE_SLUG}.toml").write_bytes(b'name = "\xff"')

    assert f"{SAMPLE_SLUG}.toml: cannot be read" in _refusal(lambda: load_clinics(clinics.parent))
