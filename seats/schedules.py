"""What the scheduler may call of seats/: the nightly recount, in a trail of its own."""

from uuid import UUID

from audit.operations import trail
from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import system
from seats.operations import recount

RECOUNT = "seats.recount"


def scheduled_recount(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Compares every pool with its seats; `parameters` are not used. A second call finds nothing more to repair."""
    with trail(organization_id=organization_id, actor=system(organization_id, "recount"), clock=clock) as opened:
        found = recount(trail=opened)
    return {"differing": len(found), "repaired": sum(one.repaired for one in found)}
