"""Verifying the ledger from inside: ordering a verification, and carrying it out."""

from collections.abc import Callable
from uuid import UUID

from audit.models import Chain
from audit.verification import Verification, verify
from jobs.models import JobRun, RunState
from jobs.operations import start_run
from jobs.ports import Outcome
from kernel.clock import Clock
from kernel.ids import new_id
from kernel.principal import Principal
from kernel.scope import frozen
from kernel.trail import Trail, run_in_trail
from licensing.validations.operations.closing import telemetry_sources
from reporting.queries.verification import VERIFY_LEDGER


def request_verification(*, trail: Trail, wake: Callable[[UUID, UUID], None]) -> JobRun:
    """Hands the organisation's ledger to a worker to be verified; one that waits or runs is not started twice."""
    open_run = JobRun.objects.filter(kind=VERIFY_LEDGER, state__in=[RunState.QUEUED, RunState.RUNNING]).first()
    if open_run is not None:
        return open_run
    run, _created = start_run(kind=VERIFY_LEDGER, key=f"verification:{new_id()}", parameters={}, trail=trail, wake=wake)
    return run


def verify_ledger(*, actor: Principal, clock: Clock) -> Outcome:
    """Verifies the whole ledger as it stands and writes the result down; what is told about is the state before that
    entry. The outcome: exit_code 0 (holds), 1 (tampered) or 2 (evidence incomplete), how much was checked, and the
    first problem."""
    with frozen(actor.organization_id):
        found = verify(at=clock.now(), telemetry=telemetry_sources())
    outcome = _told(found)

    def note(trail: Trail) -> None:
        trail.record("audit.verified", subject=Chain.objects.get(), details=outcome)

    run_in_trail(note, actor=actor, clock=clock)
    return outcome


def _told(found: Verification) -> Outcome:
    first = found.first
    return {
        "exit_code": found.exit_code,
        "entries": found.size,
        "checkpoints": found.checkpoints,
        "newest_checkpoint": found.newest_checkpoint,
        "chain_hash": found.chain_hash.hex(),
        "problems": len(found.tampered) + len(found.incomplete),
        "first_code": first.code if first else "",
        "first_sequence": first.sequence if first else None,
        "first_message": first.message if first else "",
    }
