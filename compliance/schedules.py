"""What the scheduler may call of compliance/: one scan in a trail of its own."""

from uuid import UUID

from compliance.operations import ScanOutcome, scan
from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import Principal, system
from kernel.trail import run_in_trail

SCAN = "compliance.scan"


def scheduled_scan(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """The nightly scan; `parameters` are not used. Same facts, same outcome: a second call opens nothing."""
    return dict(scan_now(actor=system(organization_id, "scan"), clock=clock).as_json())


def scan_now(*, actor: Principal, clock: Clock) -> ScanOutcome:
    """Tried again when it meets an import on the same pools."""
    return run_in_trail(lambda trail: scan(trail=trail), actor=actor, clock=clock)
