"""What one deployment sets: its environment, its keys and its clinics.

Everything is read once at start. Whatever is missing, malformed or unsafe raises `ConfigError`
with one line that names the file and the key, so that nothing starts half right.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import timedelta
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from intake.brand import Accent, BadBrand, Logo, dark_accent, light_accent, load_logo

KEYS_FILE = "keys.toml"
CLINICS_FOLDER = "clinics"
DATABASE_FILE = "intake.sqlite"
SAMPLE_SLUG = "alder-lane"
KEY_BYTES = 32
SECRET_LENGTH = 24
LOG_FORMATS = ("logfmt", "json")

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOST = re.compile(r"\.?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:]+\]?")
_SITE = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_PHONE = re.compile(r"\+?[0-9(][0-9 ().-]*[0-9](?: (?:ext\.?|x) ?[0-9]{1,6})?")
_EMAIL = re.compile(r"[^\s@<>\"]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_RECIPIENT = re.compile(r"age1[0-9a-z]{58}")
_KEY_ID = re.compile(r"[a-z0-9-]{1,16}")


class ConfigError(Exception):
    """The deployment is missing something or is unsafe; the message is one line for a person."""


# --- The environment ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MailFolder:
    """Mail is written into a folder, to look at during development."""

    path: Path


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail."""

    host: str
    port: int
    security: str
    """"tls" from the first byte, "starttls", or "none", which is for this very machine only."""
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignOn:
    """The staff's single sign-on: an OpenID Connect provider, and who we are to it."""

    issuer: str
    """Its exact name, as it stands in its tokens."""
    client_id: str
    client_secret: str = field(repr=False)
    strong: tuple[str, ...] = ()
    """Values of `acr` or `amr` by which it says that it asked for two proofs; none: ask here."""

    @property
    def host(self) -> str:
        """By which people know it."""
        return urlsplit(self.issuer).hostname or ""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this deployment runs, from the environment."""

    instance_path: Path
    database_url: str = field(repr=False)
    debug: bool
    host: str
    port: int
    trusted_hosts: tuple[str, ...]
    secure_cookies: bool
    proxy_hops: int
    mail: MailFolder | MailServer | None = None
    webhook_secret: str = field(default="", repr=False)
    """Signs what is posted to the clinics' other programs; "" for none."""
    sign_on: SignOn | None = None
    log_format: str = "logfmt"
    """One of `LOG_FORMATS`."""
    metrics_token: str = field(default="", repr=False)
    """Opens /metrics to the program that watches; "" when nobody may read it."""
    backup_to: str = ""
    """The age recipient whose key alone opens the backups; "" for none."""

    @property
    def is_local(self) -> bool:
        """Whether only this very machine can reach the pages."""
        return {self.host, *self.trusted_hosts} <= _LOOPBACK


