"""What stands outside the chain and speaks about it: checkpoints, with their signatures checked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from audit import verifier
from audit.models import Checkpoint, Destination, SigningKey
from audit.models.evidence import DestinationKind
from audit.operations.keys import verifier_key
from audit.rules.note import format_verifier_key


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `code` is one of the verifier's, or head_differs, head_missing, protection_missing,
    no_checkpoint, checkpoint_forged, checkpoint_unconfirmed, checkpoint_unreadable, clock_backwards; `sequence` the
    entry concerned, None when it is about the whole chain."""

    code: str
    message: str
    sequence: int | None = None


@dataclass(frozen=True)
class Witnesses:
    """`checkpoints` have signatures that hold, or that could not be checked (`incomplete` says which); `forged` are
    notes that contradict themselves or the organisation's keys. `fingerprint` is that of the newest key."""

    checkpoints: tuple[verifier.Checkpoint, ...]
    forged: tuple[Problem, ...]
    incomplete: tuple[Problem, ...]
    fingerprint: str


def gathered(given: Iterable[str] = ()) -> Witnesses:
    """All checkpoints of the open organisation: stored ones, those in the folders to which they were published, and
    `given` notes. Each different note is looked at once."""
    unreadable: list[Problem] = []
    # All notes before the keys: no note is older than the key that signed it.
    notes = dict.fromkeys(chain(_stored(), _published(unreadable), given))
    keys = [
        verifier.read_keys(format_verifier_key(verifier_key(row)))[0]
        for row in SigningKey.objects.order_by("created_at")
    ]
    outcome = verifier.Outcome()
    found = [verifier.check_checkpoint(note, keys, outcome) for note in notes]
    return Witnesses(
        checkpoints=tuple(dict.fromkeys(checkpoint for checkpoint in found if checkpoint is not None)),
        forged=tuple(_said(outcome, verifier.TAMPERED, "checkpoint_forged")),
        incomplete=(*unreadable, *_said(outcome, verifier.INCOMPLETE, "checkpoint_unconfirmed")),
        fingerprint=keys[-1].fingerprint if keys else "",
    )


def _said(outcome: verifier.Outcome, level: int, code: str) -> Iterator[Problem]:
    return (Problem(code, line) for stated, line in outcome.lines if stated == level)


def _stored() -> Iterator[str]:
    return Checkpoint.objects.order_by("size").values_list("note", flat=True).iterator()


def _published(unreadable: list[Problem]) -> Iterator[str]:
    """What lies in the folders that checkpoints were published to: a rewritten database does not rewrite these, and
    after the restore of an old backup the newer ones are still there."""
    for address in Destination.objects.filter(kind=DestinationKind.FILE).values_list("address", flat=True):
        for path in sorted(Path(address).glob("*.txt")):
            try:
                yield path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                unreadable.append(Problem("checkpoint_unreadable", f"{path}: {error}"))
