"""Schedules: the only writer of the scheduler's own table, and "once per period" whoever calls."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from celery.schedules import ParseException, crontab_parser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from jobs.models import Schedule, ScheduleRun
from jobs.ports import Outcome, bindings
from jobs.rules.periods import Times, latest_due
from kernel.clock import Clock
from kernel.errors import InvalidInput, JsonValue
from kernel.scope import scope
from kernel.trail import Trail

TASK = "jobs.run_schedule"
# Longer than any task may run (CELERY_TASK_TIME_LIMIT).
TAKEN_UP_AGAIN = timedelta(hours=1)
FIELDS = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year", "time_zone", "enabled", "parameters")


class ScheduleTimesInvalid(InvalidInput):
    """The crontab fields or the time zone cannot be read."""

    code = "SCHEDULE_TIMES_INVALID"


def create_schedule(*, kind: str, name: str, trail: Trail, **fields: object) -> Schedule:
    """Adds a schedule and its mirrored row; raises ScheduleTimesInvalid, or ValueError for a kind nobody offers."""
    if kind not in bindings.scheduled:
        raise ValueError(f"config.composition binds no schedule called {kind}")
    row = Schedule(organization_id=trail.organization_id, kind=kind, name=name, created_at=trail.clock.now(), **fields)
    times_of(row)
    row.periodic_task_id = _mirror(row)
    row.save()
    trail.record("schedule.created", subject=row, details={"kind": kind, **_described(row)})
    return row


def change_schedule(*, schedule_id: UUID, trail: Trail, **fields: object) -> Schedule:
    """Changes times or the switch; what does not change leaves no entry."""
    row = Schedule.objects.select_for_update().get(id=schedule_id)
    before = _described(row)
    for name, value in fields.items():
        if name not in FIELDS:
            raise ValueError(f"{name} is not a field of a schedule's times")
        setattr(row, name, value)
    times_of(row)
    if _described(row) != before:
        _mirror(row)
        row.save(update_fields=list(FIELDS))
        trail.record("schedule.changed", subject=row, details={"before": before, "after": _described(row)})
    return row


def run_period(*, organization_id: UUID, schedule_id: UUID, clock: Clock) -> Outcome | None:
    """Runs the schedule for the period that is due now, once; None when that period has been taken up already.

    A period that was taken up and never finished, because the worker died or the work failed, is taken up again after
    TAKEN_UP_AGAIN, until the next one is due.
    """
    with scope(organization_id):
        schedule = Schedule.objects.filter(id=schedule_id, enabled=True).first()
        if schedule is None:
            return None
        now = clock.now()
        due = latest_due(times_of(schedule), at=now, zone=ZoneInfo(schedule.time_zone))
        if due is None or due < schedule.created_at:
            return None
        run_id = _take_up(schedule, due.isoformat(), now)
        if run_id is None:
            return None
    outcome = bindings.scheduled[schedule.kind](
        organization_id=organization_id, parameters=schedule.parameters, clock=clock
    )
    with scope(organization_id):
        ScheduleRun.objects.filter(id=run_id).update(finished_at=clock.now(), outcome=outcome)
    return outcome


def _take_up(schedule: Schedule, period: str, now: datetime) -> UUID | None:
    """The run to carry out, or None when somebody else has it or had it."""
    try:
        with transaction.atomic():
            return ScheduleRun.objects.create(
                organization_id=schedule.organization_id, schedule=schedule, period=period, started_at=now
            ).id
    except IntegrityError:
        given_up = ScheduleRun.objects.filter(
            schedule=schedule, period=period, finished_at__isnull=True, started_at__lte=now - TAKEN_UP_AGAIN
        )
        run_id: UUID | None = given_up.values_list("id", flat=True).first()
        return run_id if given_up.update(started_at=now) else None


def catch_up(*, organization_id: UUID, clock: Clock) -> int:
    """Runs what the scheduler missed, the latest period of each schedule once; returns how many ran. One that fails
    stops no other; its error is raised at last."""
    with scope(organization_id):
        ids = list(Schedule.objects.filter(enabled=True).values_list("id", flat=True))
    ran: list[Outcome | None] = []

    def run(schedule_id: UUID) -> None:
        ran.append(run_period(organization_id=organization_id, schedule_id=schedule_id, clock=clock))

    with ExitStack() as rest:
        for schedule_id in reversed(ids):
            rest.callback(run, schedule_id)
    return sum(outcome is not None for outcome in ran)


def times_of(schedule: Schedule) -> Times:
    """The schedule's fields as sets; raises ScheduleTimesInvalid."""
    try:
        ZoneInfo(schedule.time_zone)
        return Times(
            minutes=frozenset(crontab_parser(60).parse(schedule.minute)),
            hours=frozenset(crontab_parser(24).parse(schedule.hour)),
            weekdays=frozenset(crontab_parser(7).parse(schedule.day_of_week)),
            days=frozenset(crontab_parser(31, 1).parse(schedule.day_of_month)),
            months=frozenset(crontab_parser(12, 1).parse(schedule.month_of_year)),
        )
    except (ParseException, ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ScheduleTimesInvalid(
            _("These times cannot be read: %(reason)s. Use crontab fields such as 0, */15 or 1-5.") % {"reason": error}
        ) from error


def _described(row: Schedule) -> dict[str, JsonValue]:
    described: dict[str, JsonValue] = {name: getattr(row, name) for name in FIELDS if name != "parameters"}
    return {**described, "parameters": json.dumps(row.parameters, sort_keys=True)}


def _mirror(row: Schedule) -> int:
    times: Mapping[str, object] = {
        "minute": row.minute,
        "hour": row.hour,
        "day_of_week": row.day_of_week,
        "day_of_month": row.day_of_month,
        "month_of_year": row.month_of_year,
        "timezone": row.time_zone,
    }
    crontab = CrontabSchedule.objects.filter(**times).first() or CrontabSchedule.objects.create(**times)
    task, _created = PeriodicTask.objects.update_or_create(
        name=f"{row.organization_id}:{row.id}",
        defaults={
            "task": TASK,
            "crontab": crontab,
            "enabled": row.enabled,
            "kwargs": json.dumps({"organization_id": str(row.organization_id), "schedule_id": str(row.id)}),
        },
    )
    return int(task.pk)
