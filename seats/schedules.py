"""What the scheduler may call of seats/: the nightly recount and reclamation, each step in a trail of its own."""

from collections.abc import Callable
from uuid import UUID

from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.operations.party_recount import report_party_cycles
from seats.operations import Look, ask, look, recount, remind, settle
from seats.queries import rules

RECOUNT = "seats.recount"
RECLAMATION = "seats.reclamation"


def scheduled_recount(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Compares every pool with its seats, and looks for business partners that stand below themselves; `parameters`
    are not used. A second call finds no pool more to repair. Cycles are reported until somebody moves a partner."""
    actor = system(organization_id, "recount")
    found, cycles = run_in_trail(
        lambda trail: (recount(trail=trail), report_party_cycles(trail=trail)), actor=actor, clock=clock
    )
    return {"differing": len(found), "repaired": sum(one.repaired for one in found), "party_cycles": cycles}


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
