"""P6: verification of the ledger against SHA-256 of the same bodies in memory.

The row that counts is the verifier file as an auditor runs it: a fresh process that reads an exported ledger of
1,000,000 entries from disk, with checkpoint and pinned key, in constant memory. The second row is the same verifier on
database rows (`manage.py audit_verify`), which also compares every index column with the body.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from audit import verifier
from audit.models import Event
from audit.operations import sign_checkpoint, trail
from audit.verification import verify
from bench.baseline.hashing import hash_all
from bench.children import Run, run
from bench.ledgers import WrittenLedger, write_ledger
from bench.sandwich import Comparison, Leg
from identity.models import Organization
from identity.operations import create_organization
from kernel.clock import DatabaseClock
from kernel.principal import system
from kernel.scope import scope

EXPORTED = 1_000_000
STORED = 50_000
PER_TRAIL = 1_000
MUST, STRETCH = 0.35, 0.60
MEMORY_MUST = 50.0


class TooMuchMemory(AssertionError):
    """The verifier needed more than MEMORY_MUST megabytes beyond what it needs for a ledger of one entry."""


@contextmanager
def comparisons() -> Iterator[list[Comparison]]:
    with TemporaryDirectory(prefix="seatledger-bench-") as folder:
        exported = _exported(Path(folder) / "whole", EXPORTED)
        single = _exported(Path(folder) / "single", 1)
        idle = max(_verified(single).memory for _ in range(3))
        organization_id = _filled()
        with scope(organization_id):
            stored = [row.encode() for row in Event.objects.values_list("body", flat=True)]
        yield [
            Comparison(
                name="P6 verifier file, 1,000,000 entries",
                must=MUST,
                stretch=STRETCH,
                baseline=partial(_hashed, exported.bodies, times=3),
                path=partial(_file_leg, exported, idle),
            ),
            Comparison(
                name="P6 audit_verify, 50,000 entries",
                must=MUST,
                stretch=STRETCH,
                baseline=partial(_hashed, stored, times=20),
                path=partial(_database_leg, organization_id, len(stored)),
            ),
        ]


def _exported(folder: Path, size: int) -> WrittenLedger:
    folder.mkdir()
    return write_ledger(folder, size)


def _filled() -> UUID:
    """An organisation with STORED entries and a checkpoint."""
    clock = DatabaseClock()
    organization: Organization = create_organization(slug="bench-p6", name="Bench", kind="buyer", clock=clock)
    for _ in range(STORED // PER_TRAIL):
        with trail(organization_id=organization.id, actor=system(organization.id, "bench")) as opened:
            for number in range(PER_TRAIL):
                opened.record("device.created", subject=organization, details={"source": "bench", "number": number})
    with scope(organization.id):
        sign_checkpoint(organization_id=organization.id, clock=clock)
    return organization.id


def _hashed(bodies: list[bytes], *, times: int) -> Leg:
    began, cpu = time.monotonic(), time.process_time()
    for _ in range(times):
        hash_all(bodies)
    return Leg(len(bodies) * times, time.monotonic() - began, time.process_time() - cpu)


def _verified(ledger: WrittenLedger) -> Run:
    options = ["--checkpoint", str(ledger.checkpoint), "--key", str(ledger.key), str(ledger.path)]
    found = run([sys.executable, "-I", str(verifier.__file__), *options])
    if found.code != verifier.OK:
        raise AssertionError(f"the verifier ended with {found.code}")
    return found


def _file_leg(ledger: WrittenLedger, idle: float) -> Leg:
    found = _verified(ledger)
    if found.memory - idle > MEMORY_MUST:
        raise TooMuchMemory(f"{found.memory - idle:.0f} MB more than for one entry")
    return Leg(len(ledger.bodies), found.seconds, found.cpu, memory=found.memory - idle)


def _database_leg(organization_id: UUID, size: int) -> Leg:
    began, cpu = time.monotonic(), time.process_time()
    with scope(organization_id):
        outcome = verify(at=DatabaseClock().now())
    if outcome.exit_code != verifier.OK or outcome.size != size:
        raise AssertionError(f"the ledger does not verify: {outcome.first}")
    return Leg(size, time.monotonic() - began, time.process_time() - cpu)
