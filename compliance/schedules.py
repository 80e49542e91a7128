"""What the scheduler may call of compliance/: one scan in a trail of its own."""

from uuid import UUID

from audit.operations import trail
from compliance.operations import ScanOutcome, scan
from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import Principal, system

SCAN = "compliance.scan"


def scheduled_scan(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """The nightly scan; `parameters` are not used. Same facts, same outcome: a second call opens nothing."""
    return dict(scan_now(organization_id=organization_id, actor=system(organization_id, "scan"), clock=clock).as_json())


def scan_now(*, organization_id: UUID, actor: Principal, clock: Clock) -> ScanOutcome:
    with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
        return scan(trail=opened)
