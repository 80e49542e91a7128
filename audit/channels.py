"""Where checkpoints are published: a folder, so that a rewritten database does not rewrite its witnesses."""

import os
from pathlib import Path

from jobs.ports import DeliveryFailed, Payload


def write_checkpoint(payload: Payload) -> None:
    """Writes `<size>.txt` into the destination's folder, durably, and `latest.txt` beside it."""
    folder = Path(payload["address"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (f"{int(payload['size']):020d}.txt", "latest.txt"):
            _write_durably(folder / name, str(payload["note"]))
    except OSError as error:
        raise DeliveryFailed(f"{folder}: {error.strerror}") from error


def _write_durably(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
