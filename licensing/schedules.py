"""What the scheduler does each minute for activations: those that fell silent for good give their places back."""

from functools import partial
from uuid import UUID

from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.operations import end_lost_of
from licensing.queries.activations import licenses_with_lost

MOST_LICENSES = 500
"""For each minute, so that a slow sweep never meets the next one; the rest is done in the following minutes."""


def end_lost_activations(organization_id: UUID, clock: Clock) -> None:
    """One trail for each licence, under its lock. A second call at the same moment finds nothing more to end."""
    with scope(organization_id):
        licenses = licenses_with_lost(at=clock.now(), most=MOST_LICENSES)
    actor = system(organization_id, "heartbeats")
    for license_id in licenses:
        run_in_trail(partial(_end_lost, license_id), actor=actor, clock=clock)


def _end_lost(license_id: UUID, trail: Trail) -> int:
    return end_lost_of(license_id=license_id, trail=trail)
