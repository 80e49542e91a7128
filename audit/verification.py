"""Verifying the ledger where it lives: rows of the database through the same verifier that auditors get as a file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Func, Max, TextField

from audit import verifier
from audit.models import Event
from audit.operations.telemetry import TelemetrySource
from audit.protection import missing_triggers
from audit.queries import HeadState, head
from audit.rules.body import timestamp
from audit.telemetry import altered_batches
from audit.witnesses import Problem, Witnesses, gathered

CHUNK = 5_000


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
    telemetry: Sequence[TelemetrySource] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Checks every entry, column and checkpoint of the open organisation in constant memory, against its stored
    checkpoints, those published to folders, and `notes` (signed notes from elsewhere), and the closed batches of these
    sources of `telemetry` against the entries that vouch for them. Call it inside a scope.

    `progress(done, size)` is called after each chunk. What is recorded or signed meanwhile is left to the next
    verification: checkpoints are read first, then the last entry's number, then the head, and entries up to that head.
    """
    witnesses = gathered(notes)
    last = Event.objects.aggregate(last=Max("sequence"))["last"] or 0
    state = head()
    absent = missing_triggers()
    tampered, incomplete = list(witnesses.forged), list(witnesses.incomplete)
    if absent:
        tampered.append(Problem("protection_missing", f"triggers are missing: {', '.join(sorted(absent))}"))
    if not witnesses.checkpoints:
        incomplete.append(Problem("no_checkpoint", "no signed checkpoint covers the ledger yet"))
    if state is None:
        if last or witnesses.checkpoints:
            tampered.insert(0, Problem("head_missing", "the head of the ledger is gone, though entries were recorded"))
        return _verification(None, witnesses, at, tampered, incomplete)
    report = _followed(state, witnesses.checkpoints, progress)
    if report.finding is not None:
        tampered.insert(0, Problem(report.finding.code, report.finding.message, report.finding.sequence))
    elif contradiction := _head_differs(state, report, last):
        tampered.insert(0, contradiction)
    tampered.extend(altered_batches(telemetry, at=at))
    if report.backwards:
        message = f"recorded_at runs backwards {report.backwards} times"
        incomplete.append(Problem("clock_backwards", message, report.first_backwards))
    return _verification(report, witnesses, at, tampered, incomplete)


def _verification(
    report: verifier.Report | None,
    witnesses: Witnesses,
    at: datetime,
    tampered: list[Problem],
    incomplete: list[Problem],
) -> Verification:
    return Verification(
        size=report.size if report else 0,
        chain_hash=report.chain_hash if report else b"",
        root=report.root if report else b"",
        checkpoints=len(witnesses.checkpoints),
        newest_checkpoint=max((checkpoint.size for checkpoint in witnesses.checkpoints), default=0),
        fingerprint=witnesses.fingerprint,
        checked_at=at,
        tampered=tuple(tampered),
        incomplete=tuple(incomplete),
    )


def _followed(
    state: HeadState, checkpoints: Sequence[verifier.Checkpoint], progress: Callable[[int, int], None] | None
) -> verifier.Report:
    judge = verifier.ChainVerifier(verifier.genesis_of(state.chain_id, state.genesis_nonce), checkpoints)
    done = 0
    for chunk in _chunks(state.size):
        judge.feed(chunk)
        done += len(chunk)
        if progress:
            progress(done, state.size)
    return judge.finish()


def _head_differs(state: HeadState, report: verifier.Report, last: int) -> Problem | None:
    """Whether the head states something else than the entries, which fit each other, have."""
    if last > state.size:
        message = f"the head says {state.size:,} entries, but entry {last:,} had been recorded before it was read"
        return Problem("head_differs", message, state.size + 1)
    if report.size < state.size:
        message = f"the head says {state.size:,} entries, but the ledger ends after entry {report.size:,}"
        return Problem(verifier.TAIL_CUT, message, report.size + 1)
    if report.chain_hash != state.chain_hash:
        return Problem("head_differs", "the head states another chain hash than the last entry has", state.size)
    return None


def _chunks(up_to: int) -> Iterator[list[verifier.Entry]]:
    after = 0
    while True:
        ahead = Event.objects.filter(sequence__gt=after, sequence__lte=up_to).order_by("sequence")
        rows = list(ahead.values_list(*_columns())[:CHUNK])
        yield [_entry(*row) for row in rows]
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def _columns() -> list[Any]:
    """What one entry is made of. PostgreSQL writes moments as text itself, in a tenth of the time."""
    moments = [UtcText(name) if connection.vendor == "postgresql" else name for name in ("occurred_at", "recorded_at")]
    texts = ("kind", "actor", "subject_type", "subject_id", "request_id")
    return ["sequence", "body", "leaf_hash", "chain_hash", *moments, *texts]


class UtcText(Func):
    """A moment in the form of audit.rules.body.timestamp."""

    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    output_field = TextField()


def _entry(
    sequence: int,
    body: str,
    leaf_hash: bytes,
    chain_hash: bytes,
    occurred_at: datetime | str,
    recorded_at: datetime | str,
    *texts: str,
) -> verifier.Entry:
    columns = verifier.Columns(_text(occurred_at), _text(recorded_at), *texts)
    return verifier.Entry(sequence, body.encode(), bytes(leaf_hash), bytes(chain_hash), columns)


def _text(moment: datetime | str) -> str:
    return moment if isinstance(moment, str) else timestamp(moment)
