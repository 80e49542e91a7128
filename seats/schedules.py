"""What the scheduler may call of seats/: the nightly recount, and the hygiene of leases."""

from functools import partial
from uuid import UUID

from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.operations.party_recount import report_party_cycles
from licensing.partitions import ensure_partitions
from seats.models import LeaseDenial
from seats.operations import recount
from seats.operations.lease_ends import settle_pools
from seats.queries.leases import pools_with_due_leases

RECOUNT = "seats.recount"


def settle_leases(organization_id: UUID, clock: Clock) -> None:
    """Each minute: ends leases whose time has come, and makes room for denials to come. Hygiene alone: a check-out does
    the same before it decides, so that nothing waits for this."""
    with scope(organization_id):
        now = clock.now()
        ensure_partitions(LeaseDenial._meta.db_table, first=now.date())
        due = pools_with_due_leases(at=now)
    actor = system(organization_id, "leases")
    for pool_id in due:
        run_in_trail(partial(_settled, pool_id), actor=actor, clock=clock)


def _settled(pool_id: UUID, trail: Trail) -> None:
    settle_pools(pool_ids=[pool_id], trail=trail)


def scheduled_recount(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Compares every pool with its seats, and looks for business partners that stand below themselves; `parameters`
    are not used. A second call finds no pool more to repair. Cycles are reported until somebody moves a partner."""
    actor = system(organization_id, "recount")
    found, cycles = run_in_trail(
        lambda trail: (recount(trail=trail), report_party_cycles(trail=trail)), actor=actor, clock=clock
    )
    return {"differing": len(found), "repaired": sum(one.repaired for one in found), "party_cycles": cycles}
