"""Background runs: start one, carry it out, and take up those whose worker died."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F

from jobs.models import JobRun, RunState
from jobs.ports import Outcome, Payload, bindings
from kernel.clock import Clock
from kernel.errors import Refusal
from kernel.scope import scope
from kernel.trail import Trail

log = structlog.get_logger(__name__)
LOST_AFTER = timedelta(minutes=5)
MOST_ATTEMPTS = 3


def start_run(
    *, kind: str, key: str, parameters: Payload, trail: Trail, wake: Callable[[UUID, UUID], None]
) -> tuple[JobRun, bool]:
    """Adds a run to the open transaction and returns it with True; with a `key` that exists, that run and False.

    `wake(organization_id, run_id)` is called after the commit and only makes the run start sooner.
    """
    if kind not in bindings.work:
        raise ValueError(f"config.composition binds no work called {kind}")
    run, created = JobRun.objects.get_or_create(
        organization_id=trail.organization_id,
        key=key,
        defaults={
            "kind": kind,
            "parameters": dict(parameters),
            "requested_by": str(trail.actor.pseudonym),
            "requested_by_account": trail.actor.account_id,
            "created_at": trail.clock.now(),
        },
    )
    if created:
        transaction.on_commit(lambda: wake(trail.organization_id, run.id), robust=True)
    return run, created


def carry_out(*, organization_id: UUID, run_id: UUID, clock: Clock) -> Outcome | None:
    """Claims and carries out one run; None when somebody else has it or it is finished.

    A Refusal ends the run as failed with its code; any other exception too, and is raised on for the log. A worker
    that is told to stop (SystemExit, KeyboardInterrupt) leaves the run to requeue_lost.
    """
    with scope(organization_id):
        now = clock.now()
        claimable = JobRun.objects.filter(id=run_id, state=RunState.QUEUED)
        if not claimable.update(state=RunState.RUNNING, started_at=now, heartbeat_at=now):
            return None
        JobRun.objects.filter(id=run_id).update(attempts=F("attempts") + 1)
        run = JobRun.objects.get(id=run_id)

    def progress(percent: int, stage: str) -> None:
        _write(run, progress=percent, stage=stage, heartbeat_at=clock.now())

    try:
        outcome = bindings.work[run.kind](
            organization_id=organization_id,
            parameters=run.parameters,
            requested_by_account=run.requested_by_account,
            progress=progress,
        )
    except Refusal as refusal:
        _finish(run, clock, state=RunState.FAILED, error_code=refusal.code, error=refusal.message)
        return None
    except Exception as error:
        _finish(run, clock, state=RunState.FAILED, error_code="INTERNAL", error=type(error).__name__)
        raise
    _finish(run, clock, state=RunState.DONE, progress=100, result=outcome)
    return outcome


def _finish(run: JobRun, clock: Clock, **changes: object) -> None:
    _write(run, finished_at=clock.now(), **changes)


def _write(run: JobRun, **changes: object) -> None:
    """Only as long as this attempt has the run: a worker that was given up may still be alive."""
    with scope(run.organization_id):
        JobRun.objects.filter(id=run.id, state=RunState.RUNNING, attempts=run.attempts).update(**changes)


def requeue_lost(*, organization_id: UUID, clock: Clock, wake: Callable[[UUID, UUID], None]) -> int:
    """Puts runs whose heartbeat stopped back into the queue, or fails them after three attempts; wakes every queued
    run again, since a broker may have lost the message. Returns how many were lost."""
    with scope(organization_id):
        now = clock.now()
        lost = JobRun.objects.filter(state=RunState.RUNNING, heartbeat_at__lt=now - LOST_AFTER)
        failed = lost.filter(attempts__gte=MOST_ATTEMPTS).update(
            state=RunState.FAILED, finished_at=now, error_code="WORKER_LOST", error=""
        )
        requeued = lost.update(state=RunState.QUEUED, started_at=None, heartbeat_at=None)
        waiting = list(
            JobRun.objects.filter(state=RunState.QUEUED, created_at__lt=now - timedelta(seconds=30)).values_list(
                "id", flat=True
            )
        )
    for run_id in waiting:
        wake(organization_id, run_id)
    return failed + requeued
