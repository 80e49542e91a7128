"""What the scheduler may call of seats/: the nightly recount and reclamation, and the hygiene of leases, each step in
a trail of its own."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.operations.party_recount import report_party_cycles
from licensing.operations.rights_recount import recount_rights
from licensing.partitions import ensure_partitions
from seats.models import LeaseDenial
from seats.operations import Look, ask, look, recount, remind, settle
from seats.operations.lease_ends import settle_pools
from seats.queries import rules
from seats.queries.leases import pools_with_due_leases

RECOUNT = "seats.recount"
RECLAMATION = "seats.reclamation"


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


def scheduled_reclamation(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Lets every rule look, carries out what silence has become, asks the holders of what was selected, and reminds
    those who have not answered; `parameters` are not used. In that order: use seen tonight saves a seat tonight.

    Many seats are worked on in several transactions. A second call finds nothing more to do.
    """
    actor = system(organization_id, "reclamation")
    with scope(organization_id):
        ids = [rule.id for rule in rules().filter(stopped_at__isnull=True)]

    def again(step: Callable[[Trail], int]) -> int:
        done = 0
        while count := run_in_trail(step, actor=actor, clock=clock):
            done += count
        return done

    def looked(key: UUID) -> Look:
        return run_in_trail(lambda trail: look(rule_id=key, trail=trail), actor=actor, clock=clock)

    looks = [looked(key) for key in ids]
    return {
        "selected": sum(one.selected for one in looks),
        "cancelled": sum(one.cancelled for one in looks),
        "silent": sum(not one.feed_alive for one in looks),
        "settled": again(lambda trail: settle(trail=trail)),
        "asked": again(lambda trail: ask(trail=trail)),
        "reminded": run_in_trail(lambda trail: remind(trail=trail), actor=actor, clock=clock),
    }
