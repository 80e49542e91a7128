"""What a worker may call of reporting/: building an audit package, verifying the ledger."""

from uuid import UUID

from identity.queries import actor_of
from jobs.ports import Outcome, Payload, Progress
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from reporting.operations import build, fail, verify_ledger
from reporting.operations.ordering import BUILD_PACKAGE
from reporting.queries.verification import VERIFY_LEDGER

__all__ = ["BUILD_PACKAGE", "QUEUE", "VERIFY_LEDGER", "build_package", "verify_whole_ledger"]

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


def verify_whole_ledger(
    *, organization_id: UUID, parameters: Payload, requested_by_account: UUID | None, progress: Progress
) -> Outcome:
    """`parameters` are not used. Acts as whoever asked."""
    progress(0, "")
    actor = actor_of(requested_by_account, organization_id=organization_id, task="verification")
    return verify_ledger(actor=actor, clock=DatabaseClock())
