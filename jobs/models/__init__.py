"""What must happen outside the request, as rows: effects, runs, schedules, answers kept for replay."""

from jobs.models.idempotency import IdempotencyKey
from jobs.models.outbox import OutboxMessage, OutboxState
from jobs.models.runs import Heartbeat, JobRun, RunState
from jobs.models.schedules import Schedule, ScheduleRun

__all__ = [
    "Heartbeat",
    "IdempotencyKey",
    "JobRun",
    "OutboxMessage",
    "OutboxState",
    "RunState",
    "Schedule",
    "ScheduleRun",
]
