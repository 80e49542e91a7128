"""Verifying the ledger where it lives: rows of the database through the same verifier that auditors get as a file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audit import verifier
from audit.models import Checkpoint, Destination, Event, SigningKey
from audit.operations.keys import verifier_key
from audit.protection import missing_triggers
from audit.queries import head
from audit.rules.note import format_verifier_key

CHUNK = 5_000
COLUMNS = (
    "sequence",
    "body",
    "leaf_hash",
    "chain_hash",
    "occurred_at",
    "recorded_at",
    "kind",
    "actor",
    "subject_type",
    "subject_id",
    "request_id",
)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `code` is one of the verifier's, or head_differs, protection_missing, no_checkpoint,
    checkpoint_forged; `sequence` the entry concerned, None when it is about the whole chain."""

    code: str
    message: str
    sequence: int | None = None


@dataclass(frozen=True)
class Verification:
    """The outcome for the open organisation. `tampered` are contradictions, `incomplete` is missing evidence."""

    size: int
    chain_hash: bytes
    root: bytes
    checkpoints: int
    newest_checkpoint: int
    fingerprint: str
    checked_at: datetime
    tampered: tuple[Problem, ...]
    incomplete: tuple[Problem, ...]

    @property
    def exit_code(self) -> int:
        """0 ok, 1 tampered, 2 evidence incomplete: the same as the verifier file's."""
        if self.tampered:
            return verifier.TAMPERED
        return verifier.INCOMPLETE if self.incomplete else verifier.OK

    @property
    def first(self) -> Problem | None:
        return next(iter((*self.tampered, *self.incomplete)), None)


def verify(
    *,
    at: datetime,
    notes: tuple[str, ...] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Checks every entry, column and checkpoint of the open organisation in constant memory, against its stored
    checkpoints, those published to folders, and `notes` (signed notes from elsewhere). Call it inside a scope.

    `progress(done, size)` is called after each chunk.
    """
    state = head()
    keys = [verifier.read_keys(format_verifier_key(verifier_key(row)))[0] for row in SigningKey.objects.all()]
    checkpoints, forged = _genuine_checkpoints(keys, (*_stored_notes(), *_published_notes(), *notes))
    if state is None:
        empty = Problem("no_checkpoint", "the ledger has no entry yet")
        return Verification(0, b"", b"", 0, 0, _fingerprint(keys), at, tuple(forged), (empty,))
    judge = verifier.ChainVerifier(verifier.genesis_of(state.chain_id, state.genesis_nonce), checkpoints)
    done = 0
    for chunk in _chunks():
        judge.feed(chunk)
        done += len(chunk)
        if progress:
            progress(done, state.size)
    report = judge.finish()
    tampered = list(forged)
    if report.finding is not None:
        tampered.insert(0, Problem(report.finding.code, report.finding.message, report.finding.sequence))
    elif (report.size, report.chain_hash) != (state.size, state.chain_hash):
        tampered.append(
            Problem(
                "head_differs",
                f"the head says {state.size:,} entries, the ledger holds {report.size:,} that end in another hash",
                min(report.size, state.size) + 1,
            )
        )
    if absent := missing_triggers():
        tampered.append(Problem("protection_missing", f"triggers are missing: {', '.join(sorted(absent))}"))
    incomplete = []
    if report.backwards:
        incomplete.append(
            Problem(
                "clock_backwards",
                f"recorded_at runs backwards {report.backwards} times",
                report.first_backwards,
            )
        )
    if not checkpoints:
        incomplete.append(Problem("no_checkpoint", "no signed checkpoint covers the ledger yet"))
    return Verification(
        size=report.size,
        chain_hash=report.chain_hash,
        root=report.root,
        checkpoints=len(checkpoints),
        newest_checkpoint=max((checkpoint.size for checkpoint in checkpoints), default=0),
        fingerprint=_fingerprint(keys),
        checked_at=at,
        tampered=tuple(tampered),
        incomplete=tuple(incomplete),
    )


def _chunks() -> Iterator[list[verifier.Entry]]:
    after = 0
    while True:
        rows = list(Event.objects.filter(sequence__gt=after).order_by("sequence").values_list(*COLUMNS)[:CHUNK])
        yield [_entry(row) for row in rows]
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def _entry(row: tuple[object, ...]) -> verifier.Entry:
    sequence, body, leaf, chain, occurred_at, recorded_at, *texts = row
    return verifier.Entry(
        sequence,  # type: ignore[arg-type]  # values_list of known columns
        str(body).encode(),
        bytes(leaf),  # type: ignore[call-overload]
        bytes(chain),  # type: ignore[call-overload]
        verifier.Columns(_text(occurred_at), _text(recorded_at), *texts),  # type: ignore[arg-type]
    )


def _text(moment: object) -> str:
    if not isinstance(moment, datetime):
        return str(moment)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _stored_notes() -> list[str]:
    return list(Checkpoint.objects.order_by("size").values_list("note", flat=True))


def _published_notes() -> list[str]:
    """What lies in the folders that checkpoints were published to: a rewritten database does not rewrite these."""
    found = []
    for address in Destination.objects.filter(kind="file").values_list("address", flat=True):
        latest = Path(address) / "latest.txt"
        if latest.is_file():
            found.append(latest.read_text(encoding="utf-8"))
    return found


def _genuine_checkpoints(
    keys: list[verifier.Key], notes: tuple[str, ...]
) -> tuple[list[verifier.Checkpoint], list[Problem]]:
    genuine: dict[verifier.Checkpoint, None] = {}
    forged: list[Problem] = []
    for text in dict.fromkeys(notes):
        outcome = verifier.Outcome()
        checkpoint = verifier.check_checkpoint(text, keys, outcome)
        if checkpoint is not None and outcome.exit_code == verifier.OK:
            genuine[checkpoint] = None
        else:
            forged.extend(Problem("checkpoint_forged", line) for level, line in outcome.lines if level != verifier.OK)
    return list(genuine), forged


def _fingerprint(keys: list[verifier.Key]) -> str:
    return keys[-1].fingerprint if keys else ""
