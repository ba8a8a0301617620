"""A backup on disk: a folder with the copy of the database, what lies beside it, and their checksums."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwadmin.queries.audit.published_heads import HEADS_FILE

MANIFEST = "backup.json"
DATABASE = "database"
# Kept beside the database, where it is there: what signs cookies and links, and published heads.
COMPANIONS = ("secret_key", HEADS_FILE)
_FORMAT = 1


class DamagedBackup(Exception):
    """A backup is not what was written; the sentence says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, as it was when it was made."""

    made_at: str
    version: str
    schema: str
    # "file" or "server": which kind of database it is of.
    kind: str
    rows: Mapping[str, int]
    links: int
    # Of each file, how long it is and its SHA-256.
    files: Mapping[str, Mapping[str, Any]]


def describe(path: Path) -> dict[str, Any]:
    """Length and checksum of a file, read once in pieces, and brought safely to the disk before."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def copy_companions(instance: Path, folder: Path) -> None:
    """Copy what lies in the instance folder and belongs to the database."""
    for name in COMPANIONS:
        if (instance / name).exists():
            shutil.copyfile(instance / name, folder / name)
            (folder / name).chmod(0o600)


def write_manifest(folder: Path, facts: dict[str, Any]) -> Manifest:
    """Write the manifest of the files that are in the folder."""
    files = {path.name: describe(path) for path in sorted(folder.iterdir())}
    manifest = Manifest(**facts, files=files)
    document = {name: getattr(manifest, name) for name in Manifest.__slots__}
    document |= {"format": _FORMAT}
    text = json.dumps(document | {"digest": _digest(document)}, indent=2, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n")
    describe(folder / MANIFEST)
    return manifest


def read_backup(folder: Path) -> Manifest:
    """The manifest of a backup, once every file was found to be what was written.

    Raises:
        DamagedBackup: something is missing, was changed, or was never finished.
    """
    if folder.name.endswith(".part"):
        raise DamagedBackup(f"{folder} was never finished: use another backup.")
    try:
        document = json.loads((folder / MANIFEST).read_text())
        digest, form = document.pop("digest"), document["format"]
    except FileNotFoundError:
        raise DamagedBackup(f"There is no {MANIFEST} in {folder}: it is no backup.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedBackup(f"{MANIFEST} cannot be read: use another backup.") from None
    if form != _FORMAT or digest != _digest(document):
        raise DamagedBackup(f"{MANIFEST} is not what was written: use another backup.")
    del document["format"]
    manifest = Manifest(**document)
    for name, facts in manifest.files.items():
        path = folder / name
        if not path.exists():
            raise DamagedBackup(f"{name} is missing from the backup: use another one.")
        if describe(path) != facts:
            raise DamagedBackup(f"{name} is not what was written (its checksum differs): use another backup.")
    return manifest


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
