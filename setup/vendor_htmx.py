"""Put htmx into static/vendor/: fetch the pinned package, take one file, check it, write it.

Does nothing, and needs no network, when the right file is there already.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "setup" / "vendor.txt"
TARGET = ROOT / "static" / "vendor" / "htmx.min.js"
MEMBER = "django_htmx/static/django_htmx/htmx-2.min.js"
SHA256 = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"


class VendorError(Exception):
    """The file could not be had or is not the one that was pinned; the message is one line."""


def place_htmx(target: Path = TARGET, pins: Path = PINS) -> bool:
    """Make sure the checked file stands at `target`; say whether it had to be fetched."""
    if target.is_file() and _is_right(target.read_bytes()):
        return False
    with tempfile.TemporaryDirectory() as folder:
        script = _read_member(_download(pins, Path(folder)))
    if not _is_right(script):
        raise VendorError(f"{MEMBER} is not the file that was pinned; nothing was written")
    _write_at_once(target, script)
    return True


def _is_right(script: bytes) -> bool:
    return hashlib.sha256(script).hexdigest() == SHA256


def _download(pins: Path, folder: Path) -> Path:
    """Fetch the one package of `pins` into `folder`; pip checks its hash."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wanted = ["download", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(pins)]
    done = subprocess.run(
        [*pip, *wanted, "--dest", str(folder)], check=False, capture_output=True, text=True
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise VendorError(f"htmx could not be fetched: {reason}")
    return wheels[0]


def _read_member(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        try:
            return archive.read(MEMBER)
        except KeyError:
            raise VendorError(f"{wheel.name} has no {MEMBER}") from None


def _write_at_once(target: Path, script: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as draft:
        draft.write(script)
    path = Path(draft.name)
    path.chmod(0o644)
    path.replace(target)


if __name__ == "__main__":
    try:
        fetched = place_htmx()
    except VendorError as error:
        sys.exit(f"set-up: {error}")
    if fetched:
        print("set-up: htmx fetched and checked")
