"""Writes of jobs/: enqueue and relay, runs, schedules, kept answers."""

from jobs.operations.outbox import enqueue, enqueue_many, relay, retry_message
from jobs.operations.runs import carry_out, requeue_lost, start_run
from jobs.operations.schedules import (
    NewSchedule,
    catch_up,
    change_schedule,
    create_schedule,
    ensure_schedules,
    run_period,
)

__all__ = [
    "NewSchedule",
    "carry_out",
    "catch_up",
    "change_schedule",
    "create_schedule",
    "enqueue",
    "enqueue_many",
    "ensure_schedules",
    "relay",
    "requeue_lost",
    "retry_message",
    "run_period",
    "start_run",
]
