"""Background work of licensing/: an examined import is handed to a worker, which commits it."""

from collections.abc import Callable
from uuid import UUID

from identity.queries import actor_of
from jobs.models import JobRun
from jobs.operations import start_run
from jobs.ports import Outcome, Payload, Progress
from kernel.errors import Refusal
from kernel.trail import Trail
from licensing.models import ImportBatch
from licensing.operations.imports import claim_commit, commit, fail

COMMIT_IMPORT = "import.commit"


def start_commit(*, batch_id: UUID, trail: Trail, wake: Callable[[UUID, UUID], None]) -> ImportBatch:
    """Claims the batch and queues its commit; each try is a run of its own. Raises what claim_commit raises."""
    tries = JobRun.objects.filter(kind=COMMIT_IMPORT, parameters__batch=str(batch_id)).count()
    run, _created = start_run(
        kind=COMMIT_IMPORT,
        key=f"import:{batch_id}:{tries}",
        parameters={"batch": str(batch_id)},
        trail=trail,
        wake=wake,
    )
    return claim_commit(batch_id=batch_id, job_run_id=run.id, trail=trail)


def commit_import(
    *, organization_id: UUID, parameters: Payload, requested_by_account: UUID | None, progress: Progress
) -> Outcome:
    """`parameters`: batch (id). Acts as whoever asked for the commit; what fails opens the batch for another try."""
    actor = actor_of(requested_by_account, organization_id=organization_id, task="import")
    batch_id = UUID(parameters["batch"])
    try:
        return commit(batch_id=batch_id, actor=actor, progress=progress)
    except Refusal as refusal:
        fail(batch_id=batch_id, actor=actor, code=refusal.code, message=refusal.message)
        raise
    except Exception as error:
        fail(batch_id=batch_id, actor=actor, code="INTERNAL", message=type(error).__name__)
        raise
