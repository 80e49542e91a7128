"""Permissions that jobs/ owns."""

PERMISSIONS: dict[str, str] = {
    "jobs.schedule.view": "See schedules and what their runs did.",
    "jobs.schedule.manage": "Change when scheduled work runs, or switch it off.",
    "jobs.run.view": "See background runs and undelivered messages.",
}