def instance_folder(root: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Where this deployment keeps its own: INTAKE_INSTANCE, or `instance` beside the program."""
    typed = (os.environ if environ is None else environ).get("INTAKE_INSTANCE", "")
    if typed and not Path(typed).is_absolute():
        raise ConfigError("INTAKE_INSTANCE: write the whole path of a folder, from / on")
    return Path(typed) if typed else root / "instance"


_SETTING_NAMES = frozenset(
    "INTAKE_" + name
    for name in (
        "DEBUG",
        "HOST",
        "PORT",
        "TRUSTED_HOSTS",
        "SECURE_COOKIES",
        "PROXY_HOPS",
        "MAIL",
        "WEBHOOK_SECRET",
        "OIDC_ISSUER",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_ACR",
        "INSTANCE",
        "LOG_FORMAT",
        "METRICS_TOKEN",
        "BACKUP_TO",
    )
)
_TEST_PREFIXES = ("INTAKE_TEST_", "INTAKE_REQUIRE_")


def load_settings(instance_path: str | Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, by default from the process's environment; refuses unsafe ones."""
    settings = read_settings(instance_path, environ)
    for problem in unsafe(settings):
        raise ConfigError(problem)
    return settings


def read_settings(instance_path: str | Path, environ: Mapping[str, str] | None = None) -> Settings:
    """As `load_settings`, with settings that are well formed but unsafe: for who judges them."""
    environ = os.environ if environ is None else environ
    _refuse_unknown_settings(environ)
    folder = Path(instance_path).absolute()
    host = environ.get("INTAKE_HOST", "127.0.0.1")
    trusted = _trusted_hosts(environ)
    public = not {host, *trusted} <= _LOOPBACK
    return Settings(
        instance_path=folder,
        database_url=_database_url(environ.get("DATABASE_URL", ""), folder),
        debug=_switch(environ, "INTAKE_DEBUG", default=False),
        host=host,
        port=_whole_number(environ, "INTAKE_PORT", default=8000, low=1, high=65535),
        trusted_hosts=trusted,
        secure_cookies=_switch(environ, "INTAKE_SECURE_COOKIES", default=public),
        proxy_hops=_whole_number(environ, "INTAKE_PROXY_HOPS", default=0, low=0, high=5),
        mail=_mail(environ.get("INTAKE_MAIL", ""), folder),
        webhook_secret=_secret(environ, "INTAKE_WEBHOOK_SECRET"),
        sign_on=_sign_on(environ),
        log_format=_one_of(environ, "INTAKE_LOG_FORMAT", LOG_FORMATS),
        metrics_token=_secret(environ, "INTAKE_METRICS_TOKEN"),
        backup_to=_recipient(environ.get("INTAKE_BACKUP_TO", "")),
    )


def _refuse_unknown_settings(environ: Mapping[str, str]) -> None:
    # A misspelt INTAKE_SECURE_COOKIES must not pass in silence.
    for name in sorted(environ):
        if not name.startswith("INTAKE_") or name.startswith(_TEST_PREFIXES):
            continue
        if name not in _SETTING_NAMES:
            raise ConfigError(f"{name} is not a setting{_did_you_mean(name, _SETTING_NAMES)}")


def _secret(environ: Mapping[str, str], name: str) -> str:
    secret = environ.get(name, "")
    if secret and (len(secret) < SECRET_LENGTH or not secret.isascii()):
        raise ConfigError(f"{name}: write {SECRET_LENGTH} random letters or more")
    return secret


def _one_of(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The first of `choices` is the default."""
    value = environ.get(name, choices[0])
    if value not in choices:
        raise ConfigError(f"{name}: write {' or '.join(choices)}")
    return value


def unsafe(settings: Settings) -> list[str]:
    """What nothing starts with, one line each."""
    problems = []
    if settings.debug and not settings.is_local:
        problems.append("INTAKE_DEBUG is only for 127.0.0.1: it shows answers to anyone")
    if not settings.secure_cookies and not settings.is_local:
        problems.append("INTAKE_SECURE_COOKIES may be off on 127.0.0.1 only")
    if settings.host not in _LOOPBACK and set(settings.trusted_hosts) <= _LOOPBACK:
        problems.append(
            "INTAKE_HOST is reachable from outside: name the site in INTAKE_TRUSTED_HOSTS"
        )
    return problems


def unsafe_in_production(settings: Settings, clinics: Mapping[str, Clinic]) -> list[str]:
    """What must not serve patients, one line each: all that is `unsafe`, and what only a trial has.

    What is wrong with a file or a value in itself has raised `ConfigError` before.
    """
    problems = unsafe(settings)
    if settings.is_local:
        problems += _only_for_trials(settings)
    if settings.proxy_hops == 0:
        problems.append(
            "INTAKE_PROXY_HOPS is 0: this server speaks http; put a proxy with TLS in front of it"
        )
    if _is_far_and_open(settings.database_url):
        problems.append("DATABASE_URL leads to another machine: add sslmode=verify-full")
    return problems + _mail_problems(settings, clinics) + _clinic_problems(settings, clinics)


def _only_for_trials(settings: Settings) -> list[str]:
    problems = ["INTAKE_TRUSTED_HOSTS names no site: only this very machine can open the pages"]
    if settings.debug:
        problems.append("INTAKE_DEBUG is on")
    if not settings.secure_cookies:
        problems.append("INTAKE_SECURE_COOKIES is off: cookies would travel by http")
    return problems


def _is_far_and_open(database_url: str) -> bool:
    url = urlsplit(database_url)
    if not url.scheme.startswith("postgresql") or (url.hostname or "localhost") in _LOOPBACK:
        return False
    modes = parse_qs(url.query).get("sslmode", ["prefer"])
    return not set(modes) <= {"require", "verify-ca", "verify-full"}


def _mail_problems(settings: Settings, clinics: Mapping[str, Clinic]) -> list[str]:
    # A server without TLS is one of this very machine: reading the setting refuses any other.
    match settings.mail:
        case MailServer():
            return []
        case MailFolder():
            return ["INTAKE_MAIL is folder: no mail is ever sent"]
    return [
        f"{_place(clinic.slug)}: notice_email: INTAKE_MAIL is off, so nobody is told"
        for clinic in clinics.values()
        if clinic.notice_email is not None
    ]


def _clinic_problems(settings: Settings, clinics: Mapping[str, Clinic]) -> list[str]:
    sample = tomllib.loads(_SAMPLE_CLINIC)
    problems = [
        f"{_place(clinic.slug)}: this is the invented sample clinic"
        for clinic in clinics.values()
        if clinic.phone == sample["phone"] or clinic.name == sample["name"]
    ]
    try:
        refuse_unsigned_notices(settings, clinics)
    except ConfigError as error:
        problems.append(str(error))
    return problems


def open_to_others(settings: Settings) -> list[str]:
    """Which files and folders other users of this machine can read or change, one line each."""
    folder = settings.instance_path
    clinics = folder / CLINICS_FOLDER
    private = [folder, folder / KEYS_FILE]
    if settings.database_url.startswith("sqlite"):
        database = Path(urlsplit(settings.database_url).path.removeprefix("/"))
        private += [database.with_name(database.name + end) for end in ("", "-wal", "-shm")]
    read = [f"{path}: others can read it; run: chmod go= {path}" for path in _open(private, 0o077)]
    owned = (clinics, *_clinic_files(clinics))
    change = [
        f"{path}: others can change it; run: chmod go-w {path}" for path in _open(owned, 0o022)
    ]
    return read + change


def _open(paths: Iterable[Path], to_others: int) -> Iterator[Path]:
    return (
        path for path in paths if path.exists() and stat.S_IMODE(path.stat().st_mode) & to_others
    )


def _recipient(typed: str) -> str:
    if typed and not _RECIPIENT.fullmatch(typed):
        raise ConfigError("INTAKE_BACKUP_TO: write what make-backup-key printed: age1…")
    return typed


def _trusted_hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    typed = environ.get("INTAKE_TRUSTED_HOSTS", "127.0.0.1,localhost")
    hosts = tuple(host.strip() for host in typed.split(",") if host.strip())
    if not hosts or not all(_HOST.fullmatch(host) for host in hosts):
        raise ConfigError("INTAKE_TRUSTED_HOSTS: write host names with commas between them")
    return hosts


def _switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name)
    if value is None:
        return default
    if value not in {"0", "1"}:
        raise ConfigError(f"{name}: write 1 for on or 0 for off")
    return value == "1"


def _whole_number(
    environ: Mapping[str, str], name: str, *, default: int, low: int, high: int
) -> int:
    value = environ.get(name)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,5}", value) or not low <= int(value) <= high:
        raise ConfigError(f"{name}: write a number from {low} to {high}")
    return int(value)


def _database_url(url: str, folder: Path) -> str:
    """The address with the driver this project uses; never repeated in a message, it may hold
    a password.
    """
    if not url:
        return f"sqlite+pysqlite:///{folder / DATABASE_FILE}"
    try:
        scheme, path = urlsplit(url).scheme, urlsplit(url).path
    except ValueError:
        scheme = path = ""
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return "postgresql+psycopg" + url[len(scheme) :]
    if scheme in {"sqlite", "sqlite+pysqlite"}:
        if len(path) < 2 or ":memory:" in url:
            raise ConfigError("DATABASE_URL: SQLite needs a file; each worker would lose the rest")
        return "sqlite+pysqlite" + url[len(scheme) :]
    raise ConfigError("DATABASE_URL: write postgresql://… or sqlite:///…")


MAIL_FOLDER = "mail"
_MAIL_SCHEMES = {"smtps": ("tls", 465), "smtp+starttls": ("starttls", 587), "smtp": ("none", 25)}


def _mail(typed: str, folder: Path) -> MailFolder | MailServer | None:
    """How to send mail; what was typed is never repeated in a message, it holds a password."""
    if not typed:
        return None
    if typed == "folder":
        return MailFolder(folder / MAIL_FOLDER)
    try:
        url = urlsplit(typed)
        host, port = url.hostname or "", url.port
        username = unquote(url.username or "", errors="strict")
        password = unquote(url.password or "", errors="strict")
    except ValueError:
        raise ConfigError(_MAIL_HINT) from None
    if url.scheme not in _MAIL_SCHEMES or url.path or "?" in typed or "#" in typed:
        raise ConfigError(_MAIL_HINT)
    security, usual_port = _MAIL_SCHEMES[url.scheme]
    if not _HOST.fullmatch(host) or port == 0 or bool(username) != bool(password):
        raise ConfigError(_MAIL_HINT)
    if security == "none" and (host not in _LOOPBACK or username):
        raise ConfigError("INTAKE_MAIL: smtp:// is for 127.0.0.1 without a password; use smtps://")
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in username + password):
        raise ConfigError(_MAIL_HINT)
    return MailServer(host, port or usual_port, security, username, password)


_MAIL_HINT = (
    "INTAKE_MAIL: write smtp+starttls://USER:PASSWORD@HOST:587, smtps://…, folder or nothing; "
    "signs such as @ and / in the password as %40 and %2F"
)


_GRAPHIC = re.compile(r"[!-~]{1,255}")


def _sign_on(environ: Mapping[str, str]) -> SignOn | None:
    """All of it or nothing; what was typed is never repeated in a message."""
    needed = {
        name: environ.get(name, "")
        for name in ("INTAKE_OIDC_ISSUER", "INTAKE_OIDC_CLIENT_ID", "INTAKE_OIDC_CLIENT_SECRET")
    }
    strong = environ.get("INTAKE_OIDC_ACR", "")
    if not any(needed.values()) and not strong:
        return None
    for name, value in needed.items():
        if not value:
            raise ConfigError(f"{name} is missing: the single sign-on needs {', '.join(needed)}")
        if not _GRAPHIC.fullmatch(value):
            raise ConfigError(f"{name}: write 1 to 255 plain signs without spaces")
    issuer, client_id, client_secret = needed.values()
    if not is_safe_address(issuer) or "?" in issuer or "#" in issuer:
        raise ConfigError("INTAKE_OIDC_ISSUER: write the provider's https:// address, as it does")
    if not all(_GRAPHIC.fullmatch(word) for word in strong.split()):
        raise ConfigError("INTAKE_OIDC_ACR: write plain words with spaces between them")
    return SignOn(issuer, client_id, client_secret, tuple(strong.split()))


# --- Keys --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one deployment, 32 bytes each; `repr` shows none of them."""

    current: str
    """Name of the key in `ring` that seals new rows; the others only open old ones."""
    ring: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)
    secret_key: bytes = field(repr=False)


def make_keys(instance_path: str | Path) -> bool:
    """Write fresh keys, readable by their owner alone, unless there are keys; say whether it did.

    Raises `ConfigError` when a database is there without its keys: new ones could not open it.
    """
    folder = Path(instance_path)
    _make_private_folder(folder)
    path = folder / KEYS_FILE
    if path.exists():
        return False
    if (folder / DATABASE_FILE).exists():
        raise ConfigError(
            f"{KEYS_FILE} is missing but {DATABASE_FILE} is there: put the keys back from a backup"
        )
    return _write_private(path, _KEYS_TEXT.format(*(_fresh_key() for _ in range(3))))


def load_keys(instance_path: str | Path) -> Keys:
    """Read the keys; raises `ConfigError` when the file is open to others or a key is weak."""
    path = Path(instance_path) / KEYS_FILE
    table = _parse_toml(_read_private(path), KEYS_FILE)
    _refuse_unknown_keys(table, {"current", "index_key", "secret_key", "keys"}, KEYS_FILE)
    ring_table = table.get("keys")
    if not isinstance(ring_table, dict) or not ring_table:
        raise ConfigError(f"{KEYS_FILE}: keys: write at least one key")
    for key_id in ring_table:
        if not _KEY_ID.fullmatch(key_id):
            raise ConfigError(f"{KEYS_FILE}: keys: a key's name is a-z, 0-9 and -, at most 16")
    ring = {key_id: _key(value, f"keys.{key_id}") for key_id, value in ring_table.items()}
    current = table.get("current")
    if not isinstance(current, str) or current not in ring:
        raise ConfigError(f"{KEYS_FILE}: current: name one of the keys under [keys]")
    keys = Keys(
        current=current,
        ring=MappingProxyType(ring),
        index_key=_key(table.get("index_key"), "index_key"),
        secret_key=_key(table.get("secret_key"), "secret_key"),
    )
    every = [*ring.values(), keys.index_key, keys.secret_key]
    if len(set(every)) < len(every):
        raise ConfigError(f"{KEYS_FILE}: the same key stands twice; each needs its own")
    return keys


def add_key(instance_path: str | Path) -> str:
    """Put a fresh key beside the others, not in use yet; its name."""
    keys = load_keys(instance_path)
    numbers = [int(kid[1:]) for kid in keys.ring if re.fullmatch("k[0-9]{1,9}", kid)]
    name = f"k{max(numbers, default=0) + 1}"
    fresh = base64.b64decode(_fresh_key())
    _replace_keys(instance_path, replace(keys, ring={**keys.ring, name: fresh}))
    return name


def use_key(instance_path: str | Path, name: str) -> None:
    """Let another key of the ring seal from now on."""
    _replace_keys(instance_path, replace(load_keys(instance_path), current=name))


def drop_keys(instance_path: str | Path, names: Iterable[str]) -> None:
    """Take keys out of the ring for good; the one in use stays."""
    keys, gone = load_keys(instance_path), set(names)
    ring = {kid: key for kid, key in keys.ring.items() if kid not in gone or kid == keys.current}
    _replace_keys(instance_path, replace(keys, ring=ring))


def _replace_keys(instance_path: str | Path, keys: Keys) -> None:
    path = Path(instance_path) / KEYS_FILE
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    text = _KEYS_TEXT.format(_text_of(keys.index_key), _text_of(keys.secret_key), "").rstrip()
    head = text.replace('current = "k1"', f'current = "{keys.current}"').removesuffix('k1 = ""')
    ring = "".join(f'{kid} = "{_text_of(key)}"\n' for kid, key in keys.ring.items())
    _write_private(draft, head + ring)
    # At one stroke: whoever reads finds the old file or the new one, whole.
    draft.replace(path)


def _text_of(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


_KEYS_TEXT = """\
# The keys of this deployment. Without them no answer can ever be read again:
# keep a copy away from this machine, and show it to nobody.
current = "k1"
index_key = "{}"
secret_key = "{}"

[keys]
k1 = "{}"
"""


def _fresh_key() -> str:
    return _text_of(secrets.token_bytes(KEY_BYTES))


def _key(value: object, name: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        key = b""
    # 32 random bytes have 30 different values or so; fewer than 16 never happens by chance.
    if len(key) != KEY_BYTES or len(set(key)) < KEY_BYTES // 2:
        raise ConfigError(f"{KEYS_FILE}: {name}: write {KEY_BYTES} random bytes in base64")
    return key


def _make_private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise ConfigError(f"{folder}: cannot make this folder") from None


def _write_private(path: Path, text: str) -> bool:
    """Write and sync beside the place, then link: never a half-written or replaced file.

    False when a start at the same moment was first: its file stays.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    else:
        return True
    finally:
        draft.unlink()


def _read_private(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_IMODE(mode) & 0o077:
                raise ConfigError(f"{path.name}: others can read it; run: chmod 600 {path}")
            return file.read()
    except FileNotFoundError:
        raise ConfigError(f"{path.name} is missing; run: flask --app wsgi intake init") from None
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{path.name}: cannot be read") from None


# --- Clinics -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """One clinic's own words, from `clinics/<slug>.toml`."""

    id: int
    """Stands in every row of the database: never change it."""
    slug: str
    hosts: tuple[str, ...] = ()
    """Names of sites that are this clinic's alone; others reach it under /c/<slug>."""
    name: str
    neutral_name: str = ""
    """How the clinic signs what others may see, such as mail: a name that tells no illness."""
    phone: str
    phone_after_hours: str | None = None
    address: str
    hours: str
    email: str | None = None
    doctors: tuple[str, ...]
    languages: tuple[str, ...] = ("en",)
    time_zone: str
    privacy_notice: str
    paper: str = "letter"
    emergency_number: str = "911"
    lock_after_minutes: int = 60
    remind_days_before: tuple[int, ...] = (7, 2)
    """Before the appointment; [] for no reminders."""
    remind_days_after: tuple[int, ...] = (3, 7)
    """After the invitation, where there is no appointment."""
    keep_drafts_days: int = 90
    """So long a form that was begun and never sent is kept after its last change."""
    keep_responses_years: int | None = None
    """So long what was sent is kept after the last thing done with it; None for ever."""
    keep_invitations_days: int = 90
    """So long invitations and questions are kept after their links have ended."""
    keep_renderings_days: int = 30
    """So long drawn PDFs are kept; they are drawn anew when somebody opens one."""
    crisis_line: str = "988"
    abuse_hotline: str = "1-800-799-7233"
    notice_email: str | None = None
    """Who is told by mail that something urgent arrived."""
    notice_webhook: str | None = None
    """The address of a program that is told so."""
    accent: Accent | None = None
    """The colour of buttons and links on light pages."""
    accent_dark: Accent | None = None
    """The same on dark pages; made of `accent` when the file has none."""
    logo: Logo | None = None
    in_other_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    """Hours and privacy notice in other languages, by code: the file's tables, such as [es]."""

    def speaking(self, language: str) -> Clinic:
        """The clinic with its own words in one language, as far as the file has them."""
        words = self.in_other_words.get(language, {})
        return replace(
            self,
            hours=words.get("hours", self.hours),
            privacy_notice=words.get("privacy_notice", self.privacy_notice),
        )

    @property
    def outside_name(self) -> str:
        """The name on what others may see."""
        return self.neutral_name or self.name

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def lock_after(self) -> timedelta:
        """How long a patient's form may lie there before it asks who is there."""
        return timedelta(minutes=self.lock_after_minutes)

    @property
    def privacy_paragraphs(self) -> tuple[str, ...]:
        """The privacy notice, one string a paragraph."""
        parts = re.split(r"\n\s*\n", self.privacy_notice.strip())
        return tuple(" ".join(part.split()) for part in parts)


def load_clinics(instance_path: str | Path) -> dict[str, Clinic]:
    """Read every clinic's file, by slug in the order of their ids."""
    folder = Path(instance_path) / CLINICS_FOLDER
    clinics = sorted((_load_clinic(path) for path in _clinic_files(folder)), key=lambda c: c.id)
    if not clinics:
        raise ConfigError(
            f"{CLINICS_FOLDER}/ has no clinic file; run: flask --app wsgi intake init"
        )
    for first, second in pairwise(clinics):
        if first.id == second.id:
            raise ConfigError(f"{_place(second.slug)}: id: {first.slug} has {first.id} already")
    _refuse_shared_hosts(clinics)
    return {clinic.slug: clinic for clinic in clinics}


def _refuse_shared_hosts(clinics: Iterable[Clinic]) -> None:
    of: dict[str, str] = {}
    for clinic in clinics:
        for host in clinic.hosts:
            if of.setdefault(host, clinic.slug) != clinic.slug:
                raise ConfigError(f"{_place(clinic.slug)}: hosts: {of[host]} has {host} already")


def refuse_foreign_hosts(settings: Settings, clinics: Mapping[str, Clinic]) -> None:
    """Stop the start where a clinic's own site would be turned away at the door."""
    for clinic in clinics.values():
        for host in clinic.hosts:
            if not any(_is_under(host, trusted) for trusted in settings.trusted_hosts):
                raise ConfigError(
                    f"{_place(clinic.slug)}: hosts: name {host} in INTAKE_TRUSTED_HOSTS as well"
                )


def _is_under(host: str, trusted: str) -> bool:
    """Whether a trusted host, or all names under it where it begins with a dot, is this one."""
    trusted = trusted.lower()
    return host == trusted or (trusted.startswith(".") and host.endswith(trusted))


def refuse_unsigned_notices(settings: Settings, clinics: Mapping[str, Clinic]) -> None:
    """Stop the start where a program is to be told, but could not know by whom."""
    for clinic in clinics.values():
        if clinic.notice_webhook is not None and not settings.webhook_secret:
            raise ConfigError(
                f"{_place(clinic.slug)}: notice_webhook: set INTAKE_WEBHOOK_SECRET as well"
            )


def default_clinic(clinics: Mapping[str, Clinic]) -> Clinic:
    """The clinic of addresses that name none: the one with the lowest id."""
    return min(clinics.values(), key=lambda clinic: clinic.id)


def write_sample_clinic(instance_path: str | Path) -> bool:
    """Write the sample clinic's file unless there is a clinic; say whether it did."""
    folder = Path(instance_path) / CLINICS_FOLDER
    _make_private_folder(folder)
    if any(_clinic_files(folder)):
        return False
    return _write_private(folder / f"{SAMPLE_SLUG}.toml", _SAMPLE_CLINIC)


def _clinic_files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*.toml")) if not path.name.startswith("."))


def _place(slug: str) -> str:
    return f"{CLINICS_FOLDER}/{slug}.toml"


def _load_clinic(path: Path) -> Clinic:
    slug, place = path.stem, _place(path.stem)
    if not _SLUG.fullmatch(slug):
        raise ConfigError(f"{place}: the file's name may have a-z, 0-9 and single - only")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{place}: cannot be read as UTF-8 text") from None
    table = _parse_toml(text, place)
    named = {item.name: item for item in fields(Clinic) if item.name not in _NOT_KEYS}
    words = _other_words(table, place)
    _refuse_unknown_keys(table, set(named), place)
    for name, item in named.items():
        if item.default is MISSING and name not in table:
            raise ConfigError(f"{place}: {name}: is missing")
    values = {name: _clinic_value(name, value, place) for name, value in table.items()}
    return Clinic(slug=slug, **values | _brand(values, path), in_other_words=words)


def _brand(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Accent and logo, checked; a colour that cannot be read as text stops the start."""
    name, found = "accent", dict[str, Any]()
    try:
        if "accent" in values:
            found["accent"] = light_accent(values["accent"])
            name = "accent_dark"
            found["accent_dark"] = dark_accent(values.get("accent_dark"), found["accent"])
        elif "accent_dark" in values:
            raise BadBrand("is missing; accent_dark needs it")
        name = "logo"
        if "logo" in values:
            found["logo"] = load_logo(path.parent, values["logo"])
    except BadBrand as error:
        raise ConfigError(f"{_place(path.stem)}: {name}: {error}") from None
    return found


_NOT_KEYS = {"slug", "in_other_words"}
_IN_OTHER_WORDS = {"hours", "privacy_notice"}


def _other_words(table: dict[str, Any], place: str) -> dict[str, dict[str, str]]:
    """Take the tables out that are named like a language; one not offered just now may stay."""
    codes = [name for name in table if _LANGUAGE.fullmatch(name) and isinstance(table[name], dict)]
    found = {code: table.pop(code) for code in codes}
    for code, own in found.items():
        _refuse_unknown_keys(own, _IN_OTHER_WORDS, f"{place}: [{code}]")
    return {
        code: {name: _text(name, value, f"{place}: [{code}]") for name, value in own.items()}
        for code, own in found.items()
    }


_SAMPLE_CLINIC = """\
# An invented clinic, to try things out. For your own: copy this file, rename it (the name
# stands in the address: a-z, 0-9 and -), change every value, and give it an id of its own.
id = 1                    # stands in every row of the database: never change it later
name = "Alder Lane Spasticity Clinic"
neutral_name = "Alder Lane Clinic"  # in mail and on cards: others may read them
phone = "(212) 555-0142"
phone_after_hours = "(212) 555-0187"
email = "frontdesk@alder-lane.example"
address = '''
14 Alder Lane, Suite 2
Sampletown, NY 10000'''
hours = "Monday to Friday, 8:30 am to 5 pm"
doctors = ["Dr. Ines Marlow", "Dr. Tobias Wren"]
languages = ["en", "es"]  # the first one is for browsers that prefer none of them
time_zone = "America/New_York"
# hosts = ["intake.alder-lane.example"]  # with several clinics: sites of this one alone
paper = "letter"          # or "a4"

# Your colour for buttons and links (refused if it could not be read), and a logo of at most
# 50 kB beside this file.
# accent = "#0f5257"
# accent_dark = "#8fd6cb"
# logo = "alder-lane.svg"
# After so long without a touch a patient's form asks for the date of birth.
lock_after_minutes = 60

# When somebody who was invited by e-mail is reminded, at most twice; [] for never.
remind_days_before = [7, 2]  # before the appointment
remind_days_after = [3, 7]   # after the invitation, where there is no appointment

# Who is told that something urgent arrived: an address, or a program (https; signed with
# INTAKE_WEBHOOK_SECRET). They get the reference alone.
# notice_email = "oncall@alder-lane.example"
# notice_webhook = "https://pager.alder-lane.example/intake"

# How long things are kept; what is older goes with: flask --app wsgi intake purge --yes
keep_drafts_days = 90        # forms begun and never sent
keep_invitations_days = 90   # after their links have ended
keep_renderings_days = 30    # drawn PDFs; they can be drawn again
# What was sent is kept for ever until you say how long the law asks you to keep records.
# keep_responses_years = 10

# Numbers printed on the advice cards.
emergency_number = "911"
crisis_line = "988"
abuse_hotline = "1-800-799-7233"

# Shown on the first page. It does not replace the notice of privacy practices that the law
# asks of you. Leave an empty line between paragraphs.
privacy_notice = '''
We ask about your health so that your doctor can get ready for your visit. You can skip most
questions, and you can stop at any time.

Only staff of this clinic can see what you send. What you say of your mood and of being safe at
home goes to the doctors only.

We keep your answers locked on a computer. We do not sell them. We do not use them for ads.

Nobody reads this form as you type. If you need help now, call us. If it cannot wait, call 911.

You can ask us for a copy of your answers. You can ask us to fix a mistake. Just call the
front desk.'''

# The same in Spanish, for readers of Spanish.
[es]
hours = "de lunes a viernes, 8:30 am a 5 pm"
privacy_notice = '''
Le preguntamos por su salud para preparar su visita. Puede saltar casi todas las preguntas.
Puede parar cuando quiera.

Solo el personal de esta clínica puede ver lo que usted envía. Lo que diga de su ánimo y de su
seguridad en casa va solo a los médicos.

Guardamos sus respuestas bajo llave en una computadora. No las vendemos. No las usamos para
anuncios.

Nadie lee este formulario mientras usted escribe. Si necesita ayuda ahora, llame a la clínica.
Si no puede esperar, llame al 911.

Puede pedirnos una copia de sus respuestas. Puede pedirnos que corrijamos un error. Solo llame a
la recepción.'''
"""


_PHONES = {"phone", "phone_after_hours", "emergency_number", "crisis_line", "abuse_hotline"}
_LISTS = {"doctors", "hosts", "languages"}
_DAYS = {"remind_days_before", "remind_days_after"}
_NUMBERS = {
    # The warning comes 5 minutes before; a morning is no lock.
    "lock_after_minutes": (10, 240),
    # A code to come back works for 14 days.
    "keep_drafts_days": (15, 3650),
    "keep_responses_years": (1, 100),
    "keep_invitations_days": (1, 3650),
    "keep_renderings_days": (1, 3650),
}
_LONGEST = {"privacy_notice": 8000, "address": 400, "hours": 400}


def _clinic_value(name: str, value: object, place: str) -> Any:
    if name == "id":
        if type(value) is not int or not 1 <= value <= 2**31 - 1:
            raise ConfigError(f"{place}: id: write a whole number from 1 up")
        return value
    if name in _NUMBERS:
        low, high = _NUMBERS[name]
        if type(value) is not int or not low <= value <= high:
            raise ConfigError(f"{place}: {name}: write a whole number from {low} to {high}")
        return value
    if name in _DAYS:
        return _days(value, f"{place}: {name}")
    if name in _LISTS:
        if not isinstance(value, list) or not value:
            raise ConfigError(f'{place}: {name}: write a list, like ["…", "…"]')
        return tuple(_text(name, entry, place) for entry in value)
    return _text(name, value, place)


def _days(value: object, place: str) -> tuple[int, ...]:
    """At most two numbers of days: more reminders than that wear people out."""
    days = value if isinstance(value, list) else [None]
    if len(days) > 2 or not all(type(day) is int and 1 <= day <= 60 for day in days):
        raise ConfigError(f"{place}: write at most two numbers from 1 to 60, like [7, 2]")
    return tuple(days)


def _text(name: str, value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f'{place}: {name}: write some text in "quotes"')
    text = unicodedata.normalize("NFC", value.strip())
    if len(text) > _LONGEST.get(name, 120):
        raise ConfigError(f"{place}: {name}: at most {_LONGEST.get(name, 120)} characters")
    if _has_hidden_characters(text, lines=name in _LONGEST):
        raise ConfigError(f"{place}: {name}: has a control or hidden character; type it again")
    problem = _shape_problem(name, text)
    if problem:
        raise ConfigError(f"{place}: {name}: {problem}")
    return text


def _shape_problem(name: str, text: str) -> str | None:
    if name in _PHONES:
        fits = _PHONE.fullmatch(text) and len(re.findall("[0-9]", text)) <= 21
        return None if fits else "write a phone number, like (212) 555-0142"
    if name in {"email", "notice_email"}:
        return (
            None if _EMAIL.fullmatch(text) else "write an email address, like desk@clinic.example"
        )
    if name == "notice_webhook":
        return None if is_safe_address(text) else "write an https:// address without a password"
    if name == "languages":
        return None if _LANGUAGE.fullmatch(text) else 'write language codes, like ["en", "es"]'
    if name == "hosts":
        return None if _SITE.fullmatch(text) else "write a site's name, like intake.clinic.example"
    if name == "paper":
        return None if text in {"letter", "a4"} else 'write "letter" or "a4"'
    if name == "time_zone":
        return None if text in available_timezones() else "write a zone, like America/New_York"
    return None


def is_safe_address(text: str) -> bool:
    """Whether secrets may go there: by https to anywhere, by http to this very machine."""
    try:
        place = urlsplit(text)
        host, port = place.hostname or "", place.port
    except ValueError:
        return False
    if not _HOST.fullmatch(host) or port == 0 or place.username or place.fragment:
        return False
    if not text.isascii() or any(sign.isspace() for sign in text):
        return False
    return place.scheme == "https" or (place.scheme == "http" and host in _LOOPBACK)


def _has_hidden_characters(text: str, *, lines: bool) -> bool:
    allowed = "\u200c\u200d" + ("\n\t" if lines else "")
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return any(unicodedata.category(sign) in hidden and sign not in allowed for sign in text)


# --- TOML --------------------------------------------------------------------------------------


def _parse_toml(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The message of tomllib may quote the file; its line number may not be there.
        line = re.search(r"at line ([0-9]+)", str(error))
        where = f"line {line[1]} " if line else "it "
        raise ConfigError(f"{place}: {where}is not valid TOML") from None


def _refuse_unknown_keys(table: Mapping[str, object], known: set[str], place: str) -> None:
    for name in table:
        if name not in known:
            hint = _did_you_mean(name, known)
            raise ConfigError(f"{place}: {name[:40]!r} is not a key{hint}")


def _did_you_mean(name: str, known: set[str] | frozenset[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
