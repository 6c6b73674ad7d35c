"""A backup as one file: age (X25519, ChaCha20-Poly1305) around a gzipped tar.

Encrypted to a recipient: the machine that makes backups cannot open them. age proves that the file
is whole and in order, but anybody may write to a recipient; so the last member carries a keyed
digest, by which the deployment's own keys know the backup again.
"""

from __future__ import annotations

import hmac
import io
import json
import os
import re
import secrets
import shutil
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import pyrage
from pyrage import x25519

from intake import config
from intake.store import BackupRefused, Store, audit, dump, engine, migrate, schema, sealed
from intake.store.crypto import Vault
from intake.store.dump import Figure

FORMAT = 1
HEAD, END = "head.json", "end.json"
CLINICS = f"{config.CLINICS_FOLDER}/"
MEMBER_BYTES = 2**30
"""More than 500 rows of the longest documents ever take."""

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ROWS = re.compile(r"tables/([a-z_]+)/[0-9]{6}\.jsonl")
_TORN = "{} was cut off or altered, or is no backup; nothing was restored"
_TORN_MAKES = (
    tarfile.TarError,
    zlib.error,
    EOFError,
    KeyError,
    TypeError,
    ValueError,
    StopIteration,
)
_NO_END = "The backup has no end"
_UNKNOWN_PART = "The backup holds a part that is not known here"


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds: rows by table, and whether the keys are in it."""

    rows: dict[str, int]
    with_keys: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and when it was written (ISO)."""

    made_at: str
    figures: dict[str, Figure]
    with_keys: bool


def make_identity(path: Path) -> str:
    """Write a new secret that opens backups, for its owner alone; the recipient to it."""
    identity = x25519.Identity.generate()
    with _new_file(path) as file:
        file.write(f"# recipient: {identity.to_public()}\n{identity}\n".encode())
    return str(identity.to_public())


def read_identity(path: Path) -> Any:
    """The secret of a file as `make_identity` or `age-keygen` writes it."""
    try:
        words = path.read_text(encoding="utf-8").split()
        secret = next(word for word in words if word.startswith("AGE-SECRET-KEY-"))
        return x25519.Identity.from_str(secret)
    except (OSError, UnicodeDecodeError, StopIteration, pyrage.IdentityError):
        raise BackupRefused(f"{path} holds no secret that opens backups") from None


# --- Making ------------------------------------------------------------------------------------


def make(store: Store, folder: Path, to: str, out: Path, *, with_keys: bool) -> Made:
    """Write the backup of one moment to a new file; others go on writing meanwhile."""
    try:
        recipient = x25519.Recipient.from_str(to)
    except pyrage.RecipientError:
        raise BackupRefused(f"{to[:80]!r} is no recipient; see make-backup-key") from None
    with _new_file(out) as file, dump.snapshot(store) as conn:
        making = _Making(store, conn, folder, with_keys=with_keys)
        reader = _Reader(_zipped(_tar(making.members())))
        try:
            pyrage.encrypt_io(reader, file, [recipient])
        except pyrage.EncryptError as error:
            raise reader.fault or BackupRefused(f"{out} cannot be written: {error}") from None
    return Made({name: each.rows for name, each in making.figures.items()}, with_keys)


