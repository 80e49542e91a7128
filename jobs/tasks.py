"""Celery only wakes: each task finds its rows, claims them, and may run twice."""

from contextlib import ExitStack
from uuid import UUID

from celery import shared_task

from jobs import operations
from jobs.models import Heartbeat, JobRun
from jobs.operations.idempotency import forget_old
from jobs.ports import bindings
from kernel.clock import DatabaseClock
from kernel.scope import scope

WAKE_EXPIRES = 120  # seconds


@shared_task(name="jobs.tick", expires=60)
def tick() -> None:
    """Every 20 seconds: sign of life, then for each organisation what is due. One failing organisation does not stop
    the others; the failure is logged and the next tick tries again."""
    clock = DatabaseClock()
    Heartbeat.objects.update_or_create(name="scheduler", defaults={"at": clock.now()})
    for organization_id in bindings.organizations():
        sweep.delay(organization_id=str(organization_id))


@shared_task(name="jobs.sweep", expires=60)
def sweep(*, organization_id: str) -> None:
    """Everything that one organisation has due: checkpoints, effects, lost runs, missed schedules. A step that fails
    stops none after it; its error is raised at last."""
    clock = DatabaseClock()
    organization = UUID(organization_id)
    with ExitStack() as rest:
        # Last in, first out.
        rest.callback(_forget, organization, clock)
        rest.callback(operations.catch_up, organization_id=organization, clock=clock)
        rest.callback(operations.requeue_lost, organization_id=organization, clock=clock, wake=wake_run)
        rest.callback(operations.relay, organization_id=organization, clock=clock)
        for step in reversed(bindings.each_minute):
            rest.callback(step, organization, clock)


def _forget(organization_id: UUID, clock: DatabaseClock) -> None:
    with scope(organization_id):
        forget_old(organization_id=organization_id, now=clock.now())


@shared_task(name="jobs.carry_out")
def carry_out(*, organization_id: str, run_id: str, queue: str = "") -> None:
    """Carries a run out, or passes it on to the queue of its kind: whoever wakes it need not know which that is.
    `queue` is where the message lay, empty for the default queue."""
    with scope(UUID(organization_id)):
        kind = JobRun.objects.filter(id=UUID(run_id)).values_list("kind", flat=True).first()
    own = bindings.queues.get(kind or "", "")
    if own and own != queue:
        carry_out.apply_async(
            kwargs={"organization_id": organization_id, "run_id": run_id, "queue": own},
            queue=own,
        )
        return
    operations.carry_out(organization_id=UUID(organization_id), run_id=UUID(run_id), clock=DatabaseClock())


@shared_task(name="jobs.run_schedule")
def run_schedule(*, organization_id: str, schedule_id: str) -> None:
    operations.run_period(organization_id=UUID(organization_id), schedule_id=UUID(schedule_id), clock=DatabaseClock())


def wake_run(organization_id: UUID, run_id: UUID) -> None:
    """Asks a worker to take the run up now; without a broker the next tick does. The message is soon worth nothing:
    each sweep asks again for what still waits, and a busy queue shall not fill up with that."""
    carry_out.apply_async(kwargs={"organization_id": str(organization_id), "run_id": str(run_id)}, expires=WAKE_EXPIRES)
