"""All that is held on one person, as a folder: JSON, the doctor's PDFs, and a list of the files.

The list carries a keyed digest of what was held, so that erasing can tell that the folder is whole,
written by this deployment, and of what is held now.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

from intake import config
from intake.report.record import view
from intake.store import BadValue, Store, entries, responses, trail
from intake.store.dossier import Dossier

LIST = "files.json"


def write(store: Store, clinic: config.Clinic, found: Dossier, folder: Path) -> None:
    """Write a new folder, mode 0700, whole or not at all; raises `BadValue` with one line."""
    if folder.exists() or folder.is_symlink():
        raise BadValue(f"{folder} is there already")
    files = {
        "person.json": _json(_person(store, clinic, found)),
        "audit.json": _json(found.events),
        **_drawn(store, found),
    }
    hashes = {name: sha256(data).hexdigest() for name, data in files.items()}
    files[LIST] = _json({"files": hashes, "mac": _mac(store, found.digest(store), hashes)})
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    try:
        draft.mkdir(mode=0o700)
        for name, data in files.items():
            _write(draft / name, data)
        draft.rename(folder)
    except OSError as error:
        raise BadValue(f"{folder} cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def digest(store: Store, found: Dossier, folder: Path) -> str:
    """The digest of what is held, when the folder holds just this; raises `BadValue` when not."""
    try:
        told = json.loads((folder / LIST).read_bytes())
        hashes, mac = dict(told["files"]), str(told["mac"])
        whole = all(
            Path(name).name == name and sha256((folder / name).read_bytes()).hexdigest() == each
            for name, each in hashes.items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise BadValue(f"{folder} is no folder that export-person wrote") from None
    held = found.digest(store)
    if not whole or not hmac.compare_digest(mac, _mac(store, held, hashes)):
        raise BadValue(f"{folder} is not what is held now; write it out anew")
    return held


def _mac(store: Store, held: str, hashes: dict[str, str]) -> str:
    return store.vault.keyed_digest("person folder", _json([held, hashes]))


def _person(store: Store, clinic: config.Clinic, found: Dossier) -> dict[str, Any]:
    names = trail.names(store, clinic.id)
    told = json.dumps([found.held, found.events])
    return {
        "clinic": clinic.name,
        "written_at": store.clock().isoformat(),
        "references": found.references,
        "held": found.held,
        "passing": found.passing,
        "staff": {f"staff:{id}": name for id, name in names.items() if id in told},
    }


def _drawn(store: Store, found: Dossier) -> dict[str, bytes]:
    """The doctor's PDF of each response that was sent."""
    # Imported here: the other commands need no system libraries.
    from intake.report.renderer import RenderFailed, render_safely

    drawn = {}
    for reference in found.references:
        sent = responses.sent(store, found.clinic_id, reference)
        if sent is None:
            continue
        made = entries.of(store, found.clinic_id, sent.id)
        told = ({"kind": each.kind, "at": each.at.isoformat(), **each.document} for each in made)
        try:
            drawn[f"{reference}.pdf"] = render_safely(sent.document, record=view(told))
        except RenderFailed as error:
            raise BadValue(f"{reference}: {error}") from None
    return drawn


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
