"""Where packages lie on disk: a folder for each organisation below PACKAGE_DIR, readable by the service alone.

Names in the database are relative to PACKAGE_DIR, so that the folder may move. Snapshots are named by their SHA-256.
"""

import hashlib
from pathlib import Path
from uuid import UUID

from django.conf import settings

from kernel.scope import organization_key


def folder_of(organization_id: UUID) -> Path:
    """The folder of an organisation, made when it is not there yet. Raises OSError."""
    folder = Path(settings.PACKAGE_DIR) / organization_key(organization_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def path_of(name: str, *, organization_id: UUID) -> Path:
    """The file behind a name that the database holds; whatever the name says, it lies in the organisation's folder."""
    return Path(settings.PACKAGE_DIR) / organization_key(organization_id, Path(name).name)


def name_of(path: Path) -> str:
    return path.relative_to(settings.PACKAGE_DIR).as_posix()


def store_snapshot(content: bytes, *, organization_id: UUID) -> Path:
    """Writes the snapshot under its digest, complete or not at all; the same content twice is one file."""
    target = folder_of(organization_id) / f"{hashlib.sha256(content).hexdigest()}.json"
    unfinished = target.with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(content)
    unfinished.replace(target)
    return target


def is_intact(path: Path, sha256: str) -> bool:
    """Whether the file is there and its bytes have this digest."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
