"""What the client keeps between two starts: its last signed answers, the latest time that it knows of, and the highest
sequence of each licence's certificates.

Answers are kept as they were signed and are verified again when they are read. Whoever edits the file can make the
client forget, not believe.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from seatledger_client.errors import StateUnreadable

FORMAT = 1


@dataclass
class KeptAnswer:
    """A signed answer and the salt of the nonce that bound it to key, machine and question."""

    token: str
    salt: str


@dataclass
class State:
    """Times are RFC 3339; `answers` by the digest of key, machine and question; `sequences` by licence."""

    latest: str | None = None
    answers: dict[str, KeptAnswer] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)

    @property
    def seen(self) -> datetime | None:
        """The latest moment that is known to have been."""
        return None if self.latest is None else datetime.fromisoformat(self.latest)

    def saw(self, moment: datetime) -> None:
        """Notes a moment; an earlier one changes nothing."""
        if self.seen is None or moment > self.seen:
            self.latest = moment.isoformat()


class StateFile:
    """The state in a file that only its owner reads, replaced as a whole; without a path it lives in memory alone."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._state = State()

    def read(self) -> State:
        """The state; a file that somebody damaged counts as none, one that may not be read raises StateUnreadable."""
        if self._path is None:
            return self._state
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return State()
        except OSError as error:
            raise StateUnreadable(f"{self._path} cannot be read: {error}") from error
        return _parsed(text)

    def write(self, state: State) -> None:
        """Raises StateUnreadable when the file cannot be written."""
        if self._path is None:
            self._state = state
            return
        body = json.dumps({"format": FORMAT, **asdict(state)})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(body)
            Path(name).replace(self._path)
        except OSError as error:
            raise StateUnreadable(f"{self._path} cannot be written: {error}") from error


def _parsed(text: str) -> State:
    try:
        given = json.loads(text)
        if given["format"] != FORMAT:
            return State()
        state = State(
            latest=given["latest"],
            answers={
                str(name): KeptAnswer(str(one["token"]), str(one["salt"])) for name, one in given["answers"].items()
            },
            sequences={str(name): int(value) for name, value in given["sequences"].items()},
        )
        return state if state.seen is None or state.seen.tzinfo is not None else State()
    except (ValueError, TypeError, KeyError, AttributeError):
        return State()
