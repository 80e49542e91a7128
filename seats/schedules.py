"""What the scheduler may call of seats/: the nightly recount, in a trail of its own."""

from uuid import UUID

from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import system
from kernel.trail import run_in_trail
from licensing.operations.party_recount import report_party_cycles
from licensing.operations.rights_recount import recount_rights
from seats.operations import recount

RECOUNT = "seats.recount"


def scheduled_recount(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Compares every right with what it handed on and every pool with its seats, and looks for business partners that
    stand below themselves; `parameters` are not used. A second call finds nothing more to repair. What cannot be
    repaired, such as a cycle, is reported until somebody cures it."""
    actor = system(organization_id, "recount")
    # Rights before pools: the order in which everybody locks.
    rights, found, cycles = run_in_trail(
        lambda trail: (recount_rights(trail=trail), recount(trail=trail), report_party_cycles(trail=trail)),
        actor=actor,
        clock=clock,
    )
    return {
        "differing": len(found),
        "repaired": sum(one.repaired for one in found),
        "rights_differing": len(rights),
        "rights_repaired": sum(one.repaired for one in rights),
        "party_cycles": cycles,
    }
