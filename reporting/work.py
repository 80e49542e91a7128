"""What a worker may call of reporting/: building an audit package."""

from uuid import UUID

from identity.queries import actor_of
from jobs.ports import Outcome, Payload, Progress
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from reporting.operations import build, fail
from reporting.operations.ordering import BUILD_PACKAGE

__all__ = ["BUILD_PACKAGE", "QUEUE", "build_package"]

# A queue of its own, so that a long report delays no e-mail; a worker of its own may serve it alone.
QUEUE = "pdf"


def build_package(
    *, organization_id: UUID, parameters: Payload, requested_by_account: UUID | None, progress: Progress
) -> Outcome:
    """`parameters`: package (id). Acts as whoever ordered it; whatever goes wrong leaves the package as failed."""
    actor = actor_of(requested_by_account, organization_id=organization_id, task="audit_package")
    package_id, clock = UUID(parameters["package"]), DatabaseClock()
    try:
        return build(package_id=package_id, actor=actor, progress=progress, clock=clock)
    except Refusal as refusal:
        fail(package_id=package_id, actor=actor, code=refusal.code, message=refusal.message, clock=clock)
        raise
    except BaseException as error:
        fail(package_id=package_id, actor=actor, code="INTERNAL", message=type(error).__name__, clock=clock)
        raise
