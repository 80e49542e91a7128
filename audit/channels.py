"""Where checkpoints are published: a folder, so that a rewritten database does not rewrite its witnesses."""

import os
from pathlib import Path

from jobs.ports import DeliveryFailed, Payload

LATEST = "latest.txt"


def write_checkpoint(payload: Payload) -> None:
    """Writes `<size>.txt` into the destination's folder, durably, and `latest.txt` beside it.

    Raises DeliveryFailed where another checkpoint of that size lies already: a witness is never overwritten. A late
    second delivery does not put `latest.txt` back.
    """
    folder, size, note = Path(payload["address"]), int(payload["size"]), str(payload["note"])
    own = folder / f"{size:020d}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if own.exists() and own.read_text(encoding="utf-8") != note:
            raise DeliveryFailed(f"{own}: another checkpoint of this size was published before")
        _write_durably(own, note)
        if _stated_size(folder / LATEST) <= size:
            _write_durably(folder / LATEST, note)
    except (OSError, ValueError, IndexError) as error:
        raise DeliveryFailed(f"{folder}: {error}") from error


def _stated_size(path: Path) -> int:
    """What the checkpoint in a file covers; 0 where there is none. Raises ValueError for a file that is none."""
    return int(path.read_text(encoding="utf-8").split("\n")[1]) if path.exists() else 0


def _write_durably(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
