"""What the scheduler may call of licensing/."""

from uuid import UUID

from audit.operations import trail
from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope
from licensing.operations.signing_keys import ANSWERS_KEPT, retire_ended_keys
from licensing.queries.signing_keys import keys_that_are_over


def retire_signing_keys(organization_id: UUID, clock: Clock) -> None:
    """Each minute: signing keys all of whose certificates have ended are put away. Nothing is written when there are
    none."""
    with scope(organization_id):
        due = keys_that_are_over(at=clock.now(), answers_kept=ANSWERS_KEPT).exists()
    if due:
        actor = system(organization_id, "signing_keys")
        with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
            retire_ended_keys(at=opened.clock.now(), trail=opened)
