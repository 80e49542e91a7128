"""What a worker may call of licensing/: committing an examined import."""

from uuid import UUID

from identity.queries import actor_of
from jobs.ports import Outcome, Payload, Progress
from kernel.errors import Refusal
from licensing.operations.imports import commit, fail

COMMIT_IMPORT = "import.commit"


def commit_import(
    *, organization_id: UUID, parameters: Payload, requested_by_account: UUID | None, progress: Progress
) -> Outcome:
    """`parameters`: batch (id). Acts as whoever asked for the commit; a refusal opens the batch for another try."""
    actor = actor_of(requested_by_account, organization_id=organization_id, task="import")
    batch_id = UUID(parameters["batch"])
    try:
        return commit(batch_id=batch_id, actor=actor, progress=progress)
    except Refusal as refusal:
        fail(batch_id=batch_id, actor=actor, code=refusal.code, message=refusal.message)
        raise
