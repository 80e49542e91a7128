"""What each minute brings for licences: those that renew by themselves do, and dunning moves on.

Both look for state and not for messages: after days without a scheduler the next call catches up, and a call that comes
twice changes nothing more. Each licence has a trail of its own.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.operations import advance_dunning, due_for_renewal, past_due, renew_by_itself


def renew_licenses(organization_id: UUID, clock: Clock) -> None:
    """Renews the licences of one organisation that renew by themselves."""
    with scope(organization_id):
        due = due_for_renewal(at=clock.now())
    _each(due, renew_by_itself, organization_id, "renewal", clock)


def move_dunning_on(organization_id: UUID, clock: Clock) -> None:
    """Moves the licences of one organisation whose payment is past due to the stage that has come."""
    with scope(organization_id):
        due = past_due(at=clock.now())
    _each(due, advance_dunning, organization_id, "dunning", clock)


def _each(
    licenses: Sequence[UUID], work: Callable[..., object], organization_id: UUID, task: str, clock: Clock
) -> None:
    actor = system(organization_id, task)
    for license_id in licenses:

        def change(trail: Trail, license_id: UUID = license_id) -> object:
            return work(license_id=license_id, trail=trail)

        run_in_trail(change, actor=actor, clock=clock)
