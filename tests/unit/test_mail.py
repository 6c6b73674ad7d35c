"""Mail goes to one address, over a connection that is secret, or not at all."""

from __future__ import annotations

import stat
from email import message_from_bytes, policy
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest

from intake import mail
from intake.config import Settings, load_settings
from tests.smtp_server import Taken, make_certificate, serving

CLINIC = Address("Clínica “Alder”", addr_spec="desk@alder.example")


def settings(folder: Path, typed: str) -> Settings:
    return load_settings(folder, {"INTAKE_MAIL": typed})


def send(settings: Settings, **other: Any) -> None:
    text: dict[str, Any] = {
        "to": "ana@example.com",
        "subject": "Su enlace",
        "body": "Línea uno\n",
    } | other
    mail.send(settings, **text, sender=CLINIC)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for localhost that this process trusts."""
    made = make_certificate(tmp_path / "localhost.pem", "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def test_a_mail_is_plain_automatic_and_for_one(tmp_path: Path) -> None:
    with serving() as taken:
        send(settings(tmp_path, f"smtp://127.0.0.1:{taken.port}"))
    (got,) = taken.mails
    assert taken.recipients == ["rcpt TO:<ana@example.com>"]
    assert got["To"] == "ana@example.com"
    assert got["From"] == str(CLINIC)
    assert got["Subject"] == "Su enlace"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Message-ID"].endswith("@alder.example>")
    assert got["Cc"] is got["Bcc"] is None
    assert got.get_content_type() == "text/plain"
    assert got.get_content() == "Línea uno\r\n"


@pytest.mark.parametrize(("scheme", "security"), [("smtp+starttls", "starttls"), ("smtps", "tls")])
def test_over_tls_with_a_password(
    tmp_path: Path, trusted: Path, scheme: str, security: str
) -> None:
    with serving(security=security, certificate=trusted) as taken:
        send(settings(tmp_path, f"{scheme}://desk:p%40ss%2Fword@localhost:{taken.port}"))
    assert len(taken.mails) == 1
    assert taken.log_ins == ["\0desk\0p@ss/word"]


def refused(folder: Path, typed: str, taken: Taken) -> str:
    with pytest.raises(mail.MailFailed) as failed:
        send(settings(folder, typed.format(port=taken.port)))
    assert taken.mails == []
    assert taken.log_ins == []
    told = repr(failed.value) + str(failed.value.__cause__)
    assert "ana@" not in told
    assert "secret" not in told
    return failed.value.reason


@pytest.mark.parametrize(("scheme", "security"), [("smtp+starttls", "starttls"), ("smtps", "tls")])
def test_a_certificate_that_nobody_vouches_for_ends_it(
    tmp_path: Path, scheme: str, security: str
) -> None:
    stranger = make_certificate(tmp_path / "stranger.pem", "localhost")
    with serving(security=security, certificate=stranger) as taken:
        reason = refused(tmp_path, scheme + "://desk:secret@localhost:{port}", taken)
    assert reason == "SSLCertVerificationError"


def test_a_certificate_of_another_name_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_certificate(tmp_path / "other.pem", "mail.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with serving(security="starttls", certificate=other) as taken:
        reason = refused(tmp_path, "smtp+starttls://desk:secret@localhost:{port}", taken)
    assert reason == "SSLCertVerificationError"


def test_without_starttls_nothing_is_sent(tmp_path: Path) -> None:
    with serving() as taken:
        reason = refused(tmp_path, "smtp+starttls://desk:secret@localhost:{port}", taken)
    assert reason == "SMTPNotSupportedError"
    assert "AUTH" not in taken.commands


def test_a_refused_starttls_ends_it(tmp_path: Path, trusted: Path) -> None:
    with serving(security="starttls", certificate=trusted, refuses_tls=True) as taken:
        reason = refused(tmp_path, "smtp+starttls://desk:secret@localhost:{port}", taken)
    assert reason == "SMTPResponseException"


def test_a_refused_recipient_is_named_in_no_error(tmp_path: Path) -> None:
    with serving(to_recipients="550 no such ana@example.com") as taken:
        assert refused(tmp_path, "smtp://127.0.0.1:{port}", taken) == "SMTPRecipientsRefused"


def test_a_server_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with serving() as taken:
        pass
    assert refused(tmp_path, "smtp://127.0.0.1:{port}", taken) == "ConnectionRefusedError"


def test_without_the_setting_nothing_is_sent(tmp_path: Path) -> None:
    with pytest.raises(mail.MailFailed, match="off"):
        send(settings(tmp_path, ""))


def test_in_development_mails_lie_in_a_private_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(settings(tmp_path, "folder"))
    send(settings(tmp_path, "folder"))
    folder = tmp_path / "mail"
    files = sorted(folder.iterdir())
    assert len(files) == 2
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    got = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert got["To"] == "ana@example.com"
    assert capsys.readouterr() == ("", "")


def test_a_folder_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(mail.MailFailed, match="FileExistsError"):
        send(settings(tmp_path, "folder"))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "@example.com",
        "ana@localhost",
        "ana@example.com, bob@example.com",
        "ana@example.com\r\nBcc: bob@example.com",
        "ana@example.com\n",
        "ana@example.com>",
        "ana bob@example.com",
        '"ana\r\nBcc"@example.com',
        "ana@exämple.com",
        "añа@example.com",
        "a..b@example.com",
        "ana@-example.com",
        f"{'a' * 65}@example.com",
        f"ana@{'a.' * 130}com",
    ],
)
def test_what_is_no_plain_address_gets_no_mail(tmp_path: Path, address: str) -> None:
    with pytest.raises(mail.MailFailed, match="address"):
        send(settings(tmp_path, "folder"), to=address)
    assert not (tmp_path / "mail").exists()


@pytest.mark.parametrize(
    "address", ["ana@example.com", "a.n+x_1@mail.example.co", "o'b@x-y.example"]
)
def test_plain_addresses_get_mail(tmp_path: Path, address: str) -> None:
    send(settings(tmp_path, "folder"), to=address)


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: bob@example.com", "Hello\nX: y", "a\rb"])
def test_a_subject_begins_no_other_header(tmp_path: Path, subject: str) -> None:
    with pytest.raises(mail.MailFailed, match="header"):
        send(settings(tmp_path, "folder"), subject=subject)