class _Making:
    """The members of a backup in their order, read from one snapshot."""

    def __init__(self, store: Store, conn: Any, folder: Path, *, with_keys: bool) -> None:
        self._store, self._conn, self._folder = store, conn, folder
        self._with_keys = with_keys
        self.figures: dict[str, Figure] = {}

    def members(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each."""
        files = {HEAD: self._head(), **self._files()}
        yield from files.items()
        for table in schema.metadata.sorted_tables:
            count = dump.Count()
            for number, part in enumerate(dump.parts(self._conn, table, table.c.keys())):
                count.add(part)
                yield f"tables/{table.name}/{number:06}.jsonl", part.lines
            self.figures[table.name] = count.figure
        yield END, _end(self._store.vault, files, self.figures)

    def _head(self) -> bytes:
        return _json(
            {
                "format": FORMAT,
                "made_at": self._store.clock().isoformat(),
                "revision": schema.REVISION,
                # Pairs: their order is the one in which the tables can be filled.
                "tables": list(dump.columns().items()),
            }
        )

    def _files(self) -> dict[str, bytes]:
        clinics = sorted((self._folder / config.CLINICS_FOLDER).iterdir())
        files = {f"{CLINICS}{each.name}": each for each in clinics if _FILE.fullmatch(each.name)}
        if self._with_keys:
            files[config.KEYS_FILE] = self._folder / config.KEYS_FILE
        return {name: path.read_bytes() for name, path in files.items() if path.is_file()}


def _end(vault: Vault, files: dict[str, bytes], figures: dict[str, Figure]) -> bytes:
    told = {name: asdict(each) for name, each in figures.items()}
    hashes = {name: sha256(data).hexdigest() for name, data in files.items()}
    return _json({"figures": told, "mac": vault.keyed_digest("backup", _json([hashes, told]))})


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _tar(members: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    for name, data in members:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), 0o600
        yield member.tobuf(tarfile.USTAR_FORMAT)
        yield data + bytes(-len(data) % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _zipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    zipper = zlib.compressobj(level=1, wbits=31)
    for piece in pieces:
        yield zipper.compress(piece)
    yield zipper.flush()


class _Reader(io.RawIOBase):
    """Pieces of bytes as the file that they make up."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.fault: Exception | None = None
        """What stopped the pieces: whoever reads here tells only its words."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            try:
                piece = next(self._pieces, None)
            except Exception as fault:
                self.fault = fault
                raise
            if piece is None:
                return 0
            self._rest = piece
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file for its owner alone, whole under its name or not there; goes over no other."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        raise BackupRefused(f"{path} is there already") from None
    finally:
        draft.unlink()


# --- Restoring ---------------------------------------------------------------------------------


def restore(file: Path, identity: Any, folder: Path, database_url: str) -> Restored:
    """Fill an empty database and a folder without clinics; all of it, or nothing.

    The keys are those of the folder, or else those in the backup. Raises `BackupRefused` with one
    line for a person.
    """
    if any((folder / config.CLINICS_FOLDER).glob("*.toml")):
        raise BackupRefused(f"{folder / config.CLINICS_FOLDER} is not empty; nothing was restored")
    with _open(file, identity) as archive, _written(folder) as write:
        members = archive.members()
        head = _head(members)
        files, first = _take_files(members)
        for name, data in files.items():
            write(name, data)
        vault = _vault(folder)
        with dump.filling(database_url, head["revision"], dict(head["tables"])) as filled:
            end = _fill(filled, first, members)
            figures = filled.figures()
            if not hmac.compare_digest(end, _end(vault, {HEAD: _json(head), **files}, figures)):
                raise BackupRefused(f"{file.name} is not of these keys, or was altered")
            # The last bytes prove that none is missing: nothing stays before they are read.
            archive.read_to_the_end()
    return Restored(head["made_at"], figures, config.KEYS_FILE in files)


def drill(
    file: Path, identity: Any, folder: Path, clock: Callable[[], datetime], database_url: str = ""
) -> Restored:
    """Restore into a place that is gone afterwards; raises `BackupRefused` where anything is amiss.

    Each table must be as it was when the backup was made, each clinic's audit whole, and every
    sealed value must open. By default the place is a SQLite file, whatever the backup is of.
    """
    with TemporaryDirectory(prefix=".drill-", dir=folder) as place:
        there = Path(place) / "instance"
        there.mkdir(mode=0o700)
        shutil.copy(folder / config.KEYS_FILE, there)
        url = database_url or f"sqlite+pysqlite:///{there / config.DATABASE_FILE}"
        restored = restore(file, identity, there, url)
        store = Store(engine.build(url), config.load_keys(there), clock)
        try:
            _prove(store, there)
        finally:
            store.engine.dispose()
            if database_url:
                migrate.clear(url)
    return restored


def _prove(store: Store, folder: Path) -> None:
    store.check()
    for clinic in config.load_clinics(folder).values():
        found = audit.verify(store, clinic.id)
        if not found.is_whole:
            raise BackupRefused(
                f"{clinic.slug}: the audit is broken at row {found.broken_number}: {found.why}"
            )
    with store.read() as conn:
        for _each in sealed.opened(store, conn):
            pass


def _vault(folder: Path) -> Vault:
    if not (folder / config.KEYS_FILE).exists():
        raise BackupRefused(
            f"The keys are not in the backup: put your copy of {config.KEYS_FILE} into {folder}"
        )
    keys = config.load_keys(folder)
    return Vault(keys.current, keys.ring, keys.index_key)


def _head(members: Iterator[tuple[str, bytes]]) -> dict[str, Any]:
    name, data = next(members)
    head: dict[str, Any] = json.loads(data)
    if name != HEAD or head["format"] != FORMAT:
        raise BackupRefused("This backup is of another program, or of a newer one")
    return head


def _take_files(
    members: Iterator[tuple[str, bytes]],
) -> tuple[dict[str, bytes], tuple[str, bytes]]:
    """The clinics' files and perhaps the keys; and the first member that is neither."""
    files: dict[str, bytes] = {}
    for name, data in members:
        own = name.removeprefix(CLINICS)
        if name != config.KEYS_FILE and (own == name or not _FILE.fullmatch(own)):
            return files, (name, data)
        files[name] = data
    raise BackupRefused(_NO_END)


def _fill(
    filled: dump.Filling, first: tuple[str, bytes], rest: Iterator[tuple[str, bytes]]
) -> bytes:
    for name, data in chain([first], rest):
        if name == END:
            return data
        table = _ROWS.fullmatch(name)
        if table is None:
            raise BackupRefused(_UNKNOWN_PART)
        filled.add(table[1], data)
    raise BackupRefused(_NO_END)


@contextmanager
def _written(folder: Path) -> Iterator[Callable[[str, bytes], None]]:
    """Write files that are taken back when the block raises."""
    done: list[Path] = []

    def write(name: str, data: bytes) -> None:
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.read_bytes() == data:
            return
        with _new_file(path) as out:
            out.write(data)
        done.append(path)

    try:
        yield write
    except BaseException:
        for path in done:
            path.unlink(missing_ok=True)
        raise


@contextmanager
def _open(file: Path, identity: Any) -> Iterator[_Archive]:
    """A backup to read; whatever a torn one makes its readers say becomes one line."""
    try:
        opened = file.open("rb")
    except OSError as error:
        raise BackupRefused(f"{file} cannot be read: {error.strerror}") from None
    with opened:
        archive = _Archive(opened, identity, file.name)
        try:
            yield archive
        except BackupRefused as refused:
            raise BackupRefused(archive.close() or str(refused)) from None
        except _TORN_MAKES:
            raise BackupRefused(archive.close() or _TORN.format(file.name)) from None
        finally:
            archive.close()


class _Archive:
    """The members of a backup while it is decrypted: bytes come in proven chunks, in order."""

    def __init__(self, file: IO[bytes], identity: Any, name: str) -> None:
        self._name = name
        ends = os.pipe()
        self._from, self._into = os.fdopen(ends[0], "rb"), os.fdopen(ends[1], "wb")
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._decrypt, args=(file, identity), daemon=True)
        self._thread.start()

    def members(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each, in order."""
        with tarfile.open(fileobj=self._from, mode="r|gz") as tar:
            for member in tar:
                inside = tar.extractfile(member)
                if inside is None or member.size > MEMBER_BYTES:
                    raise BackupRefused(_UNKNOWN_PART)
                yield member.name, inside.read()

    def read_to_the_end(self) -> None:
        """Raises `BackupRefused` unless every byte is there and as it was written."""
        while self._from.read(2**16):
            pass
        self._thread.join()
        if self._fault is not None:
            raise BackupRefused(self._why())

    def close(self) -> str:
        """Stop; why decrypting had stopped before, or ""."""
        self._from.close()
        self._thread.join()
        return "" if self._fault is None else self._why()

    def _decrypt(self, file: IO[bytes], identity: Any) -> None:
        try:
            with self._into:
                pyrage.decrypt_io(file, self._into, [identity])
        except BrokenPipeError:
            # Whoever reads has given up, and says why.
            pass
        except (OSError, pyrage.DecryptError) as fault:
            self._fault = fault

    def _why(self) -> str:
        if "No matching keys" in str(self._fault):
            return f"{self._name} is for another identity; nothing was restored"
        return _TORN.format(self._name)
