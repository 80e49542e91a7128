"""What the scheduler may call of compliance/: one scan in a trail of its own, and requests that nobody decided."""

from uuid import UUID

from compliance.operations import ScanOutcome, expire_change, scan
from compliance.queries import overdue_changes
from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import Principal, system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail

SCAN = "compliance.scan"


def scheduled_scan(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """The nightly scan; `parameters` are not used. Same facts, same outcome: a second call opens nothing."""
    return dict(scan_now(actor=system(organization_id, "scan"), clock=clock).as_json())


def scan_now(*, actor: Principal, clock: Clock) -> ScanOutcome:
    """Tried again when it meets an import on the same pools."""
    return run_in_trail(lambda trail: scan(trail=trail), actor=actor, clock=clock)


def expire_changes(organization_id: UUID, clock: Clock) -> None:
    """Each minute: change requests that nobody decided in time end, each in a trail of its own."""
    with scope(organization_id):
        due = overdue_changes(at=clock.now())
    actor = system(organization_id, "approvals")
    for request_id in due:

        def change(trail: Trail, request_id: UUID = request_id) -> bool:
            return expire_change(request_id=request_id, trail=trail)

        run_in_trail(change, actor=actor, clock=clock)
