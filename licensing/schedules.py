"""What each minute brings for licences: those that renew by themselves do, dunning moves on, activations that fell
silent for good give their places back, and signing keys whose certificates have all ended are put away.

All look for state and not for messages: after days without a scheduler the next call catches up, and a call that comes
twice changes nothing more. Each licence has a trail of its own.
"""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from audit.operations import trail
from kernel.clock import Clock
from kernel.principal import Principal, system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.operations import advance_dunning, due_for_renewal, end_lost_of, past_due, renew_by_itself
from licensing.operations.signing_keys import ANSWERS_KEPT, retire_ended_keys
from licensing.queries.activations import licenses_with_lost
from licensing.queries.signing_keys import keys_that_are_over

MOST_LICENSES = 500
"""For each minute, so that a slow sweep never meets the next one; the rest is done in the following minutes."""


def renew_licenses(organization_id: UUID, clock: Clock) -> None:
    """Renews the licences of one organisation that renew by themselves."""
    with scope(organization_id):
        due = due_for_renewal(at=clock.now())
    _each(due, renew_by_itself, system(organization_id, "renewal"), clock)


def move_dunning_on(organization_id: UUID, clock: Clock) -> None:
    """Moves the licences of one organisation whose payment is past due to the stage that has come."""
    with scope(organization_id):
        due = past_due(at=clock.now())
    _each(due, advance_dunning, system(organization_id, "dunning"), clock)


def end_lost_activations(organization_id: UUID, clock: Clock) -> None:
    """Ends the activations of one organisation that cannot come back any more."""
    with scope(organization_id):
        licenses = licenses_with_lost(at=clock.now(), most=MOST_LICENSES)
    _each(licenses, end_lost_of, system(organization_id, "heartbeats"), clock)


def retire_signing_keys(organization_id: UUID, clock: Clock) -> None:
    """Puts replaced keys away whose last certificate has ended; writes nothing when there are none."""
    with scope(organization_id):
        due = keys_that_are_over(at=clock.now(), answers_kept=ANSWERS_KEPT).exists()
    if due:
        actor = system(organization_id, "signing_keys")
        with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
            retire_ended_keys(at=opened.clock.now(), trail=opened)


def _each(licenses: Sequence[UUID], work: Callable[..., object], actor: Principal, clock: Clock) -> None:
    for license_id in licenses:
        # A trail is handed over by position, an operation takes it by name.
        run_in_trail(partial(_in_trail, work, license_id), actor=actor, clock=clock)


def _in_trail(work: Callable[..., object], license_id: UUID, opened: Trail) -> object:
    return work(license_id=license_id, trail=opened)
