"""What the scheduler does each minute for sign-ins: it closes the window of counted refusals and forgets what ended.

What the throttle keeps of visitors has an end too, whether or not the installation has a platform organisation.
"""

from uuid import UUID

from audit.operations import trail
from identity import operations, queries
from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope


def sweep_sign_ins(organization_id: UUID, clock: Clock) -> None:
    """Works for the platform organisation alone: sessions and refused sign-ins are those of the installation."""
    platform = queries.platform_organization()
    if platform is None:
        operations.forget_sign_in_attempts(at=clock.now())
        return
    if platform.id != organization_id:
        return
    operations.forget_sign_in_attempts(at=clock.now())
    operations.forget_ended_sessions(at=clock.now())
    with scope(organization_id):
        over = operations.refusal_window_is_over(at=clock.now())
    if over:
        actor = system(organization_id, "sign-in")
        with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
            operations.close_refusal_window(trail=opened)
